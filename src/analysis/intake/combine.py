"""Rows become the two tables: one row a visit, one row a treated hip, and who the people are."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.intake.problems import Problems
from analysis.intake.repeats import said_of_repeats
from analysis.intake.reshape import refuse_rows
from analysis.intake.runs import begins_run
from analysis.intake.sheet import cell_text
from analysis.intake.unmeasured import hips_without_reading
from analysis.protocol import Protocol
from analysis.schema import HIP, VISIT


def split_tables(rows: pd.DataFrame, protocol: Protocol, problems: Problems) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Divide rows into assessments (visits at which something was measured) and interventions (one a hip).

    Both come sorted by their key, in which text has become categories.
    """
    noun = protocol.words
    if "timepoint" not in rows:
        rows = rows.assign(timepoint=pd.Series(index=rows.index, dtype="str"))
    # Sorting once by categories is what makes all that follows fast; of equal rows the first of the file stays first.
    rows = rows.assign(**{name: _in_order(rows[name]) for name in ("patient_id", "episode")})
    rows = sorted_by_visit(rows)
    visited, untimed = rows["visited"].to_numpy(dtype="bool"), rows["timepoint"].isna().to_numpy()
    refuse_rows(rows, visited & untimed, "timepoint", problems)
    usable = visited & ~untimed
    assessments = one_row_a_visit(rows if usable.all() else rows[usable].reset_index(drop=True), problems)
    unread = hips_without_reading(rows, usable, protocol)
    if len(unread):
        message = (
            f"no reading of this {noun.hip} at any visit; it is counted, and its outcome is missing; if the row is no "
            'patient\'s, see last_row and rows_without_patient = "note"'
        )
        # Where a reading was refused, its error is what there is to say.
        refused = problems.rows_in_error()
        places = zip(unread["source_file"].astype("object"), unread["source_row"], strict=True)
        silent = np.array([place not in refused for place in places])
        report_rows(unread, silent, problems, "warning", "no_reading", message, "patient_id")
        assessments = sorted_by_visit(pd.concat([assessments, unread], ignore_index=True))
    measures = [name for name in protocol.measures_of("interventions") if name in rows]
    treated = rows[rows[measures].notna().any(axis=1)] if measures else rows.iloc[:0]
    treated = treated[[*HIP, *measures, "source_file", "source_row"]]
    if begins_run(treated, HIP).all():
        return assessments, treated
    for name in measures:
        several = treated.groupby(HIP, observed=True)[name].transform("nunique") > 1
        message = f"rows of one {noun.hip} and episode disagree; number the episodes or correct it"
        report_rows(treated, several, problems, "error", "treatments_disagree", message, name)
    return assessments, treated.groupby(HIP, as_index=False, sort=False, observed=True).first()


def _in_order(words: pd.Series) -> pd.Series:
    """Return text as categories in the order of the alphabet."""
    column = words.astype("category").cat
    if column.categories.is_monotonic_increasing:
        return column.as_unordered()
    order = column.categories.argsort()
    place = np.full(len(order) + 1, -1)  # -1, what is missing, is the last
    place[order] = np.arange(len(order))
    ordered = pd.Categorical.from_codes(place[column.codes], categories=column.categories.take(order))
    return pd.Series(ordered, index=words.index)


def sorted_by_visit(rows: pd.DataFrame) -> pd.DataFrame:
    """Sort rows by categories; of equal rows the first stays first. A file that is in order is not moved."""
    number = np.zeros(len(rows), dtype="int64")
    for name in VISIT:
        column = rows[name].astype("category").cat
        codes, levels = column.codes.to_numpy(), len(column.categories)
        number *= levels + 1  # in place: new memory for two million rows takes longer than the sum
        number += codes
        number[codes < 0] += levels + 1  # what is missing comes last
    if (number[1:] >= number[:-1]).all():
        return rows.reset_index(drop=True)
    return rows.iloc[np.argsort(number, kind="stable")].reset_index(drop=True)


def report_rows(
    table: pd.DataFrame,
    where: np.ndarray | pd.Series,
    problems: Problems,
    severity: str,
    rule: str,
    message: str | np.ndarray,
    column: str,
) -> None:
    """Note the same fault for rows of a table, with what stands in a column of theirs where one is named.

    Parameters
    ----------
    table
        Has ``source_file`` and ``source_row``.
    where
        A mask of the rows at fault, or their numbers counted from 0.
    problems, severity, rule, message
        Where the fault is noted, and as what; one message for all, or one for each row of the table.
    column
        The name whose value is shown; none if empty.
    """
    place = np.asarray(where)
    if place.dtype == bool:
        place = np.flatnonzero(place)
    if not len(place):
        return
    rows = table[["source_file", "source_row", *([column] if column else [])]].iloc[place]
    values = [cell_text(value) for value in rows[column].astype("object")] if column else [""] * len(rows)
    problems.add_rows(
        severity,
        rule,
        message if isinstance(message, str) else message[place].tolist(),
        files=rows["source_file"],
        rows=rows["source_row"],
        column=column,
        values=values,
    )


def one_row_a_visit(rows: pd.DataFrame, problems: Problems) -> pd.DataFrame:
    """Complete visits from files that say so; keep the first of visits that stand twice, and report the others."""
    completes = (rows["completes"] != 0).to_numpy(dtype="bool")
    twice = again = ~begins_run(rows, VISIT)
    if not again.any() and not completes.any():
        return rows
    if completes.any():
        twice = again & (~completes | rows.duplicated([*VISIT, "completes"]).to_numpy())
    if twice.any():
        report_rows(rows, twice, problems, "error", "visit_twice", said_of_repeats(rows, again), "")
    alone = "completes a visit that no file above has; is the identifier the same in every file?"
    report_rows(rows, completes & ~again, problems, "warning", "completes_nothing", alone, "patient_id")
    kept = rows[~again].reset_index(drop=True)
    for _, more in rows[again & ~twice].groupby("completes"):
        kept = _completed(kept, more, problems)
    return kept


def _completed(visits: pd.DataFrame, more: pd.DataFrame, problems: Problems) -> pd.DataFrame:
    """Fill what visits lack from other rows of the same visits; two files may not contradict each other."""
    key = pd.MultiIndex.from_frame(visits[VISIT].astype("str"))
    place = key.get_indexer(pd.MultiIndex.from_frame(more[VISIT].astype("str")))
    result = visits.copy()
    for name in [
        str(name)
        for name in more
        if name not in (*VISIT, "completes", "source_file", "source_row", "visited", "listed")
    ]:
        here, there = visits[name].iloc[place].astype("object"), more[name].astype("object")
        differs = here.notna().to_numpy() & there.notna().to_numpy() & (here.to_numpy() != there.to_numpy())
        message = "two files say different things of one visit; correct one, or map it from one file only"
        report_rows(more, differs, problems, "error", "files_disagree", message, name)
        fill = pd.Series(there.to_numpy(), index=visits.index[place]).astype(more[name].dtype)
        result[name] = visits[name].where(visits[name].notna(), fill.reindex(visits.index))
    return result


def add_persons(
    assessments: pd.DataFrame, persons: pd.DataFrame, protocol: Protocol, problems: Problems
) -> pd.DataFrame:
    """Give every visit the attributes that a file of persons has of its patient.

    Parameters
    ----------
    assessments
        One row a visit.
    persons
        One row a person: ``patient_id``, some attributes, ``source_file``, ``source_row``.
    protocol
        Names the attributes.
    problems
        Receives people who stand twice, and what contradicts the visits.
    """
    again = persons.duplicated("patient_id")
    message = "this person was read before; remove one of the rows"
    report_rows(persons, again, problems, "error", "person_twice", message, "patient_id")
    unseen = ~persons["patient_id"].isin(assessments["patient_id"]).to_numpy()
    report_rows(persons, unseen, problems, "note", "person_not_assessed", "a person without any visit", "patient_id")
    people = persons[~again].set_index("patient_id")
    result = assessments.copy()
    for name in [name for name in dict.fromkeys(["clinic_id", *protocol.attributes]) if name in people]:
        theirs = assessments["patient_id"].map(people[name].astype("object"))
        ours = assessments[name].astype("object") if name in assessments else theirs
        differs = ours.notna() & theirs.notna() & (ours != theirs)
        message = "the visit and the file of persons differ; correct one of them"
        report_rows(assessments, differs, problems, "error", "files_disagree", message, name)
        result[name] = ours.where(ours.notna(), theirs)
    return result
