"""Which gain matters to people: read from the rating at the later visit, or said that none was recorded."""

import numpy as np
import pandas as pd
import pytest

from analysis.answers.important_change import important_changes
from analysis.protocol import builtin
from analysis.report import open_report
from analysis.show import sentences, tables
from builders import analysed, assessments, visit
from tests_support import ROOT

LEVELS = builtin().measures["global_change"].levels


def rated(people=60, seed=1):
    """People whose left hip gains 0 to 12°; from about 6° on they say that they are better."""
    rng, rows = np.random.default_rng(seed), []
    for number in range(people):
        gain = int(rng.integers(0, 13))
        felt = gain + rng.normal(0, 2)
        said = LEVELS[3 + int(np.clip((felt - 6) // 3 + 1, 0, 3))]
        who = {"patient": f"p{number:02}"}
        rows.append(visit("baseline", **who, hip_ir_deg=10.0, slr_deg=60.0))
        rows.append(visit("post", **who, hip_ir_deg=10.0 + gain, slr_deg=60.0, global_change=said))
    return analysed(assessments(*rows))


def found(tables_, comparison="immediate"):
    return important_changes(tables_.assessments, tables_.changes, builtin(), comparison)


def test_each_measure_has_a_row_beside_its_rule():
    table = found(rated()).set_index("measure")
    assert table.index.tolist() == ["hip_ir_deg", "slr_deg"]
    row = table.loc["hip_ir_deg"]
    assert row["threshold"] == 5
    assert table.loc["slr_deg", "threshold"] == 10
    assert row["n_patients_with"] + row["n_patients_without"] == row["n_patients"] == 60
    assert row["roc_low"] <= row["roc"] <= row["roc_high"]
    assert row["roc"] == pytest.approx(6, abs=1.5)
    assert table.loc["slr_deg", "not_estimable"] == "all hips changed alike"


def test_the_mean_of_the_least_improved_is_counted_by_hand():
    tables_ = rated()
    visits = tables_.assessments.pivot(index="patient_id", columns="timepoint", values="hip_ir_deg")
    said = tables_.assessments.dropna(subset=["global_change"]).set_index("patient_id")["global_change"]
    gains = (visits["post"] - visits["baseline"])[said == "a little better"]
    row = found(tables_).iloc[0]
    assert row["mean_of_minimal"] == pytest.approx(gains.mean())
    assert row["n_patients_minimal"] == len(gains)


def test_a_rating_at_another_visit_is_not_taken():
    assert found(rated(), "retained").empty


def test_the_sentence_names_three_methods_and_the_rule():
    tables_ = rated()
    row = found(tables_).iloc[0]
    text = sentences.important_change_answer(found(tables_).assign(suppressed=False), builtin()).plain
    assert text.startswith("**By people's own rating the smallest gain of hip internal rotation that matters is** "
                           f"{row['roc']:.1f}° (95 % CI ")  # fmt: skip
    assert f"{row['mean_of_minimal']:.1f}°" in text
    assert text.endswith("(60 hips of 60 patients). The rules ask for 5°.")
    table = tables.important_change_table(found(tables_).assign(suppressed=False), builtin())
    assert [cells[-1] for cells in table.rows] == ["5°", "10°"]


def test_a_rating_that_goes_with_nothing_gives_no_cut():
    tables_ = rated()
    said = tables_.assessments["global_change"]
    turned = tables_.assessments.assign(global_change=said.cat.rename_categories(list(LEVELS[::-1])))
    table = important_changes(turned, tables_.changes, builtin(), "immediate").assign(suppressed=False)
    text = sentences.important_change_answer(table, builtin()).plain
    assert "cannot be told: fewer than 5 people say that they improved" in text or "too little with the change" in text
    assert pd.isna(table["roc"].iloc[0])


def test_without_ratings_it_is_said_that_there_is_no_anchor():
    report = open_report(ROOT / "data/raw/demo")
    assert report.important_changes().empty
    text = sentences.important_change_answer(report.important_changes(), report.protocol).plain
    assert text.startswith("No anchor recorded")
    assert tables.important_change_table(report.important_changes(), report.protocol).why == "No anchor recorded."
    assert "global_change" not in pd.read_csv(ROOT / "data/raw/demo/hips.csv", nrows=1)
