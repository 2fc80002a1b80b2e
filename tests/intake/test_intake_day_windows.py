"""Visits by their days: what lies in a window, what is nearest, and what is left out."""

import pytest

from analysis import StudyError, load, read_study
from study_folders import found, write

TOML = """
name = "S"
[[source]]
file = "visits.csv"
{keys}
[source.columns]
patient_id = "ID"
side = "Hip"
hip_ir_deg = "IR"
{columns}
[source.visits]
{visits}
[source.set]
position = "prone"
motion = "passive"
device = "goniometer"
"""
VISITS = "baseline = { nearest = 0, within = [-14, 14] }\nfollowup = { nearest = 365, within = [308, 420] }"


def _numbered(folder, days, visits=VISITS):
    """One hip read on each of some days; a reading is its row."""
    csv = "ID,Hip,Day,IR\n" + "".join(f"a,left,{day},{row}\n" for row, day in enumerate(days, start=2))
    return write(folder, TOML.format(keys='day_number = "Day"', columns="", visits=visits), visits=csv)


def _visits(folder):
    visits = load(folder).assessments
    return dict(zip(visits["timepoint"], visits["hip_ir_deg"], strict=True))


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([0, 365], {"baseline": 2, "followup": 3}),
        ([-14, 308], {"baseline": 2, "followup": 3}),
        ([14, 420], {"baseline": 2, "followup": 3}),
        ([-15, 15, 0, 307, 421], {"baseline": 4}),
        ([-3, 2, 360, 371], {"baseline": 3, "followup": 4}),
        ([3, -3], {"baseline": 3}),  # as near: the earlier
        (["0.0", "365.00"], {"baseline": 2, "followup": 3}),
    ],
)
def test_of_the_readings_in_a_window_the_nearest_counts(tmp_path, days, expected):
    assert _visits(_numbered(tmp_path, days)) == expected


def test_what_is_left_out_is_counted(tmp_path):
    assert found(_numbered(tmp_path, [-3, 2, 100])) == [("note", "rows_left_out", "visits.csv", None, "", "2 rows")]


def test_two_readings_on_one_day_are_one_visit_told_twice(tmp_path):
    assert [problem[1] for problem in found(_numbered(tmp_path, [2, 2]))] == ["visit_twice"]


def test_a_day_that_is_missing_or_no_number_is_an_error(tmp_path):
    rules = [problem[1] for problem in found(_numbered(tmp_path, [0, "", "soon", 1.5]))]
    assert sorted(rules) == ["key_missing"] * 3 + ["not_a_whole_number"] * 2


DATED = """ID,Hip,Date,Op,IR
a,left,2024-03-02,2024-02-29,12
a,right,2024-03-09,2024-02-29,13
a,left,2025-02-28,2024-02-29,18
"""


@pytest.mark.parametrize(
    ("keys", "within", "right"),
    [
        ("", "[0, 6]", 0),  # the right hip was read 7 days after the person's first date
        ("", "[0, 7]", 1),
        ('day_zero = "Op"', "[2, 8]", 0),  # and 9 days after the operation
        ('day_zero = "Op"', "[2, 9]", 1),
    ],
)
def test_days_are_counted_from_a_persons_first_date_or_from_a_named_one(tmp_path, keys, within, right):
    visits = f"baseline = {{ nearest = 2, within = {within} }}\nfollowup = {{ nearest = 365, within = [308, 420] }}"
    write(tmp_path, TOML.format(keys=keys, columns='date = "Date"', visits=visits), visits=DATED)
    table = load(tmp_path).assessments
    assert table[table["side"] == "left"]["hip_ir_deg"].tolist() == [12, 18]
    assert (table["side"] == "right").sum() == right


@pytest.mark.parametrize(
    ("visits", "words"),
    [
        ("baseline = { nearest = 0, within = [-1, 9] }\npost = { nearest = 9, within = [9, 9] }", "day 9 lies within"),
        ("baseline = { nearest = 3, within = [0, 2] }", "nearest must lie within"),
    ],
)
def test_windows_that_cannot_be_are_refused(tmp_path, visits, words):
    with pytest.raises(StudyError, match=words):
        read_study(_numbered(tmp_path, [0], visits))


def test_windows_need_days_and_are_the_only_way_to_tell_the_visit(tmp_path):
    csv = "ID,Hip,Date,Op,IR\na,left,2024-03-02,,12\n"
    write(tmp_path / "a", TOML.format(keys="", columns="", visits=VISITS), visits=csv)
    assert ("error", "key_missing", "visits.csv", None, "date", "") in found(tmp_path / "a")
    write(tmp_path / "b", TOML.format(keys='day_zero = "Opp"', columns='date = "Date"', visits=VISITS), visits=csv)
    assert ("error", "column_missing", "visits.csv", None, "Opp", "") in found(tmp_path / "b")
    both = TOML.format(keys="", columns='date = "Date"\ntimepoint = "Op"', visits=VISITS)
    write(tmp_path / "c", both, visits=csv)
    assert ("error", "given_twice", "study.toml", None, "timepoint", "") in found(tmp_path / "c")
    later = TOML.format(keys="", columns='date = "Date"', visits=VISITS.replace("followup", "later"))
    write(tmp_path / "d", later, visits=csv)
    assert ("error", "unknown_name", "study.toml", None, "later", "") in found(tmp_path / "d")
