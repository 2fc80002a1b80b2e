"""Which pairs limits of agreement are of, by how many raters, and what is withheld of them."""

import pytest

from analysis.answers.agreement import agreement, second_readings
from analysis.protocol import builtin
from analysis.report import open_report
from analysis.show import figures, sentences, tables
from builders import analysed, assessments, visit
from tests_support import bath, preloaded, write_private

# Second reading less the first of left hips, by the same rater and by another.
APART = {"same": [1, -1, 2, -2, 3, 0], "other": [6, -6, 4, -4, 5, 1]}


def reread(raters=True):
    rows = []
    for kind, differences in APART.items():
        for number, apart in enumerate(differences):
            who = {"patient": f"{kind}{number}", "device": "phone"}
            by = ["A", "A" if kind == "same" else "B"] if raters else [None, None]
            rows.append(visit("baseline", **who, hip_ir_deg=20.0, rater=by[0]))
            rows.append(visit("reread", **who, hip_ir_deg=20.0 + apart, rater=by[1]))
    return analysed(assessments(*rows))


def found(tables_):
    return agreement(tables_.assessments, tables_.changes, builtin())


def test_pairs_by_one_and_by_two_raters_are_counted_apart():
    table = found(reread()).set_index("raters")
    assert table["n_hips"].to_dict() == {"all": 12, "one rater": 6, "two raters": 6}
    assert table["bias"].to_dict() == pytest.approx({"all": 9 / 12, "one rater": 3 / 6, "two raters": 6 / 6})
    assert table.loc["two raters", "deviation"] > 2 * table.loc["one rater", "deviation"]


def test_where_raters_are_not_recorded_there_is_one_row():
    assert found(reread(raters=False))["raters"].tolist() == ["all"]


def test_each_pair_with_its_difference():
    tables_ = reread()
    pairs = second_readings(tables_.assessments, tables_.changes, builtin())
    assert sorted(pairs["difference"]) == sorted(map(float, APART["same"] + APART["other"]))
    assert pairs.groupby("raters").size().to_dict() == {"one rater": 6, "two raters": 6}


def test_the_sentence_names_the_limits_of_one_and_of_two_raters():
    text = sentences.agreement_answer(found(reread()).assign(suppressed=False), builtin()).plain
    assert text.startswith("**Two readings of hip internal rotation agree within −6.")
    assert "(12 hips of 12 people): within −3." in text
    assert " by one rater, within −8.8° and +10.8°" in text
    assert text.endswith("There is no clear shift (+0.8°; 95 % CI −1.5 to 3.0).")


def test_a_study_without_second_readings_says_so():
    report = bath()
    assert sentences.agreement_answer(report.agreement(), report.protocol).plain.startswith("No second readings are")
    assert "read twice" in tables.agreement_table(report.agreement(), report.protocol).why
    pairs = report.second_readings()
    assert "no limits" in figures.agreement_figure(report.agreement(), pairs, report.protocol).why


def test_a_report_that_withholds_draws_the_limits_without_the_hips(tmp_path):
    folder = preloaded(write_private(tmp_path / "study", 14, seed=4, clinics=1, reread_share=0.8))
    safe, internal = (open_report(folder, internal=internal) for internal in (False, True))
    assert safe.second_readings().empty
    drawn = [figures.agreement_plot(report.agreement(), report.second_readings(), report.protocol)
             for report in (safe, internal)]  # fmt: skip
    points = [[line for line in ax.get_lines() if line.get_marker() == "o"] for ax in drawn]
    assert points[0] == []
    own = internal.second_readings()
    assert len(points[1][0].get_xdata()) == (own["measure"] == internal.agreement()["measure"].iloc[0]).sum()
    for ax, report in zip(drawn, (safe, internal), strict=True):
        heights = sorted(line.get_ydata()[0] for line in ax.get_lines() if line.get_marker() != "o")
        assert heights == pytest.approx(report.agreement().iloc[0][["lower", "bias", "upper"]].tolist())
