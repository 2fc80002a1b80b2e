"""A sheet with a table for each person, one beneath the other: where each begins, and whose it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

BLOCK = "(block)"
_FEWEST = 2


class Block(NamedTuple):
    """The row of the line that begins a block, counted from 0, and the identifier in it."""

    row: int
    person: str


def find_blocks(rows: Sequence[Sequence[str]], line: str) -> list[Block]:
    """Return the blocks of a sheet; a row begins one where it has one cell, or merged ones, and reads as the line."""
    before, after = (re.escape(part.strip()) for part in line.split("{}"))
    pattern = re.compile(rf"{before}\s*(\S.*?)\s*{after}")
    found = [(number, pattern.fullmatch(only)) for number, row in enumerate(rows) if (only := _only(row))]
    return [Block(number, match[1]) for number, match in found if match]


def line_of_blocks(rows: Sequence[Sequence[str]]) -> str | None:
    """Return the line by which the blocks of a sheet begin; None where it has none.

    Examples
    --------
    >>> line_of_blocks([["Subject 01", ""], ["Visit", "IR"], ["pre", "12"], ["Subject 02", ""], ["Visit", "IR"]])
    'Subject {}'
    """
    alone = [(number, only) for number, row in enumerate(rows[:-1]) if (only := _only(row))]
    beneath = [tuple(rows[number + 1]) for number, _ in alone]
    same = [text for (_, text), below in zip(alone, beneath, strict=True) if any(below) and beneath.count(below) > 1]
    if len(set(same)) < _FEWEST or len(set(same)) < len(same):
        return None
    return re.sub(r"[^\W_]+$", "", _beginning(same)) + "{}"


def _beginning(texts: Sequence[str]) -> str:
    """Return the letters with which all of some texts begin."""
    first, last = min(texts), max(texts)
    alike = next((n for n, pair in enumerate(zip(first, last, strict=False)) if len(set(pair)) > 1), len(first))
    return first[:alike]


def _only(row: Sequence[str]) -> str:
    """Return what stands in a row where it is one thing."""
    held = {cell.strip() for cell in row if cell.strip()}
    return held.pop() if len(held) == 1 and len(row) > 1 else ""
