"""The means at all visits: generalised least squares, the covariance written out from the components of the table."""

import re
from functools import cache, reduce

import numpy as np
import pandas as pd

from claims.rows import HIP, measure_of, own_clinics
from claims.wording import LIMITS, D, Seen, claim, same, shown


@cache
def read(seen: Seen, measure: str) -> pd.DataFrame:
    """Every reading but second ones with nothing done between and those taken in another way than the hip's others."""
    rules, visits = seen.report.protocol, seen.report._tables.assessments
    repeats = [pair.end for pair in rules.comparisons.values() if pair.unchanged]
    rows = visits[visits[measure].notna() & ~visits["timepoint"].isin(repeats)]
    rows = rows.assign(first=rows["timepoint"] == rules.classify_at).sort_values(
        ["first", "timepoint"], ascending=[0, 1]
    )
    for name, condition in rules.conditions.items():
        if condition.must_match:
            own = rows[name].astype(object)
            usual = own.groupby([rows[key].astype(str) for key in HIP]).transform("first")
            rows = rows.assign(**{f"{name} differs": own.notna() & (own != usual)})
    return rows[~rows.filter(like=" differs").any(axis=1)]


@cache
def means(seen: Seen, by: str | tuple[str, str]) -> dict[tuple[str, str], float]:
    """The mean of every group at every visit."""
    table = shown(seen, "trajectories", by)
    columns = [by] if isinstance(by, str) else list(by)
    measure = table["measure"].dropna().iloc[0]
    row = table[~table["suppressed"]].iloc[0]
    rows = read(seen, measure)
    if columns[0] not in rows:
        classes = seen.report._tables.changes.drop_duplicates(HIP)[[*HIP, columns[0]]]
        rows = rows.merge(classes, on=HIP)
    told = in_words(table.loc[table["not_estimable"].fillna("") == "", [*columns, "timepoint"]])
    rows = rows.assign(cell=in_words(rows[[*columns, "timepoint"]]))
    rows = rows[rows["cell"].isin(set(told))].reset_index(drop=True)
    design, inner = pd.get_dummies(rows["cell"], dtype=float), 0.0
    clinics = own_clinics(seen, pd.MultiIndex.from_frame(rows[["patient_id", "episode"]])).fillna("not recorded")
    independent = rows["patient_id"].to_numpy() if np.isnan(row["sd_clinic"]) else clinics.to_numpy()
    names = [rows.groupby(keys, observed=True).ngroup().to_numpy() for keys in (["patient_id"], HIP)]
    columns = np.column_stack([design, rows[measure].astype(float)])
    for block in pd.unique(independent):
        own = np.flatnonzero(independent == block)
        covered = covariance([name[own] for name in names], row)
        inner = inner + columns[own].T @ np.linalg.solve(covered, columns[own])
    found = np.linalg.solve(inner[:-1, :-1], inner[:-1, -1])
    return {tuple(name.rsplit(" ", 1)): value for name, value in zip(design, found, strict=True)}


def in_words(rows: pd.DataFrame) -> pd.Series:
    words = (rows[name].astype(object).fillna("not recorded").astype(str) for name in rows)
    return reduce(lambda before, after: before + " " + after, words)


def covariance(names: list[np.ndarray], row: pd.Series) -> np.ndarray:
    """Of readings of one clinic or person: what all share, what those of a person share, what those of a hip share."""
    deviations = row[["sd_clinic", "sd_person", "sd_hip"]].astype(float).fillna(0)
    alike = [True, *(name[:, None] == name for name in names)]
    shared = sum(sd**2 * same_group for sd, same_group in zip(deviations, alike, strict=True))
    return shared + np.eye(len(names[0])) * row["sd_reading"] ** 2


def row_of(seen: Seen, by: str | tuple[str, str], group: str, visit: str) -> pd.Series:
    """The row of a group, which may be called by the start of its label; of two columns, by both joined by a comma."""
    types = {kind.label.split(":")[0].lower(): name for name, kind in seen.report.protocol.types.items()}
    wanted = [
        types.get(name.lower(), name.lower().replace(" ", "_")) if column == "stretch_type" else name
        for column, name in zip([by] if isinstance(by, str) else by, group.split(", "), strict=True)
    ]
    return rows_by_name(seen, by)[*(name.lower() for name in wanted), visit]


@cache
def rows_by_name(seen: Seen, by: str | tuple[str, str]) -> dict[tuple[str, ...], pd.Series]:
    """The first row of each group at each visit."""
    columns, rows = [by] if isinstance(by, str) else by, {}
    for _, row in shown(seen, "trajectories", by).iterrows():
        rows.setdefault((*(str(row[column]).lower() for column in columns), str(row["timepoint"])), row)
    return rows


def same_as_rows(
    seen: Seen, by: str | tuple[str, str], group: str, visit: str, numbers, other: tuple[str, str] | None, name: str
) -> None:
    """Compare a mean, or the difference of two, with that worked out anew; the limits are those of the table."""
    row, found = row_of(seen, by, group, visit), means(seen, by)
    own = " ".join(str(row[column]) for column in ([by] if isinstance(by, str) else by))
    expected = found[own, visit] - (found[other[0] or own, other[1]] if other else 0)
    same(numbers, expected, row[f"{name}_low"], row[f"{name}_high"])
    assert row[f"{name}_low"] <= expected <= row[f"{name}_high"]


@claim(r"^In one model of all visits, (.+?) changed from (\w+) to (\w+) by (.+?)\. A first reading")
def changed(seen, label, since, last, parts):
    by = seen.report.groups[0]
    assert since == seen.report.protocol.classify_at
    table = shown(seen, "trajectories", by)
    at_end = table[(table["timepoint"] == last) & table["change_low"].notna()]
    said = re.findall(rf"(?:^|; ){D}\S* \({LIMITS}\) in ([^;]+)", parts)
    assert len(said) == len(at_end)
    assert seen.report.protocol.measures[table["measure"].dropna().iloc[0]].label.lower() == label.lower()
    for *numbers, group in said:
        same_as_rows(seen, by, group, last, numbers, ("", since), "change")


@claim(r"^In one model of all visits, (.+?) of the left hip less that of the right was (.+)\.$")
def sides_apart(seen, label, parts):
    table = shown(seen, "trajectories", "side")
    said = re.findall(rf"(?:^|; ){D}\S* \({LIMITS}\) at (\w+)", parts)
    assert len(said) == table["apart_low"].notna().sum()
    for *numbers, visit in said:
        same_as_rows(seen, "side", "left", visit, numbers, ("right", visit), "apart")


@claim(r"^In one model of all visits, (.+?) of the left hip less that of the right was, at (\w+), (.+)\.$")
def sides_apart_in_groups(seen, label, visit, parts):
    by = tuple(seen.report.groups)
    table = shown(seen, "trajectories", by)
    said = re.findall(rf"(?:^|; ){D}\S* \({LIMITS}\) in ([^;]+)", parts)
    assert len(said) == (table["apart_low"].notna() & (table["timepoint"] == visit)).sum()
    measure_of(seen, label)
    for *numbers, group in said:
        other = " ".join([str(row_of(seen, by, f"{group}, left", visit)[by[0]]), "right"])
        same_as_rows(seen, by, f"{group}, left", visit, numbers, (other, visit), "apart")


@claim(r"^The means of (.+?) at the visits cannot be compared in one model: (?!no visit|no group|left minus)(.+)\.$")
def not_compared(seen, label, why):
    measure_of(seen, label)
    tables = [shown(seen, "trajectories", by) for by in (*seen.report.groups, "side", tuple(seen.report.groups))]
    assert any(((table["not_estimable"] == why) | table["suppressed"]).all() for table in tables)


@claim(
    r"^The means of (.+?) at the visits cannot be compared in one model: (?:no visit has a mean with an interval of "
    r"both left and right|(left minus right has no interval at any visit))( in any group)?\.$"
)
def sides_not_compared(seen, label, alike, in_groups):
    measure_of(seen, label)
    by = tuple(seen.report.groups) if in_groups else ("side",)
    table = shown(seen, "trajectories", by if in_groups else "side")
    means = table.dropna(subset=["ci_low"]).groupby([*(set(by) - {"side"}), "timepoint"], observed=True, dropna=False)
    assert table["apart_low"].isna().all()
    assert (means.size() > 1).any() == bool(alike)


@claim(
    r"^The means of (.+?) at the visits cannot be compared in one model: no group has a mean with an interval both at "
    r"(\w+) and at (\w+)\.$"
)
def visits_not_compared(seen, label, first, last):
    measure_of(seen, label)
    (by,) = [name for name in seen.report.groups if name != "side"]
    told = shown(seen, "trajectories", by).dropna(subset=["ci_low"])
    at_both = told[told["timepoint"].isin([first, last])].groupby(by, observed=True, dropna=False).size()
    assert set(shown(seen, "trajectories", by)["since"].dropna()) <= {first}
    assert (at_both < 2).all()


DRAWN = (
    r"^Mean (.+?) at all visits(, left and right of each group)?, with 95 % intervals(, over a line for each \w+)?"
    r"(?:; beyond the axis: ([^.]+?))?"
)


@claim(rf"{DRAWN}$")
def drawn(seen, label, each, lines, beyond):
    all_by = [tuple(seen.report.groups)] if each else ["side", seen.report.groups[0]]
    assert beyond in [beyond_axis(seen, measure_of(seen, label), by, lines) for by in all_by]


@cache
def beyond_axis(seen: Seen, measure: str, by: str | tuple[str, str], lines: str | None) -> str | None:
    """Count what lies beyond an axis that follows the means, and nine tenths of readings and ends, and 6 % more."""
    table = shown(seen, "trajectories", by)
    assert measure == table["measure"].dropna().iloc[0]
    table = table[~table["suppressed"] & table["ci_low"].notna()]
    spared = (len(table) - 1) // 20  # intervals on either side that the axis need not reach
    ends = [*table["mean"], sorted(table["ci_low"])[spared], sorted(table["ci_high"])[-1 - spared]]
    every = read(seen, measure)
    if lines:
        ends += [np.percentile(every[measure].to_numpy(float), share) for share in (5, 95)]
    room = 0.06 * (max(ends) - min(ends))
    low, high = min(ends) - room, max(ends) + room
    there = every.loc[every["timepoint"].isin(set(table["timepoint"])), measure].to_numpy(float)
    out = ((there < low) | (there > high)).sum()
    cut = sum(row.ci_low < low or row.ci_high > high for row in table.itertuples())
    said = [f"{out:,} of {len(there):,} readings"] * bool(lines and out)
    return ", ".join(said + [f"an end of {cut:,} of {len(table):,} intervals"] * bool(cut)) or None


@claim(rf"{DRAWN}\. (.+)\.$")
def points_drawn(seen, label, each, lines, beyond, groups):
    one = "side" if re.match(r"(?:Left|Right): ", groups) else seen.report.groups[0]
    by = tuple(seen.report.groups) if each else one
    assert beyond == beyond_axis(seen, measure_of(seen, label), by, lines)
    said = [part.partition(": ") for part in re.split(r"(?<=\))\. ", groups)]
    table = shown(seen, "trajectories", by)
    points = [(group, *found) for group, _, all_of in said
              for found in re.findall(rf"(\w+) {D} \({D} to {D}\)", all_of)]  # fmt: skip
    assert len(points) == table["ci_low"].notna().sum()
    for group, visit, *numbers in points:
        same_as_rows(seen, by, group, visit, numbers, None, "ci")
