"""A processed folder, as `capsule process` writes it, is a study: read whole, or in blocks of whole people."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
from pydantic import ValidationError

from analysis.intake.problems import Problems
from analysis.intake.study_file import StudyError
from analysis.machine.files import sha256_of
from analysis.machine.memory import A_VISIT, NEEDS_LESS, refuse_beyond_memory
from analysis.protocol import Protocol
from analysis.schema import HIP, column_types, conform
from analysis.study import Study

if TYPE_CHECKING:
    from pyarrow import parquet

MANIFEST = "manifest.json"


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
    refuse_too_large(folder, A_VISIT, "every table at once")
    assessments = conform(_opened(folder, "assessments.parquet").read().to_pandas(), "assessments", study.protocol)
    interventions = read_interventions(folder, study.protocol)
    return Study(**{**vars(study), "assessments": assessments, "interventions": interventions})


def read_interventions(folder: Path, protocol: Protocol) -> pd.DataFrame:
    """Read the interventions of a processed folder whole.

    Raises
    ------
    StudyError
        The file is not as it was written.
    """
    return conform(_opened(folder, "interventions.parquet").read().to_pandas(), "interventions", protocol)


def refuse_too_large(folder: Path, bytes_a_visit: int, what: str) -> None:
    """Refuse to make of every visit what does not fit into memory."""
    rows = _manifest(folder)["tables"]["assessments.parquet"]["rows"]
    refuse_beyond_memory(folder.name, rows * bytes_a_visit, what, NEEDS_LESS)


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
        problems=_opened(folder, "problems.parquet")
        .read(use_threads=False)
        .to_pandas(use_threads=False)
        .astype(Problems().table().dtypes.to_dict()),
        **{name: about[name] for name in names},
    )


@dataclass(frozen=True)
class Blocks:
    """Some columns of the assessments in blocks of whole people, in the order of their identifiers.

    Words other than the patient are categories, in the order of the words; otherwise as
    :func:`analysis.schema.conform` gives them. Other processes can read it, also on another machine that sees the
    file under the same path.
    """

    path: Path
    sha256: str
    seen: tuple[int, ...]
    columns: tuple[str, ...]
    words: tuple[str, ...]
    n: int

    def __len__(self) -> int:
        return self.n

    def __iter__(self) -> Iterator[pd.DataFrame]:
        return (self[number] for number in range(self.n))

    def __getitem__(self, number: int) -> pd.DataFrame:
        """Read one block; with the first the whole file is checked.

        Raises
        ------
        StudyError
            The file is not as it was written.
        """
        if not 0 <= number < self.n:
            raise IndexError(number)
        columns = list(self.columns)
        if number == 0:
            _check(self.path, self.sha256)
        try:
            file = _file_seen(self.path, self.sha256, self.words, _what_is_seen(self.path), self.seen, os.getpid())
            empty = not file.num_row_groups
            read = file.read(columns) if empty else file.read_row_group(number, columns=columns, use_threads=False)
        except (OSError, pa.ArrowException):
            raise _changed(self.path.name) from None
        of_words = [field.name for field in read.schema if pa.types.is_dictionary(field.type)]
        rest = read.drop_columns(of_words).to_pandas(split_blocks=True, use_threads=False)
        found = {name: _categories(read[name]) if name in of_words else rest[name] for name in columns}
        return pd.DataFrame(found, copy=False)


def _categories(column: pa.ChunkedArray) -> Any:
    """Return words as categories, in the order of the words where they have none of their own.

    Their numbers are taken as they are, which to_pandas goes through one by one.
    """
    whole = column.unify_dictionaries().combine_chunks()
    words = pd.Index(whole.dictionary.to_pylist(), dtype="str")
    numbers = whole.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    found = pd.Categorical.from_codes(numbers, dtype=pd.CategoricalDtype(words, column.type.ordered), validate=False)
    return found if found.ordered else found.reorder_categories(words.sort_values())  # text also where there is none


def blocks(folder: Path, columns: Sequence[str], protocol: Protocol) -> Blocks:
    """Return some columns of the assessments of a processed folder in blocks."""
    kinds = column_types(protocol, "assessments")
    words = tuple(name for name in columns if kinds[name] == "str" and name != "patient_id")
    path = folder.resolve() / "assessments.parquet"
    sha256 = _sha256_of(folder, path.name)
    try:
        seen = _what_is_seen(path)
        file = _file_seen(path, sha256, words, seen, seen, os.getpid())
    except OSError:
        raise _changed(path.name) from None
    return Blocks(path, sha256, seen, tuple(columns), words, max(file.num_row_groups, 1))


def _opened(folder: Path, name: str) -> parquet.ParquetFile:
    """Open a table that is as it was written."""
    return _as_written(folder / name, _sha256_of(folder, name), ())


@lru_cache(maxsize=1)
def _file_seen(
    path: Path, sha256: str, words: tuple[str, ...], now: tuple[int, ...], checked: tuple[int, ...], process: int
) -> parquet.ParquetFile:
    """Open a file once for all its blocks; it is checked unless it is still as it was when the blocks were found.

    Each ``process`` opens its own: forks would share the place at which it is read.
    """
    return _as_written(path, "" if now == checked else sha256, words)


def _as_written(path: Path, sha256: str, words: Sequence[str]) -> parquet.ParquetFile:
    """Open a Parquet file, and check that it has a checksum, if one is given."""
    from pyarrow import parquet  # takes long to load, and few studies are such folders

    if sha256:
        _check(path, sha256)
    try:
        # Nothing is read ahead, by a thread: a process that has one cannot be forked.
        return parquet.ParquetFile(path, read_dictionary=list(words), pre_buffer=False, page_checksum_verification=True)
    except (OSError, pa.ArrowException):
        raise _changed(path.name) from None


def _check(path: Path, sha256: str) -> None:
    """Refuse a file that has another checksum.

    The checksums of pages do not cover the footer, in which a flipped bit hides rows, so the whole file is checked.
    """
    try:
        found = sha256_of(path)
    except OSError:
        found = ""
    if found != sha256:
        raise _changed(path.name)


def _sha256_of(folder: Path, name: str) -> str:
    """Return the checksum that the manifest has of a table; where it has none, what no file has."""
    return str(_manifest(folder)["tables"].get(name, {}).get("sha256") or "none")


def _what_is_seen(path: Path) -> tuple[int, ...]:
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


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
