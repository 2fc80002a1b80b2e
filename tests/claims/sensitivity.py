"""How sure the answers are. Every reading of the rules is the table's; what is said of them all is counted from it."""

import re
from functools import cache
from math import sqrt

import numpy as np
import pandas as pd
from scipy.stats import binom, norm

from analysis.sensitivity import Sensitivity
from claims.intervals import beyond_chance
from claims.rows import both_judged, changes, enough, error, judged, measure_of
from claims.sides import limits_of
from claims.wording import D, N, P, Seen, claim, same, same_percent, same_rounded, same_words, side_of_zero


def sure(seen: Seen) -> Sensitivity:
    report = seen.report
    seen.sure = seen.sure or Sensitivity(report._study, report._tables, report.comparison, report.internal)
    return seen.sure


@claim(rf"\*\*Classes\.\*\* Given measurement error, {P} of the recorded classes are expected to be the true ones; "
       r"measuring the angle in doubt once more would change (about|fewer than|more than) (\d+) % of them")  # fmt: skip
def classes_sure(seen, right, about, changed):
    hips = sure(seen)._probabilities
    recorded = [row[f"p_{row['stretch_type']}"] for row in hips.to_dict("records")]
    same_percent(right, np.mean(recorded))
    changes_it = hips["p_repeat_changes"].astype(float).fillna(0.0).mean()
    same_percent({"about": "", "fewer than": "<", "more than": ">"}[about] + changed, changes_it)


@claim(rf"Over {N} readings? of the vague rules( \(under the others [^)]+\))? the responder rate "
       rf"(?:ranges from {P} to {P}|is {P} throughout)")  # fmt: skip
def spread(seen, n, others, low, high, throughout):
    readings = sure(seen).readings
    rate = readings["rate"].dropna()
    same([n], len(rate))
    assert bool(others) == (len(rate) < len(readings))
    same_percent(throughout or low, rate.min())
    same_percent(throughout or high, rate.max())


@claim(rf"[(;] ?(?:in this report )?{P}(?: in this report\)|\. The decision)")
def own_rate(seen, share):
    assert enough(seen, judged(seen))
    same_percent(share, judged(seen)["yes"].mean())


@cache
def moves(seen: Seen) -> pd.Series:
    """By how much each decision alone moves the rate, in the mean over the options of all others."""
    readings, found = sure(seen).readings, {}
    decisions = seen.report.protocol.alternatives
    for name, decision in decisions.items():
        rates = readings.groupby([other for other in decisions if other != name], observed=True)["rate"]
        apart = (rates.max() - rates.min())[rates.count() == rates.size()]
        found[decision.label] = apart.mean()
    return pd.Series(found).sort_values(ascending=False, kind="stable")


@claim(rf"the decision “([^”]+)” alone changes it by {N} percentage points?")
def decision_moves(seen, label, points):
    same_rounded([points], 100 * moves(seen)[label])
    assert moves(seen)[label] >= moves(seen).dropna().nlargest(2).min() - 1e-9


@cache
def conclusions(seen: Seen) -> list[tuple[pd.Series, str]]:
    """What each reading concludes on each question, empty where it comes to no answer; and what the report does."""
    rows, protocol = sure(seen).readings, seen.report.protocol
    low, high = (rows[name].astype(float) for name in ("ci_low", "ci_high"))
    people, who, hips = (rows[f"n_{name}"].fillna(0).astype(int) for name in
                         ("patients_evaluable", "patients_with", "evaluable"))  # fmt: skip
    found = []
    for name in ("chance_rate", "chance_low", "chance_high"):
        chance = rows[name].astype(float)
        at_most = np.minimum(1.0, chance.fillna(0) * hips / people.clip(lower=1))
        rare = pd.Series(binom.sf(who - 1, people, at_most) <= 0.025, rows.index)
        against = pd.Series("responders are not clearly more than chance alone would give", rows.index)
        against[high < chance] = "responders are fewer than chance alone would give"
        against[(low > chance) & (who > 1) & (rare | (who >= 10))] = "responders are more than chance alone would give"
        against[low.isna() | chance.isna()] = ""
        found.append(against)
    alike = (found[0] == found[1]) & (found[0] == found[2])
    against = found[0].where(
        alike, "whether responders are more than chance would give depends on the measurement error"
    )
    sides = pd.Series("no difference between left and right is shown", rows.index)
    sides[rows["sides_low"] > 0] = "left hips responded more often"
    sides[rows["sides_high"] < 0] = "right hips responded more often"
    sides[rows["difference"].isna()] = ""
    hips_of = rows[[f"hips_{name}" for name in protocol.types]].astype(float).fillna(0)
    most = hips_of.max(axis=1)
    common = hips_of.idxmax(axis=1).str.removeprefix("hips_") + " is the most common type"
    common[hips_of.eq(most, axis=0).sum(axis=1) > 1] = "no type is the most common"
    common[most == 0] = ""
    words = {"more than chance": "responders are more than chance alone would give", "not known": "",
             "fewer than chance": "responders are fewer than chance alone would give",
             "depends on the measurement error":
                 "whether responders are more than chance would give depends on the measurement error"}  # fmt: skip
    own_chance = words.get(beyond_chance(judged(seen)), "responders are not clearly more than chance alone would give")
    side = {1: "left hips responded more often", -1: "right hips responded more often"}
    none = "no difference between left and right is shown"
    own_sides = side.get(side_of_zero(limits_of(seen)), none) if len(both_judged(seen)) else ""
    own_counts = seen.report._tables.classifications["stretch_type"].astype(str).value_counts()
    own_counts = own_counts[own_counts.index.isin(list(protocol.types))]
    top = own_counts[own_counts == own_counts.max()]
    own_common = (
        "no type is the most common" if len(top) > 1 else f"{next(iter(top.index), '')} is the most common type"
    )
    return [(against, own_chance), (sides, own_sides), (common, own_common)]


def question(seen: Seen, clause: str) -> pd.Series:
    """The conclusions on the question that a clause answers, of the readings that come to an answer."""
    found, own = next((found, own) for found, own in conclusions(seen) if clause in {*found.unique(), own})
    assert clause == own
    return found[found != ""]


@claim(r"In every reading (that gives an answer )?([^;.]+)[;.]")
def holds_in_every_reading(seen, some, clauses):
    said = [question(seen, clause) for clause in re.split(r", | and (?!right is)", clauses)]
    assert all(len(found.unique()) == 1 for found in said)
    assert bool(some) == any(len(found) < len(sure(seen).readings) for found in said)


@claim(rf"(?:\*\* |; )([^;.*]+?) in {N} of {N} readings, and ([^;.]+) in the others")
def holds_in_some_readings(seen, clause, n, of, others):
    found = question(seen, clause[0].lower() + clause[1:] if clause[0] in "RLN" else clause)
    own = clause[0].lower() + clause[1:] if clause[0] in "RLN" else clause
    same([n, of], (found == own).sum(), len(found))
    assert set(others.split(" or ")) == set(found) - {own}


def rule_on(seen: Seen, name: str):
    """The first rule that asks for a gain in a measure with a known error, and the gain."""
    measure = measure_of(seen, name, "name")
    tests = seen.report.protocol.responses.values()
    rules = [rule for test in tests for rule in getattr(test, "rules", ()) if rule.measure == measure]
    rule = next(rule for rule in rules if hasattr(rule, "op"))
    return measure, error(seen, measure) if rule.strict == "mdc95" else float(rule.strict), rule.op


def truly(seen: Seen, name: str) -> tuple[float, int, int, float, float]:
    """The gain asked for, the hips, those that pass; how many of all, and what share of these, truly gained so much.

    A true gain is taken as normal around the mean, with the variance of the gains less that of two errors.
    """
    measure, asked, op = rule_on(seen, name)
    rows, sem = changes(seen, measure), seen.report.protocol.measures[measure].sem
    gain = rows["gain"]
    passed = gain >= asked if op == "ge" else gain > asked
    true = gain.var() - 2 * sem**2
    if rows["patient_id"].nunique() < 5 or not true > 0:
        return asked, len(gain), passed.sum(), np.nan, np.nan
    kept = true / gain.var()
    probability = norm.cdf((gain.mean() + kept * (gain - gain.mean()) - asked) / sqrt(true * (1 - kept)))
    return asked, len(gain), passed.sum(), probability.sum(), probability[passed].mean() if passed.any() else np.nan


@claim(rf"(?:changed by that much is |, | and ){P} for ([^(,]+?) \({D}° or more\)")
def truly_of_those_that_pass(seen, share, name, asked):
    wanted, *_, of_passed = truly(seen, name)
    same([asked], round(wanted, 1))
    same_percent(share, of_passed)


@claim(rf"\*\*([^*]+)\*\*: the rule asks for {D}°, (less|no less) than {D}°; two .+? than {D}° .+? {N} of {N} hips? "
       rf"meets? "
       rf"the rule; (?:about {N} of all {N} (?:is|are) expected|(the number that truly changed))")  # fmt: skip
def rule_beside_error(seen, name, asked, less, band, again, n, of, expected, every, unknown):
    wanted, hips, passed, of_all, _ = truly(seen, name)
    mdc = error(seen, rule_on(seen, name)[0])
    same_words(again, band)
    same([n, of], passed, hips)
    same_rounded([asked, band], *(round(x, 1) if "." in said else x for said, x in ((asked, wanted), (band, mdc))))
    same([asked if "." in asked else asked + ".0", band if "." in band else band + ".0"], wanted, mdc)
    assert (less == "less") == (wanted < mdc - 1e-6)
    assert bool(unknown) == bool(np.isnan(of_all))
    if expected:
        same_rounded([expected], of_all)
        same([every], hips)


@claim(r"\*\*Claims\.\*\* (?!The protocol|This answer)([^\n]+)\.$")
def claims_fared(seen, said):
    """The intervals are the table's; the verdict must lie where they do."""
    rows, claims = sure(seen).claims, seen.report.protocol.claims
    rows = rows[~rows["suppressed"]]
    held, contradicted = rows["ci_low"] > 0, rows["ci_high"] < 0
    verdicts = {"held": rows[held], "contradicted": rows[contradicted],
                "too few people to say": rows[~held & ~contradicted]}  # fmt: skip
    for part in (said[0].lower() + said[1:]).split("; "):
        if part == "the others are withheld":
            assert len(rows) < len(sure(seen).claims)
        else:
            word, labels = part.split(": ", 1)
            assert re.findall("“(.+?)”", labels) == [claims[name].label for name in verdicts.pop(word)["claim"]]
    assert all(left.empty for left in verdicts.values())


@claim(rf"^The responder rate under {N} readings? of the rules: {P} to {P}$")
def curve_title(seen, n, low, high):
    rate = sure(seen).readings["rate"].dropna()
    same([n], len(rate))
    same_percent(low, rate.min())
    same_percent(high, rate.max())


@claim(rf"^Responder rates under {N} readings?, the median {P}; in this report (?:[^.]+)\. "
       r"The decision that moves the rate most is “([^”]+)”; median rates: (.+)\.$")  # fmt: skip
def curve_drawn(seen, n, median, label, medians):
    readings = sure(seen).readings
    readings = readings[readings["rate"].notna()]
    same([n], len(readings))
    same_percent(median, readings["rate"].median())
    decisions = {decision.label: name for name, decision in seen.report.protocol.alternatives.items()}
    assert moves(seen)[label] >= moves(seen).max() - 1e-9
    by_option = readings.groupby(decisions[label], observed=True)["rate"].median()
    said = dict(part.rsplit(": ", 1) for part in medians.split("; "))
    assert list(said) == list(by_option.index)
    for option, percent in said.items():
        same_percent(percent.removesuffix(" %"), by_option[option])


@claim(r"(No) reading of the rules gives a responder rate|(No conclusion) can be compared with other readings")
def nothing_in_any_reading(seen, no_rate, no_conclusion):
    readings = sure(seen).readings
    assert readings["rate"].isna().all() or no_conclusion
    told = [found for found, own in conclusions(seen) if own and (found != "").any()]
    assert no_rate or seen.report.withholds or not told


@claim(r"The changes (cannot) be told apart from error, or there are too few to say")
def no_true_change(seen, _):
    for row in sure(seen).criteria.to_dict("records"):
        name = seen.report.protocol.measures[row["measure"]].name
        assert row["suppressed"] or np.isnan(truly(seen, name)[-1])
