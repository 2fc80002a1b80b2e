"""Units, numbers within text, and likely causes of what cannot be."""

import pytest

from analysis import read_study
from analysis.intake.readings import likely_cause
from study_folders import HEADER, found, write_tidy


def _study(folder, text, source="", more=""):
    return write_tidy(folder, f'{HEADER}a,left,baseline,"{text}"\n', source, more=more)


def _value(folder):
    return read_study(folder).assessments["hip_ir_deg"].tolist()


# 180 / pi = 57.2958; asin(21 / 42) = 30 degrees.
@pytest.mark.parametrize(
    ("text", "unit", "degrees"),
    [
        ("0.35", '"radians"', 20.1),
        ("-0.05", '"radians"', -2.9),
        ("20", '"degrees"', 20.0),
        ("21", "{ lever_cm = 42 }", 30.0),
        ("0", "{ lever_cm = 42 }", 0.0),
    ],
)
def test_declared_units_become_degrees(tmp_path, text, unit, degrees):
    folder = _study(tmp_path, text, more=f"[source.units]\nhip_ir_deg = {unit}")
    assert _value(folder) == [degrees]
    assert found(folder) == []


PATTERNS = 'number_patterns = ["{}°", "~{}", "ca. {} deg"]'


@pytest.mark.parametrize(("text", "value"), [("25°", 25), ("~30", 30), ("~ 30", 30), ("ca. 12.5 deg", 12.5)])
def test_declared_patterns_give_their_number_with_a_note(tmp_path, text, value):
    folder = _study(tmp_path, text, PATTERNS)
    assert _value(folder) == [value]
    assert found(folder) == [("note", "read_by_pattern", "visits.csv", 2, "IR", text)]


@pytest.mark.parametrize("text", ["25° or 30°", "~30°", "25 °C", "about 30", "~", "°"])
def test_nothing_but_the_declared_patterns(tmp_path, text):
    assert ("error", "not_a_number", "visits.csv", 2, "IR", text) in found(_study(tmp_path, text, PATTERNS))


@pytest.mark.parametrize(
    ("value", "possible", "cause"),
    [
        (213, (0, 150), "two digits are swapped"),
        (213, (-45, 90), "a digit too many, or no decimal mark"),
        (-60, (-45, 90), "the sign is wrong"),
        (999, (0, 150), "a code for missing"),
        (500, (0, 150), "a digit too many"),
        (161.5, (0, 150), "a typing slip or a wrong unit"),
    ],
)
def test_likely_causes(value, possible, cause):
    assert cause in likely_cause(value, possible)
