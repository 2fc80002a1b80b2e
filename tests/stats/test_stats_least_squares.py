import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import linalg

from analysis.stats.least_squares import clustered_coefficient


@pytest.mark.parametrize("seed", range(4))
def test_the_matrices_written_out(seed):
    """Pustejovsky and Tipton 2018, section 3, with n × n matrices; clusters of 1 to 6 in any order."""
    rng = np.random.default_rng(seed)
    n = 40
    cluster = np.unique(rng.integers(0, 12, n), return_inverse=True)[1]
    design = np.column_stack([np.ones(n), rng.normal(size=(n, 2))])
    outcome = rng.normal(size=n) + rng.normal(size=12)[cluster]
    bread = np.linalg.inv(design.T @ design)
    maker = np.eye(n) - design @ bread @ design.T
    variance, p = 0.0, []
    for number in range(cluster.max() + 1):
        own = np.flatnonzero(cluster == number)
        a = np.real(linalg.inv(linalg.sqrtm(maker[np.ix_(own, own)]))) @ design[own] @ bread[:, 1]
        variance += (a @ (maker @ outcome)[own]) ** 2
        p.append(maker[:, own] @ a)
    omega = np.array(p) @ np.array(p).T
    found = clustered_coefficient(outcome, design, cluster, 1)
    assert found.estimate == pytest.approx((bread @ design.T @ outcome)[1])
    assert found.standard_error == pytest.approx(math.sqrt(variance))
    assert found.degrees_of_freedom == pytest.approx(np.trace(omega) ** 2 / np.sum(omega**2))


def test_one_cluster_alone_has_no_standard_error():
    found = clustered_coefficient(np.array([1.0, 2.0]), np.ones((2, 1)), np.array([0, 0]), 0)
    assert found.estimate == 1.5
    assert math.isnan(found.standard_error)


def test_a_person_who_alone_tells_two_columns_apart_gives_no_standard_error():
    design = np.column_stack([np.ones(5), [1, 1, 0, 0, 0]])
    found = clustered_coefficient(np.array([3.0, 5.0, 1.0, 2.0, 3.0]), design, np.array([0, 0, 1, 2, 3]), 1)
    assert found.estimate == pytest.approx(2)
    assert math.isnan(found.standard_error)


@given(st.integers(0, 1000))
def test_order_and_numbers_of_clusters_do_not_matter(seed):
    rng = np.random.default_rng(seed)
    cluster, outcome = np.repeat(np.arange(6), 2), rng.normal(size=12)
    design = np.column_stack([np.ones(12), rng.normal(size=12)])
    order, other = rng.permutation(12), rng.permutation(6)
    expected = clustered_coefficient(outcome, design, cluster, 1)
    assert clustered_coefficient(outcome[order], design[order], other[cluster][order], 1) == pytest.approx(expected)
