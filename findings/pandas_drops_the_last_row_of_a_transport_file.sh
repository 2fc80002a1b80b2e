#!/bin/bash
# A SAS transport file (.xpt, version 5) is filled up with blanks to a multiple of 80 bytes (SAS technical note TS-140).
# How many rows of at most 80 bytes it holds pandas works out from its last 80 bytes: it takes every 8 blanks there for
# filling, wherever they stand. Missing text is blank too, so the last row or rows are gone, without a word. Filling
# that is no multiple of 8 bytes is taken for rows of blanks, where rows are so short.
# Seen with pandas 3.1.1, files by pyreadstat 1.3.7 (Python 3.11): of 10 people pandas reads 9, of 3 people 5;
# pyreadstat reads 10 and 3. Read such files with pyreadstat, or compare the number of rows.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv && venv/bin/pip install -q pyreadstat==1.3.7 pandas==3.1.1
venv/bin/python - <<'END'
import pandas as pd, pyreadstat

def rows_read(table):
    pyreadstat.write_xport(table, "t.xpt", file_format_version=5)
    by_pandas = pd.read_sas("t.xpt", format="xport", encoding="ascii")
    return len(table), len(pyreadstat.read_xport("t.xpt")[0]), len(by_pandas)

# Rows of 24 bytes: an identifier, a note that only the first person has, and a reading. 240 bytes need no filling.
ten = pd.DataFrame({
    "ID": [f"P{n:07}" for n in range(10)], "NOTE": ["swayback", *[None] * 9], "IR": [float(n) for n in range(10)],
})
three = pd.DataFrame({"ID": ["a", "bb", "c"], "SEX": ["f", "m", "f"]})
found = {"written, by pyreadstat, by pandas": [rows_read(ten), rows_read(three)]}
print(found)
if found["written, by pyreadstat, by pandas"] != [(10, 10, 9), (3, 3, 5)]:
    raise SystemExit("the behaviour has changed")
END
