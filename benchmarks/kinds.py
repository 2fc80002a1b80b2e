"""How fast two million visits are read and checked from CSV, Parquet and SAS transport files, beside the bare read.

The bare read is that of the library underneath into a table of pandas: `pandas.read_csv`, `pandas.read_parquet` and
`pyreadstat.read_xport`. Of CSV there is also the bare read that guesses no types, so that 001 stays 001, and a file
whose text stands in quotation marks, as R writes it. All run in this process, one after the other; seconds are those of
the processor, over all threads, and then those of the clock.
"""

import csv
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pyreadstat

from analysis.intake import read_study
from analysis.intake.problems import Problems
from analysis.intake.readers import read_source
from analysis.intake.study_file import read_study_file
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
    """Print seconds and the share of the bare read's speed, kind by kind."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_kinds(folder, people)
        print(f"{8 * people:,} rows of 8 columns, one core")
        for name, (file, read) in BARE.items():
            (folder / "study.toml").write_text(TOML.replace("visits.csv", file))
            if len(read_study(folder).assessments) != 8 * people:
                raise SystemExit(f"{name}: not every row was read")
            source = read_study_file(folder).source[0]
            bare, text, ours = map(
                seconds,
                (
                    partial(read, folder / file),
                    partial(read_source, folder, source, Problems()),
                    partial(read_study, folder),
                ),
            )
            print(f"  {name:12} bare {bare[0]:5.2f} s ({bare[1]:5.2f})", end="")
            print(
                f"   read as text {text[0]:5.2f} s ({text[1]:5.2f})   and checked {ours[0]:5.2f} s ({ours[1]:5.2f})",
                end="",
            )
            print(f"   speeds {bare[0] / text[0]:.2f} and {bare[0] / ours[0]:.2f} of the bare read")


def seconds(task: Callable[[], object]) -> tuple[float, float]:
    """Return the least seconds of three runs, those of the processor and those of the clock."""
    times = []
    for _ in range(3):
        processor, clock = time.process_time(), time.perf_counter()
        task()
        times.append((time.process_time() - processor, time.perf_counter() - clock))
    return min(one for one, _ in times), min(one for _, one in times)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE)
