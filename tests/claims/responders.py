"""Who responded, against chance, and what the missing outcomes may make of it."""

import re
from datetime import datetime
from functools import cache
from math import exp, sqrt

import numpy as np

from analysis.protocol.policies import MINIMUM_PATIENTS
from claims.intervals import beyond_chance, chances, depends_towards, first_clinic, of_people, of_rate
from claims.rows import enough, in_group, judged, primary
from claims.wording import FROM_TO, N, P, Seen, claim, same, same_percent, same_range, same_rounded, same_words, shown


@claim(rf"(?:, (\d{{4}}Q\d)(?: to (\d{{4}}Q\d))?)?: {N} patients? with {N} hips?\.")
def scope(seen, first, last, patients, hips):
    rows = primary(seen)
    dated = rows.dropna(subset=["date"])
    quarters = dated["date"].dt.to_period("Q").astype(str)
    ends = [dated.loc[quarters == end, "patient_id"].nunique() for end in (quarters.min(), quarters.max())]
    few = dated.empty or (seen.report.withholds and min(ends) < MINIMUM_PATIENTS)
    same_words(first, "" if few else quarters.min())
    same_words(last, "" if few or quarters.min() == quarters.max() else quarters.max())
    same([patients, hips], rows["patient_id"].nunique(), len(rows))


@claim(r"(?: as of|The visits are those of) (\d+ [A-Z][a-z]+ \d{4})(?=[.,:])")
def as_of(seen, day):
    assert datetime.strptime(day, "%d %B %Y").date().isoformat() == seen.report.on


AGAINST_CHANCE = (
    r"(?:(?:,|: (few, but)) (more|fewer|not clearly more or fewer) than chance alone would give|; the rate expected "
    r"by chance (?:is not known|cannot be calculated)|; whether that is (more|fewer) than chance alone would give "
    r"(depends) on)"
)


def same_verdict(rows, few, verdict, way, depends):
    if depends:
        assert way == depends_towards(rows)
        return
    assert bool(few) == (verdict == "more" and rows["yes"].sum() < 10)
    words = {"more than chance": "more", "fewer than chance": "fewer", "not known": ""}
    same_words(verdict, words.get(beyond_chance(rows), "not clearly more or fewer"))


@claim(
    rf"(?:^|\*\* )\*\*{N} of {N} hips?( given a stretch)? \({P}; {FROM_TO}\) responded [^,:;.]+{AGAINST_CHANCE}"
    rf"(?:[^.*]*\. Of {N} hips? given no stretch, (none|\d+) did\.)?"
)
def headline(seen, x, n, given, share, limits, few, verdict, way, depends, others, yes):
    rows = judged(seen)
    if given:
        none = rows["stretch_given"].astype(object) == "none"
        same([others, yes.replace("none", "0")], none.sum(), rows.loc[none, "yes"].sum())
        assert rows["stretch_given"].notna().all()
        rows = rows[~none]
    else:
        assert not others
    same([x, n], rows["yes"].sum(), len(rows))
    same_percent(share, rows["yes"].mean())
    same_range(limits, of_rate(rows, rows["yes"]))
    same_verdict(rows, few, verdict, way, depends)


@claim(
    rf"(?:^|[\w )] ?|\*\*|: ){N} of {N} hips? responded \({P}; {FROM_TO}\)(?:\*\*)?, from {N} patients?\."
    rf"(?: This is the rate per hip; per patient, with every patient counted alike, it would be {P}\.)?"
)
def responded(seen, x, n, share, limits, people, per_person):
    rows = judged(seen)
    each = rows["yes"].groupby(rows["patient_id"].to_numpy()).mean().mean()
    if per_person:
        same_percent(per_person, each)
    assert bool(per_person) == (abs(each - rows["yes"].mean()) > 0.01) or (seen.report.withholds and not per_person)
    same([x, n, people], rows["yes"].sum(), len(rows), rows["patient_id"].nunique())
    same_percent(share, rows["yes"].mean())
    same_range(limits, of_rate(rows, rows["yes"]))


@claim(
    r"(People) (?:are taken as independent, so it speaks of (this clinic|these \d clinics) "
    r"only|of one clinic may be alike(, those whose clinic is not recorded count as one more clinic)?; taken as "
    r"independent, the CI would be (\d+–\d+))\."
)
def whose_clinics(seen, _, few, unknown, limits):
    rows = judged(seen)
    n = rows["clinic_id"].nunique()
    assert bool(few) == (0 < n < 5)
    if few:
        same_words(few, "this clinic" if n == 1 else f"these {n} clinics")
    else:
        same_range(limits, of_people(rows, rows["yes"]))
        assert bool(unknown) == bool(first_clinic(rows).isna().any())


@claim(
    r"If nothing had truly changed, (about|fewer than|more than) (\d+) % would have counted as responders; "
    r"(?:the rate is (above that|below that|not clearly different from that)\."
    rf"(?: This holds for every measurement error (.+?) \(chance: {P}(?: to {P})?\)\.)?"
    r"|whether the rate is (above|below) that depends on the measurement error: with errors "
    rf"(from .+?) chance gives {P}(?: to {P})?\.)"
)
def by_chance(seen, about, percent, verdict, errors, low, high, way, other_errors, other_low, other_high):
    rows = judged(seen)
    same_percent({"about": "", "fewer than": "<", "more than": ">"}[about] + percent, rows["chance"].mean(skipna=False))
    if way:
        assert {"above": "more", "below": "fewer"}[way] == depends_towards(rows)
    else:
        words = {"more than chance": "above that", "fewer than chance": "below that"}
        same_words(verdict, words.get(beyond_chance(rows), "not clearly different from that"))
    if errors or other_errors:
        same_errors(seen, rows, errors or other_errors)
        ends = sorted(chances(rows))
        same_percent(low or other_low, ends[0])
        same_percent(high or other_high or low or other_low, ends[-1])


def same_errors(seen: Seen, rows, said: str) -> None:
    """The errors of each measure that the rule asks of: the SEM, the range of its sources, and the study's own."""
    rules = seen.report.protocol
    tests = [rules.responses[name] for name in getattr(rules.responses[rules.primary_response], "of", ())]
    asked = [rule.measure for test in tests or [rules.responses[rules.primary_response]] for rule in test.rules]
    tried = {rules.measures[name].name: errors_tried(seen.everyone, name) for name in asked if rules.measures[name].sem}
    found = re.findall(r"from ([\d.]+)\D* to ([\d.]+)[^ (]*(?: \(([^)]+)\))?", said)
    ranges = {name: ends for name, ends in tried.items() if ends[0] < ends[1]}
    told = {name or next(iter(ranges)): (float(low), float(high)) for low, high, name in found}
    assert set(ranges) <= set(told)
    assert told == {name: tuple(round(end, 1) for end in tried[name]) for name in told}


def errors_tried(everyone: Seen, name: str) -> tuple[float, float]:
    """The smallest and the largest error of a measure; from 10 people read twice on, their own without rounding."""
    rules, rows = everyone.report.protocol, everyone.report._tables.changes
    measure, twice = rules.measures[name], [pair for pair, of in rules.comparisons.items() if of.unchanged]
    pairs = rows[rows["comparison"].isin(twice) & rows["comparable"]]
    pairs = pairs[["patient_id", f"{name}_before", f"{name}_after"]].dropna()
    errors = [measure.sem, *(measure.sem_range or ())]
    if pairs["patient_id"].nunique() >= 10:
        tenths = (10 * pairs.iloc[:, 1:].astype(float)).round().astype(int)
        apart = (tenths.iloc[:, 1] - tenths.iloc[:, 0]) / 10
        kept = [(tenths % coarse == 0).all(axis=1).groupby(pairs["patient_id"]).transform("all") for coarse in (50, 10)]
        step = np.select(kept, [5.0, 1.0], 0.1)
        squared = max(apart.var(), (apart**2).mean()) / 2 - (step**2).mean() / 12
        errors.append(sqrt(max(squared, 0.1**2)))
    return min(errors), max(errors)


@claim(r"The rate expected by chance (cannot) be calculated: ")
def chance_not_known(seen, _):
    assert beyond_chance(judged(seen)) == "not known"


@claim(r"(No) hip could be judged [^,:;.]+[,.]")
def nobody_judged(seen, _):
    assert judged(seen).empty


@claim(rf"The outcome of {N} hips? is missing; whatever it was, the rate lies between {P} and {P}\.")
def missing(seen, lost, low, high):
    rows = primary(seen)
    n, x, gone = rows["judged"].sum(), rows["yes"].sum(), rows["lost"].sum()
    same([lost], gone)
    same_percent(low, x / (n + gone))
    same_percent(high, (x + gone) / (n + gone))


@claim(rf"\*\*If the {N} hips? without an outcome had done as hips like them did, {P} \({FROM_TO}\) of all {N} hips? "
       rf"would "
       rf"have responded\*\*, against {P} of those judged\.")  # fmt: skip
def filled_in(seen, lost, alike, limits, every, judged_rate):
    """The draws are the table's; what they fill in lies between the bounds."""
    rows = primary(seen)
    n, x, gone = rows["judged"].sum(), rows["yes"].sum(), rows["lost"].sum()
    same([lost, every], gone, n + gone)
    same_percent(judged_rate, x / n)
    row = untilted(seen)
    same_percent(alike, row["imputed"])
    same_range(limits, (row["imputed_low"], row["imputed_high"]))
    assert x / (n + gone) - 1e-9 <= row["imputed"] <= (x + gone) / (n + gone) + 1e-9
    assert row["imputed_low"] <= row["imputed"] <= row["imputed_high"]


def untilted(seen: Seen):
    table = shown(seen, "tilted_rates")
    return table.loc[table["tilt"].abs().idxmin()]


VERDICT = "((?:more|fewer) than chance|not clear of chance|depends on the measurement error)"


@claim(rf"The verdict on chance would then change: {VERDICT} instead of {VERDICT}\.")
def verdict_then_another(seen, then, now):
    same_words(now, beyond_chance(judged(seen)))
    assert then != now
    same_words(then, untilted(seen)["imputed_against_chance"])


@claim(
    rf"The verdict, {VERDICT}, (?:(does not change), however much|would change if their odds of responding had been "
    r"(?:(more than 1,000|at least [\d.]+) times lower)?(?: or )?(?:(more than 1,000|at least [\d.]+) times higher)?)"
)
def what_turns_it(seen, verdict, stays, lower, higher):
    """The tilts that turn it are the table's; a verdict that stays, of many, is that of both bounds."""
    same_words(verdict, beyond_chance(judged(seen)))
    row = untilted(seen)
    for said, tilt in ((lower, row["turns_below"]), (higher, row["turns_above"])):
        odds = exp(abs(tilt)) if tilt == tilt else None
        same_words((said or "").split(" ")[0], "" if odds is None else "more" if odds > 1000 else "at")
        if said and said.startswith("at"):
            times = said.removeprefix("at least ")
            same_rounded([times], odds) if odds >= 10 else same([times], odds)
    assert bool(stays) == (lower is None and higher is None)
    if stays and verdict != "not clear of chance":
        chance, bounds = chances(judged(seen)), (row["rate_if_none"], row["rate_if_all"])
        assert min(bounds) > max(chance) if verdict == "more than chance" else max(bounds) < min(chance)


FEWEST_DRAWN = 5


def drawn(seen: Seen):
    """The judged hips of each group and side that is drawn: not those withheld for what else would follow from them."""
    column = seen.report.protocol.group_by
    table = seen.report.rates([column, "side"])
    withheld = table.set_index([table[column].astype(object), table["side"].astype(object)])["suppressed"].to_dict()
    rows = judged(seen).assign(group=lambda hips: hips[column].astype(object).fillna("not recorded"))
    parts = [part for key, part in rows.groupby(["group", "side"], observed=True) if not withheld[key]]
    return [part for part in parts if len(part) >= FEWEST_DRAWN and enough(seen, part)]


@claim(rf"^Responders in (?:(the one group) shown|groups of 5 hips or more): (?:{P} to {P}|{P}( in each)?)(?:;|$)")
def rates_drawn(seen, alone, low, high, alike, in_each):
    groups = drawn(seen)
    shares = [part["yes"].mean() for part in groups]
    same_percent(alike or low, min(shares))
    same_percent(alike or high, max(shares))
    assert bool(alone) == (len(groups) == 1)
    assert bool(in_each) == (bool(alike) and not alone)


@claim(r"^Responders in .+; (not )?clearly more than chance(?: in (?:(\d+) of (\d+)|(any of them)))?$")
def rates_drawn_against_chance(seen, negated, above, known, several):
    verdicts = [verdict for verdict in map(beyond_chance, drawn(seen)) if verdict != "not known"]
    clear = verdicts.count("more than chance")
    assert bool(negated) == (clear == 0)
    assert bool(above or several) == (len(verdicts) > 1)
    if above:
        same([above, known], clear, len(verdicts))


@claim(rf"(?:rates\. |; )([^;]+), (left|right): {N} of {N} \({P}; 95 % CI {P} to {P}\)")
def rate_of_group(seen, group, side, x, n, share, low, high):
    rows = judged(seen)
    own = in_group(seen, rows[rows["side"] == side], seen.report.protocol.group_by, group)
    same([x, n], own["yes"].sum(), len(own))
    same_percent(share, own["yes"].mean())
    limits = of_rate(own, own["yes"])
    same_percent(low, limits[0])
    same_percent(high, limits[1])


@claim(r"Every group has fewer than (5) judged hips or a withheld rate, so none is drawn")
def none_drawn(seen, fewest):
    same([fewest], FEWEST_DRAWN)
    assert not drawn(seen)


@claim(
    r"What the missing outcomes might be cannot be calculated: (no hip was judged|the hips whose outcome is known do "
    r"not "
    r"show both outcomes)\."
)
def not_filled_in(seen, why):
    same_words(
        why, "no hip was judged" if judged(seen).empty else "the hips whose outcome is known do not show both outcomes"
    )
    assert judged(seen)["yes"].nunique() < 2


VERDICTS = {"more than chance": "more than chance", "fewer than chance": "fewer than chance",
            "not clear of chance": "not clear of chance",
            "depending on the measurement error": "depends on the measurement error",
            "of which the rate by chance is not known": "not known"}  # fmt: skip


@cache
def verdicts_of_groups(seen):
    """Whether more than by chance responded, of each rule and group whose rate is shown."""
    by = seen.report.groups[0]
    table, found = seen.report.rates_of_each_test([by]), []
    for row in table[~table["suppressed"] & (table["n_evaluable"] > 0)].to_dict("records"):
        rows = judged(seen, row["response"])
        found.append(beyond_chance(rows[rows[by].astype(object).fillna("not recorded") == row[by]]))
    return found


@claim(rf"^Of {N} rates? by rule and group: ([^.]+)\.(?: The others are withheld\.)?")
def each_against_chance(seen, n, said):
    found = verdicts_of_groups(seen)
    same([n], len(found))
    counts = {VERDICTS[words]: number for number, words in re.findall(rf"{N} ({'|'.join(VERDICTS)})", said)}
    assert set(counts) == set(found)
    for verdict, number in counts.items():
        same([number], found.count(verdict))
