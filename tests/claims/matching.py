"""Matched against mismatched hips."""

from claims.rows import judged
from claims.wording import LIMITS, D, P, claim, same_percent, same_rounded, same_words, shown, side_of_zero


@claim(rf"{P} of the matched and {P} of the mismatched hips responded")
def matched(seen, own, others):
    shares = judged(seen).groupby("match", observed=True)["yes"].mean()
    same_percent(own, shares["matched"])
    same_percent(others, shares["mismatched"])


@claim(rf"With what was measured made alike, \*\*(matched hips responded more often|mismatched hips responded more "
       rf"often|the data do not tell them apart)\*\* \({D} percentage points?; {LIMITS}\)")  # fmt: skip
def made_alike(seen, verdict, points, low, high):
    """The model's numbers are the table's."""
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
