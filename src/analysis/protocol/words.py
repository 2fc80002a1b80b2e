"""What the report calls the thing that is measured, and what is done to it."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from analysis.protocol.tomlmodel import Part

Word = Annotated[str, Field(min_length=1, pattern=r"^[^{}<>*`\r\n]+$")]


class Thing(Part):
    """What is measured on each side of a person, such as a hip, a shoulder or an eye."""

    one: Word
    many: Word


class Intervention(Part):
    """What is done between the visits, such as a stretch or an injection, and what has then been done to the thing."""

    one: Word
    many: Word
    done: Word


class Words(Part):
    """The study's own nouns, which stand in every sentence, table, figure and title.

    ``worse`` is what the side with the worse readings is called. The program's own texts are written of hips and
    stretches; the properties below are these words, in the study's own.
    """

    thing: Thing = Thing(one="side", many="sides")
    intervention: Intervention = Intervention(one="treatment", many="treatments", done="treated")
    worse: Word = "worse"

    @property
    def hip(self) -> str:
        """Its name."""
        return self.thing.one

    @property
    def hips(self) -> str:
        """Its plural."""
        return self.thing.many

    @property
    def stretch(self) -> str:
        """What is done."""
        return self.intervention.one

    @property
    def stretches(self) -> str:
        """Its plural."""
        return self.intervention.many

    @property
    def stretched(self) -> str:
        """What was done to the thing."""
        return self.intervention.done

    @property
    def Hips(self) -> str:
        """Its plural, at the start of a sentence or alone."""
        return _capital(self.hips)

    @property
    def Hip(self) -> str:
        """Its name, at the start of a sentence or alone."""
        return _capital(self.hip)

    @property
    def Stretch(self) -> str:
        """What is done, at the start of a sentence."""
        return _capital(self.stretch)

    @property
    def Stretches(self) -> str:
        """The plural of what is done, at the start of a sentence."""
        return _capital(self.stretches)

    @property
    def a_hip(self) -> str:
        """Its name with an article: a hip, an eye."""
        return _with_article(self.thing.one)

    @property
    def a_stretch(self) -> str:
        """What is done, with an article: a stretch, an injection."""
        return _with_article(self.intervention.one)

    @property
    def A_hip(self) -> str:
        """The same, at the start of a sentence."""
        return _capital(self.a_hip)

    @property
    def A_stretch(self) -> str:
        """The same, at the start of a sentence."""
        return _capital(self.a_stretch)

    def count(self, n: int) -> str:
        """Return a number of things: 1 hip, 1,234 hips."""
        return f"{n:,} {self.hip if n == 1 else self.hips}"

    def tell(self, text: str) -> str:
        """Return one of the program's own texts in the words of the study; never text that holds a value.

        Examples
        --------
        >>> words = Words(thing=Thing(one="eye", many="eyes"))
        >>> words.tell("Every hip of a group; a hip's stretch.")
        "Every eye of a group; an eye's treatment."
        """
        return _OWN.sub(self._own, text)

    def _own(self, found: re.Match[str]) -> str:
        article, word = found.groups()
        own: str = getattr(self, word.lower())
        text = _with_article(own) if article else own
        return _capital(text) if found[0][0].isupper() else text


_OWN = re.compile(r"\b(an? )?(hips?|stretch(?:es|ed)?)\b", re.IGNORECASE)


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _with_article(noun: str) -> str:
    return f"{'an' if noun[0].lower() in 'aeiou' else 'a'} {noun}"


def within_sentence(label: str) -> str:
    """Return a label as it stands within a sentence: with a small first letter, but for names and abbreviations.

    Capitals further on are those of names and units, such as newtons.

    Examples
    --------
    >>> within_sentence("Ober's test, angle"), within_sentence("From intake to baseline, after IR drills alone")
    ("Ober's test, angle", 'from intake to baseline, after IR drills alone')
    >>> within_sentence("Force gained 20 N or more"), within_sentence("Points of the Harris score")
    ('force gained 20 N or more', 'points of the Harris score')
    """
    first, blank, rest = label.partition(" ")
    return (first if _stays(first) else first.lower()) + blank + rest


def _stays(word: str) -> bool:
    abbreviated = len(word) > 1 and word.isupper()
    return abbreviated or word.startswith("Ober") or any(letter.isupper() for letter in word[1:])


def between(low: float, high: float) -> str:
    """Return two limits as they stand in a sentence, with a minus sign.

    Examples
    --------
    >>> between(-5, 70)
    '−5 to 70'
    """
    return f"{minus(low)} to {minus(high)}"


def minus(number: float) -> str:
    """Return a number as it stands in a sentence, with a minus sign."""
    return f"{number:g}".replace("-", "−")
