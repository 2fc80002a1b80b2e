"""Units as files write them: in a row above the cells, or in the name of a column, as in ``Height (in)``."""

from __future__ import annotations

import re

from analysis.intake.source_parts import IN_OTHER_UNITS
from analysis.protocol import Protocol

_WORDS = {
    "degrees": "degrees degree deg ° grad grados graus gradi graden degrés",
    "radians": "radians radian rad",
    "%": "%",
    "mm": "mm",
    "cm": "cm centimeter centimeters centimetre centimetres zentimeter",
    "m": "m meter meters metre metres",
    "inches": "inches inch in in_i zoll",
    "feet": "feet foot ft ft_i",
    "kg": "kg kilogram kilograms kilogramm",
    "g": "g gram grams",
    "pounds": "pounds pound lb lbs lb_av",
    "stone": "stone",
    "days": "days day tage jours días dias giorni dagen",
    "weeks": "weeks week wks wk wochen semaines semanas settimane weken",
    "months": "months month mths mo monate monaten mois meses mesi maanden",
    "years": "years year yrs yr jahre jahren ans años anos anni jaar jaren",
}
_MEANING = {word: unit for unit, words in _WORDS.items() for word in words.split()}
# What may stand above a column beside its own unit: "m" above an angle is no metre.
_LENGTHS, TIMES = {"mm", "cm", "m", "inches", "feet"}, {"days", "weeks", "months", "years"}
_KINDS = {
    "degrees": {"degrees", "radians", "%", "mm", "cm"},
    "cm": _LENGTHS,
    "kg": {"kg", "g", "pounds", "stone"},
    "months": TIMES,
    "years": TIMES,
}
_IN_BRACKETS = re.compile(r"\s*[(\[]\s*([^()\[\]]+?)\s*[)\]]")
_AT_THE_END = re.compile(r"(?<=[^\W\d_]|[)\]])[ _,/]+([^\W\d_]{2,}|m)\s*$")


def unit_word(text: str) -> str | None:
    """Return the unit that a cell above a column says; None where it says none.

    Examples
    --------
    >>> [unit_word(text) for text in ("[deg]", "Rad.", "in cm", "[in_i]", "left")]
    ['degrees', 'radians', 'cm', 'inches', None]
    """
    return _MEANING.get(text.strip("[]() .").casefold().removeprefix("in "))


def unit_in(header: str, ours: str) -> str | None:
    """Return the unit of the kind of ours that the name of a column ends with, or has in brackets.

    Examples
    --------
    >>> unit_in("Height (in)", "cm"), unit_in("Height_in", "cm"), unit_in("slr_rad", "degrees")
    ('inches', 'inches', 'radians')
    >>> unit_in("IR (m)", "degrees"), unit_in("hip_rot_in", "degrees"), unit_in("Age", "years")
    (None, None, None)
    >>> unit_in("Complaints at 6 weeks", "months"), unit_in("Complaints, weeks", "months")
    (None, 'weeks')
    """
    words = [*_IN_BRACKETS.findall(header), *_AT_THE_END.findall(header)]
    units = {unit for word in words if (unit := unit_word(word)) in _KINDS.get(ours, ())}
    return units.pop() if len(units) == 1 else None


def without_unit(header: str) -> str:
    """Return the name of a column without a unit in brackets.

    Examples
    --------
    >>> without_unit("IR left (rad)"), without_unit("IR (left)")
    ('IR left', 'IR (left)')
    """
    return _IN_BRACKETS.sub(lambda found: found[0] if unit_word(found[1]) is None else "", header).strip()


def units_of(name: str, protocol: Protocol) -> list[str]:
    """Return the units in which a file may hold a measure or a number of a person, ours first; or none."""
    if name in protocol.measures:
        return ["degrees", "radians", "lever"] if protocol.measures[name].unit == "degrees" else []
    ours = protocol.attributes[name].unit if name in protocol.attributes else ""
    return [ours, *(theirs for theirs, into in IN_OTHER_UNITS if into == ours)] if ours else []
