"""How sound the intervals of the important change are; prints a table of docs/methods.md.

`python benchmarks/important_change.py [COHORTS]`: 200 simulated cohorts of each setting if left out. Seeded.
Gains have a mean of 6 and an SD of 4; people say "a little better" from a gain of about 4 on and "better" from about 9
on, give or take 3. Four fifths of them have both hips. What is true is what 400,000 people give.
"""

import sys

import numpy as np

from analysis.stats.important_change import important_change

COHORTS = 200
SETTINGS = [(1, 30), (1, 60), (1, 200), (5, 20), (8, 20), (12, 20), (20, 10)]
BY_CLINIC, BY_PERSON = 0.1, 0.4  # of the variance of gains; one clinic alone has no part of it
METHODS = ("roc", "mean", "predicted")


def cohort(clinics, people, rng):
    """Return gain, rating (1 no change, 2 a little better, 3 better) and person of each hip."""
    person = np.repeat(np.arange(clinics * people), np.where(rng.random(clinics * people) < 0.8, 2, 1))
    by_clinic = BY_CLINIC * (clinics > 1)
    shares = [(person // people, by_clinic), (person, BY_PERSON), (np.arange(len(person)), 1 - by_clinic - BY_PERSON)]
    gain = 6 + 4 * sum(rng.normal(0, share**0.5, of.max() + 1)[of] for of, share in shares)
    felt = gain + rng.normal(0, 4.5**0.5, person.max() + 1)[person] + rng.normal(0, 4.5**0.5, len(person))
    return gain, 1 + (felt >= 4).astype(float) + (felt >= 9), person


def estimates(found):
    """Return the three answers and their intervals."""
    return [(getattr(found, name), getattr(found, f"{name}_interval")) for name in METHODS]


def main(cohorts):
    rng = np.random.default_rng(0)
    gain, rating, person = cohort(1_000, 400, rng)
    # To tenths of a degree, as readings are, so that no cut is decided by a single hip.
    true = [value for value, _ in estimates(important_change(gain.round(1), rating, 2, person, resamples=1))]
    print(f"Of many people: ROC {true[0]:.1f}, mean {true[1]:.2f}, predicted {true[2]:.2f}\n")
    print("| clinics | people in each | ROC % | mean % | predicted % | no answer % |\n|---|---|---|---|---|---|")
    for clinics, people in SETTINGS:
        held = np.full((cohorts, len(METHODS)), np.nan)
        for number in range(cohorts):
            gain, rating, person = cohort(clinics, people, np.random.default_rng([clinics, people, number]))
            found = important_change(gain.round(1), rating, 2, person, person // people, seed=number)
            for place, ((_, ends), value) in enumerate(zip(estimates(found), true, strict=True)):
                if not np.isnan(ends.low):
                    held[number, place] = ends.low <= value <= ends.high
        cells = " | ".join(f"{100 * share:.1f}" for share in np.nanmean(held, axis=0))
        print(f"| {clinics} | {people} | {cells} | {100 * np.isnan(held).any(axis=1).mean():.1f} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else COHORTS)
