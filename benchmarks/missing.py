"""Whether imputed rates hold where people are lost by clinic: the clinics that do well lose half of theirs.

`python benchmarks/missing.py [COHORTS]`: mean error in points and coverage of 95 % intervals, without and with the
clinic among what makes hips alike, of the rate of these clinics; and with it, of clinics like these, whose rate is .5,
by person and by clinic; 1,000 cohorts if left out.
"""

import sys

import numpy as np
from scipy.special import expit

from analysis.stats.imputation import imputed_rates


def cohort(rng: np.random.Generator, clinics: int, people: int) -> tuple[np.ndarray, ...]:
    """Return outcomes with NaN for those lost, first readings, persons and clinics of hips, and the true rate."""
    clinic = np.repeat(np.arange(clinics), people)
    level = rng.normal(size=clinics)
    start = rng.normal(size=len(clinic))
    person, both = np.repeat(np.arange(len(clinic)), 2), np.repeat(clinic, 2)
    responded = (rng.random(len(person)) < expit(level[both] + 0.3 * start[person])).astype(float)
    lost = rng.random(len(clinic)) < np.where(level > np.median(level), 0.5, 0.05)[clinic]
    truth = np.mean([expit(one + 0.3 * np.linspace(-3, 3, 61)) @ _NORMAL for one in level])
    return np.where(lost[person], np.nan, responded), start[person], person, both, truth


_NORMAL = np.exp(-(np.linspace(-3, 3, 61) ** 2) / 2)
_NORMAL /= _NORMAL.sum()


def main(cohorts: int) -> None:
    for clinics, people in ((6, 20), (6, 50), (12, 30)):
        names = ("judged alone", "without", "with", "of all, by person", "of all, by clinic")
        rng, found = np.random.default_rng([clinics, people]), {name: [] for name in names}
        for _ in range(cohorts):
            outcome, start, person, clinic, truth = cohort(rng, clinics, people)
            levels = clinic[:, None] == np.arange(clinics)
            for name, columns in (("without", start[:, None]), ("with", np.column_stack([start, levels]))):
                told = imputed_rates(outcome, columns.astype(float), person)
                low, high, rate = (float(part[0, 0]) for part in (told.low, told.high, told.rate))
                found[name].append((100 * (rate - truth), low <= truth <= high))
            found["of all, by person"].append((100 * (rate - 0.5), low <= 0.5 <= high))
            wider = imputed_rates(outcome, columns.astype(float), person, clinic=clinic)
            low, high, rate = (float(part[0, 0]) for part in (wider.low, wider.high, wider.rate))
            found["of all, by clinic"].append((100 * (rate - 0.5), low <= 0.5 <= high))
            found["judged alone"].append((100 * (np.nanmean(outcome) - truth), np.nan))
        said = {name: np.mean(numbers, axis=0) for name, numbers in found.items()}
        print(
            f"{clinics} clinics of {people}: ", *(f"{n} {e:+.1f}, {c:.1%};" for n, (e, c) in said.items()), flush=True
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
