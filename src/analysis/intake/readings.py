"""Text becomes readings: numbers within the limits of their measure, in its unit, and a likely cause where not."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

from analysis.intake.cells import Cells
from analysis.intake.number_patterns import unit_of
from analysis.intake.source_parts import IN_OTHER_UNITS, Lever
from analysis.intake.split import parts_of_cell
from analysis.intake.study_file import Source
from analysis.intake.written_units import unit_word
from analysis.protocol.attributes import Attribute
from analysis.protocol.measures import Measure
from analysis.protocol.steps import from_steps, in_steps, is_finer
from analysis.protocol.words import between

_SEVERAL = 4
# An angle from the vertical is looked for among readings beyond so much of the usual range.
_LARGE = 0.75
# Numbers that many files have for a missing reading, such as the 0 of a formula about an empty cell, and how far other
# readings are from one that is none.
_CODES, _FAR = {-99, -88, -77, -9, -8, -7, 0, 77, 88, 99}, 10
# A plain decimal number. No exponent, no thousands mark, no infinity: none is a reading of a hip.
_NUMBER = re.compile(r"[+-]?[0-9]{1,6}(\.[0-9]{1,15})?")


def read_numbers(cells: Cells, name: str, measure: Measure, source: Source) -> np.ndarray:
    """Read the distinct cells of a column as readings.

    Parameters
    ----------
    cells
        The column; unreadable cells are reported there.
    name, measure
        What is read: whether it is an angle or a count, in which steps, and what is possible and usual.
    source
        Gives the decimal mark, the declared patterns, and the unit if it is another than that of the measure.

    Returns
    -------
    numpy.ndarray
        float64, whole steps of the measure; NaN where nothing can be read.
    """
    unit = source.units.get(name, measure.unit)
    value = _decimals(cells, source, "cm" if isinstance(unit, Lever) else unit)
    if measure.kind == "count":
        broken = ~np.isnan(value) & (value % 1 != 0)
        cells.refuse("error", "not_a_whole_number", f"{measure.label} is a whole number", broken)
        return _within_limits(cells, np.where(broken, np.nan, value), measure)
    if unit == measure.unit:
        value = np.where(_finer(cells, value, name, measure, rounded=name in source.rounded), np.nan, value)
    else:
        value = _in_degrees(cells, value, unit)
    _look_for_codes(cells, value, measure)
    _look_for_the_vertical(cells, value, measure)
    whole, known = in_steps(pd.Series(value), measure.step)
    exact = np.where(known, from_steps(whole, measure.step), np.nan)
    return _within_limits(cells, exact, measure)


def read_number_of_person(cells: Cells, name: str, attribute: Attribute, source: Source) -> np.ndarray:
    """Read the distinct cells of a column as numbers of people, such as ages; in the unit of the attribute."""
    unit = str(source.units.get(name, attribute.unit))
    value = _decimals(cells, source, unit)
    # Rounding heals what multiplying leaves: 1.7 m are 170 cm, and a border of a group is a border.
    value = (value * IN_OTHER_UNITS.get((unit, attribute.unit), 1.0)).round(6)
    return _within_limits(cells, value, attribute)


def _decimals(cells: Cells, source: Source, unit: str) -> np.ndarray:
    """Read the distinct cells as decimal numbers; those that are none are refused, and missing."""
    plain = _within_patterns(cells, source, unit)
    if source.decimal == ",":
        # A point in a decimal-comma file is a thousands mark or a slip; either way it is not read.
        plain = ["" if "." in text else text.replace(",", ".") for text in plain]
    plain = [text.replace("\u2212", "-") for text in plain]  # which means nothing but minus
    value = np.array([float(text) if _NUMBER.fullmatch(text) else np.nan for text in plain], dtype="float64")
    unread = cells.known & np.isnan(value)
    several = unread.copy()
    several[unread] = [_holds_several(plain[place], source.decimal) for place in np.flatnonzero(unread)]
    hint = "several numbers in one cell; give one in the file, or say under [source.split] what each of them is"
    cells.refuse("error", "not_a_number", hint, several)
    hint = f"not a number with decimal mark {source.decimal!r}; correct it, or declare na_values, decimal or a pattern"
    cells.refuse("error", "not_a_number", hint, unread & ~several)
    return value


def _holds_several(text: str, decimal: str) -> bool:
    parts = parts_of_cell(text, decimal)
    # Of two numbers about a comma alone it may be the decimal mark.
    is_one = len(parts) == 2 and text.count(",") == 1 and not re.search(r"[^0-9,]", text)
    return len(parts) > 1 and not is_one and all(map(_NUMBER.fullmatch, parts))


def _within_patterns(cells: Cells, source: Source, unit: str) -> list[str]:
    """Take the number out of the text that a declared pattern puts around it; what is missing is empty.

    A pattern that says another unit than that of the column is of other columns.
    """
    plain = [word or "" for word in cells.words]
    for pattern in [pattern for pattern in source.number_patterns if unit_of(pattern) in (None, unit, unit_word(unit))]:
        before, after = (re.escape(part.strip()) for part in pattern.split("{}"))
        around = re.compile(rf"^{before}\s*([+-]?[0-9][0-9.,]*)\s*{after}$")
        found = [around.search(text) for text in plain]
        message = "a number within text, read by a declared pattern"
        cells.refuse("note", "read_by_pattern", message, np.array([each is not None for each in found], dtype=bool))
        plain = [text if each is None else each[1] for text, each in zip(plain, found, strict=True)]
    return plain


def _finer(cells: Cells, value: np.ndarray, name: str, measure: Measure, rounded: bool) -> np.ndarray:
    """Report readings between two steps, and return those that cannot be kept: rounding may move one over a cut-off."""
    finer = is_finer(value, measure.step)
    # Nobody reads a hundredth of a degree; the largest angle there can be is few radians.
    largest = np.radians(max(map(abs, measure.possible or (0, 90))))
    small = (np.abs(value) < largest) & (measure.unit == "degrees")
    radians = small & is_finer(value, 0.1)
    # Nor does anybody turn no hip of several by more than a degree or two: all of the column are radians then.
    if small[~np.isnan(value)].all() and (value % 1 > 0).any() and cells.filled_rows(small) >= _SEVERAL:
        radians = small & (value != 0)
    message = (
        f"{measure.label} looks like radians; if it is, declare it under [source.units]; "
        f"it is read as degrees, to the nearest {measure.step:g}"
    )
    cells.refuse("warning", "looks_like_radians", message, radians)
    if rounded:
        message = f"rounded to {measure.step:g}, the step of {measure.label}, as declared"
        cells.refuse("note", "rounded_to_step", message, finer & ~radians)
        return np.zeros(len(value), dtype=bool)
    message = (
        f"{measure.label} is read in steps of {measure.step:g}, and this lies between two; give measures.{name} a "
        f'finer step in the protocol, or declare rounded = ["{name}"] for this file'
    )
    cells.refuse("error", "finer_than_step", message, finer & ~radians)
    return finer & ~radians


def _look_for_codes(cells: Cells, value: np.ndarray, measure: Measure) -> None:
    """Warn of a number such as 99, -9 or 0 that stands in several rows, far from every other reading."""
    present = np.unique(value[cells.present & ~np.isnan(value)])
    for number in [number for number in present if number in _CODES]:
        others = present[present != number]
        # An angle of 0 is one, unless all others lie further above it than angles to the nearest ten degrees would.
        alone = np.abs(others - number).min(initial=np.inf) >= _FAR if number else others.min(initial=np.inf) > _FAR
        if len(others) and alone and cells.filled_rows(value == number) > 1:
            # Which number it is, and in how many rows, is a value; the message is told in every report.
            message = (
                f"{measure.label} has this number in several rows, and no reading is near it: is it a code for "
                "missing? Then list it in na_values"
            )
            if number == 0:  # which is an angle that stiff hips have: nobody should take it out unasked
                message = (
                    f"{measure.label} has this number in several rows, and no reading is near it. Where it was "
                    "measured it is right; where nothing was, as of a formula about an empty cell, empty the cell"
                )
            cells.refuse("warning", "looks_like_code", message, value == number)


def _look_for_the_vertical(cells: Cells, value: np.ndarray, measure: Measure) -> None:
    """Warn of a column whose readings are mostly large, where 90 less them would be usual: measured from 90 degrees."""
    if measure.usual is None or measure.unit != "degrees" or measure.kind != "angle":
        return
    low, high = measure.usual
    large = cells.present & (value > low + (high - low) * _LARGE)
    if not large.any() or not (low <= 90 - value[large].max() and 90 - value[large].min() <= high):
        return
    n_large = cells.filled_rows(large)
    if n_large >= _SEVERAL and 2 * n_large > cells.filled_rows(~np.isnan(value)):
        message = (
            f"most readings of {measure.label} lie far above what is usual, and 90 less them would be: was it measured "
            "from 90 degrees, as from the vertical? Then give 90 less each of them in the file"
        )
        cells.remark("warning", "measured_from_90", message, large)


def _in_degrees(cells: Cells, value: np.ndarray, unit: str | Lever) -> np.ndarray:
    if not isinstance(unit, Lever):
        return np.degrees(value)
    beyond = np.abs(value) > unit.lever_cm
    message = f"more centimetres than the lever of {unit.lever_cm:g} cm is long; look at lever_cm"
    cells.refuse("error", "impossible_value", message, beyond)
    return np.degrees(np.arcsin(np.where(beyond, np.nan, value) / unit.lever_cm))


def _within_limits(cells: Cells, value: np.ndarray, measure: Measure | Attribute) -> np.ndarray:
    impossible = np.zeros(len(value), dtype=bool)
    if measure.possible is not None:
        low, high = measure.possible
        impossible = (value < low) | (value > high)
        for cause, where in _by_cause(value, impossible, measure.possible):
            message = f"{measure.label} cannot lie outside {between(low, high)}; {cause}"
            cells.refuse("error", "impossible_value", message, where)
    if measure.usual is not None:
        low, high = measure.usual
        unusual = ((value < low) | (value > high)) & ~impossible
        message = f"{measure.label} is rarely outside {between(low, high)}; check the sign, the unit and the reading"
        cells.refuse("warning", "unusual_value", message, unusual)
    return np.where(impossible, np.nan, value)


def _by_cause(value: np.ndarray, where: np.ndarray, possible: tuple[float, float]) -> Iterator[tuple[str, np.ndarray]]:
    """Divide impossible readings by what may have happened to them."""
    causes: dict[str, np.ndarray] = {}
    for place in np.flatnonzero(where):
        cause = likely_cause(float(value[place]), possible)
        causes.setdefault(cause, np.zeros(len(where), dtype=bool))[place] = True
    yield from sorted(causes.items(), key=lambda item: item[0])


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
