"""How often each verdict on a claim is wrong in cohorts whose truth is known; printed beside the stated error rate.

`python benchmarks/claims.py [PATIENTS] [COHORTS] [TRUTH ...]`; 200 patients, 200 cohorts, every truth if left out.
Cohorts have 12 clinics; every claim is judged by clinic, and matched against mismatched hips of one class and clinic.
"""

import sys
import time
from dataclasses import replace

import pandas as pd
from scipy.stats import binom

from analysis.protocol import builtin
from analysis.sensitivity.claims import CONTRADICTED, ERROR_RATE, HELD, TOO_FEW, judge_claims
from analysis.sensitivity.planning import cohort_with, simulated_tables
from analysis.simulate import CohortParameters

CLAIMS = tuple(builtin().claims)
EACH = ERROR_RATE / len(CLAIMS)  # one-sided, for one claim
# With these shares as many hips are classified T1 as T3, so that type 1 is not the most common.
_NO_TYPE_LEADS = {"T1": 0.315, "severe": 0.345}
_TYPE_2_LEADS = {"T1": 0.05, "T2": 0.73}


def with_shares(truth: CohortParameters, shares: dict[str, float]) -> CohortParameters:
    """Change how common the phenotypes are."""
    return replace(truth, phenotypes=tuple(replace(k, share=shares.get(k.name, k.share)) for k in truth.phenotypes))


def gains_alike() -> CohortParameters:
    """Every hip gains, yet no claim is true: whatever was given, with or without the drill, test by test."""
    alike = replace(
        cohort_with("matched", 0, cohort_with("sides", 0)),
        matched_slr_gain_deg=6,
        mismatched_slr_gain_deg=6,
        ober_gain_per_ir_gain=0,
        no_stretch_share=0,
        retained_with_drill=0.65,
        retained_without_drill=0.65,
    )
    return with_shares(alike, _NO_TYPE_LEADS)


def all_wrong() -> CohortParameters:
    """The opposite of every claim is true."""
    wrong = replace(
        cohort_with("matched", -6, cohort_with("sides", -6)),
        mismatched_slr_gain_deg=3,
        ober_gain_per_ir_gain=-0.6,
        uncalled_ir_gain_deg=8,
        retained_with_drill=0.2,
        retained_without_drill=1.0,
    )
    kinds = tuple(replace(kind, matched_ir_gain_deg=2) for kind in wrong.phenotypes)
    return with_shares(replace(wrong, mismatched_ir_gain_deg=8, phenotypes=kinds), _TYPE_2_LEADS)


# The sign of each claim's truth, in the order of the protocol: true, neither, the opposite.
TRUTHS: dict[str, tuple[CohortParameters, tuple[int, ...]]] = {
    "null": (with_shares(CohortParameters(null=True, left_ir_deg=0, gross_error_share=0), _NO_TYPE_LEADS), (0,) * 5),
    "gains alike": (gains_alike(), (0,) * 5),
    "all wrong": (all_wrong(), (-1,) * 5),
    "left -6": (cohort_with("sides", 6), (1, 1, 1, 1, 1)),
    "left 0": (cohort_with("sides", 0), (0, 1, 1, 1, 1)),
    "left +3": (cohort_with("sides", -3), (-1, 1, 1, 1, 1)),
    "matched 0": (cohort_with("matched", 0), (1, 1, 1, 0, 1)),
    "matched +6": (cohort_with("matched", 6), (1, 1, 1, 1, 1)),
}


def judged(truth: CohortParameters, patients: int, repetitions: int) -> pd.DataFrame:
    """Return the claims of many cohorts, read in one file, which is much sooner done than a file for each."""
    seeds = [10_000 + seed for seed in range(repetitions)]
    cohorts = simulated_tables([patients] * repetitions, seeds, truth)
    pieces = [judge_claims(tables, builtin()).assign(cohort=seed) for tables, seed in zip(cohorts, seeds, strict=True)]
    return pd.concat(pieces, ignore_index=True)


def print_truth(name: str, patients: int, repetitions: int) -> None:
    """Print how often each claim had each verdict, and whether it was wrong more often than stated."""
    truth, signs = TRUTHS[name]
    start = time.process_time()
    table = judged(truth, patients, repetitions)
    print(f"\n{name}: {repetitions} cohorts of {patients} patients, {time.process_time() - start:.0f} s")
    print(f"  {'claim':22} {'truth':>8} {HELD:>6} {'contra.':>8} {TOO_FEW:>8} {'wrong':>6} {'stated':>7}  shows  mean")
    for (claim, rows), sign in zip(table.groupby("claim", sort=False), signs, strict=True):
        held, against, few = (int((rows["verdict"] == v).sum()) for v in (HELD, CONTRADICTED, TOO_FEW))
        wrong, stated = {1: (against, EACH), 0: (held + against, 2 * EACH), -1: (held, EACH)}[sign]
        word = {1: "true", 0: "neither", -1: "opposite"}[sign]
        shares = " ".join(f"{share:7.1%}" for share in (held / repetitions, against / repetitions, few / repetitions))
        too_often = "  MORE OFTEN THAN STATED" if binom.sf(wrong - 1, repetitions, stated) < 0.01 else ""
        shown = f"{rows['smallest_shown'].median():6.2f} {rows['estimate'].mean():5.2f}"
        print(f"  {claim:22} {word:>8}{shares} {wrong / repetitions:7.1%} {stated:6.0%} {shown}{too_often}")
    for verdict in (HELD, CONTRADICTED):
        share = table["verdict"].eq(verdict).groupby(table["cohort"]).any().mean()
        print(f"  any claim {verdict:13} {share:6.1%}", flush=True)


if __name__ == "__main__":
    given = sys.argv[1:]
    size, times = (int(number) for number in (given[:2] + ["200", "200"][len(given[:2]) :]))
    for chosen in given[2:] or TRUTHS:
        print_truth(chosen, size, times)
