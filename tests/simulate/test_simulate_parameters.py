from dataclasses import fields, replace

import pytest

from analysis.simulate import CohortParameters
from analysis.simulate.parameters import PHENOTYPES, parameter_meanings


def test_every_parameter_says_what_it_means():
    meanings = parameter_meanings()
    assert list(meanings) == [field.name for field in fields(CohortParameters)]
    assert all(meanings.values())


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"heaping_share": 1.2}, "heaping_share: 1.2 is not a share"),
        ({"ir_left_right": -0.1}, "ir_left_right: -0.1 is not a share"),
        ({"phenotypes": PHENOTYPES[:2]}, "add up to 0.78"),
        ({"age_mean": 90}, "age_mean: 90 must lie within"),
        ({"er_sd": 2}, "er_sd or er_left_right"),
        ({"er_left_right": 0.05}, "er_sd or er_left_right"),
    ],
)
def test_impossible_numbers_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        CohortParameters(**wrong)


def test_er_keeps_its_spread_when_ir_brings_none():
    assert replace(CohortParameters(), er_per_ir_deg=0).er_beyond_ir == (36, 0.6)
