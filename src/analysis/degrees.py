"""How many degrees were gained, held against measurement error."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.change import measures_compared
from analysis.protocol import Protocol
from analysis.stats.intervals import t_quantile
from analysis.stats.measurement import minimal_detectable_change


def mean_changes(changes: pd.DataFrame, protocol: Protocol, comparison: str) -> pd.DataFrame:
    """Return the mean change of every measure with an error, and how many hips changed beyond that error.

    Parameters
    ----------
    changes
        As :func:`analysis.change` returns them.
    protocol
        Names the measures and their errors.
    comparison
        The pair of timepoints.

    Returns
    -------
    pandas.DataFrame
        One row per measure: ``measure``, ``n_hips`` and ``n_patients`` measured both times in the same way,
        ``mean`` change (after − before, in the unit of the measure) with ``ci_low`` and ``ci_high`` (95 %,
        clustered by person, t with one degree of freedom fewer than people; missing for one person),
        ``mdc95``, and the hips changed by more than it, ``n_up`` and ``n_down``.
    """
    rows = changes[changes["comparison"] == comparison]
    return pd.DataFrame(
        [
            _mean_change(rows[["patient_id", f"{name}_change"]].dropna(), name, measure.sem)
            for name, measure in measures_compared(protocol).items()
            if measure.sem is not None
        ]
    )


def _mean_change(rows: pd.DataFrame, name: str, sem: float) -> dict[str, object]:
    moved = rows[f"{name}_change"].to_numpy()
    n, people = len(moved), rows["patient_id"].nunique()
    mean = float(moved.mean()) if n else np.nan
    half = np.nan
    if people > 1:
        # The scatter of people's summed deviations, not of hips: two hips of one person move together.
        by_person = pd.Series(moved - mean).groupby(rows["patient_id"].to_numpy()).sum()
        half = float(t_quantile(0.95, people - 1)) * np.sqrt(people / (people - 1) * (by_person**2).sum()) / n
    error = minimal_detectable_change(sem)
    return {
        "measure": name,
        "n_hips": n,
        "n_patients": people,
        "mean": mean,
        "ci_low": mean - half,
        "ci_high": mean + half,
        "mdc95": error,
        "n_up": int((moved > error).sum()),
        "n_down": int((moved < -error).sum()),
    }
