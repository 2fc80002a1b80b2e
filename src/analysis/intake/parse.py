"""Text becomes values: one column at a time, every unreadable cell named, nothing guessed."""

from __future__ import annotations

import pandas as pd

from analysis.intake.problems import Problems
from analysis.intake.readers import Sheet
from analysis.intake.study_file import Source
from analysis.protocol import Protocol
from analysis.protocol.model import Measure
from analysis.schema import SIDES

# A plain decimal number. No exponent, no thousands mark, no infinity: none is a reading of a hip.
_NUMBER = r"[+-]?\d{1,6}(\.\d{1,6})?"
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
        The declarations for this file: words, missing values, decimal mark, date format.
    protocol
        Kinds, levels and limits.
    problems
        Every cell that cannot be read is added, and is missing in the result.

    Returns
    -------
    pandas.Series
        float64 for numbers, object of True / False / NA for answers, datetime64 for dates, else str.
    """
    text = sheet.cells[column]
    text = text.mask(text.isin(["", *source.na_values]))
    reader = _Reader(sheet, column, name, problems)
    measure = protocol.measures.get(name)
    words = dict(source.values).get(name, {})
    if measure is not None and measure.kind in ("angle", "count"):
        return reader.numbers(text, measure, source.decimal)
    if name == "date":
        return reader.dates(text, source.date_format)
    if levels := plain_words(name, protocol):
        value = reader.words(text, {level: (*plain, *words.get(level, ())) for level, plain in levels.items()})
        is_answer = measure is not None and measure.kind == "answer"
        return value.map({"true": True, "false": False}).astype("boolean") if is_answer else value
    return text.replace({word: ours for ours, theirs in words.items() for word in theirs})


def plain_words(name: str, protocol: Protocol) -> dict[str, tuple[str, ...]]:
    """Return the levels of a name with the words that mean each without being declared; none if it has no levels."""
    if name in protocol.measures and protocol.measures[name].kind == "answer":
        return _PLAIN_ANSWERS
    levels: tuple[str, ...] = {"side": SIDES, "timepoint": protocol.timepoints}.get(name, ())
    for group in (protocol.attributes, protocol.conditions, protocol.measures):
        if name in group:
            levels = group[name].levels
    return {level: (level,) for level in levels}


class _Reader:
    """The place in the file that faults are reported against."""

    def __init__(self, sheet: Sheet, column: str, name: str, problems: Problems) -> None:
        self.sheet, self.column, self.name, self.problems = sheet, column, name, problems

    def refuse(self, severity: str, rule: str, message: str, text: pd.Series, where: pd.Series) -> None:
        hits = where.fillna(False).astype(bool)
        self.problems.add_rows(
            severity,
            rule,
            message,
            file=self.sheet.file,
            rows=self.sheet.rows[hits],
            column=self.column,
            values=text[hits],
        )

    def numbers(self, text: pd.Series, measure: Measure, decimal: str) -> pd.Series:
        plain = text.str.replace(",", ".", regex=False) if decimal == "," else text
        # A point in a decimal-comma file is a thousands mark or a slip; either way it is not read.
        readable = plain.str.fullmatch(_NUMBER) & ~(text.str.contains(".", regex=False) & (decimal == ","))
        unreadable = text.notna() & ~readable.fillna(False).astype(bool)
        hint = f"not a number with decimal mark {decimal!r}; correct it, or declare na_values or decimal"
        self.refuse("error", "not_a_number", hint, text, unreadable)
        value = plain.mask(unreadable).astype("float64")
        if measure.kind == "count":
            broken = value.notna() & (value % 1 != 0)
            self.refuse("error", "not_a_whole_number", f"{measure.label} is a whole number", text, broken)
            value = value.mask(broken)
        else:
            finer = value.notna() & (value.sub(value.round(1)).abs() > 1e-9)
            self.refuse("note", "finer_than_a_tenth", "kept to the nearest tenth of a degree", text, finer)
            value = value.round(1) + 0.0  # -0 becomes 0
        return self._within_limits(text, value, measure)

    def _within_limits(self, text: pd.Series, value: pd.Series, measure: Measure) -> pd.Series:
        impossible = pd.Series(False, index=value.index)
        if measure.possible is not None:
            low, high = measure.possible
            impossible = value.notna() & ~value.between(low, high)
            message = f"{measure.label} cannot lie outside {low:g} to {high:g}; look for a typing slip or a wrong unit"
            self.refuse("error", "impossible_value", message, text, impossible)
        if measure.usual is not None:
            low, high = measure.usual
            unusual = value.notna() & ~impossible & ~value.between(low, high)
            message = f"{measure.label} is rarely outside {low:g} to {high:g}; check the sign, the unit and the reading"
            self.refuse("warning", "unusual_value", message, text, unusual)
        return value.mask(impossible)

    def words(self, text: pd.Series, accepted: dict[str, tuple[str, ...]]) -> pd.Series:
        ours = {word: level for level, theirs in accepted.items() for word in theirs}
        value = text.map(ours)
        listed = ", ".join(dict.fromkeys(ours))
        message = f"not a known word for {self.name} ({listed}); add it under [source.values.{self.name}]"
        self.refuse("error", "unknown_word", message, text, text.notna() & value.isna())
        return value.astype("str")

    def dates(self, text: pd.Series, date_format: str | None) -> pd.Series:
        iso = text.str.fullmatch(r"\d{4}-\d{2}-\d{2}").fillna(False).astype(bool)
        value = pd.to_datetime(text.where(iso), format="%Y-%m-%d", errors="coerce")
        message = "not a date in the form 2024-03-02; declare date_format"
        if date_format is not None:
            value = pd.to_datetime(text, format=date_format, errors="coerce")
            message = f"not a date in the declared form {date_format}"
        self.refuse("error", "not_a_date", message, text, text.notna() & value.isna())
        # A visit is a day: one later today does not lie in the future.
        return value.dt.normalize().astype("datetime64[s]")
