"""What is kept beside each report: what it was made from, when, and what its files must look like."""

from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from analysis.factory.parameters import Value
from analysis.show.facts import Fact

SUFFIX = ".manifest.json"


class Record(BaseModel):
    """A part of a manifest: never changed once made, nothing unknown in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FileRecord(Record):
    """One published file; it lies beside the manifest, and no name in a manifest can point elsewhere."""

    name: str = Field(pattern=r"^[a-z0-9_-]+\.[a-z]+$")
    size: int
    sha256: str


class CellRecord(Record):
    """One executed code cell; cells count from 1, text cells too."""

    cell: int
    execution_count: int | None
    seconds: float | None


class FailureRecord(Record):
    """Why the last attempt failed: class, cell and a sentence, never a value."""

    error: str
    message: str
    cell: int | None
    at: datetime


class Manifest(Record):
    """A report's manifest.

    `status` is ``fresh`` for a report as its inputs demand it, ``stale`` for an older one that stays because
    the last attempt to renew it failed, ``failed`` when there never was one, ``gone`` when the data no longer
    has its group. `unshown` counts the outputs of the notebook that no report can show; `glance` is what the
    overview shows of the report. Everything but `status` and `failure` speaks of the report that is there, or of
    the failed attempt when none is. `inputs` holds one SHA-256 per part of what the report was made from, and
    `key` one over all of them. No path of a machine is kept.
    """

    schema_version: Literal[1] = 1
    status: Literal["fresh", "stale", "failed", "gone"]
    failure: FailureRecord | None = None
    key: str
    inputs: dict[str, str]
    notebook: str
    title: str
    study: str
    group_by: str | None
    group: str | None
    group_label: str | None = None
    marks: tuple[str, ...] = ()
    parameters: dict[str, Value]
    files: dict[str, FileRecord] = {}
    seed: int | None = None
    cells: tuple[CellRecord, ...] = ()
    unshown: int = 0
    glance: tuple[Fact, ...] = ()
    versions: dict[str, str]
    git_commit: str | None
    started: datetime
    finished: datetime

    @property
    def internal(self) -> bool:
        """Whether the report was asked to withhold nothing, or says so itself: it is for its owner alone."""
        return bool(self.parameters.get("internal")) or "INTERNAL" in self.marks


def read_manifest(path: Path) -> Manifest | None:
    """Read a manifest; None when it is missing, damaged or of another version, so that all is built anew."""
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
