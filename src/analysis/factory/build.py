"""Build one report: execute, export, place; what fails is told in a manifest and the old report stays."""

import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from analysis.factory import fingerprints
from analysis.factory.execution.execute import Execution, execute
from analysis.factory.exporters.document import Document, read_document
from analysis.factory.exporters.html import write_page
from analysis.factory.exporters.pdf import set_on_paper
from analysis.factory.exporters.typeset import fonts
from analysis.factory.exporters.typst_markup import TypstWriter
from analysis.factory.failure import Failure
from analysis.factory.identifiers import identifiers, shows_any
from analysis.factory.limits import USUAL, Limits
from analysis.factory.notebook import read_notebook, tags
from analysis.factory.plan import Job
from analysis.factory.publishing.manifest import CellRecord, FileRecord
from analysis.factory.publishing.place import Made, failed_manifest, manifest_of, place
from analysis.factory.reach import INJECTED
from analysis.show.display import Table


def build_report(job: Job, out: Path, limits: Limits = USUAL) -> Failure | None:
    """Build one report and put it in place, or record why it could not be built.

    Parameters
    ----------
    job : Job
        What to build.
    out : Path
        The output folder, locked by the caller.
    limits : Limits
        What it may take.

    Returns
    -------
    Failure or None
        None when the report is in place.
    """
    return place(job, make_report(job, limits), out)


def make_report(job: Job, limits: Limits = USUAL) -> Made:
    """Make the files of one report without writing any; whatever goes wrong is a failure of this report only."""
    started = datetime.now(UTC)
    execution: Execution | None = None
    try:
        source = read_notebook(job.notebook)
        execution = execute(source, job.kernel_parameters(), job.notebook.parent, seed=job.seed, limits=limits)
        if execution.failure is None:
            return _export_all(job, execution, started)
        failure, private = execution.failure, {".ipynb": _text(nbformat.writes(execution.notebook))}
    except _ExportError as error:
        failure, private = error.failure, {".txt": _text("".join(traceback.format_exception(error.cause)))}
    except Exception as error:  # one report's fault, whatever it is, must not stop the others
        failure, private = Failure(type(error).__name__, "The report could not be built."), {}
    cells = _cell_records(execution)
    return Made({}, failed_manifest(job, failure, started, cells=cells), private, failure)


class IdentifierShownError(Exception):
    """A report that withholds shows an identifier of a patient."""


class _ExportError(Exception):
    """One of the exporters failed, or may not go on."""

    def __init__(self, kind: str, cause: Exception) -> None:
        super().__init__(kind)
        self.cause = cause
        why = f"The notebook ran, but its {kind.upper()} could not be made."
        if isinstance(cause, IdentifierShownError):
            why = "The page shows an identifier of a patient; only an internal report may."
        self.failure = Failure(type(cause).__name__, why)


def _export_all(job: Job, execution: Execution, started: datetime) -> Made:
    try:
        report = read_document(without_study_path(execution.notebook, job.study))
    except Exception as error:
        raise _ExportError(job.formats[0], error) from error
    names = identifiers(job.study, job.internal)
    glance = " ".join(f"{fact.label} {fact.text}" for fact in report.glance)
    if names and shows_any(write_page(report) + glance, names):
        raise _ExportError(job.formats[0], IdentifierShownError())
    files: dict[str, bytes] = {}
    unshown = report.unshown
    for kind in job.formats:
        try:
            files[f".{kind}"], on_this = export(report, kind, job.paper)
            unshown += on_this
        except Exception as error:
            raise _ExportError(kind, error) from error
    records = {
        suffix.lstrip("."): FileRecord(
            name=job.stem.name + suffix, size=len(content), sha256=fingerprints.of_bytes(content)
        )
        for suffix, content in files.items()
    }
    manifest = manifest_of(
        job,
        started,
        status="fresh",
        files=records,
        title=report.title,
        marks=report.marks,
        unshown=unshown,
        glance=report.glance,
        cells=_cell_records(execution),
    )
    return Made(files, manifest)


def export(report: Document, kind: str, paper: str) -> tuple[bytes, int]:
    """Write a report as ``html`` or, on sheets of that size, ``pdf``; and count what this kind alone cannot show.

    nbconvert's exporters do the same; the looking for them and their checks between steps that change nothing
    would take longer than the writing of a page.
    """
    if kind == "html":
        return write_page(report).encode(), 0
    written = set_on_paper(report, paper)
    return written.pdf, written.unshown


def rehearse() -> None:
    """Take a small notebook all the way but for running it and for typst, whose threads no fork survives.

    Forks then find schemas, patterns and templates compiled; else each would compile them for itself.
    """
    shown = new_output("display_data", Table(["a"], [["b"]], "T")._repr_mimebundle_())
    given = new_code_cell('d: str = ""', metadata={"tags": ["parameters"]})
    cells = [new_markdown_cell("# A\n\n*b*"), given, new_code_cell("c", outputs=[shown])]
    kernel = {"display_name": "", "language": "python", "name": "python3"}
    notebook = new_notebook(cells=cells, metadata={"kernelspec": kernel})
    read = nbformat.reads(nbformat.writes(notebook), as_version=4)
    papermill.execute_notebook(read, None, {"d": "e"}, prepare_only=True, progress_bar=False)
    report = read_document(read)
    write_page(report)
    TypstWriter().write(report, "a4")
    fonts()


def without_study_path(notebook: NotebookNode, study: Path) -> NotebookNode:
    """Copy an executed notebook without the injected parameters and the study's path in its outputs."""
    copy = nbformat.from_dict(notebook)
    copy.cells = [cell for cell in copy.cells if INJECTED not in tags(cell)]
    for cell in copy.cells:
        if "outputs" in cell:
            cell.outputs = nbformat.from_dict(_replaced(cell.outputs, str(study), study.name))
    return copy


def _replaced(value: Any, old: str, new: str) -> Any:
    match value:
        case str():
            return value.replace(old, new)
        case Mapping():
            return {key: _replaced(item, old, new) for key, item in value.items()}
        case list():
            return [_replaced(item, old, new) for item in value]
        case _:
            return value


def _cell_records(execution: Execution | None) -> tuple[CellRecord, ...]:
    return tuple(CellRecord(**vars(cell)) for cell in execution.cells) if execution else ()


def _text(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")
