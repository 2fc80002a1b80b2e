"""How fast a CSV of two million visits is read and checked, per core; beside the same checks in pandera, if installed.

pandera is no part of the environment. To compare, install it in an environment of its own that also has this
package, and run this file there. Both sides must find the same rows in a file with planted faults.
"""

import compileall
import importlib.util
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

import analysis
from analysis.intake import read_study
from analysis.intake.load import fingerprint_of_files
from analysis.intake.problems import Problems
from analysis.intake.readers import read_source
from analysis.intake.study_file import read_study_file

PEOPLE = 250_000
FAULTY = 0.001  # one cell in a thousand of four columns
VISITS = ["intake", "baseline", "post", "followup"]
TOML = """
name = "Benchmark"
[[source]]
file = "visits.csv"
[source.columns]
patient_id = "ID"
clinic_id = "Clinic"
side = "Hip"
timepoint = "Visit"
date = "Day"
hip_ir_deg = "IR"
slr_deg = "SLR"
ober = "Ober"
[source.set]
position = "prone"
motion = "passive"
device = "goniometer"
"""


def write_study(folder: Path, people: int, faulty: float = 0.0) -> None:
    """Write a study of eight visits a person, two hips at four timepoints, with a share of faulty cells."""
    rng = np.random.default_rng(1)
    numbers = np.char.zfill(np.arange(people).astype(str), 6)
    first_day = np.repeat(np.datetime64("2023-01-01") + rng.integers(0, 700, people), 8)
    rows = 8 * people
    table = pd.DataFrame(
        {
            "ID": np.repeat(np.char.add("P", numbers), 8),
            "Clinic": np.repeat(np.char.add("C", rng.integers(0, 60, people).astype(str)), 8),
            "Hip": np.tile(np.repeat(["left", "right"], 4), people),
            "Visit": np.tile(VISITS, 2 * people),
            "Day": (first_day + np.tile([0, 28, 28, 60], 2 * people)).astype(str),
            "IR": np.repeat(rng.integers(10, 40, people), 8) + rng.integers(-5, 6, rows),
            "SLR": np.repeat(rng.integers(45, 85, people), 8) + rng.integers(-6, 7, rows),
            "Ober": rng.choice(["positive", "negative"], rows),
        }
    )
    for name, cell in {"IR": "213", "SLR": "60°", "Hip": "links", "Day": "2024-02-30"}.items():
        table[name] = table[name].astype("object").where(rng.random(rows) >= faulty, cell)
    if faulty:
        plant(table)
    table.to_csv(folder / "visits.csv", index=False)
    (folder / "study.toml").write_text(TOML)


def core_seconds(task: Callable[[], object], runs: int = 3) -> float:
    """Return the least processor time of some runs, over all threads, so that other programs do not count."""
    times = []
    for _ in range(runs):
        start = time.process_time()
        task()
        times.append(time.process_time() - start)
    return min(times)


def plant(table: pd.DataFrame) -> None:
    """Put one fault of each kind that shows across rows into the first people, of eight rows each."""
    table.loc[1, "Day"] = "2022-01-01"
    table.loc[8 + 3, "Day"] = "2099-01-01"
    table.loc[16, "Clinic"] = "another"
    table.loc[24:31, "ID"] = "someone@example.org"
    table.loc[32:39, "IR"], table.loc[32:39, "SLR"] = [10] * 4 + [40] * 4, [50] * 4 + [90] * 4
    table.loc[[35, 39], "IR"], table.loc[[35, 39], "SLR"] = [40, 10], [90, 50]
    table.loc[40:47, "SLR"] = [100] * 7 + [40]
    for left_right in (48, 52):
        table.loc[left_right + 1, ["IR", "SLR"]] = table.loc[left_right, ["IR", "SLR"]]
    table.loc[57, "Visit"] = "intake"
    table.loc[64, "IR"] = 69


def in_pandera(folder: Path, found: set[tuple[str, int]]) -> float:
    """Return the processor time of the same checks in pandera, and insist that they find the same."""
    from intake_in_pandera import findings

    ways = {"position": "prone", "motion": "passive", "device": "goniometer"}
    table = pd.read_csv(folder / "visits.csv", dtype="str", keep_default_na=False).assign(**ways)
    theirs: set[tuple[str, int]] = set()
    seconds = core_seconds(lambda: theirs.update(findings(table)))
    if theirs != found:
        raise SystemExit(
            f"not the same: only here {sorted(found - theirs)[:9]}, only there {sorted(theirs - found)[:9]}"
        )
    return seconds


def compare(folder: Path, people: int, faulty: float) -> None:
    """Print rows per second of one core: reading the text and hashing the file, and all that follows."""
    write_study(folder, people, faulty)
    source = read_study_file(folder).source[0]
    parse = core_seconds(lambda: (read_source(folder, source, Problems()), fingerprint_of_files(folder)))
    check = core_seconds(lambda: read_study(folder)) - parse
    rows = 8 * people
    print(f"intake, {rows:,} rows of 8 columns, {faulty:.1%} of the cells of four of them faulty, one core")
    print(f"  text, fingerprint    {parse:7.2f} s {rows / parse:12,.0f} rows/s")
    print(f"  tables, all checks   {check:7.2f} s {rows / check:12,.0f} rows/s")
    if importlib.util.find_spec("pandera") is None:
        print("  pandera is not installed here, so there is no ratio to it")
        return
    problems = read_study(folder).problems.dropna(subset="row")
    found = set(zip(problems["rule"], problems["row"].astype("int64"), strict=True))
    theirs = in_pandera(folder, found)
    print(f"  same, in pandera     {theirs:7.2f} s {rows / theirs:12,.0f} rows/s; ratio {theirs / check:.1f}; ", end="")
    print(f"both find {len(found):,} rows at fault, of {len({rule for rule, _ in found})} kinds")


def main(folder: Path) -> None:
    """Compare a clean file and one with faults, both of two million rows."""
    compileall.compile_dir(Path(analysis.__file__).parent, quiet=1)
    compare(folder, PEOPLE, 0.0)
    compare(folder, PEOPLE, FAULTY)


if __name__ == "__main__":
    with TemporaryDirectory() as temporary:
        main(Path(temporary))
