"""How many degrees were gained: on average, by groups, beside chance, and at the same first reading."""

import re

import numpy as np
import pandas as pd
import statsmodels.api as sm

from claims.intervals import of_hips
from claims.rows import changes, error, in_group, levels_made_alike, measure_of
from claims.wording import LIMITS, D, N, Seen, claim, listed, same, same_words, shown, side_of_zero

MOVED = {1: "rose", -1: "fell"}


def moved(seen: Seen, label: str) -> tuple[pd.DataFrame, tuple[float, float]]:
    rows = changes(seen, measure_of(seen, label))
    return rows, of_hips(rows, rows["change"])


@claim(rf"^\*\*([^*]+?) (rose|fell|did not clearly change) on average\*\* \({D}[^;]*; {LIMITS}; "
       rf"{N} hips? of {N} patients?\)")  # fmt: skip
def on_average(seen, label, verdict, mean, low, high, hips, people):
    rows, limits = moved(seen, label)
    same([mean, low, high, hips, people], rows["change"].mean(), *limits, len(rows), rows["patient_id"].nunique())
    same_words(verdict, MOVED.get(side_of_zero(limits), "did not clearly change"))


@claim(rf"^([^*]+?) changed by {D}[^\d]* on average in {N} hips? of {N} patients?, too few or too alike")
def on_average_alike(seen, label, mean, hips, people):
    rows, limits = moved(seen, label)
    same([mean, hips, people], rows["change"].mean(), len(rows), rows["patient_id"].nunique())
    assert np.isnan(limits[0])


@claim(rf"(?:^|\. )With nothing done it would have changed by {D}[^\d]*? on average"
       rf"(?: \({D} to {D} over the measurement errors tried\))?: regression to the mean"
       r"(?:; the change is (not clearly )?(beyond) that)?\.")  # fmt: skip
def mean_by_chance(seen, chance, low, high, not_clearly, beyond):
    """The measure is the first, or the one whose numbers these are."""
    found = [by_errors(seen, name) for name in shown(seen, "mean_changes")["measure"]]
    assert any(_agrees(said, chance, low, high, not_clearly, beyond) for said in found)


def by_errors(seen: Seen, measure: str) -> tuple[list[float], tuple[float, float]]:
    """What the analysis of the whole study expects of the hips measured twice, at each error tried; and the limits."""
    rows = changes(seen, measure)
    means = [float(rows[f"{measure}_by_chance{error}"].mean()) for error in ("", "_least", "_most")]
    return means, of_hips(rows, rows["change"])


def _agrees(found, chance, low, high, not_clearly, beyond) -> bool:
    means, limits = found
    try:
        same([chance], means[0])
        if low:
            same([low, high], min(means), max(means))
        if beyond:
            assert bool(not_clearly) == (limits[0] <= max(means) and limits[1] >= min(means))
    except AssertionError:
        return False
    return bool(beyond) == (not np.isnan(limits[0]))


@claim(rf"^(?:\*\*)?(.+?) (?:rose|fell|did not|changed).+Two readings .+? less than {D}\D* in 95 of 100 cases"
       rf"(?:; {N} hips? rose by more than that)?(?:.*, {N} hips? fell by more)?")  # fmt: skip
def beyond_error(seen, label, size, up, down):
    rows, band = moved(seen, label)[0], error(seen, measure_of(seen, label))
    same([size], band)
    same([n for n in [up] if n], *[(rows["change"] > band).sum()] * bool(up))
    same([n for n in [down] if n], *[(rows["change"] < -band).sum()] * bool(down))


@claim(r"(?:^No hip was measured both times in the same way, so )(.+?) has no change")
def no_change(seen, label):
    assert moved(seen, label)[0].empty


def means_drawn(seen: Seen) -> dict[str, tuple[pd.DataFrame, tuple[float, float]]]:
    table = shown(seen, "mean_changes")
    labels = [seen.report.protocol.measures[name].label for name in table.loc[~table["suppressed"], "measure"]]
    found = {label: moved(seen, label) for label in labels}
    return {label: (rows, limits) for label, (rows, limits) in found.items() if not np.isnan(limits[0])}


@claim(r"^Mean change: clearly different from none in (.+)$")
def clear_means(seen, names):
    clear = [measure_of(seen, label) for label, (_, limits) in means_drawn(seen).items() if side_of_zero(limits)]
    same_words(names, " ".join(names.split()) if clear else "no measure")
    assert not clear or [measure_of(seen, name, "name") for name in listed(names)] == clear


@claim(rf"(?:changes\. |; )([^;(]+): {D} \({LIMITS}; error of one change ±{D}\)")
def mean_drawn(seen, label, mean, low, high, band):
    rows, limits = means_drawn(seen)[label]
    same([mean, low, high, band], rows["change"].mean(), *limits, error(seen, measure_of(seen, label)))


def groups(seen: Seen, label: str) -> dict[str, tuple[float, tuple[float, float]]]:
    """What chance alone gives each group that can be judged, and the limits of what it gained beyond at every error."""
    measure, by = measure_of(seen, label), seen.report.protocol.group_by
    table = shown(seen, "gains_by_group")
    found = {}
    for row in table[(table["measure"] == measure) & ~table["suppressed"]].itertuples():
        name = str(getattr(row, by))
        rows = in_group(seen, changes(seen, measure), by, name)
        if len(rows) and not np.isnan((limits := of_hips(rows, rows["change"]))[0]):
            chance = [float(rows[f"{measure}_by_chance{error}"].mean()) for error in ("", "_least", "_most")]
            found[name] = chance[0], (limits[0] - max(chance), limits[1] - min(chance))
    return found


def named(seen: Seen, words: str | None, of: dict) -> set[str]:
    """The groups that words name: each, both, or all of them."""
    if not words:
        return set()
    every = re.fullmatch(r"(?:both|all (\d+)) groups", words)
    if every:
        same([every[1] or "2"], len(of))
        return set(of)
    types = {kind.label.split(":")[0]: name for name, kind in seen.report.protocol.types.items()}
    return {types.get(word, word.lower().replace(" ", "_")) for word in listed(words)}


CHANCE = r"by more than chance alone would give in ([^*]+)"


@claim(rf"^(.+?) (?:\*\*rose {CHANCE}\*\*)?(?: and )?(?:\*\*fell {CHANCE}\*\*)?"
       r"(?: and cannot be told from chance in ([^.]+))?\. With nothing done")  # fmt: skip
def groups_beyond_chance(seen, label, rose, fell, unclear):
    found = groups(seen, label.removeprefix("In no group can the change of ").removesuffix(" be told from chance"))
    sides = {name: side_of_zero(limits) for name, (_, limits) in found.items()}
    for words, side in ((rose, 1), (fell, -1), (unclear, 0)):
        own = {name for name, where in sides.items() if where == side}
        assert named(seen, words, found) == (own if side or rose or fell else set()), (words, sides)


@claim(rf"^(.+?) \*?\*?(?:rose|fell|be told).+ With nothing done the next reading would have moved by "
       rf"(?:{D}[^\d]*?|between {D}[^\d]*? and {D}[^\d]*? \(depending on the group\)) on average")  # fmt: skip
def by_chance(seen, label, alike, low, high):
    found = groups(seen, label.removeprefix("In no group can the change of "))
    expected = [chance for chance, _ in found.values()]
    same([alike or low, alike or high], min(expected), max(expected))


@claim(r"^In no group can the change of (.+?) be told from chance: too few (?:hips|first readings)")
def no_group(seen, label):
    assert not groups(seen, label)


ADJUSTED = rf"{D}[^;]*; {LIMITS}(?:; {N} hips?)?(?:; ([\w ]+) made alike)?\)"


@claim(rf"(?:before it: |; )(?:\*\*)?([\w ]+?)(?: hips read (higher|lower) than | and )([\w ]+?) hips"
       rf"(?:\*\*| do not clearly differ) \({ADJUSTED}")  # fmt: skip
def at_same_first_reading(seen, group, verdict, other, difference, low, high, hips, alike):
    """The difference is that of least squares; its limits are the table's."""
    table, rules = shown(seen, "adjusted_gains"), seen.report.protocol
    first = table[table["measure"] == table["measure"].iloc[0]]
    words = first[["group", "reference"]].astype(str).map(lambda name: name.replace("_", " ").lower())
    row = first[(words["group"] == group) & (words["reference"] == other)].iloc[0]
    rows, column = changes(seen, row["measure"]), row["contrast"]
    if column == "match":
        rows = rows.merge(seen.report._tables.care[["patient_id", "episode", "side", "match"]])
    label = rows[column].astype(object).astype(str)
    rows = rows[label.isin([str(row["group"]), str(row["reference"])])]
    own = (rows[column].astype(object).astype(str) == str(row["group"])).astype(float)
    words, columns = levels_made_alike(rows, own) if column == "match" else ([], [])
    same_words(alike, " and ".join(words))
    fitted = sm.OLS(
        rows["after"].to_numpy(), np.column_stack([np.ones(len(rows)), own, rows["before"], *columns])
    ).fit()
    same([difference, low, high], fitted.params[1], row["ci_low"], row["ci_high"])
    if hips or not seen.report.release.clinic:
        same([hips], len(rows))
    assert row["ci_low"] <= fitted.params[1] <= row["ci_high"], rules.id
    same_words(verdict, {1: "higher", -1: "lower"}.get(side_of_zero((row["ci_low"], row["ci_high"])), ""))


@claim(r"(?:before it: |; )(.+?) against (.+?) hips is not estimable \(([^)]+)\)")
def not_adjusted(seen, group, other, why):
    table = shown(seen, "adjusted_gains")
    reasons = table.loc[
        (table["group"].str.lower() == group) & (table["reference"].str.lower() == other), "not_estimable"
    ]
    assert why == reasons.iloc[0]
