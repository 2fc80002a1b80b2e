"""The cumulative distribution of change: what share of hips gained at least so many degrees."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from analysis.stats.clusters import outer_clusters
from analysis.stats.labels import numbered
from analysis.stats.proportions import ClusterSums, clustered_wilson_from_sums, observed_rate
from analysis.stats.rate_by_clinic import clinic_wilson


class ChangeDistribution(NamedTuple):
    """One entry per distinct change, in ascending order."""

    change: np.ndarray
    share: np.ndarray
    """Share of hips that changed by this much or more."""
    low: np.ndarray
    high: np.ndarray
    """Limits of each share by itself, not of the whole curve."""
    n_hips: int
    n_people: int


def change_distribution(
    change: ArrayLike, person: ArrayLike, confidence: float = 0.95, clinic: ArrayLike | None = None
) -> ChangeDistribution:
    """Return the share of hips that changed by at least each observed amount.

    Read at a responder rule's threshold it is that rule's rate with its default interval, so one curve
    shows what any other threshold would have given.

    Parameters
    ----------
    change : array_like of float, shape (hips,)
        Later minus earlier reading; NaN where not both were taken, which is left out.
    person : array_like, shape (hips,)
        Whose hip it is.
    confidence : float, default 0.95
        Confidence level.
    clinic : array_like, shape (hips,), optional
        Where the person was treated, missing where that is not recorded; from 5 clinics on these are the clusters.

    Returns
    -------
    ChangeDistribution
        Empty without hips.

    Raises
    ------
    ValueError
        If the arrays differ in shape, a change is infinite, a person is missing, or `confidence` is not between
        0 and 1.

    References
    ----------
    McLeod LD, Coon CD, Martin SA, Fehnel SE, Hays RD (2011). Expert Rev Pharmacoecon Outcomes Res 11:163-169.

    Examples
    --------
    >>> curve = change_distribution([2.0, 5.0, 5.0, 9.0], ["a", "a", "b", "b"])
    >>> curve.change.tolist(), curve.share.tolist()
    ([2.0, 5.0, 9.0], [1.0, 0.75, 0.25])
    """
    amount, label = np.asarray(change, dtype=float), numbered(person)
    if amount.ndim != 1 or amount.shape != label.shape:
        raise ValueError(f"need one entry per hip in both arrays; their shapes are {amount.shape} and {label.shape}")
    known = ~np.isnan(amount)
    amount, label = amount[known], label[known]
    if not np.isfinite(amount).all():
        raise ValueError("a change is infinite; one that is not known is NaN")
    steps, step_of_hip = np.unique(amount, return_inverse=True)
    labels, person_of_hip = np.unique(label, return_inverse=True)
    # reached[i, j]: how many hips of person i changed by step j or more.
    counts = np.zeros((len(labels), len(steps)), dtype=np.int64)
    np.add.at(counts, (person_of_hip, step_of_hip), 1)
    reached = counts[:, ::-1].cumsum(axis=1)[:, ::-1]
    hips = counts.sum(axis=1)
    sums = ClusterSums(
        people=np.full(len(steps), len(labels)),
        hips=np.full(len(steps), hips.sum()),
        responders=reached.sum(axis=0),
        hips_squared=np.full(len(steps), hips @ hips),
        responders_squared=(reached**2).sum(axis=0),
        responders_times_hips=hips @ reached,
    )
    clusters = outer_clusters(person_of_hip, None if clinic is None else np.asarray(clinic, dtype=object)[known])
    if clusters.clustered_by == "clinic":
        of_clinic = clusters.clinic[:, None] == np.unique(clusters.clinic)
        of_each = (hips @ of_clinic)[None].repeat(len(steps), axis=0)
        low, high = clinic_wilson(sums, reached.T @ of_clinic, of_each, confidence)
    else:
        low, high = clustered_wilson_from_sums(sums, confidence)
    return ChangeDistribution(steps, observed_rate(sums), low, high, len(amount), len(labels))
