"""Whether `capsule plan` says how often fresh cohorts of several sizes show a difference; counted, for each question.

`python benchmarks/planning.py [COHORTS]`; 200 for the plan, and as many fresh ones of each size, if left out.
"""

import sys
import time

from analysis.sensitivity.planning import ONE_CLINIC, cohort_with, patients_needed, simulate_and_judge
from analysis.stats.proportions import wilson

DIFFERENCES = {"sides": 3.0, "matched": 6.0}
SIZES = (0.7, 0.85, 1.0, 1.2, 1.4)


def check(question: str, difference: float, cohorts: int) -> None:
    start = time.process_time()
    plan = patients_needed(question, difference, cohorts=cohorts)
    assert plan.patients is not None
    took = time.process_time() - start
    print(f"{question}, {difference:g}°: {plan.patients} patients ({plan.low} to {plan.high}), {took:.0f} s")
    truth = cohort_with(question, difference, ONE_CLINIC)
    for multiple in SIZES:
        size = round(multiple * plan.patients)
        seeds = range(10_000_000, 10_000_000 + cohorts)
        shown = int(simulate_and_judge(question, truth, [size] * cohorts, seeds)["shown"].sum())
        low, high = wilson(shown, cohorts)
        counted = f"{shown / cohorts:.3f} ({low:.2f} to {high:.2f})"
        print(f"  {size:4} patients: fitted {plan.curves.power(size):.3f}, counted {counted}")
        sys.stdout.flush()


if __name__ == "__main__":
    for asked, degrees in DIFFERENCES.items():
        check(asked, degrees, int(sys.argv[1]) if len(sys.argv) > 1 else 200)
