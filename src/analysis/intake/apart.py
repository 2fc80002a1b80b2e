"""Run as a program, not imported: reads a file of statistics in a process that may die of it, and hands over Arrow.

The file is on standard input, and what comes out is data only: a parent that took Python objects from a process which
a file has led astray would run what that process says. Nothing of the package is loaded, because that takes seconds.
"""

import io
import json
import sys

import pyarrow as pa
import pyreadstat


def main(reader: str, options: str) -> None:
    """Read standard input by one of the library's functions, and write a table with how its columns are kept."""
    frame, meta = getattr(pyreadstat, reader)(io.BytesIO(sys.stdin.buffer.read()), **json.loads(options))
    table = pa.table({str(name): _column(frame[name].tolist()) for name in frame})
    kept = {
        "storages": meta.readstat_variable_types,
        "formats": meta.original_variable_types,
        "words": meta.column_names_to_labels,
    }
    said = {part: {name: text for name, text in (texts or {}).items() if text} for part, texts in kept.items()}
    table = table.replace_schema_metadata({part: json.dumps(texts) for part, texts in said.items()})
    with pa.ipc.new_stream(sys.stdout.buffer, table.schema) as stream:
        stream.write_table(table)


def _column(values: list[object]) -> pa.Array:
    """Write values of one type as they are; of several, such as labels and codes without one, each by its type."""
    present = [None if value is None or value != value else value for value in values]
    if len({type(value) for value in present if value is not None}) > 1:
        return pa.array([None if value is None else {type(value).__name__: value} for value in present])
    return pa.array(present)


if __name__ == "__main__":
    main(*sys.argv[1:])
