"""Identifiers of a file of persons that are not those of the visits are an error, or a warning with a count."""

import pytest

from analysis import read_study
from study_folders import HEADER, write_tidy

PEOPLE = '\n[[source]]\nfile = "people.csv"\n[source.columns]\npatient_id = "ID"\nsex = "S"\n'


def _problems(folder, visits, people):
    csv = HEADER + "".join(f"{name},left,baseline,12\n" for name in visits)
    write_tidy(folder, csv, more=PEOPLE)
    (folder / "people.csv").write_text("ID,S\n" + "".join(f"{name},female\n" for name in people))
    found = read_study(folder).problems
    found = found[found["rule"].isin(["nobody_matches", "many_unmatched"])]
    return list(found[["severity", "rule", "value_shown", "message"]].itertuples(index=False, name=None))


@pytest.mark.parametrize(
    ("visits", "people", "why"),
    [
        (["001", "002", "003"], ["1", "2", "3"], "3 would match but for leading zeros"),
        (["P-01", "P-02"], ["P-1", "P-2"], "2 would match but for leading zeros"),
        (["a1", "b2"], ["A1", "B2"], "2 would match but for capitals"),
        (["a 1", "b 2"], ["a1", "b2"], "2 would match but for blanks and marks"),
        (["P 01", "Q 02"], ["p1", "q2"], "2 would match but for zeros, capitals, blanks and marks"),
        (["a", "b"], ["x", "y", "z"], "is it the right column?"),
    ],
)
def test_where_nobody_matches_it_is_an_error_that_says_what_would(tmp_path, visits, people, why):
    ((severity, rule, value, message),) = _problems(tmp_path, visits, people)
    assert (severity, rule, value) == ("error", "nobody_matches", f"{len(people)} of {len(people)} persons")
    assert why in message


def test_where_many_do_not_match_it_is_a_warning_with_a_count(tmp_path):
    ((severity, rule, value, _),) = _problems(tmp_path, ["a", "b", "c"], ["a", "x", "y"])
    assert (severity, rule, value) == ("warning", "many_unmatched", "2 of 3 persons")


def test_one_that_would_match_if_written_alike_is_a_warning_too(tmp_path):
    visits = [str(number) for number in range(1, 20)]
    ((severity, _, value, message),) = _problems(tmp_path, [*visits, "020"], [*visits, "20"])
    assert (severity, value) == ("warning", "1 of 20 persons")
    assert "but for leading zeros" in message


def test_a_register_with_more_people_than_were_seen_is_no_fault(tmp_path):
    assert _problems(tmp_path, ["a", "b"], ["a", "b", "x", "y", "z"]) == []
