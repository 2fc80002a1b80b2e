"""A processed folder, as `capsule process` writes it, is a study: read whole, or in blocks of whole people."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import psutil
import pyarrow as pa
from pydantic import ValidationError

from analysis.intake.problems import Problems
from analysis.intake.study_file import StudyError
from analysis.protocol import Protocol
from analysis.schema import HIP, column_types, conform
from analysis.study import Study

if TYPE_CHECKING:
    from pyarrow import parquet

MANIFEST = "manifest.json"
_BYTES_A_VISIT = 3_000  # what all tables of a study take in memory, for each visit of a hip


def is_processed(folder: Path) -> bool:
    """Say whether a folder holds the tables of a study rather than the files of a clinic."""
    return (folder / MANIFEST).is_file() and not (folder / "study.toml").exists()


def ledger_beside(folder: Path) -> str:
    """Return where the ledger of the study lies that a folder was made from, as seen from that folder; else nothing."""
    kept = str(_manifest(folder)["study"].get("ledger", "")) if is_processed(folder) else ""
    return kept if Path(kept).name.startswith(".") and kept.endswith(".ledger") else ""


def read_processed(folder: Path) -> Study:
    """Read a processed study whole.

    Raises
    ------
    StudyError
        A file is not as it was written, or the tables do not fit into memory.
    """
    study = described(folder)
    rows = _manifest(folder)["tables"]["assessments.parquet"]["rows"]
    needed, free = rows * _BYTES_A_VISIT, psutil.virtual_memory().available
    if needed > free:
        raise StudyError(
            f"{folder.name}: this needs every table at once, about {needed / 1e9:.0f} GB of memory, and "
            f"{free / 1e9:.0f} GB are free. `capsule rates` needs less where it groups by the class, the side, the "
            "episode or what is recorded of the person"
        )
    tables = {}
    for name in ("assessments", "interventions"):
        table = _opened(folder, f"{name}.parquet").read().to_pandas()
        tables[name] = conform(table, name, study.protocol)
    return Study(**{**vars(study), **tables})


def described(folder: Path) -> Study:
    """Return a processed study without its assessments and interventions."""
    about = _manifest(folder)["study"]
    try:
        protocol = Protocol.model_validate(about["protocol"])
    except ValidationError:
        raise _changed(MANIFEST) from None
    empty = pd.DataFrame({key: [] for key in [*HIP, "timepoint"]})
    names = ("name", "synthetic", "public", "declared_policy", "fingerprint")
    return Study(
        folder=folder.resolve().name,
        protocol=protocol,
        assessments=conform(empty, "assessments", protocol),
        interventions=conform(empty, "interventions", protocol),
        problems=_opened(folder, "problems.parquet").read().to_pandas().astype(Problems().table().dtypes.to_dict()),
        **{name: about[name] for name in names},
    )


def blocks(folder: Path, columns: Sequence[str], protocol: Protocol) -> Iterator[pd.DataFrame]:
    """Read some columns of the assessments in blocks of whole people, in the order of their identifiers.

    Words other than the patient are categories, in the order of the words; otherwise as
    :func:`analysis.schema.conform` gives them.
    """
    kinds = column_types(protocol, "assessments")
    words = [name for name in columns if kinds[name] == "str" and name != "patient_id"]
    file = _opened(folder, "assessments.parquet", words)
    for number in range(file.num_row_groups):
        block = file.read_row_group(number, columns=list(columns), use_threads=False).to_pandas()
        for name in words:
            block[name] = block[name].cat.reorder_categories(sorted(block[name].cat.categories))
        yield block


def _opened(folder: Path, name: str, words: Sequence[str] = ()) -> parquet.ParquetFile:
    """Open a table that is as it was written.

    The checksums of pages do not cover the footer, in which a flipped bit hides rows, so that of the file is checked.
    """
    from pyarrow import parquet  # takes long to load, and few studies are such folders

    entry = _manifest(folder)["tables"].get(name, {})
    try:
        with (folder / name).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found == entry.get("sha256"):
            return parquet.ParquetFile(folder / name, read_dictionary=list(words), page_checksum_verification=True)
    except (OSError, pa.ArrowException):
        pass
    raise _changed(name)


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if {"study", "tables"} <= set(manifest) and "assessments.parquet" in manifest["tables"]:
            return dict(manifest)
    except (OSError, ValueError):
        pass
    raise _changed(MANIFEST)


def _changed(name: str) -> StudyError:
    return StudyError(f"{name}: not as `capsule process` wrote it; process the study again")
