"""Observations of FHIR: the side, exact numbers, units, and what is left out or refused."""

import json

import pytest

from analysis import load, read_study
from analysis.intake.start import start_study
from study_folders import found

SNOMED = "http://snomed.info/sct"
LEFT, RIGHT = ({"coding": [{"system": SNOMED, "code": code}]} for code in ("287679003", "287579007"))
TOML = """name = "FHIR"
[[source]]
file = "hips.ndjson"
[source.columns]
patient_id = "subject"
side = "side"
hip_ir_deg = "IR"
slr_deg = "SLR"
[source.set]
timepoint = "baseline"
"""


def degrees(value, **more):
    return {"value": value, "unit": "°", "system": "http://unitsofmeasure.org", "code": "deg", **more}


def observation(code="IR", site=LEFT, subject="a", **more):
    measured = {"valueQuantity": degrees(12)} if "component" not in more else {}
    return {
        "resourceType": "Observation", "status": "final", "code": {"coding": [{"system": "urn:x", "code": code}]},
        "subject": {"reference": f"Patient/{subject}"}, "effectiveDateTime": "2026-03-02T10:00:00+01:00",
        "bodySite": site, **measured, **more,
    }  # fmt: skip


SLR = observation("SLR", valueQuantity=degrees(60))


@pytest.fixture
def study(tmp_path):
    def written(*lines):
        text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
        (tmp_path / "hips.ndjson").write_text(text + "\n")
        (tmp_path / "study.toml").write_text(TOML)
        return tmp_path

    return written


def read(folder):
    visits = load(folder).assessments[["patient_id", "side", "hip_ir_deg", "slr_deg"]].astype("object")
    return visits.where(visits.notna(), None).values.tolist()


def test_readings_of_one_moment_stand_in_one_row(study):
    assert read(study(observation(), SLR)) == [["a", "left", 12, 60]]


SITES = {
    "a hip of that side": LEFT,
    "a side beside a hip": {"coding": [{"system": SNOMED, "code": "29836001"}, {"system": SNOMED, "code": "7771000"}]},
    "composed": {"coding": [{"system": SNOMED, "code": "29836001:272741003=7771000"}]},
    "composed with words": {"coding": [{"system": SNOMED, "code": "29836001|Hip|:272741003 |Laterality| = 7771000"}]},
}  # fmt: skip


@pytest.mark.parametrize("site", SITES)
def test_the_side_is_that_of_the_code(study, site):
    assert read(study(observation(site=SITES[site]), SLR))[0][1] == "left"


OTHER_SITES = {
    "words alone": {"text": "left hip"},
    "codes of another system": {"coding": [{"system": "urn:x", "code": "7771000"}]},
    "both": {"coding": [*LEFT["coding"], *RIGHT["coding"]]},
    "neither": {"coding": [{"system": SNOMED, "code": "29836001"}]},
}


@pytest.mark.parametrize("site", OTHER_SITES)
def test_no_side_is_guessed(study, site):
    problems = found(study(observation(site=OTHER_SITES[site]), SLR))
    assert ("error", "key_missing", "hips.ndjson", 1, "side", "") in problems


KNEE = {"coding": [{"system": SNOMED, "code": "72696002:272741003=7771000"}]}
KNEE_BESIDE = {"coding": [{"system": SNOMED, "code": "72696002"}, {"system": SNOMED, "code": "7771000"}]}


@pytest.mark.parametrize("site", [KNEE, KNEE_BESIDE])
def test_knees_among_hips_are_said_and_can_be_left_out(study, site):
    """A code such as that of rotation is the same for every joint."""
    folder = study(observation(), SLR, observation(site=site, subject="b"))
    said = next(
        problem for problem in read_study(folder).problems.to_dict("records") if problem["rule"] == "several_sites"
    )
    assert (said["severity"], said["row"]) == ("warning", 3)
    assert "(hip: 1, 72696002: 1)" in said["message"]
    (folder / "study.toml").write_text(TOML + '[source.where]\nbodySite = [""]\n')
    assert read(folder) == [["a", "left", 12, 60]]
    assert "several_sites" not in [problem[1] for problem in found(folder)]


def test_hips_in_other_words_and_another_joint_alone_are_no_matter(study):
    joint = {"coding": [{"system": SNOMED, "code": "24136001:272741003=7771000"}]}
    for sites in ((LEFT, joint), (KNEE, KNEE_BESIDE)):
        folder = study(*(observation(site=site, subject=who) for who, site in zip("ab", sites, strict=True)), SLR)
        several = [problem for problem in found(folder) if problem[1] == "several_sites"]
        assert bool(several) == (sites[0] is KNEE)  # SLR is of a hip


def test_readings_of_one_encounter_and_day_stand_in_one_row(study):
    """Whoever types them in does so one after the other."""
    visit = {"encounter": {"reference": "Encounter/7"}}
    later = {"effectiveDateTime": "2026-03-02T10:01:07+01:00"}
    assert read(study(observation(**visit), {**SLR, **visit, **later})) == [["a", "left", 12, 60]]
    assert len(read_study(study(observation(), {**SLR, **later})).problems.query("rule == 'visit_twice'")) == 1
    assert len(read_study(study(observation(**visit), {**observation(**visit), **later}, SLR)).problems.query(
        "rule == 'visit_twice'")) > 0  # fmt: skip


def test_one_number_on_two_servers_is_two_people(study):
    servers = [{**observation(), "subject": {"reference": f"https://{name}.org/fhir/Patient/1"}} for name in "ab"]
    assert ("error", "observation_unread", "hips.ndjson", 2, "", "") in found(study(*servers, SLR))
    assert "observation_unread" not in [problem[1] for problem in found(study(servers[0], servers[0], SLR))]


def test_a_subject_within_the_line_is_nobody_that_another_line_can_name(study):
    inside = {**observation(), "subject": {"reference": "#p1"}}
    assert ("error", "observation_unread", "hips.ndjson", 1, "", "") in found(study(inside, SLR))


def test_components_are_readings(study):
    parts = [{"code": {"coding": [{"code": name}]}, "valueQuantity": degrees(value)} for name, value in
             (("IR", 13), ("SLR", 61))]  # fmt: skip
    assert read(study(observation("ROM", RIGHT, component=parts))) == [["a", "right", 13, 61]]


def test_numbers_are_exact(study):
    """12.30 is 12.3, and 12.35 lies between two steps; as floats both would be something near."""
    line = json.dumps(observation()).replace('"value": 12,', '"value": 12.30,')
    assert read(study(line, SLR))[0][2] == 12.3
    finer = json.dumps(observation()).replace('"value": 12,', '"value": 12.35,')
    assert [problem[1] for problem in found(study(finer, SLR)) if problem[0] == "error"] == ["finer_than_step"]


@pytest.mark.parametrize("code", ["rad", "'", "[in_i]", "gon", "deg/s"])
def test_another_unit_is_an_error(study, code):
    problems = found(study(observation(), observation(subject="b", valueQuantity=degrees(12, code=code)), SLR))
    assert ("error", "not_a_number", "hips.ndjson", 2, "IR", f"12 {code}") in problems


def test_where_all_are_radians_this_contradicts_degrees(study):
    problems = found(study(observation(valueQuantity=degrees(0.2, code="rad")), SLR))
    assert "unit_differs" in [problem[1] for problem in problems if problem[0] == "error"]


def test_a_unit_in_words_alone_is_none(study):
    quantity = {"value": 12, "unit": "deg"}
    assert "not_a_number" in [problem[1] for problem in found(study(observation(valueQuantity=quantity), SLR))]


def test_a_bound_is_no_reading(study):
    problems = found(study(observation(valueQuantity=degrees(12, comparator="<")), SLR))
    assert ("error", "not_a_number", "hips.ndjson", 1, "IR", "<12 deg") in problems


def test_what_no_table_holds_is_an_error_only_where_it_is_used(study):
    """An export of everything has curves and ranges, of which nothing is asked."""
    curve = {"valueSampledData": {"period": 1, "dimensions": 1}}
    plain = {key: value for key, value in observation("ECG", subject="b").items() if key != "valueQuantity"}
    folder = study(observation(), SLR, {**plain, **curve})
    where = '[source.where]\nside = ["left", "right"]\nSLR = ["60"]\n'
    (folder / "study.toml").write_text(TOML + where)
    assert read(folder) == [["a", "left", 12, 60]]
    problems = found(study({**plain, **curve, "code": {"coding": [{"code": "IR"}]}}, SLR))
    assert ("error", "not_a_number", "hips.ndjson", 1, "IR", "(SampledData)") in problems


def test_what_was_entered_in_error_is_left_out_and_counted(study):
    folder = study(observation(), observation(status="entered-in-error", valueQuantity=degrees(50)), SLR,
                   {"resourceType": "Patient", "id": "a"})  # fmt: skip
    assert read(folder) == [["a", "left", 12, 60]]
    notes = [problem for problem in found(folder) if problem[1] == "observations_left_out"]
    assert [(note[3], note[5]) for note in notes] == [(2, "1 line"), (4, "1 line")]


def test_two_readings_of_the_same_are_an_error_and_none_is_lost(study):
    problems = found(study(observation(), observation(valueQuantity=degrees(13)), SLR))
    assert ("error", "visit_twice") in [problem[:2] for problem in problems]


@pytest.mark.parametrize(
    "line",
    [
        observation(status="done"),
        observation(modifierExtension=[{"url": "urn:x", "valueBoolean": True}]),
        {"resourceType": "Bundle", "entry": []},
        {"hello": 1},
        observation(code={"coding": []}) | {"code": {}},
        observation(valueString="x"),
        observation(component=[1]),
        observation(site=[]) | {"bodySite": []},
        observation(valueQuantity={"value": "12"}),
    ],
)
def test_what_is_no_observation_is_an_error_with_its_line(study, line):
    problems = [problem for problem in found(study(observation(), line, SLR)) if problem[1] == "observation_unread"]
    assert [(problem[0], problem[3]) for problem in problems] == [("error", 2)]


def test_one_document_is_refused_with_what_to_do(study, tmp_path):
    (tmp_path / "hips.json").write_text(json.dumps({"resourceType": "Bundle", "entry": []}))
    study(observation())
    (tmp_path / "study.toml").write_text(TOML.replace("hips.ndjson", "hips.json"))
    (error, *_) = read_study(tmp_path).errors["message"]
    assert "one Observation in a line" in error


def test_it_is_drafted_with_its_words(study, tmp_path):
    coding = {"coding": [{"system": "http://loinc.org", "code": "0-0", "display": "Hip internal rotation"}]}
    encounters = [{"reference": f"Encounter/{n}", "display": words} for n, words in enumerate(("before", "after"))]
    study(*(observation(code="x", encounter=encounter) | {"code": coding} for encounter in encounters))
    start_study([tmp_path / "hips.ndjson"], tmp_path / "drafted")
    assert read_study(tmp_path / "drafted").errors["message"].tolist() == []
    assert load(tmp_path / "drafted").assessments["timepoint"].tolist() == ["baseline", "post"]
