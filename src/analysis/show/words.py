"""Numbers become words: rounding, fractions, intervals, plural forms. Nothing is computed here."""

from __future__ import annotations

import datetime
import math
from collections.abc import Hashable
from typing import Any

import pandas as pd

from analysis.protocol import Protocol
from analysis.protocol.measures import Measure
from analysis.protocol.steps import decimals

NOT_ESTIMABLE = "not estimable"
WITHHELD = "withheld"
MINUS = "−"
FEWEST_DRAWN = 5  # an estimate from fewer hips fills the figure with its interval and says nothing
_ROUNDING = 1e-9
Row = dict[Hashable, Any]


def known(value: float | None) -> bool:
    """Whether there is a number."""
    return value is not None and not math.isnan(float(value))


def day_in_words(day: str) -> str:
    """Return a day as one writes it.

    Examples
    --------
    >>> day_in_words("2026-11-29")
    '29 November 2026'
    """
    date = datetime.date.fromisoformat(day)
    return f"{date.day} {date:%B %Y}"


def percent(share: float, digits: int = 0) -> str:
    """Return a share as a percentage; what is not quite 0 or 1 is never shown as if it were.

    Examples
    --------
    >>> percent(0.667), percent(0.001), percent(0.999), percent(0.0)
    ('67 %', '<1 %', '>99 %', '0 %')
    """
    if not known(share):
        return NOT_ESTIMABLE
    smallest = 10.0**-digits
    value = 100 * float(share)
    if 0 < value < smallest / 2:
        return f"<{smallest:g} %"
    if 100 - smallest / 2 < value < 100:
        return f">{100 - smallest:g} %"
    return f"{value:.{digits}f} %"


def about(share: float) -> str:
    """Return a share as one says it in a sentence.

    Examples
    --------
    >>> about(0.12), about(0.001), about(0.999)
    ('about 12 %', 'fewer than 1 %', 'more than 99 %')
    """
    text = percent(share)
    return {"<": "fewer than ", ">": "more than "}.get(text[0], "about ") + text.lstrip("<>")


def signed(value: float, digits: int = 0) -> str:
    """Return a number with its sign, a true minus, and no sign for what rounds to 0.

    Examples
    --------
    >>> signed(-3.14, 1), signed(3.0), signed(-0.04, 1)
    ('−3.1', '+3', '0.0')
    """
    text = f"{abs(value):,.{digits}f}"
    if not text.strip("0."):
        return text
    return (MINUS if value < 0 else "+") + text


def points(difference: float) -> str:
    """Return a difference of shares in percentage points.

    Examples
    --------
    >>> points(-0.01), points(0.214), points(0.0)
    ('−1 percentage point', '+21 percentage points', '0 percentage points')
    """
    text = signed(100 * difference)
    return f"{text} percentage point{'' if text[1:] == '1' else 's'}"


def number(value: float, digits: int = 0) -> str:
    """Return a number with a true minus, its thousands apart.

    Examples
    --------
    >>> number(1057), number(-3.14, 1), number(-0.04, 1)
    ('1,057', '−3.1', '0.0')
    """
    text = f"{value:,.{digits}f}"
    return text.replace("-", MINUS) if text.strip("-0.") else text.lstrip("-")


def limits(low: float, high: float, places: int = 0, null: float = 0.0) -> str:
    """Return the ends of an interval; with more digits where one would look like the null value and is not.

    Examples
    --------
    >>> limits(0.47, 30.2), limits(0.0, 30.2), limits(-0.04, 3)
    ('0.5 to 30.2', '0 to 30', '−0.04 to 3.00')
    >>> limits(0.997, 1.24, 2, null=1)
    '0.997 to 1.240'
    """
    for digits in range(places, places + 3):
        apart = (end for end in (low, high) if abs(end - null) > _ROUNDING)
        if all(number(end, digits) != number(null, digits) for end in apart):
            break
    return f"{number(low, digits)} to {number(high, digits)}"


def points_limits(row: Row, name: str) -> str:
    """Return the ends of an interval of a difference of shares in percentage points, from the columns so named."""
    return limits(100 * row[f"{name}_low"], 100 * row[f"{name}_high"])


def interval(low: float, high: float, null: float = math.nan) -> str:
    """Return two shares as a range of percentages, without the sign.

    Examples
    --------
    >>> interval(0.44, 0.84), interval(0.104, 0.84, null=0.1)
    ('44–84', '10.4–84.0')
    """
    return limits(100 * low, 100 * high, null=100 * null).replace(" to ", "–")


def rate_text(responders: int, evaluable: int, rate: float, low: float, high: float, excluded: float = math.nan) -> str:
    """Return a rate with all that belongs to it; no limit reads like a share that the interval excludes.

    Examples
    --------
    >>> rate_text(12, 18, 12 / 18, .44, .84)
    '12/18 (67 %; 95 % CI 44–84)'
    >>> rate_text(2, 96, 2 / 96, 0.005, 0.083, excluded=0.001)
    '2/96 (2 %; 95 % CI 0.5–8.3)'
    >>> rate_text(0, 0, float("nan"), float("nan"), float("nan"))
    '0/0'
    """
    if not known(rate):
        return f"{responders:,}/{evaluable:,}"
    return f"{responders:,}/{evaluable:,} ({percent(rate)}; 95 % CI {interval(low, high, excluded)})"


def count(n: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> count(1, "hip"), count(0, "hip"), count(2, "person", "people"), count(1234, "hip")
    ('1 hip', '0 hips', '2 people', '1,234 hips')
    """
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"


def listed(parts: list[str]) -> str:
    """Join with commas and "and".

    Examples
    --------
    >>> listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])
    ('a', 'a and b', 'a, b and c')
    """
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def stand_out(periods: list[str], of: int) -> str:
    """Say which of so many periods stand out; that none or all do where so it is.

    Examples
    --------
    >>> stand_out(["2025Q1"], 8), stand_out(["2025Q1", "2025Q2"], 8), stand_out(["2025Q1", "2025Q2"], 2)
    ('2025Q1 stands out', '2025Q1 and 2025Q2 stand out', 'all 2 periods stand out')
    """
    if len(periods) == of > 1:
        return f"all {of} periods stand out"
    return f"{listed(periods) or 'no period'} stand{'s' if len(periods) < 2 else ''} out"


def sentence_start(text: str) -> str:
    """Return text with a capital first letter."""
    return text[:1].upper() + text[1:]


def value_text(value: object, measure: Measure) -> str:
    """Return a measured value as it is read aloud, or ``not recorded``."""
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return "not recorded"
    if measure.kind == "answer":
        return "yes" if value else "no"
    if measure.kind == "level":
        return str(value)
    text = number(float(value), decimals(measure.step))  # type: ignore[arg-type]
    whole, _, fraction = text.partition(".")
    return (text if fraction.strip("0") else whole) + measure.unit_sign


def in_unit(measure: Measure) -> str:
    """Return the unit as a word, for a sentence about sizes: in degrees, in cm."""
    return f"in {measure.unit}" if measure.unit else "in size"


def digits(measure: Measure) -> int:
    """Return how many decimals a mean of readings has: those of a reading, and one at least."""
    return max(1, decimals(measure.step))


def size(value: float, measure: Measure) -> str:
    """Return a mean, an error or the like with its unit."""
    return number(value, digits(measure)) + measure.unit_sign


def amount(value: float, measure: Measure) -> str:
    """Return what a rule asks for, or an error beside it, with its unit; a whole number without decimals."""
    whole, _, fraction = number(value, digits(measure)).partition(".")
    return (f"{whole}.{fraction}" if fraction.strip("0") else whole) + measure.unit_sign


def change(value: float, measure: Measure) -> str:
    """Return a change or difference with its sign and unit."""
    return signed(value, digits(measure)) + measure.unit_sign


def from_to(low: float, high: float, measure: Measure) -> str:
    """Return the ends of an interval, without the unit that stands before it."""
    return limits(low, high, digits(measure))


def scale(protocol: Protocol) -> str:
    """Return what a measure on a scale is called: an angle, where all are in degrees."""
    units = {measure.unit for measure in protocol.measures.values() if measure.kind == "angle"}
    return "angle" if units <= {"degrees"} else "measure"


def a_scale(protocol: Protocol) -> str:
    """Return the same with its article."""
    return "an angle" if scale(protocol) == "angle" else "a measure"


_LEVELS = {
    "not_restricted": "not restricted",
    "not_evaluable": "not evaluable",
    "two_of_three": "two of three",
}


def level(name: object) -> str:
    """Return the level of a category as a reader meets it."""
    return _LEVELS.get(str(name), str(name))


def p_text(p: float) -> str:
    """Return a p value; never 0.

    Examples
    --------
    >>> p_text(0.0391), p_text(0.00001)
    ('.039', '<.001')
    """
    if not known(p):
        return "–"
    return "<.001" if p < 0.001 else f"{p:.3f}".removeprefix("0") if p < 0.9995 else "1"


def p_equation(p: float) -> str:
    """Return a known p value as it stands in a sentence.

    Examples
    --------
    >>> p_equation(0.0391), p_equation(0.00001)
    ('p = .039', 'p < .001')
    """
    text = p_text(p)
    return f"p < {text[1:]}" if text.startswith("<") else f"p = {text}"
