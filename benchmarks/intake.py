"""How fast a CSV of two million visits is read and checked, per core; beside pandera, where it is installed.

pandera is no part of the environment. To compare, install it in an environment of its own that also has this
package, and run this file there.
"""

import compileall
import contextlib
import importlib.util
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

import analysis
from analysis.intake import read_study
from analysis.intake.problems import Problems
from analysis.intake.readers import read_source
from analysis.intake.study_file import read_study_file

PEOPLE = 250_000
PEOPLE_WITH_FAULTS, FAULTY = 10_000, 0.001  # one cell in a thousand of four columns
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


def with_pandera(path: Path) -> float:
    """Return the processor time that pandera takes for those of our checks that it has."""
    import pandera.pandas as pa
    from pandera.errors import SchemaErrors

    schema = pa.DataFrameSchema(
        {
            "ID": pa.Column(str, pa.Check.str_matches(r"^[^@\s,]+$")),
            "Clinic": pa.Column(str),
            "Hip": pa.Column(str, pa.Check.isin(["left", "right"])),
            "Visit": pa.Column(str, pa.Check.isin(VISITS)),
            "Day": pa.Column("datetime64[ns]", pa.Check.le(pd.Timestamp.now()), coerce=True),
            "IR": pa.Column(float, pa.Check.in_range(-45, 90), coerce=True),
            "SLR": pa.Column(float, pa.Check.in_range(0, 150), coerce=True),
            "Ober": pa.Column(str, pa.Check.isin(["negative", "positive"])),
        },
        checks=[
            pa.Check(lambda table: table.groupby("ID")["Clinic"].transform("nunique") == 1),
            pa.Check(lambda table: ~(table["Day"] < table.groupby(["ID", "Hip"])["Day"].shift())),
        ],
        unique=["ID", "Hip", "Visit"],
    )
    table = pd.read_csv(path, dtype="str", keep_default_na=False)

    def validate() -> None:
        # The faults are what is asked for.
        with contextlib.suppress(SchemaErrors):
            schema.validate(table, lazy=True)

    return core_seconds(validate, 1)


def compare(folder: Path, people: int, faulty: float) -> None:
    """Print rows per second of one core: reading the text, and all that follows."""
    write_study(folder, people, faulty)
    source = read_study_file(folder).source[0]
    parse = core_seconds(lambda: read_source(folder, source, Problems()))
    check = core_seconds(lambda: read_study(folder)) - parse
    rows = 8 * people
    print(f"intake, {rows:,} rows of 8 columns, {faulty:.1%} of the cells of four of them faulty, one core")
    print(f"  text into columns    {parse:7.2f} s {rows / parse:12,.0f} rows/s")
    print(f"  tables, all checks   {check:7.2f} s {rows / check:12,.0f} rows/s")
    if importlib.util.find_spec("pandera") is None:
        print("  pandera is not installed here, so there is no ratio to it")
        return
    theirs = with_pandera(folder / "visits.csv")
    print(f"  some checks, pandera {theirs:7.2f} s {rows / theirs:12,.0f} rows/s; ratio {theirs / check:.1f}")


def main(folder: Path) -> None:
    """Compare a large clean file and, as pandera is slow where there are faults, a smaller faulty one."""
    compileall.compile_dir(Path(analysis.__file__).parent, quiet=1)
    compare(folder, PEOPLE, 0.0)
    compare(folder, PEOPLE_WITH_FAULTS, FAULTY)


if __name__ == "__main__":
    with TemporaryDirectory() as temporary:
        main(Path(temporary))
