"""What every column of the tables is and means, as ``columns.toml`` declares it."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import cache
from typing import Any, NamedTuple

from analysis.protocol.tomlmodel import packaged

ALL_ROWS = "all rows"


class Column(NamedTuple):
    """One column; the head of ``columns.toml`` explains each key."""

    role: str
    meaning: str
    unit: str = ""
    missing: str = "withheld"
    few: str = ""
    zero_is_few: bool = True
    among: str = ""
    of: str = ""
    follows: tuple[str, ...] = ()
    needs: str = ""

    @property
    def counts(self) -> bool:
        """Whether it counts people, or hips that may be as many people."""
        return self.role in ("people", "hips")


def declared(table: str, columns: Iterable[str]) -> dict[str, Column]:
    """Return what is declared of the columns of a table, by its name; of those that are declared."""
    known = _of("") | _of(table)
    patterns = {name: column for name, column in known.items() if "*" in name}
    found = {}
    for name in columns:
        like = (column for pattern, column in patterns.items() if fnmatchcase(name, pattern))
        if column := known.get(name) or next(like, None):
            found[name] = column
    return found


@cache
def _of(table: str) -> dict[str, Column]:
    """Return what is said of the columns of one table, or of those of any table for no name."""
    found: dict[str, Column] = {}
    for part in _parts():
        if (table in part["tables"]) if table else not part["tables"]:
            found |= {name: Column(**column) for name, column in part["columns"].items()}
    return found


@cache
def _parts() -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = packaged("analysis.disclosure", "columns.toml")["part"]
    return parts


@cache
def tables() -> frozenset[str]:
    """Return the names of all tables of which something is declared."""
    return frozenset(name for part in _parts() for name in part["tables"])
