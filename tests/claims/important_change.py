"""Which gain people call important: the three answers worked out anew; their limits are those of the table."""

import numpy as np
import pandas as pd
import statsmodels.api as sm

from claims.rows import HIP, changes, measure_of
from claims.wording import D, N, Seen, claim, same, shown


def rated(seen: Seen, measure: str) -> pd.DataFrame:
    """The gain of every hip and the place of the rating of its later visit among the levels."""
    rules, visits = seen.report.protocol, seen.report._tables.assessments
    end = rules.comparisons[seen.report.comparison].end
    said = visits[visits["timepoint"] == end].dropna(subset=[rules.anchor.measure])
    levels = list(rules.measures[rules.anchor.measure].levels)
    said = said.assign(rating=[levels.index(word) for word in said[rules.anchor.measure]])
    least = levels.index(rules.anchor.improved_from)
    rows = changes(seen, measure).merge(said[[*HIP, "rating"]], on=HIP)
    return rows.assign(improved=rows["rating"] >= least, little=rows["rating"] == least)


def best_cut(rows: pd.DataFrame) -> float:
    told = {cut: rows.loc[rows["improved"], "gain"].ge(cut).mean() - rows.loc[~rows["improved"], "gain"].ge(cut).mean()
            for cut in sorted(rows["gain"].unique())}  # fmt: skip
    return max(told, key=lambda cut: round(told[cut], 12))


def as_likely_as_all(rows: pd.DataFrame) -> float:
    fitted = sm.Logit(rows["improved"].astype(float), sm.add_constant(rows["gain"])).fit(disp=0)
    share = rows["improved"].mean()
    return (np.log(share / (1 - share)) - fitted.params.iloc[0]) / fitted.params.iloc[1]


ENDS = rf"(?: \(95 % CI {D} to {D}\))?"


@claim(
    rf"^\*\*By people's own rating the smallest gain of (.+?) that matters is\*\* {D}\S*{ENDS} by ROC"
    rf"(?:; {D}\S*{ENDS} by mean change)?(?:; {D}\S*{ENDS} by prediction)? \({N} hips? of {N} patients?\)\."
    rf"(?: The rules ask for {D}\S*\.)?"
)
def least_important(seen, label, *numbers):
    *said, hips, people, rule = numbers
    measure = measure_of(seen, label)
    rows = rated(seen, measure)
    row = shown(seen, "important_changes").set_index("measure").loc[measure]
    means = rows.loc[rows["little"], "gain"].mean()
    expected = {"roc": best_cut(rows), "mean_of_minimal": means, "predicted": np.nan}
    for (name, value), (own, low, high) in zip(expected.items(), zip(*[iter(said)] * 3, strict=True), strict=True):
        assert (own is None) == np.isnan(row[name])
        if own:
            same([own], as_likely_as_all(rows) if name == "predicted" else value)
        if low:
            same([low, high], row[f"{name}_low"], row[f"{name}_high"])
    same([hips, people], len(rows), rows["patient_id"].nunique())
    if rule:
        same([rule.rstrip(".")], row["threshold"])


@claim(r"^(No) anchor recorded: which gain matters cannot be told")
def no_anchor(seen, _):
    anchor, visits = seen.report.protocol.anchor, seen.report._tables.assessments
    end = seen.report.protocol.comparisons[seen.report.comparison].end
    at_end = visits[visits["timepoint"] == end]
    assert anchor is None or shown(seen, "important_changes").empty
    assert anchor is None or at_end[anchor.measure].isna().all() or shown(seen, "mean_changes")["n_hips"].eq(0).all()


@claim(r"^Which gain of (.+?) matters to people cannot be told: (.+?)(?: \(correlation ([−-]?[\d.]+)\))?\.$")
def not_told(seen, label, why, correlation):
    row = shown(seen, "important_changes").set_index("measure").loc[measure_of(seen, label)]
    assert row["not_estimable"] == why
    if correlation:
        rows = rated(seen, measure_of(seen, label))
        assert abs(float(correlation) - rows["gain"].corr(rows["rating"], method="spearman")) < 0.0051
