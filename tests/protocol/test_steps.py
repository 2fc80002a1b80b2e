"""Readings as whole steps of their measure: exact whatever the step, and never moved over a cut-off."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from analysis import analyse
from analysis.answers.rates import rates
from analysis.hips.usual import reading_step
from analysis.intake.load import read_study
from analysis.protocol import builtin
from analysis.protocol.load import load_protocol
from analysis.protocol.steps import cut_in_steps, decimals, five_of, from_steps, in_steps, is_finer, kept_to
from analysis.sensitivity.probability import class_probabilities

STEPS = ["0.1", "0.01", "0.5", "1", "0.25", "0.005"]
PROTOCOL = """
id = "m"
version = "1"
title = "M"
source = "ours"
timepoints = ["baseline", "post"]
classify_at = "baseline"
group_by = "arm"
caution = "x"
primary_response = "gain"
primary_comparison = "immediate"
[attributes.arm]
label = "Arm"
[measures.m]
label = "Strength"
kind = "angle"
unit = "Nm/kg"
step = {step}
better = "{better}"
possible = [-1000, 1000]
sem = 0.05
[comparisons.immediate]
label = "after"
from = "baseline"
to = "post"
[responses.gain]
label = "Gained"
prose = "x"
source = "ours"
rules = [{{ measure = "m", op = "{op}", strict = {cut} }}]
"""
STUDY = """
name = "m"
protocol = "protocol.toml"
[[source]]
file = "visits.csv"
[source.columns]
patient_id = "ID"
arm = "Arm"
side = "Side"
[source.timepoints]
baseline = { m = "pre" }
post = { m = "post" }
"""


def study_of(folder, rows, step="0.01", cut="0.15", op="ge", better="higher"):
    """A study of one left side a person: (arm, before, after) as text."""
    folder.mkdir(exist_ok=True)
    (folder / "protocol.toml").write_text(PROTOCOL.format(step=step, cut=cut, op=op, better=better))
    (folder / "study.toml").write_text(STUDY)
    lines = [f"{place},{arm},left,{before},{after}" for place, (arm, before, after) in enumerate(rows)]
    (folder / "visits.csv").write_text("\n".join(["ID,Arm,Side,pre,post", *lines]) + "\n")
    return read_study(folder)


def test_hundredths_are_not_rounded_to_tenths(tmp_path):
    """Gains of .12, .12 and .16 in arm a, .16, .17 and .15 in arm b, against 0.15 or more."""
    rows = [("a", "1.04", "1.16"), ("a", "1.34", "1.46"), ("a", "1.14", "1.30")]
    rows += [("b", "1.16", "1.32"), ("b", "1.26", "1.43"), ("b", "1.01", "1.16")]
    study = study_of(tmp_path, rows)
    found = rates(analyse(study).responses, ["arm"]).set_index("arm")
    assert found["n_responders"].to_dict() == {"a": 1, "b": 3}


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_responders_are_those_of_exact_arithmetic_on_the_text_of_the_file(tmp_path_factory, data):
    """Whatever the step: readings from the text as fractions, against the cut-off as a fraction."""
    step = data.draw(st.sampled_from(STEPS))
    op, better = data.draw(st.sampled_from(["ge", "gt"])), data.draw(st.sampled_from(["higher", "lower"]))
    cut = str(Decimal(step) * data.draw(st.integers(0, 40)))
    before = st.integers(-400, 400)
    # Most gains lie at the cut-off or a step beside it, where floats go wrong.
    moved = st.integers(-2, 2).map(lambda beside: int(Fraction(cut) / Fraction(step)) + beside)
    pairs = data.draw(st.lists(st.tuples(before, moved), min_size=5, max_size=30))
    texts = [(str(Decimal(step) * a), str(Decimal(step) * (a + (m if better == "higher" else -m)))) for a, m in pairs]
    study = study_of(tmp_path_factory.mktemp("steps"), [("a", *pair) for pair in texts], step, cut, op, better)
    assert not len(study.errors)
    gains = [(1 if better == "higher" else -1) * (Fraction(after) - Fraction(first)) for first, after in texts]
    expected = [gain >= Fraction(cut) if op == "ge" else gain > Fraction(cut) for gain in gains]
    found = analyse(study).responses.set_index("patient_id")["outcome"]
    assert [found[str(place)] == "responder" for place in range(len(pairs))] == expected


@pytest.mark.parametrize("step", [float(step) for step in STEPS])
def test_every_step_comes_out_whole_and_comes_back(step):
    whole = np.arange(-3000, 3001)
    values = np.array([float(Fraction(repr(step)) * int(n)) for n in whole])
    assert in_steps(pd.Series(values), step)[0].tolist() == whole.tolist()
    assert from_steps(whole, step).tolist() == values.tolist()
    assert [cut_in_steps(value, step) for value in values] == whole.tolist()
    assert not is_finer(values, step).any()
    assert is_finer(values + step / 50, step).all()


@pytest.mark.parametrize(
    ("degrees", "expected"), [(21.3, 213), (0.1 + 0.2, 3), (-2.0, -20), (4.35, 44), (19.999999999999996, 200)]
)
def test_tenths(degrees, expected):
    values, known = in_steps(pd.Series([degrees, None]), 0.1)
    assert values.tolist() == [expected, 0]
    assert known.tolist() == [True, False]


def test_counts_with_missing():
    values, known = in_steps(pd.Series([3, None], dtype="Int64"), 1.0)
    assert (values.tolist(), known.tolist()) == ([3, 0], [True, False])


def test_a_cut_off_between_two_steps_stays_between_them():
    assert cut_in_steps(22.25, 0.1) == 222.5


def test_what_people_round_to():
    assert [kept_to(step) for step in (0.1, 1.0, 0.5)] == [(1, 10, 50), (1, 5, 10), (1, 2, 10)]
    assert (five_of(0.1), five_of(0.005), decimals(0.005)) == (5, 0.05, 3)


def test_a_person_who_reads_letters_to_fives():
    rows = pd.DataFrame({"patient_id": ["a", "b"], "m_before": [45.0, 45.0], "m_after": [50.0, 51.0]})
    assert reading_step(rows, "m", 1.0).tolist() == [5, 1]


def test_chance_follows_the_step_of_the_measure(tmp_path):
    """Davis 1976 by hand: a gain of .20 in hundredths passes from .195 on, and rounding adds 0.01²/12 to the error."""
    rows = [("a", f"{1 + n / 10:.1f}3", f"{1.3 + n / 10:.1f}1") for n in range(8)]
    found = analyse(study_of(tmp_path, rows, cut="0.2")).responses["chance"].to_numpy()
    before = np.array([float(first) for _, first, _ in rows])
    error = 0.05**2 + 0.01**2 / 12
    true = before.var(ddof=1) - error
    kept = true / (true + error)
    expected = before.mean() + kept * (before - before.mean())
    assert found == pytest.approx(norm.cdf((expected - before - 0.195) / (kept * error + 0.05**2) ** 0.5))


def test_a_finer_step_gives_the_same_classes_and_nearly_the_same_probabilities():
    hip = {"patient_id": ["a"], "side": ["left"], "timepoint": ["baseline"]}
    hip |= {"hip_ir_deg": [19.9], "hip_er_deg": [44.0], "pelvic_tilt": ["anterior"], "feels_stretch": [True]}
    fine = builtin().measures["hip_ir_deg"].model_copy(update={"step": 0.01})
    protocol = builtin().model_copy(update={"measures": builtin().measures | {"hip_ir_deg": fine}})
    found = [class_probabilities(pd.DataFrame(hip), rules, prior="none") for rules in (builtin(), protocol)]
    assert found[0]["stretch_type"].tolist() == found[1]["stretch_type"].tolist() == ["T1"]
    assert found[0]["p_T1"][0] == pytest.approx(found[1]["p_T1"][0], abs=1e-3)
    just_above = pd.DataFrame(hip | {"hip_ir_deg": [29.99]})
    assert class_probabilities(just_above, protocol)["stretch_type"].tolist() == ["T1"]


@pytest.mark.parametrize(
    ("cut", "step", "fault"), [("0.15", "0.1", "0.15 lies between two steps of m"), ("0.15", "0.01", "")]
)
def test_a_rule_asks_for_whole_steps(tmp_path, cut, step, fault):
    path = tmp_path / "protocol.toml"
    path.write_text(PROTOCOL.format(step=step, cut=cut, op="ge", better="higher"))
    if not fault:
        assert load_protocol(path).measures["m"].step == 0.01
        return
    with pytest.raises(ValueError, match=rf"protocol\.toml: responses\.gain\.rules\.strict: {fault}"):
        load_protocol(path)


@pytest.mark.parametrize(("cut", "step"), [("0.15", 0.01), ("0.125", 0.001), ("2", 0.1), ("1.5", 0.1)])
def test_a_measure_without_a_step_is_read_as_finely_as_its_rules_are(tmp_path, cut, step):
    path = tmp_path / "protocol.toml"
    text = PROTOCOL.format(step="0", cut=cut, op="ge", better="higher")
    path.write_text(text.replace("step = 0\n", ""))
    assert load_protocol(path).measures["m"].step == step
