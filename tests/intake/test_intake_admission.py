"""What check says of the admission: readings it would have kept out, and first readings that look cut off."""

import numpy as np
import pytest

from analysis.intake.load import read_study
from study_folders import HEADER, found, write_tidy

RULE = '\n[admission]\nmeasure = "hip_ir_deg"\nop = "lt"\nvalue = 20\nby = "{by}"\n'


def visits(*hips, later=None):
    """Rows of left and right at baseline and after: one higher, or other readings."""
    later = later or [[reading + 1 for reading in pair] for pair in hips]
    lines = [
        f"{person},{side},{at},{reading:.1f}\n"
        for person, pairs in enumerate(zip(hips, later, strict=True))
        for side, readings in zip(("left", "right"), zip(*pairs, strict=True), strict=True)
        for at, reading in zip(("baseline", "post"), readings, strict=True)
    ]
    return HEADER + "".join(lines)


def problems(folder, rule="admission_"):
    return [row for row in found(folder) if row[1].startswith(rule)]


@pytest.mark.parametrize("by", ["hip", "person"])
def test_a_reading_that_the_rule_would_have_kept_out_is_named(tmp_path, by):
    """Person 0 has 25 beside 12, which only a rule by hip keeps out; person 1 has 20 and 25, which each keeps out."""
    folder = write_tidy(tmp_path, visits((25.0, 12.0), (20.0, 25.0), (19.9, 10.0)), more=RULE.format(by=by))
    rows = {"hip": [2, 6, 8], "person": [6, 8]}[by]
    shown = {2: "25", 6: "20", 8: "25"}
    assert problems(folder) == [
        ("warning", "admission_not_met", "visits.csv", row, "hip_ir_deg", shown[row]) for row in rows
    ]


def enrolled(people, below):
    rng = np.random.default_rng(5)
    level, own = rng.normal(size=(10 * people, 1)), rng.normal(size=(10 * people, 2))
    first = np.round(22 + 8 * (0.8 * level + 0.6 * own), 1)
    return first[(first < below).any(axis=1)][:people].tolist()


@pytest.mark.parametrize(("below", "warned"), [(20, True), (99, False)])
def test_first_readings_that_look_cut_off(tmp_path, below, warned):
    folder = write_tidy(tmp_path, visits(*enrolled(100, below)))
    expected = [("warning", "admission_not_declared", "", None, "hip_ir_deg", "")] if warned else []
    assert problems(folder) == expected


@pytest.mark.parametrize(("first", "later", "warned"), [(20, 99, True), (99, 20, False)])
def test_later_readings_tell_nothing_of_who_was_enrolled(tmp_path, first, later, warned):
    write_tidy(tmp_path, visits(*enrolled(100, first), later=enrolled(100, later)))
    assert len(problems(tmp_path, "admission_not_declared")) == warned


@pytest.mark.parametrize("declared", ['admission = "none"\n', ""])
def test_what_is_declared_is_not_asked_for(tmp_path, declared):
    folder = write_tidy(tmp_path, visits(*enrolled(100, 20)), more="" if declared else RULE.format(by="person"))
    if declared:
        path = folder / "study.toml"
        path.write_text(declared + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert problems(folder) == []


def test_it_says_how_to_declare_it(tmp_path):
    told = read_study(write_tidy(tmp_path, visits(*enrolled(100, 20)))).problems
    (message,) = told.loc[told["rule"] == "admission_not_declared", "message"]
    assert '[admission] in study.toml, or admission = "none"' in message
