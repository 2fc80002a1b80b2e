"""A study says what it holds, how complete it is, and what was found wrong with it."""

from dataclasses import replace

from analysis import load
from builders import assessments, study, visit
from study_folders import HEADER, write_tidy


def two_hips():
    return study(
        assessments(
            visit(hip_ir_deg=12, slr_deg=60), visit(side="right", ober="positive"), visit("post", hip_ir_deg=18)
        )
    )


def test_completeness_counts_hips_by_measure_and_visit():
    counts = two_hips().completeness
    assert counts.loc["hips seen"].to_dict() == {"baseline": 2, "post": 1}
    assert counts.loc["hip_ir_deg"].to_dict() == {"baseline": 1, "post": 1}
    assert counts.loc["slr_deg"].to_dict() == {"baseline": 1, "post": 0}
    assert counts.loc["ober"].to_dict() == {"baseline": 1, "post": 0}
    assert "swayback" not in counts.index


def test_text_and_page_say_the_same():
    text, page = repr(two_hips()), two_hips()._repr_html_()
    for part in (
        "A study",
        "1 patient, 2 hips, 3 visits of a hip, 0 hips with care recorded",
        "capsule 1.0",
        "hips seen",
        "slr_deg",
    ):
        assert part in text
        assert part in page
    assert "Problems: none" in text


def test_problems_are_counted_by_rule(tmp_path):
    found = load(write_tidy(tmp_path, HEADER + "a,left,baseline,85\nb,left,baseline,86\nc,left,baseline,20\n"))
    (counted,) = found.problem_counts.to_dict("records")
    words = "Hip internal rotation is rarely outside −5 to 70; check the sign, the unit and the reading"
    assert counted == {"severity": "warning", "rule": "unusual_value", "n": 2, "such_as": words}
    assert words in found._repr_html_()
    assert "unusual_value" in repr(found)
    assert "unusual_value" in found._repr_html_()


def test_a_hostile_name_is_only_text():
    page = replace(two_hips(), name="<script>")._repr_html_()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
