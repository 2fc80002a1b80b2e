"""Which gain people call important, by their own rating of change, beside the gain that the rules ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from analysis.answers.degrees import hip_changes, measures_with_error
from analysis.answers.in_groups import InGroups, by_group
from analysis.hips.clinic_of_person import CLINIC_OF_PERSON
from analysis.protocol import Protocol
from analysis.schema import HIP
from analysis.stats.important_change import important_change


def important_changes(
    assessments: pd.DataFrame, changes: pd.DataFrame, protocol: Protocol, comparison: str
) -> pd.DataFrame:
    """Return the minimal important change of every measure with an error, by the anchor that the protocol names.

    Parameters
    ----------
    assessments, changes
        The tables of a study, or of a part of it.
    protocol
        Names the ``anchor``, the measures and their errors.
    comparison
        The pair of timepoints; the rating is that of the later visit.

    Returns
    -------
    pandas.DataFrame
        One row per measure, empty where no rating was recorded with a change:

        - ``measure``; ``n_hips`` and ``n_patients`` with a gain and a rating
        - ``n_patients_with`` and ``n_patients_without`` who say that they improved, and did not; ``n_patients_minimal``
          who improved by the least; ``correlation`` (Spearman's) of rating and gain
        - ``roc``, ``mean_of_minimal`` and ``predicted``: the important gain by three methods, towards the better side
          in the unit of the measure, each with its interval (``…_low``, ``…_high``)
        - ``threshold``: the gain that the strict rule asks for, missing where there is none
        - ``clustered_by``; ``not_estimable``: why there are no numbers, else empty

    References
    ----------
    See :func:`analysis.stats.important_change.important_change`.
    """
    return pd.DataFrame(
        [
            {"measure": name, **_of_measure(hips, improved_from)}
            for name, hips, improved_from in _hips_rated(assessments, changes, protocol, comparison)
        ]
    )


def _hips_rated(
    assessments: pd.DataFrame, changes: pd.DataFrame, protocol: Protocol, comparison: str
) -> Iterator[tuple[str, pd.DataFrame, float]]:
    """Yield of each measure its hips with a gain and a ``rating``, by number, and from which on it is better."""
    anchor = protocol.anchor
    if anchor is None or anchor.measure not in assessments:
        return
    levels = list(protocol.measures[anchor.measure].levels)
    at_end = assessments[assessments["timepoint"] == protocol.comparisons[comparison].end]
    said = at_end[anchor.measure].astype("object").map(levels.index, na_action="ignore").astype("float64")
    rated = at_end[[*HIP, "clinic_id"]].assign(rating=said).dropna(subset=["rating"])
    used = [*HIP, CLINIC_OF_PERSON, "gain", "threshold"]
    for name in measures_with_error(protocol):
        hips = hip_changes(changes, protocol, comparison, name)[used].merge(rated, on=HIP)
        if len(hips):
            yield name, hips, float(levels.index(anchor.improved_from))


def people_rated(
    assessments: pd.DataFrame,
    changes: pd.DataFrame,
    protocol: Protocol,
    comparison: str,
    groups_of: Callable[[pd.DataFrame], InGroups],
) -> pd.DataFrame:
    """Count as :func:`important_changes` does, in groups: one row per ``group`` and measure, no important gain."""
    rows = []
    for name, hips, improved_from in _hips_rated(assessments, changes, protocol, comparison):
        groups, every = groups_of(hips), np.ones(len(hips), dtype=bool)
        counts = {"n_hips": groups.rows(every), "n_patients": groups.people(every)}
        said = _said(hips["rating"], improved_from)
        counts |= {f"n_patients_{kind}": groups.people(which.to_numpy(dtype=bool)) for kind, which in said.items()}
        rows.append(({"measure": name}, counts))
    table = by_group(rows) if rows else pd.DataFrame({"n_hips": []})
    return table[table["n_hips"] > 0].reset_index(drop=True)


def _said(rating: pd.Series, improved_from: float) -> dict[str, pd.Series]:
    """Return which ratings say that a person improved, that they did not, and that they did by the least."""
    return {"with": rating >= improved_from, "without": rating < improved_from, "minimal": rating == improved_from}


def _of_measure(hips: pd.DataFrame, improved_from: float) -> dict[str, object]:
    found = important_change(
        hips["gain"], hips["rating"], improved_from, hips["patient_id"], hips[CLINIC_OF_PERSON].to_numpy(dtype=object)
    )
    answers = {
        "roc": (found.roc, found.roc_interval),
        "mean_of_minimal": (found.mean, found.mean_interval),
        "predicted": (found.predicted, found.predicted_interval),
    }
    kinds = _said(hips["rating"], improved_from)
    return {
        "n_hips": len(hips),
        "n_patients": hips["patient_id"].nunique(),
        **{f"n_patients_{kind}": hips.loc[which, "patient_id"].nunique() for kind, which in kinds.items()},
        "correlation": found.correlation,
        **{
            name + end: number
            for name, (value, (low, high)) in answers.items()
            for end, number in {"": value, "_low": low, "_high": high}.items()
        },
        "threshold": hips["threshold"].iloc[0] if hips["threshold"].notna().any() else np.nan,
        "clustered_by": found.clustered_by,
        "not_estimable": found.reason,
    }
