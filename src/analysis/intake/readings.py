"""Text becomes readings: numbers within the limits of their measure, in its unit, and a likely cause where not."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

from analysis.intake.cells import Cells
from analysis.intake.study_file import Lever, Source
from analysis.protocol.measures import Measure

# A plain decimal number. No exponent, no thousands mark, no infinity: none is a reading of a hip.
_NUMBER = r"[+-]?[0-9]{1,6}(\.[0-9]{1,15})?"


def read_numbers(cells: Cells, measure: Measure, source: Source, unit: str | Lever) -> pd.Series:
    """Read the distinct cells of a column as readings.

    Parameters
    ----------
    cells
        The column; unreadable cells are reported there.
    measure
        Says whether it is an angle or a count, and what is possible and usual.
    source
        Gives the decimal mark and the declared patterns.
    unit
        What an angle is written in.

    Returns
    -------
    pandas.Series
        float64, degrees to the tenth for an angle; missing where nothing can be read.
    """
    plain = _within_patterns(cells, source)
    if source.decimal == ",":
        # A point in a decimal-comma file is a thousands mark or a slip; either way it is not read.
        plain = plain.mask(plain.str.contains(".", regex=False)).str.replace(",", ".", regex=False)
    value = plain.where(plain.str.fullmatch(_NUMBER).fillna(False).astype(bool)).astype("float64")
    hint = f"not a number with decimal mark {source.decimal!r}; correct it, or declare na_values, decimal or a pattern"
    cells.refuse("error", "not_a_number", hint, cells.text.notna() & value.isna())
    if measure.kind == "count":
        broken = value.notna() & (value % 1 != 0)
        cells.refuse("error", "not_a_whole_number", f"{measure.label} is a whole number", broken)
        return _within_limits(cells, value.mask(broken), measure)
    if unit == "degrees":
        _note_fine_readings(cells, value, measure)
    else:
        value = _in_degrees(cells, value, unit)
    return _within_limits(cells, value.round(1) + 0.0, measure)  # -0 becomes 0


def _within_patterns(cells: Cells, source: Source) -> pd.Series:
    """Take the number out of the text that a declared pattern puts around it."""
    plain = cells.text
    for pattern in source.number_patterns:
        before, after = (re.escape(part.strip()) for part in pattern.split("{}"))
        found = plain.str.extract(rf"^{before}\s*([+-]?[0-9][0-9.,]*)\s*{after}$", expand=False)
        message = "a number within text, read by a declared pattern"
        cells.refuse("note", "read_by_pattern", message, found.notna())
        plain = plain.where(found.isna(), found)
    return plain


def _note_fine_readings(cells: Cells, value: pd.Series, measure: Measure) -> None:
    finer = value.notna() & ((value - value.round(1)).abs() > 1e-9)
    # Nobody reads a hundredth of a degree; a whole circle is 6.28 radians.
    radians = finer & (value.abs() < math.pi / 2) & (measure.unit == "degrees")
    message = f"{measure.label} looks like radians; if it is, declare it under [source.units]"
    cells.refuse("warning", "looks_like_radians", message, radians)
    cells.refuse("note", "finer_than_a_tenth", "kept to the nearest tenth of a degree", finer & ~radians)


def _in_degrees(cells: Cells, value: pd.Series, unit: str | Lever) -> pd.Series:
    if not isinstance(unit, Lever):
        return np.degrees(value)
    beyond = value.abs() > unit.lever_cm
    message = f"more centimetres than the lever of {unit.lever_cm:g} cm is long; look at lever_cm"
    cells.refuse("error", "impossible_value", message, beyond)
    return np.degrees(np.arcsin(value.mask(beyond) / unit.lever_cm))


def _within_limits(cells: Cells, value: pd.Series, measure: Measure) -> pd.Series:
    impossible = pd.Series(False, index=value.index)
    if measure.possible is not None:
        impossible = value.notna() & ~value.between(*measure.possible)
        low, high = measure.possible
        for cause, where in _by_cause(value, impossible, measure.possible):
            message = f"{measure.label} cannot lie outside {low:g} to {high:g}; {cause}"
            cells.refuse("error", "impossible_value", message, where)
    if measure.usual is not None:
        low, high = measure.usual
        unusual = value.notna() & ~impossible & ~value.between(low, high)
        message = f"{measure.label} is rarely outside {low:g} to {high:g}; check the sign, the unit and the reading"
        cells.refuse("warning", "unusual_value", message, unusual)
    return value.mask(impossible)


def _by_cause(value: pd.Series, where: pd.Series, possible: tuple[float, float]) -> Iterator[tuple[str, pd.Series]]:
    """Divide impossible readings by what may have happened to them."""
    causes = pd.Series({index: likely_cause(value[index], possible) for index in where.index[where]}, dtype="object")
    for cause in sorted(set(causes)):
        yield cause, where & (causes.reindex(where.index) == cause)


def likely_cause(value: float, possible: tuple[float, float]) -> str:
    """Say which slip of typing would make this of a possible reading.

    Examples
    --------
    >>> likely_cause(213, (0, 150)), likely_cause(-60, (0, 150)), likely_cause(999, (0, 150))
    ('perhaps two digits are swapped', 'perhaps the sign is wrong', 'perhaps a code for missing: see na_values')
    >>> likely_cause(213, (-45, 90))
    'perhaps a digit too many, or no decimal mark'
    """
    low, high = possible
    digits = f"{abs(value):g}"
    if set(digits) == {"9"}:
        return "perhaps a code for missing: see na_values"
    if low <= -value <= high and value < 0:
        return "perhaps the sign is wrong"
    swaps = [digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :] for i in range(len(digits) - 1)]
    shorter = [digits[:i] + digits[i + 1 :] for i in range(len(digits))]
    for cause, others in (
        ("perhaps two digits are swapped", swaps),
        ("perhaps a digit too many, or no decimal mark", shorter),
    ):
        if digits.isdecimal() and any(other[:1] > "0" and low <= int(other) <= high for other in others):
            return cause
    return "look for a typing slip or a wrong unit"
