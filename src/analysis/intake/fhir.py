"""FHIR R4 and R5: Observations, one in a line, become a row for each person, side and moment."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from analysis.intake.problems import Problems
from analysis.intake.sheet import Sheet, cell_text, text_column
from analysis.intake.study_file import Source
from analysis.schema import SIDES

_SNOMED = ("http://snomed.info/sct", "https://snomed.info/sct", "urn:oid:2.16.840.1.113883.6.96")
_UCUM = "http://unitsofmeasure.org"
# SNOMED CT: Left, Right; Left hip region structure, Right hip region structure.
_SIDE_OF = {"7771000": "left", "24028007": "right", "287679003": "left", "287579007": "right"}
# Left hip and Right hip themselves, Hip region structure, Hip joint structure.
_OF_HIPS = {"287679003", "287579007", "29836001", "24136001"}
_LATERALITY = re.compile(r"272741003\s*(?:\|[^|]*\|)?\s*=\s*(\d+)")  # its attribute within a composed expression
# http://hl7.org/fhir/ValueSet/observation-status, of R4 and R5; the last two say that there is no reading.
_STATUSES = ("registered", "preliminary", "final", "amended", "corrected", "unknown", "entered-in-error", "cancelled")
_NO_READING = _STATUSES[-2:]
# Units under which a number is left as it is; how they are written above a column is known where columns are checked.
_UNITS = {"deg": "degrees", "rad": "radians", "cm": "cm", "kg": "kg", "mm": "mm", "%": "%", "1": ""}
_TIMES = ("effectiveDateTime", "effectiveInstant")
_KEYS = ("subject", "side", "bodySite", "effective", "encounter", "encounter_display", "device", "method")


class _Fault(ValueError):
    """What is wrong with an Observation, in words."""


def read_fhir(resources: Sequence[Any], source: Source, problems: Problems) -> Sheet | None:
    """Read Observations, one a line; ``None`` when there are none.

    Each code, of an Observation or of one of its components, is a column; readings of one subject, side and moment, or
    of one encounter and day, taken with one device and method, stand in one row. Where codes of SNOMED CT do not tell
    the side, ``bodySite`` has the words; where they tell the side of another part of the body than the hip, its code.
    Numbers keep the digits that are written. Observations that were entered in error, and
    other resources, are left out and counted.
    """
    rows: dict[tuple, list[dict[str, str]]] = {}
    lines: list[tuple[int, dict[str, str]]] = []
    left_out: dict[str, list[int]] = {}
    servers: dict[str, tuple[str, int]] = {}
    for line, resource in enumerate(resources, start=1):
        try:
            if why := _why_not(resource):
                left_out.setdefault(why, []).append(line)
                continue
            keys, values = _keys(resource), dict(_values(resource))
            _check_server(_part(resource, "subject"), line, servers)
        except (_Fault, AttributeError, TypeError, ArithmeticError) as fault:
            message = str(fault) if isinstance(fault, _Fault) else "not as FHIR R4 and R5 write an Observation"
            problems.add("error", "observation_unread", message, file=source.file, row=line)
            continue
        same = rows.setdefault(_of_a_row(keys), [])
        # A second reading of the same is a row of its own, and not lost.
        row = next((row for row in same if not values.keys() & row.keys()), None)
        if row is None:
            row = dict(keys)
            same.append(row)
            lines.append((line, row))
        row |= values
    _note_left_out(left_out, source, problems)
    if not lines:
        problems.add("error", "file_empty", "no Observation with a reading in the file", file=source.file)
        return None
    if "bodySite" not in source.where:
        _check_sites(lines, source, problems)
    return _sheet(lines, dict(_labels(resources)), source)


def _note_left_out(lines: dict[str, list[int]], source: Source, problems: Problems) -> None:
    for why, which in lines.items():
        message = f"{why}; left out"
        count = f"{len(which)} line{'s' if len(which) > 1 else ''}"
        problems.add("note", "observations_left_out", message, file=source.file, row=which[0], value=count)


def _of_a_row(keys: dict[str, str]) -> tuple[str, ...]:
    """Return what readings of one row have in common: each reading of an encounter may have a second of its own."""
    day = keys["effective"][:10] if keys["encounter"] else keys["effective"]
    return tuple((keys | {"effective": day}).values())


def _check_server(subject: dict[str, Any], line: int, servers: dict[str, tuple[str, int]]) -> None:
    """Refuse a subject who only reads like one of another server."""
    text = str(subject.get("reference", ""))
    if text.startswith("#"):
        raise _Fault(
            "subject is contained in the line itself, so that nobody knows whether another line means the same"
        )
    server = text.rsplit("/", 2)[0] if text.startswith(("http://", "https://")) else ""
    known, first = servers.setdefault(_reference(subject), (server, line))
    if known != server:
        same = f"subject has the identifier of line {first}, but on another server"
        raise _Fault(f"{same}; ask for identifiers that are unique, or make a study of each server")


def _check_sites(lines: list[tuple[int, dict[str, str]]], source: Source, problems: Problems) -> None:
    """Warn where sides are those of several parts of the body."""
    sites = Counter(row["bodySite"] or "hip" for _, row in lines if row["side"])
    if len(sites) > 1:
        counts = ", ".join(f"{site}: {count}" for site, count in sites.most_common())
        first = next(line for line, row in lines if row["side"] and row["bodySite"])
        choose = 'choose by [source.where], as in bodySite = [""] for hips'
        message = f"rows are of several parts of the body ({counts}); {choose}"
        problems.add("warning", "several_sites", message, file=source.file, row=first, column="bodySite")


def _sheet(lines: list[tuple[int, dict[str, str]]], labels: dict[str, str], source: Source) -> Sheet:
    names = dict.fromkeys([*_KEYS, *(name for _, row in lines for name in row)])
    columns, units = {}, {}
    for name in names:
        cells = [row.get(name, "") for _, row in lines]
        measured = Counter(cell.unit for cell in cells if isinstance(cell, _Quantity) and cell.unit in _UNITS)
        if measured:  # a number in another unit than most keeps it, and is no number where the column is read
            unit, _ = measured.most_common(1)[0]
            units[name] = _UNITS[unit]
            cells = [c.number(source.decimal) if isinstance(c, _Quantity) and c.unit == unit else c for c in cells]
        if any(cells):
            columns[name] = text_column(list(map(str, cells)))
    rows = pd.Series([line for line, _ in lines], dtype="int64")
    return Sheet(source.file, pd.DataFrame(columns), rows, units=units, labels=labels)


def _labels(resources: Sequence[Any]) -> Iterator[tuple[str, str]]:
    """Give what each code is called."""
    for resource in resources:
        for part in (resource, *resource.get("component", ())) if isinstance(resource, dict) else ():
            code = part.get("code") if isinstance(part, dict) else None
            if isinstance(code, dict) and _codings(code):
                yield str(_codings(code)[0].get("code", "")), _called(code)


class _Quantity(str):
    """A number with its unit; as text both, so that a unit which nothing knows is no number."""

    value: Decimal
    unit: str

    def __new__(cls, value: Decimal, unit: str) -> _Quantity:
        quantity = super().__new__(cls, f"{cell_text(value)} {unit}")
        quantity.value, quantity.unit = value, unit
        return quantity

    def number(self, decimal: str) -> str:
        return cell_text(self.value, decimal)


def _why_not(resource: Any) -> str | None:
    """Say why a line holds no reading; None where it does."""
    kind = resource.get("resourceType") if isinstance(resource, dict) else None
    if not isinstance(kind, str):
        raise _Fault("no FHIR resource; write one resource in each line (NDJSON)")
    if kind == "Bundle":
        raise _Fault("a Bundle is one page of a search; export the Observations as NDJSON ($export)")
    if kind != "Observation":
        return f"a resource of another kind ({kind})"
    status = resource.get("status")
    if status not in _STATUSES:
        raise _Fault(f"status is {status!r}, which no Observation has; it can be {', '.join(_STATUSES)}")
    if resource.get("modifierExtension"):
        raise _Fault("a modifierExtension changes what it means; ask who exports it to leave out such Observations")
    return f"an Observation that is {status}" if status in _NO_READING else None


def _keys(resource: dict[str, Any]) -> dict[str, str]:
    encounter = _part(resource, "encounter")
    times = [str(resource[name]) for name in _TIMES if name in resource]
    return {
        "subject": _reference(_part(resource, "subject")),
        "side": (side := _side(_part(resource, "bodySite"))),
        "bodySite": (_other_site if side else _called)(_part(resource, "bodySite")),
        "effective": times[0] if times else str(_part(resource, "effectivePeriod").get("start", "")),
        "encounter": _reference(encounter),
        "encounter_display": str(encounter.get("display", "")),
        "device": str(_part(resource, "device").get("display", "")),
        "method": _called(_part(resource, "method")),
    }


def _part(resource: dict[str, Any], name: str) -> dict[str, Any]:
    part = resource.get(name, {})
    if not isinstance(part, dict):
        raise _Fault(f"{name} is not as FHIR R4 and R5 write it")
    return part


def _codings(concept: dict[str, Any]) -> list[dict[str, Any]]:
    return [coding for coding in concept.get("coding", []) if isinstance(coding, dict)]


def _called(concept: dict[str, Any]) -> str:
    """Return what a concept is called: its text, or the code or the words of its first coding."""
    first = next(iter(_codings(concept)), {})
    return str(concept.get("text") or first.get("display") or first.get("code") or "")


def _reference(part: dict[str, Any]) -> str:
    """Return the identifier behind a reference, without the kind of resource and the version."""
    text = str(part.get("reference") or part.get("identifier", {}).get("value", ""))
    return re.sub(r"/_history/.*$", "", text).rsplit("/", 1)[-1].removeprefix("urn:uuid:")


def _snomed(site: dict[str, Any]) -> list[str]:
    return [str(coding.get("code", "")) for coding in _codings(site) if coding.get("system") in _SNOMED]


def _other_site(site: dict[str, Any]) -> str:
    """Return the code of SNOMED CT for a part of the body that is no hip."""
    parts = [match[0] for code in _snomed(site) if (match := re.match(r"\d+", code))]
    return next((part for part in parts if part not in _OF_HIPS and part not in _SIDE_OF), "")


def _side(site: dict[str, Any]) -> str:
    """Return the side that the codes of SNOMED CT tell, alone or composed; none where they tell none or both."""
    codes = _snomed(site)
    told = {_SIDE_OF[part] for code in codes for part in (code, *_LATERALITY.findall(code)) if part in _SIDE_OF}
    return min(told) if len(told) == 1 and told <= set(SIDES) else ""


def _values(resource: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Give the reading of an Observation and those of its components, each under its code."""
    found: set[str] = set()
    for part in (resource, *resource.get("component", [])):
        if not isinstance(part, dict):
            raise _Fault("component is not as FHIR R4 and R5 write it")
        kinds = [key for key in part if re.match("value[A-Z]", key)]
        if not kinds:  # nothing was measured, or the components tell it
            continue
        first = next(iter(_codings(_part(part, "code"))), {})
        name = str(first.get("code") or _part(part, "code").get("text") or "")
        if not name or name in (*_KEYS, *found) or len(kinds) > 1:
            raise _Fault("a reading without a code of its own, so that nobody knows what was measured")
        found.add(name)
        yield name, _value(part[kinds[0]], kinds[0])


def _value(value: Any, kind: str) -> str:
    if kind == "valueQuantity" and isinstance(value, dict):
        number, comparator = value.get("value"), str(value.get("comparator", ""))
        if number is None:
            return ""
        if isinstance(number, bool) or not isinstance(number, int | float | Decimal):
            raise _Fault("the value of a quantity is no number")
        coded = value.get("system") == _UCUM
        unit = str(value.get("code", "") if coded else value.get("unit", "") or "")
        unit = "1" if not unit or re.fullmatch(r"\{[^{}]*\}", unit) else unit if coded else f"[{unit}]"
        exact = Decimal(str(number))
        return f"{comparator}{cell_text(exact)} {unit}" if comparator else _Quantity(_without_zeros(exact), unit)
    if kind == "valueCodeableConcept" and isinstance(value, dict):
        return _called(value)
    if isinstance(value, str | bool | int | float | Decimal):
        return cell_text(value)
    return f"({kind.removeprefix('value')})"  # such as a curve; an error where a column of it is used


def _without_zeros(number: Decimal) -> Decimal:
    """Return 12.3 for 12.30, exactly."""
    whole = number.to_integral_value()
    return whole if number == whole else number.normalize()
