"""Tables show every number with its denominator, and what is withheld as withheld."""

import re

import numpy as np
import pandas as pd
import pytest

from analysis.disclosure import protect
from analysis.protocol import builtin
from analysis.report import Report, open_report
from analysis.show import tables
from analysis.show.display import Nothing
from analysis.show.tables.cells import clustering_note
from analysis.show.words import p_text
from tests_support import ROOT, bath, rows_of, small_study, write_study


@pytest.fixture(scope="module")
def trial() -> Report:
    return bath()


def test_the_bath_table_holds_the_published_counts(trial):
    table = tables.responder_table(trial.rates(["arm", "side"]), ["arm", "side"], trial.protocol)
    cells = {(row[0], row[3]) for row in table.rows if len(row) > 1}
    assert cells == {
        ("Left", "1/12 (8 %; 95 % CI 1–35)"),
        ("Right", "3/12 (25 %; 95 % CI 9–53)"),
        ("Left", "12/27 (44 %; 95 % CI 28–63)"),
        ("Right", "18/27 (67 %; 95 % CI 48–81)"),
    }
    assert [row[0] for row in table.rows if len(row) == 1] == ["Control", "Treatment"]


ALONE, ALIKE = "people are taken as independent, so it speaks of", "people of one clinic may be alike"


@pytest.mark.parametrize(
    ("of_rows", "said"),
    [
        ([f"{ALONE} this clinic only", None], f"Intervals: {ALONE} this clinic only."),
        ([f"{ALONE} these 3 clinics only", f"{ALONE} these 2 clinics only"],
         f"Intervals: {ALONE} the clinics of its row only."),
        ([ALIKE, f"{ALONE} these 2 clinics only"],
         f"Intervals: {ALIKE}; with fewer than 5 clinics {ALONE} these only."),
        ([ALIKE, ALIKE], f"Intervals: {ALIKE}."),
    ],
)  # fmt: skip
def test_one_note_on_clusters_is_true_of_rows_of_different_clinics(of_rows, said):
    assert clustering_note(pd.DataFrame({"cluster_note": of_rows})) == said


def test_nothing_missing_has_no_bounds(trial):
    table = tables.tests_table(trial.rates_of_each_test(), trial.protocol)
    assert [row[3:] for row in table.rows] == [["0", "–"], ["0", "–"]]


def test_a_table_without_rows_is_no_table(trial):
    problems, caption = trial.problems(), "Hips with both readings, by clinic"
    nothing = [
        tables.matched_table(trial.matched(), builtin()),
        tables.balance_table(trial.match_balance(trial.matched()), builtin()),
        tables.comparability_table(trial.comparability(), builtin()),
        tables.problems_table(problems),
        tables.warnings_table(problems),
        tables.completeness_table(trial.completeness_by_clinic(), "clinic_id", trial.protocol, caption),
        tables.readings_table(trial.digit_preference().head(0), builtin()),
        tables.distribution_table(trial.distributions().head(0), trial.protocol),
    ]
    assert all(isinstance(table, Nothing) for table in nothing), nothing


def test_sides_of_the_bath_arms(trial):
    sides = trial.sides(["arm"])
    table = tables.sides_table(sides, "Group", tables.group_labels(sides, "arm", trial.protocol), trial.protocol)
    assert table.rows == [
        ["Control", "12", "1", "0", "2", "−17 (−45 to 12)", ".157"],
        ["Treatment", "27", "11", "1", "7", "−22 (−42 to −2)", ".034 (.068, .068)"],
    ]


def test_a_table_of_which_all_is_withheld_is_one_sentence():
    report = small_study(4)
    for table in (
        tables.responder_table(report.rates(report.groups), report.groups, report.protocol),
        tables.tests_table(report.rates_of_each_test(), report.protocol),
        tables.shares_table(report.care(), "Care", "Rule", report.protocol),
    ):
        assert isinstance(table, Nothing)
        assert table.why.endswith("withheld.")


def test_a_table_in_which_all_is_withheld_adds_nothing_to_its_sentence():
    report = small_study(4)
    tests = report.sides_of_each_test()
    for table in (
        tables.sides_table(
            tests, "Rule", tables.response_labels(tests, report.protocol), report.protocol, everyone=True
        ),
        tables.asymmetry_table(report.asymmetry(), report.protocol),
        tables.change_of_asymmetry_table(report.change_of_asymmetry(), report.protocol),
        tables.side_methods_table(report.sides(), builtin()),
        tables.between_groups_table(report.sides_between_groups(), report.protocol),
        tables.clinics_table(report.clinics(), builtin()),
        tables.matched_table(report.matched(), builtin()),
        tables.class_table(report.classes(), report.protocol),
        tables.flow_table(report.flow(), builtin()),
        tables.readings_table(report.digit_preference(), builtin()),
        tables.missing_table(report.tilted_rates(), report.protocol),
        tables.gains_table(report.gains_by_group(), report.groups[0], report.protocol),
        tables.adjusted_table(report.adjusted_gains(), report.protocol),
    ):
        assert isinstance(table, Nothing), table


def test_one_withheld_group_leaves_the_others_in_the_table(trial):
    sides, between = (
        protect(table.drop(columns="suppressed"), name, ["arm"], minimum=1)  # no left hip alone responded in Control
        for name, table in (("sides", trial.sides(["arm"])), ("sides_between_groups", trial.sides_between_groups()))
    )
    table = tables.sides_table(sides, "Group", ["Control", "Treatment"], builtin())
    assert table.rows[0] == ["Control", *["withheld"] * 6]
    assert "withheld" not in " ".join(table.rows[1])
    assert any("It does not mean 0" in note for note in table.notes)
    assert tables.between_groups_table(between, trial.protocol).rows[0][1:] == ["withheld"] * 3
    assert "so it is withheld if any group is" in tables.between_groups_table(between, trial.protocol).notes[0]


def test_internal_reports_withhold_nothing():
    report = small_study(4, internal=True)
    table = tables.tests_table(report.rates_of_each_test(), report.protocol)
    assert not any("withheld" in cell for row in table.rows for cell in row)


def test_thousands_stand_apart_in_every_table():
    report = open_report(ROOT / "data/raw/demo")
    shown = [
        tables.responder_table(report.rates(report.groups), report.groups, report.protocol),
        tables.mean_change_table(report.mean_changes(), report.protocol),
        tables.class_table(report.classes(), report.protocol),
        tables.flow_table(report.flow(), builtin()),
        tables.completeness_table(report.completeness(), "timepoint", report.protocol, "Recorded"),
        tables.readings_table(report.digit_preference(), builtin()),
        tables.distribution_table(report.distributions(), report.protocol),
        tables.trajectory_table(report.trajectories("side"), "side", report.protocol),
        tables.estimand_table(report.trajectories("side"), report.protocol),
        tables.shares_table(report.care(), "Care", "Rule", builtin()),
    ]
    assert "1,057" in shown[1].plain
    for table in shown:
        assert not re.search(r"\d{4}", " ".join(cell for row in table.rows for cell in row)), table.plain


@pytest.mark.parametrize(
    ("n_hips", "up", "down", "beyond"),
    [
        (20, 12, 3, "12 up, 3 down"), (20, 12, None, "12 up, down withheld"), (20, None, 3, "3 down, up withheld"),
        (20, None, None, "withheld"), (20, 0, 0, "0 up, 0 down"), (0, 0, 0, "–"),
    ],
)  # fmt: skip
def test_hips_beyond_error_are_counted_up_and_down(trial, n_hips, up, down, beyond):
    means = trial.mean_changes().assign(n_hips=n_hips, n_up=up, n_down=down)
    assert tables.mean_change_table(means, trial.protocol).rows[0][-1] == beyond


def test_a_note_names_brackets_only_where_there_are_some(trial):
    means = trial.mean_changes().assign(by_chance=0.0, by_chance_high=0.0)
    for low, named in ((0.0, False), (-0.5, True)):
        table = tables.mean_change_table(means.assign(by_chance_low=low), trial.protocol)
        assert ("(" in table.rows[0][3]) is named
        assert ("in brackets" in " ".join(table.notes)) is named


def test_notes_about_groups_need_groups_in_the_table():
    who = open_report(ROOT / "data/raw/demo").who_was_assessed("stretch_type")
    for withheld, named in ((False, True), (True, False)):
        hidden = who["suppressed"] | ((who["group"] != "") & withheld)
        table = tables.people_table(who.assign(suppressed=hidden), "stretch_type", builtin())
        assert (table.columns[-1] == "Apart") is named
        assert any(note.startswith("Apart:") for note in table.notes) is named
        assert any(note.startswith("No type:") for note in table.notes) is named


def test_a_p_value_is_never_zero():
    assert p_text(0.0) == "<.001"
    assert p_text(1.0) == "1"


def test_the_model_for_everyone_says_by_what_it_is_clustered(trial):
    def note(report):
        tests = report.sides_of_each_test()
        return tables.sides_table(
            tests, "Rule", tables.response_labels(tests, report.protocol), report.protocol, everyone=True
        ).notes[-1]

    assert "clustered by person, bias" in note(trial)  # no clinic is recorded
    assert "clustered by clinic, bias" in note(open_report(ROOT / "data/raw/demo"))  # 12 clinics


def test_only_an_adjusted_p_value_is_explained(trial):
    sides = trial.sides(["arm"])
    by_arm = tables.sides_table(sides, "Group", tables.group_labels(sides, "arm", trial.protocol), trial.protocol)
    overall = tables.sides_table(trial.sides(), "All", ["All"], builtin())
    assert "Holm" in by_arm.notes[0]
    assert "Holm" not in overall.notes[0]


def test_both_ways_to_adjust_stand_beside_the_p_value(trial):
    table = tables.sides_table(
        trial.sides(["arm"]).assign(p_benjamini_hochberg=0.0521), "Group", ["C", "T"], protocol=builtin()
    )
    assert [row[-1] for row in table.rows] == [".157", ".034 (.068, .052)"]
    hidden = trial.sides(["arm"]).assign(p_holm=np.nan, p_benjamini_hochberg=np.nan)
    table = tables.sides_table(hidden, "Group", ["C", "T"], builtin())
    assert [row[-1] for row in table.rows] == [".157", ".034"]
    assert "so they are withheld if any row is" in table.notes[0]


def test_other_methods_stand_side_by_side(trial):
    table = tables.side_methods_table(trial.sides(), builtin())
    assert [[row[0], *row[2:]] for row in table.rows] == [
        ["Mean by clinic", "–", "–"],
        ["McNemar", "−21 (−37 to −6)", ".011"],
        ["Newcombe", "−21 (−34 to −5)", "an interval alone"],
        ["McNemar mid-p", "a test alone", ".012"],
        ["McNemar exact", "a test alone", ".021"],
        ["Obuchowski", "–", "–"],
        ["Durkalski", "–", "–"],
        ["GEE", "−21 (−36 to −5)", ".010"],
    ]
    assert table.notes[0].startswith("Left minus right in percentage points. The answer above is by McNemar.")
    assert table.notes[0].endswith("The odds ratio of GEE is 0.43 (95 % CI 0.22 to 0.83).")
    assert "A dash is not estimable: no clinic is recorded." in table.notes
    demo = tables.side_methods_table(open_report(ROOT / "data/raw/demo").sides(), builtin())
    assert all(known != "–" for row in demo.rows for known in row)


def test_a_reason_stands_once(trial):
    again = {"not_estimable": "no clinic is recorded", "clinics_not_estimable": "a; no clinic is recorded"}
    note = tables.side_methods_table(trial.sides().assign(**again), builtin()).notes[-1]
    assert note == "A dash is not estimable: no clinic is recorded; a."


def test_groups_are_compared_with_their_fractions(trial):
    table = tables.between_groups_table(trial.sides_between_groups(), trial.protocol)
    assert table.rows == [
        ["Control", "1/12", "3/12", "−17 (−42 to 9)"],
        ["Treatment", "12/27", "18/27", "−22 (−43 to −2)"],
    ]
    assert "F(1, 35) = 0.13, p = .720, clustered by person" in table.notes[0]


def test_groups_that_cannot_be_compared_say_why(trial):
    groups = trial.sides_between_groups().assign(not_estimable=["no right hip responded", ""], no_test="one group only")
    table = tables.between_groups_table(groups, trial.protocol)
    assert table.rows[0][1:] == ["1/12", "3/12", "not estimable"]
    assert "Not estimable: Control: no right hip responded." in table.notes
    assert "not estimable: one group only" in table.notes[0]
    assert isinstance(tables.between_groups_table(groups.assign(not_estimable="x"), trial.protocol), Nothing)


def test_the_pattern_and_its_change_have_their_fractions(trial):
    """Counted from the 39 people of the file; 9 of 39 rotate less on the left, by more than 8.3°, both times."""
    sides = tables.asymmetry_table(trial.asymmetry(), trial.protocol)
    assert [[row[1], *row[3:]] for row in sides.rows] == [
        ["39", "9 (23 %; 13–38)", "27", "3", "21 (54 %; 39–68)"],
        ["39", "9 (23 %; 13–38)", "29", "1", "26 (67 %; 51–79)"],
    ]
    change = tables.change_of_asymmetry_table(trial.change_of_asymmetry(), trial.protocol)
    assert [row[1:] for row in change.rows] == [
        ["39", "−1.8°", "−3.9°", "−2.1° (−3.6 to −0.5)", "0.0°"],
        ["39", "6.8°", "6.7°", "−0.1° (−1.6 to 1.3)", "0.0°"],
        ["39", "9 (23 %)", "9 (23 %)", "0 (−12 to 12)", "–"],
        ["39", "21 (54 %)", "26 (67 %)", "+13 (−2 to 27)", "–"],
    ]


def test_nobody_with_two_hips_has_no_table_of_sides(tmp_path):
    report = open_report(write_study(tmp_path, rows_of(3, sides=("left",))), internal=True)
    for table in (
        tables.asymmetry_table(report.asymmetry(), report.protocol),
        tables.change_of_asymmetry_table(report.change_of_asymmetry(), report.protocol),
        tables.sides_table(report.sides(), "All", ["All"], builtin()),
        tables.side_methods_table(report.sides(), builtin()),
        tables.between_groups_table(report.sides_between_groups(), report.protocol),
    ):
        assert isinstance(table, Nothing)


def test_a_visit_at_which_nobody_was_measured_on_both_sides_has_dashes(trial):
    table = trial.asymmetry()
    nobody = {name: 0 for name in table if name.startswith("n")} | {"mean_difference": np.nan, "ci_low": np.nan}
    table = pd.concat([table, table.iloc[:1].assign(**nobody, share_showing=np.nan, share_showing_any=np.nan)])
    assert tables.asymmetry_table(table, trial.protocol).rows[-1][1:] == ["0", "–", "0", "0", "0", "0"]


def test_a_reason_stands_below_the_table_and_leaves_the_cells_to_the_numbers():
    demo = open_report(ROOT / "data/raw/demo", "C05")
    matched = demo.matched()
    (reason,) = set(matched.loc[matched["difference"].isna(), "not_estimable"])
    table = tables.matched_table(matched, builtin())
    assert {cell for row in table.rows for cell in row if "estimable" in cell} == {"not estimable"}
    (note,) = (note for note in table.notes if note.startswith("Not estimable: Standardised by"))
    assert note.endswith(f"right if either model is: {reason}.")
    assert any(note.startswith("No interval: As they are; Weighted") for note in table.notes)
