"""Two visits of every hip in whole numbers: who is who, and what holds them."""

import numpy as np

from analysis.hips.cohort import is_known, missing_of
from analysis.hips.pairs import asks_for_share, in_one_episode, widest
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
