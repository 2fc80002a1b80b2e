"""From a loaded study to all its tables: the table of contents of the analysis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.hips.by_chance import with_changes_by_chance
from analysis.hips.care import care
from analysis.hips.change import change_of_hips
from analysis.hips.classify import classify_hips
from analysis.hips.cohort import Hips, hips_of
from analysis.hips.response import respond
from analysis.machine.memory import A_VISIT, NEEDS_LESS, refuse_beyond_memory
from analysis.protocol.measures import Reading
from analysis.schema import HIP, conform
from analysis.study import Study
from analysis.usererror import UserError


@dataclass(frozen=True, repr=False)
class Tables:
    """Every table of a study, a plain DataFrame each, made from the ones before it."""

    assessments: pd.DataFrame
    interventions: pd.DataFrame
    classifications: pd.DataFrame
    changes: pd.DataFrame
    responses: pd.DataFrame
    care: pd.DataFrame

    def __repr__(self) -> str:
        """List the tables with their sizes; the rows are one name away."""
        sizes = [
            f"  {name:<15} {len(table):>7,} rows, {table.shape[1]:>2} columns" for name, table in vars(self).items()
        ]
        return "\n".join(["Tables, each a DataFrame, such as tables.changes:", *sizes])


def analyse(study: Study, reading: Reading = "strict") -> Tables:
    """Make every table of a study.

    Parameters
    ----------
    study
        As :func:`analysis.load` returns it.
    reading
        The reading of the responder rules, ``"strict"`` or ``"lenient"``.

    Returns
    -------
    Tables
        ``changes`` also carries what chance is expected to change, ``responses`` the care each hip received
        (``stretch_given``, ``match``, ``indicated``, …), so that rates can be formed by any of it.

    Raises
    ------
    StudyError
        The tables do not fit into memory.
    """
    refuse_beyond_memory(study.folder, len(study.assessments) * A_VISIT, "every table at once", NEEDS_LESS)
    protocol = study.protocol
    visits, hips, classifications = _classified(study)
    changes = with_changes_by_chance(change_of_hips(visits, hips, classifications, protocol), protocol)
    responses = respond(changes, protocol, reading)
    # Whether a test changed before the stretch does not hang on how leniently a response is read.
    strict = responses if reading == "strict" else respond(changes, protocol)
    received = care(classifications, study.interventions, visits, strict, protocol)
    responses = responses.merge(received, on=HIP, how="left", validate="m:1")
    return Tables(study.assessments, study.interventions, classifications, changes, responses, received)


def responses_alone(study: Study) -> pd.DataFrame:
    """Return the responses of :func:`analyse` without the care received, for a count that asks for nothing else."""
    return respond(change_of_hips(*_classified(study), study.protocol), study.protocol)


def _classified(study: Study) -> tuple[pd.DataFrame, Hips, pd.DataFrame]:
    """Return the visits of a study as every table reads them, whose hips they are of, and the class of each hip."""
    visits = conform(study.assessments, "assessments", study.protocol)
    hips = hips_of(visits)
    return visits, hips, classify_hips(visits, hips, study.protocol)


def in_period(tables: Tables, period: str) -> Tables:
    """Return the tables for hips stretched in a period: ``2026``, ``2026Q1`` or ``2026-03``.

    What counts is the earlier visit of the primary comparison, so that no hip belongs to two periods.

    Raises
    ------
    UserError
        It is not written so.
    """
    if not period:
        return tables
    try:
        span = pd.Period(period)
    except ValueError:
        span = None
    # pandas would also take 26, 3Q26 or a day.
    if not isinstance(span, pd.Period) or str(span) != period or span.freqstr[0] not in "YQM":
        raise UserError(f"period is {period!r}; write it like 2026, 2026Q1 or 2026-03")
    changes = _first_visits(tables)
    return keep_hips(tables, changes.loc[changes["date"].between(span.start_time, span.end_time), HIP])


def quarters(tables: Tables) -> tuple[str, str] | None:
    """Return the first and last quarter of which :func:`in_period` has hips; None where no visit has a date."""
    dates = _first_visits(tables)["date"].dropna()
    return None if dates.empty else (str(dates.min().to_period("Q")), str(dates.max().to_period("Q")))


def _first_visits(tables: Tables) -> pd.DataFrame:
    primary = tables.changes["comparison"].cat.categories[0]
    return tables.changes[tables.changes["comparison"] == primary]


def in_group(tables: Tables, column: str, value: str) -> Tables:
    """Return the tables for the hips with one value of an attribute, such as one clinic; all if it is empty."""
    if not value:
        return tables
    return keep_hips(tables, tables.changes.loc[tables.changes[column].astype("str") == value, HIP])


def keep_hips(tables: Tables, hips: pd.DataFrame) -> Tables:
    """Return every table for the named hips only; what was worked out from the whole cohort stays."""
    kept = {name: table[_are_among(table, hips)].reset_index(drop=True) for name, table in vars(tables).items()}
    return Tables(**kept)


def rows_in_groups(
    table: pd.DataFrame, changes: pd.DataFrame, column: str, values: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of a table that :func:`in_group` keeps for each of several values, and the place of its value."""
    number, of_hip = _numbers_of_hips(table, changes)
    group = changes[column].astype("str").to_numpy(dtype="object")
    rows = [
        np.flatnonzero(np.isin(number, of_hip[group == value])) if value else np.arange(len(table)) for value in values
    ]
    return np.concatenate(rows), np.arange(len(values)).repeat([len(one) for one in rows])


def _are_among(rows: pd.DataFrame, hips: pd.DataFrame) -> np.ndarray:
    return np.isin(*_numbers_of_hips(rows, hips))


def _numbers_of_hips(rows: pd.DataFrame, hips: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Number the hips of two tables alike, -1 for one that is not in the second.

    By numbers, as an index of three columns takes ten times as long.
    """
    number, wanted = np.zeros(len(rows), dtype="int64"), np.zeros(len(hips), dtype="int64")
    if rows.empty:
        return number, wanted
    known = np.ones(len(rows), dtype=bool)
    for name in HIP:
        own, codes, n_values = _numbered_alike(rows[name], hips[name])
        known &= own >= 0
        number, wanted = number * n_values + own, wanted * n_values + codes
    return np.where(known, number, -1), wanted


def _numbered_alike(values: pd.Series, known: pd.Series) -> tuple[np.ndarray, np.ndarray, int]:
    """Number the values of two columns, -1 where one is not among those known; and say how many are."""
    if isinstance(known.dtype, pd.CategoricalDtype) and values.dtype == known.dtype:
        own, codes = (column.cat.codes.to_numpy(dtype="int64") for column in (values, known))
        return own, codes, len(known.cat.categories)
    codes, found = pd.factorize(known.astype("str"))
    return pd.Index(found).get_indexer(pd.Index(values.astype("str"))), codes, len(found)
