"""Studies that several tests of the reports look at."""

import tempfile
from functools import cache
from pathlib import Path

from analysis.cli.notebooks import report_notebooks
from analysis.report import Report, open_report, scope
from analysis.simulate import CohortParameters, simulate
from analysis.simulate import write_study as write_cohort

ROOT = Path(__file__).parents[1]
# Of everyone; that of one person is made for those who treat, and tested in test_person.
NOTEBOOKS = [path for path in report_notebooks(ROOT / "notebooks") if path.stem != "patient"]
HEADER = "id,clinic,side,ir1,ir2,slr1,slr2,ober1,ober2,er,tilt"
STUDY = """
name = "Small study"
[[source]]
file = "hips.csv"
[source.columns]
patient_id = "id"
clinic_id = "clinic"
side = "side"
[source.timepoints.baseline]
hip_ir_deg = "ir1"
slr_deg = "slr1"
ober = "ober1"
hip_er_deg = "er"
pelvic_tilt = "tilt"
[source.timepoints.post]
hip_ir_deg = "ir2"
slr_deg = "slr2"
ober = "ober2"
"""


def bath() -> Report:
    """The Bath trial, whose rows are public."""
    return open_report(ROOT / "data/raw/bath-hips")


def write_study(folder: Path, rows: list[str]) -> Path:
    """A study folder in which people are real, as far as the program knows."""
    (folder / "study.toml").write_text(STUDY)
    (folder / "hips.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    return folder


def rows_of(patients: int, sides: tuple[str, ...] = ("left", "right"), post: bool = True) -> list[str]:
    """Every second left hip responds in all three tests, no right hip does."""
    rows = []
    for number in range(patients):
        for side in sides:
            gains = side == "left" and number % 2 == 0
            later = ("18,70,negative" if gains else "13,61,positive") if post else ",,"
            ir, slr, ober = later.split(",")
            rows.append(f"{number:03d},A,{side},12,{ir},60,{slr},positive,{ober},44,anterior")
    return rows


def write_private(folder: Path, patients: int, seed: int, clinics: int = 12, **parameters: float) -> Path:
    """A simulated cohort that the program takes for real people, in a new folder.

    Which numbers are withheld is worked out clinic by clinic, so that 12 clinics take four times as long as 3.
    """
    write_cohort(simulate(patients, seed, CohortParameters(clinics=clinics, **parameters)), folder, "Real people")
    toml = folder / "study.toml"
    toml.write_text(toml.read_text().replace("synthetic = true", ""))
    return folder


def preloaded(folder: Path) -> Path:
    """Read a study once, of which a test opens several reports."""
    scope.preload(folder)
    return folder


@cache
def small_study(patients: int, internal: bool = False) -> Report:
    """A report on a few people, opened once in each process."""
    return open_report(_folder_of(patients), internal=internal)


_KEPT = tempfile.TemporaryDirectory(prefix="small studies ")


@cache
def _folder_of(patients: int) -> Path:
    folder = Path(_KEPT.name, str(patients))
    folder.mkdir()
    return write_study(folder, rows_of(patients))
