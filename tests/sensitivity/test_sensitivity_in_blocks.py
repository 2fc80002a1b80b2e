"""A processed study goes block by block: what is told of it is that of the whole, to the last bit."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import analyse, load
from analysis.answers.asymmetry import differences_at
from analysis.hips.classify import Known
from analysis.intake import processed
from analysis.intake.processed import described
from analysis.outputs import store
from analysis.outputs.documents import to_text
from analysis.outputs.sensitivity import sensitivity_document
from analysis.protocol import builtin
from analysis.sensitivity import Sensitivity, in_blocks
from analysis.sensitivity.answer_patterns import find_patterns, patterns_together
from analysis.sensitivity.claim_rows import rows_of_claims
from analysis.sensitivity.in_blocks import SensitivityInBlocks
from analysis.sensitivity.pattern_counts import count_people_and_pairs
from analysis.simulate import CohortParameters, simulate, write_study
from builders import assessments, interventions, visit
from study_folders import write_tidy

RAW = Path(__file__).parents[2] / "data/raw"
STUDIES = {
    "Bath": lambda folder: RAW / "bath-hips",
    "read twice, of six clinics": lambda folder: write_study(
        simulate(60, 3, CohortParameters(clinics=6, reread_share=0.6, missing_post_share=0.3, ir_sem=6.0)),
        folder / "many",
        "Many",
    ),
    "few, of no clinic, one of them twice": lambda folder: write_tidy(
        folder / "few", "ID,Episode,Hip,Visit,IR\n" + _few(), columns='episode = "Episode"'
    ),
}
ASKED = [
    ("Bath", "immediate"),
    ("read twice, of six clinics", "immediate"),
    ("few, of no clinic, one of them twice", "retained"),  # which never took place
]


def _few():
    return "".join(
        f"{patient},{episode},{side},{when},{10 + 3 * number + gain}\n"
        for number, patient in enumerate(["b", "a", "007", "c", "NA", "x"])
        for episode in (["1", "2"] if patient == "c" else ["1"])
        for side in (("left", "right") if number % 3 else ("left",))
        for when, gain in (("baseline", 0), ("post", 4 + number % 3))
    )


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Studies, and the folders that they were processed to, with people in some four blocks."""

    @cache
    def write(name):
        folder = tmp_path_factory.mktemp("study")
        study = load(STUDIES[name](folder))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(store, "_ROWS", -(-len(study.assessments) // 4))
            store.write_tables(study, None, folder / "processed")
        return study, folder / "processed"

    return write


@pytest.mark.parametrize(("name", "comparison"), ASKED)
def test_what_is_told_of_blocks_is_told_of_the_whole_to_the_last_bit(written, name, comparison):
    study, folder = written(name)
    blocks = SensitivityInBlocks.of(folder, described(folder), comparison)
    assert len(blocks._blocks(["patient_id"])) >= 3
    whole = Sensitivity(study, analyse(study), comparison, internal=True)
    documents = [sensitivity_document(of, per_hip=False) for of in (blocks, whole)]
    assert to_text(documents[0]) == to_text(documents[1])
    if name == "read twice, of six clinics":  # asks for every part: of one that is empty nothing is compared
        _check_all_told(documents[0])


def _check_all_told(document):
    assert len(document["readings"]["each"]) == 6_912
    assert all(document[part] for part in ("chance", "own_error", "criteria", "claims"))
    assert {row["verdict"] for row in document["claims"]} - {"too few"}


def test_the_hips_to_measure_again_are_those_of_the_whole(written):
    study, folder = written("read twice, of six clinics")
    found = SensitivityInBlocks.of(folder, described(folder), "immediate").to_measure_again
    expected = Sensitivity(study, analyse(study), "immediate", internal=True).to_measure_again
    assert len(found) == 10
    assert found.astype("str").values.tolist() == expected.astype("str").values.tolist()


def test_left_against_right_counts_people_with_the_clinic_where_they_were_seen_first():
    """Of seven people in six clinics one moved between two visits, and one has a clinic at the other visit alone."""
    clinic = {"0": ("A", "B"), "1": (None, "A"), "2": ("B", "B"), **{str(n): (c, c) for n, c in enumerate("CDEF", 3)}}
    rows = [
        visit(when, person, side, hip_ir_deg=10 + int(person) * (side == "left"), clinic_id=seen)
        for person, clinics in clinic.items()
        for side in ("left", "right")
        for when, seen in zip(("intake", "baseline"), clinics, strict=True)
    ]
    visits = assessments(*rows)
    rows = rows_of_claims(visits, interventions(), builtin(), Known({}, {})).assessments
    assert len(rows) == 14
    expected, found = (differences_at("baseline", table, builtin()) for table in (visits, rows))
    assert found[0].tolist() == expected[0].tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert found[1].tolist() == expected[1].tolist() == [0, 0, 1, 2, 3, 4, 5]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 1), st.integers(0, 1), st.integers(0, 2)), min_size=1))
def test_patterns_of_people_in_two_blocks_count_as_those_of_all(rows):
    """Of each hip the person, the episode, the side and the outcome."""
    hips = np.array([(*key, outcome) for key, outcome in {row[:3]: row[3] for row in rows}.items()])
    halves = [half for half in (hips[hips[:, 0] < 3], hips[hips[:, 0] >= 3]) if len(half)]
    together, numbers = patterns_together([_patterns(half) for half in halves])
    whole = _patterns(hips)
    for found in (together, whole):
        assert found.answers.shape[1] == len(found.hips)
    assert [len(number) for number in numbers] == [len(_patterns(half).hips) for half in halves]
    assert _counts(together) == _counts(whole)


def _patterns(hips):
    person, episode, side, outcome = hips.T
    person = np.unique(person, return_inverse=True)[1]
    pair = np.unique(person * 2 + episode, return_inverse=True)[1]
    return find_patterns([outcome], [3], person, pair, side)[0]


def _counts(patterns):
    codes = patterns.answers[0]
    sums, *others, pairs = count_people_and_pairs(patterns, (codes != 2)[None, :], (codes == 0)[None, :])
    return [int(count[0]) for count in (*sums, *others, *pairs)]


def test_the_command_takes_blocks_where_all_tables_would_not_fit(written, capsule, monkeypatch):
    study, folder = written("Bath")
    monkeypatch.setattr(processed, "A_VISIT", 10**15)
    code, out, err = capsule("sensitivity", folder, "--json", "-")
    assert [code, err] == [0, ""]
    assert json.loads(out)["provenance"]["study"] == study.name
    for option in ("--safe", "--hips"):
        assert "needs every table at once" in capsule("sensitivity", folder, option)[2]


def test_claims_of_a_study_that_is_too_large_even_so_are_refused_before_it_is_read(written, monkeypatch):
    _, folder = written("read twice, of six clinics")
    monkeypatch.setattr(in_blocks, "A_VISIT_OF_CLAIMS", 10**15)
    with pytest.raises(ValueError, match="needs what the claims look at of everyone at once"):
        SensitivityInBlocks.of(folder, described(folder), "immediate")
