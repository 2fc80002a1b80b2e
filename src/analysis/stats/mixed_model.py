"""A mixed model of repeated readings of groups within groups, such as hips of people of clinics.

statsmodels' MixedLM fits the same model in seconds, where this takes hundredths of one: where groups lie within groups,
sums over them are all that the likelihood needs.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import scipy

_FLAT = 1e-4  # change of the deviance for a change of a component by its own size


class MixedFit(NamedTuple):
    """A fit by restricted maximum likelihood; numbers are NaN when `reason` says why there is none."""

    components: np.ndarray
    """Variance between the groups of each level, in their order; last, between the readings of one group."""
    deviance: float
    """−2 × the restricted log-likelihood."""
    outcome: np.ndarray
    """Whitened: as if each reading stood for itself; by the model all have the variance of the last component."""
    design: np.ndarray
    """Whitened alike: least squares of the one on the other gives the coefficients of the model."""
    reason: str
    """Why there is no fit; empty when there is one."""


class _Level(NamedTuple):
    """What the likelihood needs of a level of groups at some components."""

    shrunk: np.ndarray
    """How much of a group's own mean deviation is left to its own readings: 1/(1 + ratio × weight)."""
    weight: np.ndarray
    """What its readings weigh, given what is shared at finer levels."""
    sums: np.ndarray
    """Sums of the columns over its readings, weighed likewise."""


def fit_mixed_model(outcome: np.ndarray, design: np.ndarray, levels: Sequence[np.ndarray]) -> MixedFit:
    """Fit a linear model in which readings of one group are alike, at each of several nested levels.

    A reading is its row of the design times the coefficients, plus a normal deviation of its group at each level, plus
    one of its own. A component may come out as 0.

    Parameters
    ----------
    outcome : ndarray of float, shape (readings,)
        Without NaN: readings not taken are left out, which takes them as missing at random given those taken.
    design : ndarray of float, shape (readings, columns)
        Of full column rank.
    levels : sequence of ndarray of int, each of shape (readings,)
        The group of each reading at each level, from 0, each occurring; the finest first, each within the next.

    Returns
    -------
    MixedFit
        With a `reason` where there are no more readings than columns, each group of the finest level has one reading,
        the readings leave no scatter, or the search ends where the likelihood is not level.

    References
    ----------
    Patterson HD, Thompson R (1971). Biometrika 58:545-554. Laird NM, Ware JH (1982). Biometrics 38:963-974.

    Examples
    --------
    >>> person = np.array([0, 0, 1, 1, 2, 2])
    >>> fit_mixed_model(np.array([3.0, 5, 8, 8, 1, 3]), np.ones((6, 1)), [person]).components.round(3).tolist()
    [8.667, 1.333]
    """
    free = len(outcome) - design.shape[1]
    if free < 1:
        return _nothing(levels, "no more readings than means to estimate")
    if len(outcome) == levels[0].max() + 1:
        return _nothing(levels, "no hip counts with two visits")
    residual = outcome - design @ np.linalg.lstsq(design, outcome)[0]  # sums of small numbers keep more digits
    if residual @ residual <= 1e-20 * (outcome @ outcome):
        return _nothing(levels, "the readings leave no scatter to judge by")
    likelihood = _Likelihood(np.column_stack([design, residual]), levels)
    found = scipy.optimize.minimize(likelihood.deviance, np.ones(len(levels)), jac=True, method="L-BFGS-B",
                     bounds=[(0, None)] * len(levels), options={"ftol": 0, "gtol": 1e-6})  # fmt: skip
    ratios, (deviance, slope) = found.x, likelihood.deviance(found.x)
    # Level in a component above 0; at 0 the deviance may rise with it but not fall.
    if not np.where(ratios > 0, np.abs(slope) * ratios < _FLAT, slope > -_FLAT).all():
        return _nothing(levels, "the search for the variances did not converge")
    white = whitened(np.column_stack([design, outcome]), levels, ratios)
    scale = likelihood.rest(ratios) / free
    return MixedFit(scale * np.append(ratios, 1.0), deviance, white[:, -1], white[:, :-1], "")


def _nothing(levels: Sequence[np.ndarray], reason: str) -> MixedFit:
    return MixedFit(np.full(len(levels) + 1, np.nan), np.nan, np.empty(0), np.empty((0, 0)), reason)


class _Likelihood:
    """The restricted likelihood of readings, from sums of design and outcome over groups within groups."""

    def __init__(self, columns: np.ndarray, levels: Sequence[np.ndarray]) -> None:
        self.rows, self.width = len(columns), columns.shape[1] - 1
        self.products = columns.T @ columns
        self.sizes = np.bincount(levels[0]).astype(float)
        self.sums = _summed(columns, levels[0])
        self.parents = [_parents(own, levels[place]) for place, own in enumerate(levels[:-1], 1)]

    def _up(self, ratios: np.ndarray) -> list[_Level]:
        """Weigh the groups of each level, from the finest."""
        weight, sums, found = self.sizes, self.sums, []
        for ratio, parents in zip(ratios, [*self.parents, None], strict=True):
            shrunk = 1 / (1 + ratio * weight)
            found.append(_Level(shrunk, weight, sums))
            if parents is not None:
                weight, sums = np.bincount(parents, weight * shrunk), _summed(sums * shrunk[:, None], parents)
        return found

    def _products(self, ratios: np.ndarray, levels: list[_Level]) -> np.ndarray:
        """Return design and outcome times the inverse covariance times design and outcome."""
        total = self.products
        for ratio, level in zip(ratios, levels, strict=True):
            total = total - level.sums.T @ (level.sums * (ratio * level.shrunk)[:, None])
        return total

    def rest(self, ratios: np.ndarray) -> float:
        """Return the weighed sum of squares of the outcome that the design leaves."""
        products = self._products(ratios, self._up(ratios))
        inner, cross = products[:-1, :-1], products[:-1, -1]
        return float(products[-1, -1] - cross @ np.linalg.solve(inner, cross))

    def deviance(self, ratios: np.ndarray) -> tuple[float, np.ndarray]:
        """Return −2 × the restricted log-likelihood at ratios of components to the last, and its slope in each."""
        levels, free = self._up(ratios), self.rows - self.width
        products = self._products(ratios, levels)
        inner, cross = products[:-1, :-1], products[:-1, -1]
        inverse = np.linalg.inv(inner)
        coefficients = inverse @ cross
        rest = float(products[-1, -1] - cross @ coefficients)
        volume = -sum(float(np.log(level.shrunk).sum()) for level in levels) + np.linalg.slogdet(inner)[1]
        slopes = np.empty(len(ratios))
        for place, (of_inverse, pulls) in enumerate(self._down(ratios, levels)):
            design, outcome = pulls[:, :-1], pulls[:, -1]
            left = outcome - design @ coefficients
            slopes[place] = of_inverse - np.sum((design @ inverse) * design) - free * (left @ left) / rest
        return float(volume + free * (1 + np.log(2 * np.pi * rest / free))), slopes

    def _down(self, ratios: np.ndarray, levels: list[_Level]) -> list[tuple[float, np.ndarray]]:
        """Return of each level the trace and the sums of the columns, over groups, of the inverse covariance.

        From the coarsest: what a group shares with others at coarser levels, expected and with its variance, is known.
        """
        shared: np.ndarray | float = 0.0
        variance: np.ndarray | float = 0.0
        found = []
        for place in reversed(range(len(levels))):
            level, ratio = levels[place], ratios[place]
            weight = level.weight * level.shrunk
            pulls = (level.sums - level.weight[:, None] * shared) * level.shrunk[:, None]
            found.append((float(np.sum(weight - weight**2 * variance)), pulls))
            if place:
                of = self.parents[place - 1]
                shared = (shared + ratio * pulls)[of]
                variance = (ratio * level.shrunk + level.shrunk**2 * variance)[of]
        return found[::-1]


def _summed(columns: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Return the sums of columns over groups."""
    order = np.argsort(group, kind="stable")
    sizes = np.bincount(group)
    return np.add.reduceat(columns[order], np.cumsum(sizes) - sizes)


def _parents(own: np.ndarray, coarser: np.ndarray) -> np.ndarray:
    """Return the group of the coarser level in which each group lies."""
    _, first = np.unique(own, return_index=True)
    return coarser[first]


def whitened(columns: np.ndarray, levels: Sequence[np.ndarray], ratios: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return columns with what groups share taken out, so that each row has the same variance and stands for itself.

    Parameters
    ----------
    columns : ndarray of float, shape (readings, columns)
        Outcome, design or both.
    levels : sequence of ndarray of int, each of shape (readings,)
        As :func:`fit_mixed_model` takes them.
    ratios : sequence of float
        Variance between the groups of each level, over that between the readings of a group.

    Returns
    -------
    ndarray of float, shape (readings, columns)

    Examples
    --------
    >>> whitened(np.array([[3.0], [5.0]]), [np.array([0, 0])], [1.5]).round(3).tolist()
    [[1.0], [3.0]]
    """
    # The inverse root of 1 + ratio·zz' is 1 - c·zz'; z is what is left of the group's ones after finer levels.
    white = np.column_stack([columns, np.ones(len(columns))])
    for group, ratio in zip(levels, ratios, strict=True):
        ones = white[:, -1].copy()
        length = np.bincount(group, ones**2)
        share = (1 - 1 / np.sqrt(1 + ratio * length)) / length
        white -= (share[:, None] * _summed(white * ones[:, None], group))[group] * ones[:, None]
    return white[:, :-1]
