"""A table of finished text, as semantic HTML, as a typst call and as aligned plain text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from analysis.show.typst_literals import TYPST_MIME, typst_call

PAD = {"left": str.ljust, "right": str.rjust, "center": str.center}


@dataclass(frozen=True)
class Table:
    """A table of finished text.

    Attributes
    ----------
    columns : sequence of str
        Column headings.
    rows : sequence of sequences of str
        One sequence per row, as long as `columns`; the first cell names the row. A row of one cell is a
        heading for the rows beneath it. Numbers come formatted; a missing one comes as the words to show.
    caption : str
        What the table shows. It is also the table's name for those who hear the page read.
    notes : sequence of str
        Remarks below the table.
    header_groups : sequence of (str, int), optional
        Headings above the columns, each with the number of columns it spans; together they span all.
    alignment : sequence of {"left", "right", "center"}, optional
        One per column. Default: the first left, the others right.

    Raises
    ------
    ValueError
        If a row, `header_groups` or `alignment` does not fit the columns, or a cell is not text.

    Examples
    --------
    >>> print(Table(["Side", "Responders"], [["left", "21 of 36"]], "Responders by side").plain)
    Responders by side
    Side  Responders
    ----  ----------
    left    21 of 36
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str
    notes: Sequence[str] = ()
    header_groups: Sequence[tuple[str, int]] | None = None
    alignment: Sequence[str] | None = None

    def __post_init__(self) -> None:
        problems = [*self._column_problems(), *self._row_problems()]
        if problems:
            raise ValueError(f"Table {self.caption!r}: " + "; ".join(problems))

    def _column_problems(self) -> Iterator[str]:
        width = len(self.columns)
        if not width:
            yield "it has no columns"
        if self.header_groups and (spanned := sum(span for _, span in self.header_groups)) != width:
            yield f"header_groups span {spanned} columns of {width}"
        if len(self.sides) != width or not set(self.sides) <= set(PAD):
            yield f"alignment needs one of {', '.join(PAD)} for each of {width} columns"

    def _row_problems(self) -> Iterator[str]:
        width = len(self.columns)
        for number, row in enumerate(self.rows, start=1):
            if len(row) not in (1, width):
                yield f"row {number} has {len(row)} cells, expected {width} (or 1 for a heading)"
            for cell in row:
                if not isinstance(cell, str):
                    yield f"row {number} holds a {type(cell).__name__}, format it as text first"

    @property
    def sides(self) -> Sequence[str]:
        """The side each column is aligned to."""
        return self.alignment or ["left", *["right"] * (len(self.columns) - 1)]

    def is_heading(self, row: Sequence[str]) -> bool:
        """Tell a heading over several rows from a row of values."""
        return len(row) == 1 and len(self.columns) > 1

    @property
    def html(self) -> str:
        """The table as HTML without styles, in a region that scrolls when the page is narrow."""
        caption = escape(self.caption)
        notes = "".join(f'<p class="table-notes">{escape(note)}</p>' for note in self.notes)
        return (
            f'<div class="table-scroll" role="region" tabindex="0" aria-label="{caption}">'
            f'<table class="capsule-table"><caption>{caption}</caption>'
            f"<thead>{_header_html(self)}</thead>{''.join(_bodies_html(self))}</table></div>{notes}"
        )

    @property
    def typst(self) -> str:
        """The table as a call of the report template's `capsule-table`."""
        return typst_call(
            "capsule-table",
            columns=self.columns,
            rows=self.rows,
            caption=self.caption,
            notes=self.notes,
            groups=self.header_groups,
            alignment=self.sides,
        )

    @property
    def plain(self) -> str:
        """The table as aligned text."""
        full_rows = [row for row in self.rows if not self.is_heading(row)]
        widths = [max(map(len, cells)) for cells in zip(self.columns, *full_rows, strict=True)]

        def line(cells: Sequence[str]) -> str:
            padded = (PAD[side](cell, width) for cell, side, width in zip(cells, self.sides, widths, strict=True))
            return "  ".join(padded).rstrip()

        rules = "  ".join("-" * width for width in widths)
        rows = [row[0] if self.is_heading(row) else line(row) for row in self.rows]
        return "\n".join([self.caption, *_group_line(self, widths), line(self.columns), rules, *rows, *self.notes])

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self.html, TYPST_MIME: self.typst, "text/plain": self.plain}


def _header_html(table: Table) -> str:
    # A heading without words would be announced as one; an empty cell is passed over.
    groups = (
        f'<th scope="colgroup" colspan="{span}">{escape(label)}</th>' if label else f'<td colspan="{span}"></td>'
        for label, span in table.header_groups or ()
    )
    columns = (
        f'<th scope="col" class="align-{side}">{escape(column)}</th>'
        for column, side in zip(table.columns, table.sides, strict=True)
    )
    above = f'<tr class="header-groups">{"".join(groups)}</tr>' if table.header_groups else ""
    return f"{above}<tr>{''.join(columns)}</tr>"


def _bodies_html(table: Table) -> Iterator[str]:
    """Yield one <tbody> per row heading, because a heading's scope is the body it stands in."""
    body: list[str] = []
    for row in table.rows:
        if table.is_heading(row):
            if body:
                yield f"<tbody>{''.join(body)}</tbody>"
            heading = f'<th scope="rowgroup" colspan="{len(table.columns)}"><span>{escape(row[0])}</span></th>'
            body = [f'<tr class="row-group">{heading}</tr>']
        else:
            body.append(_row_html(table, row))
    if body:
        yield f"<tbody>{''.join(body)}</tbody>"


def _row_html(table: Table, row: Sequence[str]) -> str:
    (name, side), *values = zip(row, table.sides, strict=True)
    cells = (f'<td class="align-{side}">{escape(text)}</td>' for text, side in values)
    return f'<tr><th scope="row" class="align-{side}">{escape(name)}</th>{"".join(cells)}</tr>'


def _group_line(table: Table, widths: Sequence[int]) -> list[str]:
    cells, start = [], 0
    for label, span in table.header_groups or ():
        cells.append(label.center(sum(widths[start : start + span]) + 2 * (span - 1)))
        start += span
    return ["  ".join(cells).rstrip()] if cells else []
