"""Patients without a clinic are counted and named: with the clinics they are the study."""

import pytest

from analysis import read_study
from analysis.report import open_report
from analysis.show.display import Nothing
from analysis.show.sentences import no_clinic_answer
from analysis.show.tables import clinics_table
from study_folders import write_tidy

# Of 6 patients with two visits of one hip each, 2 have no clinic.
CLINICS = ["North", "North", "", "South", "South", ""]


@pytest.fixture
def folder(tmp_path):
    rows = [
        f"p{n},left,{visit},{degrees},{clinic}\n"
        for n, clinic in enumerate(CLINICS)
        for visit, degrees in (("baseline", 10), ("post", 20))
    ]
    return write_tidy(tmp_path / "s", "ID,Hip,Visit,IR,C\n" + "".join(rows), columns='clinic_id = "C"')


def test_check_warns_with_the_count(folder):
    found = read_study(folder).problems
    assert found.loc[found["rule"] == "no_clinic", ["severity", "value_shown"]].values.tolist() == [
        ["warning", "2 of 6 patients"]
    ]


def test_the_sentence_and_the_table_add_them(folder):
    report = open_report(folder, internal=True)
    rest = report.without_clinic()
    assert rest[["n_patients", "n_hips"]].values.tolist() == [[2, 2]]
    assert no_clinic_answer(rest, report.in_scope(), report.protocol).markdown == (
        "**No clinic is recorded for 2 patients with 2 hips**; they count among all, and in no clinic. "
        "The clinics and they together are all 6 patients with 6 hips."
    )
    # The funnel may have no clinic; a row of it would stand above.
    table = clinics_table(report.clinics("ir"), report.protocol, rest)
    assert [row[:2] for row in table.rows] == [["North", "2"], ["South", "2"], ["No clinic recorded", "2"]]


def test_a_clinic_without_a_judged_hip_keeps_its_row_and_its_place(tmp_path):
    rows = [
        f"p{n},left,{visit},{degrees},{'NMS'[n % 3]}\n"
        for n in range(18)
        for visit, degrees in (("baseline", 10), ("post", "" if n % 3 == 1 else 20 - n % 2 * 9))
    ]
    path = write_tidy(tmp_path / "s", "ID,Hip,Visit,IR,C\n" + "".join(rows), columns='clinic_id = "C"')
    report = open_report(path, internal=True)
    assert report.clinics("ir")["clinic_id"].tolist() == ["N", "S"]
    found = report.every_clinic("ir")
    assert found[["clinic_id", "n_evaluable", "position"]].values.tolist()[0] == ["M", 0, "not judged"]
    assert [row[:3] for row in clinics_table(found, report.protocol).rows] == [
        ["M", "6", "0/0"],
        ["N", "6", "3/6 (50 %; 95 % CI 19–81)"],
        ["S", "6", "3/6 (50 %; 95 % CI 19–81)"],
    ]
    # Where counts are withheld, nothing tells which of them had none.
    found = open_report(path).every_clinic("ir")
    assert found.loc[found["suppressed"], "clinic_id"].tolist() == ["M", "N", "S"]
    nobody = clinics_table(report.every_clinic("slr"), report.protocol)
    assert nobody == Nothing("No hip of a recorded clinic could be judged.")


def test_how_many_is_withheld_where_they_are_few(folder):
    report = open_report(folder)
    said = no_clinic_answer(report.without_clinic(), report.in_scope(), report.protocol).markdown
    assert said.endswith("Their number is withheld.")


def test_rates_by_clinic_say_so(folder, capsule):
    code, said, _ = capsule("rates", str(folder), "--by", "clinic_id", "--response", "ir")
    assert code == 0
    assert "clinic_id is not recorded for 2 patients with 2 of 6 hips" in " ".join(said.split())


def test_nothing_is_said_where_all_have_a_clinic_or_none_has(tmp_path):
    csv = "ID,Hip,Visit,IR,C\na,left,baseline,10,{0}\na,left,post,20,{0}\n"
    for n, clinic in enumerate(["North", ""]):
        folder = write_tidy(tmp_path / str(n), csv.format(clinic), columns='clinic_id = "C"')
        report = open_report(folder, internal=True)
        assert isinstance(no_clinic_answer(report.without_clinic(), report.in_scope(), report.protocol), Nothing)
        assert not (report._study.problems["rule"] == "no_clinic").any()


def test_reports_by_clinic_say_that_some_are_in_none(folder, capsule, tmp_path):
    code, _, said = capsule("report", str(folder), "--by", "clinic_id", "--dry-run", "--out", str(tmp_path / "out"))
    assert code == 0
    assert "Clinic is not recorded for some hips: they count in reports of all, and in no report of one group" in said
