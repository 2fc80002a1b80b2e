"""Rules that ask for a share of the first reading: counted by hand, exact, and never of a reading of 0 or less."""

import re
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from analysis import change, rates, respond
from analysis.answers.degrees import hip_changes
from analysis.answers.flow import flow
from analysis.hips.by_chance import smallest_gain
from analysis.protocol import ProtocolError, load_protocol
from analysis.schema import conform
from analysis.sensitivity.criterion import criterion_against_error
from analysis.show import tables
from analysis.show.sentences import lost_answer
from analysis.show.tables.rules import rule_text
from analysis.stats.chance import gain_by_chance, loss_by_chance
from tests_support import ROOT

YES, NO, CANNOT = "responder", "non_responder", "not_evaluable"
BATH = (ROOT / "data/raw/bath-hips/protocol.toml").read_text(encoding="utf-8")
RULES = """
[responses.rotation]
label = "Rotation gained {strict} or more"
prose = "A tenth of the first reading, 10 %."
source = "ours"
rules = [{ measure = "hip_rotation_deg", op = "ge", strict = "10 %" }]

[responses.pain]
label = "Pain fell by {strict} or more, leniently by {lenient}"
prose = "20 % of the first reading, or 10 % in the lenient reading."
source = "ours"
rules = [{ measure = "pain", op = "ge", strict = "20 %", lenient = "10%" }]

[responses.both]
label = "Both"
of = ["rotation", "pain"]
at_least = 2
prose = "Both."
source = "ours"

[measures.pain]
label = "Pain"
kind = "count"
better = "lower"
possible = [0, 10]
"""


def protocol_of(folder, *changes):
    text = BATH[: BATH.index("[responses.rotation]")] + RULES
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = folder / "protocol.toml"
    path.write_text(text, encoding="utf-8")
    return load_protocol(path)


@pytest.fixture(scope="module")
def protocol(tmp_path_factory):
    return protocol_of(tmp_path_factory.mktemp("relative"))


def visits_of(measure, pairs):
    people = {"patient_id": [f"{n:04}" for n in range(len(pairs))], "side": "left"}
    return pd.concat(
        [
            pd.DataFrame(people | {"timepoint": at, measure: [pair[n] for pair in pairs]})
            for n, at in enumerate(["baseline", "post"])
        ]
    )


def responses_to(measure, pairs, protocol, reading="strict"):
    changes = change(visits_of(measure, pairs), protocol)
    return respond(changes, protocol, reading)


def judged(measure, response, pairs, protocol, reading="strict"):
    found = responses_to(measure, pairs, protocol, reading)
    found = found[found["response"] == response]
    return list(zip(found["outcome"], found["reason"], strict=True))


NO_SHARE = "a first reading of 0 or less"
PAIN = [
    # before, after, a fall of 20 %, a fall of 10 %
    ((5, 4), YES, YES),  # 1 of 5 is 20 %
    ((6, 5), NO, YES),  # 1 of 6 is 16.7 %
    ((10, 8), YES, YES),  # 2 of 10 is 20 %
    ((10, 9), NO, YES),  # 1 of 10 is 10 %
    ((10, 10), NO, NO),
    ((4, 5), NO, NO),  # it rose
    ((1, 0), YES, YES),  # all of it
    ((0, 0), CANNOT, YES),  # no room to improve; leniently met, as it stays at its best
    ((0, 1), CANNOT, NO),
    ((5, None), CANNOT, CANNOT),
]


@pytest.mark.parametrize(("reading", "column"), [("strict", 1), ("lenient", 2)])
def test_a_fall_by_a_share_of_a_measure_that_is_better_lower(protocol, reading, column):
    found = judged("pain", "pain", [row[0] for row in PAIN], protocol, reading)
    assert [outcome for outcome, _ in found] == [row[column] for row in PAIN]
    assert found[7][1] == ("no room to improve" if reading == "strict" else "")


ROTATION = [
    # before, after, at least 10 %, above 10 %
    ((30.0, 33.0), YES, NO),  # 3.0 is 10 %
    ((30.0, 32.9), NO, NO),
    ((30.0, 33.1), YES, YES),
    ((30.1, 33.1), NO, NO),  # 3.0 is less than 3.01
    ((30.1, 33.2), YES, YES),
    ((0.1, 0.1), NO, NO),
    ((0.1, 0.2), YES, YES),
    ((0.0, 5.0), CANNOT, CANNOT),
    ((-5.0, 5.0), CANNOT, CANNOT),
    ((30.0, None), CANNOT, CANNOT),
]


@pytest.mark.parametrize(("op", "column"), [("ge", 1), ("gt", 2)])
def test_a_gain_by_a_share_of_a_measure_that_is_better_higher(tmp_path, op, column):
    protocol = protocol_of(tmp_path, ('op = "ge", strict = "10 %"', f'op = "{op}", strict = "10 %"'))
    found = judged("hip_rotation_deg", "rotation", [row[0] for row in ROTATION], protocol)
    assert [outcome for outcome, _ in found] == [row[column] for row in ROTATION]
    assert [reason for _, reason in found[7:]] == [NO_SHARE, NO_SHARE, "no later visit"]


# As floats 0.55 of 20 comes out above 11.
SHARES = [("10 %", 1, 10), ("12.5 %", 1, 8), ("7%", 7, 100), ("55 %", 11, 20), ("14.0 %", 7, 50)]


@pytest.mark.parametrize(("share", "parts", "of"), SHARES)
def test_no_threshold_slips_by_the_last_bit_of_a_float(tmp_path, share, parts, of):
    """In tenths of a degree, for every first reading that has such a share; one tenth less is never enough."""
    words = 'prose = "A tenth of the first reading, 10 %."', 'prose = "A share."'
    protocol = protocol_of(tmp_path, ('strict = "10 %"', f'strict = "{share}"'), words)
    before = np.arange(of, 900 + of, of)
    exact = [(start / 10, (start + start // of * parts) / 10) for start in before.tolist()]
    below = [(start, round(end - 0.1, 1)) for start, end in exact]
    assert {outcome for outcome, _ in judged("hip_rotation_deg", "rotation", exact, protocol)} == {YES}
    assert {outcome for outcome, _ in judged("hip_rotation_deg", "rotation", below, protocol)} == {NO}


@pytest.mark.parametrize(("op", "wanted"), [("ge", [1, 2, 2, 10]), ("gt", [2, 2, 3, 11])])
def test_the_smallest_gain_is_a_whole_number_of_steps(tmp_path, op, wanted):
    """A tenth of 10, 17, 20 and 100 steps."""
    rules = protocol_of(tmp_path, ('op = "ge", strict = "10 %"', f'op = "{op}", strict = "10 %"'))
    (rule,) = rules.responses["rotation"].rules
    found = smallest_gain(rule, "strict", rules, np.array([10, 17, 20, 100], dtype="int16"))
    assert found.tolist() == wanted
    assert found.dtype == "int64"


def test_a_first_reading_without_a_share_needs_no_later_one_and_is_not_missing(protocol):
    found = responses_to("hip_rotation_deg", [(0, None), (0, 9), (20, 22), (20, 21), (20, None)], protocol)
    found = found[found["comparison"] == "immediate"]
    own = found[found["response"] == "rotation"]
    assert own["reason"].tolist() == [NO_SHARE, NO_SHARE, "", "", "no later visit"]
    counted = rates(found, response="rotation").iloc[0]
    assert (counted["n_hips"], counted["n_evaluable"], counted["n_responders"], counted["n_missing"]) == (5, 2, 1, 1)


def test_it_is_the_reason_of_a_composite(protocol):
    visits = visits_of("hip_rotation_deg", [(0, 5), (0, 5)])
    visits["pain"] = [5, 0, 4, 0]
    found = respond(change(visits, protocol), protocol)
    found = found[found["response"] == "both"]
    assert found["outcome"].tolist() == [CANNOT, CANNOT]
    assert found["reason"].tolist() == [NO_SHARE, "no room to improve"]


def test_the_flow_says_how_many_have_no_share(protocol):
    visits = visits_of("hip_rotation_deg", [(0, 5), (20, 22), (20, 21), (20, None)])
    visits = visits.assign(source_file="a.csv", source_row=range(len(visits)))
    responses = respond(change(visits, protocol), protocol)
    followed = flow(conform(visits, "assessments", protocol), responses, protocol, "immediate").assign(suppressed=False)
    steps = followed.set_index("step")["n_hips"].to_dict()
    assert (steps["With room to improve"], steps["With a first reading above 0"]) == (4, 3)
    assert steps["Judged by the primary rule"] == 2
    assert "1 with a first reading of 0 or less" in str(lost_answer(followed, protocol).markdown)
    assert ["With a first reading above 0", "3", "3", "1: with a first reading of 0 or less"] in tables.flow_table(
        followed, protocol
    ).rows
    table = rates(responses, response="rotation").assign(suppressed=False)
    assert (
        "Nor is a first reading of 0 or less, where a rule asks for a share of it."
        in tables.tests_table(table, protocol).notes
    )


READINGS = [(20, 22), (21.1, 25), (35, 35), (28.4, 31), (12, 13), (40, 41)]


def test_chance_is_that_of_the_gain_that_each_hip_must_make(protocol):
    """10 % of 20.0 is 2.0, of 21.1 is 2.11, so 2.2 in tenths; of 35.0 is 3.5, of 28.4 2.9, of 12.0 1.2, of 40.0 4.0."""
    found = responses_to("hip_rotation_deg", READINGS, protocol)
    own = found[found["response"] == "rotation"]["chance"].to_numpy()
    before = np.array([pair[0] for pair in READINGS])
    steps = [1.0, 0.1, 5.0, 0.1, 1.0, 1.0]  # what each person's readings are kept to
    wanted = [2.0, 2.2, 3.5, 2.9, 1.2, 4.0]
    variance = before.var(ddof=1)
    by_hand = [
        float(gain_by_chance([first], gain, 3.0, step, before.mean(), variance)[0])
        for first, gain, step in zip(before, wanted, steps, strict=True)
    ]
    assert own.round(12).tolist() == np.round(by_hand, 12).tolist()


def test_each_hip_has_its_own_gain_in_the_statistics_too():
    before, gain = [10.0, 20.0], [1.0, 2.0]
    alone = [gain_by_chance([b], g, 3, 1, 15, 40)[0] for b, g in zip(before, gain, strict=True)]
    assert gain_by_chance(before, gain, 3, 1, 15, 40).tolist() == alone
    alone = [loss_by_chance([b], g, 3, 1, 15, 40)[0] for b, g in zip(before, gain, strict=True)]
    assert loss_by_chance(before, gain, 3, 1, 15, 40).tolist() == alone


def test_hips_are_told_which_reached_their_own_share(protocol):
    changes = change(visits_of("hip_rotation_deg", [(20, 22), (21, 23), (0, 5), (40, 44)]), protocol)
    found = hip_changes(changes, protocol, "immediate", "hip_rotation_deg")
    assert found["reached"].tolist() == [True, False, False, True]
    assert found["threshold"].isna().all()


def test_a_rule_without_one_number_is_not_set_beside_the_error(protocol):
    changes = change(visits_of("hip_rotation_deg", READINGS), protocol)
    assert criterion_against_error(changes, protocol).empty


def test_words_are_made_from_the_rule(protocol):
    assert protocol.responses["rotation"].label == "Rotation gained 10 % or more"
    assert protocol.responses["pain"].label == "Pain fell by 20 % or more, leniently by 10 %"
    (rule,) = protocol.responses["pain"].rules
    assert rule_text(rule, "strict", protocol) == "Fall of at least 20 % of the first reading"
    assert rule_text(rule, "lenient", protocol) == (
        "Fall of at least 10 % of the first reading or at its best grade both times"
    )


def test_the_rule_of_the_how_to_can_be_added_to_a_protocol(tmp_path):
    howto = (ROOT / "docs/howto.md").read_text(encoding="utf-8")
    (block,) = [block for block in re.findall(r"```toml\n(.*?)```", howto, re.S) if "[responses.pain]" in block]
    (tmp_path / "protocol.toml").write_text(BATH + block, encoding="utf-8")
    pain = load_protocol(tmp_path / "protocol.toml").responses["pain"]
    assert (pain.label, pain.rules[0].share("lenient")) == ("Pain fell by 20 % or more", Fraction(1, 10))


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('"20 %", lenient = "10%"', '"20 %", lenient = 1', "write both readings as a share, or neither"),
        ('"20 %", lenient = "10%"', '"20 %", lenient = "30 %"', "the lenient reading must let in at least"),
        ('"20 %", lenient = "10%"', '"120 %", lenient = "10%"', "pain cannot fall by more than 100 %"),
        ('strict = "10 %"', 'strict = "0 %"', "0 % of a reading is no change"),
        ('strict = "10 %"', 'strict = "ten %"', 'strict: write a number in the unit of the measure'),
        ('strict = "10 %"', 'strict = "10"', 'or a share such as "20 %"'),
        ('strict = "10 %"', 'strict = "15 %"', "responses.rotation.prose: speaks of 10, and the rule asks for 15"),
        ("gained {strict} or more", "gained 12 % or more", "responses.rotation.label: names 12"),
        ('possible = [0, 10]', 'possible = [0, 10]\nstep = 0.5', "a count has a step of 1"),
    ],
)  # fmt: skip
def test_a_share_that_cannot_be_meant_is_refused(tmp_path, old, new, fault):
    with pytest.raises(ProtocolError) as refused:
        protocol_of(tmp_path, (old, new))
    assert fault in str(refused.value)
