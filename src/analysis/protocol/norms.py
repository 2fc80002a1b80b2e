"""What was measured in other people, by position."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from pydantic import TypeAdapter

from analysis.protocol.tomlmodel import Part


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
    text = (files("analysis.protocol") / "norms.toml").read_text(encoding="utf-8")
    return TypeAdapter(tuple[Norm, ...]).validate_python(tomllib.loads(text)["norm"])
