"""What every responder rule would give if nothing had truly changed, hip by hip.

A reading below the cut-off is in part bad luck, and rounding to 5 degrees turns a small slip into a gain,
so a hip passes a rule by chance more often than its measurement error alone suggests.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from analysis.hips.change import measures_compared
from analysis.protocol import Protocol
from analysis.protocol.responses import BecomesRule, GainRule
from analysis.protocol.steps import cut_in_steps, from_steps, in_steps, kept_to
from analysis.stats.chance import gain_by_chance, loss_by_chance, sign_change_by_chance
from analysis.stats.measurement import minimal_detectable_change
from analysis.stats.regression_to_mean import expected_change, reliability_of


def threshold(rule: GainRule, reading: str, protocol: Protocol) -> float:
    """Return the gain a rule asks for under a reading, in the unit of its measure."""
    wanted = rule.strict if reading == "strict" or rule.lenient is None else rule.lenient
    if wanted == "mdc95":
        sem = protocol.measures[rule.measure].sem
        assert sem is not None  # the protocol was validated
        return minimal_detectable_change(sem)
    return float(wanted)


def chance_of_gain(changes: pd.DataFrame, rule: GainRule, reading: str, protocol: Protocol) -> np.ndarray:
    """Return each hip's probability of meeting a gain rule with no true change.

    Parameters
    ----------
    changes
        Rows of one comparison, of the whole cohort: its first readings say what is usual.
    rule, reading, protocol
        The rule; NaN throughout if the SEM of its measure is not known.

    Returns
    -------
    numpy.ndarray
        float64, NaN where there is no first reading.
    """
    measure = protocol.measures[rule.measure]
    before, known = in_steps(changes[f"{rule.measure}_before"], measure.step)
    result = np.full(len(changes), np.nan)
    if measure.sem is None or known.sum() < 2:
        return result
    first = np.where(known, from_steps(before, measure.step), np.nan)
    mean, variance = float(np.nanmean(first)), float(np.nanvar(first, ddof=1))
    wanted = threshold(rule, reading, protocol)
    if rule.op == "gt":
        wanted = float(from_steps(np.array(math.floor(cut_in_steps(wanted, measure.step)) + 1), measure.step))
    probability = gain_by_chance if measure.better == "higher" else loss_by_chance
    steps = reading_step(changes, rule.measure, measure.step)
    for step in np.unique(steps):
        rows = steps == step
        result[rows] = probability(first[rows], wanted, measure.sem, step, mean, variance)
    return result


def reading_step(changes: pd.DataFrame, measure: str, step: float) -> np.ndarray:
    """Return what each person's readings of a measure seem to be kept to, in its unit: 5, 1 or 0.1 degrees.

    ``step`` is that of the measure. It is the coarsest step that divides all readings of both hips, before and after.
    """
    kept = np.full(len(changes), step)
    people = changes["patient_id"]
    readings = [in_steps(changes[f"{measure}_{when}"], step) for when in ("before", "after")]
    for coarse in kept_to(step)[1:]:
        fits = np.logical_and.reduce([(values % coarse == 0) | ~known for values, known in readings])
        all_fit = pd.Series(fits, index=changes.index).groupby(people).transform("all").to_numpy()
        kept[all_fit] = from_steps(np.array(coarse), step)
    return kept


def with_changes_by_chance(changes: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Add the change that each hip is expected to show had nothing truly changed: regression to the mean.

    Parameters
    ----------
    changes
        As :func:`analysis.change` returns them, of the whole cohort: its first readings say what is usual.
    protocol
        Names the measures and their errors.

    Returns
    -------
    pandas.DataFrame
        With ``…_by_chance`` for every measure whose error is known, in its unit; missing without a first reading.
    """
    added = {}
    for name, measure in measures_compared(protocol).items():
        if measure.sem is not None:
            parts = [
                _change_by_chance(rows, name, float(measure.sem), measure.step)
                for _, rows in changes.groupby("comparison", observed=True)
            ]
            added[f"{name}_by_chance"] = pd.concat([*parts, pd.Series(dtype="float64")])
    return changes.assign(**added)


def _change_by_chance(rows: pd.DataFrame, measure: str, sem: float, finest: float) -> pd.Series:
    before, known = in_steps(rows[f"{measure}_before"], finest)
    result = pd.Series(np.nan, index=rows.index)
    if known.sum() < 2:
        return result
    first = np.where(known, from_steps(before, finest), np.nan)
    # To a step, so that one more reading in another clinic rarely moves what a clinic's report shows.
    usual = np.array([np.nanmean(first), np.nanstd(first, ddof=1)])
    mean, sd = from_steps(in_steps(pd.Series(usual), finest)[0], finest).tolist()
    for step in np.unique(steps := reading_step(rows, measure, finest)):
        own = steps == step
        result[own] = expected_change(first[own], mean, reliability_of(sd**2, sem, step))
    return result


def chance_of_turning(changes: pd.DataFrame, rule: BecomesRule, protocol: Protocol) -> np.ndarray:
    """Return each hip's probability of showing the wanted level later with no true change.

    A hip that starts at ``rule.start`` turns; one that starts elsewhere stays. Both follow from the share
    of hips that start there and the reliability of the angle behind the level, 1 − SEM²/SD².
    """
    before = changes[f"{rule.measure}_before"].astype("object")
    known = before.notna().to_numpy()
    latent = protocol.measures[rule.latent] if rule.latent else None
    if latent is None or latent.sem is None or latent.sd is None or not known.any():
        return np.full(len(changes), np.nan)
    starts = (before == rule.start).to_numpy()
    share = starts.sum() / known.sum()
    if share in (0, 1):  # a cohort in which all start alike does not tell where the level turns
        return np.full(len(changes), np.nan)
    reliability = reliability_of(latent.sd**2, latent.sem)
    turns = float(sign_change_by_chance(share, reliability))
    slips = float(sign_change_by_chance(1 - share, reliability))
    return np.where(~known, np.nan, np.where(starts, turns, 1 - slips))
