"""How sound the intervals of limits of agreement are; prints a table of docs/methods.md.

`python benchmarks/agreement.py [COHORTS]`: 2,000 simulated cohorts of each setting if left out. Seeded.
Two hips of most people read twice; a difference has a part of the clinic, of the person and of its own, SD 4 in all.
"""

import sys

import numpy as np

from analysis.stats.agreement import limits_of_agreement

COHORTS = 2_000
SETTINGS = [(1, 10), (1, 20), (1, 40), (5, 6), (5, 20), (12, 10)]
SHARES = [(0.0, 0.0), (0.0, 0.5), (0.1, 0.3)]
"""Of the variance: between clinics, between people of one clinic."""


def main(cohorts):
    print("| clinics | people in each | of the variance by clinic, person | bias % | limits % | no interval % |")
    print("|---|---|---|---|---|---|")
    for (clinics, people), (by_clinic, by_person) in ((s, v) for s in SETTINGS for v in SHARES):
        rng = np.random.default_rng([clinics, people, int(100 * by_person)])
        by_clinic = by_clinic * (clinics >= 5)
        own, held = 1 - by_clinic - by_person, []
        for _ in range(cohorts):
            person = np.repeat(np.arange(clinics * people), np.where(rng.random(clinics * people) < 0.8, 2, 1))
            parts = [(person // people, by_clinic), (person, by_person), (np.arange(len(person)), own)]
            apart = 4 * sum(rng.normal(0, share**0.5, group.max() + 1)[group] for group, share in parts)
            found = limits_of_agreement(np.zeros(len(person)), apart, person, person // people)
            ends = [(found.bias_interval, 0.0), (found.lower_interval, -7.84), (found.upper_interval, 7.84)]
            held.append([np.nan if np.isnan(end.low) else end.low <= true <= end.high for end, true in ends])
        bias, *limits = 100 * np.nanmean(held, axis=0)
        print(f"| {clinics} | {people} | {by_clinic:g}, {by_person:g} | {bias:.1f} | {np.mean(limits):.1f} | "
              f"{100 * np.isnan(held).any(axis=1).mean():.1f} |")  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else COHORTS)
