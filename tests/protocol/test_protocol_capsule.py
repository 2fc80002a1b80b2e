"""The built-in protocol, held against the design: every figure stands here a second time, on purpose."""

import pytest

from analysis.protocol import builtin, load_protocol

# criterion: measure, operator, strict, lenient
CUT_OFFS = {
    "restricted": ("hip_ir_deg", "lt", 20, 30),
    "tilt_anterior": ("pelvic_tilt", "eq", "anterior", "anterior"),
    "femur_turned_out": ("hip_er_deg", "gt", 25, 25),
    "lots_of_lumbar_extension": ("lumbar_extension", "eq", True, True),
    "tilt_posterior": ("pelvic_tilt", "eq", "posterior", "posterior"),
    "stands_in_swayback": ("swayback", "eq", True, True),
    "ir_markedly_limited": ("hip_ir_deg", "lt", 15, 20),
    "slr_limited": ("slr_deg", "lt", 45, 45),
    "almost_no_ir": ("hip_ir_deg", "le", 5, 5),
    "stretch_not_felt": ("feels_stretch", "eq", False, False),
}
COMPOUNDS = {
    "posterior_or_swayback": (("tilt_posterior", "stands_in_swayback"), "any", "any"),
    "extremely_limited": (("almost_no_ir", "stretch_not_felt"), "all", "any"),
}
# type: tier, required, supporting, stretches
TYPES = {
    "T1": (False, ("restricted", "tilt_anterior", "femur_turned_out"), ("lots_of_lumbar_extension",), ("T1",)),
    "T2": (
        False,
        ("restricted", "posterior_or_swayback", "ir_markedly_limited", "slr_limited"),
        ("femur_turned_out",),
        ("T2",),
    ),
    "T3": (True, ("restricted", "extremely_limited"), (), ("T3S", "T3M")),
}
SEM = {"hip_ir_deg": 3.0, "hip_er_deg": 3.0, "slr_deg": 3.5, "ober_deg": 2.3, "pelvic_tilt_deg": 2.0}


def test_criteria_and_their_cut_offs():
    criteria = builtin().criteria
    assert set(criteria) == set(CUT_OFFS) | set(COMPOUNDS)
    for name, expected in CUT_OFFS.items():
        rule = criteria[name]
        assert (rule.measure, rule.op, rule.cutoff("strict"), rule.cutoff("lenient")) == expected, name
    for name, expected in COMPOUNDS.items():
        rule = criteria[name]
        assert (rule.of, rule.quantifier("strict"), rule.quantifier("lenient")) == expected, name


def test_types_in_the_order_they_are_tried():
    types = builtin().types
    assert list(types) == ["T1", "T2", "T3"]
    for name, expected in TYPES.items():
        kind = types[name]
        assert (kind.tier, kind.requires, kind.supporting, kind.stretches) == expected, name
    assert list(builtin().presentations) == ["T1", "T2"]
    assert list(types["T3"].options) == ["T3S", "T3M"]
    assert "qualified physical therapist" in types["T3"].options["T3M"]


def test_responses():
    responses = builtin().responses
    assert list(responses) == ["ir", "slr", "ober", "all", "two_of_three"]
    ir, slr = responses["ir"].rules[0], responses["slr"].rules[0]
    assert (ir.measure, ir.op, ir.strict, ir.lenient) == ("hip_ir_deg", "ge", 5, None)
    assert (slr.measure, slr.op, slr.strict, slr.lenient) == ("slr_deg", "ge", 10, None)
    sign, grade, angle = responses["ober"].rules
    assert (sign.measure, sign.start, sign.end, sign.lenient_already) == ("ober", "positive", "negative", True)
    assert (grade.measure, grade.op, grade.strict) == ("ober_grade", "ge", 1)
    assert (angle.measure, angle.op, angle.strict) == ("ober_deg", "gt", "mdc95")
    assert [responses[name].at_least for name in ("all", "two_of_three")] == [3, 2]
    assert responses["all"].of == responses["two_of_three"].of == ("ir", "slr", "ober")
    assert (builtin().primary_response, builtin().primary_comparison) == ("all", "immediate")


def test_indication_safety_and_what_follows_the_stretch():
    protocol = builtin()
    drills, unchanged = protocol.indication.drills, protocol.indication.unchanged
    assert (drills.measure, drills.op, drills.strict, drills.lenient) == ("ir_drills_tried", "ge", 3, 2)
    assert (unchanged.of, unchanged.strict, unchanged.lenient) == (("ir", "slr", "ober"), "all", "any")
    assert protocol.indication.comparison == "drills"
    pain, alone = protocol.safety["pain"], protocol.safety["unsupervised_manual"]
    assert (pain.measure, pain.op, pain.value, pain.only_for) == ("pain_nrs", "gt", 0, ())
    assert (alone.measure, alone.op, alone.value, alone.only_for) == ("supervised", "eq", False, ("T3M",))
    assert protocol.own_it.measure == "own_it_drill"
    assert protocol.compensations.measures == ("low_back_extension", "knee_valgus", "overpronation")
    assert (protocol.asymmetry.measure, protocol.asymmetry.worse) == ("hip_ir_deg", "left")
    assert (protocol.asymmetry.strict, protocol.asymmetry.lenient) == ("mdc95", 0)


def test_timepoints_and_pairs():
    protocol = builtin()
    assert protocol.timepoints == ("intake", "baseline", "reread", "post", "followup")
    pairs = {name: (pair.start, pair.end) for name, pair in protocol.comparisons.items()}
    assert [name for name, pair in protocol.comparisons.items() if pair.unchanged] == ["reread"]
    assert pairs == {
        "drills": ("intake", "baseline"),
        "immediate": ("baseline", "post"),
        "retained": ("baseline", "followup"),
        "reread": ("baseline", "reread"),
    }
    assert protocol.classify_at == "baseline"


def test_conditions_that_must_match():
    must = {name: condition.must_match for name, condition in builtin().conditions.items()}
    assert must == {"position": True, "motion": True, "device": True, "rater": False}


def test_measures():
    measures = builtin().measures
    assert {name: measure.sem for name, measure in measures.items() if measure.sem} == SEM
    assert measures["ober_deg"].sd == 7.27
    assert measures["ober"].levels == ("negative", "positive")
    assert measures["pelvic_tilt"].undecided == ("neutral",)
    tilt = measures["pelvic_tilt"].derived
    assert [(cut.level, cut.op, cut.value) for cut in tilt.cuts] == [("anterior", "gt", 2), ("posterior", "lt", -2)]
    assert (tilt.measure, tilt.otherwise) == ("pelvic_tilt_deg", "neutral")
    assert measures["stretch_given"].levels == ("T1", "T2", "T3S", "T3M", "none")


def test_measures_are_those_of_the_design():
    kept = {
        "assessments": "hip_ir_deg hip_er_deg slr_deg ober ober_grade ober_deg pelvic_tilt pelvic_tilt_deg "
        "lumbar_extension swayback feels_stretch ir_drills_tried low_back_extension knee_valgus overpronation "
        "global_change",
        "interventions": "stretch_given supervised pain_nrs own_it_drill",
    }
    for table, names in kept.items():
        assert list(builtin().measures_of(table)) == names.split()


@pytest.mark.parametrize("part", ["criteria", "types", "responses", "safety"])
def test_every_rule_has_prose_and_a_source(part):
    for name, rule in getattr(builtin(), part).items():
        assert rule.prose.endswith("."), name
        assert rule.source, name


def test_protocol_cannot_be_changed_by_accident():
    with pytest.raises(ValueError, match="frozen"):
        builtin().version = "2"


def test_bath_trial_has_arms_instead_of_types(repository):
    protocol = load_protocol(repository / "data/raw/bath-hips/protocol.toml")
    assert protocol.types == {}
    assert protocol.attributes["arm"].levels == ("control", "treatment")
    assert list(protocol.measures) == ["hip_rotation_deg", "hip_flexion_deg"]
    assert protocol.primary_response == "rotation"
    assert protocol.responses["rotation"].rules[0].strict == 5
