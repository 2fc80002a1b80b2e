"""How many patients a question needs: simulated cohorts through the whole chain, from the file to the verdict.

The share of cohorts that show a difference grows with their size along a curve that has two unknowns. Cohorts of
a few sizes around the one that is sought are simulated, and it is counted how many of them show it; every curve is
weighed by how likely it makes these counts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from analysis.intake import read_study
from analysis.pipeline import Tables, analyse
from analysis.protocol import builtin
from analysis.sensitivity.claims import ERROR_RATE, HELD, judge_claims
from analysis.sensitivity.power_curves import PowerCurves
from analysis.simulate import Cohort, CohortParameters, simulate, write_study
from analysis.stats.proportions import wilson

QUESTIONS = {"sides": "left_worse", "matched": "matching_matters"}
# Nobody plans for a clinic whose results change half-way.
ONE_CLINIC = CohortParameters(clinics=1, step_ir_gain_deg=0, drift_ir_gain_deg=0)
_FEWEST, _FEWEST_COHORTS, _FIRST_SIZE = 10, 40, 100
_PEOPLE_AT_ONCE = 2_000  # in one file; progress is told after each
_LOOKS = (0.1, 0.25, 0.5)  # shares of the cohorts after which sizes are chosen anew
_AROUND = (0.7, 1.0, 1.4)  # the sizes, as multiples of the one that the counts so far point to


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


def simulated_tables(sizes: Sequence[int], seeds: Sequence[int], parameters: CohortParameters) -> list[Tables]:
    """Return all tables of simulated cohorts: written to a file, read, checked and analysed as any other.

    They share one file, as a hundred cohorts are read in little more time than one, and are parted afterwards: what a
    claim is judged by is of each person alone. (What chance is expected to change is of the whole file.)
    A reading that cannot be, such as a leg raised by 151 degrees, is missing: nobody can be asked to correct it.
    """
    drawn = [simulate(size, seed, parameters, with_truth=False) for size, seed in zip(sizes, seeds, strict=True)]
    with TemporaryDirectory() as folder:
        study = write_study(_on_one_sheet(drawn), Path(folder) / "cohorts", "Planning")
        tables = analyse(read_study(study))
    parts = {name: _parted(table, len(drawn)) for name, table in vars(tables).items()}
    return [Tables(**{name: parts[name][place] for name in parts}) for place in range(len(drawn))]


def _on_one_sheet(cohorts: list[Cohort]) -> Cohort:
    """Return cohorts one below the other, each with a number before the names of its patients."""
    sheets = [each.hips.assign(Patient=f"{n:04d} " + each.hips["Patient"]) for n, each in enumerate(cohorts)]
    return replace(cohorts[0], hips=pd.concat(sheets, ignore_index=True))


def _parted(table: pd.DataFrame, cohorts: int) -> list[pd.DataFrame]:
    """Return the rows of each cohort."""
    of = table["patient_id"].str.slice(0, 4).astype("int64").to_numpy()
    order = np.argsort(of, kind="stable")
    ends = np.searchsorted(of[order], np.arange(cohorts + 1))
    sorted_by_cohort = table.take(order)
    return [sorted_by_cohort[first:last].reset_index(drop=True) for first, last in pairwise(ends)]


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
    curves
        The power of any other size.
    question, truth
        What was asked, and the parameters of the made-up people.
    """

    patients: int | None
    low: int | None
    high: int | None
    sizes: pd.DataFrame
    curves: PowerCurves
    question: str
    truth: CohortParameters


def patients_needed(
    question: str,
    difference: float,
    power: float = 0.80,
    cohorts: int = 200,
    seed: int = 1,
    parameters: CohortParameters = ONE_CLINIC,
    most: int = 2_000,
    progress: Callable[[int, int], None] | None = None,
    each: Callable[..., Iterable[pd.DataFrame]] = map,
) -> Plan:
    """Find the fewest patients, each with two hips, with which a true difference would be shown often enough.

    Parameters
    ----------
    question, difference, parameters
        See :func:`cohort_with`; one clinic if left out.
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
    each
        Works out the files of cohorts one after the other, as ``map`` does; that of a pool of processes, many at once.

    Raises
    ------
    ValueError
        There is no such question, or a number is out of its range.

    Notes
    -----
    A difference counts as shown when :func:`analysis.sensitivity.claims.judge_claims` holds the claim, at the
    error rate that it shares with the other claims; a cohort in which nothing can be compared shows nothing. The
    number needed, its limits and the fitted power are those of
    :class:`analysis.sensitivity.power_curves.PowerCurves`.
    """
    truth = cohort_with(question, difference, parameters)
    if not 0.5 <= power < 1:
        raise ValueError(f"power is {power}; it can be from 0.5 to below 1")
    if cohorts < _FEWEST_COHORTS or most < _FEWEST:
        raise ValueError(f"at least {_FEWEST_COHORTS} cohorts and {_FEWEST} patients are needed")
    looks = [0, *(round(share * cohorts) for share in _LOOKS), cohorts]
    chosen = np.random.default_rng(seed).integers(2**31, size=cohorts).tolist()
    sizes, judged = [_FIRST_SIZE], list[pd.DataFrame]()
    for first, last in pairwise(looks):
        if judged:
            middle = _curves(_counted(pd.concat(judged)), power, most).needed(0.5)
            sizes = [round(middle * multiple) for multiple in _AROUND]
        of_each = [int(np.clip(sizes[place % len(sizes)], _FEWEST, most)) for place in range(first, last)]
        at_once = max(_PEOPLE_AT_ONCE // max(of_each), 1)
        starts = range(0, last - first, at_once)
        files = ([part[start : start + at_once] for start in starts] for part in (of_each, chosen[first:last]))
        for found in each(partial(simulate_and_judge, question, truth), *files):
            judged.append(found)
            if progress:
                progress(sum(map(len, judged)), cohorts)
    return _plan(pd.concat(judged), power, most, question, truth)


def simulate_and_judge(
    question: str, truth: CohortParameters, sizes: Sequence[int], seeds: Sequence[int]
) -> pd.DataFrame:
    """Return the ``patients`` of simulated cohorts, whether each had the difference ``shown``, and its ``estimate``."""
    claims = [
        judge_claims(tables, builtin(), QUESTIONS[question]).iloc[0] for tables in simulated_tables(sizes, seeds, truth)
    ]
    shown, estimate = [claim["verdict"] == HELD for claim in claims], [claim["estimate"] for claim in claims]
    return pd.DataFrame({"patients": list(sizes), "shown": shown, "estimate": estimate})


def _counted(cohorts: pd.DataFrame) -> pd.DataFrame:
    """Count the cohorts of each size, and those in which the claim was held."""
    counted = cohorts.groupby("patients").agg(
        cohorts=("shown", "size"), shown=("shown", "sum"), mean_estimate=("estimate", "mean")
    )
    return counted.reset_index().astype({"shown": "int64"})


def _curves(counted: pd.DataFrame, power: float, most: int) -> PowerCurves:
    sizes, cohorts, shown = (counted[name].to_numpy() for name in ("patients", "cohorts", "shown"))
    return PowerCurves(sizes, cohorts, shown, power, chance_of_a_claim(), (_FEWEST, most))


def chance_of_a_claim() -> float:
    """Return how often one claim is held by chance."""
    return ERROR_RATE / len(builtin().claims)


def _plan(cohorts: pd.DataFrame, power: float, most: int, question: str, truth: CohortParameters) -> Plan:
    counted = _counted(cohorts)
    curves = _curves(counted, power, most)
    patients, low, high = (
        max(math.ceil(n), _FEWEST) if n <= most else None for n in map(curves.needed, (0.5, 0.025, 0.975))
    )
    limits = [wilson(x, n) for x, n in zip(counted["shown"].tolist(), counted["cohorts"].tolist(), strict=True)]
    sizes = counted.assign(
        power=counted["shown"] / counted["cohorts"],
        power_low=[limit.low for limit in limits],
        power_high=[limit.high for limit in limits],
        fitted=[curves.power(size) for size in counted["patients"]],
    )
    return Plan(patients, low, high, sizes, curves, question, truth)
