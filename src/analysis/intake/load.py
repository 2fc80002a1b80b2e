"""A study folder becomes a :class:`~analysis.study.Study`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from analysis.hips.cohort import Read
from analysis.intake.admission import check_admission
from analysis.intake.checks import check_assessments, check_interventions, latest_day
from analysis.intake.combine import add_persons, split_tables
from analysis.intake.corrections import CORRECTIONS, apply_corrections, read_corrections, unused_corrections
from analysis.intake.drops import rows_kept, without_copies
from analysis.intake.fill_down import filled_down
from analysis.intake.identifiers import check_identifiers
from analysis.intake.mapping import Place, columns_by_use, is_of_persons, note_unused
from analysis.intake.no_patient import without_blank_rows
from analysis.intake.parents import parent_source, with_parents
from analysis.intake.problems import Problems, place_of
from analysis.intake.processed import described, is_processed, read_processed
from analysis.intake.readers import read_source
from analysis.intake.reshape import no_rows, person_rows, tidy_rows
from analysis.intake.sheet import Sheet
from analysis.intake.study_file import Source, StudyFile, read_study_file
from analysis.intake.suspicions import check_readings
from analysis.intake.unpack import packed_in
from analysis.intake.visits_grid import visits_grid
from analysis.intake.whole_study import WholeStudy
from analysis.protocol import Protocol, builtin, load_protocol
from analysis.protocol.faults import admission_faults
from analysis.schema import conform
from analysis.study import Study
from analysis.usererror import StudyError


def read_study(folder: str | Path) -> Study:
    """Read a study with everything that is wrong with it.

    Cells with errors are missing in the tables. Use :func:`load` for analysis.

    Raises
    ------
    StudyError, ProtocolError
        ``study.toml`` or the protocol cannot be used at all.
    """
    folder = Path(folder)
    if is_processed(folder):
        return read_processed(folder)
    declared = read_study_file(folder)
    protocol = _protocol(folder, declared)
    problems = Problems()
    corrections = read_corrections(folder, problems)
    unused_corrections(corrections, {name for source in declared.source for name in source.files}, problems)

    def prepared(source: Source, sheet: Sheet) -> Sheet:
        corrected = apply_corrections(sheet, corrections.correction, problems)
        kept = rows_kept(corrected, corrections.drop, problems)
        # A row that is dropped still says whose those beneath it are.
        sheet = filled_down(corrected, sheet, source, problems).keep(kept)
        return without_copies(without_blank_rows(sheet, source, problems), source.identical_rows, problems)

    def parents(source: Source) -> Sheet | None:
        sheet = read_source(folder, source, problems)
        return None if sheet is None else prepared(source, sheet)

    visits, persons = [], []
    used: set[Place] = set()
    unused: set[Place] = set()
    for source, sheet in _sheets(folder, declared, problems):
        sheet = with_parents(prepared(source, sheet), source, source.parent, parents, problems)
        of_this, not_of_this = columns_by_use(source, sheet)
        used |= of_this
        unused |= not_of_this
        if is_of_persons(source, protocol):
            persons.append(person_rows(sheet, source, protocol, problems))
        else:
            visits.append(tidy_rows(sheet, source, protocol, problems))
    note_unused(unused - used, problems)
    together = pd.concat(visits, ignore_index=True) if visits else no_rows()
    assessments, interventions = split_tables(together, protocol, problems)
    if persons:
        assessments = add_persons(assessments, pd.concat(persons, ignore_index=True), protocol, problems)
    assessments = conform(assessments, "assessments", protocol)
    interventions = conform(interventions, "interventions", protocol)
    grid, read = visits_grid(assessments), Read(assessments, protocol)
    check_assessments(assessments, grid, protocol, problems, latest_day(pd.Timestamp.now("UTC")))
    check_identifiers(assessments, grid, problems)
    check_readings(assessments, grid, read, protocol, problems)
    check_interventions(interventions, assessments, problems, protocol)
    check_admission(assessments, grid, protocol, problems)
    whole = WholeStudy(protocol)
    whole.add(assessments, grid, read)
    whole.report(problems)
    return Study(
        name=declared.name,
        folder=folder.resolve().name,
        synthetic=declared.synthetic,
        public=declared.public,
        protocol=protocol,
        assessments=assessments,
        interventions=interventions,
        problems=problems.table(),
        fingerprint=_fingerprint(folder, declared),
        declared_policy=declared.policy,
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


def _sheets(folder: Path, declared: StudyFile, problems: Problems) -> Iterator[tuple[Source, Sheet]]:
    """Read each file, one after the other, so that no two need be kept; what cannot be read is left out."""
    for source in declared.source:
        sheet = read_source(folder, source, problems)
        if sheet is not None:
            yield source, sheet


def read_sheets(folder: str | Path) -> Iterator[Sheet]:
    """Read the files of a study as they are, without what corrects them; what cannot be read is left out."""
    for source, sheet in _sheets(Path(folder), read_study_file(Path(folder)), Problems()):
        yield sheet
        while source.parent is not None:
            source = parent_source(source, source.parent).model_copy(update={"parent": source.parent.parent})
            if (above := read_source(Path(folder), source, Problems())) is not None:
                yield above


def fingerprint_of_files(folder: str | Path) -> str:
    """Return the fingerprint that loading a study folder would give, without reading its tables."""
    folder = Path(folder)
    return described(folder).fingerprint if is_processed(folder) else _fingerprint(folder, read_study_file(folder))


def _fingerprint(folder: Path, declared: StudyFile) -> str:
    sources = dict.fromkeys(name for source in declared.source for name in source.files)
    files = ["study.toml", CORRECTIONS, declared.protocol or "", *sources]
    # Of an archive all counts, once, whichever of its tables are used.
    paths = [path for path in dict.fromkeys(packed_in(folder / name)[0] for name in files if name) if path.is_file()]
    parts = [f"{path.name} {_sha256(path)}" for path in paths]
    return hashlib.sha256("\n".join([builtin().version, *parts]).encode()).hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load(folder: str | Path) -> Study:
    """Load a study for analysis.

    Parameters
    ----------
    folder
        A folder with a ``study.toml``, or one that ``capsule process`` wrote.

    Returns
    -------
    Study
        Validated tables; ``problems`` lists the warnings and notes.

    Raises
    ------
    StudyError
        The study has errors. The message counts them and names the first ones without showing any
        value; ``capsule check`` lists all.
    """
    study = read_study(folder)
    if len(study.errors):
        first = study.errors.head(5)
        lines = [f"{study.folder}: errors in the data ({len(study.errors)}); `capsule check` lists all. The first:"]
        lines += [f"  {place_of(item)}: {item['message']}" for item in first.to_dict("records")]
        raise StudyError("\n".join(lines))
    return study
