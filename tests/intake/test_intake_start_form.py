"""The form of a notebook asks what the terminal asks, and writes the same file; nothing is chosen beforehand."""

import builtins

import pytest

from analysis.intake import load
from analysis.intake.start import start_study
from analysis.intake.start_form import start_form
from analysis.usererror import UserError

TABLE = "label,which,ir pre,ir post\np1,A,10,16\np1,B,11,12\n<b>x</b>,A,9,9\n<b>x</b>,B,9,9\n"


@pytest.fixture
def files(tmp_path):
    (tmp_path / "hips.csv").write_text(TABLE)
    return [tmp_path / "hips.csv"]


def fields(form):
    """The questions as they are shown, each with the widget of its answer."""
    questions, *_ = form.children
    return {box.children[0].value: box.children[1] for box in questions.children}


def answer(form, part, said):
    (field,) = [field for shown, field in fields(form).items() if part in shown]
    field.value = said


def press(form):
    _, button, said = form.children
    button.click()
    return said.value


def test_it_asks_what_the_terminal_asks(files, tmp_path):
    asked = []
    start_study(files, tmp_path / "terminal", ask=lambda question: asked.append(question))
    shown = list(fields(start_form(files, tmp_path / "form")))
    assert len(shown) == len(asked)
    assert all(question.text.split('"')[0] in text for question, text in zip(asked, shown, strict=True))


def test_nothing_is_chosen_beforehand(files, tmp_path):
    form = start_form(files, tmp_path / "form")
    assert {field.value for field in fields(form).values()} == {""}
    assert "written" in press(form)
    start_study(files, tmp_path / "nobody")
    assert (tmp_path / "form/study.toml").read_text() == (tmp_path / "nobody/study.toml").read_text()


def test_answers_make_the_file_that_they_make_on_the_terminal(files, tmp_path):
    said = {"call this study": "Ours", "who a person is": "label", "left from right": "which",
            "&quot;A&quot; mean": "left", "&quot;B&quot; mean": "right"}  # fmt: skip
    form = start_form(files[0], tmp_path / "form")
    for part, words in said.items():
        answer(form, part, words)
    press(form)
    plain = {part.replace("&quot;", '"'): words for part, words in said.items()}
    start_study(files, tmp_path / "terminal", ask=lambda q: next((w for p, w in plain.items() if p in q.text), None))
    text = (tmp_path / "form/study.toml").read_text()
    assert text == (tmp_path / "terminal/study.toml").read_text()
    assert load(tmp_path / "form").name == "Ours"


def test_an_answer_that_is_taken_back_leads_to_other_questions(files, tmp_path):
    form = start_form(files, tmp_path / "form")
    answer(form, "left from right", "which")
    assert any("A&quot; mean" in shown for shown in fields(form))
    answer(form, "left from right", "")
    assert not any("A&quot; mean" in shown for shown in fields(form))
    assert form.children[2].value.split(" of ")[0] == form.children[2].value.split(" of ")[1].split(" ")[0]


def test_words_of_the_file_are_no_page(files, tmp_path):
    shown = " ".join(fields(start_form(files, tmp_path / "form")))
    assert "&lt;b&gt;x" in shown
    assert "<b>x" not in shown


def test_a_study_that_is_there_is_left_alone(files, tmp_path):
    (tmp_path / "study.toml").write_text("mine")
    assert "nothing was written" in press(start_form(files, tmp_path))
    assert (tmp_path / "study.toml").read_text() == "mine"


def test_without_the_library_the_line_that_installs_it_is_said(files, tmp_path, monkeypatch):
    whole = builtins.__import__

    def without(name, *rest, **more):
        if name == "ipywidgets":
            raise ImportError
        return whole(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UserError, match=r"pip install 'capsule-outcomes\[form\]'"):
        start_form(files, tmp_path / "form")
