"""Why a file cannot be read, in words."""

from __future__ import annotations

# What a clinic keeps has some hundred thousand cells; a cell in the last corner makes 17 thousand million of them.
MAX_CELLS = 100_000_000
TOO_FAR = "a cell far from the others makes the sheet too large; remove what stands beyond the data"
BROKEN = "not a whole workbook, or a damaged one; open it in its program and save it again"


class UnreadableFile(ValueError):
    """A file that cannot be read, with the rule that says why."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


def is_protected() -> UnreadableFile:
    """Return the fault of a workbook with a password."""
    return UnreadableFile("file_protected", "protected by a password; save it without one")
