"""Files of persons whose identifiers are not those of the visits: what they say would be lost without a word."""

from __future__ import annotations

import re
from collections.abc import Callable

import pandas as pd

from analysis.intake.problems import Problems

_MANY = 0.2
_REMEDY = "have both files exported alike, or map the identifiers under [source.values.patient_id]"
_SPELLINGS: dict[str, Callable[[str], str]] = {
    "leading zeros": lambda word: re.sub(r"(?<!\d)0+(?=\d)", "", word),
    "capitals": str.casefold,
    "blanks and marks": lambda word: re.sub(r"[\W_]", "", word),
    "zeros, capitals, blanks and marks": lambda word: re.sub(r"(?<!\d)0+(?=\d)|[\W_]", "", word.casefold()),
}


def check_unmatched(visits: pd.Series, persons: pd.DataFrame, problems: Problems) -> None:
    """Add files of persons of which nobody, or not everybody, is a patient of the visits.

    Parameters
    ----------
    visits
        The identifiers of the visits.
    persons
        One row a person: ``patient_id`` and ``source_file``.
    problems
        Receives an error where nobody matches, else a warning where a fifth or more of either side has no match, or
        where the identifiers would match if they were written alike.
    """
    patients = set(visits.astype("object").dropna())
    for file, rows in persons.groupby("source_file", sort=False, observed=True):
        listed = set(rows["patient_id"].astype("object"))
        missing = listed - patients
        unlisted = patients - listed
        if not missing or not patients:
            continue
        spelling, alike = _written_otherwise(missing, unlisted)
        would = f"; {alike} would match but for {spelling}: {_REMEDY}" if alike else ""
        counts = f"{len(missing)} of {len(listed)} persons"
        if missing == listed:
            message = f"no person of this file is a patient of the visits{would or '; is it the right column?'}"
            problems.add("error", "nobody_matches", message, file=str(file), column="patient_id", value=counts)
        elif alike or min(len(missing) / len(listed), len(unlisted) / len(patients)) >= _MANY:
            message = "many persons of this file are no patients of the visits, and patients are not in the file"
            message += f"; some would match but for {spelling}: {_REMEDY}" if alike else ""
            problems.add("warning", "many_unmatched", message, file=str(file), column="patient_id", value=counts)


def _written_otherwise(missing: set[str], unlisted: set[str]) -> tuple[str, int]:
    """Return what tells identifiers apart that may be the same, and how many; the simplest that explains the most."""
    best = ("", 0)
    for spelling, plain in _SPELLINGS.items():
        there = {plain(word) for word in unlisted}
        alike = sum(plain(word) in there for word in missing)
        if alike > best[1]:
            best = (spelling, alike)
    return best
