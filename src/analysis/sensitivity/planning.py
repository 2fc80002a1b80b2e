"""How many patients a question needs: simulated cohorts through the whole chain, from the file to the verdict.

A claim is held when its estimate exceeds half the width of its interval. That multiple grows with the square
root of the patients, so cohorts of every size tell about the one size that is sought, and none is spent on
halving in between.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from analysis.intake import read_study
from analysis.pipeline import Tables, analyse
from analysis.protocol import builtin
from analysis.sensitivity.claims import HELD, judge_claims
from analysis.simulate import CohortParameters, simulate, write_study
from analysis.stats.proportions import wilson

QUESTIONS = {"sides": "left_worse", "matched": "matching_matters"}
_FEWEST, _PILOT_SIZE, _PILOT = 10, 100, 20
_AROUND = (0.7, 1.0, 1.4)  # sizes after the pilot, as multiples of the size that it points to
_RESAMPLES = 2_000


def cohort_with(question: str, difference: float, parameters: CohortParameters | None = None) -> CohortParameters:
    """Return the parameters of a cohort in which a difference of a given size is true.

    Parameters
    ----------
    question
        ``"sides"``: the left hip has so many degrees less internal rotation than the right (negative: more);
        ``"matched"``: a matched stretch gains so many degrees more than any other.
    difference
        Degrees; negative where the claim is wrong.
    parameters
        Everything else.

    Raises
    ------
    ValueError
        There is no such question.

    Examples
    --------
    >>> cohort_with("sides", 3).left_ir_deg
    -3
    """
    if question not in QUESTIONS:
        raise ValueError(f"question is {question!r}; it can be {', '.join(QUESTIONS)}")
    base = replace(parameters or CohortParameters(), gross_error_share=0.0)
    if question == "sides":
        return replace(base, left_ir_deg=-difference)
    other = base.mismatched_ir_gain_deg
    kinds = tuple(replace(kind, matched_ir_gain_deg=other + difference) for kind in base.phenotypes)
    return replace(base, phenotypes=kinds, uncalled_ir_gain_deg=other)


def simulated_tables(patients: int, seed: int, parameters: CohortParameters) -> Tables:
    """Return all tables of a simulated cohort: written to a file, read, checked and analysed as any other.

    A reading that cannot be, such as a leg raised by 151 degrees, is missing: nobody can be asked to correct it.
    """
    with TemporaryDirectory() as folder:
        study = write_study(simulate(patients, seed, parameters), Path(folder) / "cohort", "Planning")
        return analyse(read_study(study))


@dataclass(frozen=True)
class Plan:
    """How many patients are needed.

    Attributes
    ----------
    patients
        The fewest with which the difference is shown often enough; missing where ``most`` would not do.
    low, high
        95 % limits of ``patients`` from the number of cohorts that were simulated (Monte Carlo error alone);
        ``high`` is missing where ``most`` may not do.
    sizes
        One row per size tried: ``patients``, ``cohorts``, ``shown`` (cohorts in which the claim was held),
        ``power`` with a 95 % Wilson interval ``power_low``, ``power_high``, ``fitted`` power, and
        ``mean_estimate`` (degrees).
    """

    patients: int | None
    low: int | None
    high: int | None
    sizes: pd.DataFrame


def patients_needed(
    question: str,
    difference: float,
    power: float = 0.80,
    cohorts: int = 200,
    seed: int = 1,
    parameters: CohortParameters | None = None,
    most: int = 2_000,
    progress: Callable[[int, int], None] | None = None,
) -> Plan:
    """Find the fewest patients, each with two hips, with which a true difference would be shown often enough.

    Parameters
    ----------
    question, difference, parameters
        See :func:`cohort_with`.
    power
        How often it should be shown, between 0.5 and 1.
    cohorts
        How many are simulated, all sizes together; 40 at least.
    seed
        The same seed gives the same answer, and the same people's luck for every difference and size.
    most
        The largest cohort that is tried.
    progress
        Called with the cohorts done and all of them.

    Raises
    ------
    ValueError
        There is no such question, or a number is out of its range.

    Notes
    -----
    A difference counts as shown when :func:`analysis.sensitivity.claims.judge_claims` holds the claim, at the
    error rate that it shares with the other claims. With u the estimate over half its interval, a cohort of n
    patients has u ~ N(λ√n, s²) and shows the difference when u > 1, so power(n) = Φ((λ√n − 1)/s); λ by least
    squares over all cohorts, limits by resampling them. The simulated clinics are those of
    :class:`analysis.simulate.CohortParameters`, without gross errors.
    """
    truth = cohort_with(question, difference, parameters)
    if not 0.5 <= power < 1:
        raise ValueError(f"power is {power}; it can be from 0.5 to below 1")
    if cohorts < 2 * _PILOT or most < _FEWEST:
        raise ValueError(f"at least {2 * _PILOT} cohorts and {_FEWEST} patients are needed")
    seeds = np.random.default_rng(seed).integers(2**31, size=cohorts)
    rows: list[dict[str, float]] = []
    sizes = [min(_PILOT_SIZE, most)] * cohorts
    for place, chosen in enumerate(seeds):
        if place == _PILOT:
            middle = min(_needed(*_fit(pd.DataFrame(rows)), power), most)
            around = [int(np.clip(round(middle * multiple), _FEWEST, most)) for multiple in _AROUND]
            sizes = [around[later % len(around)] for later in range(cohorts)]
        rows.append(_judged(question, truth, sizes[place], int(chosen)))
        if progress:
            progress(len(rows), cohorts)
    return _plan(pd.DataFrame(rows), power, most)


def _judged(question: str, truth: CohortParameters, size: int, seed: int) -> dict[str, float]:
    """Simulate one cohort and judge its claim; one in which nothing can be compared shows nothing."""
    claim = judge_claims(simulated_tables(size, seed, truth), builtin(), QUESTIONS[question]).iloc[0]
    multiple = claim["estimate"] / (claim["estimate"] - claim["ci_low"])
    return {
        "patients": size,
        "multiple": 0.0 if math.isnan(multiple) else multiple,
        "shown": claim["verdict"] == HELD,
        "estimate": claim["estimate"],
    }


def _fit(cohorts: pd.DataFrame) -> tuple[float, float]:
    """Return λ and s of the multiples."""
    n, multiple = cohorts["patients"].to_numpy(dtype="float64"), cohorts["multiple"].to_numpy()
    slope = float((multiple * np.sqrt(n)).sum() / n.sum())
    return slope, math.sqrt(((multiple - slope * np.sqrt(n)) ** 2).sum() / (len(n) - 1))


def _needed(slope: float, spread: float, power: float) -> float:
    """Return the patients at which the fitted power is reached; infinite where it never is."""
    return ((1 + spread * float(ndtri(power))) / slope) ** 2 if slope > 0 else math.inf


def _plan(cohorts: pd.DataFrame, power: float, most: int) -> Plan:
    slope, spread = _fit(cohorts)
    rng = np.random.default_rng(0)
    again = [
        _needed(*_fit(cohorts.take(rng.integers(len(cohorts), size=len(cohorts)))), power) for _ in range(_RESAMPLES)
    ]
    low, high = np.quantile(again, [0.025, 0.975], method="nearest")
    needed, low, high = (
        max(math.ceil(n), _FEWEST) if n <= most else None for n in (_needed(slope, spread, power), low, high)
    )
    rows = []
    for size in np.unique(cohorts["patients"]).tolist():
        of_size = cohorts[cohorts["patients"] == size]
        shown = int(of_size["shown"].sum())
        limits = wilson(shown, len(of_size))
        rows.append(
            {
                "patients": size,
                "cohorts": len(of_size),
                "shown": shown,
                "power": shown / len(of_size),
                "power_low": limits[0],
                "power_high": limits[1],
                "fitted": float(ndtr((slope * math.sqrt(size) - 1) / spread)),
                "mean_estimate": float(of_size["estimate"].mean()),
            }
        )
    return Plan(needed, low, high, pd.DataFrame(rows))
