"""Conclusions, flips and effects on small grids that can be read by eye."""

from itertools import product

import pandas as pd
import pytest

from analysis.protocol import builtin
from analysis.protocol.model import Alternative, Option
from analysis.sensitivity.conclusions import NOT_KNOWN, concluded, effects, flips

TWO = {
    name: Alternative(label=name, options=(Option(label="low"), Option(label="high")), source="a test")
    for name in ("first", "second")
}
PROTOCOL = builtin().model_copy(update={"alternatives": TWO})
CLEAR = {
    "rate": 0.5, "ci_low": 0.4, "ci_high": 0.6, "chance_rate": 0.1,
    "n_patients_evaluable": 100, "n_patients_with": 50, "n_evaluable": 100,
    "difference": 0.0, "sides_low": -0.1, "sides_high": 0.1, "hips_T1": 5, "hips_T2": 3, "hips_T3": 1,
    "typed": 0.9,
}  # fmt: skip


def grid(**columns):
    """Four readings, the second decision changing fastest."""
    rows = [dict(zip(TWO, labels, strict=True)) | CLEAR for labels in product(("low", "high"), repeat=2)]
    return pd.DataFrame(rows).assign(**columns)


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ({}, ["above", "no difference shown", "T1"]),
        ({"chance_rate": 0.4}, ["not clear of it", "no difference shown", "T1"]),
        ({"chance_rate": 0.61}, ["below", "no difference shown", "T1"]),
        ({"chance_rate": float("nan")}, [NOT_KNOWN, "no difference shown", "T1"]),
        ({"sides_low": 0.01}, ["above", "left more often", "T1"]),
        ({"sides_high": -0.01}, ["above", "right more often", "T1"]),
        ({"difference": float("nan")}, ["above", NOT_KNOWN, "T1"]),
        ({"hips_T2": 5}, ["above", "no difference shown", "a tie"]),
        ({"hips_T1": 0, "hips_T2": 0, "hips_T3": 0}, ["above", "no difference shown", NOT_KNOWN]),
    ],
)
def test_what_is_concluded(numbers, expected):
    assert concluded(pd.DataFrame([CLEAR | numbers]), PROTOCOL).iloc[0].tolist() == expected


def test_a_flip_hangs_on_the_decision_that_brings_it():
    table = flips(grid(chance_rate=[0.1, 0.5, 0.1, 0.5]), CLEAR, PROTOCOL)
    assert table.iloc[0].tolist() == ["against_chance", "above", 4, 2, "not clear of it", "second"]
    assert table["n_other"].tolist() == [2, 0, 0]


def test_no_flip_where_the_report_has_no_conclusion():
    table = flips(grid(), CLEAR | dict.fromkeys(("rate", "ci_low", "ci_high"), float("nan")), PROTOCOL)
    assert table.iloc[0][["own", "n_other"]].tolist() == [NOT_KNOWN, 0]


def test_effect_of_a_decision_is_the_mean_distance_between_its_options():
    # By first: |.5 − .3| and |.6 − .5| → .15; by second: |.6 − .5| and |.5 − .3| → .15 as well, so change one.
    table = effects(grid(rate=[0.5, 0.6, 0.3, 0.6]), PROTOCOL).set_index("decision")
    assert table.loc["first", "rate"] == pytest.approx((0.2 + 0.0) / 2)
    assert table.loc["second", "rate"] == pytest.approx((0.1 + 0.3) / 2)
    assert list(table.index) == ["second", "first"]


def test_settings_in_which_nobody_is_judged_are_left_out():
    table = effects(grid(rate=[0.5, 0.6, None, 0.6]), PROTOCOL).set_index("decision")
    assert table["rate"].round(3).to_dict() == {"second": 0.1, "first": 0.0}
