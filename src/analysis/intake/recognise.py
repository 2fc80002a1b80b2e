"""Which of our names the columns of a clinic's file may be: by their headers, read together, then by their words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from analysis.intake.parse import plain_words
from analysis.intake.vocabulary import UNSURE, Meaning, Vocabulary, Words, pairs_of, plain, words_for_sides
from analysis.intake.written_units import TIMES, unit_word, without_unit

# Some number visits from 0, many from 1, and the first need not be the baseline: only a person can say.
_NUMBERED = re.compile(r"(?:t|tp|v|visit|time|timepoint|session)? ?(\d)")
# Words such as "hip" or "visit" name a column only where nothing more telling stands beside them.
_WEAK = ("side", "timepoint", "stretch_given", "motion", "position", "patient_id")
_LEGEND = re.compile(r"[(\[][^()\[\]]*=[^()\[\]]*[)\]]")
_FEW = 4
# OpenClinica puts the number of the event and of the form's version after each name.
_OF_EVENT = re.compile(r"_E(\d)_C\d+$")
LOOK = "is this right?"


@dataclass(frozen=True)
class Reading:
    """What a header was read as; ``doubt`` says what a person must look at, and is empty where it is sure.

    With ``numbered``, ``timepoint`` is only the number of a visit, such as 1 of T1. Without a ``name`` the header says
    only which side, or when. ``telling`` is the number of words that gave the name.
    """

    name: str | None
    timepoint: str | None = None
    side: str | None = None
    doubt: str = ""
    numbered: bool = False
    telling: int = field(default=1, compare=False)


@dataclass
class _Part:
    """Words of a header that mean something together, or one word that means nothing known."""

    words: Words
    meanings: set[Meaning]

    def of(self, kind: str) -> set[str]:
        return {meaning.value for meaning in self.meanings if meaning.kind == kind}

    def sure(self, kind: str) -> bool:
        """Whether nothing is in doubt about what it means of that kind."""
        return not any(meaning.language == UNSURE for meaning in self.meanings if meaning.kind == kind)


class Recogniser:
    """Reads the headers and the words of one file."""

    def __init__(self, vocabulary: Vocabulary, headers: Sequence[str], labels: Mapping[str, str] | None = None) -> None:
        self.vocabulary, self.protocol, self._labels = vocabulary, vocabulary.protocol, labels or {}
        self._headers = headers
        self._words = {vocabulary.words(without_unit(text)) for text in (*headers, *self._labels.values())}
        self._language = vocabulary.language(self._words)

    def readings(self) -> dict[str, Reading]:
        """Return what each header was read as; one that means nothing known is left out."""
        readings = {header: self._told(header) for header in self._headers}
        return {header: reading for header, reading in readings.items() if reading is not None}

    def _told(self, header: str) -> Reading | None:
        """Read a header and the words for it; where the header names nothing, its words may."""
        own, label = self._without_legend(header), self.read(without_unit(self._labels.get(header, "")))
        if own is None or own.name is None:
            return label or own
        differs = label is not None and label.name not in (None, own.name)
        return replace(own, doubt="its name and the words for it differ; which is right?") if differs else own

    def _without_legend(self, header: str) -> Reading | None:
        """Read a header without its unit, and without what its codes mean, as in ``Ober (1 = positive)``."""
        short = _OF_EVENT.sub(r" visit \1", _LEGEND.sub("", header))
        found = self.read(without_unit(short))
        return replace(found, doubt=LOOK) if found and short != header else found

    def levels(self, name: str, words: Sequence[str]) -> dict[str, str]:
        """Return the level of a name that each word of a column surely means; words of which that is not sure lack."""
        return self.vocabulary.levels(name, words, self._language)

    def read(self, header: str) -> Reading | None:
        """Read one header, or the name of a sheet."""
        if header in self.vocabulary.names:
            return Reading(header, telling=self.vocabulary.longest)
        parts = list(self._parts(self.vocabulary.words(header)))
        named = _name_among(parts)
        told = {kind: _the_one(parts, named, kind) for kind in ("side", "visit", "number")}
        names = any(part.of("name") for part in parts)
        if _of_others(parts) or (named is None and names) or "" in told.values():
            return None
        unknown = self._unknown(header, parts)
        if named is None:
            only_that = not unknown and not told["number"] and (told["side"] or told["visit"])
            return Reading(None, told["visit"], told["side"], LOOK) if only_that else None
        # The column "ir_side" holds no angle, but "ir_hip" may.
        if named.of("name") != {"side"} and parts[-1].words[0] in words_for_sides() and not told["side"]:
            return Reading("side", doubt=LOOK)
        doubt = LOOK if unknown or not _is_sure(named, parts) else ""
        reading = Reading(min(named.of("name")), told["visit"], told["side"], doubt, telling=len(named.words))
        return self._fitting(reading, told["number"], len(unknown))

    def is_of_others(self, header: str) -> bool:
        """Whether a header has a word of what is not ours, such as another motion."""
        return _of_others(list(self._parts(self.vocabulary.words(header))))

    def _unknown(self, header: str, parts: list[_Part]) -> list[str]:
        """Return the words that mean nothing; of the path that Kobo and ODK write, groups may be called anything."""
        is_path = re.fullmatch(r"(\w+[/-])+\w+", header)
        groups = self.vocabulary.words(re.sub(r"[/-]\w+$", "", header)) if is_path else ()
        return [part.words[0] for part in parts if not part.meanings and part.words[0] not in groups]

    def _fitting(self, reading: Reading, number: str | None, unknown: int) -> Reading | None:
        """Refuse what a name cannot have: a side of a person, a number of anything but a measure."""
        name, visit = reading.name, reading.timepoint
        measured = name in self.protocol.measures_of("assessments")
        if unknown > (_FEW if measured else 0) or (number and (visit or not (measured or name == "date"))):
            return None
        if reading.side and name not in self.protocol.measures:
            return None
        if visit and not measured and name not in ("date", *self.protocol.conditions):
            of_treatment = name in self.protocol.measures
            return replace(reading, timepoint=None, doubt=reading.doubt if of_treatment else LOOK)
        return replace(reading, timepoint=number or visit, numbered=number is not None)

    def _parts(self, words: Words) -> Iterator[_Part]:
        """Divide a header into the longest words that mean something together."""
        start = 0
        while start < len(words):
            part = self._numbered(words, start) or self._longest(words, start)
            if part is None:
                glued = list(self._glued(words[start]))
                yield from glued or [_Part((words[start],), set())]
                start += 1
            else:
                yield part
                start += len(part.words)

    def _longest(self, words: Words, start: int) -> _Part | None:
        for size in range(min(self.vocabulary.longest, len(words) - start), 0, -1):
            these = words[start : start + size]
            meanings = self.vocabulary.meanings(these, self._language)
            if size == 1 and (side := self._letter(words, start)):
                meanings = {Meaning("side", side, "all")}
            if meanings:
                return _Part(these, meanings)
        return None

    def _letter(self, words: Words, place: int) -> str | None:
        """Return the side of a letter such as D, where a header with its partner stands in the file."""
        for pair in pairs_of("side"):
            if words[place] in pair:
                partner = pair[1 - pair.index(words[place])]
                if (*words[:place], partner, *words[place + 1 :]) in self._words:
                    return "left" if words[place] == pair[0] else "right"
        return None

    def _numbered(self, words: Words, start: int) -> _Part | None:
        if _tells_time(words, start):
            return _Part(words[start : start + 1], set())
        for size in (2, 1):
            these = words[start : start + size]
            if len(these) == size and (found := _NUMBERED.fullmatch(" ".join(these))):
                return _Part(these, {Meaning("number", found[1], "all")})
        return None

    def _glued(self, word: str) -> Iterator[_Part]:
        """Read ``irprel``, ``rober`` or ``slrpost``: a measure, when and which side without a blank between."""
        for pieces in self._pieces(word):
            parts = [_Part((piece,), self.vocabulary.meanings((piece,), self._language)) for piece in pieces]
            if sum(bool(part.of("name")) for part in parts) == 1:
                yield from parts
                return
        yield from self._short(word)

    def _pieces(self, word: str) -> Iterator[list[str]]:
        for size in range(len(word), 0, -1):
            known = self.vocabulary.phrases.get((word[:size],), ())
            measures = self.protocol.measures_of("assessments")
            if any(m.kind in ("visit", "side") or (m.kind == "name" and m.value in measures) for m in known):
                rests = self._pieces(word[size:]) if size < len(word) else iter([[]])
                yield from ([word[:size], *rest] for rest in rests)

    def _short(self, word: str) -> Iterator[_Part]:
        """Read ``rbef``: the start of a measure's name and when, where only one measure begins so."""
        visits = {words[0]: found for words, found in self.vocabulary.phrases.items() if len(words) == 1}
        ends = [end for end in visits if len(end) > 2 and word.endswith(end) and len(word) > len(end)]
        ends = [end for end in ends if any(meaning.kind == "visit" for meaning in visits[end])]
        if ends:
            end = max(ends, key=len)
            start = word.removesuffix(end)
            labels = {name: self.vocabulary.words(each.label) for name, each in self.protocol.measures.items()}
            names = [name for name, label in labels.items() if any(each.startswith(start) for each in label)]
            if len(names) == 1:
                yield _Part((start,), {Meaning("name", names[0], UNSURE)})
                yield _Part((end,), {meaning for meaning in visits[end] if meaning.kind == "visit"})

    def by_words(self, words: Sequence[str], taken: set[str]) -> str | None:
        """Recognise a column by its words, where they are levels of one name alone."""
        fits = []
        for name in self.vocabulary.names:
            is_answer = name in self.protocol.measures and self.protocol.measures[name].kind == "answer"
            if name in taken or is_answer or not words or not plain_words(name, self.protocol):
                continue
            known = self.levels(name, words)
            if len(known) == len(words) and len(set(known.values())) > 1:
                fits.append(name)
        return fits[0] if len(fits) == 1 else None


def _tells_time(words: Words, place: int) -> bool:
    """Whether a word is a number of weeks or the like, of which 0 alone says which visit it is."""
    beside = (*words[max(place - 1, 0) : place], *words[place + 1 : place + 2])
    return words[place].isdigit() and words[place] != "0" and any(unit_word(word) in TIMES for word in beside)


def number_of(text: str) -> str | None:
    """Return the number of a visit that is only numbered, such as 0 of T0."""
    found = _NUMBERED.fullmatch(" ".join(plain(text)))
    return found[1] if found else None


def _the_one(parts: list[_Part], named: _Part | None, kind: str) -> str | None:
    """Return the one side, visit or number that is told, None where none is, and no text where several are."""
    found = set().union(*(part.of(kind) for part in parts if part is not named))
    return min(found, default=None) if len(found) < 2 else ""


def _of_others(parts: list[_Part]) -> bool:
    return any(part.of("other") and not part.of("name") for part in parts)


def _is_sure(named: _Part, parts: list[_Part]) -> bool:
    """Whether no word is in doubt, and a word such as "hip" does not name the column beside another, as in "Hip ID"."""
    rest = [part for part in parts if part is not named]
    weak = named.of("name") <= set(_WEAK) and any(part.of("name") - named.of("name") for part in rest)
    return not weak and named.sure("name") and all(part.sure("side") and part.sure("visit") for part in rest)


def _name_among(parts: list[_Part]) -> _Part | None:
    """Return the part that names the column, where there is one; a word such as RE may be a name or a side."""
    named = [part for part in parts if part.of("name")]
    only = [part for part in named if not part.of("side") and not part.of("visit")] or named[:1]
    telling = [part for part in only if not part.of("name") <= set(_WEAK)] or only
    if len({min(part.of("name")) for part in telling}) > 1:
        telling = [part for part in telling if part.of("name") != {"patient_id"}]
    names = set().union(*(part.of("name") for part in telling))
    return max(telling, key=lambda part: len(part.words)) if len(names) == 1 else None
