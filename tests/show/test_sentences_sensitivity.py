"""The five sentences and those on the rules, each number counted again from the tables below them."""

import re
from itertools import product

import pytest

from analysis import rates
from analysis.report import open_report
from analysis.sensitivity import Sensitivity
from analysis.show.display import Nothing
from analysis.show.sentences.sensitivity import CLAUSES, five_sentences, rules_beside_error
from analysis.simulate import CohortParameters, simulate, write_study
from tests_support import ROOT

NULL = CohortParameters(null=True)
STUDIES = {
    "demo": None,
    "null": (150, NULL),
    "one patient": (1, CohortParameters()),
    "no visit after the stretch": (40, CohortParameters(missing_post_share=1)),
    "no follow-up": (60, CohortParameters(missing_followup_share=1)),
}
SHARE = r"(?:<1|>99|\d+) %"


@pytest.fixture(scope="module", params=STUDIES)
def found(request, tmp_path_factory):
    folder = ROOT / "data/raw/demo"
    if cohort := STUDIES[request.param]:
        patients, parameters = cohort
        folder = write_study(simulate(patients, 4, parameters), tmp_path_factory.mktemp("study") / "s", request.param)
    report = open_report(folder)
    return Sensitivity(report._study, report._tables, report.comparison, report.internal)


@pytest.fixture(scope="module")
def said(found):
    lines = five_sentences(found).plain.splitlines()
    assert len(lines) == 5
    return lines


def percent(share):
    return "<1 %" if 0 < share < 0.005 else ">99 %" if 0.995 < share < 1 else f"{100 * share:.0f} %"


def test_classes(found, said):
    table = found._probabilities
    shares = table["p_recorded"].mean(), table["p_repeat_changes"].fillna(0).sum() / len(table)
    assert re.findall(SHARE, said[0]) == [percent(share) for share in shares]


def test_readings(found, said):
    rate = found.readings["rate"].astype(float)
    if rate.isna().all():
        assert "No reading of the rules gives" in said[1]
        return
    own = rates(found._tables.responses).iloc[0]["rate"]
    assert f"Over {rate.notna().sum():,} readings" in said[1]
    assert ("under the others nobody was judged" in said[1]) == bool(rate.isna().any())
    assert re.findall(SHARE, said[1])[:3] == [percent(share) for share in (rate.min(), rate.max(), own)]
    moved = re.findall(r"the decision “([^”]+)” alone changes it by (\d+) percentage", said[1])
    names = list(found.protocol.alternatives)
    labels = {found.protocol.alternatives[name].label: name for name in names}
    assert len(moved) == 2
    for label, points in moved:
        others = [name for name in names if name != labels[label]]
        of_setting = found.readings.assign(rate=rate).groupby(others, observed=True)["rate"]
        whole = of_setting.count() == len(found.protocol.alternatives[labels[label]].options)
        assert round(100 * (of_setting.max() - of_setting.min())[whole].mean()) == int(points)


def test_conclusions(found, said):
    readings, types = found.readings, [f"hips_{name}" for name in found.protocol.types]
    if readings["difference"].notna().any():
        own = found.own
        verdict = {
            "left hips responded more often": readings["sides_low"] > 0,
            "right hips responded more often": readings["sides_high"] < 0,
        }
        none = readings["difference"].notna() & ~verdict["left hips responded more often"]
        none &= ~verdict["right hips responded more often"]
        assert not own["sides_low"] > 0
        if none.sum() < readings["difference"].notna().sum():
            counted = f"{none.sum():,} of {readings['difference'].notna().sum():,} readings"
            assert f"no difference between left and right is shown in {counted}" in said[2]
        elif str(own["difference"]) != "nan":
            assert "no difference between left and right is shown" in said[2].split(";")[0]
    most = readings[types].astype(float)
    alone = (most.eq(most.max(axis=1), axis=0).sum(axis=1) == 1) & (most.max(axis=1) > 0)
    leads = alone & most["hips_T1"].eq(most.max(axis=1))
    if leads.sum() == (most.max(axis=1) > 0).sum():
        assert "T1 is the most common type" in said[2]
    else:
        assert f"T1 is the most common type in {leads.sum():,} of {(most.max(axis=1) > 0).sum():,} readings" in said[2]


def test_rules(found):
    text = rules_beside_error(found)
    changes = found._tables.changes
    gains = changes.loc[changes["comparison"] == found.comparison, "hip_ir_deg_change"].dropna()
    if gains.empty:
        assert isinstance(text, Nothing)
        return
    line = next(line for line in text.plain.splitlines() if "IR" in line)
    assert f"{(gains.round(1) >= 5).sum():,} of {len(gains):,} hip" in line
    assert "asks for 5°, less than 8.3°" in line


def test_claims(found, said):
    for row in found.claims.to_dict("records"):
        verdict = "held" if row["ci_low"] > 0 else "contradicted" if row["ci_high"] < 0 else "too few people to say"
        label = found.protocol.claims[row["claim"]].label
        parts = said[4].partition("**Claims.** ")[2].lower().split("; ")
        part = next(part for part in parts if label.lower() in part)
        assert part.startswith(verdict), (label, said[4])


def test_every_conclusion_but_a_type_has_words():
    answers = {
        "against_chance": ("above", "below", "not clear of it", "depends on the measurement error"),
        "sides": ("left more often", "right more often", "no difference shown"),
        "most_common": ("a tie",),
    }
    assert set(CLAUSES) == {pair for question, words in answers.items() for pair in product([question], words)}
