"""The rows of all files of a study, prepared and in our names, before they are joined."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from analysis.intake.corrections import apply_corrections, read_corrections, unused_corrections
from analysis.intake.drops import rows_kept, without_copies
from analysis.intake.fill_down import filled_down
from analysis.intake.mapping import Place, columns_by_use, is_of_persons, note_unused, used_columns
from analysis.intake.no_patient import without_blank_rows
from analysis.intake.parents import parent_source, with_parents
from analysis.intake.place import with_place
from analysis.intake.problems import Problems
from analysis.intake.readers import read_source
from analysis.intake.reshape import no_rows, person_rows, tidy_rows
from analysis.intake.sheet import Sheet
from analysis.intake.split import with_split_columns
from analysis.intake.study_file import Source, StudyFile, read_study_file
from analysis.protocol import Protocol


class Rows(NamedTuple):
    """Rows of visits and treatments; and of the files of persons, where there are such."""

    visits: pd.DataFrame
    persons: pd.DataFrame | None


def everyone(rows: pd.DataFrame) -> pd.DataFrame:
    """Return all rows."""
    return rows


def read_rows(
    folder: Path,
    declared: StudyFile,
    protocol: Protocol,
    problems: Problems,
    wanted: Callable[[pd.DataFrame], pd.DataFrame] = everyone,
) -> Rows:
    """Read all files of a study, one after the other, so that no two need be kept.

    ``wanted`` picks, of the rows of each file, those that are kept.
    """
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
    for number, (source, sheet) in enumerate(_sheets(folder, declared, problems), start=1):
        sheet = with_parents(prepared(source, sheet), source, source.parent, parents, problems)
        sheet = with_place(with_split_columns(sheet, source, problems), used_columns(source))
        of_this, not_of_this = columns_by_use(source, sheet)
        used |= of_this
        unused |= not_of_this
        if is_of_persons(source, protocol):
            persons.append(wanted(person_rows(sheet, source, protocol, problems)))
        else:
            visits.append(wanted(tidy_rows(sheet, source, protocol, problems, number)))
    note_unused(unused - used, problems)
    together = pd.concat(visits, ignore_index=True) if visits else no_rows()
    return Rows(together, pd.concat(persons, ignore_index=True) if persons else None)


def _sheets(folder: Path, declared: StudyFile, problems: Problems) -> Iterator[tuple[Source, Sheet]]:
    """Read each file; what cannot be read is left out."""
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
