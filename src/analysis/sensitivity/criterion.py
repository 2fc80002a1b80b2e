"""Each responder rule beside measurement error: how many of those that pass it truly changed so much."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy.special import ndtr

from analysis.hips.by_chance import threshold
from analysis.hips.criteria import OPERATORS
from analysis.hips.reread import unchanged_comparisons
from analysis.protocol import Protocol
from analysis.protocol.responses import GainRule, TestResponse
from analysis.protocol.steps import cut_in_steps, from_steps, in_steps
from analysis.stats.measurement import minimal_detectable_change

_FEWEST_PEOPLE = 5  # fewer do not tell what is usual


def criterion_against_error(changes: pd.DataFrame, protocol: Protocol, comparison: str | None = None) -> pd.DataFrame:
    """Set every rule on a gain, read strictly, beside the measurement error of its angle.

    Parameters
    ----------
    changes
        As :func:`analysis.change` returns them.
    protocol
        The rules, with the SEM of each angle.
    comparison
        The pair of timepoints; the protocol's primary one if left out.

    Returns
    -------
    pandas.DataFrame
        One row per rule on an angle whose SEM is known, but for rules that ask for a share of the first reading: what
        they ask for differs from hip to hip.

        - ``response``, ``measure``, ``threshold``, ``sem``, ``mdc95``
        - ``sem_here``, ``n_pairs_here``, ``n_patients_here``: SEM = SD of the change / √2, from second readings with
          nothing done in between where the study has them, else from the comparison before the stretch; missing
          without either
        - ``n_patients``, ``n_changes``, ``n_passed``: with both readings, and those that pass
        - ``n_patients_passed``, ``n_patients_not``: people with a hip that passes, and with one that does not
        - ``beyond_error``: whether the changes vary more than error alone would make them; where they do not, the
          next two say what the mean change says
        - ``expected_true``: hips expected to have truly changed by the threshold or more
        - ``passed_true``: mean probability of that among the hips that pass; missing when none does

    Notes
    -----
    A true change is taken as normal around the cohort's mean change, with the variance of the observed
    changes less 2·SEM²; the observed change of a hip is pulled towards that mean (empirical Bayes).
    ``sem_here`` is too large where readings were mistyped or, before the stretch, drills changed some hips.

    References
    ----------
    Weir JP (2005). J Strength Cond Res 19:231-240 (SEM, MDC95).
    """
    comparison = comparison or protocol.primary_comparison
    rows = []
    for name, response in protocol.responses.items():
        rules = response.rules if isinstance(response, TestResponse) else ()
        for rule in rules:
            if not isinstance(rule, GainRule) or rule.share("strict") is not None:
                continue
            if protocol.measures[rule.measure].sem:
                rows.append({"response": name, **_against_error(changes, rule, comparison, protocol)})
    return pd.DataFrame(rows)


def _against_error(changes: pd.DataFrame, rule: GainRule, comparison: str, protocol: Protocol) -> dict[str, object]:
    sem = float(protocol.measures[rule.measure].sem or math.nan)
    wanted = threshold(rule, "strict", protocol)
    rows = changes[changes["comparison"] == comparison]
    gain, rows = _gains(rows, rule, protocol)
    step = protocol.measures[rule.measure].step
    passed = OPERATORS[rule.op](in_steps(pd.Series(gain), step)[0], cut_in_steps(wanted, step))
    true = chance_true_gain(gain, wanted, sem)
    here, n_here, people_here = _sem_before(changes, rule, protocol)
    people = rows["patient_id"]
    enough = people.nunique() >= _FEWEST_PEOPLE
    return {
        "measure": rule.measure,
        "threshold": wanted,
        "sem": sem,
        "mdc95": minimal_detectable_change(sem),
        "sem_here": here,
        "n_pairs_here": n_here,
        "n_patients_here": people_here,
        "n_patients": people.nunique(),
        "n_changes": len(gain),
        "n_passed": int(passed.sum()),
        "n_patients_passed": people[passed].nunique(),
        "n_patients_not": people[~passed].nunique(),
        "beyond_error": enough and float(gain.var(ddof=1)) > 2 * sem**2,
        "expected_true": float(true.sum()) if enough else math.nan,
        "passed_true": float(true[passed].mean()) if passed.any() and enough else math.nan,
    }


def _gains(rows: pd.DataFrame, rule: GainRule, protocol: Protocol) -> tuple[np.ndarray, pd.DataFrame]:
    measure = protocol.measures[rule.measure]
    values, known = in_steps(rows[f"{rule.measure}_change"], measure.step)
    sign = 1 if measure.better == "higher" else -1
    return from_steps(sign * values[known], measure.step), rows[known]


def chance_true_gain(gains: np.ndarray, wanted: float, sem: float) -> np.ndarray:
    """Return the probability that the true gain behind each observed one is at least ``wanted``.

    Parameters
    ----------
    gains
        Observed gains of the whole cohort; their mean and variance are the prior.
    wanted, sem
        In the same unit.

    Returns
    -------
    numpy.ndarray
        NaN throughout for fewer than two gains.

    Examples
    --------
    Changes that vary no more than their errors: nobody truly gained more than the mean of 2.

    >>> chance_true_gain(np.array([2.0, 7.0, -3.0]), wanted=5, sem=4).tolist()
    [0.0, 0.0, 0.0]
    """
    if len(gains) < 2:
        return np.full(len(gains), math.nan)
    error = 2 * sem**2
    mean, variance = float(gains.mean()), float(gains.var(ddof=1))
    true_variance = max(variance - error, 0.0)
    if true_variance == 0:
        return np.full(len(gains), float(mean >= wanted))
    reliability = true_variance / variance
    expected = mean + reliability * (gains - mean)
    return ndtr((expected - wanted) / math.sqrt(true_variance * (1 - reliability)))


def _sem_before(changes: pd.DataFrame, rule: GainRule, protocol: Protocol) -> tuple[float, int, int]:
    """Return the SEM seen where nothing should have changed, and the pairs of readings and people behind it."""
    before = [protocol.indication.comparison] if protocol.indication else []
    pairs = people = 0
    for name in [*unchanged_comparisons(protocol), *before]:
        gain, rows = _gains(changes[changes["comparison"] == name], rule, protocol)
        pairs, people = len(gain), rows["patient_id"].nunique()
        if pairs > 1:
            return float(gain.std(ddof=1)) / math.sqrt(2), pairs, people
    return math.nan, pairs, people
