"""Responses become rates: how many hips responded, of how many, of how many people, and by chance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.answers.counting import CHANCES, count_hips, with_not_recorded
from analysis.hips.clinic_of_person import clinic_of_person
from analysis.hips.judge import NOT_MISSING
from analysis.pipeline import Tables, analyse
from analysis.schema import TableError
from analysis.stats.beyond_chance import against_every_chance
from analysis.stats.excess import excess_over_chance
from analysis.stats.rate_intervals import DEFAULT_INTERVAL, RATE_INTERVALS
from analysis.study import Study
from analysis.usererror import UserError


def rates(
    responses: pd.DataFrame | Tables | Study,
    by: Sequence[str] = (),
    response: str | None = None,
    comparison: str | None = None,
    interval: str = DEFAULT_INTERVAL,
) -> pd.DataFrame:
    """Count responders in groups of hips.

    Parameters
    ----------
    responses
        As :func:`analysis.respond` returns them; or all tables, or a study, of which they are taken.
    by
        Columns to group by, such as ``["stretch_type", "side"]``; none gives one row for all hips.
    response, comparison
        Which rule and which pair of timepoints; the protocol's primary ones if left out.
    interval
        How intervals are made; the default is the one every report uses. See
        :data:`analysis.stats.rate_intervals.RATE_INTERVALS` for the choices.

    Returns
    -------
    pandas.DataFrame
        One row for every combination of the groups' levels, also the empty ones, with

        - ``n_patients``, ``n_hips``: people and hips in the group
        - ``n_evaluable``, ``n_responders``: hips that could be judged, and that responded
        - ``rate``, ``ci_low``, ``ci_high``: shares of the evaluable hips, 0 to 1; missing when none is. With hips of 5
          clinics or more, ``n_clinics``, the interval lets people of one clinic be alike: ``clustered_by``, and
          ``cluster_note`` in words; ``ci_low_people``, ``ci_high_people`` take people as independent
        - ``chance_rate``: the rate if nothing had truly changed; missing where a hip's chance is not known;
          ``chance_low``, ``chance_high``: the lowest and highest over the measurement errors tried, which
          ``chance_errors`` names; ``chance_unknown``: why it cannot be calculated, where who was enrolled decides
        - ``excess``, ``excess_low``, ``excess_high``: the rate less its chance rate, with its interval
        - ``against_chance``: more than chance, fewer than chance or not clear of chance at every measurement error
          tried; or depends on the measurement error, or not known; see
          :func:`analysis.stats.beyond_chance.against_every_chance`
        - ``n_missing``: hips without an outcome for want of a reading; ``rate_if_none`` and ``rate_if_all``
          are the rates had none, or all, of them responded
        - ``n_patients_evaluable``, ``n_patients_with``, ``n_patients_without``: people behind the rate, people
          with at least one responder hip, and with at least one non-responder hip (for disclosure)
        - ``rate_per_person``: the mean over people of each one's own rate, so that every person counts alike, while in
          ``rate`` every hip does; ``n_patients_behind_person_rate``: the fewest people that both together tell of (for
          disclosure)
        - ``response``, ``comparison``, ``interval``: what was counted and how

    Raises
    ------
    TableError
        A column to group by is not there.
    ValueError
        The response or the comparison is not one of the protocol's.

    Notes
    -----
    The interval takes the two hips of one person as one cluster, never as two people; see
    :func:`analysis.stats.proportions.clustered_wilson` and :func:`analysis.stats.rate_by_clinic.clinic_wilson`.
    Hips for which a group column is missing form the group "not recorded", so that the groups always add up to the
    whole.

    Examples
    --------
    >>> from analysis import change, respond
    >>> visits = pd.DataFrame({"patient_id": ["a", "a", "b", "b"], "side": "left",
    ...                        "timepoint": ["baseline", "post"] * 2, "hip_ir_deg": [12.0, 17.0, 10.0, 12.0]})
    >>> rates(respond(change(visits)), by=["side"], response="ir")[["side", "n_evaluable", "rate"]].values.tolist()
    [['left', 2, 0.5], ['right', 0, nan]]
    """
    responses = responses_of(responses)
    names = chosen(responses, response, comparison)
    rows = select(responses, names)
    by = group_columns(by, rows)
    counted = judged_hips(rows)
    groups = {name: with_not_recorded(rows[name]) for name in by}
    if interval not in RATE_INTERVALS:
        raise UserError(f"interval is {interval!r}; it can be {', '.join(RATE_INTERVALS)}")
    table = count_hips(counted, groups, interval)
    return finished(table, *_how_chance_is_known(rows), names, interval)


def finished(
    table: pd.DataFrame, unknown: str, errors: str, names: dict[str, str], interval: str = DEFAULT_INTERVAL
) -> pd.DataFrame:
    """Add to counted hips how they compare with chance, and what was counted.

    Parameters
    ----------
    table
        As :func:`analysis.answers.counting.count_hips` returns it.
    unknown
        Why chance is not known of some evaluable hips, else empty.
    errors
        The measurement errors tried, in words.
    names, interval
        As :func:`chosen` returns them; how intervals are made.
    """
    lacking = table["chance_rate"].isna() & (table["n_evaluable"] > 0)
    table = with_excess(table).assign(
        against_chance=verdicts(table), chance_unknown=np.where(lacking, unknown, ""), chance_errors=errors
    )
    return table.assign(**names, interval=RATE_INTERVALS[interval].description)


def judged_hips(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the responses of one rule as :func:`analysis.answers.counting.count_hips` takes them."""
    judged = rows["outcome"] != "not_evaluable"
    return pd.DataFrame(
        {
            "patient_id": rows["patient_id"],
            "evaluable": judged.astype("int64"),
            "responders": (rows["outcome"] == "responder").astype("int64"),
            "missing": (~judged & ~rows["reason"].isin(NOT_MISSING)).astype("int64"),
            # A table of one's own may hold the chance at one measurement error alone.
            **{name: rows.get(name, rows["chance"]).where(judged, 0.0) for name in CHANCES},
            "clinic_id": pd.NA if (clinic := clinic_of_person(rows)) is None else clinic,
        }
    )


def rates_of_each_rule(responses: pd.DataFrame, by: Sequence[str] = (), comparison: str | None = None) -> pd.DataFrame:
    """Count responders by every rule, the primary one first; otherwise as :func:`rates`."""
    names = responses["response"].cat.categories
    return pd.concat([rates(responses, by, name, comparison) for name in names], ignore_index=True)


def _how_chance_is_known(rows: pd.DataFrame) -> tuple[str, str]:
    """Return why chance is not known of some evaluable hips, if it is not, and the measurement errors tried."""
    if "chance_unknown" not in rows or rows.empty:
        return "", ""
    unknown = rows.loc[(rows["outcome"] != "not_evaluable") & rows["chance"].isna(), "chance_unknown"]
    return max(unknown.dropna().unique(), default=""), rows["chance_errors"].iloc[0]


def with_excess(table: pd.DataFrame) -> pd.DataFrame:
    """Add, or work out anew, how far each rate exceeds its chance rate."""
    found = excess_over_chance(table["rate"], (table["ci_low"], table["ci_high"]), table["chance_rate"])
    return table.assign(excess=found.excess, excess_low=found.low, excess_high=found.high)


def verdicts(table: pd.DataFrame) -> np.ndarray:
    """Say of rows of counted hips whether their rate is clear of chance; see :func:`rates`."""
    counts = (table[name].fillna(0) for name in ("n_patients_evaluable", "n_patients_with", "n_evaluable"))
    chances = [table[name] for name in ("chance_rate", "chance_low", "chance_high") if name in table]
    return against_every_chance(table["ci_low"], table["ci_high"], chances, *counts)


def responses_of(given: pd.DataFrame | Tables | Study) -> pd.DataFrame:
    """Return the table of responses, also of all tables and of a study, which is analysed for it."""
    if isinstance(given, Study):
        given = analyse(given)
    return given.responses if isinstance(given, Tables) else given


def chosen(responses: pd.DataFrame, response: str | None, comparison: str | None) -> dict[str, str]:
    """Return the response and comparison asked for; the first, primary, levels where none is named.

    Raises
    ------
    TableError
        The table is no table of responses.
    ValueError
        There is no such response or comparison.
    """
    if not isinstance(responses, pd.DataFrame):
        given = type(responses).__name__
        raise TableError(f"this is a {given}; give tables.responses, where tables = analyse(study)")
    asked = {"response": response, "comparison": comparison}
    if absent := [column for column in asked if column not in responses]:
        raise TableError(f"responses: no column {', '.join(absent)}; give what respond() returns, tables.responses")
    names = {}
    for column, wanted in asked.items():
        known = [str(level) for level in responses[column].cat.categories]
        if wanted is not None and wanted not in known:
            raise UserError(f"{column} is {wanted!r}; it can be {', '.join(known)}")
        names[column] = wanted or known[0]
    return names


def select(responses: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """Return the rows of one response and one comparison.

    Raises
    ------
    TableError
        The table does not say whose each hip is, without which two hips of a person would pass for two people.
    """
    if "patient_id" not in responses:
        raise TableError("responses: the column patient_id is missing; no rate is formed without knowing the people")
    return responses[(responses["response"] == names["response"]) & (responses["comparison"] == names["comparison"])]


def group_columns(by: Sequence[str], rows: pd.DataFrame, but: Sequence[str] = ()) -> list[str]:
    """Return the columns to group by, each once; one alone may be given as text.

    Raises
    ------
    TableError
        One is not there, is among ``but``, or is the person or the answer itself.
    """
    never = {
        "patient_id",
        "outcome",
        "reason",
        "response",
        *but,
        *(name for name in rows if str(name).startswith("chance")),
    }
    kinds = zip(rows.columns, rows.dtypes, strict=True)
    known = [str(name) for name, kind in kinds if name not in never and kind != "float64"]  # numbers are no groups
    wanted = list(dict.fromkeys([by] if isinstance(by, str) else by))
    if absent := [name for name in wanted if name not in known]:
        raise TableError(f"cannot group by {', '.join(absent)}; the columns are {', '.join(known)}")
    return wanted
