"""The index: one page for people, whatever words stand in it, linking only to what is there."""

import base64
import hashlib
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from analysis.factory.publishing.index import build_index
from analysis.factory.publishing.manifest import SUFFIX, FailureRecord, FileRecord, Manifest
from analysis.factory.publishing.overview import overview
from analysis.show.facts import Fact

WHEN = datetime(2026, 5, 4, 13, 30, tzinfo=UTC)
VOID = {"meta", "input"}


class Page(HTMLParser):
    """Checks that elements nest, and gathers links, attributes and the words of each table row."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.rows: list[str] = []
        self.feed(source)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.attributes += attrs
        if tag == "a":
            self.links.append(dict(attrs)["href"])
        if tag == "tr":
            self.rows.append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "tr" in self.open:
            self.rows[-1] = " ".join(f"{self.rows[-1]} {data}".split())


def write_report(out: Path, place: str, **fields) -> None:
    path = out / place
    path.parent.mkdir(parents=True, exist_ok=True)
    record = FileRecord(name=f"{path.name}.html", size=3, sha256="")
    known = {"status": "fresh", "key": "", "inputs": {}, "notebook": "r.ipynb", "title": "Outcomes"}
    known |= {"study": "Spring", "group_by": None, "group": None, "parameters": {}, "versions": {}}
    known |= {"git_commit": None, "started": WHEN, "finished": WHEN, "files": {"html": record}}
    manifest = Manifest(**known | fields)
    path.with_name(path.name + SUFFIX).write_text(manifest.model_dump_json())
    for file in manifest.files.values():
        (path.parent / file.name).write_bytes(b"x" * 2500)


def read_page(out: Path) -> Page:
    return Page(build_index(out).index.read_text(encoding="utf-8"))


@pytest.fixture
def out(tmp_path):
    failure = FailureRecord(error="ValueError", message="Cell 4 raised ValueError.", cell=4, at=WHEN)
    write_report(tmp_path, "spring/clinic_id/10/r", group_by="clinic_id", group="10")
    write_report(tmp_path, "spring/clinic_id/2/r", group_by="clinic_id", group="2", status="stale", failure=failure)
    write_report(tmp_path, "spring/r", marks=("SYNTHETIC",))
    write_report(tmp_path, "autumn/r", study="Autumn", status="failed", failure=failure, files={})
    (tmp_path / ".failed").mkdir()
    write_report(tmp_path / ".failed", "spring/r", study="Hidden")
    return tmp_path


def test_rows_stand_by_study_then_whole_study_then_groups_as_people_count(out):
    assert read_page(out).rows == [
        "Report About Read Status Built (UTC)",
        "Outcomes Whole study No file Failed Cell 4 raised ValueError. Never built",
        "Report About Read Status Built (UTC)",
        "Outcomes SYNTHETIC Whole study HTML 2 KB Up to date 2026-05-04 13:30",
        "Outcomes clinic_id 2 HTML 2 KB Out of date Cell 4 raised ValueError. 2026-05-04 13:30",
        "Outcomes clinic_id 10 HTML 2 KB Up to date 2026-05-04 13:30",
    ]


def test_every_link_is_relative_and_leads_to_a_file(out):
    (out / "spring" / "r.html").unlink()
    page = read_page(out)
    assert len(page.links) == 2
    assert all((out / link).is_file() for link in page.links)
    assert "Files missing" in page.rows[3]


def test_page_needs_no_network_and_its_policy_admits_only_its_own_style_and_script(out):
    source = build_index(out).index.read_text(encoding="utf-8")
    assert source.count("<script>") == source.count("<script") == 1
    assert not re.search(r"https?:|//[a-z]|url\(|@import| style=| on[a-z]+=", source)
    inside = [re.search(f"<{tag}>(.*)</{tag}>", source, re.DOTALL)[1] for tag in ("style", "script")]
    style, script = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in inside)
    assert f"default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'" in source


def test_hostile_words_stay_words(tmp_path):
    hostile = "</style><script>alert(1)</script>\" onclick='x' \x00\x1b{{ 7*7 }}"
    write_report(tmp_path, "s/r", title=hostile, study=hostile, group_by="clinic_id", group=hostile, marks=(hostile,))
    page = read_page(tmp_path)
    source = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert source.count("<script") == 1
    assert not any(name.startswith("on") for name, _ in page.attributes)
    assert not re.search(r"[\x00-\x08\x0e-\x1f]", source)
    assert page.rows[1].count("{{ 7*7 }}") == 3


@pytest.mark.parametrize("content", ["", "{", "[]", '{"schema_version": 99}'])
def test_damaged_manifest_is_named_and_the_rest_is_listed(out, content):
    (out / "spring" / "bad.manifest.json").write_text(content)
    source = build_index(out).index.read_text(encoding="utf-8")
    assert "<code>spring/bad.manifest.json</code>" in source
    assert source.count('scope="row"') == 4


def test_manifest_cannot_name_a_file_elsewhere(out):
    path = out / "spring" / "r.manifest.json"
    path.write_text(path.read_text().replace('"r.html"', '"../../../etc/passwd"'))
    assert "<code>spring/r.manifest.json</code>" in build_index(out).index.read_text(encoding="utf-8")


def test_empty_folder_says_so(tmp_path):
    assert "no reports in this folder yet" in build_index(tmp_path).index.read_text(encoding="utf-8")


RATE = {"label": "Responders", "text": "6/20 (30 %)", "value": 0.3, "ends": [0.1, 0.5], "beside": 0.02}
TREND = {"label": "Over time", "text": "may have changed", "series": [0.25, None, 0.5, 0.0], "stands_out": True}
EMPTY = {"label": "Beside all", "text": ""}


def test_the_page_begins_with_a_line_for_each_clinic(tmp_path):
    write_report(tmp_path, "c/report", group_by="clinic_id", group="2", glance=[RATE | {"value": 0.2}, EMPTY, TREND])
    write_report(tmp_path, "w/report", glance=[RATE, EMPTY])
    write_report(tmp_path, "b/report", group_by="clinic_id", group="1")
    write_report(tmp_path, "d/report", group_by="clinic_id", group="3", glance=[RATE], status="gone")
    page = read_page(tmp_path)
    assert page.rows[:4] == [
        "About Responders Over time",  # nothing is said in the other column
        "Whole study 6/20 (30 %)",
        "clinic_id 2 6/20 (30 %) may have changed",
        "Report About Read Status Built (UTC)",
    ]
    assert page.links[:2] == ["w/report.html", "c/report.html"]


def test_the_drawings_are_to_scale():
    facts = [[Fact(**RATE), Fact(**TREND)], [Fact(**RATE | {"value": 0.2, "ends": (0.0, 0.25)})]]
    table = overview([(name, "", "fresh", known) for name, known in zip("ab", facts, strict=True)])
    (rate, trend), (other, nothing) = (line.cells for line in table.lines)
    assert [rate.low, rate.dot, rate.high, rate.reference] == [25.8, 71.4, 117.0, 71.4]  # 3 + 114 × share / 0.5
    assert [other.low, other.dot, other.high, other.reference] == [3.0, 48.6, 60.0, 71.4]
    assert trend.dots == ((3.0, 10.0), (79.0, 3.0), (117.0, 17.0))  # of three steps, the second not known
    assert trend.lines == ("79.0,3.0 117.0,17.0",)
    assert [nothing.text, nothing.dots, rate.order, trend.order] == ["", (), "0.300000", ""]


def test_without_facts_there_is_no_overview(out):
    assert "At a glance" not in build_index(out).index.read_text()
