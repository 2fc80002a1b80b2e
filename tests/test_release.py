"""What a release withholds does not follow from what it prints."""

from functools import cache
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from analysis import compare_sides, rates
from analysis.disclosure import protect, sums
from analysis.disclosure.bounds import bounds
from analysis.disclosure.counted import Counted, Shown
from analysis.disclosure.people_in_groups import RATES, SIDE_COUNTS
from analysis.disclosure.plan import Release, counts_groups, plan
from analysis.disclosure.printed import ABOUT, _rates, _sides, row_key
from analysis.disclosure.release import withhold_more
from analysis.protocol import builtin
from analysis.protocol.policies import MINIMUM_PATIENTS
from analysis.schema import OUTCOMES, SIDES, ordered
from disclosure_attack import attack, told_by_releases

PROTOCOL = builtin()
TYPES = [*PROTOCOL.types, "not_restricted"]
COHORTS = [(20, 2, 1), (60, 3, 2), (90, 2, 8), (150, 4, 3)]


@cache
def cohort(patients, clinics, seed):
    """Responses of made-up people: two hips each, of a class that decides how many respond."""
    random = np.random.default_rng(seed)
    kind = random.integers(len(TYPES), size=patients)
    person = np.repeat(np.arange(patients), 2)
    answer = random.random(2 * patients)
    chance = np.array([0.5, 0.2, 0.4, 0.1])[kind[person]]
    outcome = np.where(answer > 0.92, OUTCOMES[2], np.where(answer < chance, OUTCOMES[0], OUTCOMES[1]))
    size = random.dirichlet(np.ones(clinics))
    rows = pd.DataFrame({"patient_id": person.astype(str), "side": np.tile(SIDES, patients), "outcome": outcome})
    rows["clinic_id"] = random.choice([f"C{n}" for n in range(clinics)], size=patients, p=size)[person]
    return rows.assign(
        side=rows["side"].astype(ordered(SIDES)),
        stretch_type=pd.Categorical(np.array(TYPES)[kind[person]], TYPES, ordered=True),
        response=pd.Categorical(["all"] * len(rows), ["all"]),
        comparison=pd.Categorical([PROTOCOL.primary_comparison] * len(rows), [PROTOCOL.primary_comparison]),
        reason="", has_start=True, has_end=True, comparable=True, chance=0.1,
        date=pd.NaT, episode="1",
    )  # fmt: skip


@cache
def release_of(*size):
    """What the reports of a cohort withhold together."""
    return released(cohort(*size))


def counts(responses):
    tables = SimpleNamespace(responses=responses)
    rows = [*_rates(tables, PROTOCOL, PROTOCOL.primary_comparison)]
    return pd.DataFrame([*rows, *_sides(tables, PROTOCOL, PROTOCOL.primary_comparison)])


def released(responses):
    return plan(counts(responses), PROTOCOL, PROTOCOL.primary_comparison, MINIMUM_PATIENTS)


@pytest.mark.parametrize("by", [[], ["stretch_type"], ["stretch_type", "side"]])
@pytest.mark.parametrize("clinics", [[], ["clinic_id"]])
def test_what_is_counted_of_a_release_is_what_the_tables_say(by, clinics):
    """Some people have no clinic recorded."""
    responses = cohort(60, 3, 2)
    responses = responses.assign(clinic_id=responses["clinic_id"].where(responses["clinic_id"] != "C0"))
    tables, when = SimpleNamespace(responses=responses), PROTOCOL.primary_comparison
    names = {"response": PROTOCOL.primary_response, "comparison": when}
    counted = [(RATES, rates, _rates)] + ([] if "side" in by else [(SIDE_COUNTS, compare_sides, _sides)])
    for columns, table_of, printed in counted:
        rows = [row for row in printed(tables, PROTOCOL, when) if {**row["labels"], **names} == row["labels"]]
        rows = [row for row in rows if set(row["labels"]) == {*names, *by} and bool(row["clinic"]) == bool(clinics)]
        table = table_of(responses, [*clinics, *by], **names)
        known = [name for name in columns if name in table]
        assert len(known) >= 7
        expected = table[known].astype("int64").to_numpy().tolist()
        assert [[row[name] for name in known] for row in rows if sum(row[name] for name in known)] == [
            numbers for numbers in expected if sum(numbers)
        ]


def reports(responses, release):
    """Every report's tables of rates, as they are shown and as they are."""
    printed, truth = [], []
    clinics = sorted(responses["clinic_id"].unique())
    for clinic in ["", *clinics]:
        rows = responses[responses["clinic_id"] == clinic] if clinic else responses
        for by in [[], ["stretch_type"], ["stretch_type", "side"], *([["clinic_id"]] if not clinic else [])]:
            table = rates(rows, by)
            besides = release.of(clinic).besides(table, "rates")
            people = rows["patient_id"].nunique()
            printed.append((clinic, protect(table, "rates", people=people, besides=besides)))
            truth.append((clinic, table))
    return printed, truth


def test_only_the_whole_study_shows_a_rate_per_person():
    for clinic, table in reports(cohort(150, 4, 3), release_of(150, 4, 3))[0]:
        whole = not clinic and not {"stretch_type", "clinic_id"} & set(table)
        assert table["rate_per_person"].notna().any() == whole


@pytest.mark.parametrize("size", COHORTS, ids=str)
def test_a_reader_of_all_reports_cannot_tell_a_withheld_count(size):
    found = attack(*reports(cohort(*size), release_of(*size)), MINIMUM_PATIENTS)
    assert found["withheld"] > 0
    assert (found["exact"], found["narrow"]) == (0, 0)


@pytest.mark.parametrize("seed", range(20))
def test_a_reader_of_all_releases_of_a_growing_study_can_tell_no_withheld_count(seed):
    """2 to 5 clinics, 15 to 60 people to whom 1 to 10 come once or twice; larger ones in `benchmarks/disclosure.py`."""
    random = np.random.default_rng(seed)
    size = random.integers(15, 60) + np.r_[0, random.integers(1, 11, 1 + seed % 2).cumsum()]
    responses, shown = cohort(size[-1], random.integers(2, 6), seed), []
    for people in size:
        came = counts(responses.iloc[: 2 * people]).reset_index(drop=True)
        release = plan(came, PROTOCOL, PROTOCOL.primary_comparison, MINIMUM_PATIENTS, shown)
        shown.append(Shown(came, release.rows, release.cells, f"{people} people"))
    withheld, told = told_by_releases(shown, release.lead, MINIMUM_PATIENTS)
    assert withheld > 500
    assert told == []


def test_what_few_people_stand_behind_follows_from_the_rest_where_nothing_more_is_withheld():
    responses = cohort(*COHORTS[3])
    assert attack(*reports(responses, Release()), MINIMUM_PATIENTS)["exact"] >= 4


def test_the_headline_is_never_withheld_for_another():
    for size in COHORTS:
        release = release_of(*size)
        assert ("", release.lead) not in release.rows
        assert not protect(rates(cohort(*size)))["suppressed"].any()


def test_a_class_and_a_clinic_of_all_hips_are_shown_as_the_headline_is():
    """Their numbers are those of the whole, so withholding them would tell nobody less. No right hip responds."""
    responses = cohort(60, 3, 2).assign(clinic_id="C0")
    left = (responses["side"] == "left") & (responses.index % 4 == 0)
    responses["outcome"] = np.where(left, *OUTCOMES[:2])
    kind = pd.Categorical([TYPES[0]] * len(responses), TYPES, ordered=True)
    release = released(responses.assign(stretch_type=kind))
    of_class = row_key("rates", {"response": "all", "comparison": PROTOCOL.primary_comparison, "stretch_type": "T1"})
    assert not {("", release.lead), ("C0", release.lead), ("", of_class), ("C0", of_class)} & release.rows


def test_nothing_is_withheld_for_another_that_need_not_be():
    """Shown again alone, each of these would tell a withheld count of few."""
    counted = Counted(counts(cohort(*COHORTS[3])), PROTOCOL, PROTOCOL.primary_comparison, MINIMUM_PATIENTS)
    system, few = counted.system, counted.hidden
    hidden, told = withhold_more(system, few, MINIMUM_PATIENTS)
    small = system.small & ~system.printed(few)
    more = np.flatnonzero(hidden & ~few)
    assert len(more) >= 5
    for unit in more:
        tried = hidden.copy()
        tried[unit] = False
        low, high = bounds(system.sums, system.value, system.printed(tried))
        assert (small & ((high - low < MINIMUM_PATIENTS) | (high < MINIMUM_PATIENTS))).sum() > told


def test_the_two_sides_of_all_hips_are_held_together():
    """The right hips of 40 people did not respond, so the left ones, with the whole, would tell it."""
    responses = cohort(60, 3, 2)
    outcome = responses["outcome"].where(responses["side"] == "left", OUTCOMES[1])
    release = released(responses.assign(outcome=outcome))
    names = {"response": "all", "comparison": PROTOCOL.primary_comparison}
    assert {("", row_key("rates", {**names, "side": side})) for side in SIDES} <= release.rows
    assert ("", release.lead) not in release.rows


@pytest.mark.parametrize(
    ("name", "labels", "withheld"),
    [
        ("confusion", {"stretch_type": ["T1", "T2"]}, [False, True]),
        ("gains_by_group", {"measure": ["slr_deg"] * 2, "stretch_type": ["T2", "T1"]}, [True, False]),
        ("criteria", {"response": ["all", "ir"]}, [False, True]),
        ("mean_changes", {"measure": ["slr_deg"]}, [False]),
        ("rates", {"response": ["all"], "comparison": ["immediate"], "stretch_type": ["T2"]}, [False]),
    ],
)
def test_a_table_that_is_not_counted_goes_with_its_class_or_its_rule(name, labels, withheld):
    """The class T2, the rule on internal rotation, and the size of clinic B are withheld."""
    lead = row_key("rates", {"response": "all", "comparison": "immediate"})
    rows = {("", "classes; answer=T2"), ("", lead.replace("=all", "=ir")), ("B", "in_scope")}
    release = Release(frozenset(rows), lead=lead)
    table = pd.DataFrame(labels)
    found = release.besides(table, name).get("", pd.Series([False] * len(table)))
    assert found.tolist() == withheld
    of_clinic = release.of("B").besides(table, name).get("", pd.Series([False] * len(table)))
    assert of_clinic.tolist() == [name != "rates"] * len(table)


@pytest.mark.parametrize(
    ("name", "by", "counted"),
    [
        ("rates", ["stretch_type", "side"], True),
        ("rates", ["clinic_id", "match", "side"], True),
        ("over_time", ["period"], True),
        ("rates", ["sex"], False),
        ("rates", ["match", "stretch_type"], False),
        ("sides", ["stretch_type"], True),
        ("sides", ["side"], False),
        ("gains_by_group", ["stretch_type"], True),
        ("gains_by_group", ["age"], False),
    ],
)
def test_groups_that_no_release_counts_are_shown_all_or_none(name, by, counted):
    table = pd.DataFrame({"n_patients_evaluable": [40, 9], "n_patients_with": [20, 6], "n_patients_without": [20, 3]})
    table = table.assign(n_evaluable=[60, 12], **dict.fromkeys(by, "x"))
    apart = not counts_groups(table, name, PROTOCOL)
    assert apart != counted
    shown = protect(table, "rates", by, all_or_none=apart)
    assert shown["suppressed"].tolist() == [apart, True]
    assert shown["n_evaluable"].notna().tolist() == [not apart, False]
    assert not protect(table[:1], "rates", by, all_or_none=apart)["suppressed"].any()


def test_a_group_tells_no_rate_per_person_and_of_no_claim_how_many():
    table, release = pd.DataFrame({"response": ["all"], "comparison": ["immediate"]}), Release(part="sex=female")
    assert release.besides(table, "rates")["rate_per_person"].all()
    assert release.besides(pd.DataFrame({"claim": ["first"]}), "claims")["n_patients"].all()
    assert Release().besides(table, "rates") == {}


def test_a_table_of_degrees_is_counted_with_those_of_the_clinics():
    """Of the hips of three clinics 30, 10 and 3 rose beyond error: the whole less two would tell the 3."""
    about, hips, rose = {"measure": "slr_deg"}, {"": 140, "A": 60, "B": 40, "C": 40}, {"": 43, "A": 30, "B": 10, "C": 3}
    key = row_key("mean_changes", about)
    rows = [["mean_changes", key, about, clinic, key, n // 2, n, rose[clinic], n // 3] for clinic, n in hips.items()]
    came = pd.DataFrame(rows, columns=[*ABOUT, "n_patients", "n_hips", "n_up", "n_down"])
    release = plan(came, PROTOCOL, PROTOCOL.primary_comparison, MINIMUM_PATIENTS)
    assert {cell for cell in release.cells if cell[2] == "n_up"} == {(clinic, key, "n_up") for clinic in "BC"}
    table = came[came["clinic"] == "B"].drop(columns=ABOUT).assign(measure="slr_deg")
    besides = release.of("B").besides(table, "mean_changes")
    assert protect(table, "mean_changes", besides=besides)["n_up"].isna().all()
    assert "n_up" not in release.of("A").besides(table, "mean_changes")


def test_how_firmly_a_class_holds_is_counted_with_that_of_the_clinics():
    """Of the hips of three clinics 30, 20 and 3 are definite: the whole less two would tell the 3."""
    about, definite = {"answer": "T1"}, {"": 53, "A": 30, "B": 20, "C": 3}
    key, rows = row_key("classes", about), []
    for clinic, n in definite.items():
        hips = {"": 170, "A": 60, "B": 60, "C": 50}[clinic]
        sizes = {"n_patients": hips, "n_hips": hips, "n_known": hips, "n_yes": hips // 2, "n_not_known": 0}
        with_it = {"n_patients_evaluable": hips, "n_patients_with": hips // 2, "n_patients_without": hips - hips // 2}
        firm = {"n_definite": n, "n_borderline": hips // 2 - n}
        place = {"family": "classes", "key": key, "labels": about, "clinic": clinic, "like": key}
        rows.append(place | sizes | with_it | firm)
    release = plan(pd.DataFrame(rows), PROTOCOL, PROTOCOL.primary_comparison, MINIMUM_PATIENTS)
    assert ("C", key, "n_definite") in release.cells
    assert len({clinic for clinic, _, column in release.cells if column == "n_definite"}) >= 2
    assert not release.rows


SHOWING = {"measure": PROTOCOL.asymmetry.measure, "comparison": PROTOCOL.primary_comparison, "quantity": "showing"}


def of_asymmetry(timepoint, showing):
    """Of clinics A, B and C how many people have less on the left at a visit."""
    about, rows = {"measure": PROTOCOL.asymmetry.measure, "timepoint": timepoint}, []
    key = row_key("asymmetry", about)
    for clinic, left in showing.items():
        n = 3 * max(left, 20)
        rows.append(["asymmetry", key, about, clinic, key, n, left, n - left - 10, 10, left + 5, left, left + 5])
    counts = ["n", "n_left_worse", "n_within_error", "n_right_worse", "n_any_left_worse", "n_showing", "n_showing_any"]
    return pd.DataFrame(rows, columns=[*ABOUT, *counts]).assign(n_patients=lambda table: table["n"])


@pytest.mark.parametrize(("timepoint", "withheld"), [("baseline", True), ("post", True), ("followup", False)])
def test_a_change_does_not_tell_how_many_show_the_pattern_at_a_visit_where_that_is_withheld(timepoint, withheld):
    came = of_asymmetry(timepoint, {"": 43, "A": 20, "B": 20, "C": 3})
    release = plan(came, PROTOCOL, PROTOCOL.primary_comparison, MINIMUM_PATIENTS)
    assert ("C", row_key("asymmetry", came["labels"][0]), "n_left_worse") in release.cells
    assert (("C", row_key("change_of_asymmetry", SHOWING)) in release.rows) == withheld
    assert ("C", row_key("change_of_asymmetry", SHOWING | {"quantity": "size"})) not in release.rows
    table = pd.DataFrame({**SHOWING, "n": 60, "n_behind": 20}, index=[0])
    besides = release.of("C").besides(table, "change_of_asymmetry")
    assert protect(table, "change_of_asymmetry", besides=besides)["suppressed"].tolist() == [withheld]


def test_who_was_seen_both_times_is_counted_with_the_clinics():
    """Of three clinics 30, 20 and 3 people were measured both times."""
    rows, key = [], row_key("change_of_asymmetry", SHOWING)
    for clinic, n in {"": 53, "A": 30, "B": 20, "C": 3}.items():
        rows.append(["change_of_asymmetry", key, SHOWING, clinic, key, n, n // 2, n // 2, n // 2])
    came = pd.DataFrame(rows, columns=[*ABOUT, "n", "n_before", "n_after", "n_behind"]).assign(n_patients=100)
    release = plan(came, PROTOCOL, PROTOCOL.primary_comparison, MINIMUM_PATIENTS)
    assert {clinic for clinic, of in release.rows if of == key} == {"B", "C"}


def test_a_number_that_an_earlier_version_did_not_keep_is_planned():
    new = of_asymmetry("baseline", {"": 60, "A": 30, "B": 30})
    old = Shown(new.drop(columns="n_within_error"), frozenset(), frozenset(), "2026-03-01")
    release = plan(new, PROTOCOL, PROTOCOL.primary_comparison, MINIMUM_PATIENTS, [old, Shown(new, *old[1:])])
    assert not release.rows


@pytest.mark.parametrize(("of_second", "withheld"), [(3, True), (30, False)])
def test_beside_a_class_of_few_one_of_nobody_is_withheld(of_second, withheld):
    """It would tell of which class the few are not."""
    names, rows = {"response": "all", "comparison": PROTOCOL.primary_comparison}, []
    for kind, hips in {"": 60 + of_second, "T1": 60, "T2": of_second, "T3": 0}.items():
        labels = names | ({"stretch_type": kind} if kind else {})
        key, responded = row_key("rates", labels), hips // 2
        sizes = [hips, hips, hips, responded, 0, hips, responded, hips - responded]  # one hip a person
        rows.append(["rates", key, labels, "", key, *sizes])
    release = plan(
        pd.DataFrame(rows, columns=[*ABOUT, *RATES]), PROTOCOL, PROTOCOL.primary_comparison, MINIMUM_PATIENTS
    )
    assert (("", rows[-1][1]) in release.rows) == withheld


def test_of_a_clinic_where_nobody_was_read_no_number_is_withheld():
    about, hips = {"measure": "slr_deg"}, {"": 120, "A": 60, "B": 60, "D": 0}
    key = row_key("mean_changes", about)
    rows = [["mean_changes", key, about, clinic, key, n // 2, n, n // 3, n // 3] for clinic, n in hips.items()]
    came = pd.DataFrame(rows, columns=[*ABOUT, "n_patients", "n_hips", "n_up", "n_down"])
    release = plan(came, PROTOCOL, PROTOCOL.primary_comparison, MINIMUM_PATIENTS)
    assert (release.rows, release.cells) == (set(), set())


@pytest.mark.parametrize(("name", "column"), [("claims", "n_first"), ("adjusted_gains", "n_patients_reference")])
def test_whom_a_clinic_compares_is_shown_for_the_whole_only(name, column):
    table = pd.DataFrame({"claim": ["a"], "measure": ["slr_deg"], column: [20]})
    assert Release().besides(table, name) == {}
    assert Release().of("B").besides(table, name)[column].tolist() == [True]


def test_left_against_right_waits_where_it_would_tell_people_with_one_judged_hip():
    """With the judged hips of the whole, which are shown, so many pairs leave exactly 4 people with one."""
    released_together = [release_of(*size) for size in COHORTS]
    assert [release.told for release in released_together] == [0, 0, 0, 0]
    assert ("", released_together[2].lead.replace("rates", "sides")) in released_together[2].rows


def test_a_report_made_alone_withholds_what_it_would_among_others():
    """The plan is that of all clinics, whichever reports are asked for, and does not hang on the order of rows."""
    shuffled = cohort(*COHORTS[0]).sample(frac=1, random_state=1).reset_index(drop=True)
    assert released(shuffled) == release_of(*COHORTS[0])


def test_the_attacker_finds_what_a_plan_forgets(monkeypatch):
    monkeypatch.setattr(sums, "_over_groups", lambda rows: [])
    responses = cohort(*COHORTS[1])
    assert attack(*reports(responses, released(responses)), MINIMUM_PATIENTS)["narrow"] > 0
