"""What a person is asked while a ``study.toml`` is drafted, and what an answer makes of a line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

YES, NO, NONE = "yes", "no", "none of these"


@dataclass(frozen=True)
class Question:
    """Something that only a person knows.

    Attributes
    ----------
    text
        What is asked.
    choices
        What may be answered; with none, any text.
    proposed
        What the file suggests; empty where it suggests nothing.
    beside
        What the file holds, for the person to look at: headers and words as they stand in it.
    """

    text: str
    choices: tuple[str, ...] = ()
    proposed: str = ""
    beside: str = ""


Ask = Callable[[Question], str | None]
"""Gives the answer, or None where there is none: then the question stays in the draft."""


def nobody(question: Question) -> str | None:
    """Answer nothing."""
    return None


def keep(ask: Ask, line: str, doubt: str, beside: str = "", means: str = "") -> str:
    """Return a line that stands unless a person says no; ``means`` is what it says, in words."""
    answer = ask(Question(f"{means or line}: {doubt}", (YES, NO), YES, beside))
    if answer is None:
        return f"{line}  # ? {doubt}"
    return line if answer == YES else f"# {line}"


def offer(ask: Ask, line: str, doubt: str, beside: str = "") -> str:
    """Return a line that waits, as a comment, for a person to say yes."""
    answer = ask(Question(f"{line}: {doubt}", (YES, NO), "", beside))
    return line if answer == YES else f"# {line}" if answer == NO else f"# {line}  # ? {doubt}"
