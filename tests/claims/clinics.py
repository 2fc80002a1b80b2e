"""A clinic among all clinics."""

from math import sqrt

import pandas as pd
from scipy.optimize import brentq
from scipy.special import betainc
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


@claim(r"Fewer than (3) clinics have a rate( that may be shown)?,")
def too_few_clinics(seen, few, hidden):
    same([few], 3)
    clinics = by_clinic(seen)
    table = shown(seen.everyone, "clinics")
    assert len(clinics) < 3 or table["suppressed"].sum() > len(table) - 3
    assert bool(hidden) == table["suppressed"].any()


@claim(r"(No) hip with a recorded clinic could be judged, so clinics cannot be compared\.")
def no_clinic(seen, _):
    assert judged(seen)["clinic_id"].isna().all()
