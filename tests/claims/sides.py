"""Left against right: which hips of the same people responded."""

from functools import cache

import numpy as np
import pandas as pd
from scipy import stats

from claims.intervals import first_clinic, mcnemar, of_mean, score_of_pairs
from claims.rows import both_judged
from claims.wording import (
    LIMITS,
    PEOPLE,
    D,
    N,
    Seen,
    claim,
    listed,
    same,
    same_rounded,
    same_words,
    shown,
    side_of_zero,
)

VERDICTS = {1: "Left hips responded more often", -1: "Right hips responded more often"}


def limits_of(seen: Seen, response: str = ""):
    """By clinic where pairs come from 5 that are recorded and these differ; else Tango's."""
    people = both_judged(seen, response)
    clinic, apart = clinics_of(seen, people), people["left"].astype(float) - people["right"]
    by_clinic = of_mean(clinic.fillna("not recorded"), apart) if clinic.nunique() >= 5 else (np.nan, np.nan)
    if np.isnan(by_clinic[0]):
        return score_of_pairs(people["left"], people["right"])
    return max(by_clinic[0], -1), min(by_clinic[1], 1)


@cache
def clinics_of_people(seen: Seen) -> dict[str, str]:
    rows = seen.report._tables.responses
    return dict(zip(rows["patient_id"], first_clinic(rows), strict=True))


def clinics_of(seen: Seen, people: pd.DataFrame) -> pd.Series:
    """The clinic of each person, missing where none is recorded."""
    first = clinics_of_people(seen)
    return pd.Series([first[person] for person in people.index.get_level_values("patient_id")], people.index, object)


def by_clinic(seen: Seen) -> bool:
    people = both_judged(seen)
    return clinics_of(seen, people).nunique() >= 5 and limits_of(seen) != score_of_pairs(
        people["left"], people["right"]
    )


IF_ALIKE = "(, if clinics do not differ in left against right)?"


def said_if_alike(seen: Seen, said: str | None) -> None:
    """A clear difference of people of 2 to 4 clinics, or of more that do not scatter, asks for clinics to be alike."""
    several = len(set(clinics_of(seen, both_judged(seen)).dropna())) > 1
    assert bool(said) == (several and not by_clinic(seen) and side_of_zero(limits_of(seen)) != 0)


@claim(r"(?:\. |\*\*)(?:(Left|Right) hips responded more often than the \w+ hips of the same people"
       rf"(?:, all groups together)?{IF_ALIKE}\.|(Left and right) hips of the same people)")  # fmt: skip
def headline_of_sides(seen, side, if_alike, neither):
    same_words(side or neither, {1: "Left", -1: "Right"}.get(side_of_zero(limits_of(seen)), "Left and right"))
    said_if_alike(seen, if_alike)


@claim(rf"If clinics do not differ in it, the {LIMITS} \(p ([=<]) (\.\d+|1), McNemar\)\.".replace("CI ", "CI is "))
def with_people_as_independent(seen, low, high, sign, p):
    people = both_judged(seen)
    left, right = people["left"], people["right"]
    assert by_clinic(seen)
    same_rounded([low, high], *(100 * end for end in score_of_pairs(left, right)))
    b, c = (left & ~right).sum(), (right & ~left).sum()
    same_p(sign, p, stats.chi2.sf((b - c) ** 2 / max(b + c, 1), 1))


def same_p(sign: str, said: str, counted: float) -> None:
    if sign == "<":
        assert (said, counted < 0.001) == (".001", True)
    else:
        same([said.replace(".", "0.")], counted)


@claim(
    rf"\*\*([^*]+)\*\*{IF_ALIKE}: of {N} {PEOPLE} with both hips judged, "
    rf"(?:only the left hip responded in {N}, only the right in {N}|"
    rf"(in none) did one hip respond without the other) \(difference {D} percentage points?; {LIMITS}\)"
)
def pairs(seen, verdict, if_alike, n, left_only, right_only, none, difference, low, high):
    people, limits = both_judged(seen), limits_of(seen)
    left, right = people["left"], people["right"]
    same([n, left_only or "0", right_only or "0"], len(people), (left & ~right).sum(), (right & ~left).sum())
    assert bool(none) == bool((left == right).all())
    same_rounded([difference, low, high], *(100 * x for x in (left.mean() - right.mean(), *limits)))
    words = VERDICTS.get(side_of_zero(limits), "No clear difference between left and right")
    assert verdict.startswith(words)
    said_if_alike(seen, if_alike)


@claim(r"((?:No person has both hips judged|no person has both hips judged))")
def no_pairs(seen, _):
    assert both_judged(seen).empty


P_VALUES = {"Mean by clinic": "p_by_clinic", "McNemar": "p_score", "McNemar mid-p": "p_midp",
            "McNemar exact": "p_exact", "Obuchowski": "p_obuchowski", "Durkalski": "p_durkalski",
            "GEE": "p_gee"}  # fmt: skip
LIMITS_OF = {"Mean by clinic": "by_clinic", "McNemar": "tango", "Newcombe": "newcombe", "Obuchowski": "obuchowski",
             "Durkalski": "durkalski", "GEE": "gee"}  # fmt: skip


def limits_by(seen: Seen) -> dict[str, tuple[float, float]]:
    """The interval of each method that has one; the p beside it is below .05 where it leaves out 0."""
    people, row = both_judged(seen), shown(seen, "sides").iloc[0]
    found = {label: tuple(row[f"{name}_{end}"] for end in ("low", "high")) for label, name in LIMITS_OF.items()}
    found = {label: ends for label, ends in found.items() if ends[0] == ends[0]}
    for label, ends in found.items():
        assert label not in P_VALUES or (row[P_VALUES[label]] < 0.05) == (side_of_zero(ends) != 0), label
    if len(people):
        left, right = people["left"], people["right"]
        exact, midp = mcnemar((left & ~right).sum(), (right & ~left).sum())
        assert ("Mean by clinic" in found) == by_clinic(seen)
        assert abs(row["p_exact"] - exact) + abs(row["p_midp"] - midp) < 1e-9
        assert np.allclose(found["McNemar"], score_of_pairs(left, right), atol=1e-9)
    return found


AGREE = "Every method finds a difference on the same side"
NONE = "No method finds a clear difference, which does not show that there is none"


@claim(rf"({AGREE}|{NONE}): in percentage points they estimate {D}(?: to {D})?, with 95 % CIs from {D} to {D}")
def methods_alike(seen, which, least, most, low, high):
    row, limits = shown(seen, "sides").iloc[0], limits_by(seen)
    signs = {side_of_zero(ends) for ends in limits.values()}
    assert signs in (({0},) if which == NONE else ({1}, {-1}))
    columns = {"Durkalski": "durkalski_difference", "GEE": "gee_difference"}
    apart = [row[columns.get(label, "difference")] for label in limits]
    ends = [min(low for low, _ in limits.values()), max(high for _, high in limits.values())]
    same_rounded([least, most or least, low, high], *(100 * x for x in (min(apart), max(apart), *ends)))


DEPENDS = r"\*\*Whether left and right differ depends on the method\*\*: the 95 % CI"


@claim(rf"{DEPENDS} leaves out 0 by (.+?), and not by (.+?)\.")
def methods_differ(seen, clear, not_clear):
    found = limits_by(seen)
    assert listed(clear) == [label for label, ends in found.items() if side_of_zero(ends)]
    assert listed(not_clear) == [label for label, ends in found.items() if not side_of_zero(ends)]


@claim(r"difference between left and right (is not the same in all|varies between) [^(]+ \(p ([=<]) (\.\d+|1)\)")
def between_groups(seen, verdict, sign, p):
    """The test is the table's."""
    found = shown(seen, "sides_between_groups").iloc[0]["p_interaction"]
    same_p(sign, p, found)
    assert (verdict == "is not the same in all") == (found < 0.05)


def comparisons(seen: Seen) -> dict[str, str]:
    """The rules with pairs that may be shown, by their labels."""
    rules = seen.report.protocol.responses
    table = shown(seen, "sides_of_each_test")
    hidden = set(table.loc[table["suppressed"], "response"])
    return {rules[name].label: name for name in rules if name not in hidden and len(both_judged(seen, name))}


@claim(r"a difference is clear in (none|\d+) of (\d+) comparisons$")
def differences_drawn(seen, clear, n):
    found = [side_of_zero(limits_of(seen, name)) for name in comparisons(seen).values()]
    same([clear.replace("none", "0"), n], sum(map(abs, found)), len(found))


@claim(r"in the same people: a difference is (not )?clear$")
def one_difference_drawn(seen, unclear):
    (found,) = [side_of_zero(limits_of(seen, name)) for name in comparisons(seen).values()]
    assert bool(unclear) == (found == 0)


@claim(rf"(?:percentage points\. |; )([^;]+): {D} \({LIMITS}\)(?=;|\.$)")
def difference_drawn(seen, label, difference, low, high):
    name = comparisons(seen)[label]
    people = both_judged(seen, name)
    points = people["left"].mean() - people["right"].mean(), *limits_of(seen, name)
    same_rounded([difference, low, high], *(100 * x for x in points))


@claim(r"(No) method can compare left and right here\.")
def no_method(seen, _):
    assert not limits_by(seen)


@claim(r"difference between left and right is the same in all [^.]+ is not estimable: (.+?)\.$")
def between_groups_not_told(seen, why):
    same_words(why, shown(seen, "sides_between_groups").iloc[0]["no_test"])
    assert pd.isna(shown(seen, "sides_between_groups").iloc[0]["p_interaction"])
