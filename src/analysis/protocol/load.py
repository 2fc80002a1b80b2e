"""Load a protocol file, work out the steps that it leaves out, and make sure that its parts agree with each other."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from analysis.protocol.faults import protocol_faults
from analysis.protocol.model import Protocol
from analysis.protocol.steps import decimals
from analysis.protocol.tomlmodel import read_toml
from analysis.protocol.wording import with_numbers, wording_faults
from analysis.usererror import ProtocolError

_CUTS = ("strict", "lenient", "value")


@cache
def builtin() -> Protocol:
    """Return the built-in capsule protocol.

    Examples
    --------
    >>> builtin().criteria["restricted"].strict
    20
    """
    return load_protocol(Path(__file__).with_name("capsule.toml"))


def load_protocol(path: str | Path) -> Protocol:
    """Load a protocol.

    Parameters
    ----------
    path
        A TOML file in the form of ``protocol/capsule.toml``.

    Raises
    ------
    ProtocolError
        Every fault at once, one line each, with the file's name and the key.
    """
    path = Path(path)
    protocol = with_numbers(_with_steps(read_toml(path, Protocol, ProtocolError)))
    if faults := [*protocol_faults(protocol), *wording_faults(protocol)]:
        raise ProtocolError("\n".join(f"{path.name}: {fault}" for fault in faults))
    return protocol


def _with_steps(protocol: Protocol) -> Protocol:
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
