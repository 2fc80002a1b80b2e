"""A clinic among all clinics, and a rate over time."""

from functools import cache
from math import sqrt
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import betainc, betaln
from scipy.stats import binom, chi2

from claims.rows import judged, primary
from claims.sides import same_p
from claims.wording import (
    D,
    N,
    P,
    Seen,
    claim,
    listed,
    same,
    same_percent,
    same_range,
    same_rounded,
    same_words,
    shown,
)

PLACE = "((?:far )?(?:above|below))"


def by_clinic(seen: Seen) -> pd.DataFrame:
    return judged(seen.everyone).groupby("clinic_id", observed=True)["yes"].agg(["sum", "count"])


def target(seen: Seen) -> float:
    clinics = by_clinic(seen)
    return clinics["sum"].sum() / clinics["count"].sum()


def places(seen: Seen) -> dict[str, str]:
    """How each clinic lies to the limits of the table, which widen with what size does not explain.

    Chance alone gives the narrowest limits there are: who is outside the table's is outside those.
    """
    clinics, around, found = by_clinic(seen), target(seen), {}
    table = shown(seen.everyone, "clinics")
    for row in table[~table["suppressed"]].itertuples():
        x, n = clinics.loc[row.clinic_id]
        inner, outer = (row.low95, row.high95), (row.low998, row.high998)
        where = "below" if x / n < inner[0] else "above" if x / n > inner[1] else "within"
        if where != "within":
            tail = binom.cdf(x, n, around) if where == "below" else binom.sf(x - 1, n, around)
            assert tail < 0.05, (row.clinic_id, where)
        found[row.clinic_id] = "far " * (not outer[0] <= x / n <= outer[1]) + where
    return found


def worth(seen: Seen) -> float:
    """How many independent hips one is worth, as two of a person are alike; to two digits where any is withheld."""
    rows = judged(seen.everyone)
    rows = rows[rows["clinic_id"].notna()]
    person = rows.groupby("patient_id")["yes"].agg(["sum", "count"])
    x, m, rate = person["sum"], person["count"], rows["yes"].mean()
    alike = m.pow(2).sum() / m.sum()
    if 0 < rate < 1 and len(m) > 1:
        alike = len(m) / (len(m) - 1) * (x - rate * m).pow(2).sum() / (len(rows) * rate * (1 - rate))
    found = 1 / max(1.0 if len(m) == len(rows) else alike, 1.0)
    return round(found, 2) if seen.everyone.report.withholds else found


def apart(seen: Seen) -> tuple[float, float, float, float]:
    """The p value of one rate for all clinics that may be shown, their SD, and its limits: the Q profile."""
    clinics = by_clinic(seen).loc[list(places(seen))] * worth(seen)
    rate, n = clinics["sum"] / clinics["count"], clinics["count"]
    pooled = clinics["sum"].sum() / n.sum()
    within = pooled * (1 - pooled) / n

    def q(tau):
        weight = 1 / (within + tau**2)
        return (weight * (rate - (weight * rate).sum() / weight.sum()) ** 2).sum()

    def sd_at(value):
        return brentq(lambda tau: q(tau) - value, 0, 1) if q(0) > value else 0.0

    degrees, weight = len(n) - 1, 1 / within
    moments = (q(0) - degrees) / (weight.sum() - weight.pow(2).sum() / weight.sum())
    return chi2.sf(q(0), degrees), sqrt(max(moments, 0)), *(sd_at(chi2.ppf(at, degrees)) for at in (0.95, 0.05))


MAY = "(?: that may be shown)?"


@claim(
    rf"\*\*The (clinics{MAY}|data do not show that the clinics{MAY}) differ by more than chance\*\* "
    rf"\(p ([=<]) (\.\d+|1); their true rates typically lie {D} percentage points? \((90) % CI {D} to {D}\) from "
    r"their mean\)"
)
def clinics_differ(seen, who, sign, p, sd, level, low, high):
    found, *spread = apart(seen)
    same_p(sign, p, found)
    same_rounded([sd, low, high], *(100 * points for points in spread))
    same([level], 90)
    assert who.startswith("clinics") == (found < 0.05)
    assert ("that may be shown" in who) == (len(places(seen)) < len(by_clinic(seen)))


@claim(rf"\*\*It is (not) known whether the clinics{MAY} differ\*\*: in all of them none responded, or all did\.")
def clinics_show_nothing(seen, _):
    assert by_clinic(seen).loc[list(places(seen)), "sum"].sum() in (0, by_clinic(seen)["count"].sum())


OUTER = r"the (95) % limits for their size( and that spread)?"
AROUND = rf"around the {P} of all judged hips"
BY_CHANCE = r"(?:about ([\d,.]+)|(hardly any)) would(?: by chance)?"


def same_limits(seen: Seen, level: str, spread: str | None, around: str) -> dict[str, str]:
    same([level], 95)
    assert bool(spread) == (shown(seen.everyone, "clinics")["tau_squared"].max() > 0)
    same_percent(around, target(seen))
    return places(seen)


def same_expected(clinics: int, one_in: int, about: str | None, hardly: str | None) -> None:
    """Of clinics that are alike one in so many lies outside by chance."""
    assert bool(hardly) == (clinics / one_in < 0.05)
    if about:
        same_rounded([about], clinics / one_in)


@claim(rf"(None) stands out: all {N} lie within {OUTER}, {AROUND}\.")
def all_within(seen, _, n, level, spread, around):
    found = same_limits(seen, level, spread, around)
    same([n], len(found))
    assert set(found.values()) == {"within"}


@claim(rf"{N} of {N} clinics{MAY} lies? outside {OUTER}, {AROUND}; of {N} that are alike {BY_CHANCE}\.")
def outside(seen, n, of, level, spread, around, alike, about, hardly):
    found = same_limits(seen, level, spread, around)
    same([n, of, alike], sum(place != "within" for place in found.values()), len(found), len(found))
    same_expected(len(found), 20, about, hardly)


@claim(r"Look again: ([^.;]+)\.")
def look_again(seen, who):
    assert sorted(listed(who)) == sorted(f"{clinic} {at}" for clinic, at in places(seen).items() if at in BEYOND_95)


@claim(rf"A signal, outside the (99\.8) % limits: ([^.;]+); of {N} that are alike {BY_CHANCE}\.")
def signal(seen, level, who, alike, about, hardly):
    found = places(seen)
    same([level, alike], 99.8, len(found))
    same_expected(len(found), 500, about, hardly)
    assert sorted(listed(who)) == sorted(f"{clinic} {at}" for clinic, at in found.items() if at.startswith("far"))


BEYOND_95 = ("above", "below")


@claim(
    rf"No clinic is recorded for {N} patients? with {N} hips?\*\*; they count among all, "
    rf"and in no clinic\. The clinics and they together are all {N} patients? with {N} hips?\."
)
def without_clinic(seen, patients, hips, all_patients, all_hips):
    rows = primary(seen.everyone)
    nowhere = rows[rows["clinic_id"].isna()]
    same([patients, hips], nowhere["patient_id"].nunique(), len(nowhere))
    same([all_patients, all_hips], rows["patient_id"].nunique(), len(rows))


def own(seen: Seen) -> tuple[str, int, int]:
    """The one clinic of a report, its responders and judged hips."""
    rows = judged(seen)
    (clinic,) = seen.report._tables.changes["clinic_id"].dropna().unique()
    return str(clinic), int(rows["yes"].sum()), len(rows)


def this_clinic(seen, rate, place, around):
    clinic, x, n = own(seen)
    same_percent(rate, x / n)
    same_percent(around, target(seen))
    same_words(place, places(seen)[clinic])


@claim(rf"This clinic's rate \({P}\) lies {PLACE} the limits for its size\*\* {AROUND}, but")
def this_clinic_within_the_spread(seen, rate, place, around):
    this_clinic(seen, rate, "within", around)
    _, x, n = own(seen)
    assert place.endswith("below" if x / n < target(seen) else "above")
    assert beyond_size(seen, x, n) < 0.025


@claim(rf"This clinic's rate \({P}\) lies {PLACE} the (95|99\.8) % limits\*\* {AROUND}: (look again|a signal); "
       r"(1) in (20|500) clinics that are alike does by chance\.")  # fmt: skip
def this_clinic_outside(seen, rate, place, level, around, verdict, one, in_all):
    this_clinic(seen, rate, place, around)
    far = place.startswith("far")
    same([level, one, in_all], 99.8 if far else 95, 1, 500 if far else 20)
    assert verdict == ("a signal" if far else "look again")


@claim(
    rf"This clinic's rate \({P}\) does not clearly differ\*\* from the {P} of all judged hips: it lies within the 95 % "
    r"limits for its size\."
)
def this_clinic_no_other(seen, rate, around):
    this_clinic(seen, rate, "within", around)
    assert beyond_size(seen, *own(seen)[1:]) > 0.025


def beyond_size(seen: Seen, x: int, n: int) -> float:
    """How likely so many responders or more, or so few or fewer, are at the rate of all: a continued binomial."""
    around = shown(seen.everyone, "clinics")["target"].dropna().iloc[0]
    n, x = n * worth(seen), x * worth(seen)
    return min(bdtr_continued(x, n, around), bdtr_continued(n - x, n, 1 - around))


def bdtr_continued(x: float, n: float, p: float) -> float:
    return 1.0 if x >= n else betainc(n - x, x + 1, 1 - p)


@claim(rf"^This clinic {P}, all clinics {P}: (?:{PLACE}|(within)) the limits$")
def this_clinic_in_title(seen, rate, around, place, within):
    this_clinic(seen, rate, place or within, around)


@claim(rf" This clinic: {N} of {N} \({P}\), (?:{PLACE}|(within)) the limits\.")
def this_clinic_drawn(seen, x, n, rate, place, within):
    clinic, *counted = own(seen)
    same([x, n], *counted)
    same_percent(rate, counted[0] / counted[1])
    same_words(place or within, places(seen)[clinic])


@claim(rf"^Responder rates of {N} clinics?(?: that may be shown)? around {P}: (none|\d+) outside the 95 % limits$")
def funnel_title(seen, n, around, apart):
    found = places(seen)
    same([n, apart.replace("none", "0")], len(found), sum(place != "within" for place in found.values()))
    same_percent(around, target(seen))


@claim(rf"^Funnel of {N} clinics?(?: that may be shown)? around {P}; rates from {P} to {P}; (none|\d+) outside\.")
def funnel_drawn(seen, n, around, low, high, apart):
    funnel_title(seen, n, around, apart)
    clinics = by_clinic(seen).loc[list(places(seen))]
    same_percent(low, (clinics["sum"] / clinics["count"]).min())
    same_percent(high, (clinics["sum"] / clinics["count"]).max())


def by_period(seen: Seen) -> pd.DataFrame:
    rows = judged(seen).dropna(subset=["date"])
    return rows.groupby(rows["date"].dt.to_period("Q").astype(str))["yes"].agg(["sum", "count"])


def standing_out(seen: Seen) -> list[str]:
    """The periods beyond a limit that 5 % of stable charts cross, or of a shift; Laney's scatter widens the limits."""
    table = by_period(seen)
    x, n = table["sum"].to_numpy(float), table["count"].to_numpy(float)
    rate, centre, periods = x / n, x.sum() / n.sum(), len(x)
    if not 0 < centre < 1:
        return []
    steps = np.abs(np.diff((rate - centre) / np.sqrt(centre * (1 - centre) / n)))
    widened = max(steps.mean() / (2 / np.sqrt(np.pi)), 1.0) if len(steps) else 1.0
    worth, tail = n / widened**2, 0.025 / periods
    # Beyond the lower limit lies what is rarer than the tail; a limit at 0 or 1 is none.
    below = [bdtr_continued(r * m, m, centre) < tail for r, m in zip(rate, worth, strict=True)]
    above = [bdtr_continued(m - r * m, m, 1 - centre) < tail for r, m in zip(rate, worth, strict=True)]
    flags = np.array(below) | np.array(above)
    # Where nobody is more likely than not to respond, none who did is no step below the centre.
    rate = np.where((x == 0) & (binom.pmf(0, n, centre) >= 0.5), centre, rate)
    rate = np.where((x == n) & (binom.pmf(n, n, centre) >= 0.5), centre, rate)
    least = max(7, round(7.2 + 3 * np.log2(periods / 12)))
    for holds in (rate > centre, rate < centre):
        for start in range(periods - least + 1):
            flags[start : start + least] |= holds[start : start + least].all()
    return list(table.index[flags])


ALL = rf"(?:all {N} periods|([^;:*]+?)) stands? out"


@claim(rf"\*\*No sign of change over time\*\* in {N} periods(?: that may be shown)?\.")
def no_change_over_time(seen, n):
    same([n], len(by_period(seen)))
    assert not standing_out(seen)


@claim(rf"Had the rate halved, the chart would show it (?:only after about {N}|hardly within (24)) such periods?")
def how_soon(seen, after, most):
    """By the table of the methods, at the size and rate nearest below."""
    methods = (Path(__file__).parents[2] / "docs/methods.md").read_text(encoding="utf-8")
    lines = methods.partition("| hips a period |")[2].splitlines()
    sizes = {int(line.split("|")[1]): [cell.strip() for cell in line.split("|")[2:7]] for line in lines[2:6]}
    table = by_period(seen)
    size = max([one for one in sizes if one <= table["count"].median()], default=0)
    rates = [one for one in (0.1, 0.2, 0.3, 0.5, 0.7) if one <= table["sum"].sum() / table["count"].sum()]
    counted = sizes[size][len(rates) - 1] if size and rates else "over 24"
    assert (after or "over 24") == counted, (size, rates)


@claim(rf"\*\*(There may have been a change|The rate seems to have changed)\*\*: {ALL}"
       rf"(?:; of (100) stable charts of {N} periods at most {N} show such a sign)?")  # fmt: skip
def change_over_time(seen, verdict, n, periods, hundred, of, alarms):
    found = standing_out(seen)
    if verdict.startswith("The rate"):
        same([hundred, of, alarms], 100, len(by_period(seen)), 4 if len(by_period(seen)) < 12 else 5)
    assert n or listed(periods) == found, (periods, found)
    if n:
        same([n, n], len(found), len(by_period(seen)))


@claim(rf"^Responder rate over time: (?:(no period) stands out|{ALL})$")
def chart_title(seen, none, n, periods):
    found = standing_out(seen)
    assert bool(none) == (not found)
    if not none:
        change_over_time(seen, "", n, periods, None, None, None)


@claim(rf"(\d{{4}}Q\d): {N} of {N}(?: responded)? \({P}\)(?=[;.])")
def rate_of_period(seen, period, x, n, share):
    counted = by_period(seen).loc[period]
    same([x, n], *counted)
    same_percent(share, counted["sum"] / counted["count"])


@claim(r"Only one period has a rate( that may be shown)?, so nothing")
def one_period(seen, shown_only):
    assert (len(by_period(seen)) == 1) == (not shown_only)


@claim(r"Fewer than (3) clinics have a rate( that may be shown)?,")
def too_few_clinics(seen, few, hidden):
    same([few], 3)
    clinics = by_clinic(seen)
    table = shown(seen.everyone, "clinics")
    assert len(clinics) < 3 or table["suppressed"].sum() > len(table) - 3
    assert bool(hidden) == table["suppressed"].any()


@claim(r"(No) period has a rate that may be shown")
def no_period(seen, _):
    assert by_period(seen).empty or shown(seen, "over_time")["suppressed"].all()


@claim(r"(?<=\. )((?:With fewer than 12 periods the|(?:No|Every) hip responded in any period, which)[^.]+)\.")
def chart_notes(seen, said):
    table = by_period(seen)
    n, centre = table["count"], table["sum"].sum() / table["count"].sum()
    notes = {
        "with fewer than 12 periods the limits are provisional": len(n) < 12,
        "no hip responded in any period, which leaves no limits": centre == 0,
        "every hip responded in any period, which leaves no limits": centre == 1,
    }
    assert (said[0].lower() + said[1:]).split("; ") == [note for note, holds in notes.items() if holds]


@claim(r"(No) hip with a recorded clinic could be judged, so clinics cannot be compared\.")
def no_clinic(seen, _):
    assert judged(seen)["clinic_id"].isna().all()


@claim(r"(No) hip with a dated visit could be judged, so nothing can be said")
def no_date(seen, _):
    assert judged(seen)["date"].isna().all()


@cache
def true_rates(seen: Seen) -> pd.DataFrame:
    """The true rates of the table, each near the mean over a coarse grid of what their mean and spread may be."""
    table = shown(seen.everyone, "clinics").dropna(subset=["shrunk"]).set_index("clinic_id")
    counts = by_clinic(seen).loc[table.index] * worth(seen)
    mean, root = (axis.ravel() for axis in np.meshgrid(np.linspace(0.002, 0.998, 250), np.linspace(0.003, 0.697, 70)))
    a, b = mean * (1 / root**2 - 1), (1 - mean) * (1 / root**2 - 1)
    x, n = counts["sum"].to_numpy(), counts["count"].to_numpy()
    height = sum(betaln(a + r, b + m - r) - betaln(a, b) for r, m in zip(x, n, strict=True))
    weight = np.exp(height - height.max())
    coarse = ((a + x[:, None]) / (a + b + n[:, None])) @ weight / weight.sum()
    assert np.allclose(table["shrunk"].astype(float), coarse, atol=0.01), (table["shrunk"], coarse)
    assert ((table["shrunk_low"] < table["shrunk"]) & (table["shrunk"] < table["shrunk_high"])).all()
    return table


def same_ends(seen: Seen, true: tuple[str, str], found: tuple[str, str]) -> None:
    rates, clinics = true_rates(seen)["shrunk"], by_clinic(seen).loc[true_rates(seen).index]
    for said, values in ((true, rates), (found, clinics["sum"] / clinics["count"])):
        same_percent(said[0], values.min())
        same_percent(said[1], values.max())


@claim(rf"\*\*The true rates of {N} clinics are estimated at {P} to {P}\*\*; the rates seen were {P} to {P}, because "
       rf"small clinics scatter\. The (95) % limits (?:of (every) one hold|leave out) the {P} of all judged hips"
       rf"(?: in {N}: ([^.;]+))?\.")  # fmt: skip
def true_rates_told(seen, n, low, high, lowest, highest, level, every, around, some, who):
    table = true_rates(seen)
    same([n, level], len(table), 95)
    same_ends(seen, (low, high), (lowest, highest))
    same_percent(around, target(seen))
    held = table["target"].between(table["shrunk_low"], table["shrunk_high"])
    assert bool(every) == held.all()
    if not every:
        same([some], (~held).sum())
        assert listed(who) == list(table.index[~held])


@claim(rf"^True rates of {N} clinics: {P} to {P}; rates seen: {P} to {P}$")
def caterpillar_title(seen, n, low, high, lowest, highest):
    same([n], len(true_rates(seen)))
    same_ends(seen, (low, high), (lowest, highest))


@claim(rf"(?:true rates\. |; )([^;:]+): true rate {P} \((95) % limits (\d+(?:\.\d+)?–\d+(?:\.\d+)?)\), "
       rf"seen {N} of {N} \({P}\)(?=[;.])")  # fmt: skip
def caterpillar_drawn(seen, clinic, true, level, limits, x, n, share):
    row, counted = true_rates(seen).loc[clinic], by_clinic(seen).loc[clinic]
    same_percent(true, row["shrunk"])
    same_range(limits, (row["shrunk_low"], row["shrunk_high"]))
    same([level, x, n], 95, *counted)
    same_percent(share, counted["sum"] / counted["count"])
