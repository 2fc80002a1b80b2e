"""How often "more than chance" is said where nothing changed: people chosen by a reading, and errors within the range.

Runs on its own, not in the tests: ``python benchmarks/admission.py [cohorts] [people]`` takes a few minutes of a core
with 1,000 cohorts of each kind; with 50 it shows that it runs. Readings are left and right of people whose true values
are normal (mean 22, SD 8, left 3 lower, correlation .7) and stay as they are; a hip responds with a gain of 5 or more.
"""

from __future__ import annotations

import sys
from functools import partial

import numpy as np

from analysis.stats import admitted, cut_off
from analysis.stats.admitted import FirstReadings
from analysis.stats.beyond_chance import ABOVE, against_every_chance
from analysis.stats.chance import gain_by_chance
from analysis.stats.means import mean_with_interval
from analysis.stats.proportions import cluster_sums, clustered_wilson
from analysis.stats.rate_by_clinic import clinic_wilson
from analysis.stats.regression_to_mean import OtherHip, mean_size, pull_to_mean

MEANS, SD, CORRELATION, CUT, GAIN = np.array([20.5, 23.5]), 8.0, 0.7, 20.0, 5.0
PROTOCOL, RANGE = 3.0, (3.0, 1.9, 3.6)
APART = 8.0


def cohort(people: int, sem: float, step: float, by: str, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw first and second readings of people who were enrolled, each (people, 2); nothing truly changes."""
    first = second = np.empty((0, 2))
    while len(first) < people:
        level, own = rng.standard_normal((8 * people, 1)), rng.standard_normal((8 * people, 2))
        true = MEANS + SD * (CORRELATION**0.5 * level + (1 - CORRELATION) ** 0.5 * own)
        one, other = (np.rint((true + rng.normal(0, sem, true.shape)) / step) * step for _ in range(2))
        low = one < CUT - 1e-9
        apart = np.abs(one[:, 0] - one[:, 1]) >= APART - 1e-9
        chosen = {"none": np.ones(len(one), bool), "difference": apart}.get(by, low.any(axis=1))
        first, second = np.vstack([first, one[chosen]]), np.vstack([second, other[chosen]])
    first, second = first[:people], second[:people]
    if by == "hip":  # only the hips that read low are enrolled
        first = np.where(first < CUT - 1e-9, first, np.nan)
    return first, second


def usual(first: np.ndarray, step: float, by: str) -> FirstReadings | None:
    """Work out what first readings were like before anyone was chosen, as the program does."""
    left, right = first.T
    kept = np.full(len(first), step)
    edge, apart = (np.full(len(first), (np.ceil(cut / step - 1e-9) - 0.5) * step) for cut in (CUT, APART))
    if by.endswith("reference"):
        return admitted.with_reference(left, right, edge, 22.0, (SD**2 + PROTOCOL**2) ** 0.5, by.split(",")[0])
    if by == "hip":
        return admitted.of_chosen_hips(left, right, edge, kept)
    if by == "person":
        return admitted.of_chosen_people(left, right, edge)
    if by == "difference":
        return admitted.of_chosen_differences(left, right, apart, kept)
    return admitted.of_everyone(left, right)


def verdicts(
    first: np.ndarray,
    second: np.ndarray,
    step: float,
    of: FirstReadings,
    each_alone: bool,
    clinic: np.ndarray | None = None,
) -> tuple[str, str]:
    """Return the verdict at the protocol's error alone, and that over the whole range; by person, or by clinic."""
    known = ~np.isnan(first)
    mean = np.broadcast_to([of.left, of.right], first.shape)
    other = OtherHip(first[:, ::-1][known], mean[:, ::-1][known], np.nan if each_alone else of.correlation)
    chances = [[gain_by_chance(first[known], GAIN, sem, step, mean[known], of.variance, other).mean()] for sem in RANGE]
    responded = (known & (second - first >= GAIN - 1e-9)).sum(axis=1)
    hips = known.sum(axis=1)
    low, high = clustered_wilson(responded, hips)
    if clinic is not None:
        of_clinics = np.bincount(clinic, responded), np.bincount(clinic, hips)
        low, high = (end.item() for end in clinic_wilson(cluster_sums(responded, hips), *of_clinics))
    counts = [len(first)], [(responded > 0).sum()], [known.sum()]
    judge = partial(against_every_chance, [low], [high])
    return judge(chances[:1], *counts)[0], judge(chances, *counts)[0]


def table(cohorts: int, people: int) -> None:
    """Print the share of cohorts in which more than chance is said."""
    print(f"{cohorts} cohorts of {people} people, nothing changed; more than chance, %\n")
    print("| enrolled by | read to | true error | taken as unselected | declared, at 3.0 | declared, 1.9 to 3.6 |")
    print("|---|---|---|---|---|---|")
    for by, step, sem in SETTINGS:
        rng = np.random.default_rng([people, round(10 * sem), round(10 * step), len(by)])
        said = np.array([_said(*cohort(people, sem, step, by.split(",")[0], rng), step, by) for _ in range(cohorts)])
        cells = " | ".join(f"{100 * share:.1f}" for share in (said == ABOVE).mean(axis=0))
        print(f"| {by} | {step:g}° | {sem} | {cells} |", flush=True)


SETTINGS = [(by, 0.1, sem) for by in ("none", "hip", "person") for sem in (1.9, 3.0, 3.6)]
SETTINGS += [("hip", 5.0, 3.0), ("person", 5.0, 3.0), ("difference", 0.1, 3.0), ("difference", 0.1, 3.6)]
SETTINGS += [("hip, reference", 0.1, 3.0), ("person, reference", 0.1, 3.0)]


def _said(first: np.ndarray, second: np.ndarray, step: float, by: str) -> list[str]:
    """Return the verdicts of one cohort: as if unselected, at the protocol's error alone, and over the range."""
    of = usual(first, step, by)
    plain = verdicts(first, second, step, admitted.of_everyone(*first.T), each_alone=False)
    return [plain[0], *(verdicts(first, second, step, of, by.startswith("hip")) if of else ("", ""))]


def drifting(cohorts: int, people: int) -> None:
    """Print how often more than chance is said where each clinic's second readings are off by something of its own."""
    print("\nEach clinic drifts between visits, SD 2; more than chance, %\n")
    print("| clinics | by person, at 3.0 | by clinic, at 3.0 | by clinic, 1.9 to 3.6 |")
    print("|---|---|---|---|")
    for clinics in (5, 12):
        rng, said = np.random.default_rng([people, clinics, 2]), []
        for _ in range(cohorts):
            first, second = cohort(people, PROTOCOL, 0.1, "none", rng)
            clinic = np.arange(people) % clinics
            second = second + np.rint(rng.normal(0, 2, clinics)[clinic, None] * 10) / 10
            of = admitted.of_everyone(*first.T)
            by_person = verdicts(first, second, 0.1, of, each_alone=False)[0]
            said.append([by_person, *verdicts(first, second, 0.1, of, False, clinic)])
        print(f"| {clinics} | {' | '.join(f'{100 * share:.1f}' for share in (np.array(said) == ABOVE).mean(axis=0))} |")


def closer(cohorts: int, people: int) -> None:
    """Print how often two sides are said to have come closer, or to have drawn apart, where nothing changed."""
    print("\nSides said to have come closer or drawn apart, %\n")
    print("| enrolled by | true error | against no change | declared, at 3.0 | declared, 1.9 to 3.6 |")
    print("|---|---|---|---|---|")
    for by, sem in ((by, sem) for by in ("none", "person", "difference") for sem in (1.9, 3.0, 3.6)):
        rng = np.random.default_rng([people, round(10 * sem), len(by), 7])
        said = np.array([_moved(*cohort(people, sem, 0.1, by, rng), by) for _ in range(cohorts)])
        print(f"| {by} | {sem} | {' | '.join(f'{100 * share:.1f}' for share in said.mean(axis=0))} |", flush=True)


def _moved(first: np.ndarray, second: np.ndarray, by: str) -> list[bool]:
    """Return whether the size of the difference changed beyond nothing, chance at 3.0, and chance at every error."""
    of = usual(first, 0.1, by)
    apart, later = first[:, 0] - first[:, 1], second[:, 0] - second[:, 1]
    found = mean_with_interval(np.abs(later) - np.abs(apart), np.arange(len(first))).interval
    expected = [0.0]
    for sem in RANGE if of else ():
        change = apart_by_chance(first, sem, of)
        expected.append(change - (change if by == "none" else 0.0))
    beyond = [found.low > value or found.high < value for value in expected]
    return [beyond[0], beyond[1], found.low > max(expected[1:]) or found.high < min(expected[1:])]


def apart_by_chance(first: np.ndarray, sem: float, of: FirstReadings) -> float:
    """Return the mean change of the size of the difference that chance alone gives."""
    means = np.array([of.left, of.right])
    changes = [
        pull_to_mean(
            first[:, side], sem, 0.1, means[side], of.variance,
            OtherHip(first[:, 1 - side], np.full(len(first), means[1 - side]), of.correlation),
        ).change
        for side in (0, 1)
    ]  # fmt: skip
    apart, error = first[:, 0] - first[:, 1], sem**2 + 0.1**2 / 12
    share = min(1.0, error / of.variance / (1 - of.correlation))
    return float((mean_size(apart + changes[0] - changes[1], (2 * error * (2 - share)) ** 0.5) - np.abs(apart)).mean())


def detector(cohorts: int) -> None:
    """Print how often first readings look chosen: of everyone, and of people chosen by either hip."""
    print("\nFirst readings look cut off, %\n")
    print("| people | everyone | everyone, read to 5° | either hip below 20° | the same, read to 5° |")
    print("|---|---|---|---|---|")
    for people in (20, 40, 80, 150, 500):
        cells = []
        for by, step in (("none", 0.1), ("none", 5.0), ("person", 0.1), ("person", 5.0)):
            rng, kept, looks = np.random.default_rng([people, len(by), round(10 * step)]), np.full(people, step), 0
            for _ in range(cohorts):
                first, _ = cohort(people, PROTOCOL, step, by, rng)
                apart = first[:, 0] - first[:, 1]
                looks += cut_off.looks_cut_off(first.min(axis=1), kept) or cut_off.lacks_small(apart)
            cells.append(f"{100 * looks / cohorts:.1f}")
        print(f"| {people} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    n_cohorts = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    table(n_cohorts, int(sys.argv[2]) if len(sys.argv) > 2 else 150)
    closer(n_cohorts, int(sys.argv[2]) if len(sys.argv) > 2 else 150)
    detector(n_cohorts)
    drifting(n_cohorts, int(sys.argv[2]) if len(sys.argv) > 2 else 150)
