#!/bin/bash
# A column of days in which every day is missing, such as of a visit that nobody has had yet, is written by pyreadstat
# as text with the format of a day. It then refuses to read its own .xpt or .dta file, all of it, and not only that
# column; from .sav it gives "". With one day in the column all is well.
# Seen with pyreadstat 1.3.7, pandas 3.1.1 (Python 3.11). Write a column without any day as numbers (float64).
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv && venv/bin/pip install -q pyreadstat==1.3.7 pandas==3.1.1
venv/bin/python - <<'END'
import datetime, pandas as pd, pyreadstat

FORMATS = {"xport": "DATE9.", "dta": "%td", "sav": "DATE11"}

def read_again(kind, days):
    table = pd.DataFrame({"ID": ["a", "b"], "DAY": days})
    getattr(pyreadstat, f"write_{kind}")(table, f"t.{kind}", variable_format={"DAY": FORMATS[kind]})
    try:
        return getattr(pyreadstat, f"read_{kind}")(f"t.{kind}")[0]["DAY"].astype("object").tolist()
    except pyreadstat.PyreadstatError as error:
        return str(error)

none, one = pd.Series([None, None], dtype="object"), pd.Series([datetime.date(2026, 3, 1), None], dtype="object")
found = {kind: read_again(kind, none) for kind in FORMATS}
print(found)
refused = "STRING type with value '' with date type in column 'DAY'"
fine = [str(read_again(kind, one)[0]) for kind in FORMATS]
as_numbers = [all(map(pd.isna, read_again(kind, none.astype("float64")))) for kind in FORMATS]
if found != {"xport": refused, "dta": refused, "sav": ["", ""]} or fine != ["2026-03-01"] * 3 or not all(as_numbers):
    raise SystemExit("the behaviour has changed")
END
