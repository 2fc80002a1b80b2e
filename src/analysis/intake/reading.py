"""The reading of a study folder: at once, or in groups of people where the whole would not fit into memory."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from analysis.intake.corrections import CORRECTIONS
from analysis.intake.groups import people_between
from analysis.intake.problems import Problems
from analysis.intake.study_file import StudyFile, read_study_file
from analysis.intake.study_rows import everyone, read_rows
from analysis.intake.tables import tables_of_rows
from analysis.intake.unpack import packed_in
from analysis.intake.whole_study import WholeStudy
from analysis.machine.files import sha256_of
from analysis.protocol import Protocol, builtin, load_protocol
from analysis.protocol.faults import admission_faults
from analysis.study import Study
from analysis.usererror import StudyError


@dataclass
class Reading:
    """Gives the assessments and interventions of each group of people, and at the end what is wrong with the study.

    Its files may not change meanwhile: that is a StudyError.

    Attributes
    ----------
    folder, declared, protocol
        The study.
    keep
        Picks the rows of each file that are kept, where all people are read at once.
    cuts
        The identifiers at which each group but the first begins, ascending; none where all are read at once.
    problems
        Complete when every group has been taken.
    begun
        The files as they were when the reading began.
    """

    folder: Path
    declared: StudyFile
    protocol: Protocol
    keep: Callable[[pd.DataFrame], pd.DataFrame] = everyone
    cuts: Sequence[str] = ()
    problems: Problems = field(default_factory=Problems)
    begun: Sequence[tuple[Path, int, int]] = ()

    @classmethod
    def of(cls, folder: Path, keep: Callable[[pd.DataFrame], pd.DataFrame] = everyone) -> Reading:
        """Begin to read a study, everyone at once.

        Raises
        ------
        StudyError, ProtocolError
            ``study.toml`` or the protocol cannot be used at all.
        """
        declared = read_study_file(folder)
        return cls(folder, declared, _protocol(folder, declared), keep, begun=_state(folder, declared))

    def __iter__(self) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
        whole = WholeStudy(self.protocol)
        for begin, end in zip([None, *self.cuts], [*self.cuts, None], strict=True):
            own = Problems()
            wanted = people_between(begin, end) if self.cuts else self.keep
            rows = read_rows(self.folder, self.declared, self.protocol, own, wanted)
            n_of_files = len(own.batches)
            yield tables_of_rows(rows, self.protocol, own, whole)
            # The files are read anew for each group, and what is wrong with them is said once.
            self.problems.batches += own.batches[n_of_files if begin is not None else 0 :]
        whole.report(self.problems)
        if _state(self.folder, self.declared) != self.begun:  # some people would be of the old files, others of the new
            raise StudyError(f"{self.folder.resolve().name}: its files changed while they were read; run this again")

    def study(self, assessments: pd.DataFrame, interventions: pd.DataFrame) -> Study:
        """Return the study with these tables, when all groups have been taken."""
        return Study(
            name=self.declared.name,
            folder=self.folder.resolve().name,
            synthetic=self.declared.synthetic,
            public=self.declared.public,
            protocol=self.protocol,
            assessments=assessments,
            interventions=interventions,
            problems=self.problems.table(),
            fingerprint=fingerprint(self.folder, self.declared),
            declared_policy=self.declared.policy,
        )


def _protocol(folder: Path, declared: StudyFile) -> Protocol:
    """Return the rules, with the admission that the study itself declares in place of theirs."""
    protocol = load_protocol(folder / declared.protocol) if declared.protocol else builtin()
    if declared.admission is None:
        return protocol
    protocol = protocol.model_copy(update={"admission": declared.admission})
    if faults := list(admission_faults(protocol)):
        raise StudyError("\n".join(f"study.toml: {fault}" for fault in faults))
    return protocol


def data_files(folder: Path, declared: StudyFile) -> list[Path]:
    """Return the files of rows that are there; of an archive the whole, once, whichever of its tables are used."""
    names = (name for source in declared.source for name in source.files)
    paths = dict.fromkeys(packed_in(folder / name)[0] for name in names)
    return [path for path in paths if path.is_file()]


def _all_files(folder: Path, declared: StudyFile) -> list[Path]:
    beside = (folder / name for name in ("study.toml", CORRECTIONS, declared.protocol or "") if name)
    return list(dict.fromkeys([*(path for path in beside if path.is_file()), *data_files(folder, declared)]))


def _state(folder: Path, declared: StudyFile) -> list[tuple[Path, int, int]]:
    """Return what changes with a file, without reading it."""
    return [(path, path.stat().st_size, path.stat().st_mtime_ns) for path in _all_files(folder, declared)]


def fingerprint(folder: Path, declared: StudyFile) -> str:
    """Return SHA-256 over all that a study is read from."""
    parts = [f"{path.name} {sha256_of(path)}" for path in _all_files(folder, declared)]
    return hashlib.sha256("\n".join([builtin().version, *parts]).encode()).hexdigest()
