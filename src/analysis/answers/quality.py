"""How good the data are: faults, what is missing, how readings were rounded and measured."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.answers.counting import with_not_recorded
from analysis.answers.in_groups import InGroups, by_group
from analysis.answers.shares import nobody_to_protect, shares
from analysis.hips.pairs import measures_compared
from analysis.protocol import Protocol
from analysis.protocol.steps import cut_in_steps, five_of, in_steps
from analysis.protocol.words import within_sentence
from analysis.schema import was_measured
from analysis.study import Study

# What was declared to be wrong in the files is no fault any more.
DECLARED = ("corrected", "dropped")
# In a workbook a problem names the cell: "visits.xlsx Sheet1!B12".
ADDRESS = r"![A-Z]+[0-9]+$"
_FILLED = ["n_rows", "n_known", "n_patients", "n_patients_with", "n_patients_without"]


def problems_found(study: Study) -> pd.DataFrame:
    """Count what was found in the data, and the people it was found in.

    Parameters
    ----------
    study
        The whole study; declared corrections are no fault and left out.

    Returns
    -------
    pandas.DataFrame
        One row per ``severity``, ``rule`` and ``message``: ``n`` cells or rows; ``n_patients`` whose rows these are
        and ``n_patients_others`` (missing where 0). Rows that no visit or treatment came from pass for one person's.
    """
    found = study.problems[~study.problems["rule"].isin(DECLARED)]
    place = ["source_file", "source_row"]
    both = [table[[*place, "patient_id"]] for table in (study.assessments, study.interventions)]
    of_person = pd.concat([table[table["source_row"].isin(found["row"])] for table in both])
    of_person = of_person.drop_duplicates(place).astype({"patient_id": "object"})
    file = found["file"].str.replace(ADDRESS, "", regex=True)
    rows = found.assign(source_file=file, source_row=found["row"]).merge(of_person, on=place, how="left")
    rows["patient_id"] = rows["patient_id"].mask(rows["patient_id"].isna() & rows["row"].notna(), "")
    kinds = rows.groupby(["severity", "rule", "message"], observed=True)["patient_id"]
    counts = kinds.agg(n="size", n_patients="nunique").reset_index()
    others = study.assessments["patient_id"].nunique() - counts["n_patients"]
    counts["n_patients_others"] = nobody_to_protect(others.clip(lower=0).where(counts["n_patients"] > 0, 0))
    return counts.assign(n_patients=nobody_to_protect(counts["n_patients"]))


def filled(table: pd.DataFrame, known: Mapping[str, pd.Series], by: str) -> pd.DataFrame:
    """Count in how many rows of a table each of several things is known, by one column.

    Parameters
    ----------
    table
        ``patient_id`` and the column ``by``; what is missing there is a level of its own.
    known
        By name, whether it is known, along the rows.

    Returns
    -------
    pandas.DataFrame
        One row per level and name: ``by``, ``name``, ``n_rows``, ``n_known``, their ``share`` (missing where there
        is no row), ``n_patients``, and ``n_patients_with`` and ``n_patients_without`` it (missing where 0).
    """
    return _with_shares(_filled_in(table, known, by, InGroups.whole(table), np.ones(len(table), dtype=bool)))


def _filled_in(
    table: pd.DataFrame, known: Mapping[str, pd.Series], by: str, groups: InGroups, among: np.ndarray
) -> pd.DataFrame:
    """Count for :func:`filled` some rows of the table, in every ``group``."""
    level = with_not_recorded(table[by])
    levels = level.cat.categories
    divided = groups.divided(level.cat.codes.to_numpy(dtype="int64"), len(levels), among)
    everyone = {"n_rows": divided.rows(among), "n_patients": divided.people(among)}
    rows = []
    for name, is_known in known.items():
        yes = is_known.to_numpy(dtype=bool)
        people = {"n_patients_with": divided.people(yes), "n_patients_without": divided.people(~yes)}
        rows.append(({"name": name}, {"n_known": divided.rows(yes), **everyone, **people}))
    if not rows:
        return pd.DataFrame(columns=["group", by, "name", *_FILLED]).astype(dict.fromkeys(_FILLED, "int64"))
    counts = by_group(rows)
    group, place = np.divmod(counts["group"], len(levels))
    counts["group"], counts[by] = group, [levels[one] for one in place]
    return counts[["group", by, "name", *_FILLED]]


def _with_shares(counts: pd.DataFrame) -> pd.DataFrame:
    result = counts.drop(columns="group")
    result["share"] = result["n_known"] / result["n_rows"].where(result["n_rows"] > 0)
    for name in ("n_patients_with", "n_patients_without"):
        result[name] = nobody_to_protect(result[name])
    return result


def completeness(assessments: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Return at how many visits each measure was recorded, by ``timepoint``; see :func:`filled`.

    What was never recorded at a visit was not asked there, and is left out.
    """
    return _with_shares(visits_recorded(assessments, protocol, InGroups.whole(assessments)))


def visits_recorded(assessments: pd.DataFrame, protocol: Protocol, groups: InGroups) -> pd.DataFrame:
    """Count the visits of groups as :func:`completeness` does: one row per ``group``, timepoint and measure."""
    recorded = {name: assessments[name].notna() for name in protocol.measures_of("assessments")}
    known = {name: is_known for name, is_known in recorded.items() if is_known.any()}
    measured = was_measured(assessments, protocol).to_numpy(dtype=bool)
    counts = _filled_in(assessments, known, "timepoint", groups, measured)
    return counts[counts["n_known"] > 0].reset_index(drop=True)


def completeness_by_clinic(changes: pd.DataFrame, protocol: Protocol, comparison: str) -> pd.DataFrame:
    """Return for how many hips each measure of a responder rule has both readings, by ``clinic_id``."""
    hips = changes[changes["comparison"] == comparison]
    both = {n: hips[f"{n}_before"].notna() & hips[f"{n}_after"].notna() for n in measures_compared(protocol)}
    recorded = {name for name in both if changes[f"{name}_before"].notna().any()}
    return filled(hips, {name: is_known for name, is_known in both.items() if name in recorded}, "clinic_id")


def digit_preference(assessments: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Return the share of readings that end in 0 or 5, per angle; readings to the degree give one in five.

    Returns
    -------
    pandas.DataFrame
        As :func:`analysis.answers.counting.shares` has it, with readings for hips; ``answer`` is the measure's label.
    """
    answers = _ends_in_five(assessments, protocol)
    return shares(assessments, answers) if answers else pd.DataFrame()


def readings_in_fives(assessments: pd.DataFrame, protocol: Protocol, groups: InGroups) -> pd.DataFrame:
    """Count the readings of groups as :func:`digit_preference` does: one row per ``group`` and angle, no share."""
    every, rows = np.ones(len(assessments), dtype=bool), []
    everyone = {"n_hips": groups.rows(every), "n_patients": groups.people(every)}
    for label, answer in _ends_in_five(assessments, protocol).items():
        known, yes = answer.notna().to_numpy(), answer.fillna(False).to_numpy(dtype=bool)
        readings = {"n_known": groups.rows(known), "n_yes": groups.rows(yes), "n_not_known": groups.rows(~known)}
        asked = {"evaluable": known, "with": yes, "without": known & ~yes}
        people = {f"n_patients_{name}": groups.people(which) for name, which in asked.items()}
        rows.append(({"answer": label}, everyone | readings | people))
    counts = by_group(rows) if rows else pd.DataFrame({"n_known": []})
    return counts[counts["n_known"] > 0].reset_index(drop=True)


def _ends_in_five(assessments: pd.DataFrame, protocol: Protocol) -> dict[str, pd.Series]:
    """Return of each angle that was read whether its readings end in 0 or 5, missing where there is none."""
    answers = {}
    for name, measure in protocol.measures_of("assessments").items():
        if measure.kind == "angle" and assessments[name].notna().any():
            values, known = in_steps(assessments[name], measure.step)
            ends = pd.Series(
                values % cut_in_steps(five_of(measure.step), measure.step) == 0,
                index=assessments.index,
                dtype="boolean",
            )
            answers[measure.label] = ends.mask(~known)
    return answers


QUARTILES = {"q1": 0.25, "median": 0.5, "q3": 0.75}


def distributions(assessments: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Return the quartiles of every angle at every timepoint, with its usual limits.

    Returns
    -------
    pandas.DataFrame
        One row per angle and timepoint with readings: ``measure``, ``timepoint``, ``n_readings``, ``n_patients``,
        ``q1``, ``median``, ``q3`` in degrees, ``usual_low`` and ``usual_high`` (missing where not known), and
        ``n_patients_per_quarter``, the fewest people that can stand behind a quarter of the readings.
    """
    rows = []
    for name, measure in protocol.measures_of("assessments").items():
        if measure.kind != "angle":
            continue
        low, high = measure.usual or (np.nan, np.nan)
        for timepoint, visits in assessments[assessments[name].notna()].groupby("timepoint", observed=True):
            people = visits["patient_id"].nunique()
            quartiles = {label: float(visits[name].quantile(q)) for label, q in QUARTILES.items()}
            counts = {"n_readings": len(visits), "n_patients": people, "n_patients_per_quarter": people // 4}
            limits = {"usual_low": low, "usual_high": high}
            rows.append({"measure": name, "timepoint": timepoint, **counts, **quartiles, **limits})
    return pd.DataFrame(rows)


def comparability(changes: pd.DataFrame, protocol: Protocol, comparison: str) -> pd.DataFrame:
    """Return in how many pairs of visits each condition was the same, another, or not recorded.

    Returns
    -------
    pandas.DataFrame
        One row per condition that must match: ``condition`` (its label), ``n_pairs`` of visits and ``n_different``
        of them, with ``n_patients``, and ``n_patients_different`` and ``n_patients_others`` with such a pair and
        with another (missing where 0). Empty if the protocol has none.
    """
    table = pairs_compared(changes, protocol, comparison, InGroups.whole(changes))
    for name in ("n_patients_different", "n_patients_others") if len(table) else ():
        table[name] = nobody_to_protect(table[name])
    return table.drop(columns="group", errors="ignore")


def pairs_compared(changes: pd.DataFrame, protocol: Protocol, comparison: str, groups: InGroups) -> pd.DataFrame:
    """Count the pairs of visits of groups as :func:`comparability` does: one row per ``group`` and condition."""
    pairs = ((changes["comparison"] == comparison) & changes["has_start"] & changes["has_end"]).to_numpy(dtype=bool)
    everyone, rows = {"n_pairs": groups.rows(pairs), "n_patients": groups.people(pairs)}, []
    # A label may hold a comma of its own.
    differing = ", " + changes["differs_in"].astype("str") + ", "
    for condition in protocol.conditions.values():
        if not condition.must_match:
            continue
        differs = differing.str.contains(f", {within_sentence(condition.label)}, ", regex=False).to_numpy(dtype=bool)
        people = {"different": groups.people(pairs & differs), "others": groups.people(pairs & ~differs)}
        counts = {"n_different": groups.rows(pairs & differs), **{f"n_patients_{k}": n for k, n in people.items()}}
        rows.append(({"condition": condition.label}, everyone | counts))
    return by_group(rows) if rows else pd.DataFrame()
