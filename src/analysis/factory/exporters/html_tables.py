"""Cells of a table in HTML, laid out as a table of text that fits a page."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from analysis.show.display import Table

# What fits between the margins of a page, in letters of the size that tables are set in.
PAGE_LETTERS = 90
_GUTTER = 2


@dataclass
class Cell:
    """A cell or caption as it stands in the HTML, and how many columns and rows it spans."""

    tag: str
    columns: int = 1
    rows: int = 1
    text: str = ""

    @property
    def words(self) -> str:
        """Its text on one line."""
        return " ".join(self.text.split())


@dataclass
class Grid:
    """A table as it stands in the HTML: its caption, and its rows with the section each is in."""

    caption: Cell = field(default_factory=lambda: Cell("caption"))
    section: str = ""
    rows: list[tuple[str, list[Cell]]] = field(default_factory=list)

    def add_row(self) -> None:
        """Begin a row."""
        self.rows.append((self.section, []))

    def add(self, cell: Cell) -> None:
        """Put a cell into the last row, or take the caption."""
        if cell.tag == "caption":
            self.caption = cell
        elif self.rows:
            self.rows[-1][1].append(cell)


def to_table(grid: Grid) -> Table | None:
    """Lay a table out in columns of text.

    The words of a cell that spans several columns or rows stand in the first of them; a heading counts for
    every column it spans. Header lines above one another are joined column by column. A line of one cell across
    the table is part of the caption when it stands above the headings, a note when it stands in the foot, and
    else a heading for the rows beneath it.

    Parameters
    ----------
    grid : Grid
        Cells as they stand in the HTML.

    Returns
    -------
    Table or None
        None when it has no cells.
    """
    if not any(cells for _, cells in grid.rows):
        return None
    heads = _heads(grid.rows)
    lines = _lay_out([cells for _, cells in grid.rows], heads)
    width = len(lines[0])
    captions, headers, rows, notes = [grid.caption.words], [], [], []
    for (section, cells), line, head in zip(grid.rows, lines, heads, strict=True):
        across = width > 1 and len(cells) == 1 and cells[0].columns >= width
        if across and section == "thead":
            captions.append(cells[0].words)
        elif across and section == "tfoot":
            notes.append(cells[0].words)
        elif across:
            rows.append([cells[0].words])
        elif head:
            headers.append(line)
        else:
            rows.append(line)
    columns = [" ".join(filter(None, heading)) for heading in zip(*headers, strict=True)] or [""] * width
    return Table(columns, rows, ": ".join(filter(None, captions)), notes)


def _heads(rows: list[tuple[str, list[Cell]]]) -> list[bool]:
    """Tell the lines of headings: those in the head, or else the first ones of heading cells only."""
    if any(section == "thead" for section, _ in rows):
        return [section == "thead" for section, _ in rows]
    heads: list[bool] = []
    for _, cells in rows:
        only_headings = all(cell.tag == "th" or not cell.words for cell in cells) and any(c.tag == "th" for c in cells)
        heads.append(only_headings and all(heads))
    return heads


def _lay_out(rows: list[list[Cell]], heads: list[bool]) -> list[list[str]]:
    """Give every line of a table the same cells."""
    grid: dict[tuple[int, int], str] = {}
    width = 1
    for y, (row, head) in enumerate(zip(rows, heads, strict=True)):
        x = 0
        for cell in row:
            while (y, x) in grid:
                x += 1
            below = range(y + 1, min(y + cell.rows, len(rows)))
            across = range(x, x + cell.columns)
            grid.update({(line, column): "" for line in below for column in across})
            grid.update({(y, column): cell.words if head else "" for column in across})
            grid[y, x] = cell.words
            width = max(width, x + 1)
    return [[grid.get((y, x), "") for x in range(width)] for y in range(len(rows))]


def fit_to_page(table: Table) -> list[Table]:
    """Divide a table that is too wide for a page into tables below one another, each with its first column.

    Cells break between words, so a column needs the room of its longest word.

    Parameters
    ----------
    table : Table
        A table without headings over several columns.

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
    full = [row for row in table.rows if not table.is_heading(row)]
    needs = [_longest_word(cells) + _GUTTER for cells in zip(table.columns, *full, strict=True)]
    groups: list[list[int]] = [[]]
    room = PAGE_LETTERS - needs[0]
    for column, need in enumerate(needs[1:], start=1):
        if groups[-1] and sum(needs[other] for other in groups[-1]) + need > room:
            groups.append([])
        groups[-1].append(column)
    if len(groups) == 1:
        return [table]
    parts = [_only(table, [0, *group], f"{number} of {len(groups)}") for number, group in enumerate(groups, start=1)]
    return [*parts[:-1], Table(parts[-1].columns, parts[-1].rows, parts[-1].caption, table.notes)]


def _longest_word(cells: Iterable[str]) -> int:
    return max((len(word) for cell in cells for word in cell.split()), default=0)


def _only(table: Table, columns: list[int], part: str) -> Table:
    caption = f"{table.caption} ({part})" if table.caption else f"Part {part}"
    rows = [row if table.is_heading(row) else [row[n] for n in columns] for row in table.rows]
    return Table([table.columns[n] for n in columns], rows, caption)
