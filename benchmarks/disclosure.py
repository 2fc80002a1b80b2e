"""What a reader of all releases of a growing study can work out of what they withhold.

Cohorts of 20 to 600 made-up people in 2 to 12 clinics, to which 1 to 10 come every month until 2 to 24 months were
shown (as many of 2 to 7 as of 7 to 24), with rates of every quarter. Each month is planned as reports are, held against
the months before; then a reader subtracts within and between all of them, as `capsule audit` does. Beside it: what the
same reader makes of the last month where every table withholds only what few stand behind. Prints a row for each cohort
and the sums in docs/decisions/withholding.md: python benchmarks/disclosure.py [COHORTS] [FIRST]
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import load
from analysis.disclosure.attack import Leak, Seen, attack
from analysis.disclosure.counted import Counted, Shown
from analysis.disclosure.plan import Release, plan
from analysis.disclosure.printed import printed_counts
from analysis.factory.publishing.audit import of_ledger
from analysis.pipeline import Tables, analyse
from analysis.protocol import builtin
from analysis.protocol.policies import MINIMUM_PATIENTS
from analysis.simulate import CohortParameters, simulate, write_study

PROTOCOL = builtin()
WHEN = PROTOCOL.primary_comparison
_HEADLINE = (Release.lead_of(PROTOCOL, WHEN), "in_scope")


def made_up(patients: int, clinics: int, seed: int) -> Tables:
    """Return the tables of a cohort."""
    with tempfile.TemporaryDirectory() as folder:
        write_study(simulate(patients, seed, CohortParameters(clinics=clinics)), Path(folder) / "study", "Made up")
        return analyse(load(Path(folder) / "study"))


def growing(tables: Tables, sizes: list[int]) -> Iterator[pd.DataFrame]:
    """Yield what is counted of the first so many people, month after month."""
    people = sorted(tables.assessments["patient_id"].unique())
    for size in sizes:
        came = set(people[:size])
        parts = {name: table[table["patient_id"].isin(came)] for name, table in vars(tables).items()}
        yield printed_counts(Tables(**parts), PROTOCOL, WHEN).reset_index(drop=True)


def told(shown: list[Shown]) -> dict[str, int]:
    """Return how many counts are withheld, and of how few people each can be told exactly or nearly.

    A range that the rate which the first release leads with leaves by itself is told apart: of 9 hips that responded,
    both hips of 0 to 4 people did.
    """
    rows: list[Seen] = list(of_ledger(shown))
    found = attack(rows, MINIMUM_PATIENTS)
    first = [row if row.row in _HEADLINE else row._replace(counts=dict.fromkeys(row.counts)) for row in rows
             if row.edition == rows[0].edition]  # fmt: skip
    by_headline = set(map(_range, attack(first, MINIMUM_PATIENTS).leaks))
    leaks = [leak for leak in found.leaks if _range(leak) not in by_headline]
    narrow = sum("is between" in leak.how for leak in leaks)
    beside = {"by the headline": len(found.leaks) - len(leaks)}
    return {"withheld": found.withheld, "exact": len(leaks) - narrow, "narrow": narrow, **beside}


def _range(leak: Leak) -> tuple[str, ...]:
    return (*leak[:4], leak.how.partition(", as")[0])


def alone(counts: pd.DataFrame) -> Shown:
    """Return a month in which each table withholds what few stand behind, and nothing more."""
    counted = Counted(counts, PROTOCOL, WHEN, MINIMUM_PATIENTS)
    units = [unit for unit, hidden in zip(counted.units, counted.hidden, strict=True) if hidden]
    return Shown(counts, frozenset(unit[:2] for unit in units if not unit[2]), frozenset(units), "alone")


def main(cohorts: int, first: int) -> None:
    """Attack so many cohorts."""
    found = []
    for seed in range(first, first + cohorts):
        random = np.random.default_rng(seed)
        patients, months = np.exp(random.uniform(np.log([20, 2]), np.log([600, 24]))).astype(int)
        clinics, came = int(random.integers(2, 13)), random.integers(1, 11, months - 1)
        sizes = (patients + np.r_[0, came.cumsum()]).tolist()
        tables, shown, seconds = made_up(sizes[-1], clinics, seed), [], 0.0
        known, leads, releases = 0, 0, []
        for month, counts in enumerate(growing(tables, sizes), start=1):
            started = time.process_time()
            release: Release = plan(counts, PROTOCOL, WHEN, MINIMUM_PATIENTS, shown)
            seconds += time.process_time() - started
            shown.append(Shown(counts, release.rows, release.cells, f"month {month}"))
            releases.append(release)
            leads += ("", release.lead) in release.rows
            known = max(known, release.told)
        row = {"seed": seed, "people": sizes[-1], "clinics": clinics, "months": len(sizes), "seconds": round(seconds)}
        row |= {"headline waits": leads, "said": known, **told(shown)}
        row |= {f"{name} alone": number for name, number in told([alone(shown[-1].counts)]).items()}
        found.append(row)
        print(row, flush=True)
    print(pd.DataFrame(found).drop(columns=["seed", "people", "clinics"]).sum().to_string())


if __name__ == "__main__":
    main(*(int(sys.argv[n]) if len(sys.argv) > n else default for n, default in ((1, 20), (2, 0))))
