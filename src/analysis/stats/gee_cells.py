"""The estimating equation beneath the comparisons: one rate per cell, a cell being a side, or a type and side.

With one parameter per cell the model is saturated, so logit and identity link give the same rates with the
same covariance; so the rates themselves are estimated, and differences and odds ratios are read off them.
Every matrix is cells × cells per person, and the work is a few array operations over people, some hundred
times faster than a general fit.
"""

from typing import NamedTuple

import numpy as np

_MAX_ITERATIONS = 100
_TOLERANCE = 1e-10


class Cells(NamedTuple):
    """Hips and responders per person and cell: arrays of shape (people, cells)."""

    hips: np.ndarray
    responders: np.ndarray


def count_cells(responded: np.ndarray, cell: np.ndarray, n_cells: int, person: np.ndarray) -> Cells:
    """Count the hips of each person in each cell; `person` numbers people from 0."""
    n_people = int(person.max()) + 1 if len(person) else 0
    place = n_cells * person + cell
    hips = np.bincount(place, minlength=n_cells * n_people).reshape(n_people, n_cells)
    responders = np.bincount(place[responded == 1], minlength=n_cells * n_people).reshape(n_people, n_cells)
    return Cells(hips, responders)


def why_not_estimable(cells: Cells, cell: int, cluster: np.ndarray, hip: str, clustered_by: str) -> str:
    """Return why a cell has no rate with a standard error, in words about a `hip` of it; empty if it has."""
    n_hips, n_responders = cells.hips[:, cell].sum(), cells.responders[:, cell].sum()
    if n_hips == 0:
        return f"no {hip} is evaluable"
    if n_responders == 0:
        return f"no {hip} responded"
    if n_responders == n_hips:
        return f"every {hip} responded"
    if len(np.unique(cluster[cells.hips[:, cell] > 0])) < 2:
        return f"only one {clustered_by} has {hip}s"
    return ""


def fit(cells: Cells) -> tuple[np.ndarray, float]:
    """Estimate the rates and the working correlation, by Fisher scoring from the crude rates.

    Every cell must have responders and non-responders.
    """
    crude_rates = cells.responders.sum(axis=0) / cells.hips.sum(axis=0)
    rates, correlation = crude_rates, 0.0
    largest_cluster = cells.hips.sum(axis=1).max()
    for _ in range(_MAX_ITERATIONS):
        previous, correlation = correlation, _moment_correlation(cells, rates)
        if not (correlation < 1 and correlation * (largest_cluster - 1) > -1):
            break
        information = _information(cells, correlation).sum(axis=0)
        score = _scores(cells, rates, correlation).sum(axis=0)
        step = _standard_deviations(rates) * np.linalg.solve(information, score)
        rates = rates + step
        if not np.all((rates > 0) & (rates < 1)):
            break
        if max(np.abs(step).max(), abs(correlation - previous)) < _TOLERANCE:
            return rates, correlation
    # The crude rates solve the equation under independence, and the covariance holds whatever the working
    # correlation: with few people measured on both hips, refusing here would refuse most cohorts.
    return crude_rates, 0.0


class Covariance(NamedTuple):
    """The covariance of the rates, and what tells how well it is known."""

    of_rates: np.ndarray
    """Shape (cells, cells)."""
    information: np.ndarray
    """Of each cluster, shape (clusters, cells, cells), for rates in units of their SD."""
    standard_deviations: np.ndarray
    """Of one hip of each cell."""

    def variance(self, contrast: np.ndarray) -> float:
        """Return the variance of a weighted sum of rates."""
        return float(max(contrast @ self.of_rates @ contrast, 0.0))

    def degrees_of_freedom(self, contrast: np.ndarray) -> float:
        """Return Satterthwaite's degrees of freedom of that variance (McCaffrey and Bell).

        The variance is a sum of squares, one of each cluster's score. Under the working model the scores of
        clusters g and h covary as b_g'J_g(g = h ? 1 : 0 - M·J_h)b_h with b = (1 - M·J)⁻¹M·contrast, J being a
        cluster's information and M the inverse of all. The more unequal the clusters, the fewer the degrees.
        """
        model = np.linalg.inv(self.information.sum(axis=0))
        start = model @ (contrast * self.standard_deviations)
        remaining = np.eye(len(contrast)) - model @ self.information
        weight = np.linalg.solve(remaining, np.broadcast_to(start[:, None], (*self.information.shape[:2], 1)))
        pull = self.information @ weight
        length = (weight * pull).sum(axis=(1, 2))
        pull = pull[:, :, 0]
        shared, mixed = model @ (pull.T @ pull), np.sum((pull @ model) * pull, axis=1)
        trace = length.sum() - mixed.sum()
        return float(trace**2 / (np.sum(length**2 - 2 * length * mixed) + np.sum(shared * shared.T)))


def bias_reduced_covariance(cells: Cells, rates: np.ndarray, correlation: float, cluster: np.ndarray) -> Covariance:
    """Return Mancl and DeRouen's covariance of the rates.

    `cluster` numbers from 0 the independent unit each person belongs to: the person, or the clinic. Within
    a clinic the working correlation is that of a person's hips, and 0 between people, so that a clinic's
    score and information are the sums of its people's.

    Their (I - H)⁻¹ acts on a cluster's residuals; as H = D·M·DᵀV⁻¹, moving it through DᵀV⁻¹ leaves
    (I - DᵀV⁻¹D·M)⁻¹ acting on the cluster's score.
    """
    n_cells = len(rates)
    information = np.zeros((int(cluster.max()) + 1, n_cells, n_cells))
    np.add.at(information, cluster, _information(cells, correlation))
    scores = np.zeros((len(information), n_cells))
    np.add.at(scores, cluster, _scores(cells, rates, correlation))
    model_covariance = np.linalg.inv(information.sum(axis=0))
    adjusted = np.linalg.solve(np.eye(n_cells) - information @ model_covariance, scores[:, :, None])[:, :, 0]
    sd = _standard_deviations(rates)
    of_rates = model_covariance @ (adjusted.T @ adjusted) @ model_covariance * np.outer(sd, sd)
    return Covariance(of_rates, information, sd)


def _moment_correlation(cells: Cells, rates: np.ndarray) -> float:
    """Estimate the correlation between two hips of one person (Liang and Zeger)."""
    per_person = cells.hips.sum(axis=1)
    n_pairs = (per_person * (per_person - 1) // 2).sum()
    if n_pairs <= len(rates):
        return 0.0  # the divisor below is the pairs less the rates
    successes, failures = cells.responders, cells.hips - cells.responders
    squares = (successes * (1 - rates) / rates + failures * rates / (1 - rates)).sum(axis=1)
    products = (_standardised_residuals(cells, rates).sum(axis=1) ** 2 - squares) / 2
    scale = squares.sum() / (per_person.sum() - len(rates))
    return float(products.sum() / scale / (n_pairs - len(rates)))


def _standard_deviations(rates: np.ndarray) -> np.ndarray:
    return np.sqrt(rates * (1 - rates))


def _standardised_residuals(cells: Cells, rates: np.ndarray) -> np.ndarray:
    return (cells.responders - cells.hips * rates) / _standard_deviations(rates)


def _shared_weight(cells: Cells, correlation: float) -> np.ndarray:
    """Return the c of each person in R⁻¹ = (I - c·11ᵀ)/(1 - correlation), R being exchangeable."""
    return correlation / (1 + (cells.hips.sum(axis=1) - 1) * correlation)


def _scores(cells: Cells, rates: np.ndarray, correlation: float) -> np.ndarray:
    """Return DᵀV⁻¹(y - μ) of each person, shape (people, cells), for rates in units of their SD."""
    residuals = _standardised_residuals(cells, rates)
    shared = _shared_weight(cells, correlation) * residuals.sum(axis=1)
    return (residuals - cells.hips * shared[:, None]) / (1 - correlation)


def _information(cells: Cells, correlation: float) -> np.ndarray:
    """Return DᵀV⁻¹D of each person, shape (people, cells, cells), for rates in units of their SD."""
    hips = cells.hips
    shared = _shared_weight(cells, correlation)[:, None, None] * hips[:, :, None] * hips[:, None, :]
    return (hips[:, :, None] * np.eye(hips.shape[1]) - shared) / (1 - correlation)
