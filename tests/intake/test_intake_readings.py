"""Units, numbers within text, and likely causes of what cannot be."""

import pytest

from analysis import StudyError, load, read_study
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


PERSON = "ID,Hip,Visit,IR,X\na,left,baseline,12,{}\n"


def _of_person(folder, text, name, more=""):
    return write_tidy(folder, PERSON.format(text), columns=f'{name} = "X"', more=more)


@pytest.mark.parametrize(
    ("text", "name", "unit", "value"),
    [
        ("33", "age_years", "", 33.0),
        ("33.5", "age_years", "", 33.5),
        ("1.7", "height_cm", "m", 170.0),
        ("70", "height_cm", "inches", 177.8),
        ("1.5", "complaints_months", "years", 18.0),
    ],
)
def test_a_number_of_a_person_is_a_number_in_the_unit_of_the_protocol(tmp_path, text, name, unit, value):
    folder = _of_person(tmp_path, text, name, f'[source.units]\n{name} = "{unit}"' if unit else "")
    assert read_study(folder).assessments[name].tolist() == [value]
    assert found(folder) == []


@pytest.mark.parametrize(
    ("text", "name", "severity", "rule"),
    [
        ("133", "age_years", "error", "impossible_value"),
        ("-5", "age_years", "error", "impossible_value"),
        ("1.7", "height_cm", "error", "impossible_value"),
        ("old", "age_years", "error", "not_a_number"),
        ("9", "age_years", "warning", "unusual_value"),
    ],
)
def test_what_no_person_is_is_a_problem_as_a_reading_is(tmp_path, text, name, severity, rule):
    assert found(_of_person(tmp_path, text, name)) == [(severity, rule, "visits.csv", 2, "X", text)]


def test_a_unit_that_a_number_of_a_person_does_not_have_is_refused(tmp_path):
    folder = _of_person(tmp_path, "33", "age_years", '[source.units]\nage_years = "pounds"')
    assert read_study(folder).problems["message"].tolist() == ["source.units.age_years: it can be years, months"]


def test_a_body_mass_index_is_calculated_where_only_height_and_weight_are_recorded(tmp_path):
    csv = "ID,Hip,Visit,IR,H,W\na,left,baseline,12,180,81\nb,left,baseline,14,,70\n"
    folder = write_tidy(tmp_path, csv, columns='height_cm = "H"\nweight_kg = "W"')
    assert read_study(folder).assessments["bmi"].tolist()[0] == 25.0
    assert found(folder) == []


@pytest.mark.parametrize("pattern", ["-{}", "\u2212{}", "({})", "{}-"])
def test_a_pattern_that_takes_the_sign_off_is_refused(tmp_path, pattern):
    with pytest.raises(StudyError, match="would take a sign off the number"):
        read_study(write_tidy(tmp_path, HEADER + "a,left,baseline,-5\n", f'number_patterns = ["{pattern}"]'))


def test_a_pattern_with_a_unit_is_of_columns_in_that_unit(tmp_path):
    csv = "ID,Hip,Visit,IR,Height\na,left,baseline,0.35 rad,172 cm\n"
    folder = write_tidy(tmp_path, csv, 'number_patterns = ["{} rad", "{} cm"]', 'height_cm = "Height"')
    assert ("error", "not_a_number", "visits.csv", 2, "IR", "0.35 rad") in found(folder)
    assert [problem[4] for problem in found(folder) if problem[1] == "read_by_pattern"] == ["Height"]


def test_so_is_one_with_radians_where_these_are_declared(tmp_path):
    csv = HEADER + "a,left,baseline,0.1745 rad\n"
    folder = write_tidy(tmp_path, csv, 'number_patterns = ["{} rad"]', more='[source.units]\nhip_ir_deg = "radians"')
    assert load(folder).assessments["hip_ir_deg"].tolist() == [10]


@pytest.mark.parametrize(
    ("measure", "readings", "warned"),
    [
        ("hip_ir_deg", (64, 58, 66, 60, 70), True), ("hip_ir_deg", (64, 58, 66, 60, 30), True),
        ("hip_ir_deg", (64, 58, 66, 30, 28), False), ("hip_ir_deg", (64, 58, 66), False),
        ("hip_ir_deg", (44, 48, 46, 40, 50), False), ("hip_er_deg", (64, 68, 66, 70), True),
        ("slr_deg", (100, 98, 105, 110), False), ("slr_deg", (64, 58, 66, 60), False),
        ("pelvic_tilt_deg", (20, 22, 25, 24), False),
    ],
)  # fmt: skip
def test_angles_from_the_vertical_are_a_warning(tmp_path, measure, readings, warned):
    rows = "".join(f"{n},left,baseline,{reading}\n" for n, reading in enumerate(readings))
    folder = write_tidy(tmp_path, HEADER + rows)
    file = folder / "study.toml"
    file.write_text(file.read_text().replace("hip_ir_deg", measure))
    rules = [rule for _, rule, *_ in found(folder)]
    assert (rules.count("measured_from_90") == 1) == warned


@pytest.mark.parametrize(
    ("readings", "warned"), [((0, 0, 22, 35), True), ((0, 0, 22, 10), False), ((0, 22, 35), False)]
)
def test_a_hip_at_0_is_never_asked_to_be_taken_out(tmp_path, readings, warned):
    """Stiff hips have 0, and so has a formula about an empty cell: what was measured is right."""
    rows = "".join(f"{n},left,baseline,{reading}\n" for n, reading in enumerate(readings))
    problems = read_study(write_tidy(tmp_path, HEADER + rows)).problems
    messages = set(problems.loc[problems["rule"] == "looks_like_code", "message"])
    assert len(messages) == warned
    assert not any("na_values" in message for message in messages)


def test_readings_of_rows_that_are_left_out_tell_nothing_of_the_others(tmp_path):
    """Where each row is one reading, the straight leg raises are not beside the rotations."""
    header = HEADER.replace("\n", ",What\n")
    rows = "1,left,baseline,70,SLR\n2,left,baseline,0,SLR\n3,left,baseline,0,SLR\n4,left,baseline,5,IR\n"
    folder = write_tidy(tmp_path, header + rows, '[source.where]\nWhat = ["SLR"]')
    file = folder / "study.toml"
    file.write_text(file.read_text().replace("hip_ir_deg", "slr_deg"))
    assert [rule for _, rule, *_ in found(folder)].count("looks_like_code") == 2
