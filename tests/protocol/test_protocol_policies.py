"""What a study withholds follows from the policy that it names, and every page says which."""

import re
from functools import cache

import pytest

from analysis.intake.load import fingerprint_of_files
from analysis.protocol.policies import POLICIES
from analysis.report import open_report
from analysis.show.sentences import headline
from tests_support import rows_of, write_study


def study(folder, policy="", made_up=False):
    toml = write_study(folder, rows_of(14)) / "study.toml"
    lines = [f'policy = "{policy}"'] * bool(policy) + ["synthetic = true"] * made_up
    toml.write_text("\n".join([*lines, toml.read_text()]))
    return folder


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """Open a report on such a study; once for each, as no test changes it."""

    @cache
    def report(policy="", *, made_up=False, internal=False):
        return open_report(study(tmp_path_factory.mktemp("study"), policy, made_up), internal=internal)

    return report


@pytest.mark.parametrize(
    ("policy", "said", "mark"),
    [
        ("", "numbers that fewer than 5 patients stand behind, and what would tell them (suppress-5)",
         "FEWER THAN 5 WITHHELD"),
        ("suppress-10", "numbers that fewer than 10 patients stand behind, and what would tell them (suppress-10)",
         "FEWER THAN 10 WITHHELD"),
        ("internal", "nothing (internal)", "INTERNAL"),
    ],
)  # fmt: skip
def test_every_page_names_the_policy(opened, tmp_path, policy, said, mark):
    cover = opened(policy).finish("Title").document
    assert cover["provenance"]["Withheld"].startswith(said)
    assert cover["marks"] == [mark]
    data = cover["provenance"]["Data"]
    assert data.startswith("HMAC-SHA-256 ")
    assert data.split()[1] != fingerprint_of_files(study(tmp_path, policy))[:16]


def test_a_made_up_study_withholds_nothing_unless_it_names_a_policy(opened):
    for policy, withholds in (("", False), ("suppress-5", True)):
        report = opened(policy, made_up=True)
        assert report.withholds == withholds
        assert "SYNTHETIC" in report.finish("Title").document["marks"]


def test_ten_withhold_what_five_show(opened):
    shown = {}
    for name in POLICIES:
        report = opened(name)
        shown[name] = not report.rates()["suppressed"].any()
        assert report.withholds == (name != "internal")
    assert shown == {"suppress-5": True, "suppress-10": False, "internal": True}


def test_no_sentence_names_another_number_than_the_policy(opened):
    report = opened("suppress-10")
    said = headline(report.rates(), report.sides(), report.protocol).plain
    assert "withheld where too few patients stand behind" in said
    assert not re.search(r"\d", said)


def test_a_report_for_those_who_treat_the_patients_is_internal_whatever_the_policy(opened):
    report = opened("suppress-10", internal=True)
    assert report.finish("Title").document["provenance"]["Withheld"] == "nothing (internal)"
    assert report._study.policy.minimum == 10
