import numpy as np
import pytest

from analysis.stats.pooling import pool, pool_rates
from analysis.stats.proportions import ClusterSums, cluster_sums, clustered_wilson


def test_rubins_rules_by_hand():
    # Estimates .50, .54, .52: variance .0004 between, 4/3 of it added to .004 within.
    pooled = pool([0.50, 0.54, 0.52], [0.004] * 3, complete_degrees=60)
    assert pooled.estimate == pytest.approx(0.52)
    assert pooled.variance == pytest.approx(0.004 + 4 / 3 * 0.0004)
    share = (4 / 3 * 0.0004) / pooled.variance
    assert pooled.missing_share == pytest.approx(share)
    observed, imputed = 61 / 63 * 60 * (1 - share), 2 / share**2
    assert pooled.degrees_of_freedom == pytest.approx(1 / (1 / observed + 1 / imputed))


def test_estimates_that_agree_leave_nothing_to_the_missing():
    pooled = pool([0.5, 0.5], [0.004, 0.004], complete_degrees=60)
    assert (pooled.variance, pooled.missing_share) == (0.004, 0)
    assert pooled.degrees_of_freedom == pytest.approx(61 / 63 * 60)


def test_several_questions_are_pooled_as_each_alone():
    estimates, variances = np.array([[0.50, 0.54, 0.52], [0.2, 0.2, 0.3]]), np.full((2, 3), 0.004)
    together = pool(estimates, variances, 60)
    for row in range(2):
        alone = pool(estimates[row], variances[row], 60)
        assert [part[row] for part in together] == pytest.approx([float(part) for part in alone])


def test_a_rate_of_0_in_every_imputation_has_the_interval_of_its_hips():
    # Nobody of 6 people with 12 hips: worth 6 hips, as by default; Barnard and Rubin take 6/8·5 of t's 5 degrees.
    sums = cluster_sums([0] * 6, [2] * 6)
    found = pool_rates(ClusterSums(*[np.array([part, part]) for part in sums]))
    assert (found.rate, found.low, found.missing_share) == (0, 0, 0)
    assert found.high > clustered_wilson([0] * 6, [2] * 6).high


def test_one_person_alone_has_a_normal_quantile_as_by_default():
    sums = cluster_sums([1], [2])
    found = pool_rates(ClusterSums(*[np.array([part, part]) for part in sums]))
    assert (found.low, found.high) == pytest.approx(clustered_wilson([1], [2]))


def test_one_estimate_cannot_be_pooled():
    with pytest.raises(ValueError, match="2 or more estimates"):
        pool([0.5], [0.1], 10)
