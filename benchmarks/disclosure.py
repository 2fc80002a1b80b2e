"""What a reader of all reports of a study can work out of what they withhold, before and after a release is planned.

Cohorts of 20 to 600 made-up people in 2 to 12 clinics. The attacker is that of the tests: it knows the printed tables
of rates and that groups add up, and solves a linear programme for every withheld count of 0 to 4 hips. Prints a row for
each cohort and the sums in docs/decisions/withholding.md: python benchmarks/disclosure.py [COHORTS]
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from analysis import load, rates
from analysis.disclosure import protect
from analysis.disclosure.plan import Release, plan
from analysis.disclosure.printed import printed_counts
from analysis.pipeline import Tables, analyse
from analysis.protocol import builtin
from analysis.protocol.policies import MINIMUM_PATIENTS
from analysis.simulate import CohortParameters, simulate, write_study
from disclosure_attack import attack

PROTOCOL = builtin()
BY: list[list[str]] = [[], ["stretch_type"], ["stretch_type", "side"]]


def made_up(patients: int, clinics: int, seed: int) -> Tables:
    """Return the tables of a cohort."""
    with tempfile.TemporaryDirectory() as folder:
        write_study(simulate(patients, seed, CohortParameters(clinics=clinics)), Path(folder) / "study", "Made up")
        return analyse(load(Path(folder) / "study"))


def reports(tables: Tables, release: Release) -> tuple[list[tuple[str, pd.DataFrame]], list[tuple[str, pd.DataFrame]]]:
    """Return every report's tables of rates, as shown and as they are."""
    responses, shown, true = tables.responses, [], []
    for clinic in ["", *sorted(responses["clinic_id"].dropna().astype("str").unique())]:
        rows = responses[responses["clinic_id"].astype("str") == clinic] if clinic else responses
        for by in [*BY, *([] if clinic else [["clinic_id"]])]:
            table = rates(rows, by, None, PROTOCOL.primary_comparison)
            besides = release.of(clinic).besides(table, "rates")
            people = rows["patient_id"].nunique()
            shown.append((clinic, protect(table, "rates", people=people, besides=besides)))
            true.append((clinic, table))
    return shown, true


def withheld(shown: list[tuple[str, pd.DataFrame]]) -> int:
    """Return how many rows are withheld."""
    return sum(int(table["suppressed"].sum()) for _, table in shown)


def main(cohorts: int) -> None:
    """Attack so many cohorts."""
    random = np.random.default_rng(0)
    found = []
    for seed in range(cohorts):
        patients, clinics = int(np.exp(random.uniform(np.log(20), np.log(600)))), int(random.integers(2, 13))
        tables = made_up(patients, clinics, seed)
        started = time.process_time()
        counts = printed_counts(tables, PROTOCOL, PROTOCOL.primary_comparison)
        release = plan(counts, PROTOCOL, PROTOCOL.primary_comparison, MINIMUM_PATIENTS)
        seconds = time.process_time() - started
        row = {"people": patients, "clinics": clinics, "seconds": round(seconds, 2)}
        for when, what in (("before", Release()), ("after", release)):
            shown, true = reports(tables, what)
            told = attack(shown, true, MINIMUM_PATIENTS)
            row |= {f"{name} {when}": number for name, number in told.items()} | {f"rows {when}": withheld(shown)}
        row["rows"] = sum(len(table) for _, table in shown)
        found.append(row)
        print(row, flush=True)
    table = pd.DataFrame(found)
    print(table.drop(columns=["people", "clinics"]).sum().to_string())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
