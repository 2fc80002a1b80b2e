"""Tables of one form: which of them hold the parents of the rows of which others, by the keys that form tools write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from analysis.intake.dialect import Dialect
from analysis.intake.parents import joined_to
from analysis.intake.problems import Problems
from analysis.intake.sheet import Sheet
from analysis.intake.source_parts import Parent
from analysis.intake.study_file import Source

# How KoboToolbox and ODK number a submission, and name it in the tables of its repeated parts.
_SUBMISSIONS = (("_index", "_parent_index"), ("KEY", "PARENT_KEY"))
_NAME_OF_PARENT = "_parent_table_name"  # of KoboToolbox, which numbers the rows of every table from 1 on


@dataclass(frozen=True)
class Found:
    """A table that was sent, and how it is read; ``is_parent``: whether rows of another belong to its rows."""

    dialect: Dialect
    source: Source
    sheet: Sheet
    is_parent: bool = False


def linked(tables: Sequence[Found]) -> list[Found]:
    """Give each table whose rows belong to those of another the columns of that one, as ``source.parent`` does."""
    parent_of: dict[int, tuple[int, str, str]] = {}
    for n, table in enumerate(tables):
        found = _parent(table, tables)
        if found is not None and n not in _line(found[0], parent_of):
            parent_of[n] = found
    parents = {number for number, _, _ in parent_of.values()}

    def whole(n: int) -> Found:
        table = replace(tables[n], is_parent=n in parents)
        if n not in parent_of:
            return table
        number, key, named_by = parent_of[n]
        above = whole(number)
        file = above.source.file if above.source.file != table.source.file else None
        parent = Parent(file=file, sheet=above.source.sheet, key=key, named_by=named_by, parent=above.source.parent)
        source = table.source.model_copy(update={"parent": parent})
        return replace(table, source=source, sheet=joined_to(table.sheet, above.sheet, parent, Problems()))

    return [whole(n) for n in range(len(tables))]


def _line(n: int, parent_of: Mapping[int, tuple[int, str, str]]) -> list[int]:
    """Return a table and those above it."""
    return [n, *_line(parent_of[n][0], parent_of)] if n in parent_of else [n]


def _parent(table: Found, tables: Sequence[Found]) -> tuple[int, str, str] | None:
    """Return the number of the one table that has all the keys which a table names, and the two columns of keys."""
    for key, named_by in _SUBMISSIONS:
        if named_by not in table.sheet.cells:
            continue
        named = _words(table.sheet, named_by)
        fits = [
            n
            for n, other in enumerate(tables)
            if other is not table and key in other.sheet.cells and named <= _words(other.sheet, key)
        ]
        titles = {title[:31] for title in _words(table.sheet, _NAME_OF_PARENT)}  # so long may the name of a sheet be
        told = [n for n in fits if tables[n].source.sheet in titles]
        tops = [n for n in fits if named_by not in tables[n].sheet.cells]
        chosen = told or (fits if len(fits) == 1 else tops)
        if named and len(chosen) == 1:
            return chosen[0], key, named_by
    return None


def _words(sheet: Sheet, column: str) -> set[str]:
    return {word for word in sheet.cells[column].unique() if word} if column in sheet.cells else set()
