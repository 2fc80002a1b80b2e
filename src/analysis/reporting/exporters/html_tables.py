"""Tables in HTML, such as pandas writes, read back into tables of text for the PDF."""

from dataclasses import dataclass
from html.parser import HTMLParser

from analysis.display import Table

# The most columns HTML itself lets a cell span.
WIDEST_SPAN = 1000
# What fits between the margins of a page, in letters of the size that tables are set in.
PAGE_LETTERS = 90
_GUTTER = 2


def read_tables(html: str) -> list[Table]:
    """Read the tables in HTML.

    The words of a cell that spans several columns or rows stand in the first of them; a heading counts for
    every column it spans. Header lines above one another are joined column by column. A table within a table
    is not looked for.

    Parameters
    ----------
    html : str
        HTML of an output.

    Returns
    -------
    list of Table
        In the order of the page, without tables that have no cells.

    Examples
    --------
    >>> read_tables("<table><tr><th>Side</th></tr><tr><td>left</td></tr></table>")[0].rows
    [['left']]
    """
    parser = _TableParser()
    parser.feed(html)
    parser.close()
    return [_to_table(found) for found in parser.found if any(found.rows)]


def fit_to_page(table: Table) -> list[Table]:
    """Divide a table that is too wide for a page into tables below one another, each with its first column.

    Cells break between words, so a column needs the room of its longest word.

    Parameters
    ----------
    table : Table
        A table without headings over several columns or rows.

    Returns
    -------
    list of Table
        The table itself when it fits. A single column wider than the page stays whole.

    Examples
    --------
    >>> wide = Table(["Side", *"abcdef"], [["left", *["x" * 20] * 6]], "Wide")
    >>> [part.columns for part in fit_to_page(wide)]
    [['Side', 'a', 'b', 'c'], ['Side', 'd', 'e', 'f']]
    """
    needs = [_longest_word(cells) + _GUTTER for cells in zip(table.columns, *table.rows, strict=True)]
    groups: list[list[int]] = [[]]
    room = PAGE_LETTERS - needs[0]
    for column, need in enumerate(needs[1:], start=1):
        if groups[-1] and sum(needs[other] for other in groups[-1]) + need > room:
            groups.append([])
        groups[-1].append(column)
    if len(groups) == 1:
        return [table]
    return [_only(table, [0, *group], f"{number} of {len(groups)}") for number, group in enumerate(groups, start=1)]


def _longest_word(cells: tuple[str, ...]) -> int:
    return max((len(word) for cell in cells for word in cell.split()), default=0)


def _only(table: Table, columns: list[int], part: str) -> Table:
    caption = f"{table.caption} ({part})" if table.caption else f"Part {part}"
    return Table([table.columns[n] for n in columns], [[row[n] for n in columns] for row in table.rows], caption)


@dataclass
class _Cell:
    tag: str
    columns: int = 1
    rows: int = 1
    text: str = ""


class _Found:
    """One table as it stands in the HTML."""

    def __init__(self) -> None:
        self.caption = _Cell("caption")
        self.rows: list[list[_Cell]] = []


class _TableParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[_Found] = []
        self._open: _Cell | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.found.append(_Found())
        if not self.found:
            return
        table = self.found[-1]
        if tag == "tr":
            table.rows.append([])
        elif tag == "caption":
            self._open = table.caption
        elif tag in ("th", "td") and table.rows:
            self._open = _Cell(tag, _span(attrs, "colspan"), _span(attrs, "rowspan"))
            table.rows[-1].append(self._open)
        elif tag == "br":
            self.handle_data(" ")

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self._open.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag in ("th", "td", "caption", "tr", "table"):
            self._open = None


def _span(attrs: list[tuple[str, str | None]], name: str) -> int:
    value = dict(attrs).get(name) or ""
    return min(max(int(value), 1), WIDEST_SPAN) if value.isdecimal() else 1


def _to_table(found: _Found) -> Table:
    lines = _lay_out(found.rows)
    headers = [line for line, row in zip(lines, found.rows, strict=True) if _is_header(row)]
    rows = [line for line, row in zip(lines, found.rows, strict=True) if not _is_header(row)]
    columns = [" ".join(filter(None, heading)) for heading in zip(*headers, strict=True)]
    return Table(columns or [""] * len(lines[0]), rows, " ".join(found.caption.text.split()))


def _is_header(row: list[_Cell]) -> bool:
    return all(cell.tag == "th" for cell in row)


def _lay_out(rows: list[list[_Cell]]) -> list[list[str]]:
    """Give every line of a table the same cells."""
    grid: dict[tuple[int, int], str] = {}
    for y, row in enumerate(rows):
        x = 0
        for cell in row:
            while (y, x) in grid:
                x += 1
            text = " ".join(cell.text.split())
            below = range(y + 1, min(y + cell.rows, len(rows)))
            across = range(x, x + cell.columns)
            grid.update({(line, column): "" for line in below for column in across})
            grid.update({(y, column): text if _is_header(row) else "" for column in across})
            grid[y, x] = text
    width = 1 + max(x for _, x in grid)
    return [[grid.get((y, x), "") for x in range(width)] for y in range(len(rows))]
