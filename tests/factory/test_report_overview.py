"""All clinics at a glance: the map of the network, and the overview on paper beside the index."""

from datetime import UTC, datetime

import pypdf
import pytest

from analysis.factory import factory
from analysis.factory.publishing.index import Entry, Link, build_index, render
from analysis.factory.publishing.manifest import SUFFIX, FileRecord, Manifest
from analysis.factory.publishing.network_map import network_map
from analysis.factory.publishing.overview import overview
from analysis.factory.publishing.overview_pdf import OVERVIEW, Sheet, contents
from analysis.factory.publishing.verify import verify
from analysis.show.facts import BESIDE_ALL, Fact

WHEN = datetime(2026, 5, 4, 13, 30, tzinfo=UTC)
WITHIN = Fact(label=BESIDE_ALL, text="within the limits")
ABOVE = Fact(label=BESIDE_ALL, text="above the limits: look again", stands_out=True)
TREND = Fact(label="Over time", text="no sign of change", series=(0.1, None, 0.2, 0.3))


def rate(value, reach=0.1):
    return Fact(label="Responders", text=f"{value:.0%}", value=value, ends=(max(0, value - reach), value + reach))


HIDDEN = Fact(label="Responders", text="withheld")


def lines(*facts):
    return [(f"Clinic {n}", {fact.label: fact for fact in known}) for n, known in enumerate(facts, start=1)]


def test_the_map_is_to_one_scale_and_says_who_lies_outside():
    drawn = network_map("Responders", lines([rate(0.1), WITHIN], [rate(0.4), ABOVE], [HIDDEN]), rate(0.2))
    (row,) = drawn.rows
    high = row.bottom - row.top
    assert drawn.highest == "50 %"  # the highest end of any interval
    assert [round((row.bottom - y) / high, 3) for y in (row.spots[0].dot, row.spots[1].dot, row.reference)] == [
        0.2,
        0.8,
        0.4,
    ]
    assert [spot.outside for spot in row.spots] == [False, True, False]
    assert row.spots[2].dot is None
    assert [spot.title for spot in row.spots] == [
        "Clinic 1: 10%, within the limits",
        "Clinic 2: 40%, above the limits: look again",
        "Clinic 3: withheld",
    ]
    assert (
        drawn.title
        == "Responders in 2 of 3 groups: 10 % to 40 %; the whole study 20 %; 1 outside their limits (Clinic 2)"
    )


def test_two_thousand_clinics_have_a_place_each_and_none_beyond_the_edge():
    drawn = network_map("Responders", lines(*[[rate(n / 4000), WITHIN] for n in range(2000)]), None)
    spots = [(spot.x, row.bottom) for row in drawn.rows for spot in row.spots]
    assert len(set(spots)) == 2000
    left, right = drawn.box
    assert all(left <= x <= right for x, _ in spots)
    assert max(bottom for _, bottom in spots) <= drawn.height < 600
    assert not any(spot.name for row in drawn.rows for spot in row.spots)


@pytest.mark.parametrize("facts", [[[rate(0.1)]], [[HIDDEN], [HIDDEN]], [[TREND], [TREND]]])
def test_with_fewer_than_two_rates_there_is_no_map(facts):
    assert network_map("Responders", lines(*facts), rate(0.2)) is None


def test_where_all_is_withheld_no_drawing_is_explained():
    for facts, drawn in (([HIDDEN], False), ([HIDDEN, TREND], True), ([rate(0.2)], True)):
        seen = overview([("A", "a.html", "fresh", facts)])
        assert seen.draws is drawn
        entry = Entry("S", "T", "A", "fresh", "", (), (Link("HTML", "a.html", "1 KB"),), WHEN, tuple(facts))
        assert ("short bar" in render([entry])) is drawn
        assert (b"short bar" in contents([Sheet("S", [], seen, [])], "a4")) is drawn


def write_report(out, group, facts, kinds=("html", "pdf"), **fields):
    path = out / "spring" / (group or "whole") / "clinic"
    path.parent.mkdir(parents=True, exist_ok=True)
    known = {"status": "fresh", "key": "", "inputs": {}, "notebook": "r.ipynb", "title": "Outcomes", "study": "Spring",
             "group_by": "clinic_id" if group else None, "group": group or None, "parameters": {}, "versions": {},
             "group_label": f"Clinic {group}", "git_commit": None, "started": WHEN, "finished": WHEN, "glance": facts,
             "files": {kind: FileRecord(name=f"clinic.{kind}", size=3, sha256="") for kind in kinds}}  # fmt: skip
    path.with_name(path.name + SUFFIX).write_text(Manifest(**known | fields).model_dump_json())
    for kind in kinds:
        path.with_suffix(f".{kind}").write_bytes(b"x")


@pytest.fixture
def out(tmp_path):
    write_report(tmp_path, "", [rate(0.2), TREND], marks=("SYNTHETIC",))
    for n in range(40):
        write_report(tmp_path, f"C{n:02}", [rate(n / 100), ABOVE if n == 39 else WITHIN, TREND], marks=("SYNTHETIC",))
    write_report(tmp_path, "Hidden", [HIDDEN], marks=("SYNTHETIC",))
    return tmp_path


def words(path):
    return [" ".join(page.extract_text().split()) for page in pypdf.PdfReader(path).pages]


def test_the_overview_on_paper_says_what_the_index_says(out):
    page = build_index(out).index.read_text(encoding="utf-8")
    assert f'href="{OVERVIEW}"' in page
    pages = words(out / OVERVIEW)
    whole = " ".join(pages)
    for n in range(40):
        assert f"Clinic C{n:02} {n / 100:.0%} " in whole
    assert "Clinic Hidden withheld" in whole
    assert "above the limits: look again" in whole
    assert len(pages) > 1
    for number, text in enumerate(pages, start=1):
        assert "SYNTHETIC" in text
        assert f"page {number} of {len(pages)}" in text
        assert "Beside all clinics" in text  # the headings, on each page
    reader = pypdf.PdfReader(out / OVERVIEW)
    assert reader.metadata.title == "All at a glance"
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    width, height = reader.pages[0].mediabox[2:]
    assert width > height


def test_equal_reports_give_equal_bytes_and_are_not_set_again(out, monkeypatch):
    kept = build_index(out).overview
    first = (out / OVERVIEW).read_bytes()
    (out / OVERVIEW).unlink()
    assert build_index(out).overview == kept
    assert (out / OVERVIEW).read_bytes() == first
    monkeypatch.setattr("analysis.factory.publishing.index.set_overview", None)  # it would fail if it were asked
    assert build_index(out, kept=kept).overview == kept


def test_a_changed_file_or_a_changed_fact_is_set_again(out):
    kept = build_index(out).overview
    original = (out / OVERVIEW).read_bytes()
    (out / OVERVIEW).write_bytes(original + b"%")
    assert build_index(out, kept=kept).overview == kept
    assert (out / OVERVIEW).read_bytes() == original
    write_report(out, "C00", [rate(0.5), WITHIN, TREND])
    assert build_index(out, kept=kept).overview != kept
    assert "Clinic C00 50% " in words(out / OVERVIEW)[0]


def test_where_reports_are_pages_alone_there_is_no_overview_on_paper(out, tmp_path):
    build_index(out)
    for n in range(40):
        write_report(out, f"C{n:02}", [rate(n / 100)], kinds=("html",))
        (out / "spring" / f"C{n:02}" / "clinic.pdf").unlink()
    for group in ("", "Hidden"):
        write_report(out, group, [rate(0.2)], kinds=("html",))
    listed = build_index(out)
    assert listed.overview is None
    assert not (out / OVERVIEW).exists()
    assert OVERVIEW not in listed.index.read_text(encoding="utf-8")


def test_letter_paper_and_hostile_words(tmp_path):
    hostile = '#read("/etc/passwd") $x$ <script> \\'
    for group in ("A", hostile.replace("/", ""), "髋"):
        write_report(tmp_path, group, [Fact(label="Responders", text=hostile)])
    build_index(tmp_path, "us-letter")
    text = " ".join(words(tmp_path / OVERVIEW))
    assert hostile in text
    assert "U+9ACB" in text  # a character that no font has is named
    assert pypdf.PdfReader(tmp_path / OVERVIEW).pages[0].mediabox[2:] == [792, 612]


def test_the_overview_of_internal_reports_is_for_its_owner_alone(tmp_path):
    write_report(tmp_path, "A", [rate(0.2)], marks=("INTERNAL",))
    build_index(tmp_path)
    assert (tmp_path / OVERVIEW).stat().st_mode & 0o077 == 0


def test_verify_finds_a_flipped_byte_and_a_lost_overview(out):
    factory._end({}, out, "a4")

    def found():
        return [finding.message for finding in verify(out) if finding.file == OVERVIEW]

    assert found() == []
    content = (out / OVERVIEW).read_bytes()
    (out / OVERVIEW).write_bytes(content[:-1] + b"?")
    assert found() == ["the file is not as it was written"]
    (out / OVERVIEW).unlink()
    assert found() == ["the file is missing"]
    factory._end({}, out, "a4")
    assert found() == []


def test_an_overview_that_typst_refuses_leaves_the_index_whole(out, monkeypatch):
    build_index(out)
    monkeypatch.setattr("analysis.factory.publishing.index.contents", lambda *_: b"no document")
    listed = build_index(out)
    assert listed.overview is None
    assert not (out / OVERVIEW).exists()
    assert "could not be set as PDF" in listed.index.read_text(encoding="utf-8")
