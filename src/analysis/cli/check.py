"""The command that says what is wrong with the data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from analysis.cli.app import DATA_FAILED, DONE, JsonFile, StudyFolder, app, put
from analysis.intake.memory import in_groups
from analysis.intake.processed import blocks, described, is_processed
from analysis.outputs.documents import check_document
from analysis.schema import was_measured
from analysis.show.problem_list import problem_lines
from analysis.show.words import count
from analysis.study import Study


@app.command()
def check(
    study: StudyFolder,
    json: JsonFile = None,
    errors_only: Annotated[bool, typer.Option("--errors-only", help="Leave warnings and notes out.")] = False,
    mark: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a copy with the cells marked: a new .xlsx or .html.")
    ] = None,
) -> int:
    """List every problem in the data; exit 1 if any is an error."""
    found, n_patients, n_visits = _read(study)

    def show() -> None:
        for line in problem_lines(found.problems, errors_only=errors_only):
            print(line)
        counts = found.problems["severity"].value_counts(sort=False)
        words = ", ".join(f"{n} {name}{'' if n == 1 else 's'}" for name, n in counts.items())
        size = f"{count(n_patients, 'patient')}, {count(n_visits, 'assessment')}"
        print(f"{found.name}: {size}; {words}.")

    put(check_document(found), json, show)
    if mark is not None:
        from analysis.outputs.marked import write_marked_copy  # few ask for it

        write_marked_copy(study, found.problems, mark)
        if json != "-":
            print(f"{mark}: written; it holds patients' data, and only you may read it")
    return DATA_FAILED if len(found.errors) else DONE


def _read(folder: Path) -> tuple[Study, int, int]:
    """Return a study without rows, which may be larger than memory, and how many patients and assessments it has."""
    n_patients = n_visits = 0
    if is_processed(folder):
        study = described(folder)
        columns = ["patient_id", *study.protocol.measures_of("assessments")]
        for block in blocks(folder, columns, study.protocol):
            n_patients += block["patient_id"].nunique()
            n_visits += int(was_measured(block, study.protocol).sum())
        return study, n_patients, n_visits
    reading = in_groups(folder)
    for tables in reading:
        n_patients += tables[0]["patient_id"].nunique()
        n_visits += int(was_measured(tables[0], reading.protocol).sum())
    return reading.study(*(table.iloc[:0] for table in tables)), n_patients, n_visits
