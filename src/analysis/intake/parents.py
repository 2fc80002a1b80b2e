"""Rows that belong to a row of another table, as the repeated parts of a form do, get what stands there."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from analysis.intake.problems import Problems
from analysis.intake.sheet import Origin, Sheet
from analysis.intake.source_parts import Parent
from analysis.intake.study_file import Source

Read = Callable[[Source], Sheet | None]


def parent_source(source: Source, parent: Parent) -> Source:
    """Return how the table of the parents is read: written as the other is, but for the rows above and beneath it."""
    alike = {name: getattr(source, name) for name in ("encoding", "delimiter", "decimal", "labels")}
    return Source.model_validate({"file": parent.file or source.file, "sheet": parent.sheet, **alike})


def with_parents(sheet: Sheet, source: Source, parent: Parent | None, read: Read, problems: Problems) -> Sheet:
    """Return a table with the columns of its parents, and of theirs where they have some.

    Parameters
    ----------
    sheet, source
        The text of one file, and its entry of ``study.toml``.
    parent
        Where the parents stand, and the two columns by which a row names its own; ``None`` leaves all as it is.
    read
        Reads another table of the study.
    problems
        Receives rows without a parent, and parents that cannot be told apart; both are errors.
    """
    if parent is None:
        return sheet
    above_source = parent_source(source, parent)
    above = read(above_source)
    if above is None:
        return sheet
    return joined_to(sheet, with_parents(above, above_source, parent.parent, read, problems), parent, problems)


def joined_to(sheet: Sheet, above: Sheet, parent: Parent, problems: Problems) -> Sheet:
    """Return a table with the columns of the one above it, row by row as the keys say."""
    for table, column in ((sheet, parent.named_by), (above, parent.key)):
        if column not in table.cells:
            message = "source.parent names a column that the file does not have"
            problems.add("error", "column_missing", message, file=table.label, column=column)
            return sheet
    keys, named = above.cells[parent.key].astype("object"), sheet.cells[parent.named_by].astype("object")
    again = (keys.duplicated() & (keys != "")).to_numpy()
    message = "this key stands in a row before it, so that rows of the other table cannot tell their parent"
    _refuse(above, again, "parent_twice", message, parent.key, problems)
    usable = np.flatnonzero(~again & (keys != "").to_numpy())
    place = pd.Index(keys.iloc[usable]).get_indexer(pd.Index(named))
    found = place >= 0
    message = f"no row of {above.label} has this key, so that nobody knows whose row this is; look for it there"
    _refuse(sheet, ~found, "parent_missing", message, parent.named_by, problems)
    place = usable[place[found]]
    alone = np.setdiff1d(np.arange(len(keys)), place)
    if len(alone):
        message = f"rows to which none of {sheet.label} belongs; whoever stands only there is not in the study"
        count = f"{len(alone)} row{'s' if len(alone) > 1 else ''}"
        first = int(above.rows.iloc[alone[0]])
        problems.add("warning", "parent_without_rows", message, file=above.label, row=first, value=count)
    return _beside(sheet.keep(found), above, parent, place)


def _beside(sheet: Sheet, above: Sheet, parent: Parent, place: np.ndarray) -> Sheet:
    """Put the columns of the parents beside those of a table; one whose name is taken is marked as the parent's."""
    cells, origins, unread = {}, dict(sheet.origins), dict(sheet.unread)
    for column in [column for column in map(str, above.cells) if column != parent.key]:
        name = column
        while name in sheet.cells or name in cells:
            name += _OF_PARENT
        cells[name] = above.cells[column].array.take(place)
        label, header = above.home(column)
        rows = pd.Series(above.lines(column).to_numpy()[place], index=sheet.rows.index)
        letter = above.origins[column].letter if column in above.origins else above.letters.get(column, "")
        origins[name] = Origin(label, header, rows, letter)
        faulty = {row: cell for (row, other), cell in above.unread.items() if other == column}
        lines = zip(sheet.rows, above.rows.iloc[place], strict=True) if faulty else ()
        unread |= {(row, name): faulty[there] for row, there in lines if there in faulty}
    beside = pd.DataFrame(cells, index=sheet.cells.index)
    repeated = (*sheet.repeated, *(name for name in above.repeated if name in cells))
    units = {**{name: unit for name, unit in above.units.items() if name in cells}, **sheet.units}
    return sheet.with_columns(beside, origins=origins, unread=unread, repeated=repeated, units=units)


_OF_PARENT = " (parent)"


def _refuse(sheet: Sheet, where: np.ndarray, rule: str, message: str, column: str, problems: Problems) -> None:
    if where.any():
        problems.add_rows(
            "error",
            rule,
            message,
            files=sheet.places(column, sheet.rows[where]),
            rows=sheet.rows[where],
            column=column,
            values=sheet.cells[column][where],
        )
