"""Which hips could be judged, and who was seen again."""

import re
from functools import cache
from itertools import pairwise

import pandas as pd

from claims.rows import HIP, measure_of, primary
from claims.wording import N, P, Seen, claim, same, same_percent


@cache
def flow(seen: Seen) -> dict[str, pd.DataFrame]:
    """The hips that reach each step, under the reason for which those that do not are lost."""
    rows = primary(seen)[[*HIP, "has_start", "reason", "has_end", "comparable", "judged"]]
    pair = seen.report.protocol.comparisons[seen.report.comparison]
    steps = {"": seen.report._tables.assessments[HIP].drop_duplicates()}
    asked = {
        f"without a {pair.start} visit": rows["has_start"],
        "with no room to improve": rows["reason"] != "no room to improve",
        "with a first reading of 0 or less": rows["reason"] != "a first reading of 0 or less",
        f"without a {pair.end} visit": rows["has_end"],
        "measured in another way": rows["comparable"],
        "without a reading that is needed": rows["judged"],
    }
    held = pd.Series(True, rows.index)
    for reason, holds in asked.items():
        held &= holds
        steps[reason] = rows[held]
    return steps


def in_and_out(seen: Seen) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, int]]:
    steps = list(flow(seen).items())
    lost = {reason: len(before) - len(hips) for (_, before), (reason, hips) in pairwise(steps)}
    return steps[0][1], steps[-1][1], {reason: n for reason, n in lost.items() if n}


@claim(
    rf"\*\*{N} hips? of {N} patients? (?:was|were) seen; (?:{N} could be judged \({P}\)\*\*, from {N} patients?|(none))"
)
def came_in(seen, n, people, could, share, behind, none):
    hips, rest, _ = in_and_out(seen)
    same([n, people], len(hips), hips["patient_id"].nunique())
    same([could or "0", behind or "0"], len(rest), rest["patient_id"].nunique())
    assert bool(none) == rest.empty
    if could:
        same_percent(share, len(rest) / len(hips))


@claim(r"with no room to improve \((.+?) was ([\w ]+) already\)")
def why_no_room(seen, label, level):
    """Said where a third of the hips have none: of each the first reading that was made was the best, by any test."""
    hips, _, lost = in_and_out(seen)
    assert 3 * lost["with no room to improve"] >= len(hips)
    name, parts = measure_of(seen, label), seen.report.protocol.responses.values()
    rules = [rule for part in parts for rule in getattr(part, "rules", ()) if rule.measure == name]
    assert level in {*seen.report.protocol.measures[name].levels} - {rule.start for rule in rules}


@claim(rf"(?:(None) of {N} hips? could be judged|{N} of {N} hips? could be judged; {N} could not): ([^.]+)\.")
def not_judged(seen, none, of_none, could, of, could_not, why):
    hips, rest, lost = in_and_out(seen)
    same([of_none or of], len(hips))
    same([could or "0", could_not or of_none], len(rest), sum(lost.values()))
    assert bool(none) == rest.empty
    parts = re.split(r", (?=\d)| and (?=\d)", re.sub(r" \([^)]+\)", "", why))
    said = {part.split(" ", 1)[1]: part.split(" ", 1)[0] for part in parts}
    assert list(said) == list(lost)
    same(list(said.values()), *lost.values())


@claim(rf"{N} of {N} hips? could be judged \({P}\)\.")
def judged_in_short(seen, could, of, share):
    hips, rest, _ = in_and_out(seen)
    same([could, of], len(rest), len(hips))
    same_percent(share, len(rest) / len(hips))


@claim(r"(Every) hip could be judged\.")
def all_judged(seen, _):
    hips, rest, _ = in_and_out(seen)
    assert len(hips) == len(rest)


STEPS = {"Hips measured at any visit": "", "With room to improve": "with no room to improve",
         "With a first reading above 0": "with a first reading of 0 or less",
         "Measured in the same way both times": "measured in another way",
         "Judged by the primary rule": "without a reading that is needed"}  # fmt: skip


def reached(seen: Seen, step: str) -> pd.DataFrame:
    visit = re.search(r"^Measured at (\w+)(?: too)?$", step)
    return flow(seen)[f"without a {visit[1]} visit" if visit else STEPS[step]]


@claim(rf"(?:hips\. |; )([^;:]+): {N} hips?, {N} patients?(?=[;.])")
def step_drawn(seen, step, n, people):
    hips = reached(seen, step)
    same([n, people], len(hips), hips["patient_id"].nunique())


@claim(rf"^Of {N} hips?, (?:{N} could be judged|how many could be judged is (withheld))$")
def flow_title(seen, n, could, withheld):
    same([n], len(flow(seen)[""]))
    if not withheld:
        same([could], len(reached(seen, "Judged by the primary rule")))


def seen_again(seen: Seen) -> dict[str, pd.Series]:
    """Whether each hip with the earlier visit of a comparison had the later one too."""
    rows, pairs = seen.report._tables.changes, seen.report.protocol.comparisons
    due = {name: rows[(rows["comparison"] == name) & rows["has_start"]] for name in pairs if not pairs[name].unchanged}
    found = {pairs[name].label: hips["has_end"].astype(bool) for name, hips in due.items() if len(hips)}
    return {label[0].lower() + label[1:]: again for label, again in found.items()}


@claim(rf"(?:Seen again: |; )([a-z][^;:]+) {N} of {N} hips? \({P}\)(?=[;.])")
def followed_up(seen, label, yes, n, share):
    again = seen_again(seen)[label]
    same([yes, n], again.sum(), len(again))
    same_percent(share, again.mean())
    assert not again.all()


@claim(r"(; at the other visits every hip|Every hip was seen again)\.")
def others_followed_up(seen, words):
    every = [again.all() for again in seen_again(seen).values()]
    assert any(every) if words.startswith(";") else all(every)
