"""Several files, rows of several kinds, and people without identifiers."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import load, read_study
from analysis.intake.combine import sorted_by_visit
from analysis.protocol import builtin
from analysis.schema import SIDES, VISIT, ordered
from study_folders import HEADER, found, write, write_tidy

CSV = HEADER + "a,left,baseline,12\na,right,baseline,15\n"
SECOND = """
[[source]]
file = "more.csv"
{keys}
[source.columns]
patient_id = "ID"
side = "Hip"
timepoint = "Visit"
slr_deg = "SLR"
{columns}
"""


def _two(folder, more, keys="completes_visits = true", columns=""):
    write_tidy(folder, CSV, more=SECOND.format(keys=keys, columns=columns))
    (folder / "more.csv").write_text(more)
    return folder


def test_two_files_complete_one_visit(tmp_path):
    folder = _two(tmp_path, "ID,Hip,Visit,SLR\na,right,baseline,70\na,left,baseline,60\n")
    assert load(folder).assessments[["side", "hip_ir_deg", "slr_deg"]].values.tolist() == [
        ["left", 12, 60],
        ["right", 15, 70],
    ]
    assert found(folder) == []


def test_they_do_so_only_where_it_is_declared(tmp_path):
    folder = _two(tmp_path, "ID,Hip,Visit,SLR\na,left,baseline,60\n", keys="")
    assert found(folder) == [("error", "visit_twice", "more.csv", 2, "", "")]


def test_two_files_that_disagree(tmp_path):
    folder = _two(tmp_path, "ID,Hip,Visit,SLR,IR\na,left,baseline,60,13\n", columns='hip_ir_deg = "IR"')
    assert found(folder) == [("error", "files_disagree", "more.csv", 2, "hip_ir_deg", "13")]


def test_a_completion_of_no_visit_is_pointed_out_and_kept(tmp_path):
    folder = _two(tmp_path, "ID,Hip,Visit,SLR\nA,left,baseline,60\n")
    assert ("warning", "completes_nothing", "more.csv", 2, "patient_id", "A") in found(folder)
    assert len(load(folder).assessments) == 3


def test_a_completion_twice(tmp_path):
    folder = _two(tmp_path, "ID,Hip,Visit,SLR\na,left,baseline,60\na,left,baseline,61\n")
    assert found(folder) == [("error", "visit_twice", "more.csv", 3, "", "")]


PEOPLE = '\n[[source]]\nfile = "people.csv"\n[source.columns]\npatient_id = "ID"\nclinic_id = "C"\nsex = "S"\n'


def _with_people(folder, people):
    write_tidy(folder, CSV, more=PEOPLE)
    (folder / "people.csv").write_text(people)
    return folder


def test_a_file_of_persons_gives_their_attributes_to_every_visit(tmp_path):
    folder = _with_people(tmp_path, "ID,C,S\na,North,female\n")
    assert load(folder).assessments[["clinic_id", "sex"]].values.tolist() == [["North", "female"]] * 2
    assert found(folder) == []


@pytest.mark.parametrize(
    ("people", "problem"),
    [
        ("a,North,female\na,South,female\n", ("error", "person_twice", "people.csv", 3, "patient_id", "a")),
        ("a,North,female\nb,North,male\n", ("note", "person_not_assessed", "people.csv", 3, "patient_id", "b")),
        ("a,North,woman\n", ("error", "unknown_word", "people.csv", 2, "S", "woman")),
        (",North,female\n", ("error", "key_missing", "people.csv", 2, "patient_id", "")),
    ],
)
def test_faults_in_a_file_of_persons(tmp_path, people, problem):
    assert found(_with_people(tmp_path, "ID,C,S\n" + people)) == [problem]


@pytest.mark.parametrize(("each", "people"), [(1, ["1", "2"]), (2, ["1", "1"])])
def test_rows_in_order_are_people(tmp_path, each, people):
    folder = write_tidy(tmp_path, CSV, f"rows_per_person = {each}")
    toml = folder / "study.toml"
    toml.write_text(toml.read_text().replace('patient_id = "ID"\n', ""))
    assert load(folder).assessments["patient_id"].tolist() == people


def test_an_identifier_and_rows_in_order_are_one_too_many(tmp_path):
    folder = write_tidy(tmp_path, CSV, "rows_per_person = 2")
    assert ("error", "given_twice", "study.toml", None, "patient_id", "") in found(folder)


# REDCap: one table with rows of several kinds, told apart by the repeat instrument.
RAW = """\
record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,sex,side,ir,slr
001,baseline_arm_1,,,1,,,
001,baseline_arm_1,hip,1,,1,12,60
001,baseline_arm_1,hip,2,,2,15,65
001,post_arm_1,hip,1,,1,18,70
"""
LABELLED = """\
Record ID,Event Name,Repeat Instrument,Repeat Instance,Sex,Side,IR,SLR,Complete?,Complete?
001,Baseline,,,Female,,,,Complete,
001,Baseline,Hip,1,,Left,12,60,,Complete
001,Baseline,Hip,2,,Right,15,65,,Complete
001,Post,Hip,1,,Left,18,70,,Complete
"""
REDCAP = """
name = "REDCap"
[[source]]
file = "visits.csv"
[source.where]
{instrument} = ["{hip}"]
[source.columns]
patient_id = "{id}"
timepoint = "{event}"
side = "{side}"
hip_ir_deg = "{ir}"
slr_deg = "{slr}"
[source.values.timepoint]
baseline = ["{baseline}"]
post = ["{post}"]
[source.values.side]
left = ["{left}"]
right = ["{right}"]
[source.set]
position = "prone"
motion = "passive"
device = "phone"
[[source]]
file = "visits.csv"
[source.where]
{instrument} = [""]
[source.columns]
patient_id = "{id}"
sex = "{sex}"
[source.values.sex]
female = ["{female}"]
"""
OF_RAW = {"instrument": "redcap_repeat_instrument", "hip": "hip", "id": "record_id", "event": "redcap_event_name",
          "side": "side", "ir": "ir", "slr": "slr", "sex": "sex", "baseline": "baseline_arm_1", "post": "post_arm_1",
          "left": "1", "right": "2", "female": "1"}  # fmt: skip
OF_LABELLED = {"instrument": '"Repeat Instrument"', "hip": "Hip", "id": "Record ID", "event": "Event Name",
               "side": "Side", "ir": "IR", "slr": "SLR", "sex": "Sex", "baseline": "Baseline", "post": "Post",
               "left": "Left", "right": "Right", "female": "Female"}  # fmt: skip


@pytest.mark.parametrize(("csv", "words"), [(RAW, OF_RAW), (LABELLED, OF_LABELLED)], ids=["raw", "labelled"])
def test_redcap_exports(tmp_path, csv, words):
    folder = write(tmp_path, REDCAP.format(**words), visits=csv)
    visits = load(folder).assessments
    assert visits[["patient_id", "side", "timepoint", "sex", "hip_ir_deg"]].values.tolist() == [
        ["001", "left", "baseline", "female", 12],
        ["001", "left", "post", "female", 18],
        ["001", "right", "baseline", "female", 15],
    ]
    assert [problem[1] for problem in found(folder)].count("rows_left_out") == 2


def test_what_where_leaves_out_is_counted(tmp_path):
    folder = write_tidy(tmp_path, CSV, more='[source.where]\nHip = ["left"]')
    assert read_study(folder).problems["value_shown"].iloc[0] == "1 row"


LEVELS = {"patient_id": ("a", "b"), "side": SIDES, "episode": ("1", "2"), "timepoint": builtin().timepoints}
ANY_VISIT = st.tuples(*(st.sampled_from([*levels, None]) for levels in LEVELS.values()))


@given(st.lists(ANY_VISIT))
def test_visits_are_sorted_with_what_is_missing_last_and_equal_ones_as_they_came(visits):
    rows = pd.DataFrame(visits, columns=VISIT).astype({name: ordered(levels) for name, levels in LEVELS.items()})
    rows["source_row"] = range(len(rows))
    pd.testing.assert_frame_equal(sorted_by_visit(rows), rows.sort_values(VISIT, kind="stable", ignore_index=True))


LONG = "id,side,when,test,value\n" + "".join(
    f"p,{side},{when},{test},{value}\n"
    for side, when, ir, slr in (("left", "baseline", 12, 60), ("left", "post", 18, 70), ("right", "baseline", 20, 66))
    for test, value in (("IR", ir), ("SLR", slr))
)
OF_EACH_TEST = """
[[source]]
file = "long.csv"
{completes}
[source.where]
test = ["{test}"]
[source.columns]
patient_id = "id"
side = "side"
timepoint = "when"
{name} = "value"
"""


def test_sources_of_one_file_complete_each_other(tmp_path):
    toml = 'name = "long"\n' + OF_EACH_TEST.format(completes="", test="IR", name="hip_ir_deg")
    toml += OF_EACH_TEST.format(completes="completes_visits = true", test="SLR", name="slr_deg")
    (tmp_path / "study.toml").write_text(toml)
    (tmp_path / "long.csv").write_text(LONG)
    assert load(tmp_path).assessments[["hip_ir_deg", "slr_deg"]].values.tolist() == [[12, 60], [18, 70], [20, 66]]
    (tmp_path / "long.csv").write_text(LONG + "p,left,baseline,SLR,61\n")
    assert [problem[1:4] for problem in found(tmp_path) if problem[0] == "error"] == [("visit_twice", "long.csv", 8)]
