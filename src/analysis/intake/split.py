"""Cells that hold several numbers, as in 40/0/20: each number becomes a column of its own, where that is declared."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from analysis.intake.cells import Cells
from analysis.intake.problems import Problems
from analysis.intake.sheet import Origin, Sheet, text_column
from analysis.intake.study_file import Source

ZERO = "0"
_MARKS = ("/", "|", ";", ", ", ",", "–", "—", "-")  # the first of them that a cell has divides it
_DEGREES = re.compile(r"(\d+(?:[.,]\d+)?)\s*[°º˚]")
_NUMBER = re.compile(r"\d+([.,]\d+)?")


def with_split_columns(sheet: Sheet, source: Source, problems: Problems) -> Sheet:
    """Return a file's text with a column for each number of the cells that hold several.

    Parameters
    ----------
    sheet
        The text of one file.
    source
        ``split`` says which columns, and what the numbers are called from left to right.
    problems
        Receives columns that are not there, and names that are taken. Cells that cannot be divided are empty here:
        whether they matter is known when the rows have been chosen (:func:`refuse_undivided`).
    """
    for column, names in source.split.items():
        if column not in sheet.cells:
            message = "source.split names a column that the file does not have"
            problems.add("error", "column_missing", message, file=sheet.label, column=column)
        elif taken := [name for name in names if name in sheet.cells and name not in (ZERO, "")]:
            message = "source.split gives a name that a column of the file has; choose another one"
            problems.add("error", "given_twice", message, file=sheet.label, column=taken[0])
        else:
            sheet = _divided(sheet, column, names, source)
    return sheet


def refuse_undivided(sheet: Sheet, source: Source, problems: Problems) -> None:
    """Add cells that hold more or fewer numbers, and cells of the neutral zero method that do not go through 0."""
    for column in [column for column in source.split if column in sheet.cells]:
        _parts(sheet, column, source, problems)
        if len(source.split[column]) == 2:
            _refuse_other_marks(Cells(sheet, column, source.na_values, problems), source.decimal)


def _refuse_other_marks(cells: Cells, decimal: str) -> None:
    pairs = [word if word and len(parts_of_cell(word, decimal)) == 2 else "" for word in cells.words]
    marks = [_mark_of(word, decimal) for word in pairs]
    there = {mark for mark, present in zip(marks, cells.present, strict=True) if present}
    strongest = next((mark for mark in _MARKS if mark in there), None)
    message = (
        "is divided by another mark than other cells of the column: 27,5 beside 25/30 may be one decimal number, and "
        "20-30 a range; write it like the others"
    )
    otherwise = np.array([mark not in (None, strongest) for mark in marks], dtype=bool)
    cells.refuse("error", "cell_not_split", message, otherwise)


def _divided(sheet: Sheet, column: str, names: Sequence[str], source: Source) -> Sheet:
    parts = _parts(sheet, column, source, Problems())
    codes = sheet.cells[column].cat.codes.to_numpy()
    of_name = {name: [each[place] for each in parts] for place, name in enumerate(names) if name not in (ZERO, "")}
    columns = {name: text_column(texts, codes) for name, texts in of_name.items()}
    return sheet.with_columns(pd.DataFrame(columns, index=sheet.cells.index), **_as_before(sheet, column, of_name))


def _parts(sheet: Sheet, column: str, source: Source, problems: Problems) -> list[list[str]]:
    """Return the numbers of each distinct cell of a column; empty where it cannot be divided."""
    names = source.split[column]
    cells = Cells(sheet, column, source.na_values, problems)
    parts = [parts_of_cell(word, source.decimal) if word else [""] * len(names) for word in cells.words]
    fits = np.array([_fit(each, names) for each in parts], dtype=bool)
    message = f"does not hold {len(names)} numbers, as source.split says; correct it, or list it in na_values"
    cells.refuse("error", "cell_not_split", message, ~fits)
    parts = [each if fit else [""] * len(names) for each, fit in zip(parts, fits, strict=True)]
    return _through_zero(parts, cells) if ZERO in names else parts


def _as_before(sheet: Sheet, column: str, names: Mapping[str, object]) -> dict[str, object]:
    """Return what is known of a column for the columns that it becomes: its place, unit, words and faulty cells."""
    label, header = sheet.home(column)
    origin = sheet.origins.get(column)
    letter = origin.letter if origin else sheet.letters.get(column, "")
    of_column = Origin(label, header, sheet.lines(column), letter)
    faulty = {row: cell for (row, other), cell in sheet.unread.items() if other == column}
    beside = {"units": sheet.units, "labels": sheet.labels}
    return {
        "origins": {**sheet.origins, **dict.fromkeys(names, of_column)},
        "unread": {**sheet.unread, **{(row, name): cell for row, cell in faulty.items() for name in names}},
        **{key: {**said, **dict.fromkeys(names, said[column])} for key, said in beside.items() if column in said},
    }


def _fit(parts: Sequence[str], names: Sequence[str]) -> bool:
    """Whether a cell has a part for each name, and its zero where it has anything."""
    return len(parts) == len(names) and (ZERO not in names or bool(parts[names.index(ZERO)]) or not any(parts))


def _mark_of(text: str, decimal: str) -> str | None:
    return next((mark for mark in _MARKS if mark in text and not mark == "," == decimal), None)


def parts_of_cell(text: str, decimal: str = ".") -> list[str]:
    """Divide a cell at its marks; the degree sign of a number is left out.

    Examples
    --------
    >>> parts_of_cell("40/0/20"), parts_of_cell("40°-0°-20°"), parts_of_cell("-5 / 30"), parts_of_cell("25, 27, 26")
    (['40', '0', '20'], ['40', '0', '20'], ['-5', '30'], ['25', '27', '26'])
    >>> parts_of_cell("12,5", ","), parts_of_cell("12,5/20", ","), parts_of_cell("-5"), parts_of_cell("-5-20")
    (['12,5'], ['12,5', '20'], ['-5'], ['-5-20'])
    """
    text = _DEGREES.sub(r"\1", text)
    mark = _mark_of(text, decimal)
    parts = [part.strip() for part in text.split(mark if decimal == "," else mark.strip())] if mark else [text]
    # Where a dash divides, one more may be a sign.
    return parts if mark not in ("–", "—", "-") or all(map(_NUMBER.fullmatch, parts)) else [text]


def _through_zero(parts: list[list[str]], cells: Cells) -> list[list[str]]:
    """Return the two ends of motion as angles from neutral; where neutral is not reached, the end called 0 lies beyond.

    Of 40/10/0 the motion goes from 40 to 10 on the same side: the other way it stops 10 before neutral, at -10.
    """
    wrong, beyond, result = [], [], []
    for first, zero, last in parts:
        reached = not zero or _is_zero(zero)
        ends = [end for end in (first, last) if not _is_zero(end)]
        turned = not reached and len(ends) == 1 and _lies_within(zero, ends[0])
        beyond.append(turned)
        wrong.append(not reached and not turned)
        at_zero = [f"-{zero}" if turned and end not in ends else end for end in (first, last)]
        result.append(["", "", ""] if wrong[-1] else [at_zero[0], zero, at_zero[1]])
    message = (
        "the number in the middle is not 0, and it is not so that one end is 0 and the other at least as large: on "
        "which side of neutral does the motion lie?"
    )
    cells.refuse("error", "cell_not_split", message, np.array(wrong, dtype=bool))
    message = "neutral was not reached: the motion that is given as 0 is read as stopping before it, below 0; is it so?"
    cells.refuse("warning", "neutral_not_reached", message, np.array(beyond, dtype=bool))
    return result


def _is_zero(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text)) and not text.strip("0.,")


def _lies_within(zero: str, end: str) -> bool:
    """Whether a motion that begins at one number can end at the other."""
    numbers = [float(text.replace(",", ".")) for text in (zero, end) if _NUMBER.fullmatch(text)]
    return len(numbers) == 2 and numbers[0] <= numbers[1]
