"""Columns of a table that hold several numbers in a cell: what is drafted as ``[source.split]``, and what is asked."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from analysis.intake.code_book import CodeBook
from analysis.intake.questions import NO, NONE, YES, Ask, Question
from analysis.intake.recognise import Recogniser
from analysis.intake.sheet import Sheet, text_column
from analysis.intake.source_reading import NUMBER
from analysis.intake.split import ZERO, parts_of_cell
from analysis.intake.vocabulary import Vocabulary
from analysis.protocol.tomlmodel import key_of, quoted

_LOOKED_AT = 2000  # of the distinct cells of a column
_LARGEST = 110  # no rotation has more degrees
_PAIR = re.compile(rf"([^\W\d_]+)\.?\s*[/|–-]\s*(?:{ZERO}°?\s*[/|–-]\s*)?([^\W\d_]+)\.?")
_ROTATIONS = {"hip_ir_deg": "IR", "hip_er_deg": "ER"}
_SIDES = {"left": "left", "right": "right"}
_ORDER = "is this the order of the numbers in its cells?"
_HOLDS = {
    3: "two motions, as by the neutral zero method (40/0/20)",
    2: "two numbers, as of both hips",
}


@dataclass
class SplitDraft:
    """How the columns of a table are divided.

    Attributes
    ----------
    sheet
        The table, with the columns whose meaning is known in place of those that they are divided from.
    names
        By column, what its numbers are called.
    doubts, questions
        By column, what a person must look at; of those whose order nothing tells, what is asked.
    """

    sheet: Sheet
    names: dict[str, list[str]] = field(default_factory=dict)
    doubts: dict[str, str] = field(default_factory=dict)
    questions: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """Write what divides the columns."""
        if self.names:
            yield from ["", "[source.split]"]
        for column, names in self.names.items():
            doubt = f"  # ? {self.doubts[column]}" if column in self.doubts else ""
            yield f"{key_of(column)} = [{', '.join(map(quoted, names))}]{doubt}"
        yield from self.questions


def split_of(sheet: Sheet, vocabulary: Vocabulary, book: CodeBook, decimal: str, ask: Ask) -> SplitDraft:
    """Find columns of both rotations by the neutral zero method, and of both hips; which is which is never guessed."""
    recogniser = Recogniser(vocabulary, list(map(str, sheet.cells)), book.labels)
    draft = SplitDraft(sheet)
    for numbers, meanings in ((3, _ROTATIONS), (2, _SIDES)):
        if not {*meanings} <= {*vocabulary.names, *_SIDES}:
            continue
        may_be = _of_rotation if numbers == 3 else _of_both_hips
        columns = [column for column in map(str, sheet.cells) if _holds(sheet, column, numbers, decimal)]
        columns = [column for column in columns if may_be(column, recogniser)]
        named = {column: _confirmed(draft, column, _in_header(column, recogniser, meanings), ask) for column in columns}
        if open_ones := [column for column, names in named.items() if not names]:
            words = _said(open_ones, numbers, meanings, ask)
            named |= {column: [f"{column} {word}" for word in words] for column in open_ones}
            draft.questions += [] if words else [_open(open_ones, numbers, meanings)]
        for column, names in named.items():
            _divide(draft, column, names, numbers, decimal)
    return draft


def _confirmed(draft: SplitDraft, column: str, names: list[str], ask: Ask) -> list[str]:
    """Return what the header calls the numbers, unless somebody says that this is not their order."""
    if not names:
        return []
    answer = ask(Question(f"{quoted(column)} holds {', '.join(map(quoted, names))}: {_ORDER}", (YES, NO), YES))
    draft.doubts |= {column: _ORDER} if answer is None else {}
    return [] if answer == NO else names


def _holds(sheet: Sheet, column: str, numbers: int, decimal: str) -> bool:
    """Whether most cells of a column hold so many numbers; of three the one in the middle is 0."""
    words = [word for word in map(str, sheet.cells[column].cat.categories[:_LOOKED_AT]) if word]
    # Of two numbers a dash may be that of a range.
    divided = [parts_of_cell(word, decimal) for word in words if numbers > 2 or re.search("[/|;]", word)]
    fits = [parts for parts in divided if len(parts) == numbers and all(re.fullmatch(NUMBER, part) for part in parts)]
    return 2 * sum(numbers == 2 or _is_motion(parts) for parts in fits) > len(words)


def _is_motion(parts: list[str]) -> bool:
    """Whether three numbers can be two rotations about 0; a telephone number or a date has larger ones."""
    ends = [float(part.replace(",", ".")) for part in (parts[0], parts[-1])]
    return not parts[1].strip("0") and max(ends) <= _LARGEST


def _of_rotation(column: str, recogniser: Recogniser) -> bool:
    """Whether the name of a column allows it to be of rotation: it is not an identifier's, nor another motion's."""
    own = recogniser.read(column)
    return not recogniser.is_of_others(column) and (own is None or own.name in (None, *_ROTATIONS))


def _of_both_hips(column: str, recogniser: Recogniser) -> bool:
    """Whether a column is of a measure, and neither it nor another says of which side, or that a pair is another."""
    others = recogniser.readings().values()
    told = any(reading.name == "side" or reading.side for reading in others)
    of_others = _PAIR.search(column) and not _in_header(column, recogniser, _SIDES)
    own = recogniser.read(_PAIR.sub("", column))
    return not told and not of_others and own is not None and own.name in recogniser.protocol.measures


def _in_header(column: str, recogniser: Recogniser, meanings: Mapping[str, str]) -> list[str]:
    """Return what to call the two numbers of a column whose name tells their order, as ``IR/0/AR vor`` does."""
    for found in _PAIR.finditer(column):
        read = [recogniser.read(word) for word in found.groups()]
        if sorted(str(each.name or each.side) for each in read if each) == sorted(meanings):
            return [column[: found.start()] + word + column[found.end() :] for word in found.groups()]
    return []


def _said(columns: Collection[str], numbers: int, meanings: Mapping[str, str], ask: Ask) -> list[str]:
    """Ask which of two numbers comes first; nothing without an answer."""
    first = {f"{word} first": word for word in meanings.values()}
    text = f"{', '.join(map(quoted, columns))}: each cell holds {_HOLDS[numbers]}. Which comes first?"
    answer = ask(Question(text, (*first, NONE)))
    return sorted(first.values(), key=lambda word: word != first[answer]) if answer in first else []


def _divide(draft: SplitDraft, column: str, names: list[str], numbers: int, decimal: str) -> None:
    """Divide a column; without names for its parts nothing is read of them."""
    ends = names or [f"{column} ({number})" for number in (1, 2)]
    draft.names[column] = [ends[0], ZERO, ends[1]] if numbers == 3 else ends
    whole = draft.sheet.cells[column].cat
    parts = [parts_of_cell(word, decimal) for word in map(str, whole.categories)]
    places = dict(zip(names, (0, -1), strict=True)) if names else {}
    texts = {name: [each[place] if len(each) == numbers else "" for each in parts] for name, place in places.items()}
    divided = {name: text_column(of_end, whole.codes.to_numpy()) for name, of_end in texts.items()}
    cells = draft.sheet.cells.drop(columns=[column])
    beside = pd.DataFrame(divided, index=cells.index)
    draft.sheet = replace(draft.sheet, cells=pd.concat([cells, beside], axis=1))


def _open(columns: Collection[str], numbers: int, meanings: Mapping[str, str]) -> str:
    first, second = meanings.values()
    listed = ", ".join(map(quoted, columns))
    return (
        f"# ? each cell of {listed} holds {_HOLDS[numbers]}; is the first {first} or {second}? "
        f'Call the parts above so, as in "… {first}", and name them in [source.columns] or [source.timepoints]'
    )
