"""People without any reading stay in every denominator, and are named."""

import pytest

from analysis import analyse, load, rates
from analysis.answers.flow import flow
from study_folders import HEADER, found, write, write_tidy

TOML = """
name = "m"
[[source]]
file = "visits.csv"
[source.columns]
patient_id = "ID"
{columns}
[source.set]
position = "prone"
motion = "passive"
device = "goniometer"
"""
HIPS = TOML.format(
    columns='side = "Hip"\n[source.timepoints.baseline]\nhip_ir_deg = "pre"\n'
    '[source.timepoints.post]\nhip_ir_deg = "post"'
)
SIDES = TOML.format(
    columns='[source.timepoints.baseline]\nhip_ir_deg = { left = "L1", right = "R1" }\n'
    '[source.timepoints.post]\nhip_ir_deg = { left = "L2", right = "R2" }'
)
# Of 10 hips, those of patients 1 and 2 were read twice: 4 judged, 2 with a gain of 5 or more, 6 missing.
FIVE = """ID,Hip,pre,post
1,left,10,20
1,right,11,12
2,left,10,20
2,right,11,12
3,left,,
3,right,,
4,left,10,
4,right,11,
5,left,,21
5,right,,12
"""


def _counts(folder):
    (row,) = rates(analyse(load(folder)).responses, response="ir").to_dict("records")
    return [row[name] for name in ("n_patients", "n_hips", "n_evaluable", "n_responders", "n_missing")]


def test_five_patients_ten_hips_six_missing(tmp_path):
    folder = write(tmp_path, HIPS, visits=FIVE)
    assert _counts(folder) == [5, 10, 4, 2, 6]
    assert found(folder) == [
        ("warning", "no_reading", "visits.csv", 6, "patient_id", "3"),
        ("warning", "no_reading", "visits.csv", 7, "patient_id", "3"),
    ]


def test_the_flow_begins_with_them_and_loses_them_at_once(tmp_path):
    study = load(write(tmp_path, HIPS, visits=FIVE))
    table = flow(study.assessments, analyse(study).responses, study.protocol, "immediate")
    assert table["step"].tolist()[:3] == ["Hips in the files", "Hips measured at any visit", "Measured at baseline"]
    assert table["n_hips"].tolist()[:4] == [10, 8, 6, 6]
    assert table["reason"].tolist()[1] == "without any reading"
    assert study.completeness.loc["hips seen"].tolist() == [6, 6]


def test_with_sides_as_columns_a_person_without_any_reading_counts_with_both_hips(tmp_path):
    """Of patient b only the left hip was studied, as far as the file tells."""
    folder = write(tmp_path, SIDES, visits="ID,L1,R1,L2,R2\na,10,11,20,12\nb,10,,20,\nc,,,,\n")
    assert _counts(folder) == [3, 5, 3, 2, 2]
    assert found(folder) == [("warning", "no_reading", "visits.csv", 4, "patient_id", "c")]


def test_a_hip_listed_by_a_row_of_its_own_counts_though_the_other_was_read(tmp_path):
    folder = write(tmp_path, HIPS, visits="ID,Hip,pre,post\na,left,10,20\na,right,,\n")
    assert _counts(folder) == [1, 2, 1, 1, 1]


def test_an_empty_visit_of_a_hip_that_was_read_at_another_is_no_hip_without_reading(tmp_path):
    folder = write_tidy(tmp_path, HEADER + "a,left,baseline,12\na,left,post,\n")
    assert found(folder) == []
    assert len(load(folder).assessments) == 1


@pytest.mark.parametrize("listed", ['stretch_given = "G"', ""])
def test_a_list_of_treatments_makes_nobody_a_patient(tmp_path, listed):
    toml = HIPS + f'[[source]]\nfile = "care.csv"\n[source.columns]\npatient_id = "ID"\nside = "Hip"\n{listed}\n'
    folder = write(tmp_path, toml, visits="ID,Hip,pre,post\na,left,10,20\n", care="ID,Hip,G\nz,left,T1\n")
    assert load(folder).n_patients == 1
