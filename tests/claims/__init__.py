"""What the sentences, titles and pictures of a report claim, each wording beside its recount from the rows.

A claim is a pattern and a function: what the pattern finds in a text the function counts again, from the tables of one
row per hip, without the functions that made the text. What no claim finds, number or sentence, is in no way checked.
"""

import re
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from pathlib import Path

from analysis.protocol.policies import MINIMUM_PATIENTS
from claims.wording import CLAIMS, Seen

__all__ = ["CLAIMS", "Seen", "check_text", "numbers_in"]
for _subject in sorted(Path(__file__).parent.glob("[!_]*.py")):
    import_module(f"claims.{_subject.stem}")  # writes down its claims

# Said in every case, whatever the data: the wording of rules and of methods.
FIXED = [
    *("95 % CI", "95 % limits", "95 % intervals", "95 of 100 cases", "95 of 100 differences", "99.8 % limits"),
    *(f"{few}ewer than {MINIMUM_PATIENTS} patients" for few in "fF"),
    *("ewer than 3 clinics", "fewer than 12 periods"),
    *("fewer than 5 responders or non-responders", "than 5 judged hips", "has 5 judged hips"),
    *(
        "groups of 5 hips or more",
        "Newest period of 5 judged hips or more",
        "rounded to 0 or 5",
        "A gain of 5 may",
        "rounded to 5 degrees",
    ),
    *("Rounded to 0 or 5", "below .05", "(p < .001)", "leaves out 0 by"),
]
PLACES = re.compile(r"^\d\. \*\*|(?<=\w)\.\*\* ?", re.MULTILINE)
SENTENCE = re.compile(r"\S.*?(?:[.!?](?:\*\*)?(?=\s+[A-Z*\d])|\Z)", re.DOTALL)
# Sentences that say nothing of the data but, at most, that it may not be said.
EMPTY = re.compile(
    r"[Ww]ithheld|^A responder is a hip that meets this rule |^\*\*(?:Responder|Judged|By chance|Limits)\*\*: "
    r"|^\*\*·+\*\*: the range in which the rate|^This is observational|^Nobody was allocated|^By period\."
    r"|^In the order of their true rates\.$|^First readings\.$"
    r"|^The article expects the left hip|^Look for the cause\.$"
    r"|^A first reading that was (?:low by chance is followed by a higher|high by chance is followed by a lower) one"
    r"|^No measure with a known error was read"
    r"|^Nobody was assessed|^No two groups can be compared|^No published means are kept here"
    r"|^Classes are made of first|^This page is about one person|^No class is to be settled here"
    r"|^Within what two readings agree cannot be calculated"
    r"|^\*\*Safety\*\*: not recorded; the rules of this study ask nothing"
    r"|^\*\*Can it be trusted\?\*\*$"
    r"|^An internal report, for those who treat the patients|^Single hips are drawn only|^No other reading was tried"
    r"|^The (?:rules|protocol) of this study (?:define|call for|list|state)s? no|^[^a-z]+$"
)
_TRUE: set[tuple[str, Seen, tuple[str, ...]]] = set()
NUMBER = re.compile(r"(?<![\w.])\d+(?:,\d{3})*(?:\.\d+)?")


@cache
def named(seen: Seen) -> re.Pattern[str]:
    """What the study and its protocol call things, and what is said in every case."""
    rules, report = seen.report.protocol, seen.report
    kinds = (rules.types, rules.measures, rules.responses, rules.alternatives, rules.claims)
    labels = {kind.label for part in kinds for kind in part.values()}
    labels |= {option.label for alternative in rules.alternatives.values() for option in alternative.options}
    labels |= {label.split(":")[0] for label in labels} | {rules.caution}
    labels |= {label.lower() for label in labels} | set(report._study.problems["message"])
    words = [*map(re.escape, sorted([*FIXED, *labels], key=len, reverse=True))]
    clinics = report._tables.changes["clinic_id"].dropna().astype(str).unique()
    return re.compile("|".join([*words, *(rf"\b{re.escape(clinic)}\b" for clinic in clinics)]))


def blanked(text: str, seen: Seen) -> str:
    """The text with dots in place of names and of what is said in every case."""
    for words in (named(seen), PLACES):
        text = words.sub(lambda found: "·" * len(found[0]), text)
    return text


def numbers_in(text: str, seen: Seen) -> list[tuple[int, int]]:
    """Where in a text the numbers stand that the data decide."""
    return [found.span() for found in NUMBER.finditer(blanked(text, seen))]


def check_text(text: str, seen: Seen, claims: Iterable[str] = CLAIMS) -> tuple[set[str], list[str]]:
    """Count again whatever a text claims; return the claims found in it, and the numbers and sentences in none.

    All claims are looked for, or those named alone.
    """
    names, spans, whole = set(), [], []
    for name in claims:
        words, count = CLAIMS[name]
        for said in words.finditer(text):
            if (asked := (name, seen, said.groups())) not in _TRUE:  # counted once, however many texts claim it
                count(seen, *said.groups())
                _TRUE.add(asked)
            names.add(name)
            whole.append(said.span())
            spans += [said.span(place) for place in range(1, words.groups + 1)]
    # A claim may reach over the end of a sentence, so one that it only touches is claimed too.
    without_names = blanked(text, seen)
    said = [found.span() for found in SENTENCE.finditer(without_names) if not EMPTY.search(found[0])]
    silent = [text[a:z] for a, z in said if not any(start < z and a < end for start, end in whole)]
    numbers = [found.span() for found in NUMBER.finditer(without_names)]
    free = [(a, z) for a, z in numbers if not any(start <= a and z <= end for start, end in spans)]
    return names, silent + [text[max(a - 20, 0) : z + 20] for a, z in free]
