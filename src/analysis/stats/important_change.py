"""The smallest change that people call important: cut-offs by people's own rating, with a bootstrap of clusters."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import logit, ndtr, stdtrit

from analysis.stats.clusters import outer_clusters
from analysis.stats.intervals import NO_INTERVAL, Interval, normal_quantile
from analysis.stats.labels import numbered
from analysis.stats.logistic import fit_logistic

LEAST_CORRELATION = 0.3
"""A rating that goes with the change less than this is no anchor for it (Revicki 2008)."""
_FEWEST_PEOPLE = 5
_MOST_FAILED = 0.1


class ImportantChange(NamedTuple):
    """Three answers to which gain matters; NaN where `reason` says why there is none."""

    roc: float
    """The gain that best tells who improved: the highest sensitivity + specificity of "gained at least so much"."""
    roc_interval: Interval
    mean: float
    """Mean gain of those who improved a little."""
    mean_interval: Interval
    predicted: float
    """The gain after which improvement is as likely as it was before the gain was known, by logistic regression."""
    predicted_interval: Interval
    correlation: float
    """Spearman's, of rating and gain."""
    clustered_by: str
    reason: str


def important_change(
    gain: ArrayLike,
    rating: ArrayLike,
    improved_from: float,
    person: ArrayLike,
    clinic: ArrayLike | None = None,
    resamples: int = 1_000,
    seed: int = 0,
    confidence: float = 0.95,
) -> ImportantChange:
    """Estimate the minimal important change by an anchor: what people say of their own change.

    Parameters
    ----------
    gain : array_like of float, shape (hips,)
        Towards the better side; a hip without one is left out.
    rating : array_like of float, shape (hips,)
        The person's rating as a number, higher for better; NaN where there is none, which is left out.
    improved_from : float
        The lowest rating that says "improved"; just this one is "a little better".
    person : array_like, shape (hips,)
        Whose hip it is.
    clinic : array_like, shape (hips,), optional
        Where the person was treated; missing where that is not recorded. From 5 recorded clinics on they are drawn.
    resamples, seed
        Of the bootstrap, which draws people, or clinics with all their people.
    confidence : float, default 0.95
        Confidence level of the intervals: percentiles of the samples, moved outwards as few clusters require.

    Returns
    -------
    ImportantChange
        With a `reason` in place of numbers where fewer than 5 people improved or did not, or rating and gain correlate
        by less than .3. An answer is NaN alone where nobody improved a little, and by prediction where more gain does
        not go with more improvement or tells without error who improved; an interval is where more than a tenth of the
        samples have no answer.

    Raises
    ------
    ValueError
        If the arrays differ in shape, a person is missing, or `confidence` is not between 0 and 1.

    References
    ----------
    Jaeschke R, Singer J, Guyatt GH (1989). Control Clin Trials 10:407-415 (mean). Deyo RA, Centor RM (1986). J Chronic
    Dis 39:897-906 (ROC). Terluin B, Eekhout I, Terwee CB, de Vet HCW (2015). J Clin Epidemiol 68:1388-1396 (predicted).
    Revicki D, Hays RD, Cella D, Sloan J (2008). J Clin Epidemiol 61:102-109. Hesterberg TC (2015). Am Stat 69:371-386
    (percentiles for few clusters).

    Examples
    --------
    >>> gained, said = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12], [3, 4, 3, 4, 3, 5, 4, 5, 5, 6, 6, 7]
    >>> found = important_change(gained, said, 5, range(12), resamples=50)
    >>> found.roc, round(found.mean, 2)
    (5.0, 6.67)
    """
    normal_quantile(confidence)  # refuses what is not a confidence level
    gained, said, people = np.asarray(gain, dtype=float), np.asarray(rating, dtype=float), numbered(person)
    if not gained.shape == said.shape == people.shape:
        raise ValueError(f"need one entry per hip; the shapes are {gained.shape}, {said.shape} and {people.shape}")
    known = ~np.isnan(gained) & ~np.isnan(said)
    gained, said, people = gained[known], said[known], numbered(people[known])
    clusters = outer_clusters(people, None if clinic is None else np.asarray(clinic)[known])
    improved = said >= improved_from
    for word, which in (("improved", improved), ("did not improve", ~improved)):
        if len(np.unique(people[which])) < _FEWEST_PEOPLE:
            return _nothing(math.nan, clusters.clustered_by, f"fewer than {_FEWEST_PEOPLE} people say that they {word}")
    if np.ptp(gained) == 0:
        return _nothing(math.nan, clusters.clustered_by, "all hips changed alike")
    correlation = _rank_correlation(gained, said)
    if not correlation >= LEAST_CORRELATION:
        return _nothing(correlation, clusters.clustered_by, "the rating goes too little with the change")
    cluster = clusters.of_person[people]
    own = np.unique(cluster, return_inverse=True)[1]
    n_clusters = int(own.max()) + 1
    draws = np.random.default_rng(seed).multinomial(n_clusters, [1 / n_clusters] * n_clusters, resamples)
    tail = _tail(n_clusters, confidence)
    tail_of_mean = _tail(len(np.unique(own[said == improved_from])), confidence)
    weights = np.vstack([np.ones(len(own)), draws[:, own]])
    roc = _roc(gained, improved, weights)
    mean = _mean(gained, said == improved_from, weights)
    predicted = _predicted(gained, improved, weights)
    return ImportantChange(
        float(roc[0]),
        _limits(roc, tail),
        float(mean[0]),
        _limits(mean, tail_of_mean),
        float(predicted[0]),
        _limits(predicted, tail),
        correlation,
        clusters.clustered_by,
        "",
    )


def _rank_correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Return Spearman's correlation; scipy.stats has it too, and takes half a second to load."""
    return float(np.corrcoef(_ranks(first), _ranks(second))[0, 1])


def _ranks(values: np.ndarray) -> np.ndarray:
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    ranks: np.ndarray = (np.cumsum(count) - (count - 1) / 2)[place]
    return ranks


def _roc(gain: np.ndarray, improved: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the cut of each sample; the lower of two that tell as well."""
    cuts, place = np.unique(gain, return_inverse=True)
    reached = []
    for which in (improved, ~improved):
        counts = np.zeros((len(weights), len(cuts)))
        np.add.at(counts.T, place[which], weights[:, which].T)
        total = counts.sum(axis=1, keepdims=True)
        reached.append(np.cumsum(counts[:, ::-1], axis=1)[:, ::-1] / np.where(total > 0, total, np.nan))
    told = np.round(reached[0] - reached[1], 12)  # what is the same but for rounding is the same
    return np.where(np.isnan(told).any(axis=1), np.nan, cuts[np.argmax(np.nan_to_num(told), axis=1)])


def _mean(gain: np.ndarray, little: np.ndarray, weights: np.ndarray) -> np.ndarray:
    counts = weights[:, little].sum(axis=1)
    return weights[:, little] @ gain[little] / np.where(counts > 0, counts, np.nan)


def _predicted(gain: np.ndarray, improved: np.ndarray, weights: np.ndarray) -> np.ndarray:
    middle, spread = gain.mean(), gain.std()
    design = np.column_stack([np.ones(len(gain)), (gain - middle) / spread])
    fits, _ = fit_logistic(design, improved.astype(float), weights)
    share = weights @ improved / weights.sum(axis=1)
    rising = fits[:, 1] > 0
    at = (logit(np.clip(share, 1e-12, 1 - 1e-12)) - fits[:, 0]) / np.where(rising, fits[:, 1], np.nan)
    return middle + spread * at


def _tail(n_clusters: int, confidence: float) -> float:
    """Return the share of samples beyond each limit: by t, since samples of few clusters differ too little."""
    if n_clusters < 2:
        return math.nan
    t = stdtrit(n_clusters - 1, (1 + confidence) / 2)
    return float(ndtr(-t * math.sqrt(n_clusters / (n_clusters - 1))))


def _limits(answers: np.ndarray, tail: float) -> Interval:
    drawn = answers[1:]
    if np.isnan(answers[0]) or np.isnan(tail) or np.isnan(drawn).mean() > _MOST_FAILED:
        return NO_INTERVAL
    low, high = np.nanquantile(drawn, [tail, 1 - tail])
    return Interval(float(low), float(high))


def _nothing(correlation: float, clustered_by: str, reason: str) -> ImportantChange:
    nan, none = math.nan, NO_INTERVAL
    return ImportantChange(nan, none, nan, none, nan, none, correlation, clustered_by, reason)
