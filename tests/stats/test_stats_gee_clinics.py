import math

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from analysis.stats.gee import gee_difference
from gee_matrices import written_out


def cohort(n_clinics, seed, share_both=0.7):
    """Outcome, side, person and clinic; people of a clinic, and hips of a person, are alike."""
    rng = np.random.default_rng(seed)
    hips, person = [], 0
    for clinic in range(n_clinics):
        of_clinic = rng.normal()
        for _ in range(rng.integers(3, 9)):
            person += 1
            tendency = of_clinic + rng.normal()
            sides = (1, 0) if rng.random() < share_both else (rng.integers(2),)
            hips += [(tendency + rng.normal() > 0.4 * side, side, person, clinic) for side in sides]
    return tuple(np.array(column, dtype=int) for column in zip(*hips, strict=True))


def holds_to(result, expected, rel=1e-7):
    """Whether a result has the limits and the p-value of the matrices written out."""
    difference, log_odds_ratio = expected["difference"], expected["log_odds_ratio"]
    assert result.difference == pytest.approx(difference.estimate, rel=rel)
    assert result.difference_interval == pytest.approx(difference.limits(), rel=rel)
    assert np.log(result.odds_ratio_interval) == pytest.approx(log_odds_ratio.limits(), rel=rel)
    assert result.p_value == pytest.approx(difference.p_value, rel=rel)


@pytest.mark.parametrize("seed", range(3))
def test_by_clinic_it_is_mancl_and_derouen_with_satterthwaite_written_out(seed):
    outcome, left, person, clinic = cohort(12, seed)
    result = gee_difference(outcome, left, person, clinic=clinic)
    assert (result.reason, result.clustered_by) == ("", "clinic")
    expected = written_out(outcome, left, person, clinic, result.correlation)
    holds_to(result, expected)


@pytest.mark.parametrize("seed", range(3))
def test_by_person_it_is_mancl_and_derouen_with_satterthwaite_written_out(seed):
    outcome, left, person, _ = cohort(6, seed)
    result = gee_difference(outcome, left, person)
    assert result.reason == ""
    holds_to(result, written_out(outcome, left, person, person, result.correlation))


def test_the_more_unequal_the_clinics_the_wider_the_interval():
    # Half of all hips in one clinic of ten tell less than the same hips spread evenly.
    rng = np.random.default_rng(1)
    outcome, left, person = rng.integers(0, 2, 180), np.tile([1, 0], 90), np.repeat(np.arange(90), 2)
    even, uneven = person // 9, np.where(person < 45, 0, 1 + (person - 45) // 5)
    found = [written_out(outcome, left, person, clinic, 0.0)["difference"] for clinic in (even, uneven)]
    assert found[0].degrees_of_freedom == 8
    assert found[1].degrees_of_freedom < 4


def test_without_pairs_it_is_statsmodels_with_independence():
    outcome, left, person, clinic = cohort(15, seed=5, share_both=0)
    result = gee_difference(outcome, left, person, clinic=clinic)
    model = sm.GEE(outcome, sm.add_constant(left), groups=clinic, family=sm.families.Binomial())
    fitted = model.fit(cov_type="bias_reduced")
    degrees = written_out(outcome, left, person, clinic, 0.0)["log_odds_ratio"].degrees_of_freedom
    t = stats.t.ppf(0.975, degrees)
    assert math.log(result.odds_ratio) == pytest.approx(fitted.params[1], abs=1e-7)
    assert math.log(result.odds_ratio_interval.low) == pytest.approx(fitted.params[1] - t * fitted.bse[1], abs=1e-6)


def test_five_clinics_are_enough_to_cluster_by():
    outcome, left, person, clinic = cohort(5, seed=2)
    assert gee_difference(outcome, left, person, clinic=clinic).clustered_by == "clinic"


def test_four_clinics_are_too_few_to_cluster_by():
    outcome, left, person, clinic = cohort(4, seed=2)
    result = gee_difference(outcome, left, person, clinic=clinic)
    assert result.clustered_by == "person"
    assert result == gee_difference(outcome, left, person)


def test_a_person_seen_in_two_clinics_counts_with_the_first():
    outcome, left, person, clinic = cohort(12, seed=3)
    moved = clinic.copy()
    moved[np.flatnonzero(person == person[0])[-1:]] = 11
    assert np.sum(person == person[0]) == 2
    assert gee_difference(outcome, left, person, clinic=moved) == gee_difference(outcome, left, person, clinic=clinic)


@pytest.mark.parametrize("missing", [None, math.nan])
def test_people_without_a_clinic_are_together_one_more(missing):
    outcome, left, person, clinic = cohort(12, seed=3)
    names = np.array([f"clinic {number}" for number in clinic], dtype=object)
    names[np.isin(clinic, (3, 7))] = missing
    merged = np.where(clinic == 7, 3, clinic)
    result = gee_difference(outcome, left, person, clinic=names)
    assert result.clustered_by == "clinic"
    assert result.difference_interval == pytest.approx(
        gee_difference(outcome, left, person, clinic=merged).difference_interval
    )


def test_a_side_seen_in_one_clinic_only_is_not_estimable():
    outcome, left, person, clinic = cohort(12, seed=3, share_both=0)
    left = (clinic == 4).astype(int)
    outcome[np.flatnonzero(left)[:2]] = 0, 1
    result = gee_difference(outcome, left, person, clinic=clinic)
    assert result.reason == "only one clinic has left hips"
    assert math.isnan(result.p_value)


def test_clinics_of_other_hips_are_refused():
    with pytest.raises(ValueError, match="need one clinic per value"):
        gee_difference([1, 0, 1], [1, 0, 1], [1, 1, 2], clinic=[1, 1])
