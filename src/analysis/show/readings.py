"""Every reading of the vague rules to try out: a form in the page, and the answer under each choice in words."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from functools import cache
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pandas as pd
from pydantic import BaseModel, ConfigDict, model_validator

from analysis.show.display import Nothing
from analysis.show.records import records
from analysis.show.tables.cells import short_label
from analysis.show.words import Row, count, interval, known, percent

if TYPE_CHECKING:
    from analysis.sensitivity.study import Sensitivity
    from analysis.study import Study

READINGS_MIME = "application/vnd.capsule.readings+json"
_TITLE = "Try another reading of the rules"
_HOW = (
    "Choose how to read each rule that leaves something open. Every choice begins with its first option. The report "
    "itself keeps both limits of a rule and counts what lies between them as borderline, so its classes can differ "
    "from those of every single reading."
)
_ON_PAPER = "In the HTML page of this report every reading of the vague rules can be tried."


class Decision(BaseModel):
    """Something that the rules leave open, and the ways to read it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    options: tuple[str, ...]


class Answer(BaseModel):
    """What is answered under every reading.

    Attributes
    ----------
    label, own : str
        What it is about, and what the report itself says.
    said : tuple of str
        The sentences that there are.
    of_reading : tuple of int
        Which of them holds under each reading; readings are in the order of the options, the last decision fastest.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    own: str
    said: tuple[str, ...]
    of_reading: tuple[int, ...]


class Readings(BaseModel):
    """The decisions and the answers, as a notebook hands them to the page."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    decisions: tuple[Decision, ...]
    answers: tuple[Answer, ...]

    @model_validator(mode="after")
    def _is_whole(self) -> Readings:
        n = math.prod(len(decision.options) for decision in self.decisions)
        for answer in self.answers:
            if len(answer.of_reading) != n or not all(0 <= place < len(answer.said) for place in answer.of_reading):
                raise ValueError("every reading needs one of the sentences")
        return self

    @property
    def html(self) -> str:
        """The form, for a page that runs :func:`script`; without it the first reading stands there."""
        first = "".join(
            f"<tr><th scope='row'>{escape(answer.label)}</th><td>{escape(answer.own)}</td>"
            f"<td data-answer>{escape(answer.said[answer.of_reading[0]])}</td></tr>"
            for answer in self.answers
        )
        # Within a script element only "</" could end it early.
        held = json.dumps([answer.model_dump(include={"said", "of_reading"}) for answer in self.answers])
        held = held.replace("<", "\\u003c")
        return (
            f"<section class='readings' aria-label='{_TITLE}'><p>{_HOW}</p><div class='choices'>"
            f"{''.join(map(_choice, self.decisions))}</div>"
            "<div class='table-scroll' role='region' tabindex='0' aria-label='Answers'>"
            "<table><caption>What the chosen reading answers</caption>"
            "<thead><tr><td></td><th scope='col'>In this report</th><th scope='col'>As chosen</th></tr></thead>"
            f"<tbody aria-live='polite'>{first}</tbody></table></div>"
            f"<script type='application/json'>{held}</script></section>"
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {
            READINGS_MIME: self.model_dump_json(),
            "text/html": f"{self.html}<script>{script()}</script>",
            "text/markdown": _ON_PAPER,
            "text/plain": _ON_PAPER,
        }


def _choice(decision: Decision) -> str:
    options = "".join(f"<option>{escape(option)}</option>" for option in decision.options)
    return f"<label>{escape(decision.label)}<select>{options}</select></label>"


@cache
def script() -> str:
    """Return the script that shows the answers of the reading that is chosen."""
    return (files("analysis.show") / "readings.js").read_text(encoding="utf-8")


def readings_to_try(found: Sensitivity) -> Readings | Nothing:
    """Return every reading of the rules with its answers in words.

    Parameters
    ----------
    found
        The results in scope. Where numbers of few people are withheld there is nothing to try: two readings differ
        by single hips.
    """
    protocol = found.protocol
    if found.withholds:
        hips = protocol.words.hips
        return Nothing(f"Two readings differ by single {hips}, so they are to be tried only where nothing is withheld.")
    if found.readings.empty:
        return Nothing("This study lists no other readings.")
    asked: dict[str, tuple[list[str], Callable[[Row], str]]] = {
        f"{protocol.words.Hips} that responded": (_RATE, lambda row: _rate(row, found)),
        "Left against right": (_SIDES, lambda row: _sides(row, found)),
    }
    classes = [str(name) for name in found.readings if str(name).startswith("hips_")]
    if protocol.types:
        asked["Classes"] = (classes, lambda row: _classes(row, classes, found))
    decisions = [
        Decision(label=alternative.label, options=tuple(option.label for option in alternative.options))
        for alternative in protocol.alternatives.values()
    ]
    answers = [_answer(label, columns, say, found) for label, (columns, say) in asked.items()]
    return Readings(decisions=tuple(decisions), answers=tuple(answers))


def readings(study: Study) -> Readings | Nothing:
    """Return every reading of the rules to try in JupyterLab, with what it would answer.

    Parameters
    ----------
    study
        As :func:`analysis.load` returns it. Nothing is withheld from who holds it.

    Returns
    -------
    Readings or Nothing
        A form with one choice for each decision that the protocol leaves open, and the responder rate, left against
        right and the classes under the reading chosen, beside those of the rules as they are.
    """
    from analysis.pipeline import analyse
    from analysis.sensitivity.study import Sensitivity

    found = Sensitivity(study, analyse(study), study.protocol.primary_comparison, internal=True)
    return readings_to_try(found)


_RATE = ["n_evaluable", "n_responders", "rate", "ci_low", "ci_high", "chance_rate"]
_SIDES = ["both", "left_only", "right_only", "neither"]


def _answer(label: str, columns: list[str], say: Callable[[Row], str], found: Sensitivity) -> Answer:
    rows = found.readings[columns]
    kinds = pd.Series(rows.groupby(columns, dropna=False, sort=False).ngroup(), dtype="int64")
    sentences = [say(row) for row in records(rows[~kinds.duplicated()])]
    own: Row = {column: found.own.get(column, 0) for column in columns}
    return Answer(label=label, own=say(own), said=tuple(sentences), of_reading=tuple(kinds.tolist()))


def _rate(row: Row, found: Sensitivity) -> str:
    noun = found.protocol.words
    if not row["n_evaluable"]:
        return f"no {noun.hip} could be judged"
    chance = f"; by chance {percent(row['chance_rate'])}" if known(row["chance_rate"]) else ""
    share = f"{percent(row['rate'])}; 95 % CI {interval(row['ci_low'], row['ci_high'])}{chance}"
    return f"{row['n_responders']:,.0f} of {noun.count(int(row['n_evaluable']))} ({share})"


def _sides(row: Row, found: Sensitivity) -> str:
    pairs = int(sum(row[name] for name in _SIDES))
    if not pairs:
        return f"no person has both {found.protocol.words.hips} judged"
    return f"only the left {row['left_only']:,.0f}, only the right {row['right_only']:,.0f}, of {_people(pairs)}"


def _people(n: int) -> str:
    return count(n, "person", "people")


def _classes(row: Row, columns: list[str], found: Sensitivity) -> str:
    names = [(column.removeprefix("hips_"), row[column]) for column in columns]
    return ", ".join(f"{short_label('stretch_type', name, found.protocol)} {n:,.0f}" for name, n in names)
