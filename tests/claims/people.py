"""Who was assessed: every person and first reading counted again from the rows."""

import re
from functools import cache

import numpy as np
import pandas as pd

from analysis.protocol.norms import published_norms
from claims.rows import HIP
from claims.wording import PEOPLE, D, N, P, claim, number, same, same_percent, shown


@cache
def first_readings(seen):
    """One row per hip: what is recorded of its person at the first visit that says so, and its first readings."""
    rules, visits = seen.report.protocol, seen.report._tables.assessments
    visits = visits.sort_values([*HIP, "timepoint"])
    people = visits.groupby(HIP, observed=True)[[*rules.attributes]].first()
    first = visits[visits["timepoint"] == rules.classify_at].set_index(HIP)
    table = people.join(first.drop(columns=[*rules.attributes]))
    return table.reset_index()


def characteristic(seen, label):
    """Give the name of what is called so, and its values: once a person, or at every hip."""
    rules, hips = seen.report.protocol, first_readings(seen)
    for parts in (rules.attributes, rules.measures):
        for name, part in parts.items():
            if part.label.lower() == label.lower():
                rows = hips.dropna(subset=[name]).drop_duplicates("patient_id") if parts is rules.attributes else hips
                return name, rows[name]
    raise AssertionError(label)


@claim(rf"^\*\*{N} {PEOPLE} with {N} \w+ in all\*\* w(?:as|ere) assessed\.")
def assessed(seen, people, hips):
    rows = seen.report._tables.assessments
    same([people, hips], rows["patient_id"].nunique(), len(rows[HIP].drop_duplicates()))


@claim(r"w(?:as|ere) assessed\. On average: (.+?)\.(?= [A-Z]|$)")
def averages(seen, said):
    parts = re.split(r"(?<=\)), | and (?=[a-z ]+ \d)", said)
    for part in parts:
        label, middle, more = re.fullmatch(rf"([a-z ]+) {D}[a-z/² ]*(?: \((.+)\))?", part).groups()
        _, values = characteristic(seen, label)
        if more and more.startswith("median"):
            same([middle, *re.findall(r"[\d.]+", more)], *values.quantile([0.5, 0.25, 0.75]))
        else:
            same([middle, *re.findall(r"[\d.]+", more or "")], values.mean(), *([values.std()] if more else []))


@claim(r"w(?:as|ere) assessed\. (Nothing else is recorded of them)\.$")
def nothing_else(seen, _):
    rules, by = seen.report.protocol, seen.report.groups[0]
    others = [name for name in rules.attributes if name not in (by, "clinic_id")]
    assert not first_readings(seen)[others].notna().any(axis=None)


@claim(rf"(?<=[.)] )([A-Z][a-z ]+): ((?:[a-z ]+ {P}(?:, | and )?)+)\.")
def shares(seen, label, said, _):
    name, values = characteristic(seen, label)
    for level, share in re.findall(rf"([a-z ]+?) {P}", said.replace(", ", " ").replace(" and ", " ")):
        same_percent(share, (values == level.strip()).mean())
    assert name in seen.report.protocol.attributes


@claim(r"^Not recorded: (.+)\.$")
def not_recorded(seen, said):
    for label, missing, whole, what in re.findall(rf"(?:^|; )(.+?) of {N} of {N} (\w+)", said):
        name, values = characteristic(seen, label)
        people = seen.report._tables.assessments["patient_id"].nunique()
        of_people = name in seen.report.protocol.attributes
        assert of_people == (what in ("people", "person"))
        total = people if of_people else len(values)
        same([missing, whole], total - values.notna().sum(), total)


@claim(r"^(?:All that is named here is recorded of everyone|Nothing is recorded of people)\.$")
def all_recorded(seen):
    table = shown(seen, "who_was_assessed")
    assert not table["n_missing"].any()


@claim(rf"^Two groups differ by more than (0\.1) standard deviations in {N} of {N} \w+; most in (.+?\))\.(?: |$)")
def apart(seen, limit, beyond, whole, said):
    table = shown(seen, "who_was_assessed").drop_duplicates("characteristic").dropna(subset=["difference"])
    same([beyond, whole], (table["difference"] > float(limit)).sum(), len(table))
    hips, by = first_readings(seen), seen.report.groups[0]
    if by not in hips:
        hips = hips.merge(seen.report._tables.classifications[[*HIP, by]], on=HIP)
        hips[by] = hips[by].astype(object).where(hips[by].isin([*seen.report.protocol.types]), "no type")
    for label, difference in re.findall(r"(?:^|, | and )(.+?) \((\d+\.\d\d|without overlap)\)", said):
        name, _ = characteristic(seen, label)
        if difference == "without overlap":
            assert np.isinf(table.set_index("characteristic").loc[name, "difference"])
            continue
        rows = hips.dropna(subset=[by, name])
        if name in seen.report.protocol.attributes:
            rows = rows.drop_duplicates(["patient_id", by])
        values = rows[name]
        if not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
            if values.nunique() > 2:
                continue  # the distance of more than two levels is checked in tests/stats
            values = (values == values.iloc[0]).astype(float)
            spread = values.groupby(rows[by], observed=True).var(ddof=0)
        else:
            values = values.astype(float)
            spread = values.groupby(rows[by], observed=True).var()
        mean = values.groupby(rows[by], observed=True).mean()
        size = values.groupby(rows[by], observed=True).size()
        kept = size[size >= 2].index
        apart = [
            abs(mean[one] - mean[other]) / np.sqrt((spread[one] + spread[other]) / 2)
            for one in kept
            for other in kept
            if one < other and spread[one] + spread[other] > 0
        ]
        same([difference], max(apart))


@claim(rf"(\w[\w ]+?) measured (\w+) was {D}°? on average \({N} \w+\); {N} [a-z ]+ had {D}°? \((\w+ \d{{4}})\)\.")
def beside_norms(seen, label, position, mean, hips, people, norm, source):
    name, _ = characteristic(seen, label.strip())
    rows = first_readings(seen)
    values = rows.loc[(rows["position"] == position) & rows[name].notna(), name]
    same([mean, hips], values.mean(), len(values))
    table = shown(seen, "beside_norms")
    row = table[(table["measure"] == name) & (table["position"] == position) & (table["norm_source"] == source)].iloc[0]
    assert number(norm) == row["norm"]
    assert row["norm_people"].startswith(f"{people} ")


def first_mean(seen, label, position):
    """Of those read in a position: the name of the measure, and the first readings."""
    name, _ = characteristic(seen, label)
    rows = first_readings(seen)
    return name, rows.loc[(rows["position"] == position) & rows[name].notna(), name]


@claim(rf"^([A-Z][\w' ]+), (\w+): {D}°? on average here, {D}°?(?: to {D}°?)? published$")
def norms_title(seen, label, position, here, low, high):
    name, values = first_mean(seen, label, position)
    norms = [norm.mean for norm in published_norms() if (norm.measure, norm.position) == (name, position)]
    same([here], values.mean())
    same([low, high or low], min(norms), max(norms))


@claim(
    rf"(?:(?<=First readings\. )|(?<=\)\. ))([A-Z][\w' ]+), (\w+): {D}°? here \((?:SD {D}°?; )?{N} \w+\)(.+?\))(?=\.)"
)
def norms_drawn(seen, label, position, here, sd, hips, published):
    name, values = first_mean(seen, label, position)
    same([here, hips], values.mean(), len(values))
    assert bool(sd) == (len(values) > 1)
    if sd:
        same([sd], values.std())
    norms = [norm for norm in published_norms() if (norm.measure, norm.position) == (name, position)]
    said = re.findall(rf"; (\w+ \d{{4}}) {D}°? \((?:SD {D}°?; )?{N} ([a-z ]+)\)", published)
    assert [(source, people) for source, *_, people in said] == [(norm.source, norm.people) for norm in norms]
    for (_, mean, spread, n, _), norm in zip(said, norms, strict=True):
        same([mean, n], norm.mean, norm.n)
        assert number(spread or "0") == (norm.sd or 0)
