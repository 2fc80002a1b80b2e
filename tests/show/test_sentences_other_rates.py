"""What is said beside the one rate is true of the rows it comes from, whatever they hold."""

from dataclasses import replace

import pandas as pd
import pytest

from analysis.answers.arms import against_first
from analysis.protocol import builtin
from analysis.report import open_report
from analysis.show import sentences
from analysis.show.display import Nothing
from tests_support import ROOT, bath, rows_of, write_study

PROTOCOL = builtin()


def row(responders, n, low=0.0, high=1.0, suppressed=False, **more):
    rate = responders / n if n else None
    counts = {"n_responders": responders, "n_evaluable": n, "rate": rate, "ci_low": low, "ci_high": high}
    return pd.DataFrame([{**counts, "suppressed": suppressed, **more}])


def test_the_arms_of_the_bath_trial_lead_with_their_difference_and_nothing_is_pooled():
    trial = bath()
    arms = sentences.arms_answer(trial.arms(), trial.arms_alike(), trial.protocol)
    assert arms.plain == (
        "**Control: 4 of 24 hips responded (17 %; 95 % CI 5–45), not clearly more or fewer than chance alone would "
        "give. Treatment: 30 of 54 hips responded (56 %; 95 % CI 39–71), more than chance alone would give. The "
        "difference, treatment less control, is +39 percentage points (95 % CI 6 to 58).** Hip rotation after the "
        "stretch, at the same reading before it: **treatment hips read higher than control hips** (+5.6°; 95 % CI 1.9 "
        "to 9.2; 78 hips)."
    )
    headline = sentences.headline(trial.rates(), trial.sides(), trial.protocol, trial.stretched()).plain
    assert headline == (
        "**Right hips responded more often than the left hips of the same people, all groups together.**"
    )
    assert sentences.responder_answer(trial.rates(), trial.protocol).plain.startswith("All groups together: 34 of 78 ")
    assert sentences.safety_answer(trial.safety(), trial.protocol).plain.startswith("**Safety**: not recorded; ")


def test_arms_that_may_not_be_shown_have_no_difference():
    trial = bath()
    withheld = trial.rates(["arm"]).assign(suppressed=[True, False], rate=[pd.NA, 0.5], ci_low=[pd.NA, 0.3])
    said = sentences.arms_answer(against_first(withheld, "arm"), pd.DataFrame(), trial.protocol).plain
    assert said.startswith("**Control: the number of hips that responded is withheld. Treatment: 30 of 54 ")
    assert "difference" not in said


def test_hips_given_a_stretch_lead_and_those_given_none_are_named_beside():
    report = open_report(ROOT / "data/raw/demo")
    said = sentences.headline(report.rates(), report.sides(), report.protocol, report.stretched()).plain
    assert said.startswith(
        "**54 of 560 hips given a stretch (10 %; 95 % CI 6–15) responded immediately after the stretch, "
    )
    assert " Of 70 hips given no stretch, none did. " in said


def test_all_hips_lead_where_of_one_it_is_not_recorded_whether_it_was_stretched():
    report = open_report(ROOT / "data/raw/demo")
    responses = report._tables.responses
    first = responses.index[responses["outcome"] == "responder"][0]
    given = responses["stretch_given"].mask(responses.index == first)
    assert (
        replace(report, _tables=replace(report._tables, responses=responses.assign(stretch_given=given)))
        .stretched()
        .empty
    )


def test_a_study_with_types_has_no_arms(tmp_path):
    report = open_report(write_study(tmp_path, rows_of(12)))
    assert isinstance(sentences.arms_answer(report.arms(), report.arms_alike(), report.protocol), Nothing)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (row(0, 70, 0, 0.06), "that were given no stretch: 0 of 70 hips responded (0 %; 95 % CI 0–6)."),
        (row(1, 1, 0.05, 1), "that were given no stretch: 1 of 1 hip responded (100 %; 95 % CI 5–100)."),
        (row(None, None, suppressed=True), "The number of judged hips that were given no stretch is withheld."),
    ],
)
def test_hips_given_no_stretch(table, said):
    assert sentences.unstretched_answer(table, builtin()).plain.endswith(said)


@pytest.mark.parametrize("table", [row(0, 0), row(0, 0).iloc[:0], pd.DataFrame()])
def test_nothing_is_said_where_no_judged_hip_was_given_no_stretch(table):
    assert isinstance(sentences.unstretched_answer(table, builtin()), Nothing)


def test_the_other_visits():
    table = pd.concat([
        row(3, 80, 0.01, 0.1, comparison="drills"), row(9, 60, 0.08, 0.26, comparison="retained"),
        row(None, None, suppressed=True, comparison="immediate"),
    ])  # fmt: skip
    assert sentences.other_visits_answer(table, PROTOCOL).plain == (
        "By the same rule at other visits: from intake to baseline, after IR drills alone, 3 of 80 hips responded (4 "
        "%; "
        "95 % CI 1–10); at the later visit, 9 of 60 hips responded (15 %; 95 % CI 8–26); immediately after the "
        "stretch, "
        "the number of hips that responded is withheld."
    )
    assert isinstance(sentences.other_visits_answer(row(0, 0, comparison="drills"), PROTOCOL), Nothing)
    withheld = sentences.other_visits_answer(table.iloc[2:], PROTOCOL).plain
    assert withheld == "The rates at the other visits are withheld."


OVERALL = row(9, 60, 0.08, 0.26)


@pytest.mark.parametrize(
    ("overall", "target", "said"),
    [
        (OVERALL, 0.3, "**The target of 30 % was not met**: 9 of 60 hips responded (15 %; 95 % CI 8–26)."),
        (OVERALL, 0.08, "**The target of 8 % was met**: 9 of 60 hips"),
        (
            OVERALL,
            0.2,
            "**It is not clear whether the target of 20 % was met**, because it lies within the interval: 9 of",
        ),
        (OVERALL, 0.26, "was met**, because it lies within the interval"),
        (row(0, 0), 0.2, "No hip could be judged, so it is not known whether the target of 20 % was met."),
        (row(None, None, suppressed=True), 0.2, "Whether the target of 20 % was met is withheld."),
    ],
)
def test_a_target_is_met_missed_or_within_the_interval(overall, target, said):
    assert (
        said
        in sentences.target_answer(
            overall, pd.DataFrame(columns=["suppressed", "rate"]), target, protocol=builtin()
        ).plain
    )


def test_the_last_period_that_may_be_shown_is_held_against_the_target():
    periods = pd.concat([
        row(1, 30, 0.0, 0.15, period="2024Q1"), row(8, 11, 0.4, 0.9, period="2024Q2"),
        row(None, None, suppressed=True, period="2024Q3"),
    ])  # fmt: skip
    for target, found in ((0.3, "above the target"), (0.95, "below the target"), (0.5, "too few hips to tell")):
        said = sentences.target_answer(OVERALL, periods, target, builtin()).plain
        last = f"In the last period that may be shown, 2024Q2, 8 of 11 hips responded (73 %; 95 % CI 40–90): {found}."
        assert said.endswith(last)
    assert "In the last period, 2024Q2," in sentences.target_answer(OVERALL, periods.iloc[:2], 0.3, builtin()).plain


def test_without_a_target_nothing_is_said_and_no_rate_is_refused():
    assert isinstance(sentences.target_answer(OVERALL, pd.DataFrame(), 0, builtin()), Nothing)
    with pytest.raises(ValueError, match=r"between 0 and 1, such as 0\.6"):
        sentences.target_answer(OVERALL, pd.DataFrame(), 60, builtin())
