"""Every number and verdict in the text of a notebook is counted again by hand: see ``claims``."""

import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from analysis.report import open_report
from analysis.show import display
from analysis.simulate import CohortParameters, simulate
from analysis.simulate import write_study as write_cohort
from claims import CLAIMS, Seen, check_text, numbers_in
from claims.beside import TARGET
from notebook_runs import ODD, check_soundness, odd_study, shown_by, words_of
from tests_support import ROOT, rows_of, write_private, write_study

NAMES = ["responders", "left_right", "classification", "clinic", "network", "degrees", "matched", "data_quality",
         "sensitivity"]  # fmt: skip

BAD_GRAMMAR = re.compile(
    r"(?<![\d,.])1 (?:hips|patients|people|warnings|kinds|periods|clinics|readings|percentage points|are|have)\b"
    r"|(?<![\d,.])1 of [\d,]+ (?:hips? |clinics? )?(?:lie|show|pass|are|have|reach)\b|ober's| a hips"
)


def texts(shown):
    """Return the sentences of a notebook, and the title and the words of each of its figures."""
    said = []
    for item in shown:
        if isinstance(item, display.Text):
            said.append(item.plain)
        elif isinstance(item, display.Figure):
            said += [item.title, item.alt]
    return said


def said_in(study, clinic_id="", internal=False):
    """Yield every text of every notebook, with the report that it is about."""
    whole = Seen(open_report(study, internal=internal))
    part = Seen(open_report(study, clinic_id, internal=internal), whole) if clinic_id else whole
    for name in NAMES:
        asked = {"study": str(study), "clinic_id": clinic_id, "internal": internal}
        asked |= {"target": TARGET} if name in ("clinic", "network") else {}
        seen, names = whole if name == "network" else part, {}
        shown = shown_by(ROOT / f"notebooks/{name}.ipynb", names, **asked)
        check_soundness(shown)
        seen.sure = names.get("sure", seen.sure)
        for text in texts(shown):
            yield text, seen


@cache
def check(study, clinic_id="", internal=False, draw=False):
    """Check every text of every notebook; return the claims that were found in them.

    Figures are drawn where asked for: their words are made before, and other tests draw those of usual studies.
    """
    with pytest.MonkeyPatch.context() as patch:
        if not draw:
            patch.setattr(display, "_draw_svg", lambda figure: "<svg/>")
        return claims_in(study, clinic_id, internal)


def claims_in(study, clinic_id, internal):
    found = set()
    for text, seen in said_in(study, clinic_id, internal):
        claims, unchecked = check_text(text, seen)
        assert not unchecked, f"no claim counts again {unchecked}, in: {text}"
        assert not BAD_GRAMMAR.search(text), text
        found |= claims
    return found


OURS = [("demo", ""), ("demo", "C12"), ("bath-hips", "")]


@pytest.mark.parametrize(("study", "clinic_id"), OURS)
def test_our_studies(study, clinic_id):
    check(ROOT / "data/raw" / study, clinic_id)


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize("internal", [True, False])
def test_odd_studies(kind, internal, tmp_path):
    check(odd_study(kind, tmp_path), internal=internal, draw=True)


@pytest.mark.parametrize("kind", ["one patient", "one hip"])
@pytest.mark.parametrize("name", NAMES)
def test_one_person_alone_is_withheld(kind, name, tmp_path):
    words = words_of(shown_by(ROOT / f"notebooks/{name}.ipynb", study=str(odd_study(kind, tmp_path))))
    assert "withheld" in words or "could be judged" in words


def write_random(seed, folder):
    parameters = CohortParameters(reread_share=0.4 * (seed % 3 == 0))
    return write_cohort(simulate(20 + seed, seed, parameters), folder / f"cohort {seed}", "A small cohort")


@pytest.mark.parametrize("seed", range(10, 20))
def test_random_cohorts(seed, tmp_path):
    check(write_random(seed, tmp_path), "C01" if seed % 2 else "")


def write_careless(folder):
    """A cohort of which some were read twice, legs far apart, and half have no clinic recorded."""
    cohort = simulate(40, 5, CohortParameters(reread_share=0.5))
    again = cohort.hips["SLR reread"] + np.where(np.arange(len(cohort.hips)) % 2, 9, -9)
    clinic = cohort.hips["Clinic"].where(np.arange(len(again)) // 2 % 2 == 0, "")
    hips = cohort.hips.assign(**{"SLR reread": again, "Clinic": clinic})
    return write_cohort(replace(cohort, hips=hips), folder / "careless", "Read with little care")


def write_apart(folder, responders):
    """So many of 30 left hips responded in each clinic, those who came first of twelve quarters."""
    rows = []
    for clinic, responded in responders.items():
        for n in range(30):
            ir, slr, ober = (18, 70, "negative") if n < responded else (13, 61, "positive")
            day = f"{2021 + n * 12 // 30 // 4}-{3 * (n * 12 // 30 % 4) + 2:02d}-10"
            rows.append(f"{clinic}{n:02d},{clinic},left,12,{ir},60,{slr},positive,{ober},44,anterior,{day}")
    write_study(folder, rows)
    toml, csv = folder / "study.toml", folder / "hips.csv"
    toml.write_text(toml.read_text().replace(
        "[source.timepoints.baseline]", '[source.timepoints.baseline]\ndate = "day"'))  # fmt: skip
    csv.write_text(csv.read_text().replace("er,tilt", "er,tilt,day"))
    return folder


def test_each_claim_is_found_somewhere(tmp_path):
    """Where a sentence is worded anew, its claim must be too, or it would no longer be counted again."""
    found = [check(ROOT / "data/raw" / study, clinic_id) for study, clinic_id in OURS]
    found += [check(write_careless(tmp_path)), check(write_random(19, tmp_path), "C01")]
    found.append(check(write_private(tmp_path / "private", 12, seed=1)))
    for kind in ("nobody seen after", "one patient"):
        (tmp_path / kind).mkdir()
        found.append(check(odd_study(kind, tmp_path / kind), internal=True))
    found.append(check(write_study(tmp_path, rows_of(10)), internal=True))  # p is .03 by one method, .06 by another
    apart = {"apart": {f"K{k}": 3 * k for k in range(2, 9)}, "none": dict.fromkeys(("K1", "K2", "K3"), 0)}
    for name, responders in apart.items():
        (tmp_path / name).mkdir()
        found.append(check(write_apart(tmp_path / name, responders), "K8" * (name == "apart"), internal=True))
    assert set().union(*found) == set(CLAIMS)


@pytest.mark.parametrize(("study", "clinic_id"), OURS[1:])
def test_no_number_may_be_another(study, clinic_id):
    """Each number in each text, changed by two of its last digit, is found to be false."""
    survived = []
    for text, seen in dict(said_in(ROOT / "data/raw" / study, clinic_id)).items():
        for start, end in numbers_in(text, seen):
            digits = len(text[start:end].partition(".")[2])
            other = f"{float(text[start:end].replace(',', '')) + 2 * 10.0**-digits:,.{digits}f}"
            if not is_false(text[:start] + other + text[end:], seen):
                survived.append(f"{text[max(start - 30, 0) : start]}[{other}]{text[end : end + 30]}")
    assert survived == []


def is_false(text, seen):
    try:
        return bool(check_text(text, seen)[1])
    except (AssertionError, LookupError):
        return True
