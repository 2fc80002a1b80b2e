"""The GEE of left against right with whole matrices, hips × hips, as its papers write it."""

import math
from typing import NamedTuple

import numpy as np
from scipy import stats


class Contrast(NamedTuple):
    """Left against right on one scale: what it is, its standard error, and the degrees of freedom of that."""

    estimate: float
    standard_error: float
    degrees_of_freedom: float

    def limits(self, confidence=0.95):
        half_width = stats.t.ppf((1 + confidence) / 2, self.degrees_of_freedom) * self.standard_error
        return self.estimate - half_width, self.estimate + half_width

    @property
    def p_value(self):
        return 2 * stats.t.sf(abs(self.estimate) / self.standard_error, self.degrees_of_freedom)


def written_out(outcome, left, person, cluster, correlation):
    """Return the difference of rates and the log odds ratio, at the rates that solve the equation for a correlation.

    Mancl and DeRouen's covariance; Satterthwaite's degrees of freedom under the working model, clusters less two at
    most.
    """
    outcome, left, person, cluster = (np.asarray(column) for column in (outcome, left, person, cluster))
    design = np.column_stack([left == 1, left == 0]).astype(float)
    rates = _solve(outcome, design, person, correlation)
    mean = design @ rates
    variance = _working(mean, person, correlation)
    inverse = np.linalg.inv(variance)
    model = np.linalg.inv(design.T @ inverse @ design)
    hat = design @ model @ design.T @ inverse
    spread = rates * (1 - rates)
    weights = {name: np.array([1.0, -1.0]) / scale for name, scale in (("difference", 1), ("log_odds_ratio", spread))}
    values = {"difference": rates, "log_odds_ratio": np.log(rates / (1 - rates))}
    found = {}
    for name, contrast in weights.items():
        scores = []
        for label in np.unique(cluster):
            at = cluster == label
            score = np.zeros(len(outcome))
            pull = inverse[np.ix_(at, at)] @ design[at] @ model @ contrast
            score[at] = np.linalg.solve((np.eye(at.sum()) - hat[np.ix_(at, at)]).T, pull)
            scores.append(score)
        scores = np.array(scores)
        leftover = np.eye(len(outcome)) - hat
        expected = scores @ leftover @ variance @ leftover.T @ scores.T
        degrees = min(np.trace(expected) ** 2 / np.sum(expected**2), len(scores) - 2)
        error = math.sqrt(np.sum((scores @ (outcome - mean)) ** 2))
        found[name] = Contrast(float(values[name] @ [1, -1]), error, float(degrees))
    return found


def _working(mean, person, correlation):
    working = np.where(person[:, None] == person, correlation, 0.0)
    np.fill_diagonal(working, 1)
    deviation = np.sqrt(mean * (1 - mean))
    return working * np.outer(deviation, deviation)


def _solve(outcome, design, person, correlation):
    rates = design.T @ outcome / design.sum(axis=0)
    for _ in range(50):
        weight = design.T @ np.linalg.inv(_working(design @ rates, person, correlation))
        rates = rates + np.linalg.solve(weight @ design, weight @ (outcome - design @ rates))
    return rates
