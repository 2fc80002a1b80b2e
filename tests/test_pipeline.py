from itertools import product

import pandas as pd
import pytest

from analysis import Tables, analyse, rates
from analysis.pipeline import in_group, in_period, keep_hips
from analysis.schema import HIP
from builders import AFTER, BEFORE, T1, analysed, assessments, interventions, study, visit


def whole_story(patient, baseline="2026-03-31", clinic="C1"):
    """A hip before the drills, before the stretch and after it."""
    who = {"patient": patient, "clinic_id": clinic}
    return [
        visit("intake", **who, **BEFORE, date="2026-01-15"),
        visit("baseline", **who, **T1 | {"ober": "positive"}, date=baseline),
        visit("post", **who, **AFTER, date=baseline),
    ]


@pytest.fixture(scope="module")
def three() -> Tables:
    visits = [*whole_story("a"), *whole_story("b", "2026-04-01", "C2"), *whole_story("c", None)]
    return analysed(assessments(*visits), interventions({"patient_id": "a", "stretch_given": "T1"}))


def people(tables):
    return {name: sorted(table["patient_id"].unique()) for name, table in vars(tables).items()}


def test_every_table_is_made_and_tells_of_every_hip(three):
    everyone = ["a", "b", "c"]
    assert people(three) == {
        "assessments": everyone,
        "interventions": ["a"],
        "classifications": everyone,
        "changes": everyone,
        "responses": everyone,
        "care": everyone,
    }


def test_shown_alone_the_tables_say_their_names_and_sizes_but_no_row(three):
    lines = repr(three).splitlines()
    assert lines[1].split() == ["assessments", "9", "rows,", str(three.assessments.shape[1]), "columns"]
    assert [line.split()[0] for line in lines[1:]] == list(vars(three))


def test_reading_of_the_responses_reaches_them():
    visits = assessments(visit(**BEFORE | {"ober": "negative"}), visit("post", **AFTER))
    outcomes = {
        reading: set(analyse(study(visits), reading).responses.query("response == 'ober'")["outcome"])
        for reading in ("strict", "lenient")
    }
    assert "responder" in outcomes["lenient"]
    assert outcomes["strict"] == {"not_evaluable"}


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("2026", ["a", "b"]),
        ("2026Q1", ["a"]),
        ("2026Q2", ["b"]),
        ("2026-03", ["a"]),
        ("2026-04", ["b"]),
        ("2025", []),
        ("", ["a", "b", "c"]),
    ],
)
def test_hip_belongs_to_the_period_of_its_stretch_only(three, period, expected):
    """All intakes were in January: they decide nothing, or a hip would be counted in two quarters."""
    found = people(in_period(three, period))
    assert found["responses"] == found["classifications"] == expected


@pytest.mark.parametrize("period", ["spring", "2026Q5", "2026-13"])
def test_period_that_is_none_is_refused(three, period):
    with pytest.raises(ValueError, match="write it like 2026, 2026Q1 or 2026-03"):
        in_period(three, period)


def test_one_clinic(three):
    assert people(in_group(three, "clinic_id", "C2"))["responses"] == ["b"]
    assert people(in_group(three, "clinic_id", ""))["responses"] == ["a", "b", "c"]
    assert people(in_group(three, "clinic_id", "C9"))["responses"] == []


def test_part_of_a_study_keeps_what_was_worked_out_from_the_whole(three):
    part, whole = in_group(three, "clinic_id", "C2").responses, three.responses
    pd.testing.assert_frame_equal(part, whole[whole["patient_id"] == "b"].reset_index(drop=True))
    assert rates(part, response="ir")["chance_rate"].notna().all()


def test_empty_study_has_empty_tables():
    tables = analysed(assessments())
    assert {name: len(table) for name, table in vars(tables).items()} == dict.fromkeys(vars(tables), 0)
    assert all(set(HIP) <= set(table) for table in vars(tables).values())
    assert rates(tables.responses)["n_hips"].tolist() == [0]


def test_study_is_not_changed(three):
    loaded = study(assessments(*whole_story("a")), interventions({"stretch_given": "T1"}))
    before = [loaded.assessments.copy(deep=True), loaded.interventions.copy(deep=True)]
    analyse(loaded, "lenient")
    for table, copy in zip([loaded.assessments, loaded.interventions], before, strict=True):
        pd.testing.assert_frame_equal(table, copy)


def test_hips_are_kept_by_person_side_and_episode():
    seen = product(["a", "b"], ["left", "right"], ["1", "2"])
    tables = analysed(assessments(*[visit(patient=one, side=side, episode=n, **BEFORE) for one, side, n in seen]))
    wanted = [("a", "left", "2"), ("b", "right", "1")]
    kept = keep_hips(tables, pd.DataFrame([*wanted, ("c", "left", "1")], columns=HIP))
    for name in ("assessments", "classifications", "changes", "responses"):
        rows = getattr(kept, name)[HIP].astype("str")
        assert sorted(set(rows.itertuples(index=False, name=None))) == wanted, name
