"""Text around a number, such as ``{}°``: which may be taken off, and which makes it another number."""

from __future__ import annotations

import re

from analysis.intake.written_units import unit_word

_SIGNED = re.compile(r"[-\u2212\u2013\u2014]\s*\{\}|\{\}\s*[-\u2212]$|^\(\s*\{\}\s*\)$")
_BOUND = re.compile(r"[<>\u2264\u2265]|\{\}\s*\+")


def is_signed(pattern: str) -> bool:
    """Whether the text around the number holds a sign, without which it is another number; some put it in brackets.

    Examples
    --------
    >>> [is_signed(pattern) for pattern in ("-{}", "\u2212 {}", "({})", "{}-", "~{}", "R-IR: {}", "{} (est.)")]
    [True, True, True, True, False, False, False]
    """
    return bool(_SIGNED.search(pattern))


def is_another_number(pattern: str) -> bool:
    """Whether what a pattern says makes the number another one: its sign, that it is a limit, or a unit.

    Examples
    --------
    >>> [is_another_number(pattern) for pattern in ("<{}", "{}+", "{} rad", "{} cm", "{} deg", "ca. {}")]
    [True, True, True, True, False, False]
    """
    return is_signed(pattern) or bool(_BOUND.search(pattern)) or unit_of(pattern) not in (None, "degrees")


def unit_of(pattern: str) -> str | None:
    """Return the unit that a pattern has around its number, where it has one."""
    return unit_word(pattern.replace("{}", ""))
