"""Small literal tables for tests: hips, visits, care and studies, in the words of the built-in protocol."""

from itertools import product

import pandas as pd

from analysis import Study, Tables, analyse, change, classify, respond
from analysis.intake.problems import Problems
from analysis.protocol import builtin
from analysis.schema import HIP, conform

# A hip of each type that any physiotherapist would name; tests change one thing at a time.
T1 = {
    "hip_ir_deg": 12,
    "hip_er_deg": 44,
    "slr_deg": 66,
    "pelvic_tilt": "anterior",
    "swayback": False,
    "feels_stretch": True,
}
T2 = T1 | {"slr_deg": 42, "pelvic_tilt": "posterior"}


def between_cut_offs(measure):
    """Missing, and of each interval between the cut-offs the value next to its upper end, or the first beyond all."""
    rules = [rule for rule in builtin().criteria.values() if getattr(rule, "measure", None) == measure]
    last = {
        round(rule.cutoff(reading) - (0.1 if rule.op in ("lt", "ge") else 0), 1)
        for rule in rules
        for reading in ("strict", "lenient")
    }
    return [None, *sorted(last), round(max(last) + 0.1, 1)]


# Every measure that decides a class.
MEASURED = {
    "hip_ir_deg": between_cut_offs("hip_ir_deg"),
    "pelvic_tilt": [None, "neutral", "anterior", "posterior"],
    "hip_er_deg": between_cut_offs("hip_er_deg"),
    "swayback": [None, False, True],
    "slr_deg": between_cut_offs("slr_deg"),
    "feels_stretch": [None, True, False],
}
BEFORE = {"hip_ir_deg": 12, "slr_deg": 60, "ober": "positive"}
AFTER = {"hip_ir_deg": 17, "slr_deg": 70, "ober": "negative"}


def visit(timepoint="baseline", patient="p1", side="left", **values):
    """One row of assessments."""
    return {"patient_id": patient, "side": side, "timepoint": timepoint, **values}


def assessments(*visits):
    """A typed assessments table; no visit at all gives an empty one."""
    key = ["patient_id", "side", "timepoint"]
    return conform(pd.DataFrame(list(visits), columns=None if visits else key), "assessments", builtin())


def hip(**values):
    """A hip seen once, at baseline."""
    return assessments(visit(**values))


def every_hip():
    """Every hip there can be under the built-in protocol: the values of each, and all of them at baseline."""
    cells = list(product(*MEASURED.values()))
    rows = [visit(patient=f"{n:04}", **dict(zip(MEASURED, cell, strict=True))) for n, cell in enumerate(cells)]
    return cells, assessments(*rows)


def pair(before, after, start="baseline", end="post", **who):
    """A hip seen twice."""
    return assessments(visit(start, **who, **before), visit(end, **who, **after))


def interventions(*cared):
    """A typed interventions table."""
    key = ["patient_id", "side"]
    rows = [{"patient_id": "p1", "side": "left", **values} for values in cared]
    return conform(pd.DataFrame(rows, columns=None if rows else key), "interventions", builtin())


def classified(**values):
    """The classification of one hip from its values at baseline."""
    return classify(hip(**values)).iloc[0]


def study(visits, care=None, protocol=None):
    """A study without files."""
    protocol = protocol or builtin()
    care = pd.DataFrame(columns=HIP) if care is None else care
    return Study(
        name="A study",
        folder="a-study",
        synthetic=False,
        public=False,
        protocol=protocol,
        assessments=conform(visits, "assessments", protocol),
        interventions=conform(care, "interventions", protocol),
        problems=Problems().table(),
        fingerprint="",
    )


def analysed(visits, care=None, reading="strict") -> Tables:
    """All tables of a study without files."""
    return analyse(study(visits, care), reading)


def judged(before, after, reading="strict"):
    """The outcome of every response of a hip seen right before and after the stretch."""
    return judged_all([(before, after)], reading)[0]


def judged_all(hips, reading="strict"):
    """The same for many hips at once; one pair of readings for each."""
    rows = [
        visit(at, patient=f"{number:04}", **values)
        for number, hip_seen in enumerate(hips)
        for at, values in zip(("baseline", "post"), hip_seen, strict=True)
    ]
    responses = respond(change(assessments(*rows)), reading=reading)
    wide = responses[responses["comparison"] == "immediate"].pivot(
        index="patient_id", columns="response", values="outcome"
    )
    return wide.astype(str).to_dict("records")
