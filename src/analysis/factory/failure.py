"""Why a report was not built."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Failure:
    """Why a report was not built, in words fit for a public log: never a value, never a traceback.

    `cell` counts the notebook's cells from 1, text cells too; missing when no cell is to blame.
    `by_machine` marks what the notebook cannot help: a full disk, a missing permission.
    """

    error: str
    message: str
    cell: int | None = None
    by_machine: bool = False
