"""``study.toml``: where the files of a study lie and what their columns and words mean."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, field_validator

from analysis.tomlmodel import read_toml


class StudyError(ValueError):
    """A study that cannot be used; one line a fault: what, where, and what to do."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PerSide(_Part):
    """A value with one column for each side."""

    left: str
    right: str


def _by_sides(value: object) -> str:
    return "with parts" if isinstance(value, dict | PerSide) else "without parts"


Column = Annotated[
    Annotated[str, Tag("without parts")] | Annotated[PerSide, Tag("with parts")],
    Discriminator(_by_sides),
]


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

    @field_validator("date_format")
    @classmethod
    def _says_day_month_and_year(cls, form: str | None) -> str | None:
        day = datetime(2024, 3, 2)
        try:
            whole = form is None or datetime.strptime(day.strftime(form), form) == day
        except ValueError:
            whole = False
        if not whole:
            raise ValueError('write day, month and year as in "%d/%m/%Y"')
        return form

    @field_validator("values")
    @classmethod
    def _one_meaning_a_word(cls, values: dict[str, dict[str, tuple[str, ...]]]) -> dict:
        for name, words in values.items():
            meaning: dict[str, str] = {}
            for ours, theirs in words.items():
                for word in theirs:
                    if meaning.setdefault(word, ours) != ours:
                        raise ValueError(f"{name}: {word!r} cannot mean both {meaning[word]} and {ours}")
        return values

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
    source: tuple[Source, ...]

    @field_validator("source")
    @classmethod
    def _at_least_one_file(cls, source: tuple[Source, ...]) -> tuple[Source, ...]:
        if not source:
            raise ValueError("name at least one file under [[source]]")
        return source


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
