"""A report that withholds is of the latest state in which its rate may be shown, and says of which day."""

from datetime import UTC, datetime
from unittest import mock

import pytest

from analysis.intake import load
from analysis.report import held, open_report, scope
from analysis.report.held import earlier_releases
from analysis.report.ledger import take_back
from analysis.report.visits import marks_of, with_visits
from analysis.show import sentences
from tests_support import write_study

DAYS = [datetime(2026, month, 1, tzinfo=UTC) for month in (1, 2, 3, 4)]


def of_people(*answers):
    """One left hip each of people of clinic A or B, who responded or did not: "A+", "A-", "B+" or "B-"."""
    rows = []
    for number, (clinic, answer) in enumerate(answers):
        later = "18,70,negative" if answer == "+" else "13,61,positive"
        ir, slr, ober = later.split(",")
        rows.append(f"{number:03d},{clinic},left,12,{ir},60,{slr},positive,{ober},44,anterior")
    return rows


FIRST = ["A+", "A-"] * 10 + ["B+", "B-"] * 12


@pytest.fixture
def study(tmp_path, monkeypatch):
    """Show the study of some people on some day, as reports for others do."""
    monkeypatch.setenv(scope._FOR_OTHERS, "1")
    monkeypatch.setattr(scope, "_preloaded", {})

    def show(month, people):
        scope.preload(write_study(tmp_path, of_people(*people)))  # read once for all reports of that day
        monkeypatch.setattr(held, "datetime", mock.Mock(now=lambda _: DAYS[month]))
        scope._released.clear()
        open_report(tmp_path)
        return tmp_path

    return show


def of_rate(report):
    row = report.rates().iloc[0]
    return (row["n_responders"], row["n_evaluable"]) if not row["suppressed"] else "withheld"


def test_visits_of_few_wait_and_the_report_is_of_the_day_before_them(study):
    folder = study(0, FIRST)
    first = open_report(folder)
    assert (of_rate(first), first.on) == ((22, 44), "")
    folder = study(1, [*FIRST, "A+", "B-"])
    report = open_report(folder)
    assert (of_rate(report), report.on) == ((22, 44), "2026-01-01")
    assert report.scope == "All clinics as of 1 January 2026"
    assert report.rates(report.groups).equals(first.rates(first.groups))
    assert report.in_scope()["n_patients"].tolist() == [44]
    assert "visits since 1 January 2026, until enough" in report.finish("A").document["provenance"]["Withheld"]
    assert sentences.day_answer(report.on).plain.startswith("**The visits are those of 1 January 2026.**")


def test_those_who_treat_see_everybody(study):
    folder = study(0, FIRST) and study(1, [*FIRST, "A+", "B-"])
    report = open_report(folder, internal=True)
    assert (of_rate(report), report.on, report.scope) == ((23, 46), "", "All clinics")


def test_once_enough_have_come_all_count_again(study):
    more = ["A+", "A-", "B+", "B-"]
    folder = study(0, FIRST) and study(1, [*FIRST, "A+"]) and study(2, [*FIRST, *more, *more, *more])
    report = open_report(folder)
    assert (of_rate(report), report.on) == ((28, 56), "")
    folder = study(3, [*FIRST, *more, *more, *more, "B+"])
    assert (of_rate(open_report(folder)), open_report(folder).on) == ((28, 56), "2026-03-01")


def test_a_clinic_and_all_clinics_beside_it_are_of_one_day(study):
    """Enough came to A and to C in February, one person to B, so that its own rate waits and that of all does not."""
    january = [*FIRST, *["C+", "C-"] * 10]
    folder = study(0, january) and study(1, [*january, *["A+", "A-", "C+", "C-"] * 6, "B-"])
    own, beside, alone = open_report(folder, "B"), open_report(folder, beside="B"), open_report(folder)
    assert (own.on, of_rate(own)) == ("2026-01-01", (12, 24))
    assert (beside.on, of_rate(beside)) == ("2026-01-01", (32, 64))
    assert (alone.on, of_rate(alone)) == ("", (44, 89))


def test_a_clinic_nobody_came_to_is_of_the_day_of_all_clinics_beside_it(study):
    folder = study(0, FIRST) and study(1, [*FIRST, "B-"])
    assert of_rate(open_report(folder, "A")) == (10, 20)
    assert open_report(folder, "A").on == "2026-01-01"


def test_with_a_reading_changed_it_is_not_what_was_shown(study):
    mended = ["A-", *FIRST[1:]]
    folder = study(0, FIRST) and study(1, mended)
    report = open_report(folder)
    assert (of_rate(report), report.on) == ("withheld", "")
    take_back(folder, DAYS[0].date())
    scope._released.clear()
    assert of_rate(open_report(folder)) == (21, 44)


def test_where_the_rate_was_never_shown_the_report_is_of_the_day_that_shows_more(study):
    few = ["A+"] * 4 + ["A-"] * 40
    folder = study(0, few)
    first = open_report(folder)
    assert (of_rate(first), first.on) == ("withheld", "")
    folder = study(1, [*few, "A-", "A-"])
    report = open_report(folder)
    assert (of_rate(report), report.on) == ("withheld", "2026-01-01")
    assert report.mean_changes().equals(first.mean_changes())
    assert not report.mean_changes()["suppressed"].all()


def test_a_new_clinic_has_no_earlier_state(study):
    folder = study(0, FIRST) and study(1, [*FIRST, "C+", "C-"])
    report = open_report(folder, "C")
    assert (of_rate(report), report.on, report.in_scope()["suppressed"].tolist()) == ("withheld", "", [True])


def test_a_period_has_states_of_its_own(study, monkeypatch):
    folder = study(0, FIRST) and study(1, [*FIRST, "A+", "B-"])
    assert [one.on for one in earlier_releases(folder, scope.series_of("immediate"))] == ["2026-02-01", "2026-01-01"]
    assert earlier_releases(folder, scope.series_of("immediate", "2026")) == []
    assert scope.series_of("immediate", "2026") == "immediate; 2026"


def test_visits_are_known_again_whatever_their_order(tmp_path):
    early, late = load(write_study(tmp_path, of_people(*FIRST))), of_people(*FIRST, "A+")
    marks = marks_of(early)
    assert marks_of(load(write_study(tmp_path, late[::-1]))) != marks
    kept = with_visits(load(tmp_path), marks)
    assert sorted(kept.assessments["patient_id"].unique()) == sorted(early.assessments["patient_id"].unique())
    assert len(kept.assessments) == len(early.assessments)
    assert marks_of(kept) == marks
