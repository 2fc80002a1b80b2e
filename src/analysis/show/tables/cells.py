"""What the cells of all tables share: labels, what is withheld, numbers with their intervals."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd

from analysis.answers.counting import INTERVAL, NOT_RECORDED
from analysis.disclosure import WHY_WITHHELD, need_marks
from analysis.protocol import Protocol
from analysis.protocol.measures import Measure
from analysis.show.records import records
from analysis.show.words import (
    NOT_ESTIMABLE,
    WITHHELD,
    Row,
    change,
    digits,
    from_to,
    known,
    level,
    number,
    percent,
    points_limits,
    rate_text,
    sentence_start,
    signed,
)
from analysis.stats.beyond_chance import ABOVE, BELOW
from analysis.stats.clusters import FEWEST_CLINICS

WITHHELD_NOTE = f"Withheld: {WHY_WITHHELD}. It does not mean 0."
CHANCE_NOTE = (
    "By chance: the share that would have improved if nothing had truly changed, given measurement error, "
    "rounding and poor first readings."
)
VERDICT_NOTE = (
    "Not clear of chance: the interval includes the chance rate; or fewer than 10 people responded, and an exact test "
    "does not exclude chance."
)


def group_label(column: str, value: object, protocol: Protocol) -> str:
    """Return what a reader should see for a level of a group."""
    noun = protocol.words
    if column == "stretch_type" and value in protocol.types:
        return protocol.types[str(value)].label
    if column == "match" and value == NOT_RECORDED:
        return f"No {noun.stretch} given, or none called for"
    return sentence_start(level(value))


def short_label(column: str, value: object, protocol: Protocol) -> str:
    """Return the part of a group's label that names it, such as "Type 1", for a table without room for more."""
    return group_label(column, value, protocol).split(":")[0]


def names_note(table: pd.DataFrame, column: str, protocol: Protocol) -> list[str]:
    """Return the note that says in full what :func:`short_label` cut short; none if it cut nothing."""
    labels = dict.fromkeys(group_label(column, value, protocol) for value in table[column])
    cut = [label for label in labels if ":" in label]
    return [f"{'. '.join(cut)}."] if cut else []


def withheld(row: Row) -> bool:
    """Whether the numbers of a row may not be shown."""
    need_marks(row)
    return bool(row["suppressed"])


def anything_shown(table: pd.DataFrame, has_content: pd.Series) -> bool:
    """Whether any row holds a number that may be shown; a table without one adds nothing to its sentence."""
    return bool((~table["suppressed"].astype("bool") & has_content.astype("boolean").fillna(False)).any())


def all_withheld(table: pd.DataFrame) -> bool:
    """Whether no row of a table may be shown; such a table adds nothing to a sentence that says so."""
    if table.empty:
        return False
    need_marks(table)
    return bool(table["suppressed"].all())


def shown_rows(table: pd.DataFrame) -> list[Row]:
    """Return the rows whose numbers may be shown."""
    return records(table[~table["suppressed"].astype("bool")])


def under_headings(rows: Iterable[tuple[str, list[str]]]) -> list[list[str]]:
    """Return rows of cells, those with one heading beneath it.

    Examples
    --------
    >>> under_headings([("T1", ["left", "3"]), ("T1", ["right", "4"]), ("T2", ["left", "5"])])
    [['T1'], ['left', '3'], ['right', '4'], ['T2'], ['left', '5']]
    """
    found: dict[str, list[list[str]]] = {}
    for heading, cells in rows:
        found.setdefault(heading, [[heading]]).append(cells)
    return [row for group in found.values() for row in group]


def withheld_note(table: pd.DataFrame, *beside: str) -> list[str]:
    """Return the note that a table needs with withheld rows, or with counts withheld alone in the columns named."""
    alone = any(table[name].isna().any() for name in beside if name in table)
    return [WITHHELD_NOTE] if len(table) and (alone or table["suppressed"].any()) else []


def interval_note(table: pd.DataFrame) -> str:
    """Return how the intervals of a table of counted hips are made, and what became of people without a clinic."""
    others = table["cluster_note"].str.contains("not recorded").fillna(False).any()
    more = " People whose clinic is not recorded count as one more clinic." if others else ""
    return f"{INTERVAL}.{more}"


def clustering_note(table: pd.DataFrame) -> str:
    """Return the sentence that says what the intervals of a table take as independent; none where all is withheld.

    Where its rows are of different clinics, the sentence is true of each.

    Examples
    --------
    >>> short = "people are taken as independent"
    >>> clustering_note(pd.DataFrame({"cluster_note": [f"{short}, so it speaks of 3 clinics only", short, None]}))
    'Intervals: people are taken as independent, so it speaks of 3 clinics only.'
    """
    given = list(dict.fromkeys(table["cluster_note"].dropna())) if len(table) else []
    # A row of nobody has the beginning of a note alone.
    notes = [note for note in given if not any(other.startswith(f"{note},") for other in given)]
    alone = [note for note in notes if note.startswith("people are taken as independent")]
    if alone and len(notes) > 1:
        by_clinic = [note for note in notes if note not in alone]
        few = f"with fewer than {FEWEST_CLINICS} clinics " if by_clinic else ""
        whom = "these" if by_clinic else "the clinics of its row"
        notes = [*by_clinic, f"{few}people are taken as independent, so it speaks of {whom} only"]
    return f"Intervals: {'; '.join(notes)}." if notes else ""


def number_or_withheld(count: int) -> str:
    """Return a count that may be withheld alone."""
    return WITHHELD if pd.isna(count) else number(count)


def bare_mean_note(table: pd.DataFrame, mean: str) -> list[str]:
    """Return the note that a table needs in which a mean has no interval, from the column so named."""
    bare = len(table) and (table[mean].notna() & table["ci_low"].isna()).any()
    why = "A mean without an interval is that of one person, or nothing differs by which to judge it."
    return [why] if bare else []


def reason_notes(
    table: pd.DataFrame, labels: Iterable[str], protocol: Protocol, column: str = "not_estimable"
) -> list[str]:
    """Return the notes that say of which rows, by their labels, there is no estimate, and why: each reason once.

    A reason is too long for a cell: it would take the room of the numbers beside it.

    Examples
    --------
    >>> from analysis.protocol import builtin
    >>> why = pd.DataFrame({"not_estimable": ["no interval: one person", "no hip matched", "no hip matched", None]})
    >>> reason_notes(why, ["Crude", "Weighted", "Both", "Withheld"], builtin())
    ['No interval: Crude: one person.', 'Not estimable: Weighted; Both: no hip matched.']
    """
    given: dict[str, dict[str, None]] = {}
    for label, reason in zip(labels, table[column].fillna(""), strict=True):
        given.setdefault(protocol.words.tell(str(reason)), {})[label] = None
    return [_reason_note("; ".join(rows), reason) for reason, rows in given.items() if reason]


def _reason_note(rows: str, reason: str) -> str:
    *lacks, why = reason.split("no interval: ")
    return f"{'No interval' if lacks else sentence_start(NOT_ESTIMABLE)}: {rows}: {why}."


def response_labels(table: pd.DataFrame, protocol: Protocol) -> list[str]:
    """Return the label of the rule that each row counts by."""
    return [protocol.responses[str(name)].label for name in table["response"]]


def group_labels(table: pd.DataFrame, column: str, protocol: Protocol) -> list[str]:
    """Return the label of the group that each row is about."""
    return [group_label(column, value, protocol) for value in table[column]]


def points_text(row: Row, difference: str, limits: str) -> str:
    """Return a difference of shares in percentage points with its interval, from the columns so named."""
    if not known(row[difference]) or not known(row[f"{limits}_low"]):
        return "–"
    return f"{signed(100 * row[difference])} ({points_limits(row, limits)})"


def degrees_text(row: Row, value: str, limits: str, measure: Measure) -> str:
    """Return a change or difference with its interval, from the columns so named; a dash where there is none."""
    if not known(row[value]):
        return "–"
    low, high = (row[f"{limits}_{end}"] for end in ("low", "high"))
    ends = f" ({from_to(low, high, measure)})" if known(low) else ""
    return f"{change(row[value], measure)}{ends}"


def rate_cell(row: Row) -> str:
    """Return a rate with its numerator, denominator and interval."""
    excluded = row["chance_rate"] if row.get("against_chance") in (ABOVE, BELOW) else math.nan
    return rate_text(row["n_responders"], row["n_evaluable"], row["rate"], row["ci_low"], row["ci_high"], excluded)


def chance_cell(row: Row) -> str:
    """Return what chance alone would give."""
    return percent(row["chance_rate"]) if known(row["chance_rate"]) else "–"


def chance_and_verdict(row: Row) -> str:
    """Return the same with the verdict on the rate where there is one."""
    verdict = {ABOVE: ", rate above", BELOW: ", rate below"}.get(row["against_chance"], "")
    return f"{chance_cell(row)}{verdict if row['n_evaluable'] else ''}"


def chance_range(row: Row, measure: Measure, over: str = " over the measurement errors tried") -> str:
    """Return the changes that chance gives over the measurement errors tried, in brackets; empty where all agree."""
    low, high = (number(row[f"by_chance_{end}"], digits(measure)) for end in ("low", "high"))
    return f" ({low} to {high}{over})" if low != high else ""


def mean_chance_cell(row: Row, measure: Measure) -> str:
    """Return the mean change that chance alone gives, with its range over the measurement errors tried."""
    if not known(row["by_chance"]):
        return "–"
    return f"{change(row['by_chance'], measure)}{chance_range(row, measure, '')}"


def in_brackets(cells: Iterable[str]) -> str:
    """Return what the brackets of :func:`mean_chance_cell` hold, for a note; empty where no cell has any.

    Examples
    --------
    >>> in_brackets(["+0.1°", "−1.6° (−2.3 to −0.7)"])
    '; in brackets over the measurement errors tried'
    >>> in_brackets(["+0.1°", "–"])
    ''
    """
    return "; in brackets over the measurement errors tried" if any("(" in cell for cell in cells) else ""


def mean_chance_note(cells: Iterable[str]) -> str:
    """Return the note of a column of :func:`mean_chance_cell`."""
    return f"By chance: the mean change if nothing had truly changed (regression to the mean){in_brackets(cells)}."
