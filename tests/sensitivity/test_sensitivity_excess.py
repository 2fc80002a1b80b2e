"""Responders beyond chance, and a cohort in which nothing changed, from its file to the sentence of the report."""

import pandas as pd
import pytest

from analysis.answers.rates import rates, rates_of_each_rule, verdicts, with_excess
from analysis.protocol import builtin
from analysis.sensitivity.planning import simulated_tables
from analysis.show.sentences import responder_answer
from analysis.simulate import CohortParameters
from analysis.stats.beyond_chance import ABOVE, BELOW, DEPENDS, UNCLEAR, UNKNOWN


@pytest.mark.parametrize(
    ("chance", "said"), [(0.39, ABOVE), (0.40, UNCLEAR), (0.60, UNCLEAR), (0.61, BELOW), (None, UNKNOWN)]
)
def test_verdict_at_below_and_above_the_interval(chance, said):
    row = pd.DataFrame({"rate": [0.5], "ci_low": [0.4], "ci_high": [0.6], "chance_rate": [chance]}).astype("float64")
    row = row.assign(n_patients_evaluable=100, n_patients_with=50, n_evaluable=100)
    assert verdicts(row).tolist() == [said]
    if chance:
        assert with_excess(row)["excess"].iloc[0] == pytest.approx(0.5 - chance)


def test_a_null_cohort_responds_no_more_than_chance():
    [tables] = simulated_tables([150], [4], CohortParameters(null=True, gross_error_share=0))
    found = rates_of_each_rule(tables.responses).set_index("response")
    assert set(found["against_chance"]) <= {UNCLEAR, BELOW, DEPENDS}
    total = rates(tables.responses).assign(suppressed=False)
    assert "not clearly different from" in responder_answer(total, builtin()).plain


def test_the_demo_of_gains_responds_more_than_chance():
    [tables] = simulated_tables([150], [4], CohortParameters(gross_error_share=0))
    assert rates(tables.responses, response="ir")["against_chance"].tolist() == [ABOVE]
