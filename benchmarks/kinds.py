"""How fast two million visits are read and checked from CSV, Parquet and SAS transport files, beside the bare read.

The bare read is that of the library underneath into a table of pandas: `pandas.read_csv`, `pandas.read_parquet` and
`pyreadstat.read_xport`. Both run in this process, one after the other, and seconds are those of the processor.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pyreadstat

from analysis.intake import read_study
from analysis.intake.problems import Problems
from analysis.intake.readers import read_source
from analysis.intake.study_file import read_study_file
from intake import PEOPLE, TOML, core_seconds, write_study

BARE = {
    "csv": lambda path: pd.read_csv(path),
    "parquet": lambda path: pd.read_parquet(path),
    "xpt": lambda path: pyreadstat.read_xport(path),
}


def write_kinds(folder: Path, people: int) -> None:
    """Write the study of the benchmark of intake in each kind of file; dates and numbers have their types."""
    write_study(folder, people)
    table = pd.read_csv(folder / "visits.csv", parse_dates=["Day"])
    table.to_parquet(folder / "visits.parquet", index=False)
    pyreadstat.write_xport(table, folder / "visits.xpt", file_format_version=8)


def main(people: int) -> None:
    """Print seconds and the share of the bare read's speed, kind by kind."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_kinds(folder, people)
        print(f"{8 * people:,} rows of 8 columns, one core")
        for kind, read in BARE.items():
            (folder / "study.toml").write_text(TOML.replace("visits.csv", f"visits.{kind}"))
            if len(read_study(folder).assessments) != 8 * people:
                raise SystemExit(f"{kind}: not every row was read")
            source = read_study_file(folder).source[0]
            bare = core_seconds(lambda read=read, kind=kind: read(folder / f"visits.{kind}"))
            text = core_seconds(lambda source=source: read_source(folder, source, Problems()))
            ours = core_seconds(lambda: read_study(folder))
            print(f"  {kind:8} bare {bare:6.2f} s   read as text {text:6.2f} s   and checked {ours:6.2f} s", end="")
            print(f"   speeds {bare / text:.2f} and {bare / ours:.2f} of the bare read")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE)
