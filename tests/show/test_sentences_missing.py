"""What the missing might make of a rate, in words and in a table that agree with the numbers."""

import math

import pandas as pd
import pytest

from analysis.answers.missing import TILTS
from analysis.disclosure import protect
from analysis.protocol import builtin
from analysis.show import sentences, tables
from analysis.show.display import Nothing
from tests_support import bath, small_study

PROTOCOL = bath().protocol
RATES = (0.40, 0.42, 0.44, 0.46, 0.48)


def tilted(verdict="more than chance", below=math.nan, above=math.nan, missing=20, judged=80, reason="", alike=None):
    """80 hips of which 36 responded, and 20 without an outcome."""
    shown = {"n_patients": 100, "n_hips": judged + missing, "n_evaluable": judged, "n_responders": 36, "rate": 0.45,
             "ci_low": 0.35, "ci_high": 0.56, "chance_rate": 0.2, "against_chance": verdict, "n_missing": missing,
             "rate_if_none": 0.36, "rate_if_all": 0.56, "n_patients_evaluable": judged, "n_patients_with": 30,
             "n_patients_without": 40, "response": "rotation", "comparison": "immediate", "turns_below": below,
             "turns_above": above, "not_estimable": reason, "clustered_by": "person",
             "cluster_note": "people are taken as independent", "suppressed": False}  # fmt: skip
    rows = [
        {"tilt": tilt, "odds_ratio": math.exp(tilt), "imputed": rate, "imputed_low": rate - 0.1,
         "imputed_high": rate + 0.1, "imputed_against_chance": alike or verdict}
        for tilt, rate in zip(TILTS, RATES, strict=True)
    ]  # fmt: skip
    return pd.DataFrame([shown | row for row in rows])


def said(table):
    return sentences.missing_answer(table, builtin()).plain


def test_the_answer_is_about_hips_like_them():
    assert said(tilted()) == (
        "**If the 20 hips without an outcome had done as hips like them did, 44 % (95 % CI 34–54) of all 100 hips "
        "would have "
        "responded**, against 45 % of those judged. The verdict, more than chance, does not change, however much "
        "better or worse "
        "they did."
    )


@pytest.mark.parametrize(
    ("below", "above", "words"),
    [
        (-1.5, math.nan, "at least 4.5 times lower than those of hips like them."),
        (math.nan, 0.1, "at least 1.1 times higher than those"),
        (-3.0, 2.0, "at least 20 times lower or at least 7.4 times higher than those"),
        (-8.0, math.nan, "been more than 1,000 times lower"),
    ],
)
def test_what_would_turn_the_verdict_is_said_in_odds(below, above, words):
    text = said(tilted("not clear of chance", below, above))
    assert "The verdict, not clear of chance, would change if their odds of responding had been " in text
    assert words in text


def test_a_verdict_that_does_not_survive_hips_like_them_is_said():
    text = said(tilted(below=0.0, alike="not clear of chance"))
    assert text.endswith("The verdict on chance would then change: not clear of chance instead of more than chance.")


def test_a_chance_that_is_not_known_has_no_verdict():
    assert said(tilted("not known")).endswith("against 45 % of those judged.")


def test_what_cannot_be_said_is_not():
    assert isinstance(sentences.missing_answer(tilted(missing=0), protocol=builtin()), Nothing)
    assert said(tilted(reason="no hip was judged")).endswith("cannot be calculated: no hip was judged.")
    few = protect(tilted(missing=8).drop(columns="suppressed"), "missing_outcomes")
    assert said(few).startswith("Few outcomes are missing; their number")
    hidden = protect(tilted().assign(n_patients_with=3).drop(columns="suppressed"), "missing_outcomes")
    assert said(hidden) == "What the missing outcomes might be is withheld."


def test_the_table_has_a_row_for_every_way_to_be_missing():
    table = tables.missing_table(tilted("not clear of chance"), PROTOCOL)
    assert [row[0] for row in table.rows] == [
        "Judged hips alone", "None of them responded", "Much worse than hips like them", "Worse than hips like them",
        "As hips like them", "Better than hips like them", "Much better than hips like them", "All of them responded",
    ]  # fmt: skip
    assert table.rows[0][2] == "36/80 (45 %; 95 % CI 35–56)"
    assert table.rows[2][1:] == ["× 0.37", "40 % (30–50)", "not clear of chance"]
    assert (table.rows[1][2], table.rows[-1][2]) == ("36 %", "56 %")
    assert "20 hips without an outcome" in table.notes[0]


def test_a_withheld_table_holds_no_number():
    few = tables.missing_table(protect(tilted(missing=8).drop(columns="suppressed"), "missing_outcomes"), PROTOCOL)
    assert few.rows[1][1:] == ["1", "withheld", "withheld"]
    report = small_study(4)
    hidden = tables.missing_table(report.tilted_rates(), report.protocol)
    assert isinstance(hidden, Nothing)


def test_nothing_missing_needs_no_table():
    assert isinstance(tables.missing_table(bath().tilted_rates(), PROTOCOL), Nothing)


def test_why_nothing_can_be_filled_in_stands_in_the_table():
    table = tables.missing_table(tilted(reason="no hip was judged"), PROTOCOL)
    assert table.rows[1][2] == "not estimable"
    assert "Not estimable: As hips like them: no hip was judged." in table.notes
