"""Tables in markdown as people type them: rows of unequal length, the last bar left out, within lists."""

import re
from collections.abc import Sequence
from typing import Any

from mistune import BlockParser, BlockState, Markdown
from mistune.plugins.table import table, table_in_list, table_in_quote

# A line with a bar, and beneath it the dashes with one.
_TABLE = r"^ {0,3}\S[^\n]*\n {0,3}(?=[^\n]*\|)(?=[^\n]*-)[|:\- \t]+(?:\n|$)"
_CELL_END = re.compile(r"(?<!\\)(?:\\\\)*\|")


def tables(md: Markdown) -> None:
    """Teach a parser to read tables; a plugin of mistune.

    mistune's own takes a table with one ragged row for words, bars and all.
    """
    table(md)
    md.block.register("table", _TABLE, _parse, before="paragraph")
    md.block.rules.remove("nptable")
    table_in_list(md)
    table_in_quote(md)
    for rules in (md.block.list_rules, md.block.block_quote_rules):
        rules.remove("nptable")


def _parse(block: BlockParser, found: re.Match[str], state: BlockState) -> int | None:
    head, dashes = found[0].rstrip("\n").split("\n")
    if "|" not in head:
        return None
    end, rows = found.end(), []
    while end < state.cursor_max and "|" in (line := state.get_line(end)):
        rows.append(_cells(line))
        end += len(line)
    headings, sides = _cells(head), [_side(cell) for cell in _cells(dashes)]
    # Markdown would drop what is beyond the last heading; nothing is lost here.
    width = max(map(len, [headings, *rows]))
    sides = (sides + [None] * width)[:width]
    body = [{"type": "table_row", "children": _row(row, sides, head=False)} for row in rows]
    children = [
        {"type": "table_head", "children": _row(headings, sides, head=True)},
        {"type": "table_body", "children": body},
    ]
    state.append_token({"type": "table", "children": children})
    return end


def _row(cells: list[str], sides: Sequence[str | None], *, head: bool) -> list[dict[str, Any]]:
    filled = cells + [""] * (len(sides) - len(cells))
    pairs = zip(filled, sides, strict=True)
    return [{"type": "table_cell", "text": cell, "attrs": {"align": side, "head": head}} for cell, side in pairs]


def _cells(line: str) -> list[str]:
    """Part a line at its bars, but for those that are escaped."""
    inner = line.strip().removeprefix("|")
    cells, start = [], 0
    for bar in _CELL_END.finditer(inner):
        cells.append(inner[start : bar.end() - 1].strip())
        start = bar.end()
    rest = inner[start:].strip()
    return [*cells, rest] if rest or not cells else cells


def _side(dashes: str) -> str | None:
    return {(True, True): "center", (True, False): "left", (False, True): "right"}.get(
        (dashes.startswith(":"), dashes.endswith(":"))
    )
