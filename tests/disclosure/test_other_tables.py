"""The counts of further tables, of the whole and of every clinic at once, are those that the tables print."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from analysis import load
from analysis.answers.agreement import ALL, agreement
from analysis.answers.asymmetry import asymmetry
from analysis.answers.change_of_asymmetry import change_of_asymmetry
from analysis.answers.classes import settled_by
from analysis.answers.degrees import mean_changes
from analysis.answers.gains import gains_by_group
from analysis.answers.important_change import important_changes
from analysis.answers.quality import (
    comparability,
    completeness,
    completeness_by_clinic,
    digit_preference,
    distributions,
)
from analysis.answers.trajectories import trajectories
from analysis.disclosure.other_tables import OTHER, counts_of_others
from analysis.disclosure.plan import Release
from analysis.disclosure.printed import row_key
from analysis.disclosure.roles import declared
from analysis.pipeline import in_group
from analysis.protocol import builtin
from builders import analysed
from tests_support import write_private

PROTOCOL = builtin()
PAIR = PROTOCOL.primary_comparison
OF_TABLE = {"gains_by_group": "mean_changes"}


def tables_of(tables, clinic=""):
    changes, visits = tables.changes, tables.assessments
    ways = [] if clinic else [[PROTOCOL.group_by], ["side"], [PROTOCOL.group_by, "side"]]
    at_visits = [trajectories(visits, changes, PROTOCOL, by) for by in ways]
    names = ["measure", PROTOCOL.group_by, "side", "timepoint", "n_hips", "n_patients"]
    return [
        ("mean_changes", mean_changes(changes, PROTOCOL, PAIR)),
        ("gains_by_group", gains_by_group(changes, PROTOCOL, PAIR, PROTOCOL.group_by)),
        ("asymmetry", asymmetry(visits, PROTOCOL)),
        ("change_of_asymmetry", change_of_asymmetry(visits, PROTOCOL, PAIR)),
        ("completeness", completeness(visits, PROTOCOL)),
        ("settled_by", settled_by(tables.classifications)),
        *(("trajectories", one[[name for name in names if name in one]]) for one in at_visits),
        ("digit_preference", digit_preference(visits, PROTOCOL)),
        ("comparability", comparability(changes, PROTOCOL, PAIR)),
        *(("agreement", kind) for kind in by_raters(agreement(visits, changes, PROTOCOL))),
        ("important_changes", important_changes(visits, changes, PROTOCOL, PAIR)),
    ]


def by_raters(table):
    """The rows of all pairs, then those by raters."""
    table = table.drop(columns="n_patients_others", errors="ignore")
    every = table["raters"] == ALL if len(table) else []
    return [table[every].drop(columns="raters"), table[~every]] if len(table) else []


def made_up(folder, seed=0):
    """The visits of forty people in three clinics."""
    return load(write_private(folder / "study", 40, seed, clinics=3, reread_share=0.5)).assessments.astype(
        {"clinic_id": "object"}
    )


@pytest.fixture(scope="module", params=range(3))
def tables(request, tmp_path_factory):
    """People of whom some come back, go elsewhere with one hip or at one visit, or were seen nobody knows where."""
    random, visits = np.random.default_rng(request.param), made_up(tmp_path_factory.mktemp("cohort"), request.param)
    again = visits[random.random(len(visits)) < 0.3].assign(episode="2")
    visits = pd.concat([visits.assign(episode="10"), again], ignore_index=True)
    visits["clinic_id"] = visits["clinic_id"].mask(random.random(len(visits)) < 0.2, "C" + visits["episode"])
    visits["clinic_id"] = visits["clinic_id"].mask(random.random(len(visits)) < 0.1)
    visits["hip_er_deg"] = visits["hip_er_deg"].mask(visits["clinic_id"] == "C2")  # not asked there
    visits["rater"] = random.choice(["A", "B"], len(visits))
    rating = random.choice(PROTOCOL.measures[PROTOCOL.anchor.measure].levels, len(visits))
    visits[PROTOCOL.anchor.measure] = np.where(visits["timepoint"] == "post", rating, None)
    return analysed(visits)


def printed(family, table):
    """The labels and counts of a table, row by row."""
    roles = declared(family, table.columns)
    labels = table[[name for name, role in roles.items() if role.role == "label"]].to_dict("records")
    numbers = table[[name for name, role in roles.items() if role.counts]].astype("Float64").to_dict("records")
    lacks = family == "change_of_asymmetry"  # of a mean nobody shows the pattern; elsewhere of nobody none do
    counts = [
        {name: 0 if pd.isna(n) else int(n) for name, n in row.items() if pd.notna(n) or not lacks} for row in numbers
    ]
    return list(zip(labels, counts, strict=True))


def test_the_counts_of_other_tables_are_those_of_the_tables_of_each_clinic(tables):
    found = list(counts_of_others(tables, PROTOCOL, PAIR))
    clinics = sorted(tables.assessments["clinic_id"].dropna().unique())
    expected = [
        {"family": OF_TABLE.get(family, family), "labels": labels, "clinic": clinic, **counts}
        for clinic in ["", *clinics]
        for family, table in tables_of(in_group(tables, "clinic_id", clinic), clinic)
        for labels, counts in printed(family, table)
    ]
    assert found == expected
    assert {row["family"] for row in found} == set(OTHER)


def test_the_counts_of_other_tables_have_the_keys_by_which_a_report_asks(tables):
    whole = [row for row in counts_of_others(tables, PROTOCOL, PAIR) if not row["clinic"]]
    release = Release(frozenset(("", row_key(row["family"], row["labels"])) for row in whole))
    for name, table in tables_of(tables):
        assert not len(table) or release.besides(table, name)[""].all()
    printed_rows = Counter(OF_TABLE.get(name, name) for name, table in tables_of(tables) for _ in range(len(table)))
    assert printed_rows == Counter(row["family"] for row in whole)


def test_means_at_visits_are_of_the_whole_study_only(tables):
    table = trajectories(tables.assessments, tables.changes, PROTOCOL, "side")
    assert "" not in Release().besides(table, "trajectories")
    assert Release(clinic="C1").besides(table, "trajectories")[""].all()


def test_quartiles_and_readings_of_a_clinic_go_with_the_counts_that_they_print(tables):
    spread = distributions(tables.assessments, PROTOCOL)
    own = {"name": spread["measure"][0], "timepoint": spread["timepoint"][0]}
    release = Release(frozenset({("C1", row_key("completeness", own))}), clinic="C1")
    assert release.besides(spread, "distributions")[""].tolist() == [True, *[False] * (len(spread) - 1)]
    both = completeness_by_clinic(tables.changes, PROTOCOL, PAIR)
    first, measure = (str(both[name][0]) for name in ("clinic_id", "name"))
    release = Release(frozenset({(first, row_key("mean_changes", {"measure": measure}))}))
    expected = ((both["clinic_id"].astype("str") == first) & (both["name"] == measure)).tolist()
    assert release.besides(both, "completeness_by_clinic")[""].tolist() == expected


def test_where_no_clinic_is_recorded_the_whole_alone_is_counted(tmp_path):
    tables = analysed(made_up(tmp_path).assign(clinic_id=None))
    assert {row["clinic"] for row in counts_of_others(tables, PROTOCOL, PAIR)} == {""}
