"""Small tables of responses that can be counted on the page."""

import numpy as np
import pandas as pd

from analysis.schema import OUTCOMES, SIDES, ordered

YES, NO, UNKNOWN = OUTCOMES
ANSWERS = {"both": (YES, YES), "left_only": (YES, NO), "right_only": (NO, YES), "neither": (NO, NO)}


def hips(*rows, **columns):
    """Responses: (patient, side, outcome), with an optional chance, which is 0.1 if left out."""
    frame = pd.DataFrame([(*row, 0.1)[:4] for row in rows], columns=["patient_id", "side", "outcome", "chance"])
    frame["side"] = frame["side"].astype(ordered(SIDES))
    frame["outcome"] = frame["outcome"].astype(ordered(OUTCOMES))
    frame["reason"] = np.where(frame["outcome"] == UNKNOWN, "no later visit", "")
    frame["response"] = pd.Categorical(["ir"] * len(frame), categories=["ir", "slr"], ordered=True)
    frame["comparison"] = pd.Categorical(["first"] * len(frame), categories=["first", "later"], ordered=True)
    return frame.assign(episode="1", **columns)


# Five people, eight hips, of which six can be judged and three responded.
COHORT = hips(
    ("a", "left", YES),
    ("a", "right", NO),
    ("b", "left", YES),
    ("b", "right", YES),
    ("c", "left", NO),
    ("c", "right", UNKNOWN),
    ("d", "left", UNKNOWN),
    ("e", "right", NO),
    clinic=["North", "North", "South", "South", "North", "North", "South", None],
)


def people(both=0, left_only=0, right_only=0, neither=0):
    """Responses of so many people whose two hips were both judged."""
    rows = []
    for cell, count in (("both", both), ("left_only", left_only), ("right_only", right_only), ("neither", neither)):
        for number in range(count):
            left, right = ANSWERS[cell]
            rows += [(f"{cell}{number}", "left", left), (f"{cell}{number}", "right", right)]
    return hips(*rows)


def in_clinics(left_only, right_only, pairs):
    """Responses of people in clinics: so many per clinic whose left, or whose right hip alone responded, of so many."""
    clinics = []
    for number, (b, c, n) in enumerate(zip(left_only, right_only, pairs, strict=True)):
        table = people(left_only=b, right_only=c, neither=n - b - c)
        clinics.append(table.assign(patient_id=table["patient_id"] + f"-{number}", clinic_id=f"C{number}"))
    return pd.concat(clinics, ignore_index=True)


def group(responders, others, unknown=0, hips_each=1):
    """So many people with one (or, for two, both) hips that responded, did not, or could not be judged."""
    answers = [YES] * responders + [NO] * others + [UNKNOWN] * unknown
    sides = ("left", "right")[:hips_each]
    return hips(*[(f"p{number}", side, answer) for number, answer in enumerate(answers) for side in sides])
