"""Faults that show only when rows are seen together."""

import pandas as pd
import pytest

from analysis import read_study
from analysis.intake.checks import latest_day
from study_folders import found, write_tidy

HEADER = "ID,Hip,Visit,IR,Day\n"


def _dated(folder, rows):
    return found(write_tidy(folder, HEADER + rows, columns='date = "Day"'))


@pytest.mark.parametrize(("now", "latest"), [("2026-03-02 09:59", "2026-03-02"), ("2026-03-02 10:00", "2026-03-03")])
def test_the_latest_day_is_that_of_the_first_zone(now, latest):
    """It is 14 hours ahead of UTC; a clinic there must not be told that its visits lie in the future."""
    assert latest_day(pd.Timestamp(now, tz="UTC")) == pd.Timestamp(latest)


def test_a_visit_on_a_day_that_has_begun_nowhere_lies_in_the_future(tmp_path):
    day = (latest_day(pd.Timestamp.now("UTC")) + pd.Timedelta(days=1)).date()
    assert _dated(tmp_path, f"a,left,baseline,12,{day}\n") == [
        ("error", "future_date", "visits.csv", 2, "date", str(day))
    ]


def test_a_visit_later_today_does_not(tmp_path):
    csv = f"{HEADER}a,left,baseline,12,{latest_day(pd.Timestamp.now('UTC')).date()} 23:59\n"
    source = 'date_format = "%Y-%m-%d %H:%M"'
    assert found(write_tidy(tmp_path, csv, source, columns='date = "Day"')) == []


@pytest.mark.parametrize(
    ("baseline", "post", "refused"), [("2024-03-02", "2024-03-01", True), ("2024-03-02", "2024-03-02", False)]
)
def test_post_before_baseline(tmp_path, baseline, post, refused):
    problems = _dated(tmp_path, f"a,left,post,12,{post}\na,left,baseline,12,{baseline}\n")
    assert problems == ([("error", "visit_order", "visits.csv", 2, "date", post)] if refused else [])


def test_the_order_is_looked_at_across_a_visit_without_a_date(tmp_path):
    rows = "a,left,baseline,12,2024-03-02\na,left,post,12,\na,left,followup,12,2024-03-01\n"
    assert _dated(tmp_path, rows) == [("error", "visit_order", "visits.csv", 4, "date", "2024-03-01")]


def test_the_order_is_looked_at_within_one_hip_and_episode(tmp_path):
    rows = "a,left,baseline,12,2024-03-02\na,right,post,12,2024-03-01\nb,left,post,12,2024-02-01\n"
    rows += "c,left,baseline,12,2024-03-02\nc,left,post,12,2024-03-02\n"
    assert _dated(tmp_path, rows) == []


@pytest.mark.parametrize(
    ("visit", "day", "warned"),
    [
        ("post", "2024-04-13", True), ("post", "2024-03-03", True), ("post", "2024-03-02", False), ("post", "", False),
        ("post", "2024-03-02 23:50", False), ("followup", "2024-04-13", False), ("reread", "2024-03-05", False),
    ],
)  # fmt: skip
def test_post_on_a_later_day_is_not_immediately_after(tmp_path, visit, day, warned):
    """A clinic that calls the end of its programme Post would be told of an immediate change."""
    rows = f"a,left,baseline,12,2024-03-02\na,left,{visit},20,{day}\n"
    expected = [("warning", "not_of_one_session", "visits.csv", 3, "date", day)] if warned else []
    assert [item for item in _dated(tmp_path, rows) if item[1] != "nothing_to_compare"] == expected


def test_a_person_in_two_clinics(tmp_path):
    csv = "ID,Hip,Visit,IR,C\na,left,baseline,12,North\na,right,baseline,12,South\nb,left,baseline,12,North\n"
    assert found(write_tidy(tmp_path, csv, columns='clinic_id = "C"')) == [
        ("warning", "person_disagrees", "visits.csv", 2, "clinic_id", "North"),
        ("warning", "person_disagrees", "visits.csv", 3, "clinic_id", "South"),
    ]


def test_a_clinic_missing_at_one_visit_is_no_second_clinic(tmp_path):
    csv = "ID,Hip,Visit,IR,C\na,left,baseline,12,North\na,left,post,12,\n"
    assert found(write_tidy(tmp_path, csv, columns='clinic_id = "C"')) == []


def test_conditions_that_were_not_recorded_are_counted(tmp_path):
    csv = "ID,Hip,Visit,IR,P\na,left,baseline,12,prone\na,left,post,12,\nb,left,post,12,\n"
    folder = write_tidy(tmp_path, csv, columns='position = "P"')
    toml = folder / "study.toml"
    toml.write_text(toml.read_text().replace('position = "prone"\n', ""))
    assert found(folder) == [("warning", "condition_not_recorded", "", None, "position", "2 of 3 visits")]


TREATED = """
[[source]]
file = "treated.csv"
[source.columns]
patient_id = "ID"
side = "Hip"
stretch_given = "G"
clinic_id = "C"
"""


def test_a_treatment_that_belongs_to_no_visit_is_not_lost_in_silence(tmp_path):
    folder = write_tidy(tmp_path, "ID,Hip,Visit,IR\nP10,left,baseline,12\nP10,right,baseline,12\n", more=TREATED)
    (folder / "treated.csv").write_text("ID,Hip,G,C\nP1O,left,T1,\nP10,right,T2,\n")
    assert found(folder) == [
        ("warning", "not_used_here", "treated.csv", None, "clinic_id", ""),
        ("warning", "treated_not_assessed", "treated.csv", 2, "patient_id", "P1O"),
    ]


# Prone IR is usually at most 68 and any IR at most 70; supine 63. ER has no range of its own when seated.
@pytest.mark.parametrize(
    ("position", "reading", "rules"),
    [
        ("prone", "68", []),
        ("prone", "68.1", ["unusual_in_condition"]),
        ("prone", "71", ["unusual_value"]),
        ("supine", "63.1", ["unusual_in_condition"]),
        ("seated", "68.1", []),
    ],
)
def test_what_is_usual_depends_on_the_position(tmp_path, position, reading, rules):
    folder = write_tidy(tmp_path, f"ID,Hip,Visit,IR\na,left,baseline,{reading}\n")
    toml = folder / "study.toml"
    toml.write_text(toml.read_text().replace('position = "prone"', f'position = "{position}"'))
    assert found(folder) == [("warning", rule, "visits.csv", 2, column(rule), reading) for rule in rules]


def column(rule):
    return "hip_ir_deg" if rule == "unusual_in_condition" else "IR"


@pytest.mark.parametrize(("last", "warned"), [("8,left", True), ("1,left", False), ("8,right", False)])
def test_nobody_with_both_hips_is_odd_where_five_have_each(tmp_path, last, warned):
    """Five left and five right hips of ten people; one of them with both; six right and four left."""
    people = [f"{number},{('left', 'right')[number % 2]}" for number in range(10)]
    people[8] = last
    csv = "ID,Hip,Visit,IR\n" + "".join(f"{who},{visit}\n" for who in people for visit in ("baseline,12", "post,13"))
    rules = [rule for _, rule, *_ in found(write_tidy(tmp_path, csv))]
    assert rules == ["nobody_has_both_hips"] * warned


def test_both_hips_of_a_person_in_two_episodes_are_no_pair_and_the_warning_says_so(tmp_path):
    rows = [f"{n % 10},{('left', 'right')[n // 10]},{n // 10 + 1}" for n in range(20)]
    csv = "ID,Hip,Course,Visit,IR\n" + "".join(
        f"{row},{visit}\n" for row in rows for visit in ("baseline,12", "post,13")
    )
    folder = write_tidy(tmp_path, csv)
    toml = folder / "study.toml"
    toml.write_text(toml.read_text().replace('patient_id = "ID"', 'patient_id = "ID"\nepisode = "Course"'))
    problems = read_study(folder).problems.set_index("rule")
    counts, message = problems.loc["nobody_has_both_hips", ["value_shown", "message"]]
    assert "no patient has a left hip and a right one in one episode;" in message
    assert counts == "10 left, 10 right"


def _nothing_to_compare(folder, rows):
    problems = read_study(write_tidy(folder, "ID,Hip,Visit,IR\n" + rows)).problems
    return problems.loc[problems["rule"] == "nothing_to_compare", ["severity", "message"]].values.tolist()


def test_when_nobody_has_both_visits_it_is_said(tmp_path):
    ((severity, message),) = _nothing_to_compare(tmp_path, "a,left,post,12\na,left,followup,13\n")
    assert severity == "warning"
    assert message == (
        "no hip was seen both at baseline and at post, so this or any other comparison has nothing to compare; there "
        "are visits at post, followup: are the timepoints the right ones?"
    )


def test_one_person_with_both_visits_is_enough(tmp_path):
    rows = "a,left,baseline,12\na,left,post,13\nb,left,post,13\n"
    assert _nothing_to_compare(tmp_path, rows) == []


def test_both_visits_of_different_people_are_no_pair(tmp_path):
    rows = "".join(f"p{n},left,{visit},12\n" for n, visit in enumerate(["baseline", "post"] * 3))
    assert len(_nothing_to_compare(tmp_path, rows)) == 1


@pytest.mark.parametrize(("people", "said"), [(4, 0), (5, 1)])
def test_a_study_of_one_visit_is_only_asked_about_when_it_has_more_than_a_few_people(tmp_path, people, said):
    rows = "".join(f"p{n},left,baseline,12\n" for n in range(people))
    assert len(_nothing_to_compare(tmp_path, rows)) == said


def test_another_comparison_may_have_pairs(tmp_path):
    ((_, message),) = _nothing_to_compare(tmp_path, "a,left,baseline,12\na,left,followup,13\n")
    assert "so the primary comparison has nothing to compare" in message


@pytest.mark.parametrize(
    ("first", "later", "warned"),
    [
        (["1001-7", "1002-5"], ["1001", "1002-5"], ["1001"]), (["a", "b"], ["a", "b"], []),
        (["a", "b", "c"], ["b"], []),
        (["a"], ["x", "y"], ["x", "y"]), ([], ["x"], []),
    ],
)  # fmt: skip
def test_people_whom_only_a_file_of_later_visits_has_are_a_warning(tmp_path, first, later, warned):
    """A check digit that one of the two programs leaves out makes two people of one."""
    rows = "".join(f"{name},left,baseline,12,\n" for name in first)
    more = '\n[[source]]\nfile = "later.csv"\n[source.columns]\npatient_id = "ID"\nside = "Hip"\ntimepoint = "Visit"\n'
    (tmp_path / "later.csv").write_text(HEADER + "".join(f"{name},left,post,20,\n" for name in later))
    study = write_tidy(tmp_path, HEADER + (rows or "z,left,post,12,\n"), more=f'{more}hip_ir_deg = "IR"\n')
    problems = [item for item in found(study) if item[1] == "later_visit_alone"]
    assert problems == [
        ("warning", "later_visit_alone", "later.csv", 2 + later.index(x), "patient_id", x) for x in warned
    ]


def test_a_person_without_a_first_visit_in_a_file_of_all_visits_is_no_matter(tmp_path):
    rows = "a,left,baseline,12,\nb,left,post,12,\n"
    assert "later_visit_alone" not in {rule for _, rule, *_ in _dated(tmp_path, rows)}
