"""Tables and printed lines too long to be read: the first rows, and a line that says of how many."""

import re
from collections.abc import Sequence
from typing import TypeVar

ROWS_OF_A_PAGE, ROWS_ON_PAPER, LINES_ON_PAPER = 2_000, 200, 1_000
_WHOLE = "The command capsule export writes the tables of the study whole."
_ROW = re.compile(r"<tr\b.*?</tr\s*>", re.DOTALL | re.IGNORECASE)
_TABLE = re.compile(r"<table\b.*?</table\s*>", re.DOTALL | re.IGNORECASE)

T = TypeVar("T")


def on_paper(rows: Sequence[T], most: int = ROWS_ON_PAPER, what: str = "rows") -> tuple[Sequence[T], str]:
    """Return the rows that are printed, and what is said of the others; nothing where all are.

    A sheet holds about fifty rows, and setting thousands takes minutes and gigabytes.

    Examples
    --------
    >>> on_paper(["a", "b", "c"], most=2)[0]
    ['a', 'b']
    """
    if len(rows) <= most:
        return rows, ""
    if what == "rows":
        page = "has them all" if len(rows) <= ROWS_OF_A_PAGE else f"has the first {ROWS_OF_A_PAGE:,}"
        return rows[:most], f"{_first(most, len(rows), what)} The page in HTML {page}. {_WHOLE}"
    return rows[:most], f"{_first(most, len(rows), what)} The page in HTML has them all."


def short_html(html: str) -> str:
    """Cut the tables of HTML that are longer than a page can be, each with a line beneath it that says so."""
    return _TABLE.sub(lambda found: _short(found[0]), html) if html.count("<tr") > ROWS_OF_A_PAGE else html


def _short(table: str) -> str:
    rows = list(_ROW.finditer(table))
    above = sum(row.start() < table.find("</thead") for row in rows)
    if len(rows) - above <= ROWS_OF_A_PAGE:
        return table
    kept = table[: rows[above + ROWS_OF_A_PAGE - 1].end()] + table[rows[-1].end() :]
    said = f"{_first(ROWS_OF_A_PAGE, len(rows) - above, 'rows')} {_WHOLE}"
    return f'{kept}<p class="table-notes">{said}</p>'


def _first(most: int, of: int, what: str) -> str:
    return f"The first {most:,} of {of:,} {what}."
