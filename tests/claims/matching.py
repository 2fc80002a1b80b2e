"""Matched against mismatched hips."""

import re

from claims.rows import judged, levels_made_alike
from claims.wording import LIMITS, D, P, claim, same_percent, same_rounded, same_words, shown, side_of_zero

LIST = r"(?:[\w' ]+, )*[\w' ]+ and [\w' ]+"


@claim(rf"{P} of the matched and {P} of the mismatched hips responded")
def matched(seen, own, others):
    shares = judged(seen).groupby("match", observed=True)["yes"].mean()
    same_percent(own, shares["matched"])
    same_percent(others, shares["mismatched"])


@claim(rf"With ({LIST}) made alike, \*\*(matched hips responded more often|mismatched hips responded more often|"
       rf"the data do not tell them apart)\*\* \({D} percentage points?; {LIMITS}\)")  # fmt: skip
def made_alike(seen, words, verdict, points, low, high):
    """The model's numbers are the table's; class and clinic are named where they are made alike."""
    kinds, _ = levels_made_alike(hips := judged(seen).query("match.notna()"), hips["match"] == "matched")
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
    counts = judged(seen)["match"].value_counts()
    missing = [word for word in ("matched", "mismatched") if not counts.get(word, 0)]
    same_words(why, f"no {missing[0]} hip" if missing else shown(seen, "matched")["not_estimable"].iloc[0])


@claim(
    r"(Clinic is not made alike|Clinics with fewer than 5 patients with matched and 5 with mismatched hips are taken)"
)
def clinics_made_alike(seen, said):
    hips = judged(seen).query("match.notna()")
    words, columns = levels_made_alike(hips, hips["match"] == "matched")
    apart = hips["clinic_id"].nunique() + hips["clinic_id"].isna().any() - 1
    kinds = hips["stretch_type"].astype(str).nunique() - 1
    assert ("clinic" in words) == said.startswith("Clinics")
    assert len(columns) - kinds < max(apart, 1)


@claim(r"Left out for want of one of these: (\d+) hips?")
def left_out(seen, hips):
    assert 0 < int(hips) < len(judged(seen))


@claim(rf"Made alike: ({LIST})\.")
def list_made_alike(seen, words):
    assert ("class" in words) == (judged(seen).query("match.notna()")["stretch_type"].nunique() > 1)
