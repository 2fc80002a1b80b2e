#!/bin/bash
# A SAS transport file (.xpt) may hold several datasets, one after the other (SAS technical note TS-140, and what
# PROC COPY writes of a library). pyreadstat and pandas read the header records of the second and all that follows as
# further rows of the first, as numbers, and say nothing.
# Seen with pyreadstat 1.3.7, pandas 3.1.1 (Python 3.11), haven 2.5.1 likewise: of 2 rows they make 101, from the third
# on with readings such as 3.7e-40. Count the records "MEMBER  HEADER RECORD" before reading.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv && venv/bin/pip install -q pyreadstat==1.3.7 pandas==3.1.1
venv/bin/python - <<'END'
from pathlib import Path
import pandas as pd, pyreadstat

def written(name, **columns):
    pyreadstat.write_xport(pd.DataFrame(columns), f"{name}.xpt", table_name=name, file_format_version=5)
    return Path(f"{name}.xpt").read_bytes()

hips = written("HIPS", ID=["a", "b"], IR=[12.0, 14.0])
people = written("PEOPLE", ID=["a", "b", "c"], AGE=[40.0, 50.0, 60.0])
# The header of the library stands once, in three records of 80 bytes; then each dataset has its own.
Path("library.xpt").write_bytes(hips + people[240:])
rows = {"pyreadstat": len(pyreadstat.read_xport("library.xpt")[0]),
        "pandas": len(pd.read_sas("library.xpt", format="xport", encoding="infer"))}
print(rows)
if rows != {"pyreadstat": 101, "pandas": 101}:
    raise SystemExit("the behaviour has changed")
END
