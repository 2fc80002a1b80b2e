"""The error of one reading that hips show that were read again with nothing done in between."""

from math import sqrt

import pandas as pd

from claims.rows import HIP, measure_of
from claims.wording import LIMITS, PEOPLE, D, N, Seen, claim, listed, same, shown


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
