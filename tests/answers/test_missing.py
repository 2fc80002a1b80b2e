"""Missing outcomes lie between the bounds; filled in they undo a loss that hips like them explain."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from analysis import rates
from analysis.answers.missing import TILTS, alike_in, tilted_rates
from analysis.disclosure import protect
from analysis.hips.judge import ALREADY
from analysis.protocol import builtin
from analysis.report import open_report
from analysis.schema import PAIR
from analysis.simulate import simulate
from analysis.simulate import write_study as write_cohort
from analysis.stats.proportions import clustered_wilson
from tests_support import ROOT, bath, small_study

IMPUTED = ["imputed", "imputed_low", "imputed_high"]


@pytest.fixture(scope="module")
def demo():
    return open_report(ROOT / "data/raw/demo")


def tilted(report, by=(), response=None, responses=None, **more):
    rows = report._tables.responses if responses is None else responses
    table = rates(rows, by, response, report.comparison)
    return tilted_rates(table, rows, report._tables.changes, report.protocol, by, **more)


def known(report, response):
    """The judged hips under one rule, with their first reading of internal rotation."""
    rows = report._tables.responses
    wanted = (rows["response"] == response) & (rows["comparison"] == report.comparison)
    rows = rows[wanted & (rows["outcome"] != "not_evaluable")].reset_index(drop=True)
    first = rows.merge(report._tables.changes[[*PAIR, "hip_ir_deg_before"]], on=PAIR)["hip_ir_deg_before"]
    return rows, first.astype("float64").to_numpy()


def hidden(rows, hide):
    """The same hips had some of them not been seen again."""
    outcome, reason = rows["outcome"].mask(hide, "not_evaluable"), rows["reason"].mask(hide, "no later visit")
    return rows.assign(outcome=outcome, reason=reason)


@pytest.mark.parametrize("response", ["all", "ir", "ober"])
def test_far_tilts_are_the_bounds_of_the_rates_table(demo, response):
    found = tilted(demo, ["stretch_type", "side"], response, tilts=[-60, 60])
    table = rates(demo._tables.responses, ["stretch_type", "side"], response, demo.comparison)
    judged = (table["n_evaluable"] > 0).to_numpy()
    for tilt, bound in ((-60, "rate_if_none"), (60, "rate_if_all")):
        rows = found[found["tilt"] == tilt]
        assert rows["n_missing"].tolist() == table["n_missing"].tolist()
        assert rows["imputed"].to_numpy()[judged] == pytest.approx(table[bound].to_numpy()[judged])


def test_the_rate_rises_with_the_tilt_and_each_row_is_that_of_its_tilt_alone(demo):
    found = tilted(demo, ["side"], "ir")
    assert found["tilt"].tolist() == [*TILTS, *TILTS]
    assert found.groupby("side", observed=True)["imputed"].apply(lambda rate: rate.is_monotonic_increasing).all()
    alone = tilted(demo, ["side"], "ir", tilts=[0.5])
    assert alone[IMPUTED].to_numpy() == pytest.approx(found.loc[found["tilt"] == 0.5, IMPUTED].to_numpy())


def test_outcomes_lost_for_a_reason_that_first_reading_and_match_tell_are_made_good(demo):
    rows, first = known(demo, "ir")
    truth = (rows["outcome"] == "responder").mean()
    likelier = (first < np.median(first)) | (rows["match"] == "matched").to_numpy(dtype=bool, na_value=False)
    seen, filled = [], []
    for seed in range(6):
        hide = np.random.default_rng(seed).random(len(rows)) < np.where(likelier, 0.5, 0.05)
        found = tilted(demo, (), "ir", hidden(rows, hide), tilts=[0]).iloc[0]
        assert found["imputed_low"] < truth < found["imputed_high"]
        seen.append(found["rate"] - truth)
        filled.append(found["imputed"] - truth)
    assert np.mean(seen) < -0.03
    assert abs(np.mean(filled)) < 0.01


def test_the_rate_is_that_of_a_logistic_regression_of_statsmodels(demo):
    rows, first = known(demo, "ir")
    hide = np.random.default_rng(1).random(len(rows)) < np.where(first < np.median(first), 0.6, 0.05)
    yes = (rows["outcome"] == "responder").to_numpy(dtype=float)
    seen = pd.Series(np.where(hide, np.nan, yes))
    person = rows["patient_id"]
    others = seen.groupby(person).transform("count") - seen.notna()
    answers = seen.groupby(person).transform("sum") - seen.fillna(0)
    design = pd.concat(
        [
            pd.Series(first, name="first"),
            (rows["side"] == "left").rename("left"),
            pd.get_dummies(rows["stretch_type"], drop_first=True),
            pd.get_dummies(rows["match"]),
            (others > 0).rename("other"),
            (answers / others.where(others > 0, 1)).rename("share"),
        ],
        axis=1,
    ).astype(float)
    fit = sm.Logit(seen[~hide], sm.add_constant(design)[~hide]).fit(disp=0)
    expected = np.where(hide, fit.predict(sm.add_constant(design)), yes).mean()
    found = tilted(demo, (), "ir", hidden(rows, hide), tilts=[0]).iloc[0]
    assert found["n_missing"] == hide.sum()
    assert found["imputed"] == pytest.approx(expected, abs=0.01)
    assert abs(found["rate"] - expected) > 0.03


def test_hips_without_room_to_improve_are_no_part_of_it(demo):
    rows, _ = known(demo, "ober")
    stuck = hidden(rows, np.arange(len(rows)) < 100)
    found = tilted(demo, (), "ober", stuck.assign(reason=stuck["reason"].replace("no later visit", ALREADY))).iloc[2]
    assert found["n_missing"] == 0
    assert found["imputed"] == found["rate"] == (rows["outcome"][100:] == "responder").mean()


def test_nothing_missing_leaves_everything_as_it_is():
    report = bath()
    found, table = tilted(report, ["arm"]), rates(report._tables.responses, ["arm"])
    for arm, rows in found.groupby("arm", observed=True):
        own = table[table["arm"] == arm].iloc[0]
        for name, value in (("imputed", "rate"), ("imputed_low", "ci_low"), ("imputed_high", "ci_high")):
            assert rows[name].tolist() == pytest.approx([own[value]] * 5)
        assert set(rows["imputed_against_chance"]) == {own["against_chance"]}
    assert found[["turns_below", "turns_above"]].isna().all(axis=None)
    assert set(found["missing_share"]) == {0}


def turning(demo):
    """A rate whose verdict hangs on the missing: 40 % of 100 hips responded by a chance of 25 %, 60 are missing."""
    rows, _ = known(demo, "ir")
    yes, no = (rows[rows["outcome"] == word] for word in ("responder", "non_responder"))
    hips = pd.concat([yes[:64], no[:96]]).assign(chance=0.25)
    return hidden(hips, np.isin(np.arange(160), [*range(24), *range(64, 100)]))


def test_the_verdict_turns_where_it_says(demo):
    hips = turning(demo)
    row = tilted(demo, (), "ir", hips).iloc[0]
    assert row["against_chance"] == "more than chance"
    assert row["turns_below"] < 0
    assert pd.isna(row["turns_above"])
    at, before = row["turns_below"], row["turns_below"] + 0.1
    verdicts = tilted(demo, (), "ir", hips, tilts=[at, before])["imputed_against_chance"]
    assert verdicts.tolist() == ["depends on the measurement error", "more than chance"]


def test_a_verdict_that_is_not_known_does_not_turn(demo):
    row = tilted(demo, (), "ir", turning(demo).assign(chance=np.nan)).iloc[0]
    assert row["imputed_against_chance"] == "not known"
    assert row[["turns_below", "turns_above"]].isna().all()


def test_two_hips_of_a_person_are_no_two_people(demo):
    """Every person doubled into one of four hips: as many hips again, yet no more people to learn from."""
    rows, _ = known(demo, "ir")
    hide = np.random.default_rng(2).random(len(rows)) < 0.2
    twice = pd.concat([rows, rows.assign(episode="2")])
    changes = demo._tables.changes
    both = pd.concat([changes, changes.assign(episode="2")])
    alone = tilted(demo, (), "ir", hidden(rows, hide), tilts=[0]).iloc[0]
    missing = hidden(twice, np.concatenate([hide, hide]))
    table = rates(missing, (), "ir", demo.comparison)
    doubled = tilted_rates(table, missing, both, demo.protocol, tilts=[0]).iloc[0]
    width, of_doubled = (row["imputed_high"] - row["imputed_low"] for row in (alone, doubled))
    assert of_doubled > 0.9 * width


def test_a_group_of_which_no_hip_was_judged_has_no_rate(demo):
    rows, _ = known(demo, "ir")
    left = (rows["side"] == "left").to_numpy()
    found = tilted(demo, ["side"], "ir", hidden(rows, left)).set_index("side")
    assert set(found.loc["left", "not_estimable"]) == {"no hip was judged"}
    assert found.loc["left", IMPUTED].isna().all(axis=None)
    assert set(found.loc["right", "not_estimable"]) == {""}


def test_judged_hips_that_all_answer_alike_tell_nothing_of_the_missing(demo):
    rows, _ = known(demo, "ir")
    alike = rows[rows["outcome"] == "responder"]
    row = tilted(demo, (), "ir", hidden(alike, np.arange(len(alike)) < 10)).iloc[0]
    assert "do not show both outcomes" in row["not_estimable"]
    assert row[IMPUTED].isna().all()
    assert row["rate_if_none"] < row["rate"] == row["rate_if_all"]


def test_the_same_tables_give_the_same_numbers(demo):
    pd.testing.assert_frame_equal(tilted(demo, ["side"]), tilted(demo, ["side"]))


def test_an_empty_table_stays_empty(demo):
    none = demo._tables.responses.iloc[:0]
    assert len(tilted(demo, ["clinic_id"], None, none)) == 0
    row = tilted(demo, (), None, none).iloc[0]
    assert (row["n_missing"], row["not_estimable"]) == (0, "no hip was judged")


def test_few_missing_are_withheld_with_all_that_follows_from_them(demo):
    rows, _ = known(demo, "ir")
    shown = protect(tilted(demo, (), "ir", hidden(rows, np.arange(len(rows)) < 8)), "missing_outcomes")
    assert not shown["suppressed"].any()
    names = [*IMPUTED, "n_missing", "rate_if_none", "missing_share", "turns_below", "imputed_against_chance"]
    assert shown[names].isna().all(axis=None)
    assert shown["rate"].notna().all()
    enough = protect(tilted(demo, (), "ir", hidden(rows, np.arange(len(rows)) < 9)), "missing_outcomes")
    assert enough[IMPUTED].notna().all(axis=None)


def test_few_people_are_withheld_altogether():
    shown = small_study(4).tilted_rates()
    assert shown["suppressed"].all()
    assert shown[["rate", "imputed", "n_missing"]].isna().all(axis=None)


def test_any_cohort_has_an_answer_or_a_reason(tmp_path):
    for seed in (0, 2):
        write_cohort(simulate(6, seed), tmp_path / str(seed), "Six people")
        report = open_report(tmp_path / str(seed))
        found = report.tilted_rates_of_each_test(report.groups)
        assert (found["imputed"].notna() == (found["not_estimable"] == "")).all()


def test_what_makes_hips_alike_is_said():
    assert alike_in(builtin())[2:5] == ["class", "clinic where it is recorded", "whether the stretch matched"]
    assert alike_in(bath().protocol) == [
        "first readings",
        "side",
        "arm",
        "clinic where it is recorded",
        "the person's other hip",
    ]


def test_the_interval_is_that_of_the_rate_once_nothing_is_missing(demo):
    rows, _ = known(demo, "ir")
    row = tilted(demo, (), "ir", rows, tilts=[0]).iloc[0]
    assert row["clustered_by"] == "clinic"
    assert (row["imputed_low"], row["imputed_high"]) == pytest.approx((row["ci_low"], row["ci_high"]))
    row = tilted(demo, (), "ir", rows.assign(clinic_id=None), tilts=[0]).iloc[0]
    people = (rows["outcome"] == "responder").groupby(rows["patient_id"]).agg(["sum", "count"])
    assert (row["imputed_low"], row["imputed_high"]) == pytest.approx(clustered_wilson(people["sum"], people["count"]))


def test_outcomes_lost_by_clinic_are_made_good(demo):
    """The clinic to which four of five responders went loses half of its hips, the other one in twenty."""
    rows, _ = known(demo, "ir")
    yes = (rows["outcome"] == "responder").to_numpy()
    rng = np.random.default_rng(1)
    well = rng.random(len(rows)) < np.where(yes, 0.8, 0.2)
    rows = rows.assign(clinic_id=np.where(well, "P", "Q"))
    hide = rng.random(len(rows)) < np.where(well, 0.5, 0.05)
    found = tilted(demo, (), "ir", hidden(rows, hide), tilts=[0]).iloc[0]
    assert yes.mean() - found["rate"] > 0.06
    assert abs(found["imputed"] - yes.mean()) < 0.02
