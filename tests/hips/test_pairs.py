"""Two visits of every hip in whole numbers: who is who, and what holds them."""

import numpy as np

from analysis.hips.cohort import is_known, missing_of
from analysis.hips.pairs import asks_for_share, in_one_episode, kept_steps, widest
from analysis.protocol import builtin


def test_people_are_numbered_in_their_order_each_episode_apart_and_whoever_is_not_known():
    patient, episode = np.array([0, 0, 1, 1, -1, 0], dtype="int8"), np.array([0, 1, 0, -1, 0, 0], dtype="int8")
    assert in_one_episode(patient, 2, episode, 2).tolist() == [1, 2, 4, 3, 0, 1]
    nobody = np.array([-1, -1], dtype="int8")
    assert in_one_episode(nobody, 2, np.array([-1, 0], dtype="int8"), 2).tolist() == [0, 1]


def test_what_is_missing_stays_so_in_a_wider_type():
    small = np.array([5, missing_of(np.dtype("int8"))], dtype="int8")
    large = np.array([300, missing_of(np.dtype("int16"))], dtype="int16")
    found = widest([small, large])
    assert [part.dtype for part in found] == [np.dtype("int16")] * 2
    assert [part[0] for part in found] == [5, 300]
    assert [is_known(part).tolist() for part in found] == [[True, False]] * 2


def test_no_rule_of_the_article_asks_for_a_share():
    assert not asks_for_share(builtin())
    ir = builtin().responses["ir"]
    share = ir.model_copy(update={"rules": [ir.rules[0].model_copy(update={"strict": "10 %"})]})
    assert asks_for_share(builtin().model_copy(update={"responses": {**builtin().responses, "ir": share}}))


def test_what_readings_are_kept_to_is_told_by_those_that_there_are():
    """Tenths of a degree: 15.1 of the first, 20 and 25 of the second, 12 of the third, later none but of nobody."""
    missing = missing_of(np.dtype("int16"))
    patient, none = np.array([0, 1, 1, 2]), np.full(4, missing, dtype="int16")
    before = np.array([151, 200, 250, 120], dtype="int16")
    some = np.array([150, missing, missing, missing], dtype="int16")
    for readings in ((before, none), (none, before), (before, some)):
        assert kept_steps(patient, readings, 0.1).tolist() == [0.1, 5, 5, 1]
    gaps = np.array([151, missing, 250, 120], dtype="int16")
    assert kept_steps(patient, (gaps, some), 0.1).tolist() == [0.1, 5, 5, 1]
    assert kept_steps(patient, (none, none), 0.1).tolist() == [5, 5, 5, 5]
