"""A study of something else than hips is told in its own words: nothing of hips, stretches, degrees or the article."""

import re
from functools import cache
from pathlib import Path

import matplotlib.text
import nbformat
import pandas as pd
import pytest
from pydantic import ValidationError

from analysis import analyse, load
from analysis.outputs.dictionary import dictionary
from analysis.outputs.export import result_tables
from analysis.protocol import builtin
from analysis.protocol.load import load_protocol
from analysis.protocol.words import Intervention, Thing, Words
from analysis.report import open_report
from analysis.show import display, sentences
from analysis.show.explain import explain
from analysis.show.words import amount, change, size, value_text
from analysis.simulate import CohortParameters, simulate
from analysis.simulate import write_study as write_cohort
from analysis.usererror import UserError
from notebook_runs import open_once, shown_by
from tests_support import NOTEBOOKS, ROOT

NOT_OF_A_SHOULDER = re.compile(r"\bhips?\b|stretch|°|\bdegrees?\b|\barticle\b", re.IGNORECASE)
# The rules of the built-in protocol, told of shoulders measured in centimetres and of injections.
OWN = {
    r"\bhip\b": "shoulder",
    r"\bHip\b": "Shoulder",
    r"\bhips\b": "shoulders",
    r"\bHips\b": "Shoulders",
    r"\bstretch\b": "injection",
    r"\bStretch\b": "Injection",
    r"(?<!\")\bstretches\b(?= )(?! =)": "injections",
    r"\bstretches\" ": 'injections" ',
    r'"stretches"': '"injections"',
    r'"stretched"': '"injected"',
    r"\bstretching\b": "injecting",
    r"\bdegrees\b": "cm",
    "°": " cm",
    r"\barticle\b": "guideline",
    r"\bArticle\b": "Guideline",
    r'"stiffer"': '"tighter"',
}


@pytest.fixture(scope="module")
def shoulders(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("study") / "shoulders"
    parameters = CohortParameters(gross_error_share=0, reread_share=0.3)
    write_cohort(simulate(24, 5, parameters), folder, "Shoulder study")
    rules = (ROOT / "src/analysis/protocol/capsule.toml").read_text(encoding="utf-8")
    for word, own in OWN.items():
        rules = re.sub(word, own, rules)
    (folder / "protocol.toml").write_text(rules, encoding="utf-8")
    study = (folder / "study.toml").read_text(encoding="utf-8")
    study = 'protocol = "protocol.toml"\n' + study.replace("synthetic = true", "synthetic = false")  # some is withheld
    (folder / "study.toml").write_text(study, encoding="utf-8")
    return folder


def test_the_rules_are_those_of_shoulders(shoulders):
    words = load_protocol(shoulders / "protocol.toml").words
    assert (words.hips, words.stretches, words.stretched, words.worse) == (
        "shoulders", "injections", "injected", "tighter"
    )  # fmt: skip


@cache
def markdown_of(notebook: Path) -> str:
    cells = nbformat.read(notebook, as_version=4).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


REPORTS = [notebook for notebook in NOTEBOOKS if notebook.stem != "explore"]  # a tour of the demo, and no report


def said_in(notebook, study, monkeypatch, **asked):
    """Sentences, tables with their notes, titles, axes, legends, texts for the blind, cover, headings."""
    drawn: list[str] = []

    def read(figure) -> str:
        drawn.extend(text.get_text() for text in figure.findobj(matplotlib.text.Text))
        return "<svg/>"

    monkeypatch.setattr(display, "_draw_svg", read)
    shown = shown_by(notebook, study=str(study), **asked)
    said = [markdown_of(notebook), *drawn]
    for item in shown:
        said += [str(value) for value in vars(item).values()]
        said += [str(item._repr_mimebundle_().get("text/plain", ""))]
    return said


def of_hips(said):
    return [
        f"…{text[max(m.start() - 60, 0) : m.end() + 40]}…" for text in said for m in NOT_OF_A_SHOULDER.finditer(text)
    ]


@pytest.mark.parametrize("notebook", REPORTS, ids=lambda path: path.stem)
@pytest.mark.parametrize("internal", [True, False])
def test_nothing_a_reader_sees_is_of_hips(notebook, internal, shoulders, monkeypatch):
    said = said_in(notebook, shoulders, monkeypatch, internal=internal)
    assert of_hips(said) == []
    assert len("".join(said)) > 1000


def test_the_page_of_one_person_is_of_shoulders_too(shoulders, monkeypatch):
    said = said_in(ROOT / "notebooks/patient.ipynb", shoulders, monkeypatch, internal=True, person="P00001")
    assert of_hips(said) == []
    assert any("P00001" in text for text in said)


def test_one_shoulder_and_the_export_are_told_in_its_words(shoulders):
    study = load(shoulders)
    patient, side = study.assessments[["patient_id", "side"]].iloc[0]
    story = explain(analyse(study), study.protocol, patient, side)
    report = open_once(shoulders, internal=True)
    columns = dictionary(result_tables(report), study.protocol)
    meanings = columns[["meaning", "unit", "missing"]].to_string().replace("degrees of freedom", "")
    said = re.sub(r"\w*_\w*", "", story + repr(study) + meanings)  # but for the names of columns
    assert NOT_OF_A_SHOULDER.findall(said) == []
    assert f"{side.capitalize()} shoulder of patient" in story
    assert "24 patients, 48 shoulders" in repr(study)


def test_an_order_that_cannot_be_met_is_refused_in_its_words(shoulders):
    with pytest.raises(UserError, match="no shoulder has its earlier visit in it"):
        open_report(shoulders, period="1990")


INJECTION = Intervention(one="injection", many="injections", done="injected")


def test_an_article_stands_before_a_noun_as_it_is_spoken():
    words = Words(thing=Thing(one="eye", many="eyes"), intervention=INJECTION)
    assert (words.a_hip, words.a_stretch, words.A_hip) == ("an eye", "an injection", "An eye")
    assert words.tell("A hip after a stretch, and every hip's stretches.") == (
        "An eye after an injection, and every eye's injections."
    )
    assert (words.count(1), words.count(1200)) == ("1 eye", "1,200 eyes")


def test_without_words_a_study_is_told_of_sides_and_treatments():
    assert Words().tell("Left hips before the stretch") == "Left sides before the treatment"


@pytest.mark.parametrize("word", ["", "{n}", "**hip**", "<b>", "two\nlines"])
def test_a_word_is_plain(word):
    with pytest.raises(ValidationError):
        Thing(one=word, many="hips")


def test_only_a_protocol_that_says_so_speaks_of_what_the_article_expects():
    said = sentences.expectation(builtin())
    assert said.plain == "The article expects the left hip to be the stiffer one."
    bath = load_protocol(ROOT / "data/raw/bath-hips/protocol.toml")
    assert isinstance(sentences.expectation(bath), display.Nothing)


@pytest.mark.parametrize(
    ("unit", "step", "read", "mean", "moved"),
    [
        ("degrees", 0.1, "9.3°", "9.3°", "−0.3°"),
        ("cm", 0.1, "9.3 cm", "9.3 cm", "−0.3 cm"),
        ("Nm/kg", 0.01, "9.30 Nm/kg", "9.28 Nm/kg", "−0.28 Nm/kg"),
        ("letters", 1.0, "9 letters", "9.3 letters", "−0.3 letters"),
        ("", 0.1, "9.3", "9.3", "−0.3"),
    ],
)
def test_numbers_have_the_unit_and_the_decimals_of_their_measure(unit, step, read, mean, moved):
    measure = builtin().measures["hip_ir_deg"].model_copy(update={"unit": unit, "step": step})
    assert (value_text(9.3, measure), size(9.28, measure), change(-0.28, measure)) == (read, mean, moved)
    assert amount(9.0, measure) == f"9{read.lstrip('9.30')}"
    assert value_text(pd.NA, measure) == "not recorded"
