"""A study, two notebooks and an output folder for tests of the factory."""

from datetime import UTC, datetime
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from analysis.factory import fingerprints
from analysis.factory.factory import Summary, build_reports
from analysis.factory.failure import Failure
from analysis.factory.publishing.manifest import FileRecord
from analysis.factory.publishing.place import Made, failed_manifest, manifest_of, place
from analysis.show.display import SENTINEL_MIME

HOSTILE = "../../x<script>\x00{braces}"
SENTINEL = {"title": "Tiny", "subtitle": "", "study": "Spring", "marks": ["SYNTHETIC"], "provenance": []}


def write_notebook(path: Path, code: str) -> Path:
    parameters = new_code_cell('study: str = ""\nclinic_id: str = ""', metadata={"tags": ["parameters"]})
    # A parameter that no cell reads is refused.
    closing = new_code_cell(f"_ = clinic_id\ndisplay({{{SENTINEL_MIME!r}: {SENTINEL}, 'text/plain': 'end'}}, raw=True)")
    cells = [new_markdown_cell("# Tiny"), parameters, new_code_cell(code), closing]
    nbformat.write(new_notebook(cells=cells), path)
    return path


class Desk:
    """A study, two notebooks and an output folder."""

    def __init__(self, folder: Path) -> None:
        self.out = folder / "out"
        self.study = folder / "spring {2026}"
        self.study.mkdir()
        (self.study / "study.toml").write_text('name = "Spring"\npublic = true')
        (self.study / "visits.csv").write_text("a\n1\n")
        self.good = write_notebook(folder / "good.ipynb", "print('Rows of', study, repr(clinic_id))")
        self.bad = write_notebook(folder / "bad.ipynb", "assert not clinic_id, 'Jane Doe of ' + study")

    def build(self, **order) -> Summary:
        order = {"by": "clinic_id", "groups": ["001", HOSTILE], "jobs": 2} | order
        return build_reports(self.study, [self.good, self.bad], self.out, **order)


def pretend(page=b"page", marks=()):
    """Return what stands in for `local_builder` and runs nothing: a notebook named bad fails, others give this page."""

    def build(jobs, out, limits, done):
        for job in jobs:
            now, failure = datetime.now(UTC), Failure("ValueError", "It failed.")
            record = FileRecord(name=f"{job.stem.name}.html", size=len(page), sha256=fingerprints.of_bytes(page))
            made = Made({".html": page}, manifest_of(job, now, status="fresh", files={"html": record}, marks=marks))
            if job.notebook.stem == "bad":
                made = Made({}, failed_manifest(job, failure, now), {".ipynb": b"{}"}, failure)
            done(job, place(job, made, out))

    return lambda workers: build
