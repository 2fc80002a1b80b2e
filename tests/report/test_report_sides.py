"""Left against right in a report: what is adjusted for how much of a table."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from analysis.protocol import builtin
from analysis.protocol.policies import OPEN
from analysis.report.sides import SideTables
from response_tables import people


def test_adjusted_p_values_cover_the_five_rules():
    """Under the rules 5, 6, 7, 8 and 9 people have one hip alone that responded, the left: χ² of so much, 1 degree."""
    rules = list(builtin().responses)
    parts = [people(left_only=n).assign(response=rule) for n, rule in zip(range(5, 10), rules, strict=True)]
    responses = pd.concat(parts, ignore_index=True)
    responses["response"] = pd.Categorical(responses["response"], categories=rules, ordered=True)
    study = SimpleNamespace(policy=OPEN)
    report = SideTables(study, SimpleNamespace(responses=responses), "All", "first", False, pd.DataFrame())
    table = report.sides_of_each_test()
    assert table["response"].tolist() == rules
    p = [0.025347, 0.014306, 0.008151, 0.004678, 0.002700]
    assert table["p"].tolist() == pytest.approx(p, abs=1e-6)
    # Holm: the smallest 5 times, the next 4 times, …; the largest is no less than 2 × .014306.
    assert table["p_holm"].tolist() == pytest.approx(np.array(p) * [1, 2, 3, 4, 5] + [0.003265, 0, 0, 0, 0], abs=1e-5)
    # Benjamini-Hochberg: 5/5, 5/4, 5/3, 5/2 of them; 5/1 of the smallest is above 5/2 of the next.
    bh = [p[0], p[1] * 5 / 4, p[2] * 5 / 3, p[3] * 5 / 2, p[3] * 5 / 2]
    assert table["p_benjamini_hochberg"].tolist() == pytest.approx(bh, abs=1e-5)
