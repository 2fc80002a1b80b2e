"""The readings to try: each is answered by the counts of its own row, in the page as in the table."""

import json
import re
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import analysis as hips
from analysis import analyse
from analysis.factory.exporters.forms import readable_forms
from analysis.factory.exporters.html import _readings
from analysis.outputs.sensitivity import sensitivity_document
from analysis.report import open_report
from analysis.sensitivity import Sensitivity
from analysis.show.display import Nothing
from analysis.show.readings import READINGS_MIME, Answer, Decision, Readings, readings_to_try, script
from analysis.show.words import interval, percent
from analysis.simulate import CohortParameters, simulate, write_study
from tests_support import ROOT, bath, preloaded, write_private


@pytest.fixture(scope="module")
def sure():
    return open_report(ROOT / "data/raw/demo").sensitivity()


def test_every_reading_is_answered_by_its_own_row(sure):
    form, table = readings_to_try(sure), sure.readings
    alternatives = sure.protocol.alternatives
    assert [decision.label for decision in form.decisions] == [each.label for each in alternatives.values()]
    place = pd.Series(0, table.index)
    for name, decision in zip(alternatives, form.decisions, strict=True):
        place = place * len(decision.options) + table[name].astype("object").map(decision.options.index).astype("int64")
    assert sorted(place) == list(range(len(table)))
    rates, sides, classes = form.answers
    for reading, row in zip(place, table.itertuples(), strict=True):
        rate = rates.said[rates.of_reading[reading]]
        assert rate.startswith(f"{row.n_responders:,} of {row.n_evaluable:,} hips ({round(100 * row.rate)} %; 95 % CI ")
        pairs = row.both + row.left_only + row.right_only + row.neither
        only = f"only the left {row.left_only:,}, only the right {row.right_only:,}, of {pairs:,} people"
        assert sides.said[sides.of_reading[reading]] == only
        assert classes.said[classes.of_reading[reading]].startswith(f"Type 1 {row.hips_T1:,}, Type 2 {row.hips_T2:,}, ")


DRAWN = st.builds(
    CohortParameters,
    gross_error_share=st.just(0),
    clinics=st.sampled_from([1, 3, 6]),
    missing_post_share=st.sampled_from([0, 0.4]),
    null=st.booleans(),
)


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(2, 30), st.integers(0, 10**6), DRAWN)
def test_what_is_tried_live_is_what_the_command_answers_under_every_reading(patients, seed, parameters):
    with TemporaryDirectory() as place:
        study = hips.load(write_study(simulate(patients, seed, parameters), Path(place) / "study", "Any cohort"))
    form = hips.readings(study)
    sure = Sensitivity(study, analyse(study), study.protocol.primary_comparison, internal=True)
    told = sensitivity_document(sure, per_hip=False)["readings"]  # what capsule sensitivity --json writes
    known = {one["label"]: one["id"] for one in told["decisions"]}
    decisions = [(known[decision.label], decision.options) for decision in form.decisions]
    found = {tuple(row[name] for name, _ in decisions): row for row in told["each"]}
    readings = list(product(*(options for _, options in decisions)))  # the last decision fastest, as the form says
    assert len(readings) == len(found) == told["n_readings"]
    for place, reading in enumerate(readings):
        row = found[reading]
        rates, sides, classes = (one.said[one.of_reading[place]] for one in form.answers)
        assert rates == rate_in_words(row)
        assert numbers(sides) == pairs_of(row)
        assert numbers(re.sub(r"Type \d", "", classes)) == [n for name, n in row.items() if name.startswith("hips_")]


def numbers(words):
    return [int(number.replace(",", "")) for number in re.findall(r"[\d,]*\d", words)]


def rate_in_words(row):
    if not row["n_evaluable"]:
        return "no hip could be judged"
    chance = "" if row["chance_rate"] is None else f"; by chance {percent(row['chance_rate'])}"
    noun = "hip" if row["n_evaluable"] == 1 else "hips"
    limits = interval(row["ci_low"], row["ci_high"])
    return f"{row['n_responders']} of {row['n_evaluable']} {noun} ({percent(row['rate'])}; 95 % CI {limits}{chance})"


def pairs_of(row):
    pairs = sum(row[name] for name in ("both", "left_only", "right_only", "neither"))
    return [row["left_only"], row["right_only"], pairs] if pairs else []


def test_the_answer_of_the_report_stands_beside(sure):
    rates, sides, classes = readings_to_try(sure).answers
    assert rates.own == "54 of 630 hips (9 %; 95 % CI 5–13; by chance <1 %)"
    assert sides.own == "only the left 13, only the right 14, of 198 people"
    own = sure._tables.classifications["stretch_type"].value_counts()
    assert classes.own.startswith(f"Type 1 {own['T1']}, Type 2 {own['T2']}, Escalation {own['T3']}, ")


def test_in_jupyterlab_the_same_form_brings_its_script(sure):
    form = hips.readings(hips.load(ROOT / "data/raw/demo"))
    assert form == readings_to_try(sure)
    assert form._repr_mimebundle_()["text/html"].endswith(f"<script>{script()}</script>")


def test_single_hips_are_not_to_be_told_apart_where_few_are_withheld(tmp_path):
    private = preloaded(write_private(tmp_path / "private", 12, seed=1, clinics=2))
    assert isinstance(readings_to_try(open_report(private).sensitivity()), Nothing)
    assert isinstance(readings_to_try(open_report(private, internal=True).sensitivity()), Readings)
    assert isinstance(readings_to_try(bath().sensitivity()), Nothing)


TWO = Decision(label="A <b> & “c”", options=("</script>", "no"))


def test_what_a_notebook_hands_over_is_words_never_a_script_or_a_mark():
    form = Readings(
        decisions=(TWO,), answers=(Answer(label="<i>", own="<u>", said=("</script><b>", "x"), of_reading=(0, 1)),)
    )
    page = _readings(form.model_dump_json())
    assert "<b>" not in page
    assert "<i>" not in page
    assert page.count("</script>") == 1
    held = page[page.index("json'>") + 6 : page.index("</script></section>")]
    assert json.loads(held) == [{"said": ["</script><b>", "x"], "of_reading": [0, 1]}]


@pytest.mark.parametrize("source", ["", "{}", '{"decisions": [], "answers": [], "script": "x"}', "[1]"])
def test_what_is_no_form_is_not_shown_as_one(source):
    assert _readings(source) is None


@pytest.mark.parametrize("of_reading", [(0,), (0, 2), (0, -1), (0, 1, 1)])
def test_a_form_has_one_sentence_for_every_reading(of_reading):
    with pytest.raises(ValueError, match="every reading needs one"):
        Readings(decisions=(TWO,), answers=(Answer(label="a", own="b", said=("x", "y"), of_reading=of_reading),))


def test_paper_says_where_readings_can_be_tried(sure):
    forms, message = readable_forms(readings_to_try(sure)._repr_mimebundle_())
    assert message == ""
    assert forms["text/markdown"] == "In the HTML page of this report every reading of the vague rules can be tried."
    assert READINGS_MIME in forms
