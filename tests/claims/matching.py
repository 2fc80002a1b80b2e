"""Matched against mismatched hips."""

import re

import pandas as pd

from claims.rows import HIP, judged, levels_made_alike
from claims.wording import (
    LIMITS,
    D,
    N,
    P,
    claim,
    listed,
    same,
    same_percent,
    same_rounded,
    same_words,
    shown,
    side_of_zero,
)

LIST = r"(?:[\w' ]+, )*[\w' ]+ and [\w' ]+"


def readings(seen):
    """Age, side and first readings of the hips compared, so far as no more than a tenth lack them, by their names."""
    hips, rules = judged(seen).query("match.notna()"), seen.report.protocol
    before = hips[HIP].merge(changes_of(seen), on=HIP, how="left").set_index(hips.index)
    rules_of = [rule for response in rules.responses.values() for rule in getattr(response, "rules", ())]
    columns = {"side": hips["side"], **({"age": hips["age_years"]} if "age_years" in hips else {})}
    for name in {rule.measure for rule in rules_of if rules.measures[rule.measure].sem is not None}:
        columns[f"first {rules.measures[name].name}"] = before[f"{name}_before"]
    return pd.DataFrame({name: values for name, values in columns.items() if values.isna().mean() <= 0.1})


def changes_of(seen):
    rows = seen.report._tables.changes
    return rows[rows["comparison"] == seen.report.comparison]


def compared(seen):
    """The hips that lack none of these."""
    return judged(seen).loc[readings(seen).dropna().index]


@claim(
    rf"{P} of the matched and {P} of the mismatched hips responded"
    rf"(, leaving out (?:{N} )?hips? of which a first reading or the age is missing)?\."
)
def matched(seen, own, others, left_out, hips):
    lack = readings(seen).isna().any(axis=1).sum()
    assert bool(left_out) == bool(lack)
    if hips:
        same([hips], lack)
    else:
        assert not left_out or seen.report.withholds
    shares = compared(seen).groupby("match", observed=True)["yes"].mean()
    same_percent(own, shares["matched"])
    same_percent(others, shares["mismatched"])


@claim(rf"With ({LIST}) made alike, \*\*(matched hips responded more often|mismatched hips responded more often|"
       rf"the data do not tell them apart)\*\* \({D} percentage points?; {LIMITS}\)")  # fmt: skip
def made_alike(seen, words, verdict, points, low, high):
    """The model's numbers are the table's; class and clinic are named where they are made alike."""
    kinds, _ = levels_made_alike(hips := compared(seen), hips["match"] == "matched")
    same_words(
        [word in re.split(", | and ", words) for word in ("class", "clinic")],
        [word in kinds for word in ("class", "clinic")],
    )
    row = shown(seen, "matched").set_index("method").loc["doubly_robust"]
    same_rounded([points, low, high], *(100 * row[name] for name in ("difference", "ci_low", "ci_high")))
    words = {1: "matched hips responded more often", -1: "mismatched hips responded more often"}
    same_words(verdict, words.get(side_of_zero((row["ci_low"], row["ci_high"])), "the data do not tell them apart"))


@claim(r"The two groups could not be made comparable \((.+)\)\.$")
def not_made_alike(seen, why):
    same_words(why, shown(seen, "matched").set_index("method").loc["doubly_robust", "not_estimable"])


@claim(r"Matched and mismatched hips cannot be compared: (.+)\.$")
def not_compared(seen, why):
    counts = compared(seen)["match"].value_counts()
    missing = [word for word in ("matched", "mismatched") if not counts.get(word, 0)]
    none = [f"no hip counted here was {word}" for word in missing]
    same_words(why, none[0] if none else shown(seen, "matched")["not_estimable"].iloc[0])


@claim(
    r"(Clinic is not made alike|Clinics with fewer than 5 patients with matched and 5 with mismatched hips are taken)"
)
def clinics_made_alike(seen, said):
    hips = compared(seen)
    words, columns = levels_made_alike(hips, hips["match"] == "matched")
    apart = hips["clinic_id"].nunique() + hips["clinic_id"].isna().any() - 1
    kinds = hips["stretch_type"].astype(str).nunique() - 1
    assert ("clinic" in words) == said.startswith("Clinics")
    assert len(columns) - kinds < max(apart, 1)


@claim(r"Left out, because a first reading or the age is missing: (\d+) hips?")
def left_out(seen, hips):
    same([hips], readings(seen).isna().any(axis=1).sum())


@claim(r"Made alike: ([^.]+)\.")
def list_made_alike(seen, words):
    whole = readings(seen).dropna()
    hips = compared(seen)
    kinds, _ = levels_made_alike(hips, hips["match"] == "matched")
    assert sorted(listed(words)) == sorted([*kinds, *whole.columns[(whole != whole.iloc[0]).any()]])
