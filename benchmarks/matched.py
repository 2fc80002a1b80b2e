"""Matched against mismatched hips where class and clinic decide both who is matched and who responds.

`python benchmarks/matched.py [COHORTS]`: how far from the truth the difference lies on average, and how often
its 95 % interval holds the truth, with nothing, the class, and class and clinic made alike. 1,000 cohorts if left out.
"""

import sys
from functools import partial

import numpy as np
import pandas as pd
from scipy.special import expit

from analysis.answers.made_alike import made_alike
from analysis.answers.matching import MatchedHips, compare_matched
from analysis.protocol import builtin
from analysis.stats.observational import adjusted_differences

KINDS = np.array(["T1", "T2", "T3"])
MATCHED = np.array([0.8, 0.5, 0.3])  # by class
RESPOND = np.array([0.6, 0.4, 0.2])


def cohort(rng: np.random.Generator, people: int, clinics: int, truth: float, apart: float) -> pd.DataFrame:
    """Both hips of people; clinics differ in how many they match, respond and in what the match does (SD `apart`)."""
    person = np.repeat(np.arange(people), 2)
    kind = rng.choice(3, size=people, p=[0.6, 0.25, 0.15])[person]
    clinic = rng.integers(clinics, size=people)[person]
    level = np.repeat(rng.normal(size=people), 2)
    start = 0.8 * level + 0.6 * rng.normal(size=2 * people)
    ways = rng.normal(size=clinics)
    odds = np.log(MATCHED / (1 - MATCHED))[kind] + 0.4 * start + 0.7 * ways[clinic]
    matched = rng.random(2 * people) < expit(odds)
    odds = np.log(RESPOND / (1 - RESPOND))[kind] + 0.3 * start + 0.5 * ways[clinic] + 0.5 * level[person]
    base = np.clip(expit(odds), 0, 1 - truth)
    gain = truth + apart * rng.normal(size=clinics)[clinic]
    responded = rng.random(2 * people) < np.clip(base + matched * gain, 0, 1)
    return pd.DataFrame({"patient_id": person, "clinic_id": clinic.astype(str), "stretch_type": KINDS[kind],
                         "responded": responded, "matched": matched, "first": start})  # fmt: skip


def found_in(hips: pd.DataFrame) -> dict[str, tuple[float, float, float]]:
    """Return difference and limits in points: as they are, with the class alone, and with class and clinic alike."""
    found = MatchedHips(hips, {"first": "first"}, made_alike(hips, builtin()), 0)
    table = compare_matched(found).set_index("method")[["difference", "ci_low", "ci_high"]] * 100
    answer, matched = hips["responded"], hips["matched"]
    without_class = adjusted_differences(answer, matched, hips[["first"]], hips["patient_id"])["doubly_robust"]
    class_alone = adjusted_differences(answer, matched, found.model, hips["patient_id"])["doubly_robust"]
    by_hand = {"reading": without_class, "and class": class_alone}
    return {
        "crude": tuple(table.loc["crude"]),
        **{
            name: (100 * one.difference, 100 * one.interval.low, 100 * one.interval.high)
            for name, one in by_hand.items()
        },
        "and clinic": tuple(table.loc["doubly_robust"]),
        "weighted": tuple(table.loc["weighted"]),
        "standardised": tuple(table.loc["standardised"]),
    }


def print_setting(people: int, clinics: int, truth: float, apart: float, cohorts: int) -> None:
    """Print the mean error in points and the coverage of each."""
    rng = np.random.default_rng([people, clinics, round(100 * truth), round(100 * apart)])
    made = map(partial(cohort, people=people, clinics=clinics, truth=truth, apart=apart), [rng] * cohorts)
    told = [found_in(hips) for hips in made]
    print(f"{people} people, {clinics} clinics, match does {100 * truth:.0f} points, SD {100 * apart:.0f}: ", end="")
    for name in told[0]:
        numbers = np.array([one[name] for one in told])
        numbers = numbers[~np.isnan(numbers).any(axis=1)]
        error, held = (
            numbers[:, 0].mean() - 100 * truth,
            (numbers[:, 1] <= 100 * truth) & (100 * truth <= numbers[:, 2]),
        )
        print(f"{name} {error:+.1f}, {held.mean():.1%} of {len(numbers)}; ", end="")
    print(flush=True)


if __name__ == "__main__":
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    for size, places in ((60, 1), (120, 1), (300, 5), (360, 12)):
        for effect, spread in ((0.0, 0.0), (0.1, 0.0), (0.0, 0.1)):
            if places > 1 or not spread:
                print_setting(size, places, effect, spread, times)
