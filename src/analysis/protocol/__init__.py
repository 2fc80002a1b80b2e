"""The clinical rules as data: ``capsule.toml`` is the built-in protocol, ``model`` says what one may hold."""

from analysis.protocol.load import ProtocolError, builtin, load_protocol
from analysis.protocol.model import Protocol
from analysis.protocol.responses import CompositeResponse

__all__ = ["CompositeResponse", "Protocol", "ProtocolError", "builtin", "load_protocol"]
