"""Clinics against each other and over time: what is flagged is beyond chance, what is small is not."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from analysis.answers.clinics import clinic_funnel, clinics_compared, funnel_curve, rates_over_time
from analysis.protocol import builtin
from analysis.schema import OUTCOMES, ordered
from analysis.show.sentences import chart_answer, funnel_answer
from analysis.show.tables import clinics_table
from analysis.stats.shrinkage import shrunk_rates


def responses(groups: dict[str, tuple[int, int]], date: str = "2026-01-15") -> pd.DataFrame:
    """One-hip people: for each group how many responded, of how many."""
    rows = [
        {"patient_id": f"{name}-{i}", "clinic_id": name, "date": name if name[:2] == "20" else date, "yes": i < x}
        for name, (x, n) in groups.items()
        for i in range(n)
    ]
    frame = pd.DataFrame(rows)
    return frame.assign(
        date=pd.to_datetime(frame["date"]),
        side="left",
        episode="1",
        outcome=np.where(frame["yes"], "responder", "non_responder"),
        reason="",
        chance=0.1,
        response=pd.Categorical(["ir"] * len(frame), dtype=ordered(["ir"])),
        comparison=pd.Categorical(["immediate"] * len(frame), dtype=ordered(["immediate"])),
    ).astype({"outcome": ordered(OUTCOMES)})


def positions(groups: dict[str, tuple[int, int]]) -> dict[str, str]:
    table = clinic_funnel(responses(groups))
    return dict(zip(table["clinic_id"].astype(str), table["position"], strict=True))


def test_none_of_thirteen_is_no_signal_where_a_tenth_respond():
    # 0.9 to the power of 13 is 25 %.
    assert positions({"A": (0, 13), "B": (10, 100), "C": (11, 100), "D": (9, 90)})["A"] == "within"


def test_a_clinic_far_from_the_others_stands_out():
    # 20 clinics alike and one of a third as many: over-dispersion is winsorised, so one clinic cannot hide itself.
    alike = {f"C{i:02}": (50, 100) for i in range(20)}
    found = positions({**alike, "low": (20, 100)})
    assert found["low"] == "far below"
    assert set(found.values()) == {"far below", "within"}


def test_fewer_than_three_clinics_are_not_judged():
    assert set(positions({"A": (1, 20), "B": (19, 20)}).values()) == {"not judged"}


def test_a_small_clinic_is_drawn_towards_the_others_and_a_large_one_stays():
    table = compared({"A": (3, 4), "B": (20, 100), "C": (60, 100), "D": (40, 100)})
    drawn, own = table["shrunk"], table["rate"]
    expected = shrunk_rates(table["n_responders"], table["n_evaluable"])  # one hip each: nothing to divide
    assert drawn.tolist() == pytest.approx(expected.rates.tolist())
    moved = (drawn - own).abs()
    assert moved[0] > 3 * moved[1:].max()
    assert (table["shrunk_low"] < drawn).all()
    assert (drawn < table["shrunk_high"]).all()


def test_clinics_that_differ_by_chance_alone_have_limits_too():
    table = compared({"A": (10, 40), "B": (11, 40), "C": (9, 40)})
    assert table["shrunk"].tolist() == pytest.approx([0.25] * 3, abs=0.03)
    assert (table["shrunk_low"].between(0.1, 0.2) & table["shrunk_high"].between(0.3, 0.4)).all()
    assert "True rate (95 %)" in clinics_table(table, protocol=builtin()).plain


def test_two_clinics_and_clinics_without_a_responder_have_no_true_rate():
    for few in ({"A": (1, 20), "B": (19, 20)}, {"A": (0, 20), "B": (0, 20), "C": (0, 20)}):
        assert compared(few)["shrunk"].isna().all()


def test_two_hips_of_a_person_are_worth_less_than_two_people():
    one_each = responses({"A": (10, 40), "B": (20, 40), "C": (20, 40)})
    twice = pd.concat([one_each, one_each.assign(side="right")], ignore_index=True)
    single, double = clinic_funnel(one_each), clinic_funnel(twice)
    assert double["n_evaluable"].tolist() == [80, 80, 80]
    assert double["low95"].to_numpy() == pytest.approx(single["low95"].to_numpy(), abs=0.02)


def test_the_curve_runs_through_every_size_and_meets_the_clinics_own_limits():
    table = clinic_funnel(responses({"A": (3, 20), "B": (20, 100), "C": (60, 150), "D": (2, 33)}))
    curve = funnel_curve(table.assign(suppressed=False))
    assert curve["n_evaluable"].tolist() == list(range(20, 151))
    at = curve.set_index("n_evaluable").loc[table["n_evaluable"]]
    for name in ("low95", "high95", "low998", "high998"):
        assert at[name].tolist() == table[name].tolist()


def test_a_withheld_clinic_does_not_follow_from_the_others():
    shown = ["target", "low95", "high95", "low998", "high998", "hip_worth", "tau_squared", "position"]
    others = {f"C{i}": (30 + i, 100) for i in range(5)}

    def others_rows(small: tuple[int, int], coarse: bool) -> pd.DataFrame:
        table = clinic_funnel(responses({**others, "small": small}), coarse=coarse)
        return table.loc[table["clinic_id"] != "small", shown]

    possible = [(0, 4), (1, 4), (3, 4), (1, 2), (2, 3)]
    tables = [others_rows(small, True) for small in possible]
    assert all(table.equals(tables[0]) for table in tables)
    targets = {others_rows(small, False)["target"].iloc[0] for small in possible}
    assert len(targets) == len(possible), "to the last digit the rate of all tells them apart"


def months(*counts: tuple[int, int]) -> pd.DataFrame:
    dates = pd.period_range("2024-01", periods=len(counts), freq="M").strftime("%Y-%m-15")
    return rates_over_time(responses(dict(zip(dates, counts, strict=True))), every="M")


def test_a_steady_rate_stands_out_nowhere():
    table = months(*[(10 + (i % 2), 20) for i in range(14)])
    assert not table["special"].any()
    assert table["centre"].round(3).unique().tolist() == [0.525]


def test_no_sign_of_change_says_how_late_one_would_be_seen():
    def said(n):
        return chart_answer(months(*[(n // 2 + i % 2, n) for i in range(14)]).assign(suppressed=False), builtin()).plain

    halved = "14 periods. Had the rate halved, the chart would show it"
    newest = "Newest period of 5 judged hips or more,"
    assert f"{halved} only after about 5 such periods. {newest}" in said(40)
    assert f"only after about 1 such period. {newest}" in said(80)
    assert f"{halved} hardly within 24 such periods. {newest}" in said(12)
    assert "halved" not in chart_answer(months(*[(0, 40)] * 14).assign(suppressed=False), builtin()).plain
    assert "halved" not in chart_answer(months(*[(5, 10)] * 3).assign(suppressed=False), protocol=builtin()).plain


def test_ten_months_above_the_centre_stand_out():
    table = months(*[(8 + (i % 2), 20) for i in range(10)], *[(14 + (i % 2), 20) for i in range(10)])
    assert table["special"].tolist() == [True] * 20
    said = chart_answer(table.assign(suppressed=False), protocol=builtin()).plain
    assert said.startswith(
        "**The rate seems to have changed**: all 20 periods stand out; of 100 stable charts of 20 periods"
    )


def test_periods_too_small_for_a_responder_are_no_shift():
    """At 1 in 20, none of 2 is what chance gives in 9 of 10 periods; none of 20 is not."""
    assert not months(*[(0, 2)] * 8, (1, 4))["special"].any()
    assert months(*[(0, 20)] * 10, *[(2, 20)] * 10)["special"].all()


def test_a_limit_at_zero_is_no_limit():
    table = months((1, 8), (0, 8), (1, 8), (0, 8), (1, 8), (0, 8), (0, 8), (1, 8))
    assert table["low"].isna().all()
    assert not table["special"].any()


def test_a_short_series_says_so():
    text = chart_answer(months((5, 10), (6, 10), (5, 10)).assign(suppressed=False), protocol=builtin()).plain
    newest = "Newest period of 5 judged hips or more, 2024-03: 5 of 10 responded (50 %)."
    assert text.startswith(f"**No sign of change over time** in 3 periods. {newest} With fewer than 12 periods the")


def test_the_newest_period_told_is_one_of_enough_hips():
    def said(*counts):
        return chart_answer(months(*counts).assign(suppressed=False), protocol=builtin()).plain

    assert "Newest period of 5 judged hips or more, 2024-02: 6 of 10 responded (60 %)." in said(
        (5, 10), (6, 10), (0, 4)
    )
    assert "Newest period of 5 judged hips or more, 2024-03: 0 of 5 responded (0 %)." in said((5, 10), (6, 10), (0, 5))
    assert "Newest" not in said((1, 4), (2, 4))


def compared(groups, hidden=()):
    table = clinic_funnel(responses(groups))
    return clinics_compared(table.assign(suppressed=table["clinic_id"].isin(hidden)))


PLAINLY_APART = {f"C{rate}": (round(0.6 * rate), 60) for rate in range(20, 81, 10)}
"""Seven clinics of 60 hips with rates of 20 to 80 %: χ² = 67.2 of 6, p = 1.5e-12."""


def test_clinics_that_plainly_differ_are_said_to_differ_though_none_stands_out():
    """It was once said of these, in bold, that they do not differ by more than chance."""
    table = compared(PLAINLY_APART)
    assert set(table["position"]) == {"within"}
    assert table["p_differ"].iloc[0] == pytest.approx(chi2.sf(60 * 0.28 / 0.25, 6))
    said = funnel_answer(table, builtin()).plain
    assert said == (
        "**The clinics differ by more than chance** (p < .001; their true rates typically lie 21 percentage points "
        "(90 % CI 13 to 41) from their mean). None stands out: all 7 lie within the 95 % limits for their size and "
        "that spread, around the 50 % of all judged hips."
    )
    said = funnel_answer(table, builtin(), "C80").plain
    assert said == (
        "**This clinic's rate (80 %) lies far above the limits for its size** around the 50 % of all judged hips, "
        "but does not stand out from how much the clinics differ."
    )
    alike = "does not clearly differ** from the 50 % of all judged hips: it lies within the 95 % limits for its size."
    assert funnel_answer(table, builtin(), "C50").plain.endswith(alike)


def test_clinics_alike_are_not_said_to_differ():
    said = funnel_answer(compared({f"C{i:02}": (50, 100) for i in range(5)}), builtin()).plain
    assert said == (
        "**The data do not show that the clinics differ by more than chance** (p = 1; their true rates typically lie "
        "0 percentage points (90 % CI 0 to 0) from their mean). None stands out: all 5 lie within the 95 % limits for "
        "their size, around the 50 % of all judged hips."
    )


def check_sentences(groups):
    """Where χ² refutes one rate for all, the sentence says that they differ, and only there; returns its p."""
    table = compared(groups)
    x, n = np.array(list(groups.values())).T
    said = funnel_answer(table, builtin()).plain
    if x.sum() in (0, n.sum()):
        assert "It is not known whether" in said
        return 1.0
    pooled = x.sum() / n.sum()
    p = chi2.sf((n * (x / n - pooled) ** 2).sum() / (pooled * (1 - pooled)), len(n) - 1)
    assert said.startswith("**The clinics differ by more than chance**") == (p < 0.05)
    assert ("None stands out" in said) == (set(table["position"]) == {"within"})
    for clinic in table.to_dict("records"):
        one = funnel_answer(table, builtin(), clinic["clinic_id"]).plain
        assert ("does not clearly differ" in one) == (clinic["position_by_size"] == clinic["position"] == "within")
    return p


@given(st.lists(st.tuples(st.integers(8, 80), st.floats(0.02, 0.98)), min_size=3, max_size=12), st.data())
@settings(max_examples=8)
def test_no_sentence_denies_a_difference_that_the_clinics_show(clinics, data):
    check_sentences({f"K{i}": (data.draw(st.integers(0, n)), n) for i, (n, _) in enumerate(clinics)})


def test_nor_where_the_clinics_hardly_differ_more_than_by_chance():
    found = [check_sentences({"A": (30 - far, 60), "B": (30, 60), "C": (30 + far, 60)}) for far in range(5, 10)]
    assert [round(p, 3) for p in found] == [0.189, 0.091, 0.038, 0.014, 0.005]


def test_pairs_cannot_be_told_apart_only_where_their_interval_holds_0():
    """Of 20, 50 and 80 % of 60 every two differ; 48 and 50 % do not (Newcombe: −16 to 20 points)."""
    apart = compared({"A": (12, 60), "B": (30, 60), "C": (48, 60)})
    assert apart[["n_pairs", "n_pairs_alike"]].iloc[0].tolist() == [3, 0]
    assert "cannot be told apart" not in clinics_table(apart, builtin()).plain
    some = compared({"A": (12, 60), "B": (30, 60), "C": (29, 60)})
    assert "1 of 3 pairs of clinics cannot be told apart" in clinics_table(some, builtin()).plain


def test_clinics_that_are_withheld_are_not_said_to_lie_within():
    alike = {f"C{i:02}": (50, 100) for i in range(5)}
    said = funnel_answer(compared(alike, ["C03", "C04"]), builtin()).plain
    assert said.startswith("**The data do not show that the clinics that may be shown differ by more than chance**")
    assert "all 3 lie within the 95 % limits" in said
    assert "The other clinics' positions are withheld" in said
    few = funnel_answer(compared(alike, ["C02", "C03", "C04"]), builtin()).plain
    assert few == "Fewer than 3 clinics have a rate that may be shown, so they cannot be compared."
    two = funnel_answer(compared({"C00": (50, 100), "C01": (40, 100)}, []), builtin()).plain
    assert two == "Fewer than 3 clinics have a rate, so they cannot be compared."  # nothing is withheld
    far = {f"C{i:02}": (50, 100) for i in range(20)} | {"low": (20, 100)}
    said = funnel_answer(compared(far, ["C00"]), builtin()).plain
    assert "1 of 20 clinics that may be shown lies outside the 95 % limits" in said


def test_whether_clinics_differ_gives_no_withheld_clinic_away():
    others = {f"C{i}": (30 + 4 * i, 100) for i in range(5)}
    tables = [
        clinics_compared(table.assign(suppressed=table["clinic_id"] == "small"))
        for small in [(0, 4), (3, 4), (1, 2)]
        for table in [clinic_funnel(responses({**others, "small": small}), coarse=True)]
    ]
    numbers = ["p_differ", "tau", "tau_low", "tau_high", "shrunk", "shrunk_low", "shrunk_high"]
    assert len({tuple(table.loc[table["clinic_id"] != "small", numbers].to_numpy().ravel()) for table in tables}) == 1


def test_without_clinics_or_dates_the_sentences_say_what_is_missing():
    frame = responses({"A": (1, 20)}).assign(suppressed=False)
    clinics = clinic_funnel(frame.assign(clinic_id=pd.NA))
    none = "No hip with a recorded clinic could be judged, so clinics cannot be compared."
    assert funnel_answer(clinics, builtin()).plain == none
    periods = rates_over_time(frame.assign(date=pd.NaT))
    assert (
        chart_answer(periods, builtin()).plain
        == "No hip with a dated visit could be judged, so nothing can be said about change over time."
    )


def test_months_without_a_judged_hip_at_the_ends_are_left_out():
    frame = responses({"2024-01-15": (0, 3), "2024-02-15": (5, 10), "2024-03-15": (6, 10)})
    frame.loc[frame["date"] == "2024-01-15", "outcome"] = "not_evaluable"
    table = rates_over_time(frame, every="M")
    assert table["period"].astype(str).tolist() == ["2024-02", "2024-03"]


def test_the_funnel_in_words():
    """Outside 99.8 % is a signal, outside 95 % is to be looked at again; either says what chance does to so many."""
    table = compared({f"C{i:02}": (50, 100) for i in range(20)} | {"low": (20, 100)})
    said = funnel_answer(table, builtin()).plain
    assert "1 of 21 clinics lies outside the 95 % limits" in said
    assert "; of 21 that are alike about 1.1 would by chance. A signal, outside the 99.8 % limits: low far" in said
    assert said.endswith("low far below; of 21 that are alike hardly any would by chance.")
    assert funnel_answer(table, builtin(), "low").plain == (
        "**This clinic's rate (20 %) lies far below the 99.8 % limits** around the 49 % of all judged hips: a signal; "
        "1 in 500 clinics that are alike does by chance."
    )
    near = compared({f"C{i:02}": (50, 100) for i in range(40)} | {"low": (38, 100)})
    assert (
        "of 41 that are alike about 2.0 would by chance. Look again: low below." in funnel_answer(near, builtin()).plain
    )
    assert funnel_answer(near, builtin(), "low").plain == (
        "**This clinic's rate (38 %) lies below the 95 % limits** around the 50 % of all judged hips: look again; "
        "1 in 20 clinics that are alike does by chance."
    )


def test_hips_without_a_clinic_are_no_clinic():
    frame = responses({"A": (5, 20), "B": (6, 20), "C": (4, 20), "lost": (20, 20)})
    frame["clinic_id"] = frame["clinic_id"].where(frame["clinic_id"] != "lost")
    table = clinic_funnel(frame)
    assert table["clinic_id"].astype(str).tolist() == ["A", "B", "C"]
    assert table["target"].iloc[0] == 15 / 60
    assert clinic_funnel(frame[frame["clinic_id"].isna()]).empty


def test_the_worth_of_a_hip_is_that_of_judged_hips():
    """20 people with two hips that agree: each hip is worth a half, however many more could not be judged."""
    one = responses({"A": (5, 10), "B": (4, 10), "C": (6, 10)})
    two = pd.concat([one, one.assign(side="right")], ignore_index=True)
    waiting = one.assign(patient_id=one["patient_id"] + "-w", outcome="not_evaluable", reason="no later visit")
    more = pd.concat([two, waiting.astype({"outcome": ordered(OUTCOMES)})], ignore_index=True)
    worth = clinic_funnel(two)["hip_worth"].iloc[0]
    assert worth == pytest.approx(0.5, abs=0.02)
    assert clinic_funnel(more)["hip_worth"].iloc[0] == worth


def test_a_clinics_name_is_never_markup():
    alike = {f"C{i:02}": (50, 100) for i in range(20)}
    table = clinic_funnel(responses({**alike, "*low* <b>": (20, 100)})).assign(suppressed=False)
    assert r"\*low\* " in funnel_answer(clinics_compared(table), builtin()).markdown
    assert "<b>" not in funnel_answer(clinics_compared(table), builtin()).markdown
