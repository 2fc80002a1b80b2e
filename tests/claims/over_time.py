"""A rate over time."""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import binom

from claims.clinics import bdtr_continued
from claims.rows import judged
from claims.wording import N, P, Seen, claim, listed, same, same_percent, shown


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


@claim(r"(No) hip with a dated visit could be judged, so nothing can be said")
def no_date(seen, _):
    assert judged(seen)["date"].isna().all()
