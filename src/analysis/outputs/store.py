"""Write the tables of a study as Parquet files with a manifest."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from analysis.intake.load import without_errors
from analysis.intake.reading import Reading
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
    data = {"assessments": study.assessments, "interventions": study.interventions}
    files = {name: _Parquet() for name in [*data, *(vars(tables) if tables else {})]}
    for name, table in (data | (vars(tables) if tables else {})).items():
        files[name].add(table)
    return _publish(study, files, folder, ledger)


def write_groups(reading: Reading, folder: Path, ledger: Callable[[Study], Path | None]) -> list[str]:
    """Write the data of a study that is read in groups of people, each group before the next is read.

    Parameters
    ----------
    reading
        See :func:`analysis.intake.memory.in_groups`.
    folder
        As for :func:`write_tables`.
    ledger
        Returns the ledger of the study, which is given to it without rows.

    Raises
    ------
    StudyError
        The study has errors; nothing is written.
    """
    files = {name: _Parquet() for name in ("assessments", "interventions")}
    for tables in reading:
        for file, table in zip(files.values(), tables, strict=True):
            file.add(table)
    study = without_errors(reading.study(*(table.iloc[:0] for table in tables)))
    return _publish(study, files, folder, ledger(study))


def _publish(study: Study, files: Mapping[str, _Parquet], folder: Path, ledger: Path | None) -> list[str]:
    problems = _Parquet()
    problems.add(study.problems)
    contents: dict[str, bytes | memoryview] = {}
    entries = {}
    for name, file in {**files, "problems": problems}.items():
        contents[f"{name}.parquet"] = content = file.content()
        sha256 = hashlib.sha256(content).hexdigest()
        entries[f"{name}.parquet"] = {"rows": file.n_rows, "columns": file.columns, "sha256": sha256}
    about = {name: getattr(study, name) for name in ("name", "synthetic", "public", "declared_policy", "fingerprint")}
    about |= {"ledger": os.path.relpath(ledger, folder.resolve())} if ledger else {}
    about["protocol"] = json.loads(study.protocol.model_dump_json(by_alias=True, exclude_unset=True))
    manifest = {"study": about, "tables": entries, "provenance": provenance(study)}
    contents["manifest.json"] = to_text(manifest).encode()
    replace_files(folder, contents, private=True)
    for stale in {f"{name}.parquet" for name in Tables.__dataclass_fields__} - set(contents):
        (folder / stale).unlink(missing_ok=True)  # results of an earlier run would be taken for those of these data
    return list(contents)


class _Parquet:
    """A table as a Parquet file; no group of rows divides a person, so that each can be counted by itself."""

    def __init__(self) -> None:
        self.n_rows, self.columns = 0, list[str]()
        self._file = io.BytesIO()
        self._writer: parquet.ParquetWriter | None = None

    def add(self, table: pd.DataFrame) -> None:
        """Write further rows, of other people than those before."""
        schema = self._writer.schema if self._writer else None
        whole = pa.Table.from_pandas(table, schema=schema, preserve_index=False)
        if self._writer is None:
            self._writer = parquet.ParquetWriter(self._file, whole.schema, write_page_checksum=True)
            self.columns = [str(column) for column in table.columns]
        cuts = [*range(0, len(table), _ROWS), len(table)]
        if "patient_id" in table:
            changes = (table["patient_id"] != table["patient_id"].shift()).to_numpy()
            first = np.append(np.flatnonzero(changes), len(table))
            cuts = first[np.searchsorted(first, cuts)].tolist()
        for start, end in pairwise(dict.fromkeys(cuts)):
            self._writer.write_table(whole.slice(start, end - start), row_group_size=max(end - start, 1))
        self.n_rows += len(table)

    def content(self) -> memoryview:
        """Return the file; nothing can be added to it any more."""
        if self._writer is not None:
            self._writer.close()
        return self._file.getbuffer()


def replace_files(folder: Path, files: Mapping[str, bytes | memoryview], *, private: bool) -> None:
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
