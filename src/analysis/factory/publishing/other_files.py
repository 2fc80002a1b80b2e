"""Tables in Word, Markdown, SAS, SPSS and Stata files of a folder, as pages and frames that the audit knows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import mistune
import pandas as pd

from analysis.show.display import Table
from analysis.usererror import UserError

_NUMBER = re.compile(r"Table \d+\. ")
_READERS = {".xpt": "read_xport", ".sav": "read_sav", ".dta": "read_dta"}
_COMPRESSED_SPSS = b"$FL3"  # the library trusts the offsets in such a file


def read_markdown(text: str) -> Iterator[Table | str]:
    """Yield the tables and paragraphs of a Markdown file; the line before a table is its caption."""
    before = ""
    for block in mistune.create_markdown(renderer=None, plugins=["table"])(text):
        if not isinstance(block, dict):
            continue
        if block["type"] != "table":
            yield (before := _words(block) or before)
            continue
        head, *bodies = block["children"]
        rows = [[_words(cell) for cell in row["children"]] for body in bodies for row in body["children"]]
        yield _table([_words(cell) for cell in head["children"]], rows, before)


def read_word(path: Path) -> Iterator[Table | str]:
    """Yield the tables and paragraphs of a Word file; UserError where the package for it is not installed."""
    try:
        from docx import Document
    except ModuleNotFoundError:
        raise UserError("Word files need the package python-docx: pip install 'capsule-outcomes[word]'") from None
    try:
        blocks = list(Document(str(path)).iter_inner_content())
    except Exception:  # the library raises exceptions of many kinds for what is no Word file
        raise UserError("it is no Word file") from None
    before = ""
    for block in blocks:
        if hasattr(block, "text"):
            yield (before := block.text or before)
            continue
        rows = [[cell.text for cell in row.cells] for row in block.rows]
        # A merged cell is given once for each column, and the last of several header rows names the columns.
        heads = sum("w:tblHeader" in row._tr.xml for row in block.rows) or 1
        whole = [[row[0], *[""] * (len(row) - 1)] if len(set(row)) == 1 else row for row in rows[heads:]]
        yield _table(rows[heads - 1], whole, before)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], caption: str) -> Table:
    """Return a table; a row of which only the first cell says something is a heading over the rows beneath."""
    width = len(columns)
    fitted = [[*row, *[""] * width][:width] for row in rows]
    return Table(
        columns, [row if any(row[1:]) or width == 1 else row[:1] for row in fitted], _NUMBER.sub("", caption, count=1)
    )


def _words(node: dict[str, Any]) -> str:
    return (node.get("raw", "") + "".join(map(_words, node.get("children", [])))).strip("\n")


def read_statistics(path: Path) -> pd.DataFrame:
    """Read a SAS transport, SPSS or Stata file; UserError where it cannot be."""
    import pyreadstat

    with path.open("rb") as file:
        if file.read(4) == _COMPRESSED_SPSS:
            raise UserError("a compressed SPSS file is not read; save it as .sav without compression")
    try:
        frame: pd.DataFrame = getattr(pyreadstat, _READERS[path.suffix.lower()])(path)[0]
    except Exception:  # the library raises plain exceptions of many kinds for damaged files
        raise UserError("it cannot be read") from None
    return frame
