"""Load a protocol file and make sure that its parts agree with each other."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from analysis.protocol.faults import protocol_faults
from analysis.protocol.finest import with_steps
from analysis.protocol.model import Protocol
from analysis.protocol.tomlmodel import read_toml
from analysis.protocol.wording import with_numbers, wording_faults
from analysis.usererror import ProtocolError


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
    protocol = with_numbers(with_steps(read_toml(path, Protocol, ProtocolError)))
    if faults := [*protocol_faults(protocol), *wording_faults(protocol)]:
        raise ProtocolError("\n".join(f"{path.name}: {fault}" for fault in faults))
    return protocol
