"""Write the tables of a study as Parquet files with a manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from analysis.files import make_folder, publish, remove_leftovers
from analysis.outputs.documents import provenance, to_text
from analysis.pipeline import Tables
from analysis.study import Study


def write_tables(study: Study, tables: Tables, folder: Path) -> list[str]:
    """Write every table, sorted by patient.

    Parameters
    ----------
    study, tables
        A loaded study and what :func:`analysis.analyse` made of it.
    folder
        Made when it does not exist. Files of an earlier run are replaced when all new ones are whole. Only its owner
        may enter a new one and read the files.

    Returns
    -------
    list of str
        The names of the files; the last is ``manifest.json``, with the rows and the SHA-256 of each.
    """
    files: dict[str, bytes] = {}
    entries = {}
    for name, table in {**vars(tables), "problems": study.problems}.items():
        file = f"{name}.parquet"
        files[file] = table.to_parquet(index=False)
        entries[file] = {
            "rows": len(table),
            "columns": [str(column) for column in table.columns],
            "sha256": hashlib.sha256(files[file]).hexdigest(),
        }
    files["manifest.json"] = to_text({"tables": entries, "provenance": provenance(study)}).encode()
    replace_files(folder, files, private=True)
    return list(files)


def replace_files(folder: Path, files: Mapping[str, bytes], *, private: bool) -> None:
    """Put files into a folder, which is made when it does not exist; none is replaced until all are on the disk.

    Where they are private, only their owner may read them, and enter the folder if it is new.

    Raises
    ------
    OSError
        The disk is full, permission is missing, or a symbolic link is in the way; old files are untouched.
    """
    make_folder(folder, private=private)
    remove_leftovers(folder)
    publish(folder, {folder / name: content for name, content in files.items()}, private=private)
