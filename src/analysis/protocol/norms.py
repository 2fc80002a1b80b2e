"""What was measured in other people, by position."""

from __future__ import annotations

from functools import cache

from pydantic import TypeAdapter

from analysis.protocol.tomlmodel import Part, packaged


class Norm(Part):
    """A published mean of one measure in one position, with whom it was measured on and where it stands."""

    measure: str
    position: str
    mean: float
    sd: float | None = None
    n: int
    people: str
    source: str


@cache
def published_norms() -> tuple[Norm, ...]:
    """Return the norms of ``norms.toml``, in its order."""
    return TypeAdapter(tuple[Norm, ...]).validate_python(packaged("analysis.protocol", "norms.toml")["norm"])
