"""How many degrees, in sentences that are true for a rise, a fall, neither, one person and none."""

import numpy as np
import pandas as pd
import pytest

from analysis.protocol import builtin
from analysis.show.sentences import degrees_answer


def said(**other):
    row = {"measure": "hip_ir_deg", "n_hips": 40, "n_patients": 21, "mean": 4.1, "ci_low": 3.0, "ci_high": 5.2,
           "by_chance": 0.4, "by_chance_low": 0.2, "by_chance_high": 0.5, "chance_unknown": "",
           "mdc95": 8.315, "n_up": 12, "n_down": 1, "suppressed": False}  # fmt: skip
    return degrees_answer(pd.DataFrame([row | other]), builtin()).plain


@pytest.mark.parametrize(
    ("mean", "low", "high", "verdict"),
    [(4.1, 3.0, 5.2, "rose"), (-4.1, -5.2, -3.0, "fell"), (0.5, -0.2, 1.2, "did not clearly change")],
)
def test_rise_fall_and_neither(mean, low, high, verdict):
    assert said(mean=mean, ci_low=low, ci_high=high).startswith(f"**Hip internal rotation {verdict} on average**")


def test_every_number_is_in_it():
    assert said() == (
        "**Hip internal rotation rose on average** (+4.1°; 95 % CI 3.0 to 5.2; 40 hips of 21 patients). With nothing "
        "done it would have changed by +0.4° on average (0.2 to 0.5 over the measurement errors tried): regression to "
        "the mean; the change is beyond that. Two readings of an unchanged hip differ by less than 8.3° in 95 of 100 "
        "cases; 12 hips rose by more than that, "
        "1 hip fell by more."
    )


def test_too_few_one_and_none():
    assert "withheld" in said(suppressed=True, mean=np.nan)
    assert "too few or too alike for an interval" in said(n_patients=1, ci_low=np.nan, ci_high=np.nan)
    assert said(n_hips=0, n_patients=0, mean=np.nan, ci_low=np.nan).startswith("No hip was measured both times")
    assert "the number of hips that changed by more is withheld" in said(n_up=pd.NA, n_down=pd.NA)
    assert "the number that rose by more than that is withheld, " in said(n_up=pd.NA)
    assert "of no measure is known" in degrees_answer(pd.DataFrame(), builtin()).plain
