"""Study folders written for a test, and what was found wrong with them in a form that can be compared."""

from pathlib import Path

import pandas as pd

from analysis import Study, read_study

# One row per hip and visit; every condition declared, so that a clean file has no problem at all.
TIDY = """
name = "A study"
[[source]]
file = "visits.csv"
{source}
[source.columns]
patient_id = "ID"
side = "Hip"
timepoint = "Visit"
hip_ir_deg = "IR"
{columns}
[source.set]
position = "prone"
motion = "passive"
device = "goniometer"
{more}
"""
HEADER = "ID,Hip,Visit,IR\n"


def write(folder: Path, toml: str, **files: str | bytes) -> Path:
    """Write study.toml and, each under its name with .csv, the files."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.toml").write_text(toml, encoding="utf-8")
    for name, content in files.items():
        content = content.encode() if isinstance(content, str) else content
        (folder / f"{name}.csv").write_bytes(content)
    return folder


def write_tidy(folder: Path, csv: str | bytes, source: str = "", columns: str = "", more: str = "") -> Path:
    """Write a study of one tidy file; the rest is added to its study.toml."""
    return write(folder, TIDY.format(source=source, columns=columns, more=more), visits=csv)


def found(folder: Path) -> list[tuple]:
    """Every problem of a study as (severity, rule, file, row, column, value shown), in the order of the table."""
    return listed(read_study(folder))


def listed(study: Study) -> list[tuple]:
    """The same of a study that has been read."""
    problems = study.problems.drop(columns="message").to_dict("records")
    return [tuple(None if value is pd.NA else value for value in problem.values()) for problem in problems]
