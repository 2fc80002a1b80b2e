"""How good the data are: which hips could be judged, who was seen again, how angles were read, what was found."""

import re
from itertools import pairwise
from math import sqrt

import numpy as np
import pandas as pd

from claims.intervals import of_rate
from claims.rows import HIP, measure_of, primary
from claims.wording import LIMITS, PEOPLE, D, N, P, Seen, claim, listed, same, same_percent, shown


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


@claim(rf"^{N} hips? of {N} patients? (?:was|were) seen\. The number that could be judged is withheld\.")
def came_in_and_no_more(seen, n, people):
    hips = in_and_out(seen)[0]
    same([n, people], len(hips), hips["patient_id"].nunique())
    assert shown(seen, "flow")["suppressed"].iloc[-1]


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


def reread(seen: Seen, measure: str) -> tuple[pd.DataFrame, float]:
    """The hips read again with nothing done in between, and the error of one reading that they show.

    Half the mean square of the difference of two readings, or half its variance where that is more.
    """
    rules, rows = seen.report.protocol, seen.report._tables.changes
    twice = [name for name, pair in rules.comparisons.items() if pair.unchanged]
    rows = rows[rows["comparison"].isin(twice) & rows["comparable"]]
    (comparison,) = rows["comparison"].unique()
    visits = seen.report._tables.assessments
    pair = rules.comparisons[comparison]
    wide = visits.pivot(index=HIP, columns="timepoint", values=measure)[[pair.start, pair.end]].dropna().astype(float)
    wide = wide[wide.index.isin(pd.MultiIndex.from_frame(rows[HIP]))]
    apart = (wide[pair.end] - wide[pair.start]).round(1)
    return wide.reset_index(), sqrt(max(apart.var() / 2, (apart**2).mean() / 2))


def fit(seen: Seen, measure: str) -> str:
    """How the error of the rules, widened by rounding, lies to the limits of the study's own; limits of the table."""
    table = shown(seen, "repeatability").set_index("measure")
    row = table.loc[measure]
    if row["suppressed"] or not row["rules"]:
        return ""
    if row["sem_rounded"] < row["sem_low"]:
        return "too small"
    return "too large" if row["sem_rounded"] > row["sem_high"] else "agrees"


OWN = rf"{D}° \({LIMITS}\)"
OF_RULES = rf"{D}°(?: \({D}° as these readings are rounded\))?"


def same_error(seen: Seen, measure: str, own, taken) -> None:
    row = shown(seen, "repeatability").set_index("measure").loc[measure]
    same(own, reread(seen, measure)[1], row["sem_low"], row["sem_high"])
    assert row["sem_low"] <= row["sem"] <= row["sem_high"]
    same(taken[:1], seen.report.protocol.measures[measure].sem)
    same([taken[1] or taken[0]], row["sem_rounded"])


@claim(rf"own error of one reading \(SEM\) of (.+?) is {OWN}\*\*, seen in {N} hips? of {N} {PEOPLE} read again .+? "
       rf"The rules assume {OF_RULES}, which (?:is )?(agrees|too small|too large)")  # fmt: skip
def own_error(seen, label, sem, low, high, hips, people, taken, rounded_to, verdict):
    measure = measure_of(seen, label)
    twice = reread(seen, measure)[0]
    same([hips, people], len(twice), twice["patient_id"].nunique())
    same_error(seen, measure, [sem, low, high], [taken, rounded_to])
    assert verdict == fit(seen, measure)


@claim(r"The rules (also )?agree with it for (.+?)\.(?= |$)")
def errors_that_fit(seen, also, names):
    measures = [measure_of(seen, name, "name") for name in listed(names)]
    table = list(shown(seen, "repeatability")["measure"])
    first = next(name for name in table if fit(seen, name))
    assert bool(also) == (fit(seen, first) == "agrees")
    assert measures == [name for name in table if name != first and fit(seen, name) == "agrees"]


@claim(rf"(?:They assume (too small|too large) an error for |; )([^;:.]+?), {OF_RULES} against {OWN}")
def errors_that_do_not(seen, verdict, name, taken, rounded_to, sem, low, high):
    measure = measure_of(seen, name, "name")
    same_error(seen, measure, [sem, low, high], [taken, rounded_to])
    assert fit(seen, measure) == (verdict or fit(seen, measure)) != "agrees"


@claim(r"The study has (no) second readings with nothing done in between")
def not_reread(seen, _):
    rules, rows = seen.report.protocol, seen.report._tables.changes
    twice = [name for name, pair in rules.comparisons.items() if pair.unchanged]
    assert rows[rows["comparison"].isin(twice) & rows["has_start"] & rows["has_end"]].empty


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
