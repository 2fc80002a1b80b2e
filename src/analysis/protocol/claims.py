"""What a claim of the source needs of the protocol before it can be put to the test."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.protocol.model import Claim, Protocol
from analysis.protocol.responses import TestResponse


def claim_faults(protocol: Protocol) -> Iterator[str]:
    """Yield a line for every claim that names something the protocol does not have."""
    for name, claim in protocol.claims.items():
        if fault := _fault(claim, protocol):
            yield f"claims.{name}{fault}"


def _fault(claim: Claim, protocol: Protocol) -> str:
    if claim.kind == "worse_side" and protocol.asymmetry is None:
        return ": needs an asymmetry section"
    if claim.kind == "most_common" and claim.type not in protocol.types:
        return f".type: {claim.type!r} is not one of the types: {', '.join(protocol.types) or 'none defined'}"
    if claim.kind == "matched" and not any(kind.stretches for kind in protocol.types.values()):
        return ": needs types with stretches"
    if claim.kind == "drill" and protocol.own_it is None:
        return ": needs an own_it section"
    if claim.kind == "move_together":
        tests = [key for key, rule in protocol.responses.items() if isinstance(rule, TestResponse)]
        if len(claim.of) < 2 or any(test not in tests for test in claim.of):
            return f".of: must name at least two of the tests: {', '.join(tests)}"
    return ""
