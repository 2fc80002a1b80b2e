"""Identifiers that would tell who somebody is, and those that may be of one person written in two ways."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analysis.intake.combine import report_rows
from analysis.intake.problems import Problems

_WORD = r"[^\W\d_][^\W\d_]+"
_DAY, _MONTH, _YEAR = r"(0?[1-9]|[12]\d|3[01])", r"(0?[1-9]|1[0-2])", r"(19|20)\d\d"
_ANY_MARK = "[@,./ \u00a0+-]|[0-9]{8}"
# A number as a spreadsheet shows it, or of more digits than it keeps.
_ROUNDED = re.compile(r"[0-9]([.,][0-9]+)?[eE]\+[0-9]+|[1-9][0-9]{14,15}0+")
_PLAIN = r"^[^0-9\s*†‡]*[0-9]*[^0-9\s*†‡]*$"
_SHAPES = {
    "a name": re.compile(rf"{_WORD}(,\s*|\s+)({_WORD}[\s'’-]*)+"),
    "an e-mail address": re.compile(r".*[^\s@]@[^\s@]+\.[^\s@]{2,}.*"),
    "a date of birth": re.compile(
        rf".*(?<!\d)({_DAY}[./-]{_MONTH}[./-]{_YEAR}|{_YEAR}[./-]{_MONTH}[./-]{_DAY}"
        rf"|(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01]))(?!\d).*"
    ),
}


def check_identifiers(people: pd.DataFrame, problems: Problems) -> None:
    """Add identifiers that look like a name, an e-mail address or a date of birth, or like another one.

    Parameters
    ----------
    people
        One row for each patient of the study: ``patient_id``, and where it first stands.
    problems
        Receives the warnings; also of identifiers that a spreadsheet has rounded, and of those that only capitals,
        blanks, asterisks, leading zeros or what nobody sees tell apart.
    """
    # Most identifiers have none of these marks and need no closer look.
    identifiers = people["patient_id"]
    looked_at = np.flatnonzero(identifiers.str.contains(_ANY_MARK).to_numpy(dtype="bool"))
    marked = list(zip(looked_at, identifiers.iloc[looked_at], strict=True))

    def report(rows: Sequence[np.intp] | np.ndarray, rule: str, message: str) -> None:
        report_rows(people, np.asarray(rows, dtype="int64"), problems, "warning", rule, message, "patient_id")

    for what, shape in _SHAPES.items():
        found = [row for row, text in marked if shape.fullmatch(text)]
        message = f"the identifier looks like {what}; replace it by a number that tells nobody who it is"
        report(found, "personal_identifier", message)
    rounded = [row for row, text in marked if _ROUNDED.fullmatch(text)]
    if any(len(text) > 15 and text.isdigit() and not _ROUNDED.fullmatch(text) for _, text in marked):
        rounded = []  # others are kept whole, so those that end in 0 are too
    message = "a spreadsheet has rounded this identifier, so that several patients may share it; export it anew as text"
    report(rounded, "identifier_rounded", message)
    message = (
        "only capitals, blanks, asterisks, leading zeros or what nobody sees tell this identifier from another one; if "
        "both are one patient, say so under [source.values.patient_id]"
    )
    report(np.flatnonzero(_written_otherwise(identifiers)), "identifiers_alike", message)


def _written_otherwise(identifiers: pd.Series) -> np.ndarray:
    """Return which identifiers are another one but for capitals, blanks, asterisks, zeros and what nobody sees."""
    words = pa.array(identifiers.astype("str"), type=pa.large_string())
    # Unicode writes é in two ways, and has blanks of many kinds and marks that nobody sees.
    if not pc.all(pc.string_is_ascii(words)).as_py():
        words = pc.replace_substring_regex(pc.utf8_normalize(words, form="NFKC"), r"\p{Cf}+", "")
    words = pc.utf8_lower(words)
    # Each of these takes long, and most studies have identifiers of one length with one number in each.
    of_one_length = pc.count_distinct(pc.utf8_length(words)).as_py() == 1
    if not (of_one_length and pc.all(pc.match_substring_regex(words, _PLAIN)).as_py()):
        words = pc.replace_substring_regex(words, r"[*†‡]+", "")
        # A blank between two digits stays: "1 11" and "11 1" are clinics with numbers of their own.
        words = pc.replace_substring_regex(words, r"(^|[^0-9\s])\s+", r"\1")
        words = pc.replace_substring_regex(words, r"\s+([^0-9\s]|$)", r"\1")
        words = pc.replace_substring_regex(words, r"(^|[^0-9])0+([0-9])", r"\1\2")
    if len(pc.unique(words)) == len(words):
        return np.zeros(len(words), dtype=bool)
    return pd.Series(pd.factorize(pd.array(words, dtype="str"))[0]).duplicated(keep=False).to_numpy()
