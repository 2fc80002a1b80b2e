"""What is said of chance: at every measurement error, of who was enrolled, and of sides that come closer."""

import numpy as np
import pandas as pd
import pytest

from analysis.answers.change_of_asymmetry import change_of_asymmetry
from analysis.answers.degrees import mean_changes
from analysis.hips.by_chance import with_changes_by_chance
from analysis.hips.change import change
from analysis.hips.usual import NOT_DECLARED
from analysis.protocol import builtin
from analysis.protocol.admission import AdmissionRule
from analysis.show.sentences import (
    change_of_asymmetry_answer,
    degrees_answer,
    headline,
    responder_answer,
)
from analysis.show.tables import mean_change_table
from builders import assessments

ROW = {
    "n_responders": 30,
    "n_evaluable": 100,
    "n_patients_evaluable": 60,
    "rate": 0.3,
    "rate_per_person": 0.3,
    "ci_low": 0.2,
    "ci_high": 0.4,
    "chance_rate": 0.1,
    "chance_low": 0.05,
    "chance_high": 0.15,
    "against_chance": "more than chance",
    "chance_errors": "hip_ir_deg 1.9 to 3.6",
    "chance_unknown": "",
    "n_missing": 0,
    "n_clinics": 0,
    "response": "ir",
    "comparison": "immediate",
    "suppressed": False,
}


def said(**changes):
    return responder_answer(pd.DataFrame([ROW | changes]), builtin()).plain


def test_a_verdict_names_the_errors_it_holds_for():
    assert (
        "about 10 % would have counted as responders; the rate is above that. This holds for every measurement error "
        "from 1.9° to 3.6° (chance: 5 % to 15 %)."
    ) in said()


def test_a_verdict_over_several_measures_names_each():
    text = said(chance_errors="hip_ir_deg 1.9 to 3.6; slr_deg 2.8 to 4.2")
    assert "every measurement error from 1.9° to 3.6° (IR) and from 2.8° to 4.2° (SLR)" in text


def test_one_error_alone_is_not_called_every_error():
    assert "every measurement error" not in said(chance_errors="")


@pytest.mark.parametrize(
    ("low", "high", "chance", "way"), [(0.2, 0.4, (0.1, 0.25), "above"), (0.1, 0.2, (0.15, 0.3), "below")]
)
def test_a_verdict_that_depends_on_the_error(low, high, chance, way):
    row = {"ci_low": low, "ci_high": high, "chance_low": chance[0], "chance_high": chance[1], "rate": (low + high) / 2}
    text = said(**row, against_chance="depends on the measurement error")
    assert (
        f"whether the rate is {way} that depends on the measurement error: with errors from 1.9° to 3.6° chance" in text
    )
    table = pd.DataFrame([ROW | row | {"against_chance": "depends on the measurement error"}])
    more = {"above": "more", "below": "fewer"}[way]
    first = headline(table, pd.DataFrame([{"suppressed": True}]), builtin()).plain
    assert f"whether that is {more} than chance alone would give depends on the measurement error." in first


def test_what_cannot_be_told_says_why_and_what_to_do():
    why = NOT_DECLARED
    nothing = {"chance_rate": np.nan, "chance_low": np.nan, "chance_high": np.nan, "against_chance": "not known"}
    assert f"The rate expected by chance cannot be calculated: {why}." in said(**nothing, chance_unknown=why)
    table = pd.DataFrame([ROW | nothing | {"chance_unknown": why}])
    first = headline(table, pd.DataFrame([{"suppressed": True}]), builtin()).plain
    assert f"the rate expected by chance cannot be calculated: {why}." in first


def enrolled(by, people=400, closer=1.0, seed=6):
    """Visits of people whose sides differ by 8 or more, or a hip of whom reads below 20; nothing truly changes."""
    rng = np.random.default_rng(seed)
    true = 25 + 8 * (0.6**0.5 * rng.normal(size=(20 * people, 1)) + 0.4**0.5 * rng.normal(size=(20 * people, 2)))
    later = true.mean(axis=1, keepdims=True) + closer * (true - true.mean(axis=1, keepdims=True))
    before, after = (np.round(at + rng.normal(0, 3, true.shape), 1) for at in (true, later))
    apart = np.abs(before[:, 0] - before[:, 1]) >= 8
    chosen = np.flatnonzero(apart if by == "difference" else (before < 20).any(axis=1))[:people]
    return assessments(
        *(
            {"patient_id": f"{one:05}", "side": side, "timepoint": at, "hip_ir_deg": values[one, place]}
            for one in chosen
            for place, side in enumerate(("left", "right"))
            for at, values in (("baseline", before), ("post", after))
        )
    )


def declared(by):
    rule = {"op": "ge", "value": 8.0} if by == "difference" else {"op": "lt", "value": 20.0}
    return builtin().model_copy(update={"admission": AdmissionRule(measure="hip_ir_deg", by=by, **rule)})


def closer_answer(by, protocol, **cohort):
    table = change_of_asymmetry(enrolled(by, **cohort), protocol).assign(suppressed=False)
    return table.set_index("quantity"), change_of_asymmetry_answer(table, protocol).plain


def test_people_enrolled_for_sides_that_differ_come_closer_by_chance_alone():
    """Ten of ten such cohorts, in which nothing changed, were said to have come closer."""
    table, text = closer_answer("difference", declared("difference"))
    size = table.loc["size"]
    assert size["ci_high"] < 0  # they come closer
    assert size["by_chance"] == pytest.approx(size["change"], abs=0.6)  # by what chance gives
    assert "so the data do not show that the two hips came closer or drew apart by more than chance" in text


def test_sides_that_truly_come_closer_do_so_by_more_than_chance():
    _, text = closer_answer("difference", declared("difference"), closer=0.3)
    assert "**the two hips had come closer** by more than chance" in text


def test_who_was_enrolled_for_a_low_hip_comes_closer_by_chance_too():
    table, text = closer_answer("person", declared("person"))
    assert table.loc["size", "by_chance"] == pytest.approx(table.loc["size", "change"], abs=0.5)
    assert "had come closer" not in text


def test_without_a_declaration_no_verdict_on_sides():
    _, text = closer_answer("difference", builtin())
    assert "whether the two hips came closer cannot be told from chance: first readings look cut off" in text


def test_where_nobody_was_chosen_all_together_change_by_nothing():
    none = builtin().model_copy(update={"admission": "none"})
    table = change_of_asymmetry(enrolled("person"), none).set_index("quantity")
    assert table.loc[["difference", "size"], "by_chance"].tolist() == pytest.approx([0, 0], abs=0.06)


@pytest.mark.parametrize("by", ["person", None])
def test_mean_changes_stand_beside_regression_to_the_mean(by):
    protocol = declared(by) if by else builtin()
    changes = with_changes_by_chance(change(enrolled("person"), protocol), protocol)
    means = mean_changes(changes, protocol, "immediate").assign(suppressed=False).head(1)
    text, table = degrees_answer(means, protocol).plain, mean_change_table(means, protocol).plain
    if by is None:
        assert "The change expected by chance cannot be calculated: first readings look cut off" in text
        return
    row = means.iloc[0]
    assert row["by_chance"] == pytest.approx(row["mean"], abs=0.35)
    assert 0 < row["by_chance_low"] < row["by_chance"] < row["by_chance_high"]
    assert "; the change is not clearly beyond that." in text
    assert f"+{row['by_chance']:.1f}° ({row['by_chance_low']:.1f} to {row['by_chance_high']:.1f})" in table
