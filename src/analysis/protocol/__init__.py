"""The clinical rules as data: ``capsule.toml`` is the built-in protocol, ``model`` says what one may hold."""

from analysis.protocol.load import builtin, load_protocol
from analysis.protocol.model import Protocol
from analysis.protocol.responses import CompositeResponse
from analysis.usererror import ProtocolError

__all__ = ["CompositeResponse", "Protocol", "ProtocolError", "builtin", "load_protocol"]
