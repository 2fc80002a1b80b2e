"""The sentences are true and grammatical for every input they can get."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.answers.one_comparison import SIDE_METHODS
from analysis.answers.rates import verdicts
from analysis.disclosure import protect
from analysis.protocol import builtin
from analysis.show import sentences
from analysis.show.display import Nothing, Text
from analysis.stats.paired import PairedTable, newcombe10

PROTOCOL = builtin()


def rate_row(n, x, missing=0, chance=0.1, low=None, high=None, suppressed=False):
    rate = x / n if n else np.nan
    could = n + missing
    row = pd.DataFrame(
        {
            "n_patients": [n + missing],
            "n_hips": [could],
            "n_evaluable": [n],
            "n_responders": [x],
            "rate": [rate],
            "ci_low": [max(rate - 0.1, 0) if low is None else low],
            "ci_high": [min(rate + 0.1, 1) if high is None else high],
            "chance_rate": [chance],
            "chance_low": [chance],
            "chance_high": [chance],
            "chance_errors": [""],
            "chance_unknown": [""],
            "n_missing": [missing],
            "rate_if_none": [x / could if could else np.nan],
            "rate_if_all": [(x + missing) / could if could else np.nan],
            "n_patients_evaluable": [n],
            "n_patients_with": [x],
            "n_patients_without": [n - x],
            "rate_per_person": [rate],
            "n_clinics": [0],
            "response": ["all"],
            "comparison": ["immediate"],
            "suppressed": [suppressed],
        }
    )
    return row.assign(against_chance=verdicts(row))


def pair_row(both, left_only, right_only, neither):
    table = PairedTable(both, left_only, right_only, neither)
    low, high = newcombe10(table)
    return pd.DataFrame(
        {
            "both": [both],
            "left_only": [left_only],
            "right_only": [right_only],
            "neither": [neither],
            "n": [table.n],
            "difference": [table.difference],
            "ci_low": [low],
            "ci_high": [high],
            "clustered_by": ["person"],
            "n_clinics": [0],
            "suppressed": [False],
        }
    )


def test_the_answer_gives_numerator_denominator_interval_and_chance():
    text = sentences.responder_answer(rate_row(18, 12, missing=2), PROTOCOL).plain
    assert text == (
        "**12 of 18 hips responded (67 %; 95 % CI 57–77)**, from 18 patients. A responder is a hip that "
        "meets this rule immediately after the stretch: all three tests improved. If nothing had truly changed, "
        "about 10 % would "
        "have counted as responders; the rate is above that. The outcome of 2 hips is missing; whatever it was, the "
        "rate lies between 60 % and 70 %."
    )


@pytest.mark.parametrize(
    ("low", "high", "chance", "verdict"),
    [
        (0.11, 0.3, 0.1, "the rate is above that"),
        (0.01, 0.09, 0.1, "the rate is below that"),
        (0.05, 0.3, 0.1, "the rate is not clearly different from that"),
        (0.1, 0.3, 0.1, "the rate is not clearly different from that"),
        (
            0.1,
            0.3,
            np.nan,
            "cannot be calculated: the measurement error, or the spread of first readings, is not known.",
        ),
    ],
)
def test_the_verdict_on_chance_follows_the_interval(low, high, chance, verdict):
    row = rate_row(200, 40, chance=chance, low=low, high=high)
    assert verdict in sentences.responder_answer(row, PROTOCOL).plain


def test_nothing_to_judge_is_said_without_a_rate():
    text = sentences.responder_answer(rate_row(0, 0, missing=3), PROTOCOL).plain
    assert text == "No hip could be judged immediately after the stretch, so there is no rate."


@pytest.mark.parametrize(
    ("per_person", "beside"),
    [
        (5 / 17, "This is the rate per hip; per patient, with every patient counted alike, it would be 29 %."),
        (10 / 22 + 0.009, ""),
        (np.nan, ""),
    ],
)
def test_a_rate_per_person_stands_beside_the_rate_per_hip_where_they_print_apart(per_person, beside):
    text = sentences.responder_answer(rate_row(22, 10).assign(rate_per_person=per_person), PROTOCOL).plain
    assert text.startswith("**10 of 22 hips responded (45 %; ")
    assert beside in text
    assert ("per patient" in text) == bool(beside)


def test_a_limit_is_not_printed_as_the_chance_it_lies_beyond():
    text = sentences.responder_answer(rate_row(200, 40, chance=0.1, low=0.104, high=0.3), PROTOCOL).plain
    assert "95 % CI 10.4–30.0" in text
    assert "about 10 % would have counted as responders; the rate is above that" in text


@pytest.mark.parametrize(("low", "high", "said"), [(0.0047, 0.302, "0.5 to 30.2"), (-0.002, 0.302, "−0.2 to 30.2"),
                                                   (0.0, 0.302, "0 to 30"), (0.01, 0.302, "1 to 30")])  # fmt: skip
def test_a_limit_of_a_difference_is_not_printed_as_0_unless_it_is(low, high, said):
    row = pair_row(9, 9, 3, 9).assign(ci_low=low, ci_high=high)
    text = sentences.sides_answer(row, builtin()).plain
    assert f"95 % CI {said})" in text
    assert ("responded more often" in text) == (low > 0)


def test_withheld_numbers_stand_in_no_sentence():
    hidden = protect(rate_row(9, 3).drop(columns="suppressed"))
    for text in (
        sentences.responder_answer(hidden, PROTOCOL).plain,
        sentences.scope_sentence(hidden, "Clinic A", builtin()).plain,
    ):
        assert "withheld" in text
        assert re.findall(r"\d+", text) == []


@given(n=st.integers(0, 400), share=st.floats(0, 1), missing=st.integers(0, 50))
def test_every_number_in_the_answer_comes_from_the_row(n, share, missing):
    row = rate_row(n, round(n * share), missing=missing)
    text = sentences.responder_answer(row, PROTOCOL).plain
    assert "nan" not in text
    assert " 1 hips" not in text
    assert "  " not in text
    if n:
        assert f"{round(n * share):,} of {n:,} hip" in text
        assert ("is missing" in text) == (missing > 0)


@pytest.mark.parametrize(
    ("cells", "verdict"),
    [
        ((20, 12, 2, 16), "Left hips responded more often than right hips"),
        ((20, 2, 12, 16), "Right hips responded more often than left hips"),
        ((20, 5, 5, 16), "No clear difference between left and right"),
        ((0, 0, 0, 1), "No clear difference between left and right"),
    ],
)
def test_the_verdict_on_sides_follows_the_interval(cells, verdict):
    assert sentences.sides_answer(pair_row(*cells), builtin()).plain.startswith(f"**{verdict}**")


def test_one_person_is_one_person():
    assert "of 1 person with both hips judged" in sentences.sides_answer(pair_row(0, 0, 0, 1), builtin()).plain


def test_no_pairs_are_said_to_be_none():
    assert sentences.sides_answer(pair_row(0, 0, 0, 0), builtin()).plain.startswith("No person has both hips judged")


def asymmetry_row(mean, low, high, left=10, within=80, right=5):
    return pd.DataFrame(
        {
            "timepoint": ["baseline"],
            "n": [left + within + right],
            "mean_difference": [mean],
            "ci_low": [low],
            "ci_high": [high],
            "n_left_worse": [left],
            "n_within_error": [within],
            "n_right_worse": [right],
            "n_showing": [left],
            "share_showing": [left / (left + within + right) if left + within + right else np.nan],
            "showing_low": [0.05],
            "showing_high": [0.18],
            "suppressed": [False],
        }
    )


@pytest.mark.parametrize(
    ("mean", "low", "high", "said"),
    [
        (-3.1, -3.7, -2.5, "left hips had on average 3.1° less hip internal rotation than right hips"),
        (3.1, 2.5, 3.7, "left hips had on average 3.1° more hip internal rotation than right hips"),
        (-0.4, -1.0, 0.2, "did not clearly differ in hip internal rotation: −0.4°"),
        (0.0, -1.0, 1.0, "did not clearly differ in hip internal rotation: 0.0°"),
    ],
)
def test_the_direction_of_the_asymmetry_is_said_right(mean, low, high, said):
    text = sentences.asymmetry_answer(asymmetry_row(mean, low, high), PROTOCOL).plain
    assert said in text
    assert "beyond measurement error in 15 people: the left hip had less in 10, the right in 5. " in text
    assert text.endswith("10 of 95 show the expected pattern (11 %; 95 % CI 5–18).")


def test_one_of_several_shows_the_pattern():
    text = sentences.asymmetry_answer(asymmetry_row(-3.1, -3.7, -2.5, left=1), PROTOCOL).plain
    assert "1 of 86 shows the expected pattern" in text


def test_one_person_has_a_difference_but_no_interval():
    text = sentences.asymmetry_answer(asymmetry_row(-4.0, np.nan, np.nan, 0, 1, 0), PROTOCOL).plain
    assert (
        text
        == "One person was measured on both sides: the left hip had 4.0° less hip internal rotation than the right."
    )


def test_several_people_without_scatter_are_not_one_person():
    alike = sentences.asymmetry_answer(asymmetry_row(0.0, np.nan, np.nan, 0, 12, 0), PROTOCOL).plain
    assert alike == (
        "12 people were measured on both sides: on average both hips had the same hip internal rotation, too alike for "
        "an interval."
    )
    closer_by = closer(-2.0, np.nan, np.nan, n=12)
    said = sentences.change_of_asymmetry_answer(closer_by, PROTOCOL).plain
    assert "two hips of each of 12 people, on average, went from 7.0° to 5.0°." in said


def test_one_person_may_have_two_hips_alike():
    text = sentences.asymmetry_answer(asymmetry_row(0.0, np.nan, np.nan, 0, 1, 0), PROTOCOL).plain
    assert text == "One person was measured on both sides: both hips had the same hip internal rotation."


def test_nobody_measured_on_both_sides_is_said():
    nobody = asymmetry_row(np.nan, np.nan, np.nan, 0, 0, 0)
    for table in (nobody, nobody.iloc[:0]):
        assert sentences.asymmetry_answer(table, PROTOCOL).plain.startswith("No person was measured on both sides")


def between(p=np.nan, no_test="", suppressed=(False, False)):
    return pd.DataFrame(
        {"stretch_type": ["T1", "T2"], "p_interaction": p, "no_test": no_test, "suppressed": suppressed}
    )


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (between(suppressed=(False, True)), "is the same in all stretch types is withheld."),
        (
            between(no_test="no group has an estimate"),
            "stretch types is not estimable: no group has an estimate.",
        ),
        (between(0.049), "**The difference between left and right is not the same in all stretch types** (p = .049)."),
        (between(0.05), "The data do not show that the difference between left and right varies between stretch types"),
        (between(0.0001), "(p < .001)."),
    ],
)
def test_whether_the_sides_differ_alike_in_all_groups(table, said):
    assert said in sentences.between_groups_answer(table, PROTOCOL).plain


def methods(suppressed=False, **limits):
    row = {"suppressed": suppressed}
    for method in SIDE_METHODS:
        low, high = limits.get(method.limits, (np.nan, np.nan))
        row |= {method.p: low, f"{method.limits}_low": low, f"{method.limits}_high": high, method.difference: 0.1}
    return pd.DataFrame([row])


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (methods(suppressed=True), "withheld"),
        (methods(), "No method can compare left and right here."),
        (methods(gee=(-0.1, 0.2)), "Only one method can be used here: GEE."),
        (
            methods(newcombe=(-0.05, 0.25), gee=(0.0, 0.2)),
            "No method finds a clear difference, which does not show that there is none: in percentage "
            "points they estimate 10, with 95 % CIs from −5 to 25.",
        ),
        (
            methods(newcombe=(0.02, 0.18), gee=(0.01, 0.2)),
            "Every method finds a difference on the same side: in percentage points they estimate 10, with 95 % CIs "
            "from 1 to 20.",
        ),
        (
            methods(newcombe=(-0.01, 0.2), tango=(0.01, 0.2), gee=(0.02, 0.2)),
            "the 95 % CI leaves out 0 by McNemar and GEE, and not by Newcombe.",
        ),
        (
            methods(newcombe=(0.01, 0.2), durkalski=(-0.2, -0.01)),
            "the 95 % CI is above 0 by Newcombe, and below by Durkalski.",
        ),
    ],
)
def test_whether_the_answer_depends_on_the_method(table, said):
    assert said in sentences.methods_answer(table).plain


def closer(change, low, high, n=20, hidden=(False, False)):
    """The signed difference went from −3 by half as much as the size did."""
    quantities = {"quantity": ["difference", "size", "showing"], "n": n, "before": [-3.0, 7.0, 0.5]}
    moved, ends = [change / 2, change, -0.1], {"ci_low": [low / 2, low, -0.3], "ci_high": [high / 2, high, 0.1]}
    table = pd.DataFrame(quantities).assign(change=moved, **ends, comparison="immediate")
    table["after"] = table["before"] + table["change"]
    table = table.assign(by_chance=[0.0, 0.0, np.nan], chance_unknown="")
    table = table.assign(by_chance_low=table["by_chance"], by_chance_high=table["by_chance"])
    return table.assign(n_before=[pd.NA, pd.NA, 10], n_after=[pd.NA, pd.NA, 8], suppressed=[hidden[0], *hidden])


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (
            closer(-2.0, -3.0, -1.0),
            "Whichever side has less, the difference went from 7.0° to 5.0° (change −2.0°; 95 % CI −3.0 to −1.0); "
            "with nothing truly changed it would have changed by 0.0°, so **the two hips had come closer** by more "
            "than "
            "chance (20 people).",
        ),
        (
            closer(-2.0, -3.0, -1.0),
            "Immediately after the stretch left minus right went on average from −3.0° to −4.0° (change −1.0°; "
            "95 % CI −1.5 to −0.5): a clear change.",
        ),
        (closer(-1.0, -2.0, 0.1), "(change −0.5°; 95 % CI −1.0 to 0.1): no clear change."),
        (closer(2.0, 1.0, 3.0), "so **the two hips had drawn apart**"),
        (closer(-1.0, -2.0, 0.0), "the data do not show that the two hips came closer or drew apart"),
        (
            closer(-1.0, -2.0, 0.1),
            "10 showed the expected pattern before and 8 after (−10 percentage points; 95",
        ),
        (
            closer(-2.0, np.nan, np.nan, n=1),
            "the difference between the two hips of one person went from 7.0° to 5.0°.",
        ),
        (closer(-1.0, -2.0, 0.1, hidden=(False, True)), "The number that showed the expected pattern is withheld."),
        (closer(-1.0, -2.0, 0.1, hidden=(True, True)), "Whether the two hips of one person came closer is withheld."),
        (closer(np.nan, np.nan, np.nan, n=0), "No person was measured on both sides both times in the same way"),
        (closer(-1.0, -2.0, 0.1).iloc[:0], "No person was measured on both sides both times in the same way"),
    ],
)
def test_whether_the_hips_came_closer(table, said):
    assert said in sentences.change_of_asymmetry_answer(table, PROTOCOL).plain


@given(n=st.integers(0, 60), data=st.data())
def test_the_headline_is_true_of_every_rate_and_pair(n, data):
    x = data.draw(st.integers(0, n))
    chance = data.draw(st.sampled_from([0.0, 0.05, 0.3, 0.9, np.nan]))
    low = data.draw(st.floats(0, x / n if n else 0))
    cells = data.draw(st.tuples(*[st.integers(0, 30)] * 4))
    rates, pair = rate_row(n, x, chance=chance, low=low), pair_row(*cells)
    said = sentences.headline(rates, pair, PROTOCOL).plain
    assert ("No hip could be judged" in said) == (n == 0)
    if n:
        assert said.startswith(f"**{x} of {n} hip{'' if n == 1 else 's'} (")
        assert re.search(r" %; 95 % CI [\d.]+–[\d.]+\) responded immediately after the stretch", said)
        assert (" more than chance" in said) == (rates["against_chance"][0] == "more than chance")
        assert (": few, but more" in said) == (rates["against_chance"][0] == "more than chance" and x < 10)
        assert (", fewer than chance" in said) == (rates["against_chance"][0] == "fewer than chance")
        assert ("by chance is not known" in said) == np.isnan(chance)
    clear = sum(cells) > 0 and (pair["ci_low"][0] > 0 or pair["ci_high"][0] < 0)
    more, fewer = cells[1] > cells[2], cells[1] < cells[2]
    assert ("Left hips responded more" in said) == (clear and more)
    assert ("Right hips responded more" in said) == (clear and fewer)
    assert ("no person has both hips judged" in said) == (sum(cells) == 0)


def test_a_headline_withholds_what_its_tables_withhold():
    hidden = [protect(rate_row(4, 2)), protect(pair_row(3, 1, 0, 0), "sides")]
    said = sentences.headline(*hidden, PROTOCOL).plain
    assert said.startswith(
        "**The number of hips that responded is withheld. The comparison of left and right is withheld.** A "
    )
    assert said.endswith("An internal report, for those who treat the patients, withholds nothing.")


def test_who_was_seen_again():
    seen = pd.DataFrame({"answer": ["At the later visit", "From IR"], "n_yes": [9, 1], "n_known": [12, 1],
                         "share": [0.75, 1.0], "suppressed": [False, False]})  # fmt: skip
    said = sentences.follow_up_answer(seen, builtin()).plain
    assert said == "Seen again: at the later visit 9 of 12 hips (75 %); at the other visits every hip."
    assert (
        "at the later visit withheld"
        in sentences.follow_up_answer(seen.assign(suppressed=[True, False]), protocol=builtin()).plain
    )
    assert sentences.follow_up_answer(seen.assign(suppressed=True), protocol=builtin()).plain.endswith(
        "seen again is withheld."
    )
    assert sentences.follow_up_answer(seen.iloc[1:], builtin()).plain == "Every hip was seen again."
    assert sentences.follow_up_answer(pd.DataFrame(), builtin()).plain == "No hip was due to be seen again."


def test_pairs_without_a_lone_responder_are_said_in_words():
    assert (
        "in none did one hip respond without the other" in sentences.sides_answer(pair_row(0, 0, 0, 4), builtin()).plain
    )


def events(*rows, suppressed=False):
    columns = ["answer", "n_yes", "n_known", "n_hips", "share", "ci_low", "ci_high"]
    table = pd.DataFrame(rows, columns=columns).assign(suppressed=suppressed)
    return table.assign(n_not_known=table["n_hips"] - table["n_known"])


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (
            events(("pain", 2, 8, 9, 0.25, 0.07, 0.59)).assign(n_not_known=pd.NA),
            "**Safety**: pain in 2 of 8 hips (25 %; 95 % CI 7–59; the number not recorded is withheld).",
        ),
        (events(("pain", 2, 8, 8, 0.25, 0.07, 0.59)), "**Safety**: pain in 2 of 8 hips (25 %; 95 % CI 7–59)."),
        (
            events(("pain", 0, 1, 3, 0.0, 0.0, 0.79)),
            "**Safety**: pain in 0 of 1 hip (0 %; 95 % CI 0–79; not recorded for 2 more).",
        ),
        (events(("pain", 0, 0, 3, np.nan, np.nan, np.nan)), "**Safety**: pain: not recorded for any of 3 hips."),
        (events(("pain", 0, 0, 0, np.nan, np.nan, np.nan)), "**Safety**: pain: no hip was at risk."),
        (events(("pain", 2, 8, 8, 0.25, 0.07, 0.59), suppressed=True), "**Safety**: pain: withheld."),
        (
            events(("a", 1, 2, 2, 0.5, 0.1, 0.9), ("b*", 0, 2, 2, 0.0, 0.0, 0.6)),
            "**Safety**: a in 1 of 2 hips (50 %; 95 % CI 10–90); b* in 0 of 2 hips (0 %; 95 % CI 0–60).",
        ),
    ],
)
def test_safety_is_said_of_the_hips_at_risk(table, said):
    assert sentences.safety_answer(table, builtin()).plain == said


def classes(definite, borderline, hidden=False):
    return pd.DataFrame({"n_definite": definite, "n_borderline": borderline, "suppressed": [hidden] * len(definite)})


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (classes([1, 0], [0, 1]), "Of 2 hips with a settled class, 1 is definite (in the strict reading of the "
                                  "cut-offs) and 1 borderline (in the lenient reading only)."),
        (classes([1], [0]), "Of 1 hip with a settled class, 1 is definite (in the strict reading of the cut-offs) "
                            "and 0 borderline (in the lenient reading only)."),
        (classes([900, 100], [400, 0]), "Of 1,400 hips with a settled class, 1,000 are definite (in the strict "
                                        "reading of the cut-offs) and 400 borderline (in the lenient reading only)."),
        (classes([1, 5], [0, 1], hidden=True), "The number of hips with a definite class is withheld."),
    ],
)  # fmt: skip
def test_how_firmly_hips_are_classed(table, said):
    assert sentences.firmness_answer(table, builtin()).plain == said


def test_what_no_rule_asks_for_is_passed_over():
    for nothing in (
        sentences.firmness_answer(pd.DataFrame(), builtin()),
        sentences.firmness_answer(classes([0], [0]), builtin()),
    ):
        assert isinstance(nothing, Nothing)
        assert sentences.together(nothing, nothing) == nothing
        assert sentences.together(nothing, Text("A *b*."), nothing, Text("C.")) == Text("A *b*. C.")


def test_the_most_frequent_warning_is_named():
    found = pd.DataFrame({"rule": ["a", "b"], "message": ["x_1", "y"], "n": [1, 2], "severity": "warning"})
    found = found.assign(suppressed=False)
    assert sentences.data_warnings(found).plain == (
        "The data of the whole study have 3 warnings of 2 kinds. Most frequent, 2 times: “y”. "
        "`capsule check` lists them."
    )
    assert "have 2 warnings: “y”. `capsule check` says where." in sentences.data_warnings(found.iloc[1:]).plain
    assert "2 warnings of 2 kinds. One of them: “x_1”." in sentences.data_warnings(found.assign(n=1)).plain
    hidden = sentences.data_warnings(found.assign(suppressed=[True, False])).plain
    assert "their number is withheld" in hidden
    assert "3" not in hidden
    assert sentences.data_warnings(found.iloc[:0]).plain == "There are no warnings about the data."
