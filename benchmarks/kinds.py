"""How fast two million visits are read and checked from CSV, Parquet and SAS transport files, beside the bare read.

The bare read is that of the library underneath into a table of pandas: `pandas.read_csv`, `pandas.read_parquet` and
`pyreadstat.read_xport`. Of CSV there is also the bare read that guesses no types, so that 001 stays 001, and a file
whose text stands in quotation marks, as R writes it. All run in this process and take turns; seconds are those of the
processor, over all threads, and then those of the clock.
"""

import csv
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pyreadstat
from pyarrow import csv as arrow_csv

from analysis.answers.parts import asked_for
from analysis.answers.rates_of_visits import rates_of_visits
from analysis.intake import load, read_study
from analysis.intake.problems import Problems
from analysis.intake.readers import read_source
from analysis.intake.study_file import Source, read_study_file
from intake import PEOPLE, TOML, write_study

BARE: dict[str, tuple[str, Callable[[Path], object]]] = {
    "csv": ("visits.csv", pd.read_csv),
    "csv as text": ("visits.csv", partial(pd.read_csv, dtype="str", keep_default_na=False)),
    "csv quoted": ("quoted.csv", pd.read_csv),
    "parquet": ("visits.parquet", pd.read_parquet),
    "xpt": ("visits.xpt", pyreadstat.read_xport),
}


def write_kinds(folder: Path, people: int) -> None:
    """Write the study of the benchmark of intake in each kind of file; dates and numbers have their types."""
    write_study(folder, people)
    table = pd.read_csv(folder / "visits.csv", parse_dates=["Day"])
    table.to_csv(folder / "quoted.csv", index=False, quoting=csv.QUOTE_NONNUMERIC)
    table.to_parquet(folder / "visits.parquet", index=False)
    pyreadstat.write_xport(table, folder / "visits.xpt", file_format_version=8)


def main(people: int) -> None:
    """Print seconds and the share of the bare read's speed, kind by kind, and then how long rates take from CSV."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_kinds(folder, people)
        print(f"{8 * people:,} rows of 8 columns")
        for name, (file, read) in BARE.items():
            source = _named(folder, file)
            if len(read_study(folder).assessments) != 8 * people:
                raise SystemExit(f"{name}: not every row was read")
            bare, text, ours = least(
                partial(read, folder / file),
                partial(read_source, folder, source, Problems()),
                partial(read_study, folder),
            )
            print(f"  {name:12} bare {_said(bare)}   read as text {_said(text)}   and checked {_said(ours)}", end="")
            print(f"   speeds {bare[0] / text[0]:.2f} and {bare[0] / ours[0]:.2f} of the bare read")
        _named(folder, "visits.csv")
        bare, ours = least(partial(arrow_csv.read_csv, folder / "visits.csv"), partial(rates_by_type_and_side, folder))
        print(
            f"  csv to rates bare {_said(bare)} by pyarrow   ours {_said(ours)}, {ours[0] / bare[0]:.1f} times as long"
        )


def _named(folder: Path, file: str) -> Source:
    (folder / "study.toml").write_text(TOML.replace("visits.csv", file))
    return read_study_file(folder).source[0]


def rates_by_type_and_side(folder: Path) -> list[pd.DataFrame]:
    """Return the rates that `capsule rates STUDY --by stretch_type,side` counts."""
    study = load(folder)
    asked = asked_for([["stretch_type", "side"], []], None, None, study.protocol)
    return rates_of_visits([study.assessments], asked)


def least(*tasks: Callable[[], object]) -> list[tuple[float, float]]:
    """Return of each task the least seconds of three runs, of the processor and of the clock; tasks take turns."""
    times = np.array([[seconds(task) for task in tasks] for _ in range(3)])
    return [(float(processor), float(clock)) for processor, clock in times.min(axis=0)]


def seconds(task: Callable[[], object]) -> tuple[float, float]:
    """Return how long a task takes, in seconds of the processor and of the clock."""
    processor, clock = time.process_time(), time.perf_counter()
    task()
    return time.process_time() - processor, time.perf_counter() - clock


def _said(times: tuple[float, float]) -> str:
    return f"{times[0]:5.2f} s ({times[1]:5.2f})"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE)
