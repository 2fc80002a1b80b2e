"""What the sentences, titles and pictures of a report claim, counted again from the rows with nothing but pandas.

Each function gets what a pattern of ``claims`` found in a text, counts from the tables of one row per hip what the
words say, without the functions that made them, and fails where they differ.
"""

import re
from math import sqrt

import pandas as pd
from scipy.stats import binom

ONE = ["patient_id", "episode"]


def number(text):
    """Read a number as a report writes it."""
    return float(text.rstrip("°").replace(",", "").replace("−", "-").replace("+", ""))


def same(said, *counted):
    """Compare the numbers said with those counted, each to the last digit that is shown."""
    assert len(said) == len(counted), (said, counted)
    for text, value in zip(said, counted, strict=True):
        digits = len(text.rstrip("°").partition(".")[2])
        assert abs(number(text) - value) <= 0.5 * 10.0**-digits * (digits > 0) + 1e-9, (said, counted)


def same_percent(text, share):
    """Compare a percentage said, which may be <1 or >99, with a share counted."""
    if text[0] in "<>":
        assert 0 < share < 0.005 if text[0] == "<" else 0.995 < share < 1, (text, share)
    else:
        assert abs(number(text) - 100 * share) <= 0.5 + 1e-9, (text, share)


def primary(report):
    rows = report.tables.responses
    rows = rows[(rows["response"] == report.protocol.primary_response) & (rows["comparison"] == report.comparison)]
    return rows.assign(yes=rows["outcome"] == "responder", judged=rows["outcome"] != "not_evaluable")


def judged(report):
    rows = primary(report)
    return rows[rows["judged"]]


def whom(said, report, network):
    rows = primary(report)
    same(said.groups(), rows["patient_id"].nunique(), len(rows))


def headline(said, report, network):
    rows = judged(report)
    same(said.groups()[:2], rows["yes"].sum(), len(rows))
    same_percent(said[3], rows["yes"].mean())


def lost(said, report, network):
    rows = primary(report)
    missing, n, x = (
        (~rows["judged"] & (rows["reason"] != "no room to improve")).sum(),
        rows["judged"].sum(),
        rows["yes"].sum(),
    )
    same(said.groups()[:1], missing)
    same_percent(said[2], x / (n + missing))
    same_percent(said[3], (x + missing) / (n + missing))


def filled_in(said, report, network):
    """The missing lie between the bounds, and a verdict that stays is that of the bounds too."""
    rows = primary(report)
    n, x = rows["judged"].sum(), rows["yes"].sum()
    missing = (~rows["judged"] & (rows["reason"] != "no room to improve")).sum()
    lost, alike, low, high, every, judged_rate, verdict, stays = said.groups()
    same([lost, every], missing, n + missing)
    same_percent(judged_rate, x / n)
    share, bounds = number(alike.strip("<>")) / 100, (x / (n + missing), (x + missing) / (n + missing))
    assert bounds[0] - 0.005 <= share <= bounds[1] + 0.005, (alike, bounds)
    assert number(low) <= 100 * share + 0.5 <= number(high) + 1
    if stays == "stays" and verdict != "not clear of chance":
        chance = rows.loc[rows["judged"], "chance"].mean()
        clear = min(bounds) > chance if verdict == "more than chance" else max(bounds) < chance
        assert clear, (verdict, bounds, chance)


def pairs(said, report, network):
    sides = judged(report).pivot(index=ONE, columns="side", values="yes").reindex(columns=["left", "right"])
    both = sides.dropna().astype(bool)
    left, right = (both["left"] & ~both["right"]).sum(), (both["right"] & ~both["left"]).sum()
    verdict, people, *rest, low, high = said.groups()
    same([people, *rest], len(both), left, right, round(100 * (left - right) / len(both)))
    toward(verdict, {"Left hips": 1, "Right hips": -1}.get(verdict.split(" responded")[0], 0), low, high)


def toward(words, sign, low, high):
    """An interval lies on the side that the words name, and holds 0 where they name none."""
    least, most = number(low), number(high)
    fits = {1: least >= 0, -1: most <= 0, 0: least <= 0 <= most}
    assert fits[sign], (words, low, high)


def left_minus_right(report, timepoint):
    rules, visits = report.protocol, report.tables.assessments
    conditions = [name for name, condition in rules.conditions.items() if condition.must_match]
    at = visits[visits["timepoint"] == timepoint].astype(dict.fromkeys(conditions, object))
    left, right = (at[at["side"] == side].set_index(ONE) for side in ("left", "right"))
    both = left.merge(right, left_index=True, right_index=True, suffixes=("_l", "_r"))
    for name in conditions:
        one, other = both[f"{name}_l"], both[f"{name}_r"]
        both = both[(one == other) | one.isna() | other.isna()]
    measure = rules.asymmetry.measure
    return (both[f"{measure}_l"] - both[f"{measure}_r"]).dropna().astype(float).round(1)


def error(report, measure):
    return 1.96 * sqrt(2) * report.protocol.measures[measure].sem


def beyond(report, timepoint):
    difference, band = left_minus_right(report, timepoint), error(report, report.protocol.asymmetry.measure)
    return len(difference), (difference < -band).sum(), (difference > band).sum()


def stiffer(said, report, network):
    difference = left_minus_right(report, report.protocol.classify_at)
    size, less, low, high, people = said.groups()
    same([size, people], abs(difference.mean()), len(difference))
    assert less == ("less" if difference.mean() < 0 else "more")
    toward(less, -1 if less == "less" else 1, low, high)


def no_stiffer(said, report, network):
    difference = left_minus_right(report, report.protocol.classify_at)
    size, low, high, people = said.groups()
    same([size, people], difference.mean(), len(difference))
    toward("not clearly", 0, low, high)


def alike(said, report, network):
    difference = left_minus_right(report, report.protocol.classify_at)
    same([said[2] or "1"], len(difference))
    assert (difference == 0).all()


def pattern(said, report, network):
    people, left, right = beyond(report, report.protocol.classify_at)
    showing = left if report.protocol.asymmetry.worse == "left" else right
    same(said.groups()[:5], left + right, left, right, showing, people)
    same_percent(said[6], showing / people)


def pattern_drawn(said, report, network):
    people, left, right = beyond(report, said[1])
    same(said.groups()[1:], left, people, right)


def closer(said, report, network):
    pair = report.protocol.comparisons[report.comparison]
    rows = report.tables.changes
    alike = rows[(rows["comparison"] == report.comparison) & rows["comparable"]].groupby(ONE).size()
    sizes = pd.concat([left_minus_right(report, at) for at in (pair.start, pair.end)], axis=1, join="inner").abs()
    sizes = sizes[sizes.index.isin(alike[alike == 2].index)]
    before, after = sizes.mean()
    verdict, *said_sizes, low, high, people = said.groups()
    same([*said_sizes, people], before, after, after - before, len(sizes))
    toward(verdict, {"had come closer": -1, "had drawn apart": 1}.get(verdict, 0), low, high)


def most_common(said, report, network):
    hips = report.tables.classifications
    label, yes, n, definite, borderline = said.groups()
    counts = hips["stretch_type"].astype(str).value_counts()
    own = hips[hips["stretch_type"].astype(str) == counts.index[0]]
    kind = report.protocol.types.get(counts.index[0])
    assert (kind.label if kind else counts.index[0].replace("_", " ").capitalize()) in label
    same([yes, n], counts.max(), len(hips))
    if definite:
        same([definite, borderline], *((own["certainty"] == word).sum() for word in ("definite", "borderline")))


def not_classed(said, report, network):
    waiting = report.tables.classifications
    waiting = waiting[waiting["stretch_type"] == "indeterminate"]
    label = {measure.label.lower(): name for name, measure in report.protocol.measures.items()}[said[2]]
    wanted = waiting["settled_by"].str.split("; ").explode().value_counts()
    assert wanted[label] == wanted.max()
    same([said[1], said[3]], len(waiting), wanted.max())


def firmly(said, report, network):
    certainty = report.tables.classifications["certainty"].astype(str)
    definite, borderline = ((certainty == word).sum() for word in ("definite", "borderline"))
    same(said.groups(), definite + borderline, definite, borderline)


def safety(said, report, network):
    """Pain is a score above 0, of any hip; a manual stretch is unsafe without supervision."""
    what, yes, known, percent, unknown = said.groups()
    care = report.tables.care
    manual = what.startswith("manual")
    hips = care[care["stretch_given"] == "T3M"] if manual else care
    answers = hips["supervised" if manual else "pain_nrs"]
    found = ~answers.dropna().astype(bool) if manual else answers.dropna() > 0
    same([yes, known, unknown or "0"], found.sum(), len(found), answers.isna().sum())
    same_percent(percent, found.mean())


def came_in(said, report, network):
    hips, rows = report.tables.assessments[["patient_id", "side", "episode"]].drop_duplicates(), judged(report)
    n, people, could, percent, behind = said.groups()
    same([n, people, could, behind], len(hips), hips["patient_id"].nunique(), len(rows), rows["patient_id"].nunique())
    same_percent(percent, len(rows) / len(hips))


def not_judged(said, report, network):
    """Each hip is lost for the first reason that holds; the reasons add up to all that were lost."""
    rows, rules = report.tables.responses, report.protocol
    rows = rows[(rows["response"] == rules.primary_response) & (rows["comparison"] == report.comparison)]
    hips = len(report.tables.assessments[["patient_id", "side", "episode"]].drop_duplicates())
    could, of, n, why = said.groups()
    same([could, of, n], len(judged(report)), hips, hips - len(judged(report)))
    parts = dict(part.split(" ", 1)[::-1] for part in re.split(", | and (?=\\d)", why))
    assert sum(int(count.replace(",", "")) for count in parts.values()) == int(n.replace(",", ""))
    stuck = rows["reason"] == "no room to improve"
    assert int(parts.get("with no room to improve", "0").replace(",", "")) == stuck.sum()
    other = ~stuck & rows["has_start"] & rows["has_end"] & ~rows["comparable"]
    assert int(parts.get("measured in another way", "0").replace(",", "")) == other.sum()


def gained(said, report, network):
    rules, rows = report.protocol, report.tables.changes
    measure = {measure.label: name for name, measure in rules.measures.items()}[said[1]]
    rows = rows[(rows["comparison"] == report.comparison) & rows["comparable"]]
    change = (rows[f"{measure}_after"] - rows[f"{measure}_before"]).astype(float).round(1)
    band, (_, verdict, mean, low, high, hips, people, size, up, down) = error(report, measure), said.groups()
    n = rows.loc[change.notna(), "patient_id"].nunique()
    counted = change.mean(), change.count(), n, band, (change > band).sum(), (change < -band).sum()
    same([mean, hips, people, size, up, down], *counted)
    toward(verdict, {"rose": 1, "fell": -1}.get(verdict, 0), low, high)


def own_error(said, report, network):
    """Half the mean square of the difference of two readings, or half its variance where that is more."""
    rules, rows = report.protocol, report.tables.changes
    label, sem, low, high, hips, people, taken, _, verdict = said.groups()
    measure = {measure.label.lower(): name for name, measure in rules.measures.items()}[label]
    twice = [name for name, pair in rules.comparisons.items() if pair.unchanged]
    rows = rows[rows["comparison"].isin(twice) & rows["comparable"] & rows[f"{measure}_change"].notna()]
    apart = rows[f"{measure}_change"].astype(float)
    same([sem], sqrt(max(apart.var() / 2, (apart**2).mean() / 2)))
    same([hips, people, taken], len(rows), rows["patient_id"].nunique(), rules.measures[measure].sem)
    assert number(low) <= number(sem) <= number(high)
    outside = {"is too little": number(taken) < number(low), "is too much": number(taken) >= number(high)}
    assert outside.get(verdict, True), (verdict, taken, low, high)


def matching(said, report, network):
    rates = judged(report).groupby("match", observed=True)["yes"].mean()
    same_percent(said[1], rates["matched"])
    same_percent(said[2], rates["mismatched"])


def by_clinic(network):
    return judged(network).groupby("clinic_id", observed=True)["yes"].agg(["sum", "count"])


def outside(said, report, network):
    clinics = by_clinic(network)
    target = clinics["sum"].sum() / clinics["count"].sum()
    named = dict(re.findall(r"(\S+) (?:far )?(above|below)", said[4]))
    same(said.groups()[:2], len(named), len(clinics))
    same_percent(said[3], target)
    for clinic, where in named.items():
        unlikely(clinics.loc[clinic], where, target)


def unlikely(clinic, where, target):
    """A clinic lies on the side said, and outside the limits by chance alone, which are the narrowest there are."""
    x, n = clinic["sum"], clinic["count"]
    tail = binom.cdf(x, n, target) if where == "below" else binom.sf(x - 1, n, target)
    assert tail < 0.05, (clinic, where)


def this_clinic(said, report, network):
    own, clinics = judged(report)["yes"].agg(["sum", "count"]), by_clinic(network)
    target = clinics["sum"].sum() / clinics["count"].sum()
    same_percent(said[1], own["sum"] / own["count"])
    same_percent(said[3], target)
    if said[2]:
        unlikely(own, said[2], target)


def clinic_drawn(said, report, network):
    own = judged(report)["yes"].agg(["sum", "count"])
    same(said.groups()[:2], *own)
    same_percent(said[3], own["sum"] / own["count"])
    if said[4] != "within":
        clinics = by_clinic(network)
        unlikely(own, said[4], clinics["sum"].sum() / clinics["count"].sum())


def by_period(report):
    rows = judged(report).dropna(subset="date")
    return rows.groupby(rows["date"].dt.to_period("Q").astype(str))["yes"].agg(["sum", "count"])


def periods(said, report, network):
    same(said.groups(), len(by_period(report)))


def period_drawn(said, report, network):
    same(said.groups()[1:], *by_period(report).loc[said[1]])


def group_drawn(said, report, network):
    group, side, *counts = said.groups()
    rows, rules, by = judged(report), report.protocol, report.protocol.group_by
    named = {kind.label: name for name, kind in rules.types.items()}
    names = rows[by].astype(str).map(lambda name: name.replace("_", " ").lower())
    own = rows[(rows["side"] == side) & (names == named.get(group, group).replace("_", " ").lower())]
    same(counts, own["yes"].sum(), len(own))


def class_drawn(said, report, network):
    label, *counts = said.groups()
    named = {kind.label: name for name, kind in report.protocol.types.items()}
    hips = report.tables.classifications
    own = hips[hips["stretch_type"].astype(str) == named.get(label, label.lower().replace(" ", "_"))]
    same(counts, len(own), *((own["certainty"] == word).sum() for word in ("definite", "borderline")))
