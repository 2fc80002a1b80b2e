"""One comparison of left with right: its pairs of hips, and the methods that answer."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.hips.clinic_of_person import CLINIC_OF_PERSON, clusters_of
from analysis.schema import SIDES
from analysis.stats.clustered_pairs import durkalski, obuchowski
from analysis.stats.clusters import FEWEST_CLINICS
from analysis.stats.gee import gee_difference
from analysis.stats.intervals import NO_INTERVAL
from analysis.stats.means import Mean, mean_with_interval
from analysis.stats.paired import (
    PairedTable,
    mcnemar_exact,
    mcnemar_midp,
    mcnemar_score,
    newcombe10,
    tango,
)
from analysis.stats.two_proportions import newcombe_unpaired

FIRST_EPISODE = "in_first_episode"
_FOREMOST = ("both", "left_only", "right_only", "neither", "n", "difference")


class SideMethod(NamedTuple):
    """One way to answer whether left and right differ: what it is, and where its numbers stand."""

    label: str
    assumes: str
    difference: str
    """The column of the difference."""
    limits: str
    """What the columns of the limits begin with; empty for a test that has none of its own."""
    p: str
    """The column of the p value that belongs to these limits, below .05 where they leave out 0; empty for none."""


SIDE_METHODS = (
    SideMethod("Mean by clinic", "Clinics may differ in left against right (CR2, Satterthwaite's t)",
               "difference", "by_clinic", "p_by_clinic"),
    SideMethod("McNemar", "People are independent (χ², and Tango's interval, which inverts it)",
               "difference", "tango", "p_score"),
    SideMethod("Newcombe", "The same", "difference", "newcombe", ""),
    SideMethod("McNemar mid-p", "The same", "difference", "", "p_midp"),
    SideMethod("McNemar exact", "The same, more cautious", "difference", "", "p_exact"),
    SideMethod("Obuchowski", "People of a clinic may be alike; all people weigh alike",
               "difference", "obuchowski", "p_obuchowski"),
    SideMethod("Durkalski", "People of a clinic may be alike; all clinics weigh alike",
               "durkalski_difference", "durkalski", "p_durkalski"),
    SideMethod("GEE", "Everyone, people with one judged hip too", "gee_difference", "gee", "p_gee"),
)  # fmt: skip
"""The ways of :func:`analysis.compare_sides`.

Reports answer by the first where there are enough clinics, else by the second.
"""


class People(NamedTuple):
    """People of whom a hip was judged in their first episode: of each hip 1 for a responder, 0 for none, else NaN."""

    left: np.ndarray
    right: np.ndarray
    number: np.ndarray
    """Of each row that they were made from: whose it is."""

    @property
    def have_both(self) -> np.ndarray:
        """Whether both hips were judged."""
        return ~(np.isnan(self.left) | np.isnan(self.right))


def by_person(judged: pd.DataFrame) -> People:
    """Return whether the left and right hip responded, person by person; each row is of another hip."""
    number, people = pd.factorize(judged["patient_id"])
    responded = np.full((len(SIDES), len(people)), np.nan)
    for place, side in enumerate(SIDES):
        own = (judged["side"] == side).to_numpy()
        responded[place, number[own]] = (judged["outcome"] == "responder").to_numpy()[own]
    return People(responded[0], responded[1], number)


def paired_table(people: People) -> PairedTable:
    """Count the people with both hips judged by which of them responded."""
    left, right = people.left == 1, people.right == 1
    return PairedTable(
        both=int((left & right).sum()),
        left_only=int((left & (people.right == 0)).sum()),
        right_only=int(((people.left == 0) & right).sum()),
        neither=int(((people.left == 0) & (people.right == 0)).sum()),
    )


def clinics_of(judged: pd.DataFrame) -> np.ndarray | None:
    """Return the clinic of each hip's person, missing where none is recorded; nothing where none could be."""
    return judged[CLINIC_OF_PERSON].to_numpy(dtype="object") if CLINIC_OF_PERSON in judged else None


def compare(judged: pd.DataFrame) -> dict[str, object]:
    """Compare the judged hips of the left with those of the right, in the numbers of :func:`analysis.compare_sides`.

    Parameters
    ----------
    judged
        Rows of one response and one comparison, each evaluable, with ``in_first_episode``: whether the row is of the
        first episode of care of its person, and ``clinic_of_person``.
    """
    first = judged[judged[FIRST_EPISODE]]
    people = by_person(first)
    table = paired_table(people)
    newcombe, score = newcombe10(table), tango(table)
    everyone = gee_difference(
        (judged["outcome"] == "responder").to_numpy(),
        (judged["side"] == "left").to_numpy(),
        judged["patient_id"].to_numpy(),
        clinic=clinics_of(judged),
    )
    reasons = ["no person has both hips evaluable" if table.n == 0 else "", everyone.reason]
    row = {
        "both": table.both,
        "left_only": table.left_only,
        "right_only": table.right_only,
        "neither": table.neither,
        "n": table.n,
        "difference": table.difference,
        "newcombe_low": newcombe.low,
        "newcombe_high": newcombe.high,
        "tango_low": score.low,
        "tango_high": score.high,
        "p_score": mcnemar_score(table),
        "p_exact": mcnemar_exact(table),
        "p_midp": mcnemar_midp(table),
        **_by_clinic(people, first),
        "gee_difference": everyone.difference,
        "gee_low": everyone.difference_interval.low,
        "gee_high": everyone.difference_interval.high,
        "gee_odds_ratio": everyone.odds_ratio,
        "gee_or_low": everyone.odds_ratio_interval.low,
        "gee_or_high": everyone.odds_ratio_interval.high,
        "p_gee": everyone.p_value,
        "gee_clustered_by": everyone.clustered_by,
        **_with_one_hip(people),
        "not_estimable": "; ".join(filter(None, reasons)),
    }
    return {**{name: row[name] for name in _FOREMOST}, **_answer(row), **row}


def _with_one_hip(people: People) -> dict[str, object]:
    """Compare the people of whom only the left hip was judged with those of whom only the right one was."""
    alone = {"left": people.left[np.isnan(people.right)], "right": people.right[np.isnan(people.left)]}
    n, x = ({side: int((of >= least).sum()) for side, of in alone.items()} for least in (0, 1))
    limits = newcombe_unpaired(x["left"], n["left"], x["right"], n["right"])
    rates = [x[side] / n[side] if n[side] else np.nan for side in SIDES]
    return {
        **{f"one_hip_{side}": n[side] for side in SIDES},
        **{f"one_hip_{side}_responders": x[side] for side in SIDES},
        "one_hip_difference": rates[0] - rates[1],
        "one_hip_low": limits.low,
        "one_hip_high": limits.high,
        "one_hip_behind": min(*x.values(), *(n[side] - x[side] for side in SIDES)),
    }


def _by_clinic(people: People, judged: pd.DataFrame) -> dict[str, object]:
    """Return the comparisons of pairs that let people of one clinic be alike."""
    pairs = people.have_both
    left, right, of_pair = people.left[pairs], people.right[pairs], pairs[people.number]
    number = (np.cumsum(pairs) - 1)[people.number[of_pair]]
    clusters = clusters_of(number, judged[of_pair])
    clinic = clusters.clinic
    b, c, n = (np.bincount(clinic, of) for of in (left > right, left < right, np.ones(len(clinic))))
    every_person, every_clinic = obuchowski(b, c, n), durkalski(b, c, n)
    mean, why = Mean(0, np.nan, NO_INTERVAL, np.nan, ""), f"fewer than {FEWEST_CLINICS} clinics"
    if clusters.clustered_by == "clinic":
        mean = mean_with_interval(left - right, clinic)
        why = mean.reason and f"left minus right is the same in every clinic: {mean.reason}"
    reason = "" if clusters.n_clinics or not len(left) else "no clinic is recorded"
    return {
        "by_clinic_low": np.maximum(mean.interval.low, -1),
        "by_clinic_high": np.minimum(mean.interval.high, 1),
        "by_clinic_df": mean.degrees_of_freedom,
        "p_by_clinic": mean.p_value,
        "by_clinic_not_estimable": reason or why,
        "n_clinics": clusters.n_clinics,
        "cluster_note": f"people are taken as independent; {why}" if mean.reason else clusters.note,
        "obuchowski_low": every_person.interval.low,
        "obuchowski_high": every_person.interval.high,
        "p_obuchowski": every_person.p_value,
        "durkalski_difference": every_clinic.difference,
        "durkalski_low": every_clinic.interval.low,
        "durkalski_high": every_clinic.interval.high,
        "p_durkalski": every_clinic.p_value,
        "clinics_not_estimable": reason
        or ("no person has both hips evaluable" if not len(left) else every_person.reason),
    }


def _answer(row: dict[str, object]) -> dict[str, object]:
    """Return the interval and the p value that answer: by clinic where there are any, else those of people."""
    method = SIDE_METHODS[0] if row["by_clinic_not_estimable"] == "" else SIDE_METHODS[1]
    return {
        "method": method.label,
        "ci_low": row[f"{method.limits}_low"],
        "ci_high": row[f"{method.limits}_high"],
        "p": row[method.p],
        "clustered_by": "clinic" if method is SIDE_METHODS[0] else "person",
    }
