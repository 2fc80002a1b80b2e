"""How often each claim is called held or contradicted in cohorts whose truth is known; printed as shares.

`python benchmarks/claims.py [PATIENTS] [REPETITIONS]`
"""

import sys
from dataclasses import replace

import pandas as pd

from analysis.protocol import builtin
from analysis.sensitivity.claims import CONTRADICTED, HELD, judge_claims
from analysis.sensitivity.excess import ABOVE, excess_over_chance
from analysis.sensitivity.planning import cohort_with, simulated_tables
from analysis.simulate import CohortParameters

# With these shares as many hips are classified T1 as T3, so that type 1 is not the most common.
_NO_TYPE_LEADS = {"T1": 0.315, "severe": 0.345}


def null_cohort() -> CohortParameters:
    """No claim is true: no gain, left as right, no type ahead."""
    base = CohortParameters(null=True, left_ir_deg=0, gross_error_share=0)
    kinds = tuple(replace(kind, share=_NO_TYPE_LEADS.get(kind.name, kind.share)) for kind in base.phenotypes)
    return replace(base, phenotypes=kinds)


TRUTHS = {
    "null": null_cohort(),
    "left −6": cohort_with("sides", 6),
    "left 0": cohort_with("sides", 0),
    "left +3": cohort_with("sides", -3),
    "matched 0": cohort_with("matched", 0),
    "matched +6": cohort_with("matched", 6),
}


def judged(truth: CohortParameters, patients: int, repetitions: int) -> pd.DataFrame:
    """Return the claims of many cohorts, and whether each was said to respond more than chance."""
    pieces = []
    for seed in range(repetitions):
        tables = simulated_tables(patients, 10_000 + seed, truth)
        chance = excess_over_chance(tables.responses).set_index("response")["against_chance"]
        pieces.append(judge_claims(tables, builtin()).assign(cohort=seed, above_chance=chance["all"] == ABOVE))
    return pd.concat(pieces, ignore_index=True)


def main(patients: int, repetitions: int) -> None:
    """Print, for each truth, the share of cohorts in which each claim is held and contradicted."""
    for name, truth in TRUTHS.items():
        table = judged(truth, patients, repetitions)
        print(f"\n{name}: {repetitions} cohorts of {patients} patients")
        for claim, rows in table.groupby("claim", sort=False):
            held, against = ((rows["verdict"] == verdict).mean() for verdict in (HELD, CONTRADICTED))
            mean = rows["estimate"].mean()
            print(f"  {claim:22} held {held:6.1%}  contradicted {against:6.1%}  mean estimate {mean:7.3f}")
        for verdict in (HELD, CONTRADICTED):
            share = table["verdict"].eq(verdict).groupby(table["cohort"]).any().mean()
            print(f"  any claim {verdict:13} {share:6.1%}")
        print(
            f"  responders more than chance {table.groupby('cohort')['above_chance'].first().mean():6.1%}", flush=True
        )


if __name__ == "__main__":
    main(*(int(given) for given in (sys.argv[1:] + ["200", "200"][len(sys.argv) - 1 :])))
