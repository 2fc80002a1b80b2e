"""What study.toml says of a file, held against the file and the protocol."""

import pytest

from analysis import read_study
from study_folders import found, write_tidy

CSV = "ID,Hip,Visit,IR,X\na,left,baseline,12,\n"


def _in_toml(rule, column):
    return ("error", rule, "study.toml", None, column, "")


def _message(folder):
    return read_study(folder).problems["message"].iloc[0]


def test_a_name_that_means_nothing_comes_with_the_nearest(tmp_path):
    folder = write_tidy(tmp_path, CSV, columns='hip_ir_degrees = "X"')
    assert found(folder) == [_in_toml("unknown_name", "hip_ir_degrees")]
    assert _message(folder) == "source.columns.hip_ir_degrees: not a known name; did you mean hip_ir_deg?"


def test_a_name_near_to_none_comes_with_all(tmp_path):
    message = _message(write_tidy(tmp_path, CSV, columns='zzz = "X"'))
    assert message.startswith("source.columns.zzz: not a known name; the names are patient_id, side, ")


@pytest.mark.parametrize(
    ("columns", "more"),
    [
        ('source_row = "X"', ""),
        ("", 'zzz = "1"'),
        ("", '[source.values.zzz]\na = ["b"]'),
    ],
    ids=["one of the program's own", "in set", "in values"],
)
def test_names_are_checked_wherever_they_stand(tmp_path, columns, more):
    rules = [problem[1] for problem in found(write_tidy(tmp_path, CSV, columns=columns, more=more))]
    assert "unknown_name" in rules


def test_a_column_that_is_not_there_comes_with_a_near_one(tmp_path):
    folder = write_tidy(tmp_path, CSV.replace("X", "SLR left"), columns='slr_deg = "SLR-left"')
    assert ("error", "column_missing", "visits.csv", None, "SLR-left", "") in found(folder)
    hint = 'source.columns.slr_deg names a column that the file does not have; did you mean "SLR left"?'
    assert _message(folder) == hint


def test_both_columns_of_the_sides_are_looked_for(tmp_path):
    folder = write_tidy(tmp_path, CSV, columns='slr_deg = { left = "X", right = "Y" }')
    assert ("error", "column_missing", "visits.csv", None, "Y", "") in found(folder)


def test_a_timepoint_that_is_not_one(tmp_path):
    more = '[source.timepoints.before]\nhip_ir_deg = "IR"'
    folder = write_tidy(tmp_path, CSV, more=more)
    assert _in_toml("unknown_name", "before") in found(folder)


def test_columns_that_nothing_uses_are_listed(tmp_path):
    assert found(write_tidy(tmp_path, CSV)) == [("note", "unused_column", "visits.csv", None, "X", "")]


def test_a_column_that_another_source_of_the_same_file_uses_is_not_listed(tmp_path):
    """As where REDCap's rows of people stand in the file of the readings."""
    persons = '[[source]]\nfile = "visits.csv"\n[source.columns]\npatient_id = "ID"\nsex = "X"\n'
    folder = write_tidy(tmp_path, CSV)
    toml = folder / "study.toml"
    toml.write_text(toml.read_text() + persons)
    assert [problem for problem in found(folder) if problem[1] == "unused_column"] == []


def test_a_column_without_a_name_is_no_matter(tmp_path):
    assert found(write_tidy(tmp_path, CSV.replace("X", ""))) == []


@pytest.mark.parametrize(
    ("columns", "more", "name"),
    [
        ('device = "X"', "", "device"),
        ("", 'timepoint = "baseline"', "timepoint"),
        ("", '[source.timepoints.post]\nslr_deg = "X"', "timepoint"),
    ],
    ids=["column and constant", "column and constant timepoint", "column and columns of a timepoint"],
)
def test_what_is_given_twice_is_refused_as_one_would_be_lost(tmp_path, columns, more, name):
    assert _in_toml("given_twice", name) in found(write_tidy(tmp_path, CSV, columns=columns, more=more))


@pytest.mark.parametrize(
    "columns", ['slr_deg = "IR"', 'slr_deg = { left = "X", right = "X" }'], ids=["two measures", "two sides"]
)
def test_one_column_cannot_be_two_measures(tmp_path, columns):
    rules = [problem[1] for problem in found(write_tidy(tmp_path, CSV, columns=columns))]
    assert "column_used_twice" in rules


def test_one_column_cannot_be_a_measure_at_two_timepoints(tmp_path):
    toml = '[source.timepoints.baseline]\nhip_ir_deg = "IR"\n[source.timepoints.post]\nhip_ir_deg = "IR"'
    folder = write_tidy(tmp_path, "ID,Hip,IR\na,left,12\n", more=toml)
    text = folder / "study.toml"
    text.write_text(text.read_text().replace('timepoint = "Visit"\nhip_ir_deg = "IR"\n', "", 1))
    assert found(folder)[0] == _in_toml("column_used_twice", "IR")
    assert "timepoints.baseline.hip_ir_deg and timepoints.post.hip_ir_deg" in _message(folder)


def test_one_column_may_be_two_things_that_are_no_measures(tmp_path):
    csv = "ID,Hip,Visit,IR,X\na,left,baseline,12,North\n"
    assert found(write_tidy(tmp_path, csv, columns='clinic_id = "X"\nrater = "X"')) == []


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ('[source.values.side]\nleft = ["right"]', "side"),
        ('[source.values.swayback]\ntrue = ["no"]', "swayback"),
    ],
)
def test_a_word_of_one_level_cannot_be_lent_to_another(tmp_path, words, name):
    assert _in_toml("word_of_another_level", name) in found(write_tidy(tmp_path, CSV, more=words))


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ('[source.values.side]\nlinks = ["L"]', "side"),
        ('[source.values.swayback]\nyes = ["1"]', "swayback"),
        ('[source.values.timepoint]\nbefore = ["pre"]', "timepoint"),
    ],
)
def test_words_for_a_level_that_is_not_one(tmp_path, words, name):
    assert _in_toml("unknown_name", name) in found(write_tidy(tmp_path, CSV, more=words))
