"""Write the tables of a study as Parquet files with a manifest."""

from __future__ import annotations

import hashlib
from pathlib import Path

from analysis.documents import provenance, to_text
from analysis.pipeline import Tables
from analysis.study import Study


def write_tables(study: Study, tables: Tables, folder: Path) -> list[str]:
    """Write every table, sorted by patient.

    Parameters
    ----------
    study, tables
        A loaded study and what :func:`analysis.analyse` made of it.
    folder
        Made when it does not exist. Files of an earlier run are replaced one by one, each only when the
        new one is whole.

    Returns
    -------
    list of str
        The names of the files; the last is ``manifest.json``, with the rows and the SHA-256 of each.
    """
    folder.mkdir(parents=True, exist_ok=True)
    entries = {}
    for name, table in {**vars(tables), "problems": study.problems}.items():
        file = f"{name}.parquet"
        replace_file(folder / file, table.to_parquet(index=False))
        entries[file] = {
            "rows": len(table),
            "columns": [str(column) for column in table.columns],
            "sha256": hashlib.sha256((folder / file).read_bytes()).hexdigest(),
        }
    manifest = to_text({"tables": entries, "provenance": provenance(study)})
    replace_file(folder / "manifest.json", manifest.encode())
    return [*entries, "manifest.json"]


def replace_file(path: Path, content: bytes) -> None:
    """Write a file beside its place and move it there when it is whole."""
    temporary = path.with_name(f".{path.name}.part")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
