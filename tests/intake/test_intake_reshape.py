"""Rows that belong to no hip or no visit, treatments that disagree, and what counts as a visit."""

import pytest

from analysis import read_study
from study_folders import HEADER, found, write, write_tidy


def _keys(folder):
    table = read_study(folder).assessments
    return table[["patient_id", "side", "episode", "timepoint"]].astype("str").agg(" ".join, axis=1).tolist()


def _missing(name, row):
    return ("error", "key_missing", "visits.csv", row, name, "")


@pytest.mark.parametrize(
    ("row", "name"), [(",left,post,12", "patient_id"), ("a,,post,12", "side"), ("a,left,,12", "timepoint")]
)
def test_a_row_without_its_key_is_refused_and_the_others_are_read(tmp_path, row, name):
    folder = write_tidy(tmp_path, f"{HEADER}a,left,baseline,12\n{row}\n")
    assert found(folder) == [_missing(name, 3)]
    assert _keys(folder) == ["a left 1 baseline"]


@pytest.mark.parametrize(
    ("line", "name"),
    [('patient_id = "ID"', "patient_id"), ('side = "Hip"', "side"), ('timepoint = "Visit"', "timepoint")],
)
def test_a_key_that_no_column_gives_is_named_once_for_the_file(tmp_path, line, name):
    folder = write_tidy(tmp_path, HEADER + "a,left,baseline,12\nb,left,baseline,12\n")
    toml = folder / "study.toml"
    toml.write_text(toml.read_text().replace(line, ""))
    assert [problem for problem in found(folder) if problem[0] == "error"] == [_missing(name, None)]


def test_a_visit_twice_is_refused_and_the_first_one_kept(tmp_path):
    folder = write_tidy(tmp_path, HEADER + "a,left,baseline,12\na,left,post,14\na,left,baseline,30\n")
    assert found(folder) == [("error", "visit_twice", "visits.csv", 4, "", "")]
    assert read_study(folder).assessments["hip_ir_deg"].tolist() == [12, 14]


def test_a_visit_twice_is_found_across_files(tmp_path):
    folder = write_tidy(tmp_path, HEADER + "a,left,baseline,12\n")
    toml = (folder / "study.toml").read_text()
    again = toml.split('"A study"')[1].replace("visits.csv", "more.csv")
    write(folder, toml + again, more=HEADER + "a,left,post,12\na,left,baseline,12\n")
    assert found(folder) == [("error", "visit_twice", "more.csv", 3, "", "")]


def test_numbered_episodes_are_two_visits(tmp_path):
    csv = "ID,Hip,Visit,IR,No\na,left,baseline,12,\na,left,baseline,12,2\n"
    folder = write_tidy(tmp_path, csv, columns='episode = "No"')
    assert found(folder) == []
    assert _keys(folder) == ["a left 1 baseline", "a left 2 baseline"]


def test_a_visit_at_which_nothing_was_measured_did_not_take_place(tmp_path):
    csv = "ID,Hip,Visit,IR,Day\na,left,baseline,12,2024-03-02\na,left,post,,2024-03-03\n"
    folder = write_tidy(tmp_path, csv, columns='date = "Day"')
    assert _keys(folder) == ["a left 1 baseline"]


def test_a_constant_measures_nothing(tmp_path):
    folder = write_tidy(tmp_path, HEADER + "a,left,baseline,12\na,left,post,\n", more='swayback = "no"')
    assert _keys(folder) == ["a left 1 baseline"]
    assert read_study(folder).assessments["swayback"].tolist() == [False]


def test_a_column_for_both_sides_holds_for_each(tmp_path):
    toml = """
    name = "S"
    [[source]]
    file = "visits.csv"
    [source.columns]
    patient_id = "ID"
    pelvic_tilt = "Tilt"
    hip_ir_deg = { left = "L", right = "R" }
    [source.set]
    timepoint = "baseline"
    position = "prone"
    motion = "passive"
    device = "phone"
    """
    folder = write(tmp_path, toml, visits="ID,Tilt,L,R\na,anterior,12,15\n")
    table = read_study(folder).assessments
    assert table[["side", "hip_ir_deg", "pelvic_tilt"]].values.tolist() == [
        ["left", 12, "anterior"],
        ["right", 15, "anterior"],
    ]
    assert found(folder) == []


def test_a_row_for_a_side_uses_the_columns_of_that_side_alone(tmp_path):
    csv = "ID,Hip,Visit,IR,SL,SR\na,left,baseline,12,60,70\n,right,baseline,12,60,70\nb,,baseline,12,60,70\n"
    folder = write_tidy(tmp_path, csv, columns='slr_deg = { left = "SL", right = "SR" }')
    table = read_study(folder).assessments
    assert table[["patient_id", "side", "hip_ir_deg", "slr_deg"]].values.tolist() == [["a", "left", 12, 60]]
    assert found(folder) == [_missing("patient_id", 3), _missing("side", 4)]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ('supervised = "maybe"', ("error", "unknown_word", "study.toml", None, "source.set.supervised", "maybe")),
        ('pain_nrs = "11"', ("error", "impossible_value", "study.toml", None, "source.set.pain_nrs", "11")),
        ('date = "02/03/2024"', ("error", "not_a_date", "study.toml", None, "source.set.date", "02/03/2024")),
    ],
)
def test_a_bad_constant_is_named_once_however_many_rows(tmp_path, more, expected):
    folder = write_tidy(tmp_path, HEADER + "a,left,baseline,12\nb,left,baseline,12\n", more=more)
    assert found(folder) == [expected]


def test_treatments_of_one_hip_that_disagree(tmp_path):
    csv = "ID,Hip,Visit,IR,G\na,left,baseline,12,T1\na,left,post,15,T2\na,right,post,15,T2\nb,left,post,15,\n"
    folder = write_tidy(tmp_path, csv, columns='stretch_given = "G"')
    assert found(folder) == [
        ("error", "treatments_disagree", "visits.csv", 2, "stretch_given", "T1"),
        ("error", "treatments_disagree", "visits.csv", 3, "stretch_given", "T2"),
    ]


def test_treatments_may_be_told_in_parts(tmp_path):
    csv = "ID,Hip,Visit,IR,G,P\na,left,baseline,12,T1,\na,left,post,15,,2\n"
    folder = write_tidy(tmp_path, csv, columns='stretch_given = "G"\npain_nrs = "P"')
    table = read_study(folder).interventions
    assert table[["stretch_given", "pain_nrs"]].values.tolist() == [["T1", 2]]
