"""Rows of a file that are no patient's: means and totals, legends and empty rows in and beneath a table."""

from __future__ import annotations

import re
from collections.abc import Collection

import numpy as np

from analysis.intake.mapping import columns_of, used_columns
from analysis.intake.problems import Problems
from analysis.intake.sheet import Sheet
from analysis.intake.study_file import Source

# Words that head a row of a summary, as spreadsheets and people write them. No identifier is one of these.
_SUMMARIES = """
mean means average averages total totals subtotal subtotals median count minimum maximum deviation variance stdev stddev
stdv percentile quartile summary overall
mittelwert mittelwerte mittel durchschnitt standardabweichung abweichung stabw summe gesamt gesamtsumme gesamtergebnis
ergebnis teilergebnis anzahl
moyenne moyennes médiane mediane somme écart ecart nombre
promedio mediana desviación desviacion recuento totale somma conteggio média
totaal gemiddelde aantal medelvärde summa
"""
# These may also be the initials or the name of somebody, in a file whose identifiers are such.
_SHORT = "n m sd se sem sum min max avg ave cv ci med std var tot mw iqr all"
_BESIDE = """
grand sub standard std dev err error of the all group arm column no number patients subjects participants cases hips
left right and type général générale generale general typique estándar estandar
"""
_SURE, _ANY = frozenset(_SUMMARIES.split()), frozenset([*_SUMMARIES.split(), *_SHORT.split()])
_SAID = re.compile(r"[^\W\d_]+")
_NO_SUMMARY = r"[^ =]*[0-9][^ =]*$"


def without_blank_rows(sheet: Sheet, source: Source, problems: Problems) -> Sheet:
    """Leave out rows of which every cell is empty, as spreadsheets leave behind; where rows number people, ask."""
    blank = np.ones(len(sheet.rows), dtype=bool)
    for name in sheet.cells:
        column = sheet.cells[name].cat
        blank &= np.isin(column.codes.to_numpy(), np.flatnonzero(column.categories == ""))
        if not blank.any():
            return sheet
    if source.rows_per_person:
        message = "an empty row in a file whose rows number people; end the table with last_row, or [[drop]] the row"
        rows = sheet.rows[blank]
        problems.add_rows("error", "empty_row", message, files=[sheet.label] * len(rows), rows=rows, column="",
                          values=[""] * len(rows))  # fmt: skip
    return sheet.keep(~blank)


def until_last_row(sheet: Sheet, source: Source, problems: Problems) -> Sheet:
    """Leave out the rows beneath the declared last one."""
    if source.last_row is None:
        return sheet
    beneath = (sheet.rows > source.last_row).to_numpy()
    note_beneath(sheet.label, sheet.rows[beneath].tolist(), problems)
    return sheet.keep(~beneath)


def note_beneath(file: str, rows: list[int], problems: Problems) -> None:
    """Note how many rows stand beneath the declared last one."""
    if rows:
        message = "rows beneath last_row; not read"
        problems.add("note", "rows_beneath", message, file=file, row=rows[0], value=_count(len(rows)))


def rows_of_patients(sheet: Sheet, source: Source, problems: Problems) -> Sheet:
    """Return the rows of a file that can be a patient's.

    Parameters
    ----------
    sheet
        The text of one file, after its corrections.
    source
        ``rows_without_patient`` says whether rows that are no patient's are refused or left out;
        ``real_identifiers`` names patients who read like a summary.
    problems
        Receives an error for each row that reads like means or totals, or the number of rows left out as declared.
    """
    named = source.columns.get("patient_id")
    identifiers = [column for column in columns_of(named or ()) if column in sheet.cells]
    summaries = _summary_rows(sheet, source, identifiers)
    if source.rows_without_patient == "note":
        left_out = np.any([*summaries.values(), *(_is_empty(sheet, c, source) for c in identifiers)], axis=0)
        if left_out.any():
            message = "rows without an identifier, or with a word such as Mean in its place; left out as declared"
            first = int(sheet.rows[left_out].iloc[0])
            value = _count(int(left_out.sum()))
            problems.add("note", "rows_without_patient", message, file=sheet.label, row=first, value=value)
        return sheet.keep(~left_out) if left_out.any() else sheet
    message = (
        "reads like a row of means or totals, not like a patient; leave such rows out with "
        'rows_without_patient = "note" or last_row, or list the word in real_identifiers if it is a patient\'s'
    )
    refused = np.zeros(len(sheet.rows), dtype=bool)
    for column, rows in summaries.items():
        lines = sheet.rows[rows & ~refused]
        words = sheet.cells[column][rows & ~refused]
        places = sheet.places(column, lines)
        problems.add_rows("error", "summary_row", message, files=places, rows=lines, column=column, values=words)
        refused |= rows
    return sheet.keep(~refused) if refused.any() else sheet


def _summary_rows(sheet: Sheet, source: Source, identifiers: list[str]) -> dict[str, np.ndarray]:
    """Return which rows read like a summary, for each column in which some do."""
    clinics = [column for column in columns_of(source.columns.get("clinic_id", ())) if column in sheet.cells]
    found = {column: _reads_like_one(sheet, column, source, short=True) for column in identifiers}
    found |= {c: _reads_like_one(sheet, c, source, short=False) for c in clinics if c not in found}
    if not identifiers:  # rows number the people, and the word stands in whichever column has room for it
        for column in [str(name) for name in sheet.cells if name not in used_columns(source)]:
            rows = _reads_like_one(sheet, column, source, short=False)
            at_the_end = np.logical_and.accumulate(rows[::-1])[::-1]
            found[column] = at_the_end if (rows == at_the_end).all() else rows & False
    return {column: rows for column, rows in found.items() if rows.any()}


def _reads_like_one(sheet: Sheet, column: str, source: Source, short: bool) -> np.ndarray:
    distinct = sheet.cells[column].cat.categories
    # A large file has many identifiers, and nearly all hold a digit, which a summary has only beside these marks.
    words = distinct[~distinct.str.match(_NO_SUMMARY)].tolist()
    if _ANY.isdisjoint(_SAID.findall("\n".join(words).casefold())):
        return np.zeros(len(sheet.rows), dtype=bool)
    known = {*source.real_identifiers, *source.na_values}
    candidates = [word for word in words if not _ANY.isdisjoint(_SAID.findall(word.casefold())) and word not in known]
    if not candidates:
        return np.zeros(len(sheet.rows), dtype=bool)
    others = set(distinct) - {""}
    surely = {word for word in candidates if is_summary(word, _SURE) or _is_subtotal(word, others)}
    perhaps = {word for word in candidates if short and is_summary(word, _ANY)} - surely
    rest = others - surely - perhaps
    lettered = sum(not re.search(r"\d", word) for word in rest)
    if 2 * lettered >= len(rest):  # the other identifiers are words or initials too
        perhaps = set()
    return sheet.cells[column].isin(surely | perhaps).to_numpy()


def is_summary(text: str, words: Collection[str]) -> bool:
    """Whether a whole cell is made of the words of a summary.

    Examples
    --------
    >>> [is_summary(text, {"mean", "total", "sd"}) for text in ("Mean ± SD", "Grand total:", "Total (n = 6)")]
    [True, True, True]
    >>> [is_summary(text, {"mean", "total", "n"}) for text in ("N1", "Meaney", "P-7 total hip")]
    [False, False, False]
    """
    plain = re.sub(r"\(?\bn\s*=\s*\d*\s*\)?", " n ", text.casefold()) if "=" in text else text.casefold()
    said = _SAID.findall(plain)
    named = any(word in words for word in said) and _ANY.union(_BESIDE.split()).issuperset(said)
    return named and not re.search(r"\d", plain)


def _is_subtotal(text: str, others: set[str]) -> bool:
    """Whether it is one that a spreadsheet writes beneath a group of rows, such as ``North Total``."""
    group, _, last = text.rpartition(" ")
    return last.casefold() in _SURE and group in others


def _is_empty(sheet: Sheet, column: str, source: Source) -> np.ndarray:
    return sheet.cells[column].isin(["", *source.na_values]).to_numpy()


def _count(rows: int) -> str:
    return f"{rows} row{'s' if rows > 1 else ''}"
