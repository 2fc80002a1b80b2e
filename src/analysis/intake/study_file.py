"""``study.toml``: where the files of a study lie and what their columns and words mean."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from analysis.tomlmodel import read_toml


class StudyError(ValueError):
    """A study that cannot be used; one line a fault: what, where, and what to do."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PerSide(_Part):
    """A value with one column for each side."""

    left: str
    right: str


Column = str | PerSide


class Source(_Part):
    """One file and how it is read."""

    file: str
    encoding: str = "utf-8"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    decimal: Annotated[str, Field(pattern=r"^[.,]$")] = "."
    date_format: str | None = None
    na_values: tuple[str, ...] = ()
    columns: dict[str, Column] = {}
    timepoints: dict[str, dict[str, Column]] = {}
    values: dict[str, dict[str, tuple[str, ...]]] = {}
    set: dict[str, str] = {}

    @field_validator("file")
    @classmethod
    def _inside_the_study(cls, name: str) -> str:
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise ValueError("must lie inside the study folder")
        return name

    @property
    def sides_are_columns(self) -> bool:
        """Whether one row holds both hips of a person."""
        mappings = [self.columns, *self.timepoints.values()]
        return any(isinstance(column, PerSide) for mapping in mappings for column in mapping.values())


class StudyFile(_Part):
    """The content of ``study.toml``."""

    name: str
    synthetic: bool = False
    public: bool = False
    protocol: str | None = None
    source: tuple[Source, ...] = Field(min_length=1)


def read_study_file(folder: Path) -> StudyFile:
    """Read ``study.toml`` in a study folder.

    Raises
    ------
    StudyError
        The folder or the file is not there, or the file has faults; each names the key.
    """
    if not folder.is_dir():
        raise StudyError(f"{folder.name}: no such study folder; a study is a folder with a study.toml in it")
    return read_toml(folder / "study.toml", StudyFile, StudyError)
