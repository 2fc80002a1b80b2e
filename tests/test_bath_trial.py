"""The Bath trial: what is published of the file, recomputed from the tables of this program.

Sources: data/raw/bath-hips/SOURCE.md; Bulstrode et al. 1987, data in Chatfield 1995; the mixed model is the
`change ~ treatment` of R's nlme and lme4 on the same 78 rows.
"""

import json
import sys

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats

from analysis import analyse, compare_sides, load, rates
from analysis.cli import main


@pytest.fixture(scope="module")
def folder(repository):
    return repository / "data" / "raw" / "bath-hips"


@pytest.fixture(scope="module")
def tables(folder):
    return analyse(load(folder))


@pytest.fixture(scope="module")
def gains(tables):
    """One row per hip: arm, person and the change in rotation, in degrees."""
    return tables.changes.rename(columns={"hip_rotation_deg_change": "gain"})[["arm", "patient_id", "side", "gain"]]


@pytest.fixture(scope="module")
def people(gains):
    """One row per person: the mean and the variance of the two hips."""
    table = gains.groupby(["arm", "patient_id"], observed=True)["gain"]
    return table.agg(["mean", "var"]).reset_index()


def test_every_hip_of_everybody_is_read(tables):
    counts = tables.assessments.groupby(["arm", "timepoint"], observed=True)["patient_id"].agg(["size", "nunique"])
    assert counts.values.tolist() == [[24, 12], [24, 12], [54, 27], [54, 27]]


def test_the_mean_change_of_a_person_by_arm(people):
    arms = people.groupby("arm", observed=True)["mean"]
    assert arms.mean().tolist() == pytest.approx([0.9583, 6.5926], abs=5e-5)
    assert arms.std().tolist() == pytest.approx([4.619, 5.803], abs=5e-4)
    assert arms.size().tolist() == [12, 27]


def test_the_t_test_between_the_arms(people):
    treated, control = (people.loc[people["arm"] == arm, "mean"] for arm in ("treatment", "control"))
    result = stats.ttest_ind(treated, control)
    assert result.df == 37
    assert result.statistic == pytest.approx(2.965, abs=5e-4)
    assert result.pvalue == pytest.approx(0.00528, abs=5e-6)


def test_the_mixed_model_in_closed_form(people):
    """With two hips of everybody REML is analysis of variance of person means: SE² = MS between / (2·people)."""
    arms = people.groupby("arm", observed=True)
    between = 2 * ((arms["mean"].var() * (arms.size() - 1)).sum() / (len(people) - 2))
    size = arms.size()
    effect = arms["mean"].mean()["treatment"] - arms["mean"].mean()["control"]
    assert effect == pytest.approx(5.6343, abs=5e-5)
    assert np.sqrt(between / 2 / size["control"]) == pytest.approx(1.5813, abs=5e-5)
    assert np.sqrt(between / 2 * (1 / size).sum()) == pytest.approx(1.9005, abs=5e-5)


def test_the_correlation_of_the_two_hips(people):
    """The published .693 is that of all 39 people, arms taken together; within arms it is .641."""
    within, arms = people["var"].mean(), people.groupby("arm", observed=True)["mean"]
    of_all, of_arms = 2 * people["mean"].var(), 2 * (arms.var() * (arms.size() - 1)).sum() / 37
    correlations = [(between - within) / (between + within) for between in (of_all, of_arms)]
    assert correlations == pytest.approx([0.693, 0.641], abs=5e-4)


def test_the_mixed_model_fitted(gains):
    data = gains.assign(treated=(gains["arm"] == "treatment").astype(int))
    fit = smf.mixedlm("gain ~ treated", data, groups=data["patient_id"]).fit(reml=True)
    assert fit.converged
    assert fit.fe_params.tolist() == pytest.approx([0.9583, 5.6343], abs=5e-5)
    assert fit.bse_fe.tolist() == pytest.approx([1.5813, 1.9005], abs=5e-5)
    person, error = fit.cov_re.iloc[0, 0], fit.scale
    assert person / (person + error) == pytest.approx(0.641, abs=5e-4)


RATES = {
    ("control", "left"): (1, 12),
    ("control", "right"): (3, 12),
    ("treatment", "left"): (12, 27),
    ("treatment", "right"): (18, 27),
}
PAIRED = {
    "control": {"both": 1, "left_only": 0, "right_only": 2, "neither": 9, "n": 12},
    "treatment": {"both": 11, "left_only": 1, "right_only": 7, "neither": 8, "n": 27},
}


def test_hips_that_gained_five_degrees(tables):
    table = rates(tables.responses, by=["arm", "side"], response="rotation")
    counted = table.set_index(["arm", "side"])[["n_responders", "n_evaluable"]]
    assert {key: tuple(row) for key, row in zip(counted.index, counted.values.tolist(), strict=True)} == RATES
    assert table["rate"].tolist() == [1 / 12, 3 / 12, 12 / 27, 18 / 27]
    assert (table["n_patients"] == table["n_hips"]).all()


def test_both_hips_of_a_person_are_one_person_in_the_whole(tables):
    row = rates(tables.responses, response="rotation").iloc[0]
    assert row[["n_patients", "n_hips", "n_responders"]].tolist() == [39, 78, 34]


def test_the_paired_tables(tables):
    table = compare_sides(tables.responses, by=["arm"], response="rotation").set_index("arm")
    for arm, cells in PAIRED.items():
        assert table.loc[arm, list(cells)].to_dict() == cells
        assert table.loc[arm, "difference"] == pytest.approx((cells["left_only"] - cells["right_only"]) / cells["n"])


def test_mcnemar_by_hand(tables):
    """Control: 2·1/2² = .5. Treatment: 1 and 7 of 8 discordant, 2·(1 + 8)/2⁸ = .0703; mid-p less 8/2⁸ = .0391."""
    table = compare_sides(tables.responses, by=["arm"], response="rotation").set_index("arm")
    assert table["p_exact"].tolist() == pytest.approx([0.5, 18 / 256])
    assert table["p_midp"].tolist() == pytest.approx([0.25, 10 / 256])


def _json(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["capsule", *map(str, arguments), "--json", "-"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    return json.loads(capsys.readouterr().out)


def test_rates_on_the_command_line(monkeypatch, capsys, folder):
    document = _json(monkeypatch, capsys, "rates", folder, "--by", "arm,side", "--response", "rotation")
    found = {(row["arm"], row["side"]): (row["n_responders"], row["n_evaluable"]) for row in document["rates"]}
    assert found == RATES
    assert document["provenance"]["synthetic"] is False


def test_sides_on_the_command_line(monkeypatch, capsys, folder):
    document = _json(monkeypatch, capsys, "sides", folder, "--by", "arm")
    assert {group["arm"]: group["paired"] for group in document["groups"]} == PAIRED
    assert document["paired"] == {"both": 12, "left_only": 1, "right_only": 9, "neither": 17, "n": 39}
    baseline = document["asymmetry"][0]
    assert [baseline["timepoint"], baseline["n"]] == ["baseline", 39]


def test_the_asymmetry_is_that_of_the_file(folder, monkeypatch, capsys):
    """Left minus right rotation before, straight from the file."""
    hips = pd.read_csv(folder / "hips.csv").pivot(index="person", columns="side", values="rbef")
    document = _json(monkeypatch, capsys, "sides", folder)
    assert document["asymmetry"][0]["mean_difference"] == pytest.approx((hips["left"] - hips["right"]).mean())
