"""Write the tables of a study as Parquet files with a manifest."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from analysis.machine.files import make_folder, publish, remove_leftovers
from analysis.outputs.documents import provenance, to_text
from analysis.pipeline import Tables
from analysis.study import Study

_ROWS = 2**19  # of a group of rows, or a few more


def write_tables(study: Study, tables: Tables | None, folder: Path, ledger: Path | None = None) -> list[str]:
    """Write every table, sorted by patient.

    Parameters
    ----------
    study, tables
        A loaded study and what :func:`analysis.analyse` made of it; without the latter only the data are written, of
        which every command makes its results itself.
    folder
        Made when it does not exist. Files of an earlier run are replaced, and its results are removed where none are
        written, when all new ones are whole. Only its owner may enter a new one and read the files.
    ledger
        Of the study: what reports of the folder show is held against what those of the study did.

    Returns
    -------
    list of str
        The names of the files; the last is ``manifest.json``, with the rows and the SHA-256 of each.
    """
    files: dict[str, bytes] = {}
    entries = {}
    data = {"assessments": study.assessments, "interventions": study.interventions}
    for name, table in {**data, **(vars(tables) if tables else {}), "problems": study.problems}.items():
        file = f"{name}.parquet"
        files[file] = _parquet(table)
        entries[file] = {
            "rows": len(table),
            "columns": [str(column) for column in table.columns],
            "sha256": hashlib.sha256(files[file]).hexdigest(),
        }
    about = {name: getattr(study, name) for name in ("name", "synthetic", "public", "declared_policy", "fingerprint")}
    about |= {"ledger": os.path.relpath(ledger, folder.resolve())} if ledger else {}
    about["protocol"] = json.loads(study.protocol.model_dump_json(by_alias=True, exclude_unset=True))
    manifest = {"study": about, "tables": entries, "provenance": provenance(study)}
    files["manifest.json"] = to_text(manifest).encode()
    replace_files(folder, files, private=True)
    for stale in {f"{name}.parquet" for name in Tables.__dataclass_fields__} - set(files):
        (folder / stale).unlink(missing_ok=True)  # results of an earlier run would be taken for those of these data
    return list(files)


def _parquet(table: pd.DataFrame) -> bytes:
    """Return a table as a Parquet file; no group of rows divides a person, so that each can be counted by itself."""
    whole, file = pa.Table.from_pandas(table, preserve_index=False), io.BytesIO()
    cuts = [*range(0, len(table), _ROWS), len(table)]
    if "patient_id" in table:
        first = np.append(np.flatnonzero((table["patient_id"] != table["patient_id"].shift()).to_numpy()), len(table))
        cuts = first[np.searchsorted(first, cuts)].tolist()
    with parquet.ParquetWriter(file, whole.schema, write_page_checksum=True) as writer:
        for start, end in pairwise(dict.fromkeys(cuts)):
            writer.write_table(whole.slice(start, end - start), row_group_size=max(end - start, 1))
    return file.getvalue()


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
