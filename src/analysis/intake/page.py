"""One sheet of a workbook as its reader hands it over, and the cells whose content never reached the file."""

from __future__ import annotations

from dataclasses import dataclass, field

Place = tuple[int, int]  # row and column, counted from 0
NOT_CALCULATED = (
    "a formula whose result is not in the file; calculate it in a spreadsheet program (in LibreOffice with "
    "Ctrl+Shift+F9) and save it there"
)
_NOTHING_BUT_ZERO = (
    "the result of this formula is 0, which many programs write in place of a result, and nothing in the file shows "
    "that it was calculated; calculate it in a spreadsheet program (in LibreOffice with Ctrl+Shift+F9) and save it "
    "there, or put the value 0 in its place"
)
_ERROR = "the cell holds an error of the spreadsheet, such as #DIV/0!; correct it"


class Unread(str):
    """What a cell shows in place of its content, with the rule and the message for it."""

    rule: str
    message: str

    def __new__(cls, shown: str, rule: str, message: str) -> Unread:
        """Return what the cell shows, as text that knows its fault."""
        cell = super().__new__(cls, shown)
        cell.rule, cell.message = rule, message
        return cell


@dataclass
class Formulas:
    """What a reader saw of the formulas of a sheet and of its errors.

    Attributes
    ----------
    errors, without_result, zeros
        What stands in the cells that hold an error, and the formulas without a result or with the result 0.
    any_other
        Whether some formula has another result.
    calculated
        Whether the file shows that its results are calculated, or that they are not; ``None`` if it shows neither.
    """

    errors: dict[Place, str] = field(default_factory=dict)
    without_result: dict[Place, str] = field(default_factory=dict)
    zeros: dict[Place, str] = field(default_factory=dict)
    any_other: bool = False
    calculated: bool | None = None

    def repeat(self, place: Place, down: int, across: int) -> None:
        """Hold of more cells, downwards and across, what was seen of one: a file may say so once for all of them."""
        for seen in (self.errors, self.without_result, self.zeros):
            if place in seen:
                rows, columns = range(place[0], place[0] + down), range(place[1], place[1] + across)
                seen.update(dict.fromkeys(((row, column) for row in rows for column in columns), seen[place]))

    def unread(self) -> dict[Place, Unread]:
        """Return the cells whose value cannot be known.

        A result of 0 is one of them in a file that was never calculated: libraries that write formulas without
        calculating them put 0 there, and programs that open the file later may leave it.
        """
        cells = {place: Unread(shown, "cell_error", _ERROR) for place, shown in self.errors.items()}
        for place, shown in self.without_result.items():
            cells[place] = Unread(shown, "formula_without_value", NOT_CALCULATED)
        proven = self.any_other or bool(self.errors) if self.calculated is None else self.calculated
        for place, shown in () if proven else self.zeros.items():
            cells[place] = Unread(shown, "formula_without_value", _NOTHING_BUT_ZERO)
        return cells


@dataclass(frozen=True)
class Page:
    """One sheet of a workbook.

    Attributes
    ----------
    values
        Rows of equal length from the first cell of the sheet on; dates are dates, an empty cell is ``""``.
    merged
        The first and the last cell of each merged range.
    hidden_rows
        Rows that are not shown, counted from 0.
    """

    values: list[list]
    merged: tuple[tuple[Place, Place], ...] = ()
    hidden_rows: frozenset[int] = frozenset()


@dataclass(frozen=True)
class SheetEntry:
    """What the workbook's table of contents says of a sheet."""

    name: str
    shown: bool = True
    has_cells: bool = True  # a chart has none
