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
stdv percentile quartile summary overall reference references
mittelwert mittelwerte mittel durchschnitt gesamtmittelwert standardabweichung standardabw abweichung stabw summe gesamt
gesamtsumme gesamtergebnis ergebnis teilergebnis zwischensumme anzahl referenz normwert normwerte
moyenne moyennes médiane mediane somme écart ecart nombre effectif totaux
promedio mediana desviación desviacion recuento totale somma conteggio média totales totali totais deviazione desvio
soma ø σ totaal gemiddelde aantal standaarddeviatie mediaan medelvärde summa średnia srednia suma odchylenie
"""
# These may also be the initials or the name of somebody, in a file whose identifiers are such.
_SHORT = """
n m p t sd se sem sum min max avg ave cv ci med std var tot mw iqr all moy ec et dp ds de dev som norm normal test
demo dummy example beispiel exemple ejemplo esempio exemplo voorbeeld
na nan null none nil missing unknown unk anonymous anonym blank leer vide
"""
_BESIDE = """
grand sub sous standard std st dev err error of the all group arm column no number patients subjects participants cases
hips left right and type général générale generale general typique estándar estandar value values wert werte valeur
valeurs valor valores alle aller tous toutes todos todas tutti tutte patienten pazienti pacientes
"""
_FEW_WORDS = 10_000  # a column with more is one of identifiers or dates, and looking for names there takes long
_TRIALS = ("test", "demo", "dummy")  # of whoever set the form up
_SURE, _ANY = frozenset(_SUMMARIES.split()), frozenset([*_SUMMARIES.split(), *_SHORT.split()])
_SAID = re.compile(r"[^\W\d_]+")
# A digit, and after the last one no blank, nor a word beyond a dash as in P1-mean.
_NO_SUMMARY = r"[^ =]*[0-9](?:[^ =_-]*|[_-][^ =_-])$"
_OF_PERSON = re.compile(r"(.*\d.*?)[\s_-]+([^\W\d_]{2,})")
_NOBODY = re.compile(r"[\W_]+|#?n[/.]a\.?", re.IGNORECASE)  # what is written where there is nothing to write
_REMARK = re.compile(r"^[*†‡]|=|: |(?:\S+ ){3}")


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
    sheet = _without_names(sheet, source, problems)
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
        "reads like a row of means or totals, a remark or a test, not like a patient; leave such rows out with "
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


def _without_names(sheet: Sheet, source: Source, problems: Problems) -> Sheet:
    """Refuse rows in which the names of columns stand again; beneath them these may stand in another order."""
    names = set(map(str, sheet.cells))
    again, elsewhere = np.zeros((2, len(sheet.rows)), dtype="int32")
    for column in map(str, sheet.cells):
        cells = sheet.cells[column].cat
        if len(cells.categories) <= _FEW_WORDS and not names.isdisjoint(cells.categories):
            own = cells.categories == column
            again += np.append(own, False)[cells.codes.to_numpy()]
            elsewhere += np.append(cells.categories.isin(names) & ~own, False)[cells.codes.to_numpy()]
    several = np.maximum(again, elsewhere) > 1
    if not several.any():
        return sheet
    # Forms with a column for each choice write its name into the cell; a row of names holds little else.
    several[several] = 2 * (again + elsewhere)[several] > (sheet.cells[several] != "").sum(axis=1).to_numpy()
    moved, repeated = several & (elsewhere > 1), several & (elsewhere <= 1)
    message = (
        "the names of columns stand here again in another order, so that the rows beneath would be read as other "
        "columns; give the table beneath a file or sheet of its own"
    )
    _refuse_rows(sheet, moved, message, problems)
    if source.rows_without_patient == "error":
        message = 'the names of the columns stand here again; leave such rows out with rows_without_patient = "note"'
        _refuse_rows(sheet, repeated, message, problems)
    elif repeated.any():
        message = "rows in which the names of the columns stand again; left out as declared"
        first, count = int(sheet.rows[repeated].iloc[0]), _count(int(repeated.sum()))
        problems.add("note", "rows_without_patient", message, file=sheet.label, row=first, value=count)
    return sheet.keep(~several) if several.any() else sheet


def _refuse_rows(sheet: Sheet, where: np.ndarray, message: str, problems: Problems) -> None:
    rows = sheet.rows[where]
    files, values = [sheet.label] * len(rows), [""] * len(rows)
    if len(rows):
        problems.add_rows("error", "names_again", message, files=files, rows=rows, column="", values=values)


def _summary_rows(sheet: Sheet, source: Source, identifiers: list[str]) -> dict[str, np.ndarray]:
    """Return which rows read like a summary, for each column in which some do."""
    clinics = [column for column in columns_of(source.columns.get("clinic_id", ())) if column in sheet.cells]
    groups = {str(word) for column in clinics for word in sheet.cells[column].cat.categories}
    found = {column: _reads_like_one(sheet, column, source, groups) for column in identifiers}
    found |= {c: _reads_like_one(sheet, c, source) for c in clinics if c not in found}
    if not identifiers:  # rows number the people, and the word stands in whichever column has room for it
        for column in [str(name) for name in sheet.cells if name not in used_columns(source)]:
            rows = _reads_like_one(sheet, column, source)
            at_the_end = np.logical_and.accumulate(rows[::-1])[::-1]
            found[column] = at_the_end if (rows == at_the_end).all() else rows & False
    return {column: rows for column, rows in found.items() if rows.any()}


def _reads_like_one(sheet: Sheet, column: str, source: Source, groups: Collection[str] | None = None) -> np.ndarray:
    """Return which rows hold a word of a summary; of identifiers, for which ``groups`` are given, also a remark."""
    distinct = sheet.cells[column].cat.categories
    # A large file has many identifiers, and nearly all hold a digit, which a summary has only beside these marks.
    known = {"", *source.real_identifiers, *source.na_values}
    words = [word for word in distinct[~distinct.str.match(_NO_SUMMARY)].tolist() if word not in known]
    found: set[str] = set()
    if not _ANY.isdisjoint(_said("\n".join(words))):
        named, others = [word for word in words if not _ANY.isdisjoint(_said(word))], set(distinct) - {""}
        places = others.union(groups or ())
        found = {word for word in named if is_summary(word, _SURE) or _is_subtotal(word, places)}
        found |= set() if groups is None else _among_codes(named, found, others)
    found |= set() if groups is None else {word for word in words if _NOBODY.fullmatch(word)}
    remarks = [] if groups is None else [word for word in words if _REMARK.search(word)]
    rows = sheet.cells[column].isin(found).to_numpy() if found else np.zeros(len(sheet.rows), dtype=bool)
    return rows | (sheet.cells[column].isin(remarks).to_numpy() & _nothing_beside(sheet, column)) if remarks else rows


def _among_codes(named: list[str], surely: set[str], others: set[str]) -> set[str]:
    """Return what is no patient where the others are codes with digits, not words or initials that may be such too."""
    perhaps = {word for word in named if is_summary(word, _ANY)} - surely
    headed = {word for word in named if _is_headed(word)} - surely - perhaps
    rest = others - surely - perhaps - headed
    if len(headed) >= len(rest):  # a study may call its patients Test 1, Test 2
        rest, headed = rest | headed, set()
    lettered = sum(not re.search(r"\d", word) for word in rest)
    return set() if 2 * lettered >= len(rest) else perhaps | headed


def _nothing_beside(sheet: Sheet, column: str) -> np.ndarray:
    """Return which rows hold nothing in any other column."""
    return np.logical_and.reduce([(sheet.cells[name] == "").to_numpy() for name in sheet.cells if name != column])


def _said(text: str) -> list[str]:
    return _SAID.findall(text.casefold().replace("∑", "σ"))


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
    said = _said(plain)
    named = any(word in words for word in said) and _ANY.union(_BESIDE.split()).issuperset(said)
    return named and not re.search(r"\d", re.sub(r"\d+ ?%", "", plain))


def _is_headed(text: str) -> bool:
    """Whether it begins with a word of a summary, as ``Mean North`` and ``Total 3 patients`` do, or with Test."""
    first, *more = _said(text)
    begins = first in _SURE.union(_TRIALS) and text[len(first) :][:1] in ("", " ")
    return begins and (not re.search(r"\d", text) or _ANY.union(_BESIDE.split()).issuperset(more))


def _is_subtotal(text: str, groups: Collection[str]) -> bool:
    """Whether it is one of a group of rows, such as ``North Total``, ``Totale Roma`` and, of a person, ``P1 avg``."""
    before, _, last = text.rpartition(" ")
    first, _, after = text.partition(" ")
    if (last.casefold() in _SURE and before in groups) or (first.casefold() in _SURE and after in groups):
        return True
    of_person = _OF_PERSON.fullmatch(text)
    return of_person is not None and of_person[1] in groups and of_person[2].casefold() in _ANY


def _is_empty(sheet: Sheet, column: str, source: Source) -> np.ndarray:
    return sheet.cells[column].isin(["", *source.na_values]).to_numpy()


def _count(rows: int) -> str:
    return f"{rows} row{'s' if rows > 1 else ''}"
