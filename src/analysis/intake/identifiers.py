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
# Most identifiers are such: one number, short, and around it nothing but letters.
_PLAIN = r"^[^0-9\s_*†‡@,./+-]*[0-9]{0,7}[^0-9\s_*†‡@,./+-]*$"
# A number as a spreadsheet shows it, or of more digits than it keeps.
_ROUNDED = re.compile(r"[0-9]([.,][0-9]+)?[eE]\+[0-9]+|[1-9][0-9]{14,15}0+")
# Each shape beside what tells fast whether an identifier can have it.
_SHAPES = {
    "a name": ("^[^0-9]*[, \u00a0][^0-9]*$", re.compile(rf"{_WORD}(,\s*|\s+)({_WORD}[\s'’-]*)+")),
    "an e-mail address": ("@", re.compile(r".*[^\s@]@[^\s@]+\.[^\s@]{2,}.*")),
    "a date of birth": (
        "(19|20)[0-9][0-9]",
        re.compile(
            rf".*(?<!\d)({_DAY}[./-]{_MONTH}[./-]{_YEAR}|{_YEAR}[./-]{_MONTH}[./-]{_DAY}"
            rf"|(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01]))(?!\d).*"
        ),
    ),
}
_LONG = "^[0-9]{16,}$|[eE][+]"


def check_identifiers(people: pd.DataFrame, problems: Problems) -> None:
    """Add identifiers that look like a name, an e-mail address or a date of birth, or like another one.

    Parameters
    ----------
    people
        One row for each patient of the study: ``patient_id``, and where it first stands.
    problems
        Receives the warnings; also of identifiers that a spreadsheet has rounded, and of those that only capitals,
        blanks, dashes and the like, asterisks, leading zeros or what nobody sees tell apart.
    """
    identifiers = people["patient_id"]
    words = pa.array(identifiers.astype("str"), type=pa.large_string())
    if _are_plain(words):
        return

    def report(rows: Sequence[np.intp] | np.ndarray, rule: str, message: str) -> None:
        report_rows(people, np.asarray(rows, dtype="int64"), problems, "warning", rule, message, "patient_id")

    for what, (likely, shape) in _SHAPES.items():
        found = [row for row, text in _like(words, likely) if shape.fullmatch(text)]
        message = f"the identifier looks like {what}; replace it by a number that tells nobody who it is"
        report(found, "personal_identifier", message)
    long = _like(words, _LONG)
    rounded = [row for row, text in long if _ROUNDED.fullmatch(text)]
    if any(text.isdigit() and not _ROUNDED.fullmatch(text) for _, text in long):
        rounded = []  # others are kept whole, so those that end in 0 are too
    message = "a spreadsheet has rounded this identifier, so that several patients may share it; export it anew as text"
    report(rounded, "identifier_rounded", message)
    message = (
        "only capitals, blanks, dashes, asterisks, leading zeros or what nobody sees tell this identifier from another "
        "one; if both are one patient, say so under [source.values.patient_id]"
    )
    report(np.flatnonzero(_written_otherwise(words)), "identifiers_alike", message)


def _are_plain(words: pa.Array) -> bool:
    """Whether identifiers, of which none stands twice, have one number among capitals, and no zero before it counts."""
    if not pc.all(pc.string_is_ascii(words)).as_py() or not words.equals(pc.ascii_upper(words)):
        return False
    ends = pc.min_max(pc.binary_length(words))
    of_one_length = ends["min"] == ends["max"]
    plain = _PLAIN if of_one_length else _PLAIN.replace("[0-9]{0,7}", "(0|[1-9][0-9]{0,6})?")
    return bool(pc.all(pc.match_substring_regex(words, plain)).as_py())


def _like(words: pa.Array, pattern: str) -> list[tuple[np.intp, str]]:
    """Return the rows and identifiers in which a pattern is found."""
    rows = np.flatnonzero(pc.match_substring_regex(words, pattern).to_numpy(zero_copy_only=False))
    return list(zip(rows, words.take(pa.array(rows)).to_pylist(), strict=True))


def _written_otherwise(words: pa.Array) -> np.ndarray:
    """Return which identifiers are another one but for capitals, marks, zeros and what nobody sees."""
    # Unicode writes é in two ways, and has blanks of many kinds and marks that nobody sees.
    if not pc.all(pc.string_is_ascii(words)).as_py():
        words = pc.replace_substring_regex(pc.utf8_normalize(words, form="NFKC"), r"\p{Cf}+", "")
    words = pc.utf8_lower(words)
    words = pc.replace_substring_regex(words, r"[*†‡]+", "")
    words = pc.replace_substring_regex(words, r"^([0-9]+)\.0$", r"\1")  # a program took them for decimal numbers
    # A mark between two digits stays: "1 11" and "11 1" are clinics with numbers of their own.
    words = pc.replace_substring_regex(words, r"[\s_./-]+", "-")
    words = pc.replace_substring_regex(words, r"(^|[^0-9])-", r"\1")
    words = pc.replace_substring_regex(words, r"-([^0-9]|$)", r"\1")
    words = pc.replace_substring_regex(words, r"(^|[^0-9])0+([0-9])", r"\1\2")
    if len(pc.unique(words)) == len(words):
        return np.zeros(len(words), dtype=bool)
    return pd.Series(pd.factorize(pd.array(words, dtype="str"))[0]).duplicated(keep=False).to_numpy()
