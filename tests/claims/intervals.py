"""Intervals worked out anew, by their formulas in the methods, with nothing but scipy."""

from math import hypot, sqrt

import numpy as np
import pandas as pd
from scipy import stats
from scipy.optimize import brentq

Limits = tuple[float, float]
Z = stats.norm.ppf(0.975)


def wilson(rate: float, n: float, quantile: float = Z) -> Limits:
    spread = quantile**2 / n
    half = sqrt(spread * (rate * (1 - rate) + spread / 4))
    return max((rate + spread / 2 - half) / (1 + spread), 0.0), min((rate + spread / 2 + half) / (1 + spread), 1.0)


def of_people(hips: pd.DataFrame, yes: pd.Series) -> Limits:
    """Wilson's limits of a rate of hips, two of which may be one person's: at the effective number, with t for z."""
    effect, quantile = effect_of(hips["patient_id"], yes)
    return wilson(yes.mean(), len(yes) / effect, quantile)


def sums(clusters: pd.Series, values: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """The sum of the values of each cluster, and how many they are."""
    cluster, _ = pd.factorize(clusters.to_numpy(object))
    return np.bincount(cluster, values.to_numpy(float)), np.bincount(cluster).astype(float)


def effect_of(people: pd.Series, yes: pd.Series) -> tuple[float, float]:
    """What two hips of one person take from the number of hips, and the quantile for it."""
    x, m = sums(people, yes)
    hips, squares, groups = m.sum(), (m**2).sum(), len(m)
    rate = x.sum() / hips
    worst = observed = squares / hips
    if groups > 1 and 0 < rate < 1:
        observed = groups / (groups - 1) * ((x - rate * m) ** 2).sum() / (hips * rate * (1 - rate))
    few = min(x.sum(), hips - x.sum())
    effect = 1.0 if hips == groups else max((few * observed + worst) / (few + 1), 1.0)
    alone = groups in (1, hips)
    return effect, Z if alone else stats.t.ppf(0.975, max(hips**2 / squares, 2) - 1)


def of_rate(hips: pd.DataFrame, yes: pd.Series) -> Limits:
    """The limits of a rate: by clinic where 5 are recorded, people without one being one more; else by person."""
    clinic = first_clinic(hips)
    if clinic.nunique() < 5:
        return of_people(hips, yes)
    n, rate, (own, own_t) = len(yes), yes.mean(), effect_of(hips["patient_id"], yes)
    error, t = clustered(clinic.fillna("not recorded"), yes.astype(float))
    if not 0 < rate < 1:
        return wilson(rate, n / own, t)
    return wilson(rate, n / max(error**2 * n / (rate * (1 - rate)), own * (own_t / t) ** 2 / 2), t)


def first_clinic(hips: pd.DataFrame) -> pd.Series:
    """The clinic where the person of each hip was seen first; missing where none is recorded."""
    if "clinic_id" not in hips:
        return pd.Series(None, hips.index, dtype=object)
    person, clinic = (hips[name].to_numpy(object) for name in ("patient_id", "clinic_id"))
    known = dict(zip(person[::-1][pd.notna(clinic)[::-1]], clinic[::-1][pd.notna(clinic)[::-1]], strict=True))
    return pd.Series([known.get(name, np.nan) for name in person], hips.index, dtype=object)


def of_pairs(left: pd.Series, right: pd.Series) -> Limits:
    """Newcombe's method 10: limits of the difference of two shares of the same people."""
    a, b, c, d = ((left & right).sum(), (left & ~right).sum(), (right & ~left).sum(), (~left & ~right).sum())
    n, product = len(left), float(a * d - b * c)
    product = max(product - n / 2, 0.0) if product > 0 else product
    margins = float(a + b) * (c + d) * (a + c) * (b + d)
    phi = product / sqrt(margins) if margins else 0.0
    (one_low, one_high), (other_low, other_high) = wilson(left.mean(), n), wilson(right.mean(), n)
    one, other = left.mean(), right.mean()
    down, up = (one - one_low, other_high - other), (one_high - one, other - other_low)
    below, above = (sqrt(hypot(*part) ** 2 - 2 * phi * part[0] * part[1]) for part in (down, up))
    return one - other - below, one - other + above


def score_of_pairs(left: pd.Series, right: pd.Series) -> Limits:
    """Tango's score interval of the difference of two shares of the same people, as his paper writes it."""
    n, b, c = len(left), float((left & ~right).sum()), float((right & ~left).sum())

    def score(apart: float) -> float:
        half, rest = (2 * n - b + c) * apart - b - c, -c * apart * (1 - apart)
        share = (sqrt(half**2 - 8 * n * rest) - half) / (4 * n)
        return (b - c - n * apart) ** 2 - 1.959963984540054**2 * n * (2 * share + apart * (1 - apart))

    at = (b - c) / n
    low = -1.0 if at == -1 else brentq(score, -1, at - 1e-12, xtol=1e-13)
    return low, 1.0 if at == 1 else brentq(score, at + 1e-12, 1, xtol=1e-13)


def clustered(clusters: pd.Series, values: pd.Series) -> Limits:
    """The error of a mean of values alike within clusters, and the quantile for it: CR2, Satterthwaite's t."""
    (total, m), n = sums(clusters, values - values.mean()), len(values)
    if len(m) < 2:
        return np.nan, np.nan
    weight = 1 / (n * np.sqrt(1 - m / n))
    spread = np.diag(weight**2 * m) - np.outer(weight * m, weight * m) / n
    return sqrt(((weight * total) ** 2).sum()), stats.t.ppf(0.975, np.trace(spread) ** 2 / (spread**2).sum())


def of_mean(clusters: pd.Series, values: pd.Series) -> Limits:
    """Limits of a mean of values alike within clusters."""
    error, t = clustered(clusters, values)
    return (values.mean() - t * error, values.mean() + t * error) if error > 1e-9 else (np.nan, np.nan)


def of_hips(hips: pd.DataFrame, values: pd.Series) -> Limits:
    """Limits of a mean of hips: by clinic where 5 are recorded, people without one being one more; else by person."""
    clinic = first_clinic(hips)
    return of_mean(clinic.fillna("not recorded") if clinic.nunique() >= 5 else hips["patient_id"], values)


def mcnemar(left_only: int, right_only: int) -> tuple[float, float]:
    """The exact p value of a difference of two shares of the same people, and its mid-p."""
    apart = left_only + right_only
    if not apart:
        return 1.0, 1.0
    exact = stats.binomtest(left_only, apart).pvalue
    return exact, exact - stats.binom.pmf(left_only, apart, 0.5) * (1 if left_only != right_only else 0.5)


def chances(rows: pd.DataFrame) -> list[float]:
    """The chance rate at the measurement error of the protocol, and at the ends of those that were tried."""
    return [rows[name].mean(skipna=False) for name in ("chance", "chance_least", "chance_most")]


def beyond_chance(rows: pd.DataFrame) -> str:
    """Say of judged hips whether more responded than by chance, whatever the measurement error."""
    if np.isnan(chances(rows)[0]):
        return "not known"
    verdicts = {*_beyond(rows)}
    return verdicts.pop() if len(verdicts) == 1 else "depends on the measurement error"


def depends_towards(rows: pd.DataFrame) -> str:
    """Say where a verdict depends on the error whether the rate is more than chance at some, or fewer."""
    assert beyond_chance(rows) == "depends on the measurement error"
    return "more" if "more than chance" in _beyond(rows) else "fewer"


def _beyond(rows: pd.DataFrame) -> list[str]:
    """At each chance rate, by the interval and, where few people responded, exactly."""
    (low, high), people = of_rate(rows, rows["yes"]), rows["patient_id"].nunique()
    who = rows.loc[rows["yes"], "patient_id"].nunique()

    def verdict(chance: float) -> str:
        rare = stats.binom.sf(who - 1, people, min(1.0, chance * len(rows) / people)) <= 0.025
        if low > chance and who > 1 and (rare or who >= 10):
            return "more than chance"
        return "fewer than chance" if high < chance else "not clear of chance"

    return [verdict(chance) for chance in chances(rows)]
