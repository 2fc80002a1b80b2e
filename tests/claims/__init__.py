"""What the sentences, titles and pictures of a report claim, each wording beside its recount from the rows.

A claim is a pattern and a function: what the pattern finds in a text the function counts again, from the tables of one
row per hip, without the functions that made the text. A number that no claim finds is in no way checked.
"""

import re

from claims import asymmetry, classes, clinics, degrees, hips, matching, quality, responders, sensitivity, sides
from claims.wording import CLAIMS, Seen

__all__ = ["CLAIMS", "Seen", "check_text", "numbers_in"]
SUBJECTS = (asymmetry, classes, clinics, degrees, hips, matching, quality, responders, sensitivity, sides)

# Said in every case, whatever the data: the wording of rules and of methods.
FIXED = [
    *("95 % CI", "95 % limits", "95 of 100 cases", "99.8 % limits"),
    *("fewer than 5 patients", "Fewer than 5 patients", "ewer than 3 clinics", "fewer than 12 periods"),
    *("fewer than 5 responders or non-responders", "than 5 judged hips", "has 5 judged hips"),
    *("rounded to 0 or 5", "A gain of 5 may", "rounded to 5 degrees", "below .05 by", "(p < .001)"),
]
PLACES = re.compile(r"^\d\. (?=\*\*)", re.MULTILINE)
NUMBER = re.compile(r"(?<![\w.])\d+(?:,\d{3})*(?:\.\d+)?")


def blanked(text: str, seen: Seen) -> str:
    """The text without what its study or protocol calls things, and without what is said in every case."""
    rules, report = seen.report.protocol, seen.report
    kinds = (rules.types, rules.measures, rules.responses, rules.alternatives, rules.claims)
    labels = {kind.label for part in kinds for kind in part.values()}
    labels |= {option.label for alternative in rules.alternatives.values() for option in alternative.options}
    labels |= {label.split(":")[0] for label in labels} | {rules.caution}
    labels |= set(report.tables.changes["clinic_id"].dropna().astype(str)) | set(report.study.problems["message"])
    for words in sorted([*FIXED, *labels, *(label.lower() for label in labels)], key=len, reverse=True):
        text = text.replace(words, "·" * len(words))
    return PLACES.sub(lambda found: "·" * len(found[0]), text)


def numbers_in(text: str, seen: Seen) -> list[tuple[int, int]]:
    """Where in a text the numbers stand that the data decide."""
    return [found.span() for found in NUMBER.finditer(blanked(text, seen))]


def check_text(text: str, seen: Seen) -> tuple[set[str], list[str]]:
    """Count again whatever a text claims; return the claims found in it, and the numbers that none of them holds."""
    names, spans = set(), []
    for name, (words, count) in CLAIMS.items():
        for said in words.finditer(text):
            count(seen, *said.groups())
            names.add(name)
            spans += [said.span(place) for place in range(1, words.groups + 1)]
    free = [
        span for span in numbers_in(text, seen) if not any(start <= span[0] and span[1] <= end for start, end in spans)
    ]
    return names, [text[max(start - 20, 0) : end + 20] for start, end in free]
