"""A report is about its scope, and shows what it may."""

from dataclasses import replace

import pandas as pd
import pytest

from analysis.outputs.export import result_tables
from analysis.report import open_report
from analysis.report import rates as counted_by
from analysis.report.scope import fingerprints, prepare
from analysis.show.display import SENTINEL_MIME
from analysis.simulate import CohortParameters, simulate
from analysis.simulate import write_study as write_cohort
from tests_support import ROOT, bath, preloaded, rows_of, small_study, write_study


def test_a_clinic_is_counted_alone(tmp_path):
    rows = rows_of(6) + [row.replace(",A,", ",B,").replace("0", "9", 1) for row in rows_of(8)]
    folder = write_study(tmp_path, rows)
    assert open_report(folder, clinic_id="B", internal=True).rates()["n_hips"].tolist() == [16]
    assert open_report(folder, internal=True).rates()["n_hips"].tolist() == [28]


def test_an_unknown_clinic_is_an_error_that_shows_no_identifier(tmp_path):
    with pytest.raises(ValueError, match="no hip of this study") as fault:
        open_report(write_study(tmp_path, rows_of(2)), clinic_id="secret")
    assert "secret" not in str(fault.value)


@pytest.fixture(scope="module")
def two_dozen(tmp_path_factory):
    """The folder of 24 made-up people in 3 clinics."""
    return preloaded(
        write_cohort(simulate(24, 1, CohortParameters(clinics=3)), tmp_path_factory.mktemp("few") / "cohort", "Few")
    )


def test_few_patients_are_withheld_unless_internal_public_or_synthetic(tmp_path):
    assert small_study(4).rates()["suppressed"].tolist() == [True]
    assert small_study(4, internal=True).rates()["suppressed"].tolist() == [False]
    assert bath().rates(["arm", "side"])["suppressed"].tolist() == [False] * 4
    write_cohort(simulate(3, 1), tmp_path / "cohort", "Three people")
    assert open_report(tmp_path / "cohort").rates()["suppressed"].tolist() == [False]


def test_enough_patients_on_both_sides_of_the_answer_are_shown():
    # 10 people: 5 with a responder hip (the left of every second), all 10 with a non-responder hip.
    row = small_study(10).rates().iloc[0]
    assert not row["suppressed"]
    assert (row["n_responders"], row["n_evaluable"]) == (5, 20)


def test_chance_is_worked_out_from_the_whole_study(two_dozen):
    everyone, clinic = open_report(two_dozen), open_report(two_dozen, clinic_id="C01")
    key = ["patient_id", "side", "comparison", "response"]
    both = clinic._tables.responses.merge(everyone._tables.responses, on=key, suffixes=("", "_of_all"))
    assert len(both) == len(clinic._tables.responses)
    assert both["chance"].equals(both["chance_of_all"].rename("chance"))


def test_a_period_keeps_the_visits_in_it(two_dozen):
    whole = open_report(two_dozen)
    dates = whole._tables.changes["date"]
    year = str(dates.dt.year.mode()[0])
    part = open_report(two_dozen, period=year)
    assert 0 < len(part._tables.changes) < len(whole._tables.changes)
    assert part.scope == f"All clinics, {year}"
    with pytest.raises(ValueError, match="write it like 2026"):
        open_report(two_dozen, period="spring")


def test_the_sentinel_carries_the_marks_and_no_path(tmp_path):
    internal = (
        open_report(write_study(tmp_path, rows_of(4)), internal=True).finish("T")._repr_mimebundle_()[SENTINEL_MIME]
    )
    assert internal["marks"] == ["INTERNAL"]
    assert str(tmp_path) not in str(internal)
    assert str(ROOT) not in str(bath().finish("T").document)


def test_single_hips_leave_only_where_nothing_is_withheld(tmp_path):
    withheld = small_study(40)
    assert withheld.rates()["suppressed"].tolist() == [False]
    assert withheld.hip_changes().empty
    assert withheld.gain_curves().empty
    internal = small_study(40, internal=True)
    assert len(internal.hip_changes()) == 80
    assert len(internal.gain_curves()) == 3
    assert len(bath().hip_changes()) == 78
    write_cohort(simulate(3, 1), tmp_path / "cohort", "Three people")
    assert len(open_report(tmp_path / "cohort").hip_changes())


def test_a_report_shown_by_a_cell_shows_no_row():
    report = small_study(4)
    assert repr(report) == "Report(scope='All clinics', comparison='immediate', internal=False)"
    assert repr(report.sensitivity()) == "Sensitivity(comparison='immediate', internal=False)"


def test_few_hips_beyond_the_error_are_withheld_alone(tmp_path):
    rows = [row.replace(",18,", ",25,") for row in rows_of(9)]  # 5 left hips gain 13 degrees, beyond 8.3
    row = open_report(write_study(tmp_path, rows)).mean_changes().iloc[0]
    assert not row["suppressed"]
    assert pd.isna(row["n_up"])
    # That none fell would tell it of every patient, as a rate of 0 would.
    assert pd.isna(row["n_down"])
    assert row["n_hips"] == 18


def test_a_clinic_whose_chance_is_not_known_has_a_fingerprint_too(tmp_path):
    study, tables = prepare(write_study(tmp_path, rows_of(4)))
    assert tables.responses["chance"].isna().any()
    assert list(fingerprints(study, tables, "clinic_id")) == ["A"]


def test_study_is_found_from_the_projects_folder_where_papermill_may_run(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert open_report("../data/raw/bath-hips")._study.name == bath()._study.name
    with pytest.raises(ValueError, match=r"no study at \.\./nowhere; looked at .*/nowhere and .*/nowhere"):
        open_report("../nowhere")


@pytest.mark.parametrize("comparison", ["drills", "retained"])
def test_every_table_is_of_the_comparison_asked_for(two_dozen, comparison):
    report = open_report(two_dozen, comparison=comparison)
    tables = {name: table for name, table in result_tables(report).items() if "comparison" in table}
    assert len(tables) > 8
    others = {name for name, table in tables.items() if set(table["comparison"].astype(str)) != {comparison}}
    assert others == set()


def test_a_table_that_several_cells_ask_for_is_worked_out_once_and_each_gets_its_own(monkeypatch):
    report, asked = open_report(ROOT / "data/raw/demo", "C12"), []
    work = counted_by.rates
    monkeypatch.setattr(counted_by, "rates", lambda *given: asked.append(given[1]) or work(*given))
    first, again, by_side = report.rates(), report.rates(), report.rates(["side"])
    assert asked == [(), ["side"]]
    pd.testing.assert_frame_equal(first, again)
    assert len(by_side) == 2
    first["rate"] = -1.0
    pd.testing.assert_frame_equal(report.rates(), again)
    safe = report.safety()
    safe["n_known"] = -1
    assert (report.safety()["n_known"] >= 0).all()
    assert replace(report, internal=True).rates()["n_hips"].tolist() == again["n_hips"].tolist()
    assert asked == [(), ["side"], ()]  # of another report nothing is kept
