"""What is wrong with the data in as few lines as can be: one for each column and kind of problem."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd

from analysis.intake.problems import sheet_and_cell
from analysis.show.words import count

_HEADS = {"error": "Errors, which stop the analysis:", "warning": "Warnings, which travel into every report:",
          "note": "Notes:"}  # fmt: skip
_PLACES, _WORDS = 5, 3
_ROWS_OF_A_WORD = re.compile(r" \(in (\d+) rows: .*\)$")


def problem_lines(problems: pd.DataFrame, *, errors_only: bool = False) -> Iterator[str]:
    """Write the errors first, then warnings and notes.

    Parameters
    ----------
    problems
        As a study holds them: ``severity``, ``rule``, ``file``, ``row``, ``column``, ``value_shown``, ``message``.
    errors_only
        Whether to leave the warnings and notes out.

    Yields
    ------
    str
        A head for each severity and a line for each file, column and rule: what is wrong, in how many places, the
        first of these in the order of the file, and what stands there.
    """
    for severity, head in _HEADS.items():
        found = problems[problems["severity"] == severity]
        if len(found) and (severity == "error" or not errors_only):
            yield head
            found = found.assign(sheet=[sheet_and_cell(file)[0] for file in found["file"]])
            for _, alike in found.groupby(["sheet", "column", "rule"], sort=False, observed=True):
                yield f"  {_line(alike)}"


def _line(alike: pd.DataFrame) -> str:
    first = alike.iloc[0]
    where = ", ".join(part for part in (first["sheet"] or "study.toml", first["column"]) if part)
    messages = [_ROWS_OF_A_WORD.sub("", message) for message in alike["message"]]
    others = len(set(messages)) - 1
    more = f"; {count(others, 'other message')}, see --json" if others else ""
    return f"{where}{_places(alike)}{_values(alike)}: {messages[0]}{more} ({first['rule']})"


def _places(alike: pd.DataFrame) -> str:
    """Name the first rows, or cells of a workbook, and count the rest."""
    placed = alike[alike["row"].notna()].drop_duplicates(["file", "row"])
    cells = [sheet_and_cell(file)[1] for file in placed["file"]]
    names = [cell or str(row) for cell, row in zip(cells, placed["row"], strict=True)]
    if not names:
        return ""
    noun = "cell" if all(cells) else "row"
    listed = ", ".join(names[:_PLACES])
    # Of a word that is not known only the first row is a problem of its own; its message counts the others.
    counted = [_ROWS_OF_A_WORD.search(message) for message in placed["message"]]
    number = sum(int(found[1]) if found else 1 for found in counted)
    if number > min(len(names), _PLACES):
        return f", {number} {noun}s: {listed} and {number - min(len(names), _PLACES)} more"
    return f", {noun}{'s' if len(names) > 1 else ''} {listed}"


def _values(alike: pd.DataFrame) -> str:
    values = [value for value in alike["value_shown"].unique() if value]
    more = ", …" if len(values) > _WORDS else ""
    return f" ({', '.join(values[:_WORDS])}{more})" if values else ""
