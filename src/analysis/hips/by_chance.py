"""What every responder rule would give if nothing had truly changed, hip by hip.

A reading below the cut-off is in part bad luck, and rounding to 5 degrees turns a small slip into a gain,
so a hip passes a rule by chance more often than its measurement error alone suggests.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.hips.cohort import is_known, words_of
from analysis.hips.pairs import Pairs, measures_compared, pairs_of
from analysis.hips.reread import with_errors_tried
from analysis.hips.usual import UNKNOWN, Usual, usual_readings
from analysis.protocol import Protocol
from analysis.protocol.measures import Measure, Reading
from analysis.protocol.responses import BecomesRule, GainRule
from analysis.protocol.steps import cut_in_steps, from_steps, in_steps
from analysis.stats.chance import gain_by_chance, loss_by_chance, sign_change_by_chance
from analysis.stats.measurement import minimal_detectable_change
from analysis.stats.regression_to_mean import OtherHip, mean_size, pull_to_mean, reliability_of


class Chance(NamedTuple):
    """Each hip's probability of a responder with no true change, and why it is not known.

    ``probability`` is float64 (errors, hips): at the protocol's SEM, the smallest and the largest error tried; NaN
    where it is not known. ``unknown`` is empty where nothing but readings or an error are missing.
    """

    probability: np.ndarray
    unknown: str


# The measurement errors that chance is worked out for: the protocol's, the smallest and the largest tried.
ERRORS = ("", "_least", "_most")


def errors_of(measure: Measure) -> tuple[float, float, float]:
    """Return the measurement errors to try; all alike where no range is known."""
    assert measure.sem is not None  # the callers have seen to it
    least, most = measure.sem_range or (measure.sem, measure.sem)
    return measure.sem, least, most


def threshold(rule: GainRule, reading: Reading, protocol: Protocol) -> float:
    """Return the gain a rule asks for under a reading, in the unit of its measure; NaN where it asks for a share."""
    wanted = rule.asked(reading)
    if rule.share(reading) is not None:
        return math.nan
    if wanted == "mdc95":
        sem = protocol.measures[rule.measure].sem
        assert sem is not None  # the protocol was validated
        return minimal_detectable_change(sem)
    return float(wanted)


def smallest_gain(rule: GainRule, reading: Reading, protocol: Protocol, before: np.ndarray) -> np.ndarray:
    """Return the smallest gain that meets a rule, in whole steps: exact, whether a number or a share.

    Parameters
    ----------
    rule, reading, protocol
        The rule.
    before
        Whole numbers (hips,): the first reading in steps, above 0 where a share is asked for.

    Returns
    -------
    numpy.ndarray
        Of shape (hips,) where a share is asked for, else one number for all.
    """
    share = rule.share(reading)
    if share is None:
        wanted = cut_in_steps(threshold(rule, reading, protocol), protocol.measures[rule.measure].step)
        return np.array(math.ceil(wanted) if rule.op == "ge" else math.floor(wanted) + 1)
    part = before.astype("int64") * share.numerator
    return -(-part // share.denominator) if rule.op == "ge" else part // share.denominator + 1


def chance_of_gain(
    pairs: Pairs, rule: GainRule, reading: Reading, protocol: Protocol, rows: np.ndarray | None = None
) -> Chance:
    """Return each hip's probability of meeting a gain rule with no true change.

    Parameters
    ----------
    pairs
        Of one comparison, of the whole cohort: its first readings say what is usual.
    rule, reading, protocol
        The rule; nothing is known throughout if the SEM of its measure is not.
    rows
        Boolean: the hips of which it is asked; all if left out.

    Returns
    -------
    Chance
        NaN where there is no first reading.
    """
    if protocol.measures[rule.measure].sem is None or not len(pairs):
        return Chance(np.full((len(ERRORS), len(pairs)), np.nan), "")
    usual = usual_readings(pairs, rule.measure, protocol)
    return gains_by_chance(usual, pairs.readings[rule.measure][0], rule, reading, protocol, rows)


def gains_by_chance(
    usual: Usual,
    before: np.ndarray,
    rule: GainRule,
    reading: Reading,
    protocol: Protocol,
    rows: np.ndarray | None = None,
) -> Chance:
    """Return the same for hips of which it is known what is usual, and their first readings in whole numbers."""
    measure = protocol.measures[rule.measure]
    result = np.full((len(ERRORS), len(before)), np.nan)
    wanted = from_steps(smallest_gain(rule, reading, protocol, before), measure.step)
    probability = gain_by_chance if measure.better == "higher" else loss_by_chance
    asked = is_known(before) if rows is None else is_known(before) & rows
    for step in np.unique(usual.step):
        own = np.flatnonzero(asked & (usual.step == step))
        readings, of_own = usual.reading[own], usual.of(own)
        gain = wanted[own] if wanted.ndim else wanted
        for place, sem in enumerate(errors_of(measure)):
            result[place, own] = probability(readings, gain, sem, step, *of_own)
    return Chance(result, usual.unknown)


def with_changes_by_chance(changes: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Add the change that each hip is expected to show if nothing had truly changed: regression to the mean.

    Parameters
    ----------
    changes
        As :func:`analysis.change` returns them, of the whole cohort: its first readings say what is usual.
    protocol
        Names the measures and their errors, and who was enrolled because of a reading.

    Returns
    -------
    pandas.DataFrame
        With ``…_by_chance`` for every measure whose error is known, in its unit; missing without a first reading.
        ``…_by_chance_least`` and ``…_by_chance_most`` are those at the smallest and the largest error tried, and
        ``…_chance_unknown`` says why there is none, else it is empty. For the measure of the asymmetry also, for both
        hips of a person, ``…_difference_by_chance`` and ``…_apart_by_chance`` (``_least``, ``_most``): how left minus
        right, and its size, are expected to change; missing where one hip has no first reading.
    """
    protocol = with_errors_tried(changes, protocol)
    parts = [rows for _, rows in changes.groupby("comparison", observed=True)] or [changes]
    return pd.concat([changes, pd.concat([_all_by_chance(rows, protocol) for rows in parts])], axis=1)


def _all_by_chance(rows: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    pairs = pairs_of(rows, protocol)
    known = [name for name, measure in measures_compared(protocol).items() if measure.sem is not None]
    columns = [column for name in known for column in changes_by_chance(pairs, name, protocol).items()]
    return pd.DataFrame(dict(columns), index=rows.index)


def changes_by_chance(pairs: Pairs, name: str, protocol: Protocol) -> dict[str, np.ndarray | pd.Categorical]:
    """Return the columns of :func:`with_changes_by_chance` of one measure, for the hips of one comparison."""
    measure = protocol.measures[name]
    result: dict[str, np.ndarray | pd.Categorical] = {}
    usual = usual_readings(pairs, name, protocol)
    paired = protocol.asymmetry is not None and protocol.asymmetry.measure == name
    for when, sem in zip(ERRORS, errors_of(measure), strict=True):
        change, difference, apart = np.full((3, len(pairs)), np.nan)
        for step in np.unique(usual.step):
            own = usual.step == step
            change[own] = _pulled(usual, own, sem, step, measure.step)
            difference[own], apart[own] = _pulled_together(usual, own, sem, step, measure.step)
        if not usual.chosen and not np.isnan(apart).all():
            # Where nobody was chosen the two readings may change places, so all together change by nothing.
            apart -= _to_steps(np.array([np.nanmean(apart)]), measure.step)
        result[f"{name}_by_chance{when}"] = change
        if paired:
            result[f"{name}_difference_by_chance{when}"] = np.where(pairs.right, -difference, difference)
            result[f"{name}_apart_by_chance{when}"] = apart
    unknown = np.full(len(pairs), UNKNOWN.index(usual.unknown))
    return result | {f"{name}_chance_unknown": words_of(UNKNOWN, unknown)}


def _pulled(usual: Usual, own: np.ndarray, sem: float, step: float, finest: float) -> np.ndarray:
    """Return the change by chance of some hips."""
    return pull_to_mean(usual.reading[own], sem, step, *_in_steps(*usual.of(own), finest)).change


def _pulled_together(
    usual: Usual, own: np.ndarray, sem: float, step: float, finest: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return how some hips less the other hip of the person change by chance, and the size of that difference."""
    mean, variance, other = _in_steps(*usual.of(own, pairs=True), finest)
    first = usual.reading[own]
    apart = first - other.reading
    change = pull_to_mean(first, sem, step, mean, variance, other).change
    back = OtherHip(first, mean, other.correlation)
    change -= pull_to_mean(other.reading, sem, step, other.mean, variance, back).change
    error, variance_apart = sem**2 + step**2 / 12, variance * (1 - np.nan_to_num(other.correlation))
    share = min(1.0, error / variance_apart) if variance_apart > 0 else 1.0
    return change, mean_size(apart + change, math.sqrt(2 * error * (2 - share))) - np.abs(apart)


def _in_steps(mean: np.ndarray, variance: float, other: OtherHip, finest: float) -> tuple[np.ndarray, float, OtherHip]:
    """Round what is usual, so that one more reading in another clinic rarely moves what a clinic's report shows."""
    sd = float(_to_steps(np.array([np.sqrt(variance)]), finest)[0])
    other = other._replace(mean=_to_steps(other.mean, finest), correlation=round(other.correlation, 2))
    return _to_steps(mean, finest), sd**2, other


def _to_steps(values: np.ndarray, step: float) -> np.ndarray:
    steps, known = in_steps(pd.Series(values), step)
    return np.where(known, from_steps(steps, step), np.nan)


def chance_of_turning(pairs: Pairs, rule: BecomesRule, protocol: Protocol) -> Chance:
    """Return each hip's probability of showing the wanted level later with no true change.

    A hip that starts at ``rule.start`` turns; one that starts elsewhere stays. Both follow from the share
    of hips that start there and the reliability of the angle behind the level, 1 − SEM²/SD².
    """
    before = pairs.readings[rule.measure][0]
    return turns_by_chance(before, share_starting(before, rule, protocol), rule, protocol)


def share_starting(before: np.ndarray, rule: BecomesRule, protocol: Protocol, n: np.ndarray | int = 1) -> float:
    """Return the share of first readings, of those recorded, at the level from which a hip can turn.

    ``n`` says how many readings each entry of the last axis stands for.
    """
    starts = before == protocol.measures[rule.measure].levels.index(rule.start)
    return int((starts * n).sum()) / max(int((is_known(before) * n).sum()), 1)


def turns_by_chance(before: np.ndarray, share: float, rule: BecomesRule, protocol: Protocol) -> Chance:
    """Return the same of some hips, ``share`` of the whole cohort being at the level from which a hip can turn."""
    starts = before == protocol.measures[rule.measure].levels.index(rule.start)
    latent = protocol.measures[rule.latent] if rule.latent else None
    result = np.full((len(ERRORS), len(before)), np.nan)
    # A cohort in which all start alike does not tell where the level turns.
    if latent is None or latent.sem is None or latent.sd is None or share in (0, 1):
        return Chance(result, "")
    for place, sem in enumerate(errors_of(latent)):
        reliability = reliability_of(latent.sd**2, sem)
        turns = float(sign_change_by_chance(share, reliability))
        slips = float(sign_change_by_chance(1 - share, reliability))
        result[place] = np.where(~is_known(before), np.nan, np.where(starts, turns, 1 - slips))
    return Chance(result, "")
