"""How many patients a question needs: simulated cohorts through the whole chain, from the file to the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from analysis.intake import read_study
from analysis.pipeline import Tables, analyse
from analysis.protocol import builtin
from analysis.sensitivity.claims import HELD, judge_claims
from analysis.simulate import CohortParameters, simulate, write_study
from analysis.stats.proportions import wilson

QUESTIONS = {"sides": "left_worse", "matched": "matching_matters"}


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


def power_by_size(
    question: str,
    difference: float,
    patients: Sequence[int],
    repetitions: int = 200,
    seed: int = 1,
    parameters: CohortParameters | None = None,
) -> pd.DataFrame:
    """Return how often cohorts of several sizes show a difference that is truly there.

    Parameters
    ----------
    question, difference, parameters
        See :func:`cohort_with`.
    patients
        The sizes of the cohorts; each patient brings two hips.
    repetitions
        Cohorts of each size.
    seed
        The same seed gives the same answer.

    Returns
    -------
    pandas.DataFrame
        One row per size: ``patients``, ``repetitions``, ``shown`` (cohorts in which the claim was held),
        ``power`` with a 95 % Wilson interval ``power_low``, ``power_high``, and ``mean_estimate`` (degrees).

    Notes
    -----
    A difference counts as shown when :func:`analysis.sensitivity.claims.judge_claims` holds the claim, at the
    error rate that it shares with the other claims.
    """
    truth = cohort_with(question, difference, parameters)
    seeds = np.random.default_rng(seed).integers(2**31, size=(len(patients), repetitions))
    rows = []
    for size, of_size in zip(patients, seeds, strict=True):
        judged = [judge_claims(simulated_tables(size, int(s), truth), builtin(), QUESTIONS[question]) for s in of_size]
        verdicts = pd.concat(judged)
        shown = int((verdicts["verdict"] == HELD).sum())
        low, high = wilson(shown, repetitions)
        rows.append(
            {
                "patients": size,
                "repetitions": repetitions,
                "shown": shown,
                "power": shown / repetitions,
                "power_low": low,
                "power_high": high,
                "mean_estimate": float(verdicts["estimate"].mean()),
            }
        )
    return pd.DataFrame(rows)


def patients_needed(
    question: str,
    difference: float,
    power: float = 0.80,
    repetitions: int = 100,
    seed: int = 1,
    parameters: CohortParameters | None = None,
    most: int = 2_000,
) -> pd.DataFrame:
    """Search for the fewest patients with which a difference would be shown often enough.

    Parameters
    ----------
    question, difference, parameters, repetitions, seed
        See :func:`power_by_size`.
    power
        How often it should be shown, between 0 and 1.
    most
        The largest cohort that is tried.

    Returns
    -------
    pandas.DataFrame
        The sizes tried, smallest first, as :func:`power_by_size` gives them, with ``enough``; sizes are multiples
        of 10, doubled until one is enough and then halved in between. No row is enough if ``most`` was not.
    """
    tried: dict[int, pd.DataFrame] = {}

    def enough(size: int) -> bool:
        tried[size] = power_by_size(question, difference, [size], repetitions, seed, parameters)
        return bool(tried[size]["power"].iloc[0] >= power)

    low, high = 0, 20
    while not enough(high) and high < most:
        low, high = high, min(2 * high, most)
    while high - low > max(10, low // 10):
        middle = (low + high) // 20 * 10
        low, high = (low, middle) if enough(middle) else (middle, high)
    table = pd.concat([tried[size] for size in sorted(tried)], ignore_index=True)
    return table.assign(enough=table["power"] >= power)
