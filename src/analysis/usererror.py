"""Errors that whoever gave the data, the file or the table can mend."""

from __future__ import annotations

import traceback
from itertools import takewhile
from pathlib import Path

_PACKAGE = str(Path(__file__).parent)


class UserError(ValueError):
    """What is wrong, where, and what to do; a notebook shows these words alone."""

    def _render_traceback_(self) -> list[str]:
        """Tell IPython what to show: the line of theirs that asked, and the words; not how the program found out."""
        frames = traceback.extract_tb(self.__traceback__)
        theirs = list(takewhile(lambda frame: not frame.filename.startswith(_PACKAGE), frames))
        line = [f"{theirs[-1].line}\n"] if theirs and theirs[-1].line else []
        return [*line, f"{type(self).__name__}: {self}"]


class StudyError(UserError):
    """A study that cannot be used; one line a fault: what, where, and what to do."""


class ProtocolError(UserError):
    """A protocol that cannot be used; one line a fault, each naming the key."""
