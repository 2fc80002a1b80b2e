"""A planted 213 is found, put right in the open, and the correction fails when the file changes."""

import pytest

from analysis import StudyError, load, read_study
from study_folders import HEADER, found, write_tidy

PLANTED = HEADER + "a,left,baseline,60\na,right,baseline,65\na,left,post,213\n"
CORRECTION = """
[[correction]]
file = "visits.csv"
row = 4
column = "IR"
old = "213"
new = "123"
reason = "digits swapped, seen on the paper form"
date = 2026-03-02
"""


def _study(folder, corrections=""):
    """A study of the straight leg raise, of which 123 degrees are possible and 213 are not."""
    write_tidy(folder, PLANTED)
    toml = folder / "study.toml"
    toml.write_text(toml.read_text().replace("hip_ir_deg", "slr_deg"))
    if corrections:
        (folder / "corrections.toml").write_text(corrections)
    return folder


def test_a_planted_213_is_named_with_its_likely_cause(tmp_path):
    folder = _study(tmp_path)
    assert found(folder) == [("error", "impossible_value", "visits.csv", 4, "IR", "213")]
    message = read_study(folder).problems["message"].iloc[0]
    assert message == "Straight leg raise cannot lie outside 0 to 150; perhaps two digits are swapped"


def test_a_correction_fixes_it_and_is_listed(tmp_path):
    study = load(_study(tmp_path, CORRECTION))
    assert study.assessments["slr_deg"].tolist() == [60, 123, 65]
    noted = study.problems[study.problems["rule"] == "corrected"].to_dict("records")
    assert [(p["severity"], p["row"], p["column"], p["value_shown"]) for p in noted] == [("note", 4, "IR", "213 → 123")]
    assert noted[0]["message"] == "corrected on 2026-03-02: digits swapped, seen on the paper form"


def test_the_raw_file_is_not_written_to(tmp_path):
    folder = _study(tmp_path, CORRECTION)
    load(folder)
    assert (folder / "visits.csv").read_text() == PLANTED


def test_editing_the_raw_file_later_makes_the_correction_fail(tmp_path):
    folder = _study(tmp_path, CORRECTION)
    (folder / "visits.csv").write_text(PLANTED.replace("213", "100"))
    assert found(folder) == [("error", "correction_out_of_date", "visits.csv", 4, "IR", "213")]
    with pytest.raises(StudyError, match="old value is no longer in this cell"):
        load(folder)


def test_a_line_added_above_makes_it_fail_too(tmp_path):
    folder = _study(tmp_path, CORRECTION)
    (folder / "visits.csv").write_text(PLANTED.replace("a,left,base", "b,left,baseline,61\na,left,base", 1))
    assert ("error", "correction_out_of_date", "visits.csv", 4, "IR", "213") in found(folder)


def test_corrections_are_part_of_the_fingerprint(tmp_path):
    plain = read_study(_study(tmp_path / "a")).fingerprint
    assert read_study(_study(tmp_path / "b")).fingerprint == plain
    assert read_study(_study(tmp_path / "c", CORRECTION)).fingerprint != plain


def test_a_cell_corrected_twice_is_refused(tmp_path):
    rules = [problem[1] for problem in found(_study(tmp_path, CORRECTION + CORRECTION))]
    assert sorted(rules) == ["corrected_twice", "impossible_value"]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("row = 4", "correction.0.row: this key is needed"),
        ('reason = "digits swapped, seen on the paper form"', "correction.0.reason: this key is needed"),
        ("date = 2026-03-02", "correction.0.date: this key is needed"),
    ],
)
def test_each_key_is_needed(tmp_path, line, fault):
    with pytest.raises(StudyError, match=fault):
        read_study(_study(tmp_path, CORRECTION.replace(line, "")))


def test_a_value_may_be_corrected_to_missing(tmp_path):
    study = load(_study(tmp_path, CORRECTION.replace('"123"', '""')))
    assert study.assessments["slr_deg"].tolist() == [60, 65]


def test_each_of_several_corrections_is_kept(tmp_path):
    other = CORRECTION.replace("row = 4", "row = 2").replace('"213"', '"60"').replace('"123"', '"61"')
    study = load(_study(tmp_path, CORRECTION + other))
    assert study.assessments["slr_deg"].tolist() == [61, 123, 65]
    assert (study.problems["rule"] == "corrected").sum() == 2
