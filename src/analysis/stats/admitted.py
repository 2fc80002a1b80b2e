"""First readings as they would be if nobody had been chosen by them.

Readings of left and right are bivariate normal with one variance. Who was enrolled because of a reading is seen only
within a region, so the likelihood is divided by the probability of that region. A choice for high readings is that for
low ones with every sign turned, so "below" serves for both.
"""

from typing import NamedTuple

import numpy as np
import scipy
from scipy.special import ndtr

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(20)
_FLATTEST = 0.04  # the variance of all readings is taken to be at most 25 times that of the chosen ones
_PATIENCE, _GAVE_UP = {"maxiter": 500}, 1  # a fit takes some ten steps; without an end to find it would go on
_FEWEST_PAIRS = 10  # people with both hips; fewer do not tell how alike hips are


class FirstReadings(NamedTuple):
    """Means of left and right, the variance of both, and their correlation (NaN where it cannot be told)."""

    left: float
    right: float
    variance: float
    correlation: float


def of_everyone(left: np.ndarray, right: np.ndarray, n: np.ndarray | None = None) -> FirstReadings:
    """Return what first readings are like where nobody was chosen by them.

    Parameters
    ----------
    left, right : ndarray of float, shape (people,)
        First readings; NaN where there is none.
    n : ndarray of int, shape (people,), optional
        How many people each entry stands for; one if left out.

    Returns
    -------
    FirstReadings
        NaN for a side without readings; the variance is NaN with fewer than two readings.

    Examples
    --------
    >>> of_everyone(np.array([10.0, 14.0]), np.array([np.nan, 20.0])).variance
    8.0
    """
    sides, n = np.stack([left, right]), np.ones(len(left), dtype="int64") if n is None else n
    known = ~np.isnan(sides)
    counts = known.astype("int64") @ n
    means = [float(n[own] @ side[own] / count) if count else np.nan
             for side, own, count in zip(sides, known, counts.tolist(), strict=True)]  # fmt: skip
    off = sides - np.array(means)[:, None]
    freedom = counts.sum() - (counts > 0).sum()
    squares = sum(float(n[own] @ part[own] ** 2) for part, own in zip(off, known, strict=True))
    variance = squares / int(freedom) if freedom else np.nan
    both = known.all(axis=0)
    pairs = n[both].sum()
    if pairs < _FEWEST_PAIRS or not variance > 0:
        return FirstReadings(means[0], means[1], variance, np.nan)
    along = n[both] @ (off[0, both] * off[1, both]) / (pairs - 1) / variance
    return FirstReadings(means[0], means[1], variance, float(np.clip(along, -0.95, 0.95)))


def of_chosen_hips(left: np.ndarray, right: np.ndarray, cut: np.ndarray, step: np.ndarray) -> FirstReadings | None:
    """Return what first readings were like before hips were chosen, each for a reading of its own below a cut.

    Parameters
    ----------
    left, right : ndarray of float, shape (people,)
        First readings of chosen hips, all below ``cut``; NaN where there is none.
    cut, step : ndarray of float, shape (people,)
        Half a step above the highest reading that was let in, and what readings are rounded to.

    Returns
    -------
    FirstReadings or None
        None where fewer than three different readings leave nothing to fit, or no fit is best.

    References
    ----------
    Cohen AC (1950). Ann Math Stat 21:557-569 (truncated samples).
    """
    values, side, cuts, steps = (
        np.concatenate(parts)
        for parts in ((left, right), (np.zeros(len(left), int), np.ones(len(left), int)), (cut, cut), (step, step))
    )
    known = ~np.isnan(values)
    found = _fit(values[known], side[known], cuts[known], steps[known], two_sided=False)
    if found is None:
        return None
    means, variance = found
    return _with_correlation(left, right, cut, FirstReadings(means[0], means[1], variance, np.nan), _both_below_cut)


def of_chosen_people(left: np.ndarray, right: np.ndarray, cut: np.ndarray) -> FirstReadings | None:
    """Return what first readings were like before people were chosen for either hip being below a cut.

    Parameters
    ----------
    left, right : ndarray of float, shape (people,)
        First readings; a person with one of them alone is left out.
    cut : ndarray of float, shape (people,)
        Half a step above the highest reading that was let in.

    Returns
    -------
    FirstReadings or None
        None with fewer than 10 people with both.
    """
    both = ~np.isnan(left + right)
    left, right, cut = left[both], right[both], cut[both]
    every = np.concatenate([left, right])
    if len(left) < _FEWEST_PAIRS or not every.std() > 0 or not (left - right).std() > 0:
        return None
    centre, scale = every.mean(), every.std()
    level, apart = (left + right - 2 * centre) / scale / 2**0.5, (left - right) / scale / 2**0.5
    cuts, counts = np.unique((cut - centre) / scale, return_counts=True)
    sums = level.mean(), apart.mean(), (level**2).mean() / 2, (apart**2).mean() / 2

    def minus_log_likelihood(natural: np.ndarray) -> float:
        to_level, to_apart, a, b = natural
        chosen = _either_below(cuts, _from_natural(to_level, to_apart, a, b))
        fit = to_level * sums[0] + to_apart * sums[1] - a * sums[2] - b * sums[3] + np.log(a * b) / 2
        return counts @ np.log(np.maximum(chosen, 1e-300)) / len(left) - fit + to_level**2 / 2 / a + to_apart**2 / 2 / b

    least = [(None, None), (None, None), (_FLATTEST, None), (_FLATTEST, None)]
    start = [sums[0] / 2 / sums[2], sums[1] / 2 / sums[3], 0.5 / sums[2], 0.5 / sums[3]]
    found = _from_natural(*scipy.optimize.minimize(minus_log_likelihood, start, method="L-BFGS-B", bounds=least).x)
    means = [centre + scale * mean for mean in found[:2]]
    return FirstReadings(
        means[0], means[1], float(scale**2 * found.variance), float(np.clip(found.correlation, -0.95, 0.95))
    )


def of_chosen_differences(
    left: np.ndarray, right: np.ndarray, least: np.ndarray, step: np.ndarray
) -> FirstReadings | None:
    """Return what first readings were like before people were chosen for sides that differ, whichever is lower.

    Parameters
    ----------
    left, right : ndarray of float, shape (people,)
        First readings; a person with one of them alone is left out.
    least, step : ndarray of float, shape (people,)
        Half a step below the smallest difference that was let in, and what readings are rounded to.

    Returns
    -------
    FirstReadings or None
        None where fewer than three different differences leave nothing to fit, or no fit is best.
    """
    both = ~np.isnan(left + right)
    apart = (left - right)[both]
    found = _fit(apart, np.zeros(len(apart), int), least[both], step[both], two_sided=True)
    if found is None:
        return None
    (difference,), variance = found
    return of_differences(left, right, difference, variance)


def of_differences(left: np.ndarray, right: np.ndarray, difference: float, variance: float) -> FirstReadings | None:
    """Return what first readings are like, the mean and variance of left minus right being known.

    What a person's hips have in common is independent of their difference, as both sides vary alike, so a choice by the
    difference leaves it as it is. None with fewer than two people with both.
    """
    level = (left + right)[~np.isnan(left + right)]
    if len(level) < 2:
        return None
    of_level = float(level.var(ddof=1))
    means = [level.mean() / 2 + way * difference / 2 for way in (1, -1)]
    correlation = (of_level - variance) / (of_level + variance)
    return FirstReadings(means[0], means[1], (of_level + variance) / 4, float(np.clip(correlation, -0.95, 0.95)))


def with_reference(
    left: np.ndarray, right: np.ndarray, cut: np.ndarray, mean: float, sd: float, by: str
) -> FirstReadings:
    """Return what first readings were like by an outside reference; how alike the hips are comes from the chosen.

    Parameters
    ----------
    left, right, cut : ndarray of float, shape (people,)
        As for :func:`of_chosen_hips`, or for :func:`of_chosen_people`.
    mean, sd : float
        Of single readings in the people from whom these were chosen.
    by : str
        ``"hip"`` or ``"person"``: who was chosen.
    """
    region = _both_below_cut if by == "hip" else _either_below
    return _with_correlation(left, right, cut, FirstReadings(mean, mean, sd**2, np.nan), region)


def _with_correlation(left, right, cut, known: FirstReadings, region) -> FirstReadings:  # type: ignore[no-untyped-def]
    """Add the correlation that makes the pairs within the region most likely; means and variance stay."""
    both = ~np.isnan(left + right)
    if both.sum() < _FEWEST_PAIRS:
        return known
    one, other = left[both] - known.left, right[both] - known.right
    squares, product = (one @ one + other @ other) / known.variance, one @ other / known.variance
    cuts, counts = np.unique(cut[both], return_counts=True)

    def minus_log_likelihood(rho: float) -> float:
        chosen = np.maximum(region(cuts, known._replace(correlation=rho)), 1e-300)
        density = -(squares - 2 * rho * product) / 2 / (1 - rho**2) - both.sum() * np.log(1 - rho**2) / 2
        return float(counts @ np.log(chosen) - density)

    return known._replace(
        correlation=float(scipy.optimize.minimize_scalar(minus_log_likelihood, bounds=(-0.95, 0.95)).x)
    )


def _fit(
    values: np.ndarray, mean_of: np.ndarray, cut: np.ndarray, step: np.ndarray, *, two_sided: bool
) -> tuple[list[float], float] | None:
    """Fit means and one variance to normal values of which only those beyond a cut are seen, by maximum likelihood.

    In its natural parameters the likelihood has one maximum. The density is summed on the grid that readings are
    kept to, so that readings rounded coarsely are not taken for smooth.
    """
    if len(np.unique(values)) < 3:
        return None
    centre, scale = (0.0 if two_sided else values.mean()), values.std()
    z, sides = (values - centre) / scale, np.unique(mean_of)
    share = np.array([(mean_of == side).mean() for side in sides])
    total = np.array([z[mean_of == side].sum() for side in sides]) / len(z)
    steps, first, kept = np.unique(step, return_index=True, return_inverse=True)
    # The cut follows from the step that readings are kept to.
    edges = (cut[first] - centre) / scale
    grids = [_grid(edge, width, two_sided) for edge, width in zip(edges, steps / scale, strict=True)]
    weights = np.array([np.bincount(kept[mean_of == side], minlength=len(steps)) for side in sides]) / len(z)

    def minus_log_likelihood(natural: np.ndarray) -> tuple[float, np.ndarray]:
        to_mean, precision = natural[:-1], natural[-1]
        value, slope = float(precision * (z @ z) / len(z) / 2 - to_mean @ total), np.append(-total, z @ z / len(z) / 2)
        for (side, kind), weight in np.ndenumerate(weights):
            points = grids[kind]
            exponent = to_mean[side] * points - precision * points**2 / 2
            top = exponent.max()
            density = np.exp(exponent - top)
            total_density = density.sum()
            density /= total_density
            value += weight * (top + np.log(total_density))
            slope[side] += weight * (density @ points)
            slope[-1] -= weight * (density @ points**2) / 2
        return value, slope

    start = np.append(total / share, 1.0)
    bounds = [(None, None)] * len(sides) + [(_FLATTEST, None)]
    found = scipy.optimize.minimize(
        minus_log_likelihood, start, jac=True, method="L-BFGS-B", bounds=bounds, options=_PATIENCE
    )
    if found.status == _GAVE_UP:
        return None
    natural = found.x
    means = dict(zip(sides.tolist(), centre + scale * natural[:-1] / natural[-1], strict=True))
    both = [0] if two_sided else [0, 1]
    return [float(means.get(side, np.nan)) for side in both], float(scale**2 / natural[-1])


def _grid(edge: float, step: float, two_sided: bool) -> np.ndarray:
    """Return the readings that could be seen, in standard deviations, from the cut-off outwards."""
    width = max(step, 0.1)
    if two_sided:
        away = edge + (np.arange(14 / width) + 0.5) * width
        return np.concatenate([away, -away])
    # Further above the mean than 10 there is none, wherever the cut-off is.
    first = max(int((edge - 10) / width), 0)
    return edge - (np.arange(first, first + 24 / width) + 0.5) * width


def _from_natural(to_level: float, to_apart: float, a: float, b: float) -> FirstReadings:
    level, apart = to_level / a, to_apart / b
    correlation = (1 / a - 1 / b) / (1 / a + 1 / b)
    return FirstReadings((level + apart) / 2**0.5, (level - apart) / 2**0.5, (1 / a + 1 / b) / 2, correlation)


def _both_below_cut(cut: np.ndarray, of: FirstReadings) -> np.ndarray:
    """Return the probability that left and right are both below the cut: Drezner and Wesolowsky's integral."""
    left, right = ((cut - mean)[:, None] / of.variance**0.5 for mean in (of.left, of.right))
    top = np.arcsin(of.correlation)
    angle = top * (_NODES + 1) / 2
    exponent = -(left**2 + right**2 - 2 * left * right * np.sin(angle)) / 2 / np.cos(angle) ** 2
    return (ndtr(left) * ndtr(right))[:, 0] + top / 4 / np.pi * (np.exp(exponent) @ _WEIGHTS)


def _either_below(cut: np.ndarray, of: FirstReadings) -> np.ndarray:
    one, other = (ndtr((cut - mean) / of.variance**0.5) for mean in (of.left, of.right))
    return one + other - _both_below_cut(cut, of)
