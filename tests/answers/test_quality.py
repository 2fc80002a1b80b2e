"""How good the data are, counted by hand on small studies; and nothing that may not be shown."""

import pandas as pd
import pytest

from analysis import analyse, change, load
from analysis.answers.classes import settled_by
from analysis.answers.quality import (
    comparability,
    completeness,
    completeness_by_clinic,
    digit_preference,
    distributions,
    filled,
    problems_found,
)
from analysis.disclosure import protect
from analysis.protocol import builtin
from analysis.report import open_report
from analysis.show.display import Nothing
from analysis.show.sentences.quality import distribution_answer, flow_answer, rounding_answer
from analysis.show.sentences.responders import data_warnings
from analysis.show.tables.problems import corrections_table, problems_table
from analysis.show.tables.quality import completeness_table, flow_table
from analysis.show.tables.rules import warnings_table
from six_hips import HEADER, TOML, VISITS
from study_folders import write
from tests_support import rows_of, small_study, write_study


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    study = load(write(tmp_path_factory.mktemp("study"), TOML, visits=HEADER + VISITS))
    return analyse(study), study.protocol


def test_completeness_by_visit(tables):
    tables, protocol = tables
    table = completeness(tables.assessments, protocol).set_index(["timepoint", "name"])
    slr = table.loc[("post", "slr_deg")]
    assert [slr["n_known"], slr["n_rows"], slr["n_patients_with"], slr["n_patients_without"]] == [4, 5, 3, 1]
    full = table.loc[("baseline", "slr_deg")]
    assert [full["share"], full["n_patients_without"]] == [1.0, pd.NA]
    assert "intake" not in table.index.get_level_values(0)
    assert "swayback" not in table.index.get_level_values(1)


def test_completeness_by_clinic(tables):
    tables, protocol = tables
    table = completeness_by_clinic(tables.changes, protocol, "immediate")
    slr = table[table["name"] == "slr_deg"]
    assert slr[["clinic_id", "n_known", "n_rows"]].astype("object").values.tolist() == [
        ["N", 3, 4],
        ["not recorded", 0, 2],
    ]


def test_filled_without_rows_has_no_share():
    table = pd.DataFrame({"patient_id": ["a"], "side": pd.Categorical(["left"], ["left", "right"])})
    result = filled(table, {"x": pd.Series([True])}, "side")
    assert result["share"].fillna(-1).tolist() == [1.0, -1.0]


def test_digit_preference_counts_readings_that_end_in_0_or_5(tables):
    tables, protocol = tables
    table = digit_preference(tables.assessments, protocol).set_index("answer")
    assert table.loc["Hip internal rotation", ["n_yes", "n_known"]].tolist() == [3, 10]  # 15, 20, 25
    assert table.loc["Straight leg raise", ["n_yes", "n_known"]].tolist() == [3, 9]  # 60, 65, 70


def test_comparability(tables):
    tables, protocol = tables
    table = comparability(tables.changes, protocol, "immediate").set_index("condition")
    assert table.loc["Device", ["n_pairs", "n_different", "n_patients_different"]].tolist() == [4, 1, 1]
    assert table["n_patients_others"].tolist()[:1] == [2]
    assert table.loc["Position", ["n_pairs", "n_different"]].tolist() == [4, 0]


def test_a_condition_keeps_its_units_and_its_comma(tmp_path):
    rules = builtin()
    device = rules.conditions["device"].model_copy(update={"label": "Pull of 20 N, seated"})
    protocol = rules.model_copy(update={"conditions": {**rules.conditions, "device": device}})
    visits = pd.DataFrame(
        {
            "patient_id": ["a", "a", "b", "b"],
            "side": "left",
            "timepoint": ["baseline", "post"] * 2,
            "hip_ir_deg": 12.0,
            "device": ["phone", "goniometer", "phone", "phone"],
            "position": ["prone", "seated", "prone", "prone"],
        }
    )
    changes = change(visits, protocol)
    differs = changes.loc[changes["comparison"] == "immediate", "differs_in"].tolist()
    assert differs == ["position, pull of 20 N, seated", ""]
    counts = comparability(changes, protocol, "immediate").set_index("condition")["n_different"].to_dict()
    assert counts == {"Position": 1, "Active or passive": 0, "Pull of 20 N, seated": 1}


def test_distributions(tables):
    tables, protocol = tables
    table = distributions(tables.assessments, protocol).set_index(["measure", "timepoint"])
    ir = table.loc[("hip_ir_deg", "baseline")]
    assert [ir["n_readings"], ir["q1"], ir["median"], ir["q3"]] == [5, 13, 14, 15]
    assert [ir["usual_low"], ir["usual_high"]] == [-5, 70]


def test_where_the_middle_half_lies_is_said_and_whether_that_is_usual(tables):
    tables, protocol = tables
    table = distributions(tables.assessments, protocol).assign(suppressed=False)
    where = "hip internal rotation at baseline lies from 13.0 to 15.0°"
    said = f"**The middle half of the readings of {where}**, of 5 readings."
    usual = "At every visit the middle half of every angle lies within its usual range."
    assert distribution_answer(table, protocol).plain == f"{said} {usual}"
    # A sign turned: −15 to −13 where −5 to 70 is usual.
    turned = table.assign(q1=-table["q3"], q3=-table["q1"])[:1]
    where = f"hip internal rotation at {turned['timepoint'].iloc[0]}"
    beyond = "goes from −15.0 to −13.0°, beyond the usual −5.0 to 70.0°: look at its unit and its sign."
    assert distribution_answer(turned, protocol).plain.endswith(f"The middle half of {where} {beyond}")
    some = distribution_answer(table.assign(suppressed=table["timepoint"] == "post"), protocol).plain
    assert some.endswith("every angle that may be shown lies within its usual range.")
    assert isinstance(distribution_answer(table.assign(suppressed=True), protocol), Nothing)


@pytest.mark.parametrize(("alike", "withheld"), [(1, True), (6, False), (11, True), (12, False)])
def test_pairs_measured_alike_are_people_too(tmp_path, alike, withheld):
    rows = [
        f"p{n:02},N,left,{visit},{'phone' if n < alike or visit == 'post' else 'goniometer'},15,60,positive\n"
        for n in range(12)
        for visit in ("baseline", "post")
    ]
    changes = analyse(load(write(tmp_path, TOML, visits=HEADER + "".join(rows)))).changes
    table = protect(comparability(changes, builtin(), "immediate"), "comparability")
    assert table.set_index("condition").loc["Device", "suppressed"] == withheld


@pytest.mark.parametrize(("waiting", "withheld"), [(1, True), (6, False), (11, True), (12, True)])
def test_people_whose_class_does_not_wait_are_people_too(tmp_path, waiting, withheld):
    rows = [row.replace("anterior", "") if int(row[:3]) < waiting else row for row in rows_of(12)]
    table = protect(settled_by(analyse(load(write_study(tmp_path, rows))).classifications), "settled_by")
    assert table.set_index("measure").loc["pelvic_tilt", "suppressed"] == withheld


def test_a_report_on_few_people_withholds():
    report = small_study(4)
    assert report.flow()["suppressed"].all()
    assert "withheld" in flow_answer(report.flow(), builtin()).plain
    assert isinstance(flow_table(report.flow(), builtin()), Nothing)
    for table in (report.completeness(), report.comparability(), report.distributions(), report.digit_preference()):
        assert table["suppressed"].all()


def test_a_report_for_those_who_treat_does_not():
    report = small_study(4, internal=True)
    assert flow_answer(report.flow(), builtin()).plain.startswith("**8 hips of 4 patients were seen")


def test_rounding_is_said_of_those_angles_alone_that_were_rounded(tmp_path):
    rows = [row.replace(",12,", ",10,") for row in rows_of(24)]
    report = open_report(write_study(tmp_path, rows), internal=True)
    said = rounding_answer(report.digit_preference(), builtin()).plain
    assert "straight leg raise" in said
    assert "external rotation" not in said


@pytest.mark.parametrize(("visits", "columns"), [(["baseline", "post"], 2), (["intake", "baseline", "post"], 3)])
def test_measures_stand_against_visits_the_longer_list_downwards(visits, columns):
    rows = [{"timepoint": at, "name": name, "n_known": 3, "n_rows": 4, "share": 0.75, "suppressed": at == "post"}
            for at in visits for name in ("hip_ir_deg", "slr_deg")]  # fmt: skip
    table = completeness_table(pd.DataFrame(rows[:-1]), "timepoint", builtin(), "Recorded")
    if columns == 2:
        assert table.columns == ["Measure", "Baseline", "Post"]
        assert table.rows[1] == ["Straight leg raise", "3/4 (75 %)", "–"]
        assert table.rows[0][2] == "withheld"
    else:
        assert table.columns == ["Visit", "Hip internal rotation", "Straight leg raise"]
        assert [row[0] for row in table.rows] == ["Intake", "Baseline", "Post"]
        assert table.rows[2][1:] == ["withheld", "–"]


def test_a_table_of_measures_says_in_a_sentence_that_all_is_withheld():
    """A visit at which a measure is never read has no number to withhold."""
    rows = [{"timepoint": at, "name": "er_deg", "n_known": None, "n_rows": n, "share": None, "suppressed": bool(n)}
            for at, n in (("baseline", 4), ("post", 0))]  # fmt: skip
    assert completeness_table(pd.DataFrame(rows), "timepoint", builtin(), "Recorded").why == "Recorded: withheld."


def test_problems_are_counted_in_rows_and_people(tmp_path):
    twice = "d,N,left,baseline,phone,77,60,positive\nd,N,right,baseline,phone,78,61,positive\n"
    folder = write(tmp_path, TOML, visits=HEADER + VISITS + twice + "e,N,left,baseline,phone,79,61,positive\n")
    found = problems_found(load(folder)).set_index("rule")
    counted = found.loc["unusual_value", ["n", "n_patients", "n_patients_others"]]
    assert counted.tolist() == [3, 2, 3]
    assert problems_found(load(folder)).loc[lambda table: table["rule"] == "unused_column"].empty


def test_a_problem_of_a_whole_column_is_nobodys(tmp_path):
    toml = TOML.replace('position = "prone"\n', "")
    found = problems_found(load(write(tmp_path, toml, visits=HEADER + VISITS))).set_index("rule")
    assert found.loc["condition_not_recorded", ["n", "n_patients", "n_patients_others"]].isna().tolist() == [
        False, True, True
    ]  # fmt: skip


def test_rows_of_which_no_visit_came_pass_for_one_person(tmp_path):
    persons = '[[source]]\nfile = "persons.csv"\n[source.columns]\npatient_id = "ID"\nsex = "Sex"\n'
    toml = TOML + persons + '[source.values.sex]\nfemale = ["F"]\n'
    folder = write(tmp_path, toml, visits=HEADER + VISITS, persons="ID,Sex\na,F\nx,F\ny,F\n")
    found = problems_found(load(folder)).set_index("rule")
    assert found.loc["person_not_assessed", ["n", "n_patients"]].tolist() == [2, 1]


@pytest.mark.parametrize(("faulty", "shown"), [(4, "withheld"), (5, "10"), (12, "withheld"), (15, "30")])
def test_how_often_something_was_found_is_withheld_where_few_people_stand_behind_it_or_not(tmp_path, faulty, shown):
    rows = [row.replace(",12,", ",-6,") if int(row[:3]) < faulty else row for row in rows_of(15)]
    found = protect(problems_found(load(write_study(tmp_path, rows))), "problems")
    assert [row[1] for row in warnings_table(found).rows if "rotation" in row[0]] == [shown]
    assert [row[2] for row in problems_table(found).rows if "unusual_value" in row] == [shown]
    said = data_warnings(found).plain
    assert ("number is withheld" in said) == (shown == "withheld")


def test_no_value_of_a_patient_is_in_the_table_of_problems(tmp_path):
    folder = write(tmp_path, TOML, visits=HEADER + VISITS + "Jane Doe,N,left,baseline,phone,77.7,64,positive\n")
    (folder / "corrections.toml").write_text(
        '[[correction]]\nfile = "visits.csv"\nrow = 2\ncolumn = "IR"\nold = "15"\nnew = "16"\n'
        'reason = "paper form"\ndate = 2026-01-31\n'
    )
    safe, internal = (open_report(folder, internal=shown) for shown in (False, True))
    listed = problems_table(safe.problems()).plain
    assert "unusual_value" in listed
    assert "personal_identifier" in listed
    assert "Jane" not in listed
    assert "77" not in listed
    assert corrections_table(safe.corrections()).rows == [["IR", "visits.csv", "Corrected on 2026-01-31: paper form"]]
    assert corrections_table(internal.corrections()).rows[0][1] == "visits.csv, row 2: 15 → 16"


def test_a_file_that_is_called_by_a_patient_is_not_named(tmp_path):
    """Where each file is a person, its name is their identifier."""
    source = TOML[TOML.index("[[source]]") :].replace('patient_id = "ID"', 'patient_id = "(file)"')
    declared = TOML[: TOML.index("[[source]]")]
    for name in ("Z7", "Z8"):
        (tmp_path / f"{name}.csv").write_text(HEADER + "x,N,left,baseline,phone,15,64,positive\n")
        declared += source.replace("visits.csv", f"{name}.csv")
    (tmp_path / "study.toml").write_text(declared)
    (tmp_path / "corrections.toml").write_text(
        '[[correction]]\nfile = "Z7.csv"\nrow = 2\ncolumn = "IR"\nold = "15"\nnew = "16"\n'
        'reason = "paper form"\ndate = 2026-01-31\n'
    )
    safe, internal = (open_report(tmp_path, internal=shown) for shown in (False, True))
    assert corrections_table(safe.corrections()).rows[0][1] == "file withheld"
    assert corrections_table(internal.corrections()).rows[0][1] == "Z7.csv, row 2: 15 → 16"
