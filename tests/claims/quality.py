"""How good the data are: what was found, how angles were read, what was recorded."""

import re

import numpy as np
import pandas as pd

from claims.intervals import of_rate
from claims.rows import measure_of
from claims.wording import D, N, P, Seen, claim, same, same_percent, shown


def warnings(seen: Seen) -> pd.DataFrame:
    found = seen.report._study.problems
    return found[found["severity"] == "warning"]


@claim(rf"The data of the whole study have (?:{N} warnings?(?: of {N} kinds?)?|warnings of {N} kinds?)(?=[.:;])")
def warned(seen, n, kinds, kinds_alone):
    found = warnings(seen)
    same([n or str(len(found)), kinds or kinds_alone or "1"], len(found), len(found.groupby(["rule", "message"])))
    assert kinds or kinds_alone or len(set(found["message"])) == 1


@claim(rf"(?:Most frequent, {N} times:|(One) of them:) “(.+?)”\. `")
def most_frequent(seen, times, one, message):
    counts = warnings(seen).groupby(["rule", "message"]).size()
    own = counts[counts.index.get_level_values("message").map(plain) == message]
    same([times or "1", times or "1"], own.max(), counts.max())
    assert bool(one) == (counts.max() == 1)


def plain(text: str) -> str:
    return text.replace("\\", "")


@claim(r"There are (no) warnings about the data\.")
def not_warned(seen, _):
    assert warnings(seen).empty


def rounded(seen: Seen) -> dict[str, tuple[int, int, float]]:
    """Of each angle that may be shown: the readings that end in 0 or 5, all, and the lower limit of the share."""
    visits, found = seen.report._tables.assessments, {}
    hidden = shown(seen, "digit_preference").set_index("answer")["suppressed"]
    for name, measure in seen.report.protocol.measures.items():
        if measure.kind == "angle" and name in visits and visits[name].notna().any() and not hidden[measure.label]:
            values = visits[name].dropna().astype(float)
            ends = (values * 10).round() % 50 == 0
            low = of_rate(visits.loc[values.index], ends)[0]
            found[measure.label.lower()] = ends.sum(), len(ends), low
    return found


def same_angles(seen: Seen, angles: str, least: float, most: float) -> None:
    found = {label: (x, n) for label, (x, n, low) in rounded(seen).items() if least < low <= most}
    said = re.findall(rf"(?:^|, | and )(.+?) \({N} of {N} readings\)", angles)
    assert {label.lower() for label, *_ in said} == set(found)
    for label, *counts in said:
        same(counts, *found[label.lower()])


# One in five readings to the degree ends so; more than two in five is a habit.
@claim(r"Often rounded to 0 or 5: (.+? readings\))\. A gain")
def often_rounded(seen, angles):
    same_angles(seen, angles, 0.4, 1.0)


@claim(r"Rounded to 0 or 5 more often than the one in five expected of readings to the degree: (.+ readings\))\.")
def sometimes_rounded(seen, angles):
    same_angles(seen, angles, 0.2, 0.4)


@claim(r"(No) angle shown was clearly rounded")
def not_rounded(seen, _):
    assert not [low for _, _, low in rounded(seen).values() if low > 0.2]


def recorded(seen: Seen, label: str, at: str, where: str) -> tuple[str, pd.Series]:
    """The table that a sentence is about, and of each hip whether it is recorded there."""
    name = measure_of(seen, label)
    if at == "at":
        visits = seen.report._tables.assessments
        visits = visits[visits[[*seen.report.protocol.measures_of("assessments")]].notna().any(axis=1)]
        return "completeness", visits.loc[visits["timepoint"] == where, name].notna()
    rows = seen.report._tables.changes
    rows = rows[(rows["comparison"] == seen.report.comparison) & (rows["clinic_id"] == plain(where))]
    return "completeness_by_clinic", rows[f"{name}_before"].notna() & rows[f"{name}_after"].notna()


@claim(
    rf"\*\*Least often recorded\*\*(?: among those that may be shown)?: (.+?) (at|in) (.+?), {N} of {N} hips? \({P}\)\."
)
def least_often(seen, label, at, where, n, of, share):
    table, there = recorded(seen, label, at, where)
    same([n, of], there.sum(), len(there))
    same_percent(share, there.mean())
    shares = shown(seen, table)
    shares = shares[~shares["suppressed"] & (shares.iloc[:, 0] != "not recorded")]
    assert there.mean() <= shares["share"].min() + 1e-9


@claim(r"(Every) measure was recorded everywhere (that it was asked for|among those that may be shown)\.")
def all_recorded(seen, _, which):
    """One of the two tables is complete, and withholds something only where that is said."""
    tables = [shown(seen, name) for name in ("completeness", "completeness_by_clinic")]
    tables = [table for table in tables if (table.loc[~table["suppressed"], "share"].dropna() == 1).all()]
    assert any(table["suppressed"].any() == which.startswith("among") for table in tables)


def middle_half(seen: Seen, label: str, visit: str) -> tuple[pd.Series, np.ndarray, tuple[float, float]]:
    """The readings of an angle at a visit, their quartiles, and what is usual."""
    name, visits = measure_of(seen, label), seen.report._tables.assessments
    values = visits.loc[visits["timepoint"] == visit, name].dropna().astype(float)
    return values, np.percentile(values, [25, 75]), seen.report.protocol.measures[name].usual


@claim(rf"\*\*The middle half of the readings of (.+?) at (\w+) lies from {D} to {D}\S*\*\*, of {N} readings?\.")
def middle_of_first(seen, label, visit, low, high, n):
    values, quartiles, _ = middle_half(seen, label, visit)
    same([low, high, n], *quartiles, len(values))
    table = shown(seen, "distributions")
    assert measure_of(seen, label) == table.loc[~table["suppressed"], "measure"].iloc[0]


def outside_usual(seen: Seen) -> list[tuple[str, str]]:
    table = shown(seen, "distributions")
    rows = [(seen.report.protocol.measures[row.measure].label, row.timepoint) for row in
            table[~table["suppressed"]].itertuples()]  # fmt: skip
    found = []
    for label, visit in rows:
        _, quartiles, usual = middle_half(seen, label, visit)
        if usual and (quartiles[0] < usual[0] or quartiles[1] > usual[1]):
            found.append((label.lower(), visit))
    return found


@claim(r"At every visit the middle half of (every) \w+( that may be shown)? lies within its usual range\.")
def all_usual(seen, _, some):
    assert bool(some) == shown(seen, "distributions")["suppressed"].any()
    assert not outside_usual(seen)


@claim(
    rf"The middle half of ((?!the readings)[^.]+?) at (\w+) goes from {D} to {D}\S*, "
    rf"beyond the usual {D} to {D}\S*: look at its unit and its sign"
)
def not_usual(seen, label, visit, low, high, *usual):
    _, quartiles, ends = middle_half(seen, label, visit)
    same([low, high, *usual], *quartiles, *ends)
    assert (label.lower(), visit) in outside_usual(seen)
