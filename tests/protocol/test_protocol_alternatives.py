"""Alternatives and claims: what an option may replace, and what is said of one that cannot be used."""

import pytest

from analysis.protocol import builtin
from analysis.protocol.alternatives import alternative_faults, step_of, with_options
from analysis.protocol.claims import claim_faults
from analysis.protocol.faults import protocol_faults
from analysis.protocol.model import Alternative, Claim, Option


def faults(*options, **update):
    alternative = Alternative(label="x", options=options, source="a test")
    protocol = builtin().model_copy(update={"alternatives": {"x": alternative}} | update)
    return list(alternative_faults(protocol, protocol_faults))


def test_the_first_option_of_each_decision_can_be_taken_together():
    protocol = with_options(builtin(), [choice.options[0] for choice in builtin().alternatives.values()])
    assert protocol.criteria["restricted"].lenient == 20
    assert protocol.criteria["almost_no_ir"].strict == 0
    assert protocol.indication.drills.lenient == 3
    assert not protocol.alternatives


def test_what_no_option_names_stays():
    protocol = with_options(builtin(), [builtin().alternatives["limited_ir"].options[0]])
    assert protocol.criteria["slr_limited"] == builtin().criteria["slr_limited"]
    assert protocol.responses == builtin().responses


def test_steps():
    steps = {name: step_of(choice) for name, choice in builtin().alternatives.items()}
    assert {step: list(steps.values()).count(step) for step in steps.values()} == {
        "class": 5, "indication": 2, "response": 3, "population": 1
    }  # fmt: skip


@pytest.mark.parametrize(
    ("replace", "said"),
    [
        ({"measures": {"hip_ir_deg": {"sem": 2}}}, "it cannot replace measures"),
        ({"criteria": {"restricted": {"op": "lt", "strict": "twenty"}}}, "option 'b': criteria.restricted.strict: "),
        ({"criteria": {"restricted": {"strict": 40}}}, "must let in at least what the strict one does"),
        ({"types": {"T1": {"requires": ["nothing"]}}}, "'nothing' is not one of the criteria"),
        ({"primary_response": "knee"}, "a decision must be about one step; this one is about class and response"),
    ],
)
def test_an_option_that_cannot_be_used_is_named(replace, said):
    found = faults(
        Option(label="a", replace={"criteria": {"restricted": {"strict": 20}}}), Option(label="b", replace=replace)
    )
    assert len(found) == 1
    assert found[0].startswith("alternatives.x")
    assert said in found[0]


def test_a_decision_about_nothing_is_refused():
    assert "about one step; this one is about none" in faults(Option(label="a"), Option(label="b"))[0]


def test_only_indicated_needs_an_indication():
    options = (Option(label="a", only_indicated=False), Option(label="b", only_indicated=True))
    assert faults(*options) == []
    assert "needs types and an indication" in faults(*options, indication=None)[0]


@pytest.mark.parametrize(
    ("first", "own"),
    [
        ({"replace": {"criteria": {"restricted": {"strict": 20, "lenient": 20}}}}, True),
        ({"replace": {"criteria": {"restricted": {"strict": 24, "lenient": 24}}}}, False),
        ({"replace": {"criteria": {"extremely_limited": {"strict": "any"}}}}, False),
        ({"replace": {"primary_response": "all"}}, True),
        ({"replace": {"primary_response": "slr"}}, False),
        ({"replace": {"types": {"T2": {"requires": [*builtin().types["T2"].requires[::-1]]}}}}, True),
        ({}, True),
    ],
)
def test_one_option_is_what_the_protocol_itself_says(first, own):
    """The rate of a report is one of the readings that stand beside it."""
    other = {"criteria": {"restricted": {"strict": 25, "lenient": 25}}}
    if "primary_response" in first.get("replace", {}):
        other = {"primary_response": "ir"}
    found = faults(Option(label="a", **first), Option(label="b", replace=other))
    assert found == [] if own else "alternatives.x: no option is what this protocol says itself" in found[0]


@pytest.mark.parametrize("other", [{"reading": "lenient"}, {"only_indicated": True}])
def test_an_option_that_reads_or_counts_otherwise_is_not_the_protocol_s_own(other):
    found = faults(Option(label="a", **other), Option(label="b", **other))
    assert "no option is what this protocol says itself" in found[0]


@pytest.mark.parametrize(
    ("claim", "update", "said"),
    [
        ({"kind": "worse_side"}, {"asymmetry": None}, "claims.x: needs an asymmetry section"),
        ({"kind": "most_common", "type": "T9"}, {}, "claims.x.type: 'T9' is not one of the types: T1, T2, T3"),
        ({"kind": "matched"}, {"types": {}}, "claims.x: needs types with stretches"),
        ({"kind": "drill"}, {"own_it": None}, "claims.x: needs an own_it section"),
        ({"kind": "move_together", "of": ("ir",)}, {}, "claims.x.of: must name at least two of the tests: ir, slr"),
        ({"kind": "move_together", "of": ("ir", "all")}, {}, "claims.x.of: must name at least two of the tests"),
        ({"kind": "most_common", "type": "T2"}, {}, None),
    ],
)
def test_a_claim_needs_what_it_compares(claim, update, said):
    full = Claim(label="x", prose="x", source="a test", **claim)
    found = list(claim_faults(builtin().model_copy(update={"claims": {"x": full}} | update)))
    assert found == [] if said is None else found[0].startswith(said)
