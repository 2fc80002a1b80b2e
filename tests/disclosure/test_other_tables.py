"""The counts of further tables, of the whole and of every clinic at once, are those that the tables print."""

import numpy as np
import pandas as pd
import pytest

from analysis import load
from analysis.answers.asymmetry import asymmetry
from analysis.answers.change_of_asymmetry import change_of_asymmetry
from analysis.answers.classes import settled_by
from analysis.answers.degrees import mean_changes
from analysis.answers.quality import completeness
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


def tables_of(tables):
    return {
        "mean_changes": mean_changes(tables.changes, PROTOCOL, PAIR),
        "asymmetry": asymmetry(tables.assessments, PROTOCOL),
        "change_of_asymmetry": change_of_asymmetry(tables.assessments, PROTOCOL, PAIR),
        "completeness": completeness(tables.assessments, PROTOCOL),
        "settled_by": settled_by(tables.classifications),
    }


def made_up(folder, seed=0):
    """The visits of forty people in three clinics."""
    return load(write_private(folder / "study", 40, seed, clinics=3)).assessments.astype({"clinic_id": "object"})


@pytest.fixture(scope="module", params=range(3))
def tables(request, tmp_path_factory):
    """People of whom some come back, go elsewhere with one hip or at one visit, or were seen nobody knows where."""
    random, visits = np.random.default_rng(request.param), made_up(tmp_path_factory.mktemp("cohort"), request.param)
    again = visits[random.random(len(visits)) < 0.3].assign(episode="2")
    visits = pd.concat([visits.assign(episode="10"), again], ignore_index=True)
    visits["clinic_id"] = visits["clinic_id"].mask(random.random(len(visits)) < 0.2, "C" + visits["episode"])
    visits["clinic_id"] = visits["clinic_id"].mask(random.random(len(visits)) < 0.1)
    visits["hip_er_deg"] = visits["hip_er_deg"].mask(visits["clinic_id"] == "C2")  # not asked there
    return analysed(visits)


def printed(family, table):
    """The labels and counts of a table, row by row."""
    roles = declared(family, table.columns)
    labels = table[[name for name, role in roles.items() if role.role == "label"]].to_dict("records")
    counts = table[[name for name, role in roles.items() if role.counts]].fillna(0).astype("int64").to_dict("records")
    return list(zip(labels, counts, strict=True))


def test_the_counts_of_other_tables_are_those_of_the_tables_of_each_clinic(tables):
    found = list(counts_of_others(tables, PROTOCOL, PAIR))
    clinics = sorted(tables.assessments["clinic_id"].dropna().unique())
    expected = [
        {"family": family, "labels": labels, "clinic": clinic, **counts}
        for clinic in ["", *clinics]
        for family, table in tables_of(in_group(tables, "clinic_id", clinic)).items()
        for labels, counts in printed(family, table)
    ]
    assert found == expected
    assert {row["family"] for row in found} == set(OTHER)


def test_the_counts_of_other_tables_have_the_keys_by_which_a_report_asks(tables):
    whole = [row for row in counts_of_others(tables, PROTOCOL, PAIR) if not row["clinic"]]
    release = Release(frozenset(("", row_key(row["family"], row["labels"])) for row in whole))
    for name, table in tables_of(tables).items():
        assert release.besides(table, name)[""].all()
        assert len(table) == sum(row["family"] == name for row in whole)


def test_where_no_clinic_is_recorded_the_whole_alone_is_counted(tmp_path):
    tables = analysed(made_up(tmp_path).assign(clinic_id=None))
    assert {row["clinic"] for row in counts_of_others(tables, PROTOCOL, PAIR)} == {""}
