"""The protocol with some of its open decisions taken otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from typing import Any

from pydantic import ValidationError

from analysis.protocol.model import Alternative, Option, Protocol

# What an option may replace. A change to a measure would reach into several steps at once; that is compared by
# writing a second protocol. A responder rule that is replaced judges who responds; whether drills had changed
# nothing, for the indication, is still judged by the protocol's own.
CLASS_PARTS, RESPONSE_PARTS = ("criteria", "types"), ("responses", "primary_response")
STEPS = {
    **dict.fromkeys(CLASS_PARTS, "class"),
    "indication": "indication",
    **dict.fromkeys(RESPONSE_PARTS, "response"),
}

_NOT_STRICT = {"lenient", "lenient_already", "label", "negation", "prose", "source"}


def step_of(alternative: Alternative) -> str:
    """Return which step of the analysis a decision is about: class, indication, response or population."""
    return _steps(alternative)[0]


def _steps(alternative: Alternative) -> list[str]:
    found: dict[str, None] = {}
    for option in alternative.options:
        found |= {STEPS.get(part, part): None for part in option.replace}
        found |= {"response": None} if option.reading else {}
        found |= {"population": None} if option.only_indicated is not None else {}
    return list(found)


def with_options(protocol: Protocol, options: Iterable[Option]) -> Protocol:
    """Return the protocol with the parts that options replace.

    Parameters
    ----------
    protocol
        The protocol as it stands.
    options
        One option of each decision that is taken; parts that none of them names stay.

    Returns
    -------
    Protocol
        A protocol without alternatives of its own.

    Raises
    ------
    pydantic.ValidationError
        A replaced part is not one a protocol can have.

    Examples
    --------
    >>> from analysis.protocol import builtin
    >>> option = builtin().alternatives["limited_ir"].options[1]
    >>> option.label, with_options(builtin(), [option]).criteria["restricted"].strict
    ('below 25°', 25)
    """
    content = protocol.model_dump(by_alias=True, exclude={"alternatives"})
    for option in options:
        _merge(content, option.replace)
    return Protocol.model_validate(content)


def _merge(content: dict[str, Any], changes: Mapping[str, Any]) -> None:
    for key, value in changes.items():
        if isinstance(value, Mapping) and isinstance(content.get(key), dict):
            _merge(content[key], value)
        else:
            content[key] = value


def alternative_faults(protocol: Protocol, faults: Callable[[Protocol], Iterable[str]]) -> Iterator[str]:
    """Yield what is wrong with each option; ``faults`` finds what is wrong with a whole protocol."""
    known = set(faults(protocol.model_copy(update={"alternatives": {}}))) if protocol.alternatives else set()
    for name, alternative in protocol.alternatives.items():
        key = f"alternatives.{name}"
        steps = _steps(alternative)
        if unknown := [step for step in steps if step not in {*STEPS.values(), "population"}]:
            allowed = ", ".join(STEPS)
            yield f"{key}: an option may replace {allowed}; it cannot replace {', '.join(unknown)}"
        elif len(steps) != 1:
            yield f"{key}: a decision must be about one step; this one is about {' and '.join(steps) or 'none'}"
        else:
            wrong = [
                f"{key}, option {option.label!r}: {fault}"
                for option in alternative.options
                for fault in _option_faults(protocol, option, faults, known)
            ]
            yield from wrong
            if not wrong and not any(_is_own(protocol, option) for option in alternative.options):
                yield (
                    f"{key}: no option is what this protocol says itself, so its own rate would stand beside readings "
                    "that leave it out; let one option say what the protocol says (one without replace does), or take "
                    "the decision out"
                )


def _is_own(protocol: Protocol, option: Option) -> bool:
    """Whether an option leaves the protocol, read strictly as reports read it, as it is."""
    if option.reading == "lenient" or option.only_indicated:
        return False
    return _read_strictly(with_options(protocol, [option])) == _read_strictly(protocol)


def _read_strictly(protocol: Protocol) -> object:
    """Return what decides in a protocol when it is read strictly, without words; what must be met has no order."""

    def read(part: object) -> object:
        if isinstance(part, Mapping):
            return {key: read(value) for key, value in part.items() if key not in _NOT_STRICT}
        return sorted(map(repr, map(read, part))) if isinstance(part, list | tuple) else part

    content = protocol.model_dump(include={*STEPS})
    types = list(protocol.types)  # tried in this order
    return read(content), types


def _option_faults(
    protocol: Protocol, option: Option, faults: Callable[[Protocol], Iterable[str]], known: Set[str]
) -> Iterator[str]:
    """Yield what is wrong with one option and was not so without it."""
    try:
        changed = with_options(protocol, [option])
    except ValidationError as wrong:
        first = wrong.errors(include_url=False)[0]
        yield f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
        return
    if option.only_indicated and not (protocol.types and protocol.indication):
        yield "only_indicated: needs types and an indication section"
    yield from (fault for fault in faults(changed) if fault not in known)
