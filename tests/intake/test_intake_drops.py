"""A row that was sent twice is dropped in the open; a drop that matches nothing fails."""

import pytest

from analysis import StudyError, load, read_study
from study_folders import HEADER, found, write_tidy

TWICE = HEADER + "a,left,baseline,12\nb,left,baseline,14\na,left,baseline,12\n"


def _dropped(folder, row, more="", csv=TWICE):
    write_tidy(folder, csv)
    (folder / "corrections.toml").write_text(
        f'[[drop]]\nfile = "visits.csv"\nrow = {row}\nreason = "the form was sent twice"\ndate = 2026-03-02\n{more}'
    )
    return folder


def test_a_dropped_row_does_not_count_and_is_listed(tmp_path):
    study = load(_dropped(tmp_path, 4))
    assert study.assessments["source_row"].tolist() == [2, 3]
    (noted,) = study.problems.to_dict("records")
    assert (noted["severity"], noted["rule"], noted["row"]) == ("note", "dropped", 4)
    assert noted["message"] == "dropped on 2026-03-02: the form was sent twice"


@pytest.mark.parametrize(
    ("row", "more"),
    [
        (9, ""),  # beyond the file
        (1, ""),  # the header
        (4, 'holds = { ID = "b" }'),
        (4, 'holds = { Patient = "a" }'),
    ],
)
def test_a_drop_that_matches_nothing_fails(tmp_path, row, more):
    problems = found(_dropped(tmp_path, row, more))
    assert ("error", "drop_without_row", "visits.csv", row, "", "") in problems
    with pytest.raises(StudyError):
        load(tmp_path)


def test_what_the_row_must_hold_is_looked_at(tmp_path):
    assert found(_dropped(tmp_path, 4, 'holds = { ID = "a", IR = "12" }')) == [
        ("note", "dropped", "visits.csv", 4, "", "")
    ]


def test_a_drop_stands_once_and_names_a_file_of_the_study(tmp_path):
    again = '[[drop]]\nfile = "{}"\nrow = 4\nreason = "again"\ndate = 2026-03-02\n'
    assert ("error", "drop_without_row", "visits.csv", 4, "", "") in found(
        _dropped(tmp_path / "twice", 4, again.format("visits.csv"))
    )
    assert ("error", "drop_without_row", "visit.csv", 4, "", "") in found(
        _dropped(tmp_path / "other", 4, again.format("visit.csv"))
    )


def test_an_exact_copy_names_the_other_row(tmp_path):
    folder = write_tidy(tmp_path, TWICE)
    assert found(folder) == [("error", "visit_twice", "visits.csv", 4, "", "")]
    message = read_study(folder).problems["message"].iloc[0]
    assert message == (
        "the same was read before, in row 2; leave one out by a [[drop]] in corrections.toml, or all copies in a file "
        'by identical_rows = "note"'
    )


def _declared(folder, more, csv=TWICE):
    toml = write_tidy(folder, csv) / "study.toml"
    toml.write_text(toml.read_text().replace("[[source]]", f"[[source]]\n{more}", 1))
    return folder


def test_copies_are_left_out_where_that_is_declared_and_each_is_noted(tmp_path):
    third = TWICE + "a,left,baseline,12\n"
    study = load(_declared(tmp_path, 'identical_rows = "note"', third))
    assert study.assessments["source_row"].tolist() == [2, 3]
    assert found(tmp_path) == [("note", "identical_row", "visits.csv", row, "", "") for row in (4, 5)]


def test_a_row_that_differs_in_any_column_is_no_copy(tmp_path):
    csv = TWICE.replace("14\na,left,baseline,12", "14\na,left,baseline,13")
    assert [rule for _, rule, *_ in found(_declared(tmp_path, 'identical_rows = "note"', csv))] == ["visit_twice"]


def test_rows_that_number_people_are_never_copies(tmp_path):
    with pytest.raises(StudyError, match="identical_rows"):
        read_study(_declared(tmp_path, 'identical_rows = "note"\nrows_per_person = 1'))


def test_another_reading_of_a_visit_names_the_row_too(tmp_path):
    folder = write_tidy(tmp_path, TWICE.replace("14\na,left,baseline,12", "14\na,left,baseline,13"))
    message = read_study(folder).problems["message"].iloc[0]
    assert "was read before, in row 2; number the episodes" in message
