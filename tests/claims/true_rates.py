"""The true rates of clinics, drawn together towards their mean."""

from functools import cache

import numpy as np
import pandas as pd
from scipy.special import betaln

from claims.clinics import by_clinic, target, worth
from claims.wording import N, P, Seen, claim, listed, same, same_percent, same_range, shown


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
