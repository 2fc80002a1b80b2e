"""Every number and verdict in the text of a notebook is counted again by hand: see ``claims``."""

import os
import re
from contextlib import nullcontext
from dataclasses import replace
from datetime import date
from functools import cache
from unittest import mock

import numpy as np
import pandas as pd
import pytest

from analysis.report import open_report, scope
from analysis.show import display
from analysis.simulate import CohortParameters, simulate
from analysis.simulate import write_study as write_cohort
from claims import CLAIMS, Seen, check_text, numbers_in
from claims.beside import TARGET
from notebook_runs import ODD, check_soundness, odd_study, open_once, shown_by, words_of
from tests_support import NOTEBOOKS, ROOT, rows_of, write_private, write_study

NAMES = tuple(path.stem for path in NOTEBOOKS)

BAD_GRAMMAR = re.compile(
    r"(?<![\d,.])1 (?:hips|patients|people|warnings|kinds|periods|clinics|readings|percentage points|are|have)\b"
    r"|(?<![\d,.])1 of [\d,]+ (?:hips? |clinics? )?(?:lie|show|pass|are|have|reach)\b|ober's| a hips"
)
COUNTED_NOTES = re.compile("Made alike: |Left out, because ")


def texts(shown):
    """Return the sentences of a notebook, the title and the words of its figures, and the notes that claims count."""
    said = []
    for item in shown:
        if isinstance(item, display.Text):
            said.append(item.plain)
        elif isinstance(item, display.Figure):
            said += [item.title, item.alt]
        elif isinstance(item, display.Table):
            said += [note for note in item.notes if COUNTED_NOTES.match(note)]
    return said


@cache
def said_in(study, clinic_id="", internal=False, comparison="", draw=False, notebooks=NAMES):
    """Return every text of every notebook, or of some, with the report that it is about.

    Figures are drawn where asked for: their words are made before.
    """
    asked = {"study": str(study), "clinic_id": clinic_id, "internal": internal, "comparison": comparison}
    whole = Seen(open_once(study, comparison=comparison, internal=internal))
    part = Seen(open_once(study, clinic_id, comparison=comparison, internal=internal), whole) if clinic_id else whole
    assert part.report.scope.startswith(f"Clinic {clinic_id}" if clinic_id else ("All clinics", "The whole study"))
    said = []
    with nullcontext() if draw else mock.patch.object(display, "_draw_svg", return_value="<svg/>"):
        for name in notebooks:
            seen, names = whole if name == "network" else part, {}
            target = {"target": TARGET} if name in ("clinic", "network") else {}
            shown = shown_by(ROOT / f"notebooks/{name}.ipynb", names, **asked, **target)
            check_soundness(shown)
            assert shown[-1].document["subtitle"] == seen.report.scope
            seen.sure = names.get("sure", seen.sure)
            said += [(text, seen) for text in texts(shown)]
    return said


@cache
def check(study, **asked):
    """Check every text of every notebook; return the claims that were found in them."""
    found = set()
    for text, seen in said_in(study, **asked):
        claims, unchecked = check_text(text, seen)
        assert not unchecked, f"no claim counts again {unchecked}, in: {text}"
        assert not BAD_GRAMMAR.search(text), text
        found |= claims
    return found


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Give the folder of a study, made where it was not yet asked for."""

    @cache
    def make(write, *asked):
        return write(*asked, tmp_path_factory.mktemp("study"))

    return make


OURS = [("demo", ""), ("demo", "C12"), ("bath-hips", "")]


@pytest.mark.parametrize(("study", "clinic_id"), OURS)
def test_our_studies(study, clinic_id):
    check(ROOT / "data/raw" / study, clinic_id=clinic_id)


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize("internal", [True, False])
def test_odd_studies(kind, internal, made):
    check(made(odd_study, kind), internal=internal, draw=internal)


@pytest.mark.parametrize("kind", ["one patient", "one hip"])
@pytest.mark.parametrize("name", NAMES)
def test_one_person_alone_is_withheld(kind, name, made):
    words = words_of(shown_by(ROOT / f"notebooks/{name}.ipynb", study=str(made(odd_study, kind))))
    assert "withheld" in words or "could be judged" in words


def write_random(seed, folder):
    parameters = CohortParameters(reread_share=0.4 * (seed % 3 == 0))
    return write_cohort(simulate(20 + seed, seed, parameters), folder / f"cohort {seed}", "A small cohort")


def random_scope(seed):
    """Return by turns the whole and a clinic, right after the stretch and later; the first two are drawn."""
    comparison = "retained" if seed % 4 < 2 else ""
    return {"clinic_id": "C01" if seed % 2 else "", "comparison": comparison, "draw": seed < 18}


# One of each scope; `make soak` recounts as many more as are asked for.
SEEDS = range(16, 16 + int(os.environ.get("COHORTS", "4")))


@pytest.mark.parametrize("seed", SEEDS)
def test_random_cohorts(seed, made):
    study, asked = made(write_random, seed), random_scope(seed)
    check(study, **asked)
    assert open_once(study, comparison=asked["comparison"]).scope.startswith("All clinics, 20")


def write_careless(folder):
    """A cohort of which some were read twice, legs far apart, an angle with its sign turned; half have no clinic."""
    cohort = simulate(40, 5, CohortParameters(reread_share=0.5))
    again = cohort.hips["SLR reread"] + np.where(np.arange(len(cohort.hips)) % 2, 9, -9)
    clinic = cohort.hips["Clinic"].where(np.arange(len(again)) // 2 % 2 == 0, "")
    turned = -5 - cohort.hips["Ober angle reread"]
    hips = cohort.hips.assign(**{"SLR reread": again, "Ober angle reread": turned, "Clinic": clinic})
    return write_cohort(replace(cohort, hips=hips), folder / "careless", "Read with little care")


def write_rated(folder, anchored=True):
    """People who say at the visit after the stretch how they have changed, or anything; 14 quarters; 3 have no age."""
    cohort = simulate(60, 6, CohortParameters(first_day=date(2022, 1, 3), working_days=900))
    levels = np.array(["no change", "a little better", "better"])
    before, after = (pd.to_numeric(cohort.hips[f"IR {when}"], errors="coerce") for when in ("pre", "post"))
    gain = (after - before).fillna(0).to_numpy()
    said = np.digitize(gain + np.arange(len(gain)) % 5 - 2, [4, 8]) if anchored else np.arange(len(gain)) % 3
    age = cohort.hips["Age"].where(np.arange(len(said)) // 2 % 20 > 0)
    write_cohort(replace(cohort, hips=cohort.hips.assign(Rating=levels[said], Age=age)), folder, "Rated")
    toml = folder / "study.toml"
    text = toml.read_text()
    toml.write_text(text.replace("[source.timepoints.post]", '[source.timepoints.post]\nglobal_change = "Rating"'))
    return folder


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


def write_seldom(folder):
    """Ten people with two readings of rotation before the stretch, one after it, and a leg raise both times."""
    rows = []
    for n in range(10):
        for side in ("left", "right"):
            after = 20 if (n, side) == (0, "left") else ""
            rows.append(f"{n:02d},A,{side},{12 + n % 4},{after},60,{62 + n},,,44,anterior,{10 + n % 3}")
    folder.mkdir()
    write_study(folder, rows)
    toml, csv = folder / "study.toml", folder / "hips.csv"
    toml.write_text(toml.read_text() + '[source.timepoints.intake]\nhip_ir_deg = "ir0"\n')
    csv.write_text(csv.read_text().replace("er,tilt", "er,tilt,ir0"))
    return folder


def write_grown(folder, monkeypatch):
    """A study that withholds, shown when two of its people had not come yet."""
    folder.mkdir()
    with monkeypatch.context() as patch:
        patch.setenv(scope._FOR_OTHERS, "1")
        open_report(write_study(folder, rows_of(30)))
    return write_study(folder, rows_of(32))


def test_each_claim_is_found_somewhere(made, tmp_path, monkeypatch):
    """Where a sentence is worded anew, its claim must be too, or it would no longer be counted again."""
    found = [check(ROOT / "data/raw" / study, clinic_id=clinic_id) for study, clinic_id in OURS]
    found += [check(made(write_random, seed), **random_scope(seed)) for seed in SEEDS]
    found.append(check(made(write_careless)))
    found.append(check(write_private(tmp_path / "private", 12, seed=1)))
    found.append(check(write_grown(tmp_path / "grown", monkeypatch)))
    found += [check(made(odd_study, kind), internal=True, draw=True) for kind in ("nobody seen after", "one patient")]
    found.append(check(made(odd_study, "all left"), internal=True, draw=True))
    found.append(check(write_seldom(tmp_path / "seldom"), internal=True))
    lost = [row.replace("18,60,70,positive,negative", "13,60,61,positive,positive") for row in rows_of(30)]
    few = write_study(tmp_path, rows_of(8) + lost[16:])  # only the interval by Tango leaves out 0
    found.append(check(few, internal=True))
    found.append(check(write_rated(tmp_path / "rated")))
    # What makes these differ from the one before is told in one notebook.
    found.append(check(write_rated(tmp_path / "rated at random", anchored=False), notebooks=("degrees",)))
    apart = {"apart": {f"K{k}": 3 * k for k in range(2, 9)}, "none": dict.fromkeys(("K1", "K2", "K3"), 0),
             "one": {f"K{k:02}": 15 for k in range(30)} | {"low": 0}}  # fmt: skip
    for name, responders in apart.items():
        (tmp_path / name).mkdir()
        part = {"clinic_id": "K8"} if name == "apart" else {"notebooks": ("network",)}
        found.append(check(write_apart(tmp_path / name, responders), internal=True, **part))
    assert set().union(*found) == set(CLAIMS)


@pytest.mark.parametrize(("study", "clinic_id"), OURS[1:])
def test_no_number_may_be_another(study, clinic_id):
    """Each number in each text, changed by two of its last digit, is found to be false."""
    survived = []
    for text, seen in dict(said_in(ROOT / "data/raw" / study, clinic_id=clinic_id)).items():
        claims, _ = check_text(text, seen)
        for start, end in numbers_in(text, seen):
            digits = len(text[start:end].partition(".")[2])
            other = f"{float(text[start:end].replace(',', '')) + 2 * 10.0**-digits:,.{digits}f}"
            if not is_false(text[:start] + other + text[end:], seen, claims):
                survived.append(f"{text[max(start - 30, 0) : start]}[{other}]{text[end : end + 30]}")
    assert survived == []


def is_false(text, seen, claims):
    try:
        return bool(check_text(text, seen, claims)[1])
    except (AssertionError, LookupError):
        return True
