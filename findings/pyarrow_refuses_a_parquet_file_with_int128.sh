#!/bin/bash
# One column of 128-bit integers, which Polars writes to Parquet without a word, makes the whole file unreadable for
# pyarrow, also when only other columns are asked for.
# Seen with polars 2.1.0, pyarrow 26.0.1 (Python 3.11):
#   ArrowNotImplementedError: Integers with more than 64 bits not implemented
# The data are whole: without the writer's note "ARROW:schema" pyarrow reads the file, the column as 16 bytes a value.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv && venv/bin/pip install -q polars==2.1.0 pyarrow==26.0.1
venv/bin/python - <<'END'
import polars as pl, pyarrow as pa, pyarrow.parquet as pq
frame = pl.DataFrame({"id": ["a", "b"], "n": pl.Series([1, 2], dtype=pl.Int128)})
frame.write_parquet("a.parquet")
try:
    pq.read_table("a.parquet", columns=["id"])
except pa.ArrowNotImplementedError as fault:
    print(type(fault).__name__, fault)
else:
    raise SystemExit("the behaviour has changed: pyarrow reads the file")
content = open("a.parquet", "rb").read().replace(b"ARROW:schema", b"ARROW-schema")
print(pq.read_table(pa.BufferReader(content)).schema.field("n").type)
END
