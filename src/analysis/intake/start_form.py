"""The questions of ``capsule init --ask`` as a form in a notebook; it writes the same ``study.toml``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from analysis.intake.draft import draft_study, read_sent
from analysis.intake.problems import shown
from analysis.intake.questions import Question
from analysis.intake.start import start_study
from analysis.protocol import builtin, load_protocol
from analysis.usererror import UserError

_OPEN = "leave it open"
_NEEDS = "the form needs ipywidgets: pip install 'capsule-outcomes[form]'; on a terminal: capsule init FILE --ask"
_LONGEST = 300  # letters of a text of the file
_Key = tuple[str, int]  # a question, and how often the same was asked before it


def start_form(files: str | Path | Sequence[str | Path], out: str | Path, protocol: str | Path | None = None) -> Any:
    """Show what only a person knows of some files as a form, and write a first ``study.toml`` from the answers.

    Parameters
    ----------
    files
        What a clinic sent, one file or several; they are never written to.
    out
        The study folder; made when the form is sent.
    protocol
        A protocol file; left out: the built-in rules.

    Returns
    -------
    ipywidgets.Widget
        The form. Each question stands beside what the file holds; one that is left open stays a question in the
        file. What is proposed is marked, and nothing is chosen beforehand.

    Raises
    ------
    UserError
        ipywidgets is not installed.
    StudyError, ProtocolError
        A file or the protocol cannot be read.
    """
    try:
        import ipywidgets
    except ImportError:
        raise UserError(_NEEDS) from None
    listed = [files] if isinstance(files, str | Path) else files
    return _Form([Path(file) for file in listed], Path(out), Path(protocol) if protocol else None, ipywidgets).box


class _Form:
    """The widgets of a form, and the answers so far; an answer may lead to other questions."""

    def __init__(self, files: list[Path], out: Path, protocol: Path | None, widgets: Any) -> None:
        self.files, self.out, self.protocol, self.widgets = files, out, protocol, widgets
        self.rules = load_protocol(protocol) if protocol else builtin()
        self.sent = read_sent(files)
        self.answers: dict[_Key, str] = {}
        self.fields: dict[tuple[_Key, Question], Any] = {}
        self.questions, self.said = widgets.VBox(), widgets.HTML()
        write = widgets.Button(description="Write study.toml", button_style="primary")
        write.on_click(self._write)
        self.box = widgets.VBox([self.questions, write, self.said])
        self._show()

    def _asked(self) -> list[tuple[_Key, Question]]:
        """Return what is asked with the answers so far."""
        asked: list[tuple[_Key, Question]] = []
        draft_study(self.sent, self.rules, ask=self._answering(asked))
        return asked

    def _answering(self, asked: list[tuple[_Key, Question]]) -> Any:
        before: Counter[str] = Counter()

        def answer(question: Question) -> str | None:
            key = (question.text, before[question.text])
            before[question.text] += 1
            asked.append((key, question))
            said = self.answers.get(key)
            return said if not question.choices or said in question.choices else None

        return answer

    def _show(self) -> None:
        asked = self._asked()
        for entry in asked:
            if entry not in self.fields:
                self.fields[entry] = self._field(*entry)
        self.questions.children = [self.fields[entry] for entry in asked]
        open_ones = sum(self.answers.get(key) is None for key, _ in asked)
        self.said.value = f"{open_ones} of {len(asked)} questions are open."

    def _field(self, key: _Key, question: Question) -> Any:
        wide = self.widgets.Layout(width="auto")
        about = f"<b>{escape(shown(question.text, _LONGEST))}</b>"
        about += f"<br>{escape(shown(question.beside, _LONGEST))}" if question.beside else ""
        if question.choices:
            named = [
                (shown(c, _LONGEST) + (" (proposed)" if c == question.proposed else ""), c) for c in question.choices
            ]
            answer = self.widgets.Dropdown(options=[(_OPEN, ""), *named], value=self.answers.get(key, ""), layout=wide)
        else:
            hint = f"{question.proposed} (proposed)" if question.proposed else ""
            answer = self.widgets.Text(
                value=self.answers.get(key, ""), placeholder=hint, continuous_update=False, layout=wide
            )
        answer.observe(lambda change: self._take(key, change["new"]), names="value")
        return self.widgets.VBox([self.widgets.HTML(about), answer])

    def _take(self, key: _Key, said: str) -> None:
        self.answers.pop(key, None)
        if said.strip():
            self.answers[key] = said.strip()
        self._show()

    def _write(self, _button: Any) -> None:
        try:
            written = start_study(self.files, self.out, self.protocol, self._answering([]))
        except (UserError, OSError) as fault:
            self.said.value = escape(str(fault))
            return
        questions = written.read_text(encoding="utf-8").count("# ?")
        self.said.value = escape(f"{written}: written, with {questions} questions, each marked '# ?'.")
