"""Within what two readings agree: the mean of the differences, their spread and the limits from these."""

import re
from math import sqrt

import numpy as np
import pandas as pd

from claims.intervals import clustered, of_mean
from claims.repeatability import reread
from claims.rows import HIP, measure_of, own_clinics
from claims.wording import LIMITS, PEOPLE, D, N, Seen, claim, same, same_words, shown, side_of_zero


def read_again(seen: Seen, label: str) -> pd.DataFrame:
    """The hips read again, with the difference, the cluster and whether two raters read them."""
    twice = reread(seen, measure_of(seen, label))[0]
    rules = seen.report.protocol
    (pair,) = (pair for pair in rules.comparisons.values() if pair.unchanged)
    raters = seen.report._tables.assessments.pivot(index=HIP, columns="timepoint", values="rater")
    raters = raters.reindex(columns=[pair.start, pair.end]).astype(object).loc[pd.MultiIndex.from_frame(twice[HIP])]
    clinic = own_clinics(seen, pd.MultiIndex.from_frame(twice[["patient_id", "episode"]]))
    first, second = raters[pair.start].to_numpy(), raters[pair.end].to_numpy()
    known = raters.notna().all(axis=1).to_numpy()
    apart = (twice[pair.end] - twice[pair.start]).round(1)
    kinds = {"one": known & (first == second), "two": known & (first != second)}
    return twice.assign(apart=apart, clinic=clinic.to_numpy(), **kinds)


def limits(rows: pd.DataFrame) -> tuple[float, float, float, tuple[float, float]]:
    """Lower limit, mean, upper limit, and the limits of the mean."""
    by = rows["clinic"].fillna("not recorded") if rows["clinic"].nunique() >= 5 else rows["patient_id"]
    mean, error = rows["apart"].mean(), clustered(by, rows["apart"])[0]
    reach = 1.959964 * sqrt(((rows["apart"] - mean) ** 2).mean() + error**2)
    return mean - reach, mean, mean + reach, of_mean(by, rows["apart"])


BETWEEN = rf"within {D}\S* and {D}[^\s*]*"


@claim(
    rf"^\*\*Two readings of (.+?) agree {BETWEEN}\*\* in 95 of 100 cases \({N} hips? of {N} {PEOPLE}\)"
    rf"(?:: {BETWEEN} by one rater, {BETWEEN} by two)?\. "
    r"(?:The second reading is (higher|lower) on average|There is no clear shift) "
    rf"\({D}[^;]*; {LIMITS}\)\."
)
def agree_within(seen, label, low, high, hips, people, *others):
    *raters, verdict, bias, bias_low, bias_high = others
    rows = read_again(seen, label)
    lower, mean, upper, ends = limits(rows)
    same([low, high, bias, bias_low, bias_high], lower, upper, mean, *ends)
    same([hips, people], len(rows), rows["patient_id"].nunique())
    same_words(verdict, {1: "higher", -1: "lower", 0: ""}[side_of_zero(ends)])
    if raters[0]:
        same(raters, *(limits(rows[rows[kind]])[end] for kind in ("one", "two") for end in (0, 2)))


@claim(r"^(No) second readings are recorded, so nobody can tell")
def none_again(seen, _):
    assert shown(seen, "agreement").empty


@claim(rf"^Two readings of (.+?): 95 of 100 differences lie between {D}\S* and {D}\S*$")
def differences_drawn(seen, label, low, high):
    lower, _, upper, _ = limits(read_again(seen, label))
    same([low, high], lower, upper)


@claim(r"^Differences of two readings: (.+)\.$")
def lines_drawn(seen, said):
    row = shown(seen, "agreement").query("~suppressed and lower_low.notna() and raters == 'all'").iloc[0]
    label = seen.report.protocol.measures[row["measure"]].label
    expected = dict(zip(("lower limit", "mean", "upper limit"), limits(read_again(seen, label)), strict=False))
    for (name, value), ends in zip(expected.items(), ("lower", "bias", "upper"), strict=True):
        numbers = re.search(rf"{name} {D} \({D} to {D}\)", said).groups()
        same(numbers, value, row[f"{ends}_low"], row[f"{ends}_high"])
        assert np.isfinite(value)
