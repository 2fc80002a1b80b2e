"""Tables in which each row is one reading: a ``[[source]]`` for each measure, its rows told by a column."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from analysis.intake.recognise import Reading
from analysis.intake.source_draft import SourceDraft
from analysis.intake.source_reading import NUMBER
from analysis.intake.vocabulary import Vocabulary, column_words, plain
from analysis.intake.written_units import unit_word, units_of

_MOST = 2 / 3  # of the cells of a column of values are numbers


@dataclass(frozen=True)
class Part:
    """The rows of one measure, visit and side that are in one unit.

    Attributes
    ----------
    draft
        The lines of their source.
    completes
        Whether they add to the visits of a part before.
    """

    draft: SourceDraft
    completes: bool


def parts_of(draft: SourceDraft, vocabulary: Vocabulary) -> list[Part]:
    """Divide a table of one reading a row by what is measured; nothing where it is none, or no column holds readings.

    Parameters
    ----------
    draft
        What was read of the whole table: who it is, and no measure.
    vocabulary
        Knows the measures by their words, and the names of columns that tell them and hold the readings.
    """
    column = _telling_column(draft)
    if column is None or draft.measures or "patient_id" not in draft.names:
        return []
    parts: list[Part] = []
    first: dict[tuple[str | None, str | None], str | None] = {}
    for told, words in _by_meaning(draft, column).items():
        for unit, chosen in _by_unit(draft, column, words):
            drafted = _drafted(draft, vocabulary, told, chosen, unit)
            if drafted is None:
                return []
            begun = first.setdefault((told.timepoint, told.side), told.name)
            parts.append(Part(drafted, completes=begun != told.name))
    return parts


def _telling_column(draft: SourceDraft) -> str | None:
    """Return the column whose cells name measures: most of its words do, or it is called as such columns are."""
    counts = {}
    for column in map(str, draft.sheet.cells):
        words = draft.words_of(column)
        named = sum(_measure(draft, word) is not None for word in words)
        is_called_so = " ".join(plain(column)) in column_words("parameter")
        if named and len(draft.sheet.rows) > len(words) and (is_called_so or (named > 1 and 2 * named > len(words))):
            counts[column] = named
    return max(counts, key=lambda column: counts[column]) if counts else None


def _measure(draft: SourceDraft, word: str) -> Reading | None:
    told = draft.recogniser.read(word)
    return told if told and not told.numbered and told.name in draft.protocol.measures_of("assessments") else None


def _by_meaning(draft: SourceDraft, column: str) -> dict[Reading, list[str]]:
    found: dict[Reading, list[str]] = {}
    for word in draft.words_of(column):
        if told := _measure(draft, word):
            found.setdefault(Reading(told.name, told.timepoint, told.side), []).append(word)
    return found


def _by_unit(draft: SourceDraft, column: str, words: list[str]) -> Iterator[tuple[str | None, dict[str, list[str]]]]:
    """Give the rows of a measure apart by unit, where a column tells it and they are in several."""
    cells = draft.sheet.cells
    beside = [name for name in map(str, cells) if name != column and _are_units(draft.words_of(name))]
    if not beside:
        yield None, {column: words}
        return
    units: dict[str | None, list[str]] = {}
    for word in sorted(set(cells.loc[cells[column].isin(words), beside[0]].astype("str"))):
        units.setdefault(unit_word(word), []).append(word)
    for unit, written in units.items():
        yield unit, {column: words} | ({beside[0]: written} if len(units) > 1 else {})


def _are_units(words: list[str]) -> bool:
    return bool(words) and all(unit_word(word) for word in words)


def _drafted(
    draft: SourceDraft, vocabulary: Vocabulary, told: Reading, chosen: dict[str, list[str]], unit: str | None
) -> SourceDraft | None:
    """Read the rows of one measure as a table of its own, of which one column holds the readings, or one each side."""
    rows = draft.sheet
    for column, words in chosen.items():
        rows = rows.keep(rows.cells[column].isin(words).to_numpy())
    part = SourceDraft(rows, "", vocabulary, draft.book, draft.ask)
    holding = {reading.side: column for column, reading in part.nameless.items()}
    if {*holding} != {"left", "right"}:
        values = _of_values(part, str(told.name))
        if values is None:
            return None
        holding = {None: values}
    # Neither these columns nor those that choose the rows say anything else.
    others = rows.cells.drop(columns=[*holding.values(), *chosen])
    part = SourceDraft(replace(rows, cells=others), "", vocabulary, draft.book, draft.ask)
    part.sheet, part.title, part.chosen = rows, told, chosen
    doubt = "each row is one reading, and these are the rows of this measure; is this right?"
    for side, column in holding.items():
        part.take(column, Reading(told.name, side=side, doubt=doubt))
        if unit is not None and units_of(str(told.name), draft.protocol):
            part.units_of_rows[column] = unit
    return part


def _of_values(part: SourceDraft, name: str) -> str | None:
    """Return the column that holds the readings: one that is called so, or else the only one of numbers."""
    measure = part.protocol.measures[name]
    in_words = measure.kind not in ("angle", "count")

    def fits(column: str) -> bool:
        words = [word for word in part.sheet.cells[column].astype("str") if word]
        numbers = sum(bool(re.fullmatch(NUMBER, word)) for word in words)
        return bool(words) and (in_words or numbers >= _MOST * len(words))

    columns = [column for column in map(str, part.sheet.cells) if column not in part.chosen and fits(column)]
    called = {" ".join(plain(column)): column for column in columns}
    named = [called[word] for word in column_words("value") if word in called]
    others = [] if in_words else [column for column in columns if column in part.unread]
    return named[0] if named else others[0] if len(others) == 1 else None
