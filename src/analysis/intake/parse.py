"""Text becomes values: one column at a time, every unreadable cell named, nothing guessed.

A column has few distinct cells, so each is read once and the rows look up what became of theirs.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray

from analysis.intake.cells import Cells
from analysis.intake.problems import Problems
from analysis.intake.readings import read_number_of_person, read_numbers
from analysis.intake.sheet import Sheet
from analysis.intake.study_file import DAY_NUMBERS, Source
from analysis.protocol import Protocol
from analysis.schema import SIDES, ordered

_PLAIN_ANSWERS: dict[str, tuple[str, ...]] = {"true": ("true", "yes"), "false": ("false", "no")}


def parse_column(
    sheet: Sheet, column: str, name: str, source: Source, protocol: Protocol, problems: Problems
) -> pd.Series:
    """Read one column of text as what the schema says ``name`` is.

    Parameters
    ----------
    sheet, column
        The file's text and the column in it.
    name
        Our name for it: a key, an attribute, a condition or a measure of the protocol.
    source
        The declarations for this file: words, missing values, decimal mark, date format, units.
    protocol
        Kinds, levels and limits.
    problems
        Every cell that cannot be read is added, and is missing in the result.

    Returns
    -------
    pandas.Series
        float64 for numbers, boolean for answers, datetime64 for dates, ordered categories where there are
        levels, else categories of text.
    """
    cells = Cells(sheet, column, source.na_values, problems)
    measure = protocol.measures.get(name)
    words = dict(source.values).get(name, {})
    if measure is not None and measure.kind in ("angle", "count"):
        return cells.in_rows(read_numbers(cells, name, measure, source))
    attribute = protocol.attributes.get(name)
    if attribute is not None and attribute.kind == "number":
        return cells.in_rows(read_number_of_person(cells, name, attribute, source))
    if name == "date" or (attribute is not None and attribute.kind == "date"):
        return cells.in_rows(_dates(cells, source.date_format, source.time_zone))
    if levels := plain_words(name, protocol):
        accepted = {level: (*plain, *words.get(level, ())) for level, plain in levels.items()}
        place = _places(cells, name, accepted)
        if measure is not None and measure.kind == "answer":
            return cells.in_rows(pd.arrays.BooleanArray(place == list(levels).index("true"), place < 0))
        return cells.in_rows(pd.Categorical.from_codes(place, dtype=ordered(list(levels))))
    meaning = {word: ours for ours, theirs in words.items() for word in theirs}
    if not meaning:
        return cells.text_in_rows()
    return cells.words_in_rows([word if word is None else meaning.get(word, word) for word in cells.words])


def plain_words(name: str, protocol: Protocol) -> dict[str, tuple[str, ...]]:
    """Return the levels of a name with the words that mean each without being declared; none if it has no levels."""
    if name in protocol.measures and protocol.measures[name].kind == "answer":
        return _PLAIN_ANSWERS
    levels: tuple[str, ...] = {"side": SIDES, "timepoint": protocol.timepoints}.get(name, ())
    for group in (protocol.attributes, protocol.conditions, protocol.measures):
        if name in group:
            levels = group[name].levels
    return {level: (level,) for level in levels}


def _places(cells: Cells, name: str, accepted: dict[str, tuple[str, ...]]) -> np.ndarray:
    """Return for each distinct cell which of the levels it means, counted from 0; -1 where it is missing or none."""
    ours = {word: place for place, theirs in enumerate(accepted.values()) for word in theirs}
    folded = _in_any_case(ours)
    found = [-1 if word is None else ours.get(word, folded.get(word.casefold(), -1)) for word in cells.words]
    place = np.array(found, dtype="int64")
    listed = ", ".join(dict.fromkeys(ours))
    message = f"not a known word for {name} ({listed}); add it under [source.values.{name}]"
    cells.refuse_words("unknown_word", message, cells.known & (place < 0))
    return place


def _in_any_case(ours: dict[str, int]) -> dict[str, int]:
    """Return the words without their capitals, but for those that only capitals tell apart, such as p and P."""
    meanings: dict[str, set[int]] = {}
    for word, level in ours.items():
        meanings.setdefault(word.casefold(), set()).add(level)
    return {word: levels.pop() for word, levels in meanings.items() if len(levels) == 1}


_ENOUGH_DAYS = 3
# A day, a day with the time of a clock, or an instant: a day with a time and its offset from UTC.
ISO_DATE = r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?) ?(Z|[+-]\d{2}(?::?\d{2})?)?)?"


def _dates(cells: Cells, form: str | None, zone: str | None) -> ExtensionArray:
    text = cells.text
    value = _iso_dates(cells, zone)
    message = "not a date in the form 2024-03-02; declare date_format"
    if form is not None:
        message = f"not a date in the declared form {form}"
        declared = (
            _day_numbers(text, form) if form in DAY_NUMBERS else pd.to_datetime(text, format=form, errors="coerce")
        )
        if cells.typed:
            _swapped_days(cells, value, declared)
        # What was a date in a workbook is one; text that the two forms read differently is neither.
        both = value.notna() & declared.notna() & (value.dt.normalize() != declared.dt.normalize())
        value = (declared.fillna(value) if cells.typed else declared).mask(both)
    cells.refuse("error", "not_a_date", message, cells.known & value.isna().to_numpy())
    # A visit is a day: one later today does not lie in the future.
    return value.dt.normalize().astype("datetime64[s]").array


def _swapped_days(cells: Cells, kept: pd.Series, text: pd.Series) -> None:
    """Warn of a workbook in which a program took day and month for each other, where both can be a month."""
    of_text = text[kept.isna()].dropna()
    days = kept.dropna().dt.day
    if len(of_text) and (of_text.dt.day > 12).all() and len(days) >= _ENOUGH_DAYS and (days <= 12).all():
        message = (
            "the dates that the file keeps as such all have a day up to 12, and those that are text a later one: a "
            "program has taken day and month for each other; import the text anew"
        )
        cells.remark("warning", "days_swapped", message, kept.notna().to_numpy())


def _iso_dates(cells: Cells, zone: str | None) -> pd.Series:
    """Read dates in ISO form; of an instant the day where the clinic is, or else the day of the clock that wrote it."""
    day, time, offset = (part[1] for part in cells.text.str.extract(f"^{ISO_DATE}$").items())
    written = pd.to_datetime(day + "T" + time.fillna("00:00"), format="ISO8601", errors="coerce")
    known = offset.notna() & written.notna()
    if zone is not None:
        instants = pd.to_datetime((day + "T" + time + offset).where(known), format="ISO8601", errors="coerce", utc=True)
        return written.where(~known, instants.dt.tz_convert(zone).dt.tz_localize(None).astype(written.dtype))
    of_utc = known & offset.isin(["Z", "+00", "+0000", "+00:00", "-00:00"])
    message = (
        "instants in UTC: the day in UTC was taken, and in the evening or after midnight the clinic has another one; "
        "declare time_zone"
    )
    cells.remark("warning", "day_of_utc", message, of_utc.to_numpy())
    message = "instants with an offset from UTC; the day at that offset was taken: is it the clinic's? see time_zone"
    cells.remark("note", "day_at_offset", message, (known & ~of_utc).to_numpy())
    return written


def _day_numbers(text: pd.Series, form: str) -> pd.Series:
    """Read the day numbers of a spreadsheet; before March 1900 the calendars of programs differ."""
    number = pd.to_numeric(text.where(text.str.fullmatch(r"\d{2,6}(\.\d+)?").fillna(False).astype(bool)))
    known = number.where((number > 60) & (number < 100_000))
    return pd.to_datetime(known, unit="D", origin=DAY_NUMBERS[form])
