"""Every fault of a protocol that the loader knows, each made by one edit of the built-in file."""

import pytest

from analysis.protocol import ProtocolError, load_protocol


@pytest.fixture(scope="module")
def text(repository):
    return (repository / "src/analysis/protocol/capsule.toml").read_text(encoding="utf-8")


# What follows a text that ends in "# " is the cut-off in force: no test here knows it.
SLR_BELOW = 'measure = "slr_deg"\nop = "lt"\nstrict = '
# what is written, what is written instead, the fault that is named
BROKEN = [
    # spelling and shape
    ('title = "Posterior', 'titel = "Posterior', "titel: not a known key; check its spelling or remove it"),
    ('title = "Posterior hip capsule stretch"\n', "", "title: this key is needed"),
    ('short = "IR"\n', 'shrt = "IR"\n', "measures.hip_ir_deg.shrt: not a known key"),
    ('timepoints = ["intake", "baseline", "reread", "post", "followup"]', "timepoints = []", "timepoints: "),
    (
        '["intake", "baseline", "reread", "post", "followup"]',
        '["intake", "baseline", "reread", "post", "post"]',
        "timepoints: a name stands twice",
    ),
    ('levels = ["female", "male"]', 'levels = ["male", "male"]', "attributes.sex.levels: a name stands twice"),
    # names that point nowhere
    (
        'short = "Ober grade"\n',
        'short = "Ober grade"\nusual_in.position = { prone = [0, 4] }\n',
        "measures.ober_grade: usual_in: only for angles",
    ),
    (
        "usual_in.position = { prone = [-5, 68]",
        "usual_in.posture = { prone = [-5, 68]",
        "measures.hip_ir_deg.usual_in: 'posture' is not one of the conditions",
    ),
    (
        "usual_in.position = { prone = [-5, 68]",
        "usual_in.position = { lying = [-5, 68]",
        "measures.hip_ir_deg.usual_in.position: 'lying' is not one of the levels",
    ),
    (
        'classify_at = "baseline"',
        'classify_at = "start"',
        "classify_at: 'start' is not one of the timepoints: intake, baseline",
    ),
    ('primary_comparison = "immediate"', 'primary_comparison = "later"', "primary_comparison: 'later' is not one of"),
    ('primary_response = "all"', 'primary_response = "most"', "primary_response: 'most' is not one of the responses"),
    ('restricted_by = "restricted"', 'restricted_by = "stiff"', "restricted_by: 'stiff' is not one of the criteria"),
    ('restricted_by = "restricted"\n', "", "restricted_by: needed where types are defined"),
    ('group_by = "stretch_type"', 'group_by = "shoe"', "group_by: 'shoe' is not one of the groups: clinic_id"),
    ('from = "intake"', 'from = "before"', "comparisons.drills.from: 'before' is not one of the timepoints"),
    (
        'to = "post"\n',
        'to = "post"\nunchanged = true\n',
        "comparisons.immediate.unchanged: between the visits of the primary comparison something was done",
    ),
    ('to = "followup"', 'to = "after"', "comparisons.retained.to: 'after' is not one of the timepoints"),
    (
        'requires = ["restricted", "tilt_anterior"',
        'requires = ["restricted", "tilted"',
        "types.T1.requires: 'tilted' is not one of",
    ),
    (
        'supporting = ["femur_turned_out"]',
        'supporting = ["femur"]',
        "types.T2.supporting: 'femur' is not one of the criteria",
    ),
    (
        'of = ["tilt_anterior", "slr_limited"]',
        'of = ["tilt_anterior", "slr"]',
        "flags.anterior_tilt_with_limited_slr.of: 'slr'",
    ),
    (
        '["tilt_posterior", "stands_in_swayback"]',
        '["tilt_posterior", "slr_limited"]',
        "criteria.posterior_or_swayback.of: 'slr_limited' is not one of the criteria above it",
    ),
    (
        'stretches = ["T2"]',
        'stretches = ["T4"]',
        "types.T2.stretches: 'T4' is not one of the levels of stretch_given: T1, T2",
    ),
    ("T3S = ", "T3X = ", "types.T3.options: 'T3X' is not one of the levels of stretch_given"),
    ('only_for = ["T3M"]', 'only_for = ["T3m"]', "safety.unsupervised_manual.only_for: 'T3m' is not one of the levels"),
    (
        'comparison = "drills"',
        'comparison = "exercise"',
        "indication.comparison: 'exercise' is not one of the comparisons",
    ),
    (
        'unchanged = { of = ["ir", "slr", "ober"]',
        'unchanged = { of = ["ir", "strength"]',
        "indication.unchanged.of: 'strength'",
    ),
    (
        'of = ["ir", "slr", "ober"]\nat_least = 2',
        'of = ["ir", "slr", "all"]\nat_least = 2',
        "responses.two_of_three.of: 'all' is not one of the single tests",
    ),
    ("at_least = 3", "at_least = 4", "responses.all.at_least: 4 is more than the 3 tests named"),
    ('from = "positive"', 'from = "worse"', "responses.ober.rules.from: 'worse' is not one of the levels of ober"),
    ('latent = "ober_deg"', 'latent = "angle"', "responses.ober.rules.latent: 'angle' is not one of the measures"),
    # measures a rule cannot work with
    (
        'measure = "slr_deg"\nop = "lt"',
        'measure = "slr"\nop = "lt"',
        "criteria.slr_limited.measure: 'slr' is not one of the measures",
    ),
    (
        'measure = "slr_deg"\nop = "lt"',
        'measure = "pain_nrs"\nop = "lt"',
        "criteria.slr_limited.measure: pain_nrs is one of the interventions; this rule looks at the assessments",
    ),
    (
        'rules = [{ measure = "slr_deg"',
        'rules = [{ measure = "swayback"',
        "responses.slr.rules.measure: swayback is of kind answer; this rule needs angle or count",
    ),
    (
        'rules = [{ measure = "slr_deg"',
        'rules = [{ measure = "hip_er_deg"',
        'responses.slr.rules.measure: hip_er_deg needs better = "higher" or "lower"',
    ),
    (
        'measure = "pelvic_tilt_deg"\notherwise',
        'measure = "swayback"\notherwise',
        "measures.pelvic_tilt.derived.measure: swayback is of kind answer",
    ),
    ('measure = "pain_nrs"', 'measure = "hip_ir_deg"', "safety.pain.measure: hip_ir_deg is one of the assessments"),
    (
        'drills = { measure = "ir_drills_tried"',
        'drills = { measure = "ober"',
        "indication.drills.measure: ober is of kind level",
    ),
    (
        'measure = "own_it_drill"',
        'measure = "pain_nrs"',
        "own_it.measure: pain_nrs is of kind count; this rule needs answer",
    ),
    (
        '"low_back_extension", "knee_valgus"',
        '"slr_deg", "knee_valgus"',
        "compensations.measures: slr_deg is of kind angle",
    ),
    (
        'measure = "hip_ir_deg"\nworse',
        'measure = "hip_rotation_deg"\nworse',
        "asymmetry.measure: 'hip_rotation_deg' is not one of the measures",
    ),
    (
        'measure = "global_change"',
        'measure = "swayback"',
        "anchor.measure: swayback is of kind answer; this rule needs level",
    ),
    (
        'improved_from = "a little better"',
        'improved_from = "much worse"',
        "anchor.improved_from: 'much worse' is not one of the levels above the worst",
    ),
    # values a measure cannot take
    (
        'measure = "slr_deg"\nop = "lt"',
        'measure = "slr_deg"\nop = "<"',
        "criteria.slr_limited.op: Input should be 'ge', 'gt', 'le', 'lt' or 'eq'",
    ),
    (SLR_BELOW, f'{SLR_BELOW}"low" # ', "criteria.slr_limited.strict: slr_deg needs a number"),
    (SLR_BELOW, f'lenient = "low"\n{SLR_BELOW}', "criteria.slr_limited.lenient: slr_deg needs a number"),
    (SLR_BELOW, f"{SLR_BELOW}true # ", "criteria.slr_limited.strict: slr_deg needs a number"),
    (
        'strict = "posterior"',
        'strict = "backward"',
        'criteria.tilt_posterior.strict: use op = "eq" with one of the levels posterior, anterior',
    ),
    (
        'strict = "posterior"',
        'strict = "neutral"',
        'criteria.tilt_posterior.strict: use op = "eq" with one of the levels posterior, anterior',
    ),
    (
        "strict = false",
        'strict = "no"',
        'criteria.stretch_not_felt.strict: feels_stretch is a yes or no: use op = "eq" with true or false',
    ),
    ('op = "gt"\nvalue = 0', 'op = "gt"\nvalue = "any"', "safety.pain.value: pain_nrs needs a number"),
    (
        'op = "eq"\nvalue = false',
        'op = "lt"\nvalue = false',
        "safety.unsupervised_manual.value: supervised is a yes or no",
    ),
    (
        'level = "anterior", op',
        'level = "forward", op',
        "measures.pelvic_tilt.derived: 'forward' is not one of the levels",
    ),
    (
        'undecided = ["neutral"]',
        'undecided = ["level"]',
        "measures.pelvic_tilt: undecided: ['level'] is not among the levels",
    ),
    ('"slr_deg", op = "ge"', '"slr_deg", op = "le"', "responses.slr.rules.0.op: Input should be 'ge' or 'gt'"),
    # readings the wrong way round
    (
        'measure = "hip_ir_deg"\nop = "lt"\nstrict = ',
        'measure = "hip_ir_deg"\nop = "lt"\nstrict = 80 # ',
        "criteria.restricted.lenient: the lenient reading must let in at least",
    ),
    (
        'strict = "all"\nlenient = "any"',
        'strict = "any"\nlenient = "all"',
        "criteria.extremely_limited.lenient: the lenient reading",
    ),
    (
        'drills = { measure = "ir_drills_tried"',
        'drills = { measure = "ir_drills_tried", op = "ge", strict = 3, lenient = 4 } # ',
        "indication.drills.lenient: the lenient reading must let in",
    ),
    (
        '"hip_ir_deg", op = "ge", ',
        '"hip_ir_deg", op = "ge", lenient = 80, ',
        "responses.ir.rules.lenient: the lenient reading must let in",
    ),
    # measurement error
    ("sem = 2.3\n", "sem = 0\n", "measures.ober_deg.sem: Input should be greater than 0"),
    ("sem = 2.3\n", "sem = 8\n", "measures.ober_deg: sd: must be above the sem"),
    ("sem = 2.3\n", "", "responses.ober.rules: mdc95 needs measures.ober_deg.sem"),
    (
        'sem = 3.0\nsem_range = [1.9, 3.6]\nsem_source = "the',
        'sem_source = "the',
        "asymmetry: mdc95 needs measures.hip_ir_deg.sem",
    ),
    # names that would be two things at once
    ("[measures.knee_valgus]", "[measures.position]", "measures.position: the name is taken; choose another"),
    ("[attributes.sex]", "[attributes.side]", "attributes.side: the name is taken; choose another"),
    ("[types.T2]", "[types.unclassified]", "types.unclassified: the name is taken; choose another"),
]


@pytest.mark.parametrize(("written", "instead", "fault"), BROKEN, ids=[fault[:40] for _, _, fault in BROKEN])
def test_each_fault_names_the_file_and_the_key(tmp_path, text, written, instead, fault):
    assert written in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(written, instead, 1), encoding="utf-8")
    with pytest.raises(ProtocolError) as raised:
        load_protocol(path)
    lines = str(raised.value).splitlines()
    assert any(line.startswith(f"mine.toml: {fault}") for line in lines), lines
    assert all(line.startswith("mine.toml: ") for line in lines)


def test_a_list_whose_only_item_is_at_fault_is_not_called_too_short(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text.replace('"hip_ir_deg", op = "ge"', '"hip_ir_deg", op = "gee"', 1))
    with pytest.raises(ProtocolError) as raised:
        load_protocol(path)
    assert str(raised.value) == "mine.toml: responses.ir.rules.0.op: Input should be 'ge' or 'gt'"
    path.write_text(text.replace('rules = [{ measure = "hip_ir_deg"', "rules = [] # ", 1))
    with pytest.raises(ProtocolError, match=r"responses\.ir\.rules: Tuple should have at least 1 item"):
        load_protocol(path)
