"""A copy of a study's files in which the cells with problems are marked, for whoever mends them."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from analysis.intake.problems import sheet_and_cell
from analysis.intake.sheet import Sheet
from analysis.intake.study_rows import read_sheets
from analysis.machine.files import publish
from analysis.show.problem_list import problem_lines
from analysis.usererror import UserError

# Errors, warnings and notes, dark enough on white and black to be told apart in grey too.
_COLOURS = {"error": "#f4a6a0", "warning": "#ffe08a", "note": "#dddddd"}
_ROWS_OF_EXCEL = 1_048_576
_MOST_COMMENTS = 2_000  # more make a workbook that opens slowly
_MOST_ROWS_OF_A_PAGE = 2_000


class _Mark(NamedTuple):
    severity: str
    message: str


_Marks = dict[tuple[int, str], _Mark]  # by row of the file and column; "" is the whole row


def write_marked_copy(folder: Path, problems: pd.DataFrame, out: Path) -> None:
    """Write what the files of a study hold, with every cell that has a problem marked.

    Parameters
    ----------
    folder
        The study.
    problems
        What was found in it.
    out
        A new ``.xlsx`` with a sheet for each table, whose cells stand where they stand in the file, or a new ``.html``
        with the rows that have problems. Only its owner may read it.

    Raises
    ------
    UserError
        Another kind of file, or more rows than a sheet of Excel has.
    FileExistsError
        There is such a file: neither the data nor an earlier copy is written over.
    """
    kinds = {".xlsx": _workbook, ".html": _page}
    if out.suffix.lower() not in kinds:
        raise UserError(f"{out.name}: name a file that ends in .xlsx or .html")
    if out.exists() or out.is_symlink():
        raise FileExistsError(f"{out.name} is there already and was left as it is; name another file")
    sheets = {sheet.label: sheet for sheet in read_sheets(folder)}
    content = kinds[out.suffix.lower()](list(sheets.values()), problems)
    publish(out.resolve().parent, {out.resolve(): content}, private=True)


def _marks(sheet: Sheet, problems: pd.DataFrame) -> _Marks:
    """Return the worst problem of each cell of a sheet."""
    marks: _Marks = {}
    placed = problems[problems["row"].notna()]
    placed = placed[[sheet_and_cell(file)[0] == sheet.label for file in placed["file"]]]
    known = set(map(str, sheet.cells))
    for problem in placed.to_dict("records"):  # errors come first
        column = problem["column"] if problem["column"] in known else ""
        marks.setdefault((int(problem["row"]), column), _Mark(problem["severity"], problem["message"]))
    return marks


# ------------------------------------------------------------------------------------------------- as a workbook


def _workbook(sheets: Sequence[Sheet], problems: pd.DataFrame) -> bytes:
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False}) as book:
        formats = {severity: book.add_format({"bg_color": colour}) for severity, colour in _COLOURS.items()}
        listed = book.add_worksheet("Problems")
        for number, line in enumerate(problem_lines(problems)):
            listed.write_string(number, 0, line)
        taken = {"problems"}
        for sheet in sheets:
            _fill(book.add_worksheet(_sheet_name(sheet.label, taken)), sheet, _marks(sheet, problems), formats)
    return buffer.getvalue()


def _sheet_name(label: str, taken: set[str]) -> str:
    """Return a name that Excel allows and that no other sheet has."""
    plain = re.sub(r"[\[\]:*?/\\']", " ", label).strip()[:28] or "Sheet"
    name = next(n for n in (plain, *(f"{plain} {k}" for k in range(2, 1000))) if n.casefold() not in taken)
    taken.add(name.casefold())
    return name


def _fill(page: Any, sheet: Sheet, marks: _Marks, formats: dict[str, Any]) -> None:
    """Write a sheet with each cell where it stands in the file, so that addresses are those that were named."""
    # Records of a statistics program are counted from 1, and have no row above them for the names.
    shift = 0 if len(sheet.rows) == 0 or int(sheet.rows.min()) > 1 else 1
    if len(sheet.rows) and int(sheet.rows.max()) + shift > _ROWS_OF_EXCEL:
        raise UserError(f"{sheet.label}: more rows than a sheet of Excel has; write an .html, or see --json")
    names = list(map(str, sheet.cells))
    places = {name: _number(sheet.letters[name]) if name in sheet.letters else n for n, name in enumerate(names)}
    head = int(sheet.rows.min()) + shift - 2 if len(sheet.rows) else 0
    for name, place in places.items():
        page.write_string(head, place, name)
        for row, text in zip(sheet.rows, sheet.cells[name].astype("str"), strict=True):
            mark = marks.get((row, name))
            if text or mark:
                page.write_string(row + shift - 1, place, text, formats[mark.severity] if mark else None)
    for (row, column), mark in list(marks.items())[:_MOST_COMMENTS]:
        page.write_comment(row + shift - 1, places.get(column, 0), f"{mark.severity}: {mark.message}")
        if not column:
            page.set_row(row + shift - 1, None, formats[mark.severity])


def _number(letters: str) -> int:
    """Return the number of a column, counted from 0.

    Examples
    --------
    >>> _number("A"), _number("AB")
    (0, 27)
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


# ----------------------------------------------------------------------------------------------------- as a page

_STYLE = "body{font:15px sans-serif;margin:2em;max-width:70em}td,th{border:1px solid #999;padding:.2em .5em}"
_STYLE += "table{border-collapse:collapse;margin:1em 0}td p{margin:.2em 0;font-size:85%}"


def _page(sheets: Sequence[Sheet], problems: pd.DataFrame) -> bytes:
    colours = "".join(f".{severity}{{background:{colour}}}" for severity, colour in _COLOURS.items())
    parts = [
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Problems in the data</title>'
        f"<style>{_STYLE}{colours}</style><h1>Problems in the data</h1><ul>",
        *(f"<li>{html.escape(line.strip())}</li>" for line in problem_lines(problems)),
        "</ul>",
    ]
    for sheet in sheets:
        parts += _table(sheet, _marks(sheet, problems))
    return "\n".join([*parts, "</html>"]).encode()


def _table(sheet: Sheet, marks: _Marks) -> Iterator[str]:
    """Write the rows of a sheet that have problems, each with its words in the cell."""
    wanted = sorted({row for row, _ in marks})
    if not wanted:
        return
    cut = f" (the first {_MOST_ROWS_OF_A_PAGE:,} of {len(wanted):,} rows)" if len(wanted) > _MOST_ROWS_OF_A_PAGE else ""
    names = list(map(str, sheet.cells))
    yield f"<h2>{html.escape(sheet.label)}{cut}</h2><table><tr><th>row</th>"
    yield from (f"<th>{html.escape(name)}</th>" for name in names)
    shown = sheet.cells[sheet.rows.isin(wanted[:_MOST_ROWS_OF_A_PAGE]).to_numpy()].astype("str")
    for row, cells in zip(sheet.rows[shown.index], shown.itertuples(index=False), strict=True):
        yield "<tr>" + _cell(str(row), marks.get((row, "")), "th")
        yield from (_cell(text, marks.get((row, name)), "td") for name, text in zip(names, cells, strict=True))
        yield "</tr>"
    yield "</table>"


def _cell(text: str, mark: _Mark | None, tag: str) -> str:
    if mark is None:
        return f"<{tag}>{html.escape(text)}</{tag}>"
    said = f"<p>{mark.severity}: {html.escape(mark.message)}</p>"
    return f'<{tag} class="{mark.severity}">{html.escape(text)}{said}</{tag}>'
