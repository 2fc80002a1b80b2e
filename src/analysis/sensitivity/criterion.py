"""Each responder rule beside measurement error: how many of those that pass it truly changed so much."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtr

from analysis.hips.by_chance import threshold
from analysis.hips.criteria import OPERATORS
from analysis.hips.pairs import Pairs, pairs_of
from analysis.hips.reread import unchanged_comparisons
from analysis.protocol import Protocol
from analysis.protocol.responses import GainRule, TestResponse
from analysis.protocol.steps import cut_in_steps, from_steps
from analysis.sensitivity.reading_error import mean_and_variance
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
    compared = comparisons_looked_at(protocol, comparison)
    pairs = {name: pairs_of(changes[changes["comparison"] == name], protocol) for name in compared}
    return criteria_of([gains_by_rule(pairs, protocol)], protocol, comparison)


class Gains(NamedTuple):
    """The gains of whole people in the measure of a rule, over one comparison."""

    steps: np.ndarray
    """Each gain that occurs, in whole steps of the measure."""
    n: np.ndarray
    """How often."""
    people: np.ndarray
    """Those with a gain, with one that passes the rule, and with one that does not."""


ByRule = Sequence[Mapping[str, Gains]]
"""Of each rule, its gains by comparison."""


def comparisons_looked_at(protocol: Protocol, comparison: str | None = None) -> list[str]:
    """Return the comparison, and those in which nothing should have changed."""
    before = [protocol.indication.comparison] if protocol.indication else []
    wanted = [comparison or protocol.primary_comparison, *unchanged_comparisons(protocol), *before]
    return list(dict.fromkeys(wanted))


def gains_by_rule(pairs: Mapping[str, Pairs], protocol: Protocol) -> ByRule:
    """Return the gains of whole people by each rule, from their visits by comparison."""
    rules = _rules(protocol).values()
    return [{name: _gains(of_comparison, rule, protocol) for name, of_comparison in pairs.items()} for rule in rules]


def _rules(protocol: Protocol) -> dict[tuple[str, int], GainRule]:
    """Return the rules that are set beside their error, by the response and the place in it."""
    tests = {name: rule.rules for name, rule in protocol.responses.items() if isinstance(rule, TestResponse)}
    return {
        (name, place): rule
        for name, rules in tests.items()
        for place, rule in enumerate(rules)
        if isinstance(rule, GainRule) and rule.share("strict") is None and protocol.measures[rule.measure].sem
    }


def _gains(pairs: Pairs, rule: GainRule, protocol: Protocol) -> Gains:
    measure = protocol.measures[rule.measure]
    both = np.flatnonzero(pairs.both_read(rule.measure) & pairs.comparable)
    before, after = (readings[both].astype("int64") for readings in pairs.readings[rule.measure])
    gain = after - before if measure.better == "higher" else before - after
    wanted = cut_in_steps(threshold(rule, "strict", protocol), measure.step)
    passed, who = OPERATORS[rule.op](gain, wanted), pairs.patient[both]
    people = np.array([len(np.unique(some)) for some in (who, who[passed], who[~passed])])
    return Gains(*np.unique(gain, return_counts=True), people)


def _together(parts: Sequence[Gains]) -> Gains:
    steps, n, people = zip(*parts, strict=True)
    each, place = np.unique(np.concatenate(steps), return_inverse=True)
    often = np.zeros(len(each), dtype="int64")
    np.add.at(often, place, np.concatenate(n))
    return Gains(each, often, np.sum(people, axis=0))


def criteria_of(parts: Sequence[ByRule], protocol: Protocol, comparison: str | None = None) -> pd.DataFrame:
    """Return what :func:`criterion_against_error` does, from the gains of different people."""
    rows = []
    for place, ((name, _), rule) in enumerate(_rules(protocol).items()):
        gains = {key: _together([part[place][key] for part in parts]) for key in parts[0][place]}
        rows.append({"response": name, **_against_error(gains, rule, comparison, protocol)})
    return pd.DataFrame(rows)


def _against_error(
    gains: Mapping[str, Gains], rule: GainRule, comparison: str | None, protocol: Protocol
) -> dict[str, object]:
    measure = protocol.measures[rule.measure]
    sem, wanted = float(measure.sem or math.nan), threshold(rule, "strict", protocol)
    steps, n, people = gains[comparison or protocol.primary_comparison]
    passed = OPERATORS[rule.op](steps, cut_in_steps(wanted, measure.step))
    n_passed, enough = int(n[passed].sum()), bool(people[0] >= _FEWEST_PEOPLE)
    true, beyond = np.full(len(steps), math.nan), False
    if enough:
        mean, variance = mean_and_variance(steps, n, measure.step)
        true = n * chance_true_gain(from_steps(steps, measure.step), mean, variance, wanted, sem)
        beyond = variance > 2 * sem**2
    here = _sem_before(gains, measure.step, protocol)
    return {
        "measure": rule.measure,
        "threshold": wanted,
        "sem": sem,
        "mdc95": minimal_detectable_change(sem),
        **dict(zip(("sem_here", "n_pairs_here", "n_patients_here"), here, strict=True)),
        "n_patients": int(people[0]),
        "n_changes": int(n.sum()),
        "n_passed": n_passed,
        "n_patients_passed": int(people[1]),
        "n_patients_not": int(people[2]),
        "beyond_error": beyond,
        "expected_true": float(true.sum()) if enough else math.nan,
        "passed_true": float(true[passed].sum()) / n_passed if n_passed and enough else math.nan,
    }


def _sem_before(gains: Mapping[str, Gains], step: float, protocol: Protocol) -> tuple[float, int, int]:
    """Return the SEM seen where nothing should have changed, and the pairs of readings and people behind it."""
    before = [protocol.indication.comparison] if protocol.indication else []
    pairs = people = 0
    for name in [*unchanged_comparisons(protocol), *before]:
        steps, n, (people, *_) = gains[name]
        pairs, people = int(n.sum()), int(people)
        if pairs > 1:
            return math.sqrt(mean_and_variance(steps, n, step)[1]) / math.sqrt(2), pairs, people
    return math.nan, pairs, people


def chance_true_gain(gains: np.ndarray, mean: float, variance: float, wanted: float, sem: float) -> np.ndarray:
    """Return the probability that the true gain behind each observed one is at least ``wanted``.

    Parameters
    ----------
    gains
        Observed gains.
    mean, variance
        Of the observed gains of the whole cohort, which are the prior.
    wanted, sem
        In the same unit.

    Examples
    --------
    Changes that vary no more than their errors: nobody truly gained more than the mean of 2.

    >>> chance_true_gain(np.array([2.0, 7.0, -3.0]), mean=2, variance=25, wanted=5, sem=4).tolist()
    [0.0, 0.0, 0.0]
    """
    true_variance = max(variance - 2 * sem**2, 0.0)
    if true_variance == 0:
        return np.full(len(gains), float(mean >= wanted))
    reliability = true_variance / variance
    expected = mean + reliability * (gains - mean)
    return ndtr((expected - wanted) / math.sqrt(true_variance * (1 - reliability)))
