"""Tables show every number with its denominator, and what is withheld as withheld."""

import numpy as np
import pandas as pd
import pytest

from analysis import tables
from analysis.report import Report, open_report
from analysis.words import WITHHELD, p_text
from tests_support import ROOT, bath, small_study


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


def test_nothing_missing_has_no_bounds(trial):
    table = tables.tests_table(trial.rates_of_each_test(), trial.protocol)
    assert [row[3:] for row in table.rows] == [["0", "–"], ["0", "–"]]


def test_sides_of_the_bath_arms(trial):
    sides = trial.sides(["arm"])
    table = tables.sides_table(sides, "Group", tables.group_labels(sides, "arm", trial.protocol))
    assert table.rows == [
        ["Control", "12", "1", "0", "2", "−17 (−45 to 12)", ".250"],
        ["Treatment", "27", "11", "1", "7", "−22 (−40 to −2)", ".039 (.078)"],
    ]


def test_a_small_group_is_withheld_in_every_table(tmp_path):
    report = small_study(tmp_path, patients=4)
    shown = [
        tables.responder_table(report.rates(report.groups), report.groups, report.protocol),
        tables.tests_table(report.rates_of_each_test(), report.protocol),
        tables.sides_table(report.sides(), "All", ["All"]),
        tables.everyone_table(report.sides_of_each_test(), report.protocol),
        tables.asymmetry_table(report.asymmetry(), report.protocol),
    ]
    for table in shown:
        cells = [cell for row in table.rows if len(row) > 1 for cell in row[1:]]
        assert "withheld" in cells
        assert not any(cell not in ("0", "–", "0/0") and any(c.isdigit() for c in cell) for cell in cells)
        assert any("It is not 0" in note for note in table.notes) or table.caption.endswith("everyone")


def test_internal_reports_withhold_nothing(tmp_path):
    report = small_study(tmp_path, patients=4, internal=True)
    table = tables.tests_table(report.rates_of_each_test(), report.protocol)
    assert not any("withheld" in cell for row in table.rows for cell in row)


def test_a_p_value_is_never_zero():
    assert p_text(0.0) == "<.001"
    assert p_text(1.0) == "1"


def test_the_model_for_everyone_says_by_what_it_is_clustered(trial):
    def note(report):
        return tables.everyone_table(report.sides_of_each_test(), report.protocol).notes[0]

    assert "clustered by person, bias" in note(trial)  # no clinic is recorded
    assert "clustered by clinic, bias" in note(open_report(ROOT / "data/raw/demo"))  # 12 clinics


def test_only_an_adjusted_p_value_is_explained(trial):
    sides = trial.sides(["arm"])
    by_arm = tables.sides_table(sides, "Group", tables.group_labels(sides, "arm", trial.protocol))
    overall = tables.sides_table(trial.sides(), "All", ["All"])
    assert "Holm" in by_arm.notes[0]
    assert "Holm" not in overall.notes[0]


def test_other_tests_of_the_sides_stand_by_name():
    plain = {"suppressed": False, "p_exact": 0.0703, "p_midp": 0.0391, "p_obuchowski": 0.053, "p_durkalski": np.nan}
    shown = tables.side_methods_table(pd.DataFrame([plain]))
    assert [row[1] for row in shown.rows] == [".070", ".039", ".053", "–"]
    hidden = tables.side_methods_table(pd.DataFrame([plain | {"suppressed": True}]))
    assert {row[1] for row in hidden.rows} == {WITHHELD}
