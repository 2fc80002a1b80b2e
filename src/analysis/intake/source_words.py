"""What the words of one table mean, such as "pos." for positive: the lines of ``[source.values]``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from analysis.intake.parse import plain_words
from analysis.intake.questions import NO, NONE, YES, Question
from analysis.intake.recognise import LOOK, number_of
from analysis.intake.source_reading import MANY_WORDS, SourceReading
from analysis.protocol.tomlmodel import key_of, quoted


class SourceWords(SourceReading):
    """The words of a table, and their levels."""

    def _levels(self, name: str) -> Mapping[str, tuple[str, ...]]:
        return plain_words(name, self.protocol)

    def _by_number(self, name: str, words: list[str]) -> dict[str, str]:
        """Propose what numbers mean: visits that are counted from 0, and 1 and 0 for yes and no."""
        if name == "timepoint":
            numbers = {number: word for word in words if (number := number_of(word)) is not None}
            whole = "0" in numbers and len(numbers) == len(words)
            return dict(zip([numbers[n] for n in sorted(numbers)], self._visits(), strict=False)) if whole else {}
        is_answer = name in self.protocol.measures and self.protocol.measures[name].kind == "answer"
        return {"1": "true", "0": "false"} if is_answer and set(words) <= {"0", "1"} else {}

    def _said_by_book(self, name: str) -> dict[str, str]:
        """Return what a data dictionary says of each code of a name, where it says one thing of it in all columns."""
        said: dict[str, set[str]] = {}
        for column in self._named(name):
            for code, words in self.book.codes.get(column, {}).items():
                said.setdefault(code, set()).add(words)
        return {code: words.pop() for code, words in said.items() if len(words) == 1 and code not in self.book.missing}

    def _meant(self, name: str, words: list[str], said: Mapping[str, str]) -> dict[str, str]:
        """Return the levels that words surely mean, codes by what the dictionary says of them."""
        levels = self.recogniser.levels(name, [said.get(word, word) for word in words])
        return {word: levels[said.get(word, word)] for word in words if said.get(word, word) in levels}

    def _words(self) -> Iterator[str]:
        """Say which of a file's words mean which level, and list the words that a person must place."""
        for name in sorted(self.names, key=[reading.name for reading in self.read.values()].index):
            levels, said = self._levels(name), self._said_by_book(name)
            present = self.words_in(self._named(name))
            if levels:
                yield from self._placed(name, levels, said, present)
            elif said and self._is_of_words(name):
                yield from self._named_by_book(name, said, present)

    def _placed(
        self, name: str, levels: Mapping[str, tuple[str, ...]], said: Mapping[str, str], present: Collection[str]
    ) -> Iterator[str]:
        """Place the words of one name among its levels: those ``said`` by the dictionary, and those in the file."""
        known = {word.casefold() for accepted in levels.values() for word in accepted}
        words = sorted({*said, *present})
        found = [word for word in words if word.casefold() not in known and word not in self.book.missing]
        if not found or len(found) > MANY_WORDS:
            return
        meaning, mark = self._proposed(name, found, words, said)
        meaning |= self._told(name, levels, [word for word in found if word not in meaning and word in present], said)
        yield from ["", f"[source.values.{name}]"]
        for level in levels:
            if theirs := [word for word in found if meaning.get(word) == level]:
                yield f"{key_of(level)} = [{', '.join(map(quoted, theirs))}]{mark}"
        if open_words := [word for word in found if word not in meaning and word in present]:
            listed = ", ".join(_with_label(word, said) for word in open_words)
            yield f"# ? which of {', '.join(levels)} are {listed}?"

    def _proposed(
        self, name: str, found: list[str], words: list[str], said: Mapping[str, str]
    ) -> tuple[dict[str, str], str]:
        """Return the levels that words mean unless a person says no, and a mark where nobody was there to say so."""
        by_number = {} if said else self._by_number(name, found)
        if not by_number:
            return self._meant(name, words, said), ""
        told = self.ask(Question(f"{name}: {_said(by_number)}; {LOOK}", (YES, NO), YES))
        return ({} if told == NO else by_number), f"  # ? {LOOK}" if told is None else ""

    def _told(
        self, name: str, levels: Mapping[str, tuple[str, ...]], words: list[str], said: Mapping[str, str]
    ) -> dict[str, str]:
        """Ask a person what words mean that nothing explains."""
        of_columns, told = self._holds(*self._named(name)), {}
        for word in words:
            question = f"{name}: what does {_with_label(word, said)} mean?"
            if answer := self.ask(Question(question, (*levels, NONE), "", of_columns)):
                told[word] = answer
        return told

    def _is_of_words(self, name: str) -> bool:
        """Whether a name holds words without levels, such as clinics; an identifier is no code."""
        attribute, condition = self.protocol.attributes.get(name), self.protocol.conditions.get(name)
        return name == "clinic_id" or condition is not None or getattr(attribute, "kind", "") == "text"

    def _named_by_book(self, name: str, said: Mapping[str, str], present: Collection[str]) -> Iterator[str]:
        """Call clinics and the like as the dictionary does; a word that would stand for two of them is a question."""
        words = {code: " ".join(label.split()) for code, label in said.items()}
        open_words = sorted(word for word in present if word not in said and word not in self.book.missing)
        of_word = Counter([*words.values(), *open_words])
        sure = {code: word for code, word in words.items() if word and of_word[word] == 1 and word != code}
        if sure:
            yield from ["", f"[source.values.{name}]"]
            yield from (f"{quoted(word)} = [{quoted(code)}]" for code, word in sure.items())
        unsure = [code for code in present if code in words and code not in sure and words[code] != code]
        if listed := ", ".join([*(_with_label(code, said) for code in sorted(unsure)), *map(quoted, open_words)]):
            yield f"# ? {name}: the dictionary gives no word of its own for {listed}; these stay as they are"


def _with_label(word: str, said: Mapping[str, str]) -> str:
    return f"{quoted(word)} ({' '.join(said[word].split())})" if word in said else quoted(word)


def _said(meaning: Mapping[str, str]) -> str:
    return ", ".join(f"{quoted(word)} means {level}" for word, level in meaning.items())
