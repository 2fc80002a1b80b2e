"""The tables of a paper as a document for Word, whose header rows stand again on every page."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from analysis.outputs.paper import Paper
from analysis.show.display import Table
from analysis.usererror import UserError

LONG_AGO = datetime(2000, 1, 1)  # files must hold a date, and the same results must give the same bytes
_POINTS = 8.5


def word(made: Paper) -> bytes:
    """Return the tables as a .docx file on landscape pages, each with its number and caption above and notes below.

    Raises
    ------
    UserError
        The package python-docx is not installed.
    """
    try:
        from docx import Document
    except ModuleNotFoundError:
        raise UserError("docx needs the package python-docx: pip install 'capsule-outcomes[word]'") from None
    document = Document()
    _prepare(document, made.title)
    document.add_heading(made.title, level=1)
    for line in made.about:
        document.add_paragraph(line)
    for number, table in enumerate(made.tables, start=1):
        caption = document.add_paragraph(f"Table {number}. {table.caption}", style="Caption")
        caption.paragraph_format.keep_with_next = True
        _add(document, table)
        for note in table.notes:
            _small(document.add_paragraph(note))
        document.add_paragraph()
    return _bytes(document)


def _prepare(document: Any, title: str) -> None:
    """Turn the page, and put what the template says of itself out of the way."""
    from docx.enum.section import WD_ORIENT
    from docx.shared import Cm, RGBColor

    page = document.sections[0]
    page.orientation, page.page_width, page.page_height = WD_ORIENT.LANDSCAPE, Cm(29.7), Cm(21)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Cm(2)
    document.styles["Caption"].font.color.rgb = RGBColor(0, 0, 0)
    about = document.core_properties
    about.title, about.author, about.comments = title, "capsule-outcomes", ""
    about.created = about.modified = LONG_AGO


def _add(document: Any, table: Table) -> None:
    """Add a table: its header rows are repeated on each page, and no row is divided between two."""
    headers = 2 if table.header_groups else 1
    grid = document.add_table(rows=headers + len(table.rows), cols=len(table.columns), style="Table Grid")
    rows = [list(row.cells) for row in grid.rows]  # asking for one cell at a time takes long
    if table.header_groups:
        _fill_groups(rows[0], table.header_groups)
    _fill(rows[headers - 1], table.columns, table.sides, bold=True)
    for cells, row in zip(rows[headers:], table.rows, strict=True):
        if table.is_heading(row):
            cells[0].merge(cells[-1])
            _fill(cells[:1], row, ["left"], bold=True)
        else:
            _fill(cells, row, table.sides)
    for place, row in enumerate(grid.rows):
        _mark(row, "w:cantSplit")
        if place < headers:
            _mark(row, "w:tblHeader")


def _fill_groups(cells: Sequence[Any], groups: Sequence[tuple[str, int]]) -> None:
    start = 0
    for label, span in groups:
        cells[start].merge(cells[start + span - 1])
        _fill([cells[start]], [label], ["center"], bold=True)
        start += span


def _fill(cells: Sequence[Any], texts: Sequence[str], sides: Sequence[str], *, bold: bool = False) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN

    for cell, text, side in zip(cells, texts, sides, strict=True):
        paragraph = cell.paragraphs[0]
        paragraph.alignment = {"left": ALIGN.LEFT, "right": ALIGN.RIGHT, "center": ALIGN.CENTER}[side]
        paragraph.add_run(text).bold = bold
        _small(paragraph)


def _small(paragraph: Any) -> None:
    from docx.shared import Pt

    paragraph.paragraph_format.space_after = Pt(0)
    for run in paragraph.runs:
        run.font.size = Pt(_POINTS)


def _mark(row: Any, what: str) -> None:
    """Say something of a row that the library has no word for."""
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement(what))


def _bytes(document: Any) -> bytes:
    """Return the file with the clock taken out of it."""
    made, written = io.BytesIO(), io.BytesIO()
    document.save(made)
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            about = zipfile.ZipInfo(name, LONG_AGO.timetuple()[:6])
            target.writestr(about, source.read(name), zipfile.ZIP_DEFLATED)
    return written.getvalue()
