"""Other confidence intervals for a rate of hips, beside the default one.

Each takes the sums over people that the default takes, so a table may be printed with any of them. All
know that two hips of one person are one cluster; with one hip per person each is its textbook form.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv

from analysis.stats.anova_interval import anova_wilson
from analysis.stats.clusters import FEWEST_CLINICS
from analysis.stats.intervals import normal_quantile, t_quantile
from analysis.stats.proportions import (
    ClusterSums,
    Limits,
    clustered_wilson_from_sums,
    effective_hips,
    observed_rate,
    score_interval,
)
from analysis.stats.rate_by_clinic import clinic_wilson


@dataclass(frozen=True)
class RateInterval:
    """One way to put limits on a rate, and the words a table uses for it.

    ``by_clinic`` is its form where clinics are the clusters, from the sums, the responders and the hips of each
    clinic; an interval without it takes people as clusters however many clinics there are.
    """

    description: str
    limits: Callable[[ClusterSums, float], Limits]
    by_clinic: Callable[[ClusterSums, np.ndarray, np.ndarray], Limits] | None = None


def jeffreys(sums: ClusterSums, confidence: float = 0.95) -> Limits:
    """Return Jeffreys intervals at the effective number of hips.

    Equal tails of the beta distribution that follows from Jeffreys' prior; the limit is 0 at a rate of 0
    and 1 at a rate of 1, where the tail would leave the observed rate outside.

    Parameters
    ----------
    sums : ClusterSums
        Numbers, or arrays with one entry per group.
    confidence : float, default 0.95
        Confidence level.

    Returns
    -------
    low, high : ndarray of float
        NaN for a group without evaluable hips.

    Raises
    ------
    ValueError
        If `confidence` is not between 0 and 1.

    References
    ----------
    Brown LD, Cai TT, DasGupta A (2001). Stat Sci 16:101-133. Franco C, Little RJA, Louis TA, Slud EV
    (2019). J Surv Stat Methodol 7:334-364 (at an effective sample size).

    Examples
    --------
    One hip each of 20 people, 4 responders:

    >>> low, high = jeffreys(ClusterSums(20, 20, 4, 20, 4, 4))
    >>> round(float(low), 4), round(float(high), 4)
    (0.0715, 0.4082)
    """
    rate, hips = observed_rate(sums), effective_hips(sums)
    return _beta_limits(rate, rate * hips + 0.5, (1 - rate) * hips + 0.5, 0, confidence)


def clopper_pearson(sums: ClusterSums, confidence: float = 0.95) -> Limits:
    """Return Clopper and Pearson's intervals at the effective number of hips, as Korn and Graubard adapt them.

    The effective number is further reduced by (t(N - 1)/t(G - 1))², for N hips of G people, as the design
    effect is itself estimated. A single person has no t, and no reduction.

    Parameters
    ----------
    sums : ClusterSums
        Numbers, or arrays with one entry per group.
    confidence : float, default 0.95
        Confidence level.

    Returns
    -------
    low, high : ndarray of float
        NaN for a group without evaluable hips.

    Raises
    ------
    ValueError
        If `confidence` is not between 0 and 1.

    References
    ----------
    Clopper CJ, Pearson ES (1934). Biometrika 26:404-413. Korn EL, Graubard BI (1998). Survey Methodology
    24:193-201.

    Examples
    --------
    One hip each of 20 people, 4 responders:

    >>> low, high = clopper_pearson(ClusterSums(20, 20, 4, 20, 4, 4))
    >>> round(float(low), 4), round(float(high), 4)
    (0.0573, 0.4366)
    """
    people, hips = np.asarray(sums.people, dtype=float), np.asarray(sums.hips, dtype=float)
    several = np.where(people > 1, people, np.nan)
    few_people = t_quantile(confidence, hips - 1) / t_quantile(confidence, several - 1)
    effective = effective_hips(sums) * np.where(people > 1, few_people**2, 1)
    rate = observed_rate(sums)
    return _beta_limits(rate, rate * effective, (1 - rate) * effective, 1, confidence)


def rao_scott(sums: ClusterSums, confidence: float = 0.95) -> Limits:
    """Return Wilson's intervals at counts divided by the design effect, after Rao and Scott.

    As the default interval, with z in place of t: narrower, and short of its level with few people.

    Parameters
    ----------
    sums : ClusterSums
        Numbers, or arrays with one entry per group.
    confidence : float, default 0.95
        Confidence level.

    Returns
    -------
    low, high : ndarray of float
        NaN for a group without evaluable hips.

    Raises
    ------
    ValueError
        If `confidence` is not between 0 and 1.

    References
    ----------
    Rao JNK, Scott AJ (1992). Biometrics 48:577-585.
    """
    return score_interval(observed_rate(sums), effective_hips(sums), np.asarray(normal_quantile(confidence)))


def _beta_limits(
    rate: np.ndarray, successes: np.ndarray, failures: np.ndarray, other_tail: int, confidence: float
) -> Limits:
    """Return beta quantiles, closed to 0 and 1 at such rates; `other_tail` is added to the far shape."""
    normal_quantile(confidence)  # refuses what is not a confidence level
    tail = (1 - confidence) / 2
    with np.errstate(invalid="ignore"):
        low = np.where(rate == 0, 0.0, betaincinv(successes, failures + other_tail, tail))
        high = np.where(rate == 1, 1.0, betaincinv(successes + other_tail, failures, 1 - tail))
    return low, high


RATE_INTERVALS = {
    "wilson": RateInterval(
        f"95 % Wilson interval at the effective sample size, clustered by clinic from {FEWEST_CLINICS} clinics on, "
        "otherwise by person, t quantile",
        clustered_wilson_from_sums,
        clinic_wilson,
    ),
    "jeffreys": RateInterval("95 % Jeffreys interval at the effective sample size, clustered by person", jeffreys),
    "clopper_pearson": RateInterval(
        "95 % Clopper-Pearson interval at the effective sample size, clustered by person (Korn and Graubard)",
        clopper_pearson,
    ),
    "anova_wilson": RateInterval(
        "95 % Wilson interval, design effect from the intraclass correlation of a person's hips (Saha)",
        anova_wilson,
    ),
    "rao_scott": RateInterval("95 % Wilson interval at Rao and Scott's effective sample size, z quantile", rao_scott),
}
"""The choices for the interval of a rate."""
DEFAULT_INTERVAL = "wilson"
