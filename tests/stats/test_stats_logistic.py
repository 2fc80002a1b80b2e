import numpy as np
import pytest
import statsmodels.api as sm

from analysis.stats.logistic import fit_logistic


def one_fit(design, outcome, weights=None, precision=0.0):
    weights = np.ones(len(outcome)) if weights is None else weights
    (coefficients,), (reason,) = fit_logistic(design, outcome, weights[None], precision)
    assert not reason
    return coefficients


@pytest.mark.parametrize("seed", range(4))
def test_agrees_with_statsmodels(seed):
    rng = np.random.default_rng(seed)
    design = np.column_stack([np.ones(120), rng.normal(size=(120, 2))])
    outcome = (rng.random(120) < 1 / (1 + np.exp(-design @ [0.3, 1.0, -0.5]))).astype(float)
    weights = rng.integers(0, 3, 120).astype(float)
    expected = sm.GLM(outcome, design, family=sm.families.Binomial(), freq_weights=weights).fit(tol=1e-12)
    assert one_fit(design, outcome, weights) == pytest.approx(expected.params, abs=1e-8)


def test_without_covariates_it_is_the_log_odds():
    assert one_fit(np.ones((4, 1)), np.array([1.0, 1, 1, 0])) == pytest.approx([np.log(3)])


@pytest.mark.parametrize(
    ("design", "outcome", "reason"),
    [
        ([[1, 0], [1, 1], [1, 2], [1, 3]], [0, 0, 1, 1], "did alike"),
        ([[1, 1], [1, 1], [1, 1]], [0, 1, 1], "determine each other"),
        ([[1], [1]], [1, 1], "did alike"),
    ],
)
def test_no_finite_answer_says_why(design, outcome, reason):
    coefficients, said = fit_logistic(np.array(design, float), np.array(outcome, float), np.ones((1, len(outcome))))
    assert reason in said[0]
    assert np.isnan(coefficients).all()


def test_each_row_of_weights_has_its_own_fit_or_reason():
    design, outcome = np.column_stack([np.ones(6), [0, 0, 0, 1, 1, 1]]), np.array([1.0, 0, 0, 1, 1, 0])
    weights = np.array([[1.0, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 0], [1, 1, 2, 1, 1, 1], [1, 1, 1, 0, 0, 0]])
    coefficients, reason = fit_logistic(design, outcome, weights)
    # The log odds of the first three and of the others: 1 of 3 and 2 of 3, then 1 of 4 and 2 of 3.
    assert coefficients[0] == pytest.approx([np.log(1 / 2), np.log(2) - np.log(1 / 2)])
    assert coefficients[2] == pytest.approx([np.log(1 / 3), np.log(2) - np.log(1 / 3)])
    assert np.isnan(coefficients[[1, 3]]).all()
    assert [bool(one) for one in reason] == [False, True, False, True]
    assert "did alike" in reason[1]
    assert "determine each other" in reason[3]


def test_a_prior_gives_a_finite_answer_where_hips_are_told_apart():
    design = np.array([[1.0, 0], [1, 1], [1, 2], [1, 3]])
    coefficients = one_fit(design, np.array([0.0, 0, 1, 1]), precision=np.array([0.01, 0.16]))
    assert np.isfinite(coefficients).all()
    # At the mode the score equals what the prior pulls back with.
    probability = 1 / (1 + np.exp(-design @ coefficients))
    assert design.T @ ([0, 0, 1, 1] - probability) == pytest.approx(coefficients * [0.01, 0.16], abs=1e-8)
