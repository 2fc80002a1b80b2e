import numpy as np
import pytest
import statsmodels.api as sm

from analysis.stats.errors import NotEstimableError
from analysis.stats.logistic import fit_logistic


@pytest.mark.parametrize("seed", range(4))
def test_agrees_with_statsmodels(seed):
    rng = np.random.default_rng(seed)
    design = np.column_stack([np.ones(120), rng.normal(size=(120, 2))])
    outcome = (rng.random(120) < 1 / (1 + np.exp(-design @ [0.3, 1.0, -0.5]))).astype(float)
    weights = rng.integers(0, 3, 120).astype(float)
    expected = sm.GLM(outcome, design, family=sm.families.Binomial(), freq_weights=weights).fit(tol=1e-12)
    assert fit_logistic(design, outcome, weights) == pytest.approx(expected.params, abs=1e-8)


def test_without_covariates_it_is_the_log_odds():
    assert fit_logistic(np.ones((4, 1)), np.array([1.0, 1, 1, 0]), np.ones(4)) == pytest.approx([np.log(3)])


@pytest.mark.parametrize(
    ("design", "outcome", "reason"),
    [
        ([[1, 0], [1, 1], [1, 2], [1, 3]], [0, 0, 1, 1], "did alike"),
        ([[1, 1], [1, 1], [1, 1]], [0, 1, 1], "determine each other"),
        ([[1], [1]], [1, 1], "did alike"),
    ],
)
def test_no_finite_answer_says_why(design, outcome, reason):
    with pytest.raises(NotEstimableError, match=reason):
        fit_logistic(np.array(design, dtype=float), np.array(outcome, dtype=float), np.ones(len(outcome)))


def test_a_prior_gives_a_finite_answer_where_hips_are_told_apart():
    design = np.array([[1.0, 0], [1, 1], [1, 2], [1, 3]])
    coefficients = fit_logistic(design, np.array([0.0, 0, 1, 1]), np.ones(4), precision=np.array([0.01, 0.16]))
    assert np.isfinite(coefficients).all()
    # At the mode the score equals what the prior pulls back with.
    probability = 1 / (1 + np.exp(-design @ coefficients))
    assert design.T @ ([0, 0, 1, 1] - probability) == pytest.approx(coefficients * [0.01, 0.16], abs=1e-8)
