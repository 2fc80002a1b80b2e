"""``capsule audit``: what it says, and how it ends."""

import json

import pandas as pd

from analysis.disclosure.people_in_groups import RATES
from analysis.disclosure.printed import ABOUT, row_key
from analysis.protocol import builtin
from analysis.protocol.policies import USUAL
from analysis.report.held import held_release
from tests_support import rows_of, write_study


def test_a_leak_is_named_and_fails(capsule, tmp_path):
    (tmp_path / "extra.csv").write_text("Clinic,Hips\nA,30\nB,3\n")
    code, out, _ = capsule("audit", tmp_path)
    assert code == 1
    assert out.splitlines()[0] == "extra.csv: extra: row 2 (B): n_hips: printed"
    assert out.splitlines()[-1] == "1 places tell of fewer than 5 patients"
    assert json.loads(capsule("audit", tmp_path, "--json", "-")[1])["leaks"][0]["column"] == "n_hips"


def test_what_an_earlier_release_adds_is_found_with_the_study(capsule, tmp_path):
    """A report showed 40 hips; a file says 38."""
    study = tmp_path / "study"
    study.mkdir()
    write_study(study, rows_of(20))
    protocol, labels = builtin(), {"response": "all", "comparison": "immediate"}
    row = dict(zip(ABOUT, ["rates", row_key("rates", labels), labels, "", ""], strict=True)) | dict.fromkeys(RATES, 40)
    held_release(study, "immediate", pd.DataFrame([row]), protocol, "immediate", USUAL)
    (tmp_path / "out").mkdir()
    (tmp_path / "out/later.csv").write_text("Patients,Hips\n20,38\n")
    assert capsule("audit", tmp_path / "out")[0] == 0
    code, out, _ = capsule("audit", tmp_path / "out", "--study", study)
    assert code == 1
    assert out.startswith("later.csv: later: row 1: n_hips: differs by few from the release of ")
    assert "1 files, and 1 earlier releases" in out


def test_numbers_that_contradict_each_other_are_named(capsule, tmp_path):
    """65 left hips are no part of 60."""
    (tmp_path / "extra.csv").write_text("Side,Hips\n,60\nleft,65\nright,\n")
    code, out, _ = capsule("audit", tmp_path)
    assert code == 1
    assert out.splitlines()[0].startswith("numbers contradict each other")
    assert out.splitlines()[0].endswith("extra.csv")
    assert "--study STUDY" in out.splitlines()[1]
    assert out.splitlines()[-1] == "no leak found in the rest"
    assert json.loads(capsule("audit", tmp_path, "--json", "-")[1])["contradicting"] == ["extra.csv"]


def test_what_was_not_read_is_not_called_clean(capsule, tmp_path):
    (tmp_path / "fine.csv").write_text("Side,Hips\nleft,65\n")
    (tmp_path / "page.pdf").write_text("a page")
    code, out, _ = capsule("audit", tmp_path)
    assert (code, out.splitlines()[-1]) == (0, "no leak found in what was read")


def test_an_empty_folder_is_wrong_usage(capsule, tmp_path):
    code, _, err = capsule("audit", tmp_path)
    assert code == 2
    assert "there is no report, export or table here" in err
