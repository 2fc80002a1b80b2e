"""The words of ``vocabulary.toml`` and of a protocol, in the form in which headers and cells are compared with them."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

from analysis.intake.parse import plain_words
from analysis.protocol import Protocol
from analysis.schema import column_types

UNSURE = "unsure"  # the "language" of words that may or may not be what is wanted
_OF_ALL = (UNSURE, "all")
Words = tuple[str, ...]
# What REDCap, and the identifiers of CDISC, put around the name of an event.
_OF_EVENTS = re.compile(r"_arm_\d+$| \(Arm \d+: .*\)$|^SE[._]")
# What words of a cell may name beside its visit: anything else may tell how long before or after it was.
_BESIDE_VISITS = ("timepoint", "stretch_given")


@dataclass(frozen=True)
class Meaning:
    """What some words mean: ``kind`` is name, visit, side, small or other; ``value`` says which."""

    kind: str
    value: str
    language: str


@cache
def _read() -> dict[str, dict]:
    return tomllib.loads(Path(__file__).with_name("vocabulary.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=10_000)
def plain(text: str) -> Words:
    """Divide text into its words, without capitals, accents and elided articles; a range such as 0-10 is left out.

    Examples
    --------
    >>> plain("Außenrotation, Huefte (li.)"), plain("hip_ir_deg"), plain("PatientID")
    (('aussenrotation', 'hufte', 'li'), ('hip', 'ir', 'deg'), ('patient', 'id'))
    >>> plain("Test d'Ober"), plain("Pain, 0 to 10")
    (('test', 'ober'), ('pain',))
    """
    text = re.sub(r"(?<=[a-zß-ÿ])(?=[A-ZÀ-Þ])", " ", text)
    text = re.sub(r"\b[dln]['’]|['’]s\b", " ", text.casefold())
    text = re.sub(r"\b\d+ *(?:-|–|to|bis|à|a|tot) *\d+\b", " ", text)
    text = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    # An umlaut may be spelled out; what is compared with this is changed in the same way.
    return tuple(re.sub("(?<=[aou])e", "", word) for word in re.findall(r"[^\W\d_]+\d*|\d+", text))


class Vocabulary:
    """What words mean for one protocol."""

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        known = column_types(protocol, "assessments") | column_types(protocol, "interventions")
        groups = {name for name, attribute in protocol.attributes.items() if attribute.groups}
        self.names = [name for name in known if not name.startswith("source_") and name not in groups]
        entries = list(self._entries())
        taken = {plain(text) for kind, *_, text in entries if kind != "small"}
        self.small = {word for kind, *_, text in entries if kind == "small" for word in plain(text)}
        self.small -= {words[0] for words in taken if len(words) == 1}
        self.phrases: dict[Words, set[Meaning]] = {}
        for kind, value, language, text in entries:
            if words := self.words(text):
                self.phrases.setdefault(words, set()).add(Meaning(kind, value, language))
        self.longest = max(map(len, self.phrases))
        self._levels: dict[str, dict[str, str]] = {}

    def words(self, text: str) -> Words:
        """Return the words of a text that mean something."""
        return tuple(word for word in plain(text) if word not in self.small)

    def _entries(self) -> Iterator[tuple[str, str, str, str]]:
        """Give kind, value, language and text of every entry that this protocol has a use for."""
        for name in self.names:
            part = self.protocol.measures.get(name) or self.protocol.conditions.get(name)
            own = [name, part.label, getattr(part, "short", "")] if part else [name]
            own = own[1:] if name.removesuffix("_deg") in self.names[: self.names.index(name)] else own
            yield from (("name", name, "all", text) for text in own)
        groups = {"name": ("names", self.names), "visit": ("visits", self.protocol.timepoints)}
        for kind, (group, wanted) in groups.items():
            for value in wanted:
                yield from ((kind, value, *entry) for entry in _listed(_read()[group].get(value, {})))
        for timepoint in self.protocol.timepoints:
            yield "visit", timepoint, "all", timepoint
        for side in ("left", "right"):
            yield from (("side", side, *entry) for entry in _listed(_read()["sides"][side]))
        for kind in ("small", "other"):
            yield from ((kind, kind, *entry) for entry in _listed(_read()[kind]))

    def language(self, headers: Iterable[Words]) -> str | None:
        """Return the language of a file: that to which most of the words belong which belong to one alone.

        Letters such as L and R stand in files of every language.
        """
        votes: dict[str, int] = {}
        for words in headers:
            for start in range(len(words)):
                first = 2 if len(words[start]) == 1 else 1
                for size in range(first, 1 + min(self.longest, len(words) - start)):
                    found = {meaning.language for meaning in self.phrases.get(words[start : start + size], ())}
                    if len(found) == 1 and (language := found.pop()) not in _OF_ALL:
                        votes[language] = votes.get(language, 0) + 1
        most = [language for language, count in votes.items() if count == max(votes.values())]
        return most[0] if len(most) == 1 else None

    def meanings(self, words: Words, language: str | None) -> set[Meaning]:
        """Return what words mean in the language of a file; what they mean only in another one is not sure."""
        found = self.phrases.get(words, set())
        own = {meaning for meaning in found if language is None or meaning.language in (language, *_OF_ALL)}
        return own or {replace(meaning, language=UNSURE) for meaning in found}

    def levels(self, name: str, words: Iterable[str], language: str | None) -> dict[str, str]:
        """Return the level of a name that each word of a column surely means; words of which that is not sure lack."""
        words = list(words)
        alone = _paired(name, {word.casefold() for word in words})
        levels = {word: alone.get(word.casefold()) or self._level(name, word, language) for word in words}
        signs = [word for word in levels if word.casefold() in missing_words("marks")]
        for sign in signs:  # a dash is a result beside a plus alone; else it may say that nothing was done
            if "+" not in words or list(levels.values()).count(levels[sign]) > 1:
                levels[sign] = None
        return {word: level for word, level in levels.items() if level is not None}

    def _level(self, name: str, word: str, language: str | None) -> str | None:
        text = " ".join(self.words(word)) or word.strip().casefold()
        accepted = self._accepted(name)
        if level := accepted.get(text) or accepted.get(" ".join(self._without_name(name, text))):
            return level
        if name == "timepoint":
            return self._visit(_OF_EVENTS.sub("", word), language)
        starts = [level for level in plain_words(name, self.protocol) if len(text) > 2 and level.startswith(text)]
        return starts[0] if len(starts) == 1 else None

    def _accepted(self, name: str) -> dict[str, str]:
        """Return the words of each level of a name, as they are compared."""
        if name not in self._levels:
            self._levels[name] = {
                " ".join(self.words(text)) or text: level
                for level, plain_ones in plain_words(name, self.protocol).items()
                for group in ("levels", "sides")
                for text in [*plain_ones, *(text for _, text in _listed(_read()[group].get(level, {})))]
            }
        return self._levels[name]

    def _without_name(self, name: str, text: str) -> list[str]:
        """Leave out the words that name the column itself, as in ``Left hip``."""
        names = {
            word
            for words, found in self.phrases.items()
            if any(meaning.kind == "name" and meaning.value == name for meaning in found)
            for word in words
        }
        return [word for word in text.split() if word not in names or word in self._accepted(name)]

    def _visit(self, word: str, language: str | None) -> str | None:
        """Return the one visit that a cell names, such as ``Before the stretch``; not ``A week after the stretch``."""
        words, found, start = self.words(word), set(), 0
        while start < len(words):
            for size in range(self.longest, 0, -1):
                meanings = self.meanings(words[start : start + size], language)
                visits = {meaning for meaning in meanings if meaning.kind == "visit"}
                if visits or any(meaning.value in _BESIDE_VISITS for meaning in meanings):
                    break
            else:
                return None
            found |= {"" if meaning.language == UNSURE else meaning.value for meaning in visits}
            start += len(words[start : start + size])
        return found.pop() or None if len(found) == 1 and not any(char.isdigit() for char in word) else None


def missing_words(part: str = "missing") -> set[str]:
    """Return words that stand for no number, in lower case; of ``marks`` those that may mean something else too."""
    return {text.casefold() for _, text in _listed(_read()[part])}


def words_for_sides() -> set[str]:
    """Return the words that mean sides even beside a measure, as in ``IR side``."""
    return {text for _, text in _listed(_read()["sides"]["itself"])}


def column_words(part: str) -> list[str]:
    """Return the names of columns that tell what a row measures (``parameter``), or hold it (``value``), in order."""
    return [" ".join(plain(text)) for _, text in _listed(_read()["long"][part])]


def pairs_of(kind: str) -> list[list[str]]:
    """Return the letters that mean two sides, or two sexes, when they stand beside each other."""
    return _read()["pairs"][kind]


def _paired(name: str, letters: set[str]) -> dict[str, str]:
    """Return what single letters mean in a column of sides or sexes that holds no other words."""
    levels = {"side": ("left", "right"), "sex": ("female", "male")}.get(name, ())
    fits = [pair for pair in pairs_of(name) if letters == set(pair)] if levels else []
    return dict(zip(fits[0], levels, strict=True)) if len(fits) == 1 else {}


def _listed(part: dict[str, str]) -> Iterator[tuple[str, str]]:
    for language, texts in part.items():
        if language != "source":
            yield from ((language, text) for text in texts.split(", "))
