"""``study.toml``: where the files of a study lie and what their columns and words mean."""

from __future__ import annotations

import re
import warnings
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationInfo, field_validator

from analysis.intake.number_patterns import is_signed
from analysis.intake.source_parts import Column, Parent, PerSide, Unit, Window, inside_the_study
from analysis.protocol.admission import Admission
from analysis.protocol.policies import POLICIES, USUAL, check_policy
from analysis.protocol.tomlmodel import Part, read_toml
from analysis.usererror import StudyError

# Day 0 of the two calendars of spreadsheets; the first counts a 29 February 1900 that never was.
DAY_NUMBERS = {"excel": "1899-12-30", "excel1904": "1904-01-01"}


_Mark = Annotated[str, Field(min_length=1, max_length=1, pattern=r'^[^"\r\n]$')]


class Source(Part):
    """One file and how it is read."""

    file: str = Field(
        description="The file, inside the study folder. A table of a .zip that holds several: export.zip/visits.csv."
    )
    encoding: str = Field("utf-8", description="Of a CSV file. A byte order mark goes before it.")
    delimiter: _Mark | None = Field(None, description="Of a text file, if not a comma (a tab in .tsv and .txt).")
    decimal: Literal[".", ","] = Field(".", description="The decimal mark of numbers that are text.")
    sheet: str | None = Field(None, description="The sheet of a workbook; needed when it has several.")
    skip_rows: Annotated[int, Field(ge=0, le=1000)] = Field(0, description="Rows of titles above the header.")
    header_rows: Annotated[int, Field(ge=1, le=10)] = Field(
        1, description="Rows of the header; they are joined top to bottom with a blank, merged cells filled."
    )
    last_row: Annotated[int, Field(ge=1)] | None = Field(
        None, description="The last row of the table, where notes or means stand beneath it, as `capsule check` counts."
    )
    rows_without_patient: Literal["error", "note"] = Field(
        "error",
        description='"note" leaves out rows without an identifier, or with a word such as Mean or Total in its place, '
        "and counts them.",
    )
    identical_rows: Literal["error", "note"] = Field(
        "error",
        description='"note" keeps the first of rows that hold the same in every column, as where a form was sent '
        "twice, and counts the others.",
    )
    fill_down: tuple[str, ...] = Field(
        (),
        description="Columns of the file in which an empty cell means the one above, the person's first: where only "
        "the first row of each says it. Nothing is carried on to the next person.",
    )
    real_identifiers: tuple[str, ...] = Field(
        (), description='Identifiers of patients that read like a row of means or totals, such as "Max".'
    )
    blocks: str | None = Field(
        None,
        description='Where a sheet has a table for each person, each beneath a line such as "Subject 07": that line, '
        'with {} for the identifier, which becomes the column "(block)".',
    )
    units_row: bool = Field(False, description="Whether a row of units stands beneath the header.")
    rows_below_header: Annotated[int, Field(ge=0, le=10)] = Field(
        0,
        description="Rows beneath the header that are no data, such as the question texts and import ids of Qualtrics.",
    )
    labels: bool = Field(True, description="Read the labels of values in SPSS and Stata files, not their codes.")
    date_format: str | None = Field(
        None, description='As in "%d/%m/%Y"; "excel" or "excel1904" for day numbers. Left out: 2024-03-02.'
    )
    time_zone: str | None = Field(
        None,
        description='Where the clinic is, as in "America/New_York"; an instant, as in UTC, gets its day there.',
    )
    na_values: tuple[str, ...] = Field((), description="Words that mean: missing. Empty cells always do.")
    number_patterns: tuple[str, ...] = Field(
        (), description='Text around a number, such as "{}°" or "~{}"; {} stands for the number.'
    )
    rows_per_person: Annotated[int, Field(ge=1)] | None = Field(
        None, description="For a file without identifiers: so many rows in a row are one person."
    )
    completes_visits: bool = Field(
        False, description="The rows add other measures to visits that stand in the files above."
    )
    parent: Parent | None = Field(
        None, description="The table to whose rows these belong, as the repeated parts of a form do: [source.parent]."
    )
    where: dict[str, tuple[str, ...]] = Field(
        {}, description="Use only rows in which a column of the file holds one of these words."
    )
    split: dict[str, tuple[str, ...]] = Field(
        {},
        description='Columns with several numbers in a cell, and what to call each, as in "Rotation" = '
        '["ER", "0", "IR"]; "0" is that of the neutral zero method, and what is called "" is not used.',
    )
    columns: dict[str, Column] = Field(
        {},
        description='Our name = the file\'s column, or one for each side; "(sheet)" and "(file)" are its names. '
        'For patient_id also several that are joined, where identifiers begin anew at each site: ["Site", "ID"].',
    )
    timepoints: dict[str, dict[str, Column]] = Field({}, description="The same for columns of one timepoint.")
    visits: dict[str, Window] = Field(
        {},
        description="Timepoints by days: of the readings within two days the one nearest to a day, as in "
        "followup = { nearest = 365, within = [308, 420] }.",
    )
    day_zero: str | None = Field(
        None, description="The file's column of the date from which days are counted; left out: a person's first date."
    )
    day_number: str | None = Field(None, description="The file's column of days that are counted already.")
    values: dict[str, dict[str, tuple[str, ...]]] = Field({}, description="Our word = the file's words.")
    units: dict[str, Unit] = Field(
        {},
        description='"radians", or { lever_cm = 42 } for centimetres of adduction; both become degrees. Of a number of '
        'a person "m", "inches", "pounds", "weeks", "months" or "years".',
    )
    rounded: tuple[str, ...] = Field(
        (),
        description="Measures that hold readings finer than their step, such as means of several trials: these are "
        "rounded to it. Left out, such a reading is an error.",
    )
    set: dict[str, str] = Field({}, description="Constants for the whole file.")

    @field_validator("file")
    @classmethod
    def _inside_the_study(cls, name: str) -> str:
        return inside_the_study(name)

    @field_validator("rows_per_person")
    @classmethod
    def _rows_are_no_copies(cls, rows: int | None, others: ValidationInfo) -> int | None:
        if rows and others.data.get("identical_rows") == "note":
            raise ValueError('with identical_rows = "note" no row may number a person: two people may read alike')
        if rows and others.data.get("fill_down"):
            raise ValueError(
                "with fill_down a column must say whose each row is, so that nothing goes to the next person"
            )
        return rows

    @field_validator("date_format")
    @classmethod
    def _says_day_month_and_year(cls, form: str | None) -> str | None:
        if form in DAY_NUMBERS:
            return form
        day = datetime(2024, 3, 2)
        try:
            # Of a form without a year, which is refused here, Python 3.13 warns that it will change.
            with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
                whole = form is None or datetime.strptime(day.strftime(form), form) == day
        except ValueError:
            whole = False
        if not whole:
            raise ValueError('write day, month and year as in "%d/%m/%Y"')
        return form

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, name: str | None) -> str | None:
        try:
            return name if name is None else ZoneInfo(name).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError('write it as in "America/New_York" or "Europe/Berlin"') from None

    @field_validator("blocks")
    @classmethod
    def _one_identifier(cls, line: str | None) -> str | None:
        if line is not None and line.count("{}") != 1:
            raise ValueError('write {} once, where the identifier stands, as in "Subject {}"')
        return line

    @field_validator("number_patterns")
    @classmethod
    def _one_number_each(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        if bad := [pattern for pattern in patterns if pattern.count("{}") != 1 or re.search(r"\d", pattern)]:
            raise ValueError(f"{bad[0]!r}: write {{}} once, where the number stands, and no digit")
        if bad := [pattern for pattern in patterns if is_signed(pattern)]:
            raise ValueError(f"{bad[0]!r} would take a sign off the number; correct such cells in corrections.toml")
        return patterns

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

    @field_validator("split")
    @classmethod
    def _zero_in_the_middle(cls, split: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for column, names in split.items():
            if len(names) < 2 or ("0" in names and (len(names) != 3 or names.index("0") != 1)):
                raise ValueError(f'{column}: name each number of a cell, as in ["ER", "0", "IR"] or ["left", "right"]')
        named = [name for names in split.values() for name in names if name not in ("", "0")]
        if twice := [name for name in named if named.count(name) > 1]:
            raise ValueError(f"two numbers cannot both be called {twice[0]!r}")
        return split

    @field_validator("visits")
    @classmethod
    def _one_visit_a_day(cls, visits: dict[str, Window]) -> dict[str, Window]:
        ordered = sorted(visits.items(), key=lambda item: item[1].within)
        for (name, window), (other, later) in pairwise(ordered):
            if later.within[0] <= window.within[1]:
                raise ValueError(f"day {later.within[0]} lies within {name} and {other}; let no two windows meet")
        return visits

    @field_validator("columns", "timepoints")
    @classmethod
    def _only_identifiers_are_joined(cls, columns: dict) -> dict:
        for name, column in columns.items():
            if isinstance(column, dict):
                cls._only_identifiers_are_joined(column)
            elif isinstance(column, tuple) and name != "patient_id":
                raise ValueError(f"{name}: only patient_id may be joined from several columns; name one column")
        return columns

    @property
    def files(self) -> list[str]:
        """Return the names of the file and of those in which its parents stand."""
        names, parent = [self.file], self.parent
        while parent is not None:
            names.append(parent.file or names[-1])
            parent = parent.parent
        return names

    @property
    def sides_are_columns(self) -> bool:
        """Whether one row holds both hips of a person."""
        mappings = [self.columns, *self.timepoints.values()]
        return any(isinstance(column, PerSide) for mapping in mappings for column in mapping.values())


class StudyFile(Part):
    """The content of ``study.toml``."""

    name: str = Field(description="What reports call the study.")
    synthetic: bool = Field(False, description="A made-up cohort; every report says so.")
    public: bool = Field(False, description="The rows themselves are published: no count is withheld.")
    policy: str = Field(
        "",
        description=f"What reports withhold: {', '.join(POLICIES)} (nothing). Left out: {USUAL.name}; nothing where "
        "rows are published or made up.",
    )
    protocol: str | None = Field(None, description="A protocol in the study folder; left out: the built-in one.")
    admission: Admission | None = Field(
        None,
        description='Who was enrolled because of a reading: a table [admission], or "none" where nobody was. '
        "It goes before that of the protocol.",
    )
    source: tuple[Source, ...] = Field(description="The files, each in a table [[source]] of its own.")

    @field_validator("policy")
    @classmethod
    def _is_a_policy(cls, name: str) -> str:
        return check_policy(name)

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
    if not (folder / "study.toml").exists():
        raise StudyError(f"study.toml: no such file in {folder.name}/; `capsule init FILE` writes a first one")
    return read_toml(folder / "study.toml", StudyFile, StudyError)
