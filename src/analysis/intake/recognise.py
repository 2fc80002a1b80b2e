"""Which of our names a column of a clinic's file may be: by its header, then by its words. Nothing is certain here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from analysis.intake.parse import plain_words
from analysis.protocol import Protocol
from analysis.schema import SIDES, column_types

# Headers as clinics write them. The labels and names of the protocol are known beside these.
_HEADERS = {
    "patient_id": "id, patient, patient id, pat id, patient no, person, participant, subject, pid, record id, study id",
    "clinic_id": "clinic, site, centre, center, practice, hospital",
    "side": "side, hip, leg, limb, hip side, laterality",
    "timepoint": "timepoint, visit, time, measurement, event, event name, redcap event name",
    "episode": "episode, repeat instance, redcap repeat instance",
    "date": "date, day, visit date, date of visit",
    "sex": "sex, gender",
    "age_years": "age, age years",
    "motion": "motion, active passive",
    "rater": "rater, examiner, assessor, measured by",
    "hip_ir_deg": "hip ir, ir deg, internal rotation, int rot",
    "hip_er_deg": "hip er, er deg, external rotation, ext rot",
    "slr_deg": "slr deg, leg raise",
    "global_change": "global change, global rating of change, pgic, gpe",
    "ober": "ober test, obers test",
    "stretch_given": "stretch, treatment",
    "pain_nrs": "pain, nrs",
}
_WHEN = {
    "intake": "intake, initial, screening",
    "baseline": "baseline, pre, before, bef",
    "post": "post, after, aft",
    "followup": "followup, follow up, fu, later, retest",
}
# Some number visits from 0, many from 1, and the first need not be the baseline: only a person can say.
_NUMBERED = r"(?:t|tp|v|visit|time|timepoint|session)? ?(\d)"
_WORDS = {
    "left": "l, li, lt",
    "right": "r, re, rt",
    "positive": "pos, +",
    "negative": "neg, -",
    "female": "f, w, woman",
    "male": "m, man",
    "true": "y",
    "false": "n",
}


@dataclass(frozen=True)
class Reading:
    """What a header was read as; ``sure`` is False where an abbreviation had to be filled in.

    With ``numbered``, ``timepoint`` is only the number of a visit, such as 1 of T1.
    """

    name: str
    timepoint: str | None = None
    side: str | None = None
    sure: bool = True
    numbered: bool = False


class Recogniser:
    """Reads headers and words with the vocabulary of one protocol."""

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        known = column_types(protocol, "assessments") | column_types(protocol, "interventions")
        self.names = [name for name in known if not name.startswith("source_")]

    @cached_property
    def _headers(self) -> dict[str, str]:
        """Every known header in lower case, with the one name it stands for."""
        meanings: dict[str, set[str]] = {}
        for name in self.names:
            part = self.protocol.measures.get(name) or self.protocol.conditions.get(name)
            texts = [name, *_HEADERS.get(name, "").split(", ")]
            texts += [part.label, getattr(part, "short", "")] if part else []
            for text in texts:
                if words := " ".join(_words(text)):
                    meanings.setdefault(words, set()).add(name)
        return {text: names.pop() for text, names in meanings.items() if len(names) == 1}

    @cached_property
    def _when(self) -> dict[str, str]:
        return {word: t for t in self.protocol.timepoints for word in [t, *_WHEN.get(t, "").split(", ")] if word}

    def header(self, header: str) -> Reading | None:
        """Read a header, such as ``IR pre L``; ``None`` when it means nothing known."""
        words = _words(header)
        if name := self._headers.get(" ".join(words)):
            return Reading(name, sure=words[:2] != ["redcap", "repeat"])  # which may count hips, not episodes
        timepoint, rest = self._take(words, self._when)
        side, rest = self._take(rest, {word: side for side in SIDES for word in [side, *_words(_WORDS[side])]})
        if name := self._headers.get(" ".join(rest)):
            return Reading(name, timepoint, side)
        if timepoint is None and (reading := self._numbered(rest, side)):
            return reading
        return self._glued(rest, timepoint, side)

    def _take(self, words: list[str], meanings: Mapping[str, str]) -> tuple[str | None, list[str]]:
        """Take the one word, or two words, that say when or which side out of a header of several."""
        for size in (2, 1):
            for start in range(len(words) - size + 1):
                text = " ".join(words[start : start + size])
                if text in meanings and len(words) > size:
                    return meanings[text], words[:start] + words[start + size :]
        return None, words

    def _numbered(self, words: list[str], side: str | None) -> Reading | None:
        """Read ``IR T1``: a measure at a visit that is only numbered."""
        numbers = {}
        for text in [*words, *(" ".join(pair) for pair in pairwise(words))]:
            if found := re.fullmatch(_NUMBERED, text):
                numbers[text] = found[1]
        number, rest = self._take(words, numbers)
        name = self._headers.get(" ".join(rest))
        return Reading(name, number, side, numbered=True) if number and name in self.protocol.measures else None

    def _glued(self, words: list[str], timepoint: str | None, side: str | None) -> Reading | None:
        """Read ``rbef``: the start of a measure's name and, where it is not known yet, when, without a blank."""
        if len(words) != 1:
            return None
        text = words[0]
        if timepoint is None:
            ends = [word for word in self._when if len(word) > 2 and text.endswith(word) and len(text) > len(word)]
            if not ends:
                return None
            longest = max(ends, key=len)
            timepoint, text = self._when[longest], text.removesuffix(longest)
        if name := self._headers.get(text):
            return Reading(name, timepoint, side)
        starts = {
            name
            for name, measure in self.protocol.measures.items()
            if any(word.startswith(text) for word in _words(measure.label))
        }
        return Reading(starts.pop(), timepoint, side, sure=False) if len(starts) == 1 else None

    def by_words(self, words: Sequence[str], taken: set[str]) -> str | None:
        """Recognise a column by its words, where they are levels of one name alone."""
        fits = []
        for name in self.names:
            levels = plain_words(name, self.protocol)
            is_answer = name in self.protocol.measures and self.protocol.measures[name].kind == "answer"
            if name not in taken and levels and not is_answer and {w.casefold() for w in words} & set(levels):
                fits.append(name)
        return fits[0] if len(fits) == 1 else None

    def word(self, name: str, word: str) -> str | None:
        """Return the level that a word surely means, ``None`` when that is not sure."""
        levels = plain_words(name, self.protocol)
        plain = word.casefold()
        for level, accepted in levels.items():
            if plain in (*accepted, *_WORDS.get(level, "").split(", ")):
                return level
        if name == "timepoint":
            return self._when.get(" ".join(_words(re.sub(r"_arm_\d+$", "", word))))  # as REDCap names events
        starts = [level for level in levels if len(plain) > 2 and level.startswith(plain)]
        return starts[0] if len(starts) == 1 else None


def _words(text: str) -> list[str]:
    """Divide a header into its words in lower case.

    Examples
    --------
    >>> _words("IR pre (L)"), _words("hip_ir_deg"), _words("PatientID")
    (['ir', 'pre', 'l'], ['hip', 'ir', 'deg'], ['patient', 'id'])
    """
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return [word.lower() for word in re.findall(r"[^\W\d_]+\d*|\d+", apart)]
