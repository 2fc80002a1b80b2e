"""The values of an ODM file as a table: one row a form, or one for each turn of a group that repeats."""

from __future__ import annotations

import pandas as pd

from analysis.intake.odm import KEYS, SITE, Group, Odm, parse_odm
from analysis.intake.problems import Problems
from analysis.intake.sheet import Sheet, text_column
from analysis.intake.study_file import Source
from analysis.intake.unreadable import UnreadableFile

_KEYS = [SITE, *(name for own in KEYS.values() for name in own)]


def read_odm(content: bytes, source: Source, problems: Problems) -> Sheet | None:
    """Read the values of an ODM file under the OIDs of their items; ``None`` when they cannot be.

    Codes are read as the words of their list (``labels = false``: as they are). Rows are counted in the order of the
    file.
    """
    try:
        odm = parse_odm(content)
    except UnreadableFile as fault:
        problems.add("error", fault.rule, str(fault), file=source.file)
        return None
    if not odm.groups:
        message = "the file describes a study and holds no values; export it with the data"
        problems.add("error", "file_empty", message, file=source.file)
        return None
    columns, units = _columns(odm, source, problems)
    cells = pd.DataFrame({name: text_column(texts) for name, texts in columns.items() if any(texts)})
    rows = pd.Series(range(1, len(cells) + 1), dtype="int64")
    names = item_names(odm)
    labels = {name: odm.label(item) for (_, item), name in names.items() if item in odm.items}
    return Sheet(source.file, cells, rows, units=units, labels=labels)


def item_names(odm: Odm) -> dict[tuple[str, str], str]:
    """Return the column of each item of each group: its OID, beneath that of the group where several have it."""
    groups: dict[str, set[str]] = {}
    for group in odm.groups:
        for item in group.values:
            groups.setdefault(item, set()).add(group.keys["ItemGroupOID"])
    return {
        (group, item): item if len(found) == 1 and item not in _KEYS else f"{group}/{item}"
        for item, found in groups.items()
        for group in found
    }


def _columns(odm: Odm, source: Source, problems: Problems) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Return the text of each column, and the unit that all its values have."""
    names = item_names(odm)
    rows = list(odm.rows())
    columns = {name: [""] * len(rows) for name in [*_KEYS, *names.values()]}
    units: dict[str, set[str]] = {}
    for number, groups in enumerate(rows):
        for key, own in _keys(groups, odm).items():
            columns[key][number] = own
        for group in groups:
            for item, value in group.values.items():
                name = names[group.keys["ItemGroupOID"], item]
                columns[name][number] = odm.codes(item).get(value, value) if source.labels else value
                if value:
                    units.setdefault(name, set()).add(_unit(group, item, odm))
    for name in [name for name, found in units.items() if len(found) > 1]:
        message = f"its values are in several units: {', '.join(sorted(found or 'none' for found in units[name]))}"
        problems.add("error", "unit_differs", message, file=source.file, column=name)
    return columns, {name: next(iter(found)) for name, found in units.items() if len(found) == 1}


def _keys(groups: list[Group], odm: Odm) -> dict[str, str]:
    """Return whose and of when a row is; of which group only where it is of one that repeats, or of one alone."""
    of_one = groups[0].keys["ItemGroupOID"] in odm.repeating or len(groups) == 1
    keys = {key: groups[0].keys.get(key, "") for key in _KEYS}
    return {key: own if of_one or not key.startswith("ItemGroup") else "" for key, own in keys.items()}


def _unit(group: Group, item: str, odm: Odm) -> str:
    unit = group.units.get(item) or (odm.items[item].unit if item in odm.items else "")
    return odm.units.get(unit, unit)
