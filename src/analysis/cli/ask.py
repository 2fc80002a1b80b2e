"""Questions on a terminal, one after the other: a number, the answer itself, or Enter."""

from __future__ import annotations

import sys

from analysis.intake.problems import shown
from analysis.intake.questions import Question
from analysis.usererror import UserError

_LEAVE = "?"
_HOW = f"Answer with a number or the words. Enter takes what stands in [ ]; {_LEAVE} leaves a question open."
_LONGEST = 300  # letters of a text of the file


class Asker:
    """Asks a person. Where the input ends it asks no more, and the rest stays open.

    Raises
    ------
    UserError
        There is no terminal to ask on.
    """

    def __init__(self) -> None:
        if not sys.stdin.isatty():
            raise UserError("--ask: there is no terminal to ask on; without --ask the questions stand in study.toml")
        print(_HOW)
        self._ended = False

    def __call__(self, question: Question) -> str | None:
        """Return the answer; None where the person leaves the question open."""
        return None if self._ended else self._answer(question)

    def _answer(self, question: Question) -> str | None:
        print(f"\n{shown(question.text, _LONGEST)}")
        if question.beside:
            print(f"   {shown(question.beside, _LONGEST)}")
        for number, choice in enumerate(question.choices, start=1):
            print(f"   {number}  {shown(choice, _LONGEST)}")
        while True:
            try:
                said = input(f"[{question.proposed or _LEAVE}] ").strip() or question.proposed or _LEAVE
            except EOFError:
                self._ended = True
                return None
            if said == _LEAVE:
                return None
            if answer := _meant(said, question.choices):
                return answer
            print("   That is none of the answers.")


def _meant(said: str, choices: tuple[str, ...]) -> str | None:
    """Return the choice that a number, the words or the beginning of one alone names; any text without choices."""
    if not choices or said in choices:
        return said
    if said.isdecimal() and 1 <= int(said) <= len(choices):
        return choices[int(said) - 1]
    begun = [choice for choice in choices if choice.casefold().startswith(said.casefold())]
    return begun[0] if len(begun) == 1 else None
