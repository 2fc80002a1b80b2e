import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from analysis.stats.multiple import ADJUSTMENTS, adjusted_p_values

p_values = st.lists(st.integers(0, 1000).map(lambda thousandths: thousandths / 1000) | st.just(math.nan), max_size=12)

# The 15 p-values of Benjamini Y, Hochberg Y (1995). J R Stat Soc B 57:289-300, section 4.
BENJAMINI = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
             0.7590, 1.0]  # fmt: skip


def test_the_published_example_keeps_four_findings_and_bonferroni_style_three():
    assert np.sum(adjusted_p_values(BENJAMINI, "benjamini_hochberg") <= 0.05) == 4
    assert np.sum(adjusted_p_values(BENJAMINI, "holm") <= 0.05) == 3


def test_holm_by_hand():
    assert adjusted_p_values([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


@pytest.mark.parametrize("method", ADJUSTMENTS)
@settings(max_examples=10, deadline=None)
@given(p=p_values)
@example(p=[0.0, 0.0, 0.0, 0.0, 0.451])
def test_a_test_that_could_not_be_made_is_no_part_of_the_family(method, p):
    adjusted = adjusted_p_values(p, method)
    known = [value for value in p if not math.isnan(value)]
    assert np.isnan(adjusted).tolist() == [math.isnan(value) for value in p]
    assert adjusted[~np.isnan(adjusted)].tolist() == adjusted_p_values(known, method).tolist()
    # But for rounding: 0.451 * 5 / 5 is less than 0.451 in the last digit.
    assert np.all(adjusted[~np.isnan(adjusted)] >= np.array(known) * (1 - 1e-15))


def test_a_family_without_tests():
    assert adjusted_p_values([]).tolist() == []
    assert np.isnan(adjusted_p_values([math.nan])).all()


def test_faulty_input_is_refused():
    with pytest.raises(ValueError, match="it can be holm or benjamini_hochberg"):
        adjusted_p_values([0.1], "bonferroni")
    with pytest.raises(ValueError, match="between 0 and 1"):
        adjusted_p_values([-0.1])


@pytest.mark.parametrize(("method", "theirs"), [("holm", "holm"), ("benjamini_hochberg", "fdr_bh")])
def test_both_agree_with_statsmodels(method, theirs):
    p = np.random.default_rng(1).uniform(size=40) ** 2
    assert adjusted_p_values(p, method) == pytest.approx(multipletests(p, method=theirs)[1], rel=1e-12)
