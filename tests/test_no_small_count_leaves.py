"""Every table of a report that withholds, on studies of few people: whoever stands behind a number is counted again."""

import inspect
import re
from dataclasses import replace
from unittest import mock

import pandas as pd
import pytest

from analysis.disclosure import door
from analysis.disclosure.plan import Release
from analysis.disclosure.printed import printed_counts, row_key
from analysis.protocol.policies import MINIMUM_PATIENTS
from analysis.report import Report
from analysis.sensitivity import Sensitivity
from analysis.show import display
from analysis.show.display import Figure, Table
from notebook_runs import open_once, shown_by
from tests_support import NOTEBOOKS, write_private

# What tells which group a row is about, or how all rows were counted; a withheld row holds nothing else.
LABELS = {
    *("response", "comparison", "interval", "stretch_type", "side", "sex", "match", "clinic_id", "period", "answer"),
    *("measure", "timepoint", "quantity", "contrast", "group", "reference", "method", "covariate", "step", "reason"),
    *(
        "name",
        "condition",
        "claim",
        "stretch_given",
        "unit",
        "severity",
        "rule",
        "message",
        "since",
        "raters",
        "suppressed",
        *("characteristic", "level", "of_person", "position", "norm", "norm_sd", "norm_people", "norm_source"),
    ),
}
# Whole numbers that count neither people nor hips.
NO_PEOPLE = {"n_clinics", "n_pairs", "n_pairs_alike", "df_groups", "df_clusters"}
ENOUGH_HIPS = 2 * MINIMUM_PATIENTS - 1  # nine hips are at least five people
# Patients, seed, clinics, and where it is about one of these, which.
COHORTS = [(12, 1, 3), (60, 4, 6), (50, 5, 4, "C01")]


@pytest.fixture(scope="module", params=COHORTS, ids=lambda cohort: "-".join(map(str, cohort)))
def cohort(request, tmp_path_factory):
    """A cohort that the program takes for real people, or one clinic of it: its folder and the clinic."""
    patients, seed, clinics, *clinic = request.param
    return write_private(tmp_path_factory.mktemp("cohort") / "study", patients, seed, clinics), *(clinic or [""])


@pytest.fixture(scope="module")
def report(cohort):
    opened = open_once(*cohort)
    assert opened.withholds
    return opened


@pytest.fixture(scope="module")
def sure(report):
    return sensitivity(report)


@pytest.fixture(scope="module")
def undeclared():
    """Every column that the door was asked to show and did not know, with its table."""
    return set()


@pytest.fixture(scope="module")
def shown(report, sure, undeclared):
    def remember(table, name, groups):
        known = roles(table, name, groups)
        undeclared.update((name, column) for column in table if column not in known)
        return known

    roles = door._roles
    with mock.patch.object(door, "_roles", remember):
        return every_table(report, sure)


def sensitivity(report):
    return Sensitivity(report._study, report._tables, report.comparison, report.internal)


def every_table(report, sure):
    """Every table of the report by name, also those that are added one day."""
    public = [name for name, _ in inspect.getmembers(Report, inspect.isfunction) if name[0] != "_"]
    needs_more = {"finish", "match_balance", "one_person", "sensitivity"}
    found = {name: getattr(report, name)() for name in public if name not in needs_more}
    found |= {f"rates by {by}": report.rates([by]) for by in ("sex", "stretch_type", "side", "clinic_id", "match")}
    found |= {"means of groups": report.trajectories(report.groups)}
    found |= {"rates of groups": report.rates(report.groups), "rates of tests": report.rates_of_each_test(["side"])}
    found |= {f"people by {by}": report.who_was_assessed(by) for by in ("side", "sex", "match", "age")}
    found |= {"sides by type": report.sides(["stretch_type"]), "balance": report.match_balance(found["matched"])}
    found |= {name: getattr(sure, name) for name in ("confusion", "chance", "criteria", "claims")}
    found |= {name: pd.DataFrame([getattr(sure, name)]) for name in ("certainty", "own")}
    return {name: table for name, table in found.items() if len(table)}


def test_every_table_that_is_held_together_is_counted(report):
    """Those that docs/decisions/withholding.md names, of the whole study and of each clinic."""
    counted = printed_counts(report._tables, report.protocol, report.comparison)
    about = {(row.family, *sorted(row.labels), bool(row.clinic)) for row in counted.itertuples()}
    about -= {("settled_by", "measure", clinic) for clinic in (False, True)}  # where any class waits for one
    asked, kinds = ("comparison", "response"), ["match", "period", "side", "stretch_given", "stretch_type"]
    groups = [[], *([kind] for kind in kinds), ["match", "side"], ["side", "stretch_type"]]
    expected = {("rates", *sorted([*asked, *by])) for by in groups}
    expected |= {("sides", *asked), ("sides", *asked, "stretch_type"), ("in_scope",), ("flow",)}
    expected |= {(name, "answer") for name in ("classes", "care", "safety", "compensations", "followed_up")}
    expected |= {
        ("mean_changes", "measure"),
        ("mean_changes", "measure", "stretch_type"),
        ("comparability", "condition"),
        ("asymmetry", "measure", "timepoint"),
        ("change_of_asymmetry", "comparison", "measure", "quantity"),
        ("completeness", "name", "timepoint"),
        ("digit_preference", "answer"),
    }
    visits = [
        ("trajectories", *sorted(["measure", "timepoint", *by])) for by in ([kinds[-1]], ["side"], ["side", kinds[-1]])
    ]
    assert about == {(*of, clinic) for of in expected for clinic in (False, True)} | {(*of, False) for of in visits}
    lead = counted[counted["key"] == Release.lead_of(report.protocol, report.comparison)]
    assert {bool(clinic) for clinic in lead["clinic"]} == {False, True}


def test_a_report_withholds_what_the_release_does(report):
    """Pain is withheld for the sake of another number only."""
    pain = "pain during the stretch"
    release = Release(frozenset({("", row_key("safety", {"answer": pain})), ("", "flow")}))
    held = replace(report, release=release)
    assert held.safety().set_index("answer")["suppressed"][pain]
    assert held.flow()["suppressed"].all()


def test_every_column_of_every_table_has_a_role(shown, undeclared):
    assert shown
    assert sorted(undeclared) == []


def test_a_withheld_row_holds_nothing_but_what_it_is_about(shown):
    for name, table in shown.items():
        held = table[table["suppressed"].astype(bool)].drop(columns=[c for c in table if c in LABELS])
        assert held.isna().all(axis=None), f"{name}: {held.notna().any()[lambda column: column].index.tolist()}"


def test_no_count_of_one_to_four_is_shown(shown):
    for name, table in shown.items():
        for column in table.select_dtypes("integer").columns.difference(NO_PEOPLE):
            counts = table.loc[~table["suppressed"].astype(bool), column].dropna()
            assert not counts.between(1, MINIMUM_PATIENTS - 1).any(), f"{name}: {column}"


def test_classes_under_every_reading(report, sure):
    for name, hips in sure.readings.filter(like="hips_").items():
        others = len(report._tables.classifications) - hips
        assert hips.dropna().ge(ENOUGH_HIPS).all(), name
        assert others.dropna().ge(ENOUGH_HIPS).all(), name


# One to four hips or people, in words or as a cell of a table; and an identifier.
FEW = re.compile(
    r"(?<![\w.,–−])[1-4] (?:of [\d,]+ |more |judged |classed )?(?:hips?|patients?|people|person|warnings?)\b"
)
FEW_IN_A_CELL = re.compile(r"[1-4](/[\d,]+.*)?")


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_notebook_tells_of_one_to_four(notebook, cohort, monkeypatch):
    monkeypatch.setattr(display, "_draw_svg", lambda *_, **__: "<svg/>")  # the words of figures are made before
    for item in shown_by(notebook, study=str(cohort[0]), clinic_id=cohort[1]):
        texts = [item.title, item.alt] if isinstance(item, Figure) else [getattr(item, "plain", "")]
        for text in texts:
            assert not FEW.search(text), f"{FEW.search(text)} in {text}"
            assert "P000" not in text
        for row in item.rows if isinstance(item, Table) else []:
            assert not [cell for cell in row[1:] if FEW_IN_A_CELL.fullmatch(cell)], f"{row} in {item.caption}"


def enough(people, which):
    """Whether at least five people have a hip of which something holds, and five one of which it does not."""
    return min(people[which].nunique(), people[~which].nunique()) >= MINIMUM_PATIENTS


def or_nobody(people, which):
    return not which.any() or people[which].nunique() >= MINIMUM_PATIENTS


def test_definite_and_borderline_hips_of_a_class(report):
    hips = report._tables.classifications
    for row in report.classes().to_dict("records"):
        if not row["suppressed"] and pd.notna(row["n_definite"]):
            of_class = hips[hips["stretch_type"] == row["answer"]]
            for word in ("definite", "borderline"):
                which = of_class["certainty"] == word
                assert which.sum() == row[f"n_{word}"]
                assert or_nobody(of_class["patient_id"], which)


def test_hips_of_which_an_answer_is_not_known(report):
    typed = report._tables.classifications
    typed = typed[typed["stretch_type"].isin(list(report.protocol.types))]
    stretched = report._tables.care[report._tables.care["stretch_given"] != "none"]
    called_for = stretched.merge(typed[["patient_id", "side", "episode"]], on=["patient_id", "side", "episode"])
    for row in report.care().to_dict("records"):
        match = row["answer"] == "The stretch given was one the class calls for"
        column, hips = ("match", called_for) if match else ("own_it_drill", stretched)
        if (match or row["answer"].startswith("Own it")) and not row["suppressed"] and pd.notna(row["n_not_known"]):
            assert hips[column].isna().sum() == row["n_not_known"]
            assert or_nobody(hips["patient_id"], hips[column].isna())


def test_hips_that_changed_by_more_than_the_error(report):
    rows = report._tables.changes[report._tables.changes["comparison"] == report.comparison]
    for row in report.mean_changes().to_dict("records"):
        moved = rows[["patient_id", f"{row['measure']}_change"]].dropna()
        for column, sign in (("n_up", 1), ("n_down", -1)):
            if not row["suppressed"] and pd.notna(row[column]):
                which = sign * moved[f"{row['measure']}_change"].astype(float) > row["mdc95"]
                assert which.sum() == row[column]
                assert enough(moved["patient_id"], which)


def test_pairs_measured_in_another_way(report):
    rows = report._tables.changes[report._tables.changes["comparison"] == report.comparison]
    rows = rows[rows["has_start"] & rows["has_end"]]
    for row in report.comparability().to_dict("records"):
        if not row["suppressed"]:
            which = rows["differs_in"].str.contains(row["condition"].lower(), regex=False)
            assert which.sum() == row["n_different"]
            assert or_nobody(rows["patient_id"], which)
            assert or_nobody(rows["patient_id"], ~which)


def test_rates_of_matched_and_mismatched_hips(report):
    rows = report._tables.responses
    rows = rows[(rows["response"] == "ir") & (rows["comparison"] == report.comparison) & rows["match"].notna()]
    rows = rows[rows["outcome"] != "not_evaluable"]
    if not report.matched("ir")["suppressed"].all():
        for _, group in rows.groupby("match", observed=False):
            assert enough(group["patient_id"], group["outcome"] == "responder")


def test_what_would_settle_a_class(report):
    hips = report._tables.classifications
    wanted = hips["settled_by"].where(hips["stretch_type"] == "indeterminate", "")
    for row in report.settled_by().to_dict("records"):
        if not row["suppressed"]:
            waits = wanted.str.split("; ").map(lambda names, name=row["measure"]: name in names)
            assert waits.sum() == row["n_hips"]
            assert enough(hips["patient_id"], waits)


def test_error_seen_between_two_visits(report, sure):
    before = report._tables.changes[report._tables.changes["comparison"] == report.protocol.indication.comparison]
    for row in sure.criteria.to_dict("records"):
        if not row["suppressed"] and pd.notna(row["sem_here"]):
            people = before.loc[before[f"{row['measure']}_change"].notna(), "patient_id"]
            assert people.nunique() == row["n_patients_here"] >= MINIMUM_PATIENTS


@pytest.mark.parametrize("cohort", COHORTS[:1], ids=str, indirect=True)
def test_of_a_clinic_of_one_nothing_is_told_but_its_name(report):
    rows = report._tables.assessments
    one = rows["patient_id"].iloc[0]
    tables = {name: table[table["patient_id"] == one] for name, table in vars(report._tables).items()}
    alone = Report(report._study, type(report._tables)(**tables), "One", report.comparison, False, report.found)
    for name, table in every_table(alone, sensitivity(alone)).items():
        assert table["suppressed"].all() or name == "problems", name  # these are of the whole study
