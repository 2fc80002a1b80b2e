"""What reports print, counted for the whole study and every clinic at once, is what the table of each says."""

from itertools import product
from types import SimpleNamespace

import pandas as pd
import pytest

from analysis import compare_sides, load, rates
from analysis.answers.classes import care_shares, class_shares, compensation_shares, safety_counts
from analysis.answers.flow import flow, followed_up
from analysis.disclosure.other_tables import OTHER
from analysis.disclosure.people_in_groups import FIRM, RATES, SIDE_COUNTS
from analysis.disclosure.printed import _sides, printed_counts, row_key
from analysis.disclosure.sums import Row, sums_of
from analysis.hips.classify import baseline_hips
from analysis.pipeline import analyse, in_group
from analysis.protocol import builtin
from analysis.schema import OUTCOMES, SIDES
from tests_support import write_private

PROTOCOL = builtin()
WHEN, PRIMARY = PROTOCOL.primary_comparison, PROTOCOL.primary_response
LEAD = row_key("rates", {"response": PRIMARY, "comparison": WHEN})
OF_SHARES = ["n_patients", "n_hips", "n_known", "n_yes", "n_not_known", *RATES[5:]]


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """Sixty people in three clinics, treated by several stretches."""
    return analyse(load(write_private(tmp_path_factory.mktemp("cohort") / "study", 60, 2, clinics=3)))


@pytest.fixture(scope="module")
def printed(tables):
    return printed_counts(tables, PROTOCOL, WHEN)


def by_key(family, table, columns, by=(), **labels):
    """The counts of each row of a table, but those of nobody."""
    counts = table[columns].astype("float64").fillna(0).astype("int64").to_dict("records")
    about = [labels | dict(zip(by, row, strict=True)) for row in table[list(by)].itertuples(index=False)]
    keys = [row_key(family, each) for each in about]
    return {key: row for key, row in zip(keys, counts, strict=True) if any(row.values())}


# Of these rules none asks for a share of the first reading.
STEPS = [f"n_hips_lost_{step}" for step in ("start", "open", "end", "alike", "judged")]


def tables_of(part):
    responses, found = part.responses, {}
    dates = responses["date"].dt.to_period("Q").astype("str").where(responses["date"].notna())
    for response in PROTOCOL.responses:
        names = {"response": response, "comparison": WHEN}
        groups = [[], ["stretch_type"], ["side"], ["stretch_type", "side"]]
        groups += [["match"], ["match", "side"], ["stretch_given"], ["period"]] if response == PRIMARY else []
        for by in groups:
            found |= by_key("rates", rates(responses.assign(period=dates), by, **names), RATES, by, **names)
        for by in [[], ["stretch_type"]] if response == PRIMARY else [[]]:
            found |= by_key("sides", compare_sides(responses, by, **names), SIDE_COUNTS, by, **names)
    for other in PROTOCOL.comparisons:
        names = {"response": PRIMARY, "comparison": other}
        found |= by_key("rates", rates(responses, [], **names), RATES, **names)
    for family, table in {
        "classes": class_shares(part.classifications, PROTOCOL),
        "care": care_shares(part.care, part.classifications, PROTOCOL),
        "safety": safety_counts(part.care, PROTOCOL),
        "compensations": compensation_shares(baseline_hips(part.assessments, PROTOCOL), PROTOCOL),
        "followed_up": followed_up(part.changes, PROTOCOL),
    }.items():
        firm = FIRM if family == "classes" else []
        found |= by_key(family, table, [*OF_SHARES, *firm], ["answer"])
    steps = flow(part.assessments, responses, PROTOCOL, WHEN)
    last, lost = steps.iloc[-1], steps["n_hips_lost"].fillna(0).astype("int64").tolist()[-len(STEPS) :]
    found["flow"] = {"n_evaluable": last["n_hips"], "n_patients_evaluable": last["n_patients"]}
    found["flow"] |= dict(zip(STEPS, lost, strict=True)) | {"n_patients_behind": last["n_patients_behind"]}
    found["in_scope"] = {name: found[LEAD][name] for name in ("n_patients", "n_hips")}
    return found


@pytest.mark.parametrize("clinic", range(4))
def test_every_count_is_that_of_the_table(tables, printed, clinic):
    name = ["", *sorted(tables.assessments["clinic_id"].unique())][clinic]
    rows = printed[(printed["clinic"] == name) & ~printed["family"].isin(OTHER)]
    counts = rows.set_index("key")[
        [*dict.fromkeys([*RATES, *OF_SHARES, *FIRM, *SIDE_COUNTS, *STEPS, "n_patients_behind"])]
    ]
    found = {key: row.dropna().astype("int64").to_dict() for key, row in counts.iterrows()}
    expected = tables_of(in_group(tables, "clinic_id", name))
    assert {key: row for key, row in found.items() if any(row.values())} == expected
    assert clinic or sum(row.get("n_not_known", 0) for row in expected.values()) > 0


def test_further_tables_are_among_what_is_printed(printed):
    """Nobody was read twice, or rated the change."""
    assert set(OTHER) - set(printed["family"]) == {"agreement", "important_changes"}
    assert (printed["like"] == printed["key"].where(printed["family"] != "flow", LEAD)).all()


def test_where_no_clinic_is_recorded_the_whole_alone_is_counted(tables):
    blank = {name: table.assign(clinic_id=pd.NA) for name, table in vars(tables).items() if "clinic_id" in table}
    nowhere = type(tables)(**(vars(tables) | blank))
    assert set(printed_counts(nowhere, PROTOCOL, WHEN)["clinic"]) == {""}


@pytest.mark.parametrize("numbers", [(1, 7, 8, 9), (7, 1, 8, 9), (7, 8, 1, 9), (7, 8, 9, 1)])
def test_the_fewest_of_four_stand_behind_people_with_one_judged_hip(numbers):
    """Of left hips so many responded and did not, and so many of right ones."""
    kinds = zip(product(SIDES, OUTCOMES[:2]), numbers, strict=True)
    hips = [(f"{kind}{number}", *kind) for kind, many in kinds for number in range(many)]
    responses = pd.DataFrame(hips, columns=["patient_id", "side", "outcome"])
    responses = responses.assign(clinic_id="A", stretch_type="T1", episode="1", comparison=WHEN)
    responses["response"] = pd.Categorical([PRIMARY] * len(hips))
    row = next(_sides(SimpleNamespace(responses=responses), PROTOCOL, WHEN))
    assert (row["one_hip_left"], row["one_hip_right"]) == (sum(numbers[:2]), sum(numbers[2:]))
    assert row["one_hip_behind"] == 1


def test_a_year_is_no_part_of_the_whole_beside_its_quarters():
    """All 60 hips are of 2026: 40 of its first quarter, 20 of its second."""
    of = {"": 60, "2026Q1": 40, "2026Q2": 20, "2026": 60}
    rows = {}
    for place, within in enumerate(of):
        labels = {"within": within} if within else {}
        key = row_key("in_scope", labels)
        rows["", key] = Row("in_scope", key, labels, "", key, {"n_hips": place})
    assert [found.parts for found in sums_of(rows)] == [[1, 2], [3]]
