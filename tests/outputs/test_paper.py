"""The tables of a paper in Word and Markdown: cell by cell those of the reports, and withheld where these withhold."""

import io
import re
import sys
import zipfile

import mistune
import pytest
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN

from analysis.outputs.export import export
from analysis.outputs.paper import Paper, headings, markdown, paper
from analysis.outputs.word import word
from analysis.report import open_report
from analysis.show import tables
from analysis.show.display import Table
from notebook_runs import open_once
from tests_support import ROOT, bath, preloaded, small_study, write_private


@pytest.fixture(scope="module")
def private(tmp_path_factory):
    folder = write_private(tmp_path_factory.mktemp("private"), 40, 5, clinics=3)
    return open_report(preloaded(folder))


@pytest.fixture(scope="module")
def demo():
    return open_once(ROOT / "data/raw/demo", internal=True)


def rows_of_markdown(content):
    """Every table as a reader of Markdown sees it: its headings, then its rows, without marks."""
    found = mistune.create_markdown(renderer=None, plugins=["table"])(content.decode())

    def text(node):
        return node.get("raw", "") + "".join(map(text, node.get("children", [])))

    for node in found:
        if node["type"] == "table":
            head, *body = node["children"]
            yield [
                [text(cell) for cell in row]
                for row in [head["children"], *(r["children"] for r in body[0]["children"])]
            ]


def rows_of_word(content):
    for table in Document(io.BytesIO(content)).tables:
        yield [[cell.text for cell in row.cells] for row in table.rows]


def full(table, row):
    return [row[0], *[""] * (len(table.columns) - 1)] if table.is_heading(row) else list(row)


@pytest.mark.parametrize("which", ["demo", "private", "bath"])
def test_every_cell_stands_in_both_as_in_the_report(which, request):
    made = paper(bath() if which == "bath" else request.getfixturevalue(which))
    assert len(made.tables) >= 6
    in_markdown, in_word = list(rows_of_markdown(markdown(made))), list(rows_of_word(word(made)))
    assert len(in_markdown) == len(in_word) == len(made.tables)
    for table, lines, cells in zip(made.tables, in_markdown, in_word, strict=True):
        assert [[" ".join(text.split()) for text in row] for row in lines] == [
            headings(table), *(full(table, row) for row in table.rows)
        ]  # fmt: skip
        above = 1 if table.header_groups else 0
        wanted = [list(row) * (len(table.columns) if table.is_heading(row) else 1) for row in table.rows]
        assert cells[above:] == [list(table.columns), *wanted]  # a merged cell is given once for each column


def test_what_the_reports_withhold_is_withheld(private):
    made = paper(private)
    assert private.withholds
    shown = tables.tests_table(private.rates_of_each_test(), private.protocol)
    assert [table for table in made.tables if table.caption == shown.caption] == [shown]
    cells = [cell for table in made.tables for row in table.rows for cell in row]
    assert "withheld" in cells
    for content in (markdown(made), "\n".join(str(rows) for rows in rows_of_word(word(made))).encode()):
        assert content.decode().count("withheld") >= cells.count("withheld")
    assert [line for line in made.about if line.startswith("Withheld: ")] == [
        f"Withheld: {private._study.policy.words}"
    ]


def test_nothing_is_shown_of_four_people():
    """Of 4 patients a report shows no rate, and its flow neither."""
    made = paper(small_study(4))
    cells = [cell for table in made.tables for row in table.rows for cell in row[1:]]
    assert not [cell for cell in cells if re.search(r"\b[1-4]/\d|\d+ %", cell)], cells


def test_a_made_up_study_says_so_on_the_first_line(demo):
    assert paper(demo).about[0] == "SYNTHETIC, INTERNAL."
    assert "SYNTHETIC" in Document(io.BytesIO(word(paper(demo)))).paragraphs[1].text


GROUPED = Table(
    columns=["Side", "n", "Rate", "n", "Rate"],
    rows=[["Type 1"], ["left", "1", "2 %", "3", "4|5"], ["right", "–", "−6", "*7*", "<b>"]],
    caption="Two groups",
    notes=["A note with a_b."],
    header_groups=[("", 1), ("Before", 2), ("After", 2)],
)


def test_header_rows_stand_again_on_every_page_and_no_row_is_divided():
    content = word(Paper("T", ["About."], [GROUPED]))
    (table,) = Document(io.BytesIO(content)).tables
    repeated = ["tblHeader" in row._tr.xml for row in table.rows]
    assert repeated == [True, True, False, False, False]
    assert all("cantSplit" in row._tr.xml for row in table.rows)
    assert [cell.text for cell in table.rows[0].cells] == ["", "Before", "Before", "After", "After"]
    assert [cell.paragraphs[0].alignment for cell in table.rows[3].cells] == [ALIGN.LEFT, *[ALIGN.RIGHT] * 4]
    words = [paragraph.text for paragraph in Document(io.BytesIO(content)).paragraphs]
    assert words[:3] == ["T", "About.", "Table 1. Two groups"]
    assert "A note with a_b." in words


def test_markdown_has_no_second_header_row_and_says_the_group_in_each_heading():
    lines = markdown(Paper("T", [], [GROUPED])).decode().split("\n")
    assert lines[4] == "| Side | Before: n | Before: Rate | After: n | After: Rate |"
    assert lines[6] == "| **Type 1** |  |  |  |  |"
    assert lines[8] == r"| right | – | −6 | \*7\* | \<b\> |"
    assert lines[7].endswith(r"| 4\|5 |")


def test_the_same_tables_give_the_same_bytes_and_tell_of_no_machine():
    made = Paper("T", [], [GROUPED])
    content = word(made)
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert {about.date_time for about in file.infolist()} == {(2000, 1, 1, 0, 0, 0)}
    about = Document(io.BytesIO(content)).core_properties
    assert (about.author, about.title, about.created.year, about.last_modified_by) == (
        "capsule-outcomes",
        "T",
        2000,
        "",
    )
    assert content == word(made)


def test_without_the_package_one_line_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "docx", None)
    with pytest.raises(ValueError, match=r"pip install 'capsule-outcomes\[word\]'"):
        word(Paper("T", [], [GROUPED]))


def test_both_are_written_and_listed(tmp_path):
    assert export(bath(), tmp_path, ["md", "docx"]) == ["tables.docx", "tables.md", "manifest.json"]
