"""Identifiers that would tell who somebody is, and those that may be of one person written in two ways."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analysis.intake.combine import report_rows
from analysis.intake.problems import Problems
from analysis.intake.visits_grid import VisitsGrid

_WORD = r"[^\W\d_][^\W\d_]+"
_DAY, _MONTH, _YEAR = r"(0?[1-9]|[12]\d|3[01])", r"(0?[1-9]|1[0-2])", r"(19|20)\d\d"
_ANY_MARK = "[@,./ \u00a0+-]|[0-9]{8}"
# A number as a spreadsheet shows it, or of more digits than it keeps.
_ROUNDED = re.compile(r"[0-9]([.,][0-9]+)?[eE]\+[0-9]+|[1-9][0-9]{14,15}0+")
_SHAPES = {
    "a name": re.compile(rf"{_WORD}(,\s*|\s+)({_WORD}[\s'’-]*)+"),
    "an e-mail address": re.compile(r".*[^\s@]@[^\s@]+\.[^\s@]{2,}.*"),
    "a date of birth": re.compile(
        rf".*(?<!\d)({_DAY}[./-]{_MONTH}[./-]{_YEAR}|{_YEAR}[./-]{_MONTH}[./-]{_DAY}"
        rf"|(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01]))(?!\d).*"
    ),
}


def check_identifiers(assessments: pd.DataFrame, grid: VisitsGrid, problems: Problems) -> None:
    """Add identifiers that look like a name, an e-mail address or a date of birth, or like another one.

    Each is named where it first stands.

    Parameters
    ----------
    assessments
        The table, conformed and sorted by patient.
    grid
        Where each person begins.
    problems
        Receives the warnings; also of identifiers that only capitals, blanks, asterisks or leading zeros tell apart.
    """
    # Most identifiers have none of these marks and need no closer look.
    identifiers = assessments["patient_id"].iloc[grid.begins]
    looked_at = identifiers.str.contains(_ANY_MARK).to_numpy(dtype="bool")
    marked = list(zip(grid.begins[looked_at], identifiers[looked_at], strict=True))
    for what, shape in _SHAPES.items():
        found = np.array([row for row, text in marked if shape.fullmatch(text)], dtype="int64")
        message = f"the identifier looks like {what}; replace it by a number that tells nobody who it is"
        report_rows(assessments, found, problems, "warning", "personal_identifier", message, "patient_id")
    rounded = [row for row, text in marked if _ROUNDED.fullmatch(text)]
    if any(len(text) > 15 and text.isdigit() and not _ROUNDED.fullmatch(text) for _, text in marked):
        rounded = []  # others are kept whole, so those that end in 0 are too
    message = "a spreadsheet has rounded this identifier, so that several patients may share it; export it anew as text"
    report_rows(assessments, np.array(rounded, dtype="int64"), problems, "warning", "identifier_rounded", message,
                "patient_id")  # fmt: skip
    alike = grid.begins[_written_otherwise(identifiers)]
    message = (
        "only capitals, blanks, asterisks or leading zeros tell this identifier from another one; if both are one "
        "patient, say so under [source.values.patient_id]"
    )
    report_rows(assessments, alike, problems, "warning", "identifiers_alike", message, "patient_id")


def _written_otherwise(identifiers: pd.Series) -> np.ndarray:
    """Return which identifiers are another one but for capitals, blanks, asterisks and leading zeros."""
    words = pc.utf8_lower(pa.array(identifiers.astype("str"), type=pa.large_string()))
    words = pc.replace_substring_regex(words, r"[\s*†‡]+", "")
    words = pc.replace_substring_regex(words, r"(^|[^0-9])0+([0-9])", r"\1\2")
    return pd.Series(pc.dictionary_encode(words).indices.to_numpy()).duplicated(keep=False).to_numpy()
