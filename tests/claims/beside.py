"""What stands beside the one rate: the arms, hips given no stretch, the other visits, and the target."""

from math import hypot

from claims.intervals import of_rate
from claims.responders import AGAINST_CHANCE, same_verdict
from claims.rows import enough, in_group, judged
from claims.wording import FROM_TO, LIMITS, D, N, P, claim, same, same_percent, same_range, same_rounded, same_words

RESPONDED = rf"{N} of {N} hips? responded \({P}; {FROM_TO}\)"
TARGET = 0.1
"""The target that the tests ask the notebooks about."""


def responded(rows, x, n, share, limits):
    same([x, n], rows["yes"].sum(), len(rows))
    same_percent(share, rows["yes"].mean())
    same_range(limits, of_rate(rows, rows["yes"]))


@claim(rf"(?:^\*\*|\. )((?!Judged hips|All groups)[A-Z][^:.*]*): {RESPONDED}{AGAINST_CHANCE}")
def arm(seen, label, x, n, share, limits, *verdict):
    rows = in_group(seen, judged(seen), seen.report.protocol.group_by, label)
    responded(rows, x, n, share, limits)
    same_verdict(rows, *verdict)


@claim(rf"The difference, ([^,]+) less ([^,]+), is {D} percentage points? \({LIMITS}\)\.")
def arms_apart(seen, label, other, difference, low, high):
    """Limits by the distances of each rate to its own, added in squares."""
    by, rows = seen.report.protocol.group_by, judged(seen)
    one, two = (in_group(seen, rows, by, name.capitalize()) for name in (label, other))
    (p, (a, z)), (q, (b, y)) = ((part["yes"].mean(), of_rate(part, part["yes"])) for part in (one, two))
    limits = p - q - hypot(p - a, y - q), p - q + hypot(z - p, q - b)
    same_rounded([difference, low, high], *(100 * value for value in (p - q, *limits)))


@claim(rf"Judged hips that were given no stretch: {RESPONDED}\.")
def given_no_stretch(seen, *said):
    rows = judged(seen)
    responded(rows[rows["stretch_given"] == "none"], *said)


@claim(rf"(?:By the same rule at other visits: |(?<=\)); )([a-z][^;:.]*?), {RESPONDED}(?=[;.])")
def at_another_visit(seen, label, *said):
    rules, rows = seen.report.protocol, seen.report._tables.responses
    (comparison,) = (name for name, pair in rules.comparisons.items() if pair.label.lower() == label.lower())
    assert comparison != seen.report.comparison
    rows = rows[(rows["response"] == rules.primary_response) & (rows["comparison"] == comparison)]
    rows = rows[rows["outcome"].isin(["responder", "non_responder"])]
    responded(rows.assign(yes=rows["outcome"] == "responder"), *said)


def against_target(rows):
    """1 where the whole interval has reached the target, −1 where none of it has, else 0."""
    low, high = of_rate(rows, rows["yes"])
    return int(low >= TARGET) - int(high < TARGET)


@claim(rf"The target of {P} was (met|not met)\*\*: {RESPONDED}\.")
def target_met(seen, wanted, met, *said):
    same([wanted], 100 * TARGET)
    assert against_target(judged(seen)) == (1 if met == "met" else -1)
    responded(judged(seen), *said)


@claim(rf"It is not clear whether the target of {P} was met\*\*, because it lies within the interval: {RESPONDED}\.")
def target_within(seen, wanted, *said):
    same([wanted], 100 * TARGET)
    assert against_target(judged(seen)) == 0
    responded(judged(seen), *said)


@claim(rf"In the last period( that may be shown)?, (\w+), {RESPONDED}: "
       r"(above the target|below the target|too few hips to tell)\.")  # fmt: skip
def target_in_the_last_period(seen, shown, period, x, n, share, limits, verdict):
    rows = judged(seen).dropna(subset=["date"])
    quarter = rows["date"].dt.to_period("Q").astype(str)
    assert bool(shown) == (period != quarter.max())
    assert period == max(name for name, part in rows.groupby(quarter) if enough(seen, part))
    rows = rows[quarter == period]
    responded(rows, x, n, share, limits)
    words = {1: "above the target", -1: "below the target", 0: "too few hips to tell"}
    same_words(verdict, words[against_target(rows)])


@claim(rf"Whether the target of {P} was met is withheld\.")
def target_withheld(seen, wanted):
    same([wanted], 100 * TARGET)
    assert not enough(seen, judged(seen))


@claim(rf"No hip could be judged, so it is not known whether the target of {P} was met\.")
def target_without_hips(seen, wanted):
    same([wanted], 100 * TARGET)
    assert judged(seen).empty
