"""How sound the means of all visits are where hips are missed because they read low; prints a table of docs/methods.md.

`python benchmarks/visits.py [COHORTS]`: 1,000 simulated cohorts of each setting if left out. Seeded.
Two groups of hips, four visits; hips of one person and people of one clinic alike. True means lie 0, 0, 5 and 3 degrees
above the first visit's; fewer than 5 clinics are the only ones and do not differ. A hip that read low is rather missed
at the next visit and all later ones, 29 % miss the third visit and 40 % the fourth.
"""

import sys

import numpy as np

from analysis.stats.clusters import FEWEST_CLINICS
from analysis.stats.repeated_means import repeated_means

COHORTS = 1_000
TRUE = np.array([0.0, 0.0, 5.0, 3.0])
SETTINGS = {
    "as the model has it": {},
    "clinics differ in the gain too, SD 1°": {"gain_sd": 1.0},
    "visits close in time more alike": {"drift_sd": 2.0},
}
CLINICS = [(1, 40), (4, 15), (5, 30), (12, 30), (12, "80 down to 7")]


def sizes(clinics, people):
    if people == "80 down to 7":
        return np.round(80 * np.exp(-2.4 * np.arange(clinics) / (clinics - 1))).astype(int)
    return np.full(clinics, people)


def cohort(rng, people, gain_sd=0.0, drift_sd=0.0):
    """Draw readings, the cell, hip, person and clinic of each, and the means of available readings less the first."""
    clinic = np.repeat(np.arange(len(people)), people)
    apart = float(len(people) >= FEWEST_CLINICS)
    person = np.repeat(np.arange(len(clinic)), 2)
    group = (rng.random(len(person)) < 0.3).astype(int)
    level = 20 - 6 * group + rng.normal(0, 6, len(clinic))[person] + rng.normal(0, 4, len(person))
    level += apart * rng.normal(0, 1.5, len(people))[clinic[person]]
    gain = TRUE + apart * gain_sd * rng.normal(0, 1, len(people))[clinic[person], None] * (TRUE > 0)
    drift = np.cumsum(rng.normal(0, drift_sd, (len(person), 4)), axis=1)
    read = level[:, None] + gain + drift + rng.normal(0, 4, (len(person), 4))
    seen = np.ones(read.shape, dtype=bool)
    for visit in (2, 3):
        chance = 1 / (1 + np.exp((read[:, visit - 1] - 18) / 4))  # the lower the last reading, the rather missed
        seen[:, visit] = seen[:, visit - 1] & (rng.random(len(person)) > 0.6 * chance)
    hip, visit = np.nonzero(seen)
    return read[seen], 4 * group[hip] + visit, hip, person[hip], clinic[person[hip]]


def main(cohorts):
    asked = np.vstack([np.eye(8), [np.eye(8)[4 * g + v] - np.eye(8)[4 * g] for g in (0, 1) for v in (1, 2, 3)]])
    truth = asked @ np.concatenate([20 + TRUE, 14 + TRUE])
    last = [10, 13]
    print("| setting | clinics | people | means % | changes % | bias at the last visit | of those seen | no fit % |")
    print("|---|---|---|---|---|---|---|---|")
    for (name, setting), (clinics, people) in ((s, c) for s in SETTINGS.items() for c in CLINICS):
        rng = np.random.default_rng([clinics, len(name), len(str(people))])
        held, off, plain, failed = [], [], [], 0
        for _ in range(cohorts):
            readings, cell, *whose = cohort(rng, sizes(clinics, people), **setting)
            found = repeated_means(readings, cell, *whose, asked)
            failed += bool(found.reason)
            numbers = np.array([[one.value, *one.interval] for one in found.combinations])
            known = ~np.isnan(numbers).any(axis=1)
            held.append(np.where(known, (numbers[:, 1] <= truth) & (truth <= numbers[:, 2]), np.nan))
            off.append((numbers[:, 0] - truth)[last])
            simple = np.bincount(cell, readings) / np.bincount(cell)
            plain.append((asked @ simple - truth)[last])
        shares = 100 * np.nanmean(held, axis=0)
        print(f"| {name} | {clinics} | {people} | {shares[:8].min():.1f}–{shares[:8].max():.1f} | "
              f"{shares[8:].min():.1f}–{shares[8:].max():.1f} | {np.nanmean(off):+.2f} | {np.mean(plain):+.2f} | "
              f"{100 * failed / cohorts:.1f} |")  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else COHORTS)
