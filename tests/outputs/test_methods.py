"""The methods in words: what was used is said, what is cited is there, and what is withheld stays so."""

import json
import re

import pytest

from analysis.outputs.methods import methods_of
from analysis.outputs.references import as_bibtex, as_csl, cited, in_full, references
from notebook_runs import odd_study, open_once
from tests_support import ROOT

TEXT = (ROOT / "docs/methods.md").read_text(encoding="utf-8")
SOURCE = (ROOT / "src/analysis/outputs/methods.py").read_text(encoding="utf-8")
OF_REPORTING = {"vonelm2007"}  # how articles report, which is no method of ours


@pytest.fixture(scope="module")
def bath():
    return methods_of(open_once(ROOT / "data/raw/bath-hips"))


def test_every_reference_is_cited_by_the_methods_and_named_so_in_the_docs():
    assert set(references()) == set(re.findall(r"@([a-z]+\d{4})", SOURCE))
    for key in set(references()) - OF_REPORTING:
        assert cited(key) in TEXT, f"docs/methods.md does not name {cited(key)}"


def test_a_doi_is_one_and_nobody_stands_without_initials():
    for key, reference in references().items():
        assert re.fullmatch(r"10\.\d{4,5}/\S+", reference.get("doi", "10.1000/none")), key
        assert all(re.fullmatch(r"[^,]+, (\S\. ?)+", author) for author in reference["authors"]), key


def test_the_methods_say_what_this_study_used(bath):
    assert "rotation gained 5° or more" in bath.sections["Rules"]
    assert "version 1.0; Bulstrode" in bath.sections["Rules"]
    assert "hip rotation was taken as 3°, and from 1.9 to 3.6" in bath.sections["Measurement error"]
    assert "McNemar's χ² test without correction (McNemar 1947)" in bath.sections["Statistics"]
    assert "imputed" not in bath.sections["Statistics"]  # every outcome is there
    assert "Matched" not in bath.sections["Statistics"]  # it has no types
    assert "Judged by the primary rule: 78 hips of 39 people." in bath.sections["Flow of participants"]
    assert "pandas" in bath.sections["Software"]


def test_only_what_is_cited_is_listed_and_no_key_is_left_in_the_text(bath):
    assert "@" not in str(bath)
    assert "mcnemar1947" in bath.references
    assert "bell2002" not in bath.references  # by clinic
    assert all(in_full(key) in str(bath) for key in bath.references)


def test_a_study_of_few_withholds_its_numbers_here_too(tmp_path):
    folder = odd_study("one patient", tmp_path)
    flow = methods_of(open_once(folder)).sections["Flow of participants"]
    assert flow.startswith("How many people were assessed is withheld. Further numbers of the flow are withheld.")
    assert not re.search(r"\d+ (?:hip|people|person)", flow)
    inside = methods_of(open_once(folder, internal=True)).sections["Flow of participants"]
    assert inside.startswith("1 person with 2 hips in all was assessed.")


def test_csl_and_bibtex_hold_the_same_facts():
    (one,) = json.loads(as_csl(["tango1998"]))
    assert one["author"] == [{"family": "Tango", "given": "T."}]
    assert (one["issued"], one["page"]) == ({"date-parts": [[1998]]}, "891-908")
    text = as_bibtex(["pustejovsky2018"])
    assert text.startswith("@article{pustejovsky2018,\n  author = {Pustejovsky, J. E. and Tipton, E.},")
    assert r"journal = {Journal of Business \& Economic Statistics}," in text
    assert "pages = {672--683}," in text
    assert in_full("wilson1927").endswith(
        "Journal of the American Statistical Association 1927;22:209-212. doi:10.1080/01621459.1927.10502953"
    )


@pytest.mark.parametrize(("name", "starts"), [("r.json", "["), ("r.bib", "@article")])
def test_the_command_writes_them(capsule, tmp_path, name, starts):
    code, said, err = capsule("methods", ROOT / "data/raw/bath-hips", "--references", tmp_path / name)
    assert (code, err) == (0, "")
    assert said.startswith("## Rules")
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(starts)


def test_another_kind_of_file_is_refused_before_anything_is_read(capsule, tmp_path):
    code, _, said = capsule("methods", ROOT / "data/raw/bath-hips", "--references", tmp_path / "r.ris")
    assert code == 2
    assert "r.ris: it must end in .json or .bib" in said
