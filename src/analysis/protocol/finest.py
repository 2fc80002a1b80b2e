"""The step of a measure that declares none: no cut-off of its rules may lie between two readings."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.protocol.model import Protocol
from analysis.protocol.steps import decimals

_CUTS = ("strict", "lenient", "value")


def with_steps(protocol: Protocol) -> Protocol:
    """Give each measure without a declared ``step`` that of its finest cut-off, where this is finer than the usual one.

    A rule such as "a gain of 0.15 Nm/kg or more" is about readings in hundredths.
    """
    places: dict[str, int] = {}
    for name, cut in _cuts(protocol.model_dump()):
        places[name] = max(places.get(name, 0), decimals(abs(cut)) if cut else 0)
    measures = dict(protocol.measures)
    for name, measure in protocol.measures.items():
        finest = 10.0 ** -places.get(name, 0)
        if measure.kind == "angle" and "step" not in measure.model_fields_set and finest < measure.step:
            measures[name] = measure.model_copy(update={"step": float(f"{finest:g}")})
    return protocol.model_copy(update={"measures": measures})


def _cuts(part: object, measure: str | None = None) -> Iterator[tuple[str, float]]:
    """Yield each number with which a measure is compared, anywhere in the rules."""
    if isinstance(part, dict):
        own = part.get("measure", measure)
        for key, value in part.items():
            if key not in _CUTS:
                yield from _cuts(value, own)
            elif isinstance(own, str) and isinstance(value, int | float) and not isinstance(value, bool):
                yield own, float(value)
    elif isinstance(part, list | tuple):
        for item in part:
            yield from _cuts(item, measure)
