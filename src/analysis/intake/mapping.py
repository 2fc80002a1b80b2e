"""Which columns of a file are used, under which of our names, and what is wrong with the mapping."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from analysis.hips.pairs import measures_compared
from analysis.intake.parse import plain_words
from analysis.intake.problems import Problems
from analysis.intake.sheet import Sheet
from analysis.intake.source_parts import Column, Lever, PerSide
from analysis.intake.study_file import Source
from analysis.intake.written_units import unit_in, unit_word, units_of
from analysis.protocol import Protocol
from analysis.protocol.tomlmodel import quoted
from analysis.schema import column_types

Place = tuple[str, str]  # the table in which a column stands, and its name there


def known_names(protocol: Protocol) -> list[str]:
    """Return every name that a column may be given."""
    names = column_types(protocol, "assessments") | column_types(protocol, "interventions")
    return [name for name in names if not name.startswith("source_")]


def columns_of(column: Column) -> list[str]:
    """Return the columns of the file behind a name: one, one for each side, or several that are joined."""
    if isinstance(column, PerSide):
        return [column.left, column.right]
    return [column] if isinstance(column, str) else list(column)


def for_side(column: Column, side: str | None) -> str | tuple[str, ...]:
    """Return the column that holds a side's value; a column for both sides holds it for each."""
    if isinstance(column, PerSide):
        return column.right if side == "right" else column.left
    return column


def usable(source: Source, sheet: Sheet, protocol: Protocol, timepoint: str | None) -> dict[str, Column]:
    """Return the names and columns at a timepoint that mean something and exist."""
    known, headers = known_names(protocol), set(sheet.cells.columns)
    mapping = source.columns | (source.timepoints[timepoint] if timepoint else {})
    return {
        name: column for name, column in mapping.items() if name in known and headers.issuperset(columns_of(column))
    }


def used_columns(source: Source) -> set[str]:
    """Return the columns of the file that the mapping names."""
    mappings = [source.columns, *source.timepoints.values()]
    of_days = {column for column in (source.day_zero, source.day_number) if column is not None}
    of_days |= {source.parent.named_by} if source.parent else set()
    return of_days | {column for mapping in mappings for named in mapping.values() for column in columns_of(named)}


def is_of_persons(source: Source, protocol: Protocol) -> bool:
    """Whether a file says only who the people are: their identifiers and attributes, and nothing of a hip."""
    names = {*source.columns, *source.set, *(name for part in source.timepoints.values() for name in part)}
    return "patient_id" in names and names <= {"patient_id", "clinic_id", *protocol.attributes} and len(names) > 1


def check_mapping(source: Source, sheet: Sheet, protocol: Protocol, problems: Problems) -> None:
    """Add names that mean nothing, and columns that are not there."""
    known = known_names(protocol)
    parts = {"columns": source.columns, **{f"timepoints.{name}": part for name, part in source.timepoints.items()}}
    for part, mapping in parts.items():
        for name, column in mapping.items():
            _check_name(f"source.{part}", name, known, problems)
            _check_columns(f"source.{part}.{name}", columns_of(column), sheet, problems)
    _check_other_columns(source, sheet, problems)
    _check_named_once(parts, source, protocol, problems)
    _check_measured_at_each(source, protocol, problems)
    if not is_of_persons(source, protocol):
        _check_of_any_use(parts, sheet.label, protocol, problems)
    _check_units(source, sheet, parts, protocol, problems)
    for name in source.set:
        _check_name("source.set", name, known, problems)
    for name in source.rounded:
        _check_name("source.rounded", name, list(protocol.measures), problems)
    for name, words in source.values.items():
        _check_name("source.values", name, known, problems)
        _check_words(name, words, protocol, problems)
    _check_timepoints(source, protocol, problems)


def _check_columns(key: str, columns: Iterable[str], sheet: Sheet, problems: Problems) -> None:
    for absent in [column for column in columns if column not in sheet.cells]:
        # Only a near match is named: in a file without a header line the names are a patient's values.
        near = difflib.get_close_matches(absent, map(str, sheet.cells), 1)
        hint = f"; did you mean {quoted(near[0])}?" if near else ""
        message = f"{key} names a column that the file does not have{hint}"
        problems.add("error", "column_missing", message, file=sheet.label, column=absent)


def _check_other_columns(source: Source, sheet: Sheet, problems: Problems) -> None:
    """Add columns of days that are not there, and names that several columns have."""
    for key in [key for key in ("day_zero", "day_number") if getattr(source, key) not in (None, *sheet.cells)]:
        message = f"source.{key} names a column that the file does not have"
        problems.add("error", "column_missing", message, file=sheet.label, column=getattr(source, key))
    used = used_columns(source) | set(source.where)
    for name in [name for name in sheet.repeated if name in used]:
        message = "several columns have this name; rename them in the file"
        problems.add("error", "header_twice", message, file=sheet.label, row=1 + source.skip_rows, value=name)


def _check_timepoints(source: Source, protocol: Protocol, problems: Problems) -> None:
    dated = [("timepoints", name) for name in source.timepoints] + [("visits", name) for name in source.visits]
    for part, timepoint in [(part, name) for part, name in dated if name not in protocol.timepoints]:
        message = f"source.{part}.{timepoint}: not a timepoint; they are {', '.join(protocol.timepoints)}"
        problems.add("error", "unknown_name", message, file="study.toml", column=timepoint)


def columns_by_use(source: Source, sheet: Sheet) -> tuple[set[Place], set[Place]]:
    """Return the columns that a source uses, and those that it does not, each by its table and its name there."""
    used = used_columns(source) | set(source.where)
    places = [(sheet.home(column), column in used) for column in map(str, sheet.cells) if column]
    return {place for place, own in places if own}, {place for place, own in places if not own}


def note_unused(unused: Iterable[Place], problems: Problems) -> None:
    """Add the columns that no source uses: a file may be read by several, each for other rows."""
    for table, column in sorted(unused):
        problems.add("note", "unused_column", "not named in study.toml; kept, not used", file=table, column=column)


def _check_named_once(
    parts: dict[str, dict[str, Column]], source: Source, protocol: Protocol, problems: Problems
) -> None:
    """Add names that are given twice, of which one would be lost, and columns that stand for two measures."""
    for name in _given_twice(parts, source):
        places = "[source.columns], [source.timepoints], [source.visits] or [source.set]"
        message = f"{name} is given in two ways, in {places}; keep one"
        problems.add("error", "given_twice", message, file="study.toml", column=name)
    uses: dict[str, list[str]] = {}
    for part, mapping in parts.items():
        for name in [n for n in mapping if n in protocol.measures]:
            for column in columns_of(mapping[name]):
                uses.setdefault(column, []).append(f"{part}.{name}")
    for column, users in uses.items():
        if len(users) > 1:
            message = f"one column cannot stand for {' and '.join(users)}; correct the mapping"
            problems.add("error", "column_used_twice", message, file="study.toml", column=column)


def _check_measured_at_each(source: Source, protocol: Protocol, problems: Problems) -> None:
    """Add measures that one column would give to every visit of a row: each hip would seem not to have changed."""
    visits = [part for timepoint, part in source.timepoints.items() if timepoint in protocol.timepoints]
    for name in [name for name in measures_compared(protocol) if name in {**source.columns, **source.set}]:
        if len(visits) < 2 and not any(name in part for part in visits):
            continue
        message = (
            f"{name} would be the same at each of {', '.join(source.timepoints)}, so that no {protocol.words.hip} "
            "seems to have changed; move the line to the [source.timepoints] at which it was measured"
        )
        problems.add("error", "same_at_every_visit", message, file="study.toml", column=name)


def _given_twice(parts: dict[str, dict[str, Column]], source: Source) -> list[str]:
    named = {name for mapping in parts.values() for name in mapping}
    given = {*named, *source.set}
    by_order = source.rows_per_person and "patient_id" in given
    by_columns = source.timepoints and "timepoint" in given
    by_days = source.visits and (source.timepoints or "timepoint" in given)
    others = [("patient_id", by_order), ("timepoint", by_columns), ("timepoint", by_days)]
    return [name for name in source.set if name in named] + [name for name, twice in others if twice]


def _check_of_any_use(parts: dict[str, dict[str, Column]], file: str, protocol: Protocol, problems: Problems) -> None:
    """Add what belongs to visits in a file that has none, such as the clinic in a list of treatments."""
    named = list(dict.fromkeys(name for mapping in parts.values() for name in mapping))
    if any(name in protocol.measures_of("assessments") for name in named):
        return
    of_visits = set(column_types(protocol, "assessments")) - set(column_types(protocol, "interventions"))
    for name in [name for name in named if name in of_visits]:
        message = f"{name} is used only where a visit was measured, and this file has no measure of a visit"
        problems.add("warning", "not_used_here", message, file=file, column=name)


def _check_words(name: str, words: dict[str, tuple[str, ...]], protocol: Protocol, problems: Problems) -> None:
    levels = plain_words(name, protocol)
    for ours, theirs in words.items() if levels else ():
        if ours not in levels:
            message = f"source.values.{name}.{ours}: not a level of {name}; they are {', '.join(levels)}"
            problems.add("error", "unknown_name", message, file="study.toml", column=name)
        for other in [level for level in levels if level != ours and set(levels[level]) & set(theirs)]:
            message = f"source.values.{name}.{ours} lists a word that means {other}; remove it"
            problems.add("error", "word_of_another_level", message, file="study.toml", column=name)


def _check_units(
    source: Source, sheet: Sheet, parts: dict[str, dict[str, Column]], protocol: Protocol, problems: Problems
) -> None:
    """Add units for what has none, and a row of units, or a name of a column, that contradicts what is declared.

    A unit that a name ends with, as in ``Height (in)``, gives way to one that is declared.
    """
    for name, unit in source.units.items():
        known = units_of(name, protocol)
        if not known or ("lever" if isinstance(unit, Lever) else unit) not in known:
            of = f"it can be {', '.join(known)}" if known else "neither a measure in degrees nor a number of a person"
            message = f"source.units.{name}: {of}"
            problems.add("error", "unknown_name", message, file="study.toml", column=name)
    for mapping in parts.values():
        for name in [name for name in mapping if units_of(name, protocol)]:
            known = units_of(name, protocol)
            declared = source.units.get(name, known[0])
            wanted = declared if isinstance(declared, str) else "cm"
            for column in columns_of(mapping[name]):
                written = _written_unit(column, sheet, known[0], named=name not in source.units) or wanted
                if written != wanted:
                    can_be = written in known or (written == "cm" and "lever" in known)
                    message = (
                        f"the file says that the column is in {written}, and it would be read as in {wanted}; "
                        + ("see [source.units]" if can_be else f"give it in {' or '.join(known)} in the file")
                    )
                    problems.add("error", "unit_differs", message, file=sheet.label, column=column)


def _written_unit(column: str, sheet: Sheet, ours: str, named: bool) -> str | None:
    """Return the unit that a row of units tells; without one, where ``named``, that of the column's name or label."""
    texts = (column, sheet.labels.get(column, "")) if named else ()
    of_name = next((told for text in texts if (told := unit_in(text, ours))), None)
    return unit_word(sheet.units.get(column, "")) or of_name


def _check_name(key: str, name: str, known: list[str], problems: Problems) -> None:
    if name not in known:
        near = difflib.get_close_matches(name, known, 1)
        hint = f"did you mean {near[0]}?" if near else f"the names are {', '.join(known)}"
        problems.add("error", "unknown_name", f"{key}.{name}: not a known name; {hint}", file="study.toml", column=name)
