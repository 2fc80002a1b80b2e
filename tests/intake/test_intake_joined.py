"""Identifiers that begin anew at each site are joined with it, and no two people read alike."""

import pandas as pd
import pytest

from analysis import StudyError, load, read_study
from analysis.intake.joined import joined
from study_folders import found, write, write_tidy

CSV = "Site,ID,Hip,Visit,IR\nNorth,1,left,baseline,20\nNorth,1,right,baseline,21\n{other},1,left,baseline,18\n"


def _joined(folder, csv):
    folder = write_tidy(folder, csv, columns='clinic_id = "Site"')
    toml = (folder / "study.toml").read_text()
    (folder / "study.toml").write_text(toml.replace('patient_id = "ID"', 'patient_id = ["Site", "ID"]'))
    return folder


def test_two_columns_are_one_identifier(tmp_path):
    assessments = load(_joined(tmp_path, CSV.format(other="South"))).assessments
    assert assessments["patient_id"].tolist() == ["North 1", "North 1", "South 1"]
    assert assessments["clinic_id"].tolist() == ["North", "North", "South"]


def test_without_the_key_the_message_names_it_and_does_not_say_to_number_episodes(tmp_path):
    folder = write_tidy(tmp_path, CSV.format(other="South"), columns='clinic_id = "Site"')
    problems = read_study(folder).problems
    (message,) = problems.loc[problems["rule"] == "visit_twice", "message"]
    assert 'patient_id = ["Site", "ID"]' in message
    assert "was read before, at another clinic" in message
    assert "episodes" not in message


def test_people_of_two_clinics_whose_visits_do_not_collide_are_asked_about_too(tmp_path):
    csv = "Site,ID,Hip,Visit,IR\nNorth,1,left,baseline,20\nSouth,1,right,baseline,18\n"
    problems = read_study(write_tidy(tmp_path, csv, columns='clinic_id = "Site"')).problems
    messages = problems.loc[problems["rule"] == "person_disagrees", "message"]
    assert len(messages) == 2
    assert all('patient_id = ["Site", "ID"]' in message for message in messages)


def test_parts_with_blanks_and_marks_stay_apart():
    left = ["A 1", "A", '"A', "A", 'A" "B', "A"]
    right = ["2", "1 2", "B", '"B', "C", 'B" "C']
    parts = [pd.Series(part, dtype="category") for part in (left, right)]
    names = joined(parts).tolist()
    assert names[:2] == ['"A 1" 2', 'A "1 2"']
    assert len(set(names)) == 6


def test_a_row_without_one_part_is_nobodys(tmp_path):
    assert found(_joined(tmp_path, CSV.format(other=""))) == [
        ("error", "key_missing", "visits.csv", 4, "patient_id", "")
    ]


def test_a_file_of_persons_is_joined_alike(tmp_path):
    folder = _joined(tmp_path, CSV.format(other="South"))
    toml = (folder / "study.toml").read_text()
    persons = '\n[[source]]\nfile = "people.csv"\n[source.columns]\npatient_id = ["Site", "ID"]\nsex = "Sex"\n'
    write(folder, toml + persons, people="Site,ID,Sex\nNorth,1,female\nSouth,1,male\n")
    assert load(folder).assessments["sex"].tolist() == ["female", "female", "male"]


def test_only_patient_id_may_be_joined(tmp_path):
    folder = _joined(tmp_path, CSV.format(other="South"))
    toml = (folder / "study.toml").read_text()
    (folder / "study.toml").write_text(toml.replace('side = "Hip"', 'side = ["Hip", "Site"]'))
    with pytest.raises(StudyError, match="side: only patient_id may be joined from several columns"):
        load(folder)
