"""The whole chain, as `make report` runs it: from raw files to pages and paper that agree."""

import re
from functools import cache
from html import unescape
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote

import pytest
from pypdf import PdfReader

from analysis.factory.build import make_report
from analysis.factory.plan import plan_jobs
from tests_support import ROOT

FORMATS = ("html", "pdf")
PUBLISHED = ["1/12 (8 %", "3/12 (25 %", "12/27 (44 %", "18/27 (67 %"]


@cache
def text_of(path: Path) -> str:
    if path.suffix == ".pdf":
        text = " ".join(page.extract_text() for page in PdfReader(path).pages)
    else:
        text = unescape(re.sub(r"<[^>]*>", " ", path.read_text(encoding="utf-8")))
    return " ".join(text.split())


def test_every_link_of_the_index_opens(our_reports):
    links = re.findall(r'href="([^"#]+)"', (our_reports / "index.html").read_text(encoding="utf-8"))
    for study in ("demo", "bath-hips"):
        assert {f"{study}/{name}.{form}" for name in ("responders", "left_right") for form in FORMATS} <= set(links)
    assert all((our_reports / unquote(link)).is_file() for link in links)


@pytest.mark.parametrize("suffix", ["html", "pdf"])
def test_page_and_paper_hold_the_published_numbers(our_reports, suffix):
    text = text_of(our_reports / f"bath-hips/responders.{suffix}")
    assert [number for number in PUBLISHED if number not in text] == []
    text = text_of(our_reports / f"bath-hips/left_right.{suffix}")
    assert "Treatment 27 11 1 7 −22 (−42 to −2) .034" in text


@pytest.mark.parametrize("notebook", ["responders", "left_right"])
def test_page_and_paper_hold_the_same_numbers(our_reports, notebook):
    page, paper = (text_of(our_reports / f"demo/{notebook}.{suffix}") for suffix in ("html", "pdf"))
    rates = r"\d+/\d+ \([<>]?\d+ %; 95 % CI \d+–\d+\)|[+−]?\d+ \(−?\d+ to −?\d+\)"
    assert re.findall(rates, page)
    assert re.findall(rates, page) == re.findall(rates, paper)


def test_made_up_people_are_said_to_be_made_up_on_every_page(our_reports):
    for page in PdfReader(our_reports / "demo/responders.pdf").pages:
        assert "SYNTHETIC" in page.extract_text()
    assert "SYNTHETIC" not in text_of(our_reports / "bath-hips/responders.html")


def test_the_report_of_a_clinic_takes_two_pages_and_ends_with_the_words(our_reports):
    pages = [page.extract_text() for page in PdfReader(our_reports / "demo/clinic.pdf").pages]
    assert len(pages) == 2
    assert "What the words mean" in pages[1]


def test_so_does_that_of_the_clinic_with_most_to_say():
    demo, notebook = ROOT / "data/raw/demo", ROOT / "notebooks/clinic.ipynb"
    _, job = plan_jobs(demo, [notebook], by="clinic_id", groups=["C12"], formats=["pdf"])
    paper = make_report(job).files[".pdf"]
    assert len(PdfReader(BytesIO(paper)).pages) == 2


def test_a_second_run_builds_nothing(our_reports, capsule):
    _, said, _ = capsule("report", ROOT / "data/raw/bath-hips", "--out", our_reports)
    assert re.search(r"^0 built, \d+ up to date, 0 failed", said, re.MULTILINE)


def test_no_path_of_this_machine_is_published(our_reports):
    for path in [*our_reports.rglob("*.html"), *our_reports.rglob("*.json")]:
        assert str(ROOT) not in path.read_text(encoding="utf-8")
