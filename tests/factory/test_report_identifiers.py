"""A page that names a patient is not published, unless the report is internal."""

from base64 import b64encode

import pytest

import report_desk
from analysis.factory.build import make_report
from analysis.factory.identifiers import identifiers, shows_any
from analysis.factory.plan import plan_jobs
from tests_support import rows_of, write_study


@pytest.fixture
def study(tmp_path):
    folder = tmp_path / "study"
    folder.mkdir()
    return write_study(folder, ["P" + row for row in rows_of(6)])


@pytest.mark.parametrize(("shown", "error"), [("P003", "IdentifierShownError"), ("P03", None)])
def test_a_page_with_an_identifier_of_the_study_is_not_made(study, tmp_path, shown, error):
    notebook = report_desk.write_notebook(tmp_path / "own.ipynb", f"print('Patient {shown}', study[:1])")
    (job,) = plan_jobs(study, [notebook], formats=["html"])
    made = make_report(job)
    assert (made.failure and made.failure.error) == error
    assert ("P003" in str(made.manifest)) is False
    assert bool(made.files) is (error is None)


def test_nor_one_whose_line_in_the_overview_names_somebody(study, tmp_path, monkeypatch):
    fact = {"label": "Newest", "text": "of P003"}
    monkeypatch.setattr(report_desk, "SENTINEL", report_desk.SENTINEL | {"glance": [fact]})
    (job,) = plan_jobs(study, [report_desk.write_notebook(tmp_path / "own.ipynb", "study")], formats=["html"])
    assert make_report(job).failure.error == "IdentifierShownError"


def test_internal_reports_and_published_rows_may_name(study):
    assert identifiers(study, internal=False) == {f"P00{number}" for number in range(6)}
    assert identifiers(study, internal=True) == frozenset()
    toml = study / "study.toml"
    toml.write_text("synthetic = true\n" + toml.read_text())
    assert identifiers(study, internal=False) == frozenset()


@pytest.mark.parametrize(
    ("page", "name", "found"),
    [
        ("<td>A-17.2</td>", "A-17.2", True),
        ("<td>A-17.25</td>", "A-17.2", False),
        ("of Jane Doe, 12", "Jane Doe", True),
        ("title='P001'", "P001", True),
        ("of O&#39;Neil &amp; Co", "O'Neil & Co", True),
        (f"src='data:image/svg+xml;base64,{b64encode(b'<text>P001</text>').decode()}'", "P001", True),
    ],
)
def test_an_identifier_is_found_as_a_word_of_its_own(page, name, found):
    assert shows_any(page, [name]) is found


def test_a_short_number_cannot_be_told_from_a_result(tmp_path):
    folder = tmp_path / "numbers"
    folder.mkdir()
    assert identifiers(write_study(folder, rows_of(6)), internal=False) == frozenset()
