"""What a person can mend is shown to them in words, in a notebook too."""

import pytest
from IPython.core.interactiveshell import InteractiveShell

from analysis import StudyError, load
from analysis.protocol import ProtocolError
from analysis.schema import TableError


@pytest.fixture
def shown_by(monkeypatch):
    """Run a cell and return what a notebook would show of its error."""
    shell, shown = InteractiveShell(), []
    monkeypatch.setattr(shell, "_showtraceback", lambda kind, error, lines: shown.append("\n".join(lines)))

    def run(cell):
        shell.run_cell(cell)
        return shown[-1]

    return run


def test_a_notebook_shows_the_line_that_asked_and_the_words(shown_by, tmp_path):
    shown = shown_by(f"import analysis as hips\n\nstudy = hips.load({str(tmp_path)!r})")
    assert shown.splitlines() == [
        f"study = hips.load({str(tmp_path)!r})",
        "",
        f"StudyError: study.toml: no such file in {tmp_path.name}/; `capsule init FILE` writes a first one",
    ]


def test_what_nobody_foresaw_keeps_its_traceback(shown_by):
    assert "Traceback" in shown_by("import analysis as hips\nhips.analyse(None)")


def test_an_error_that_was_never_raised_is_words_too():
    assert TableError("no such column")._render_traceback_() == ["TableError: no such column"]
    assert issubclass(StudyError, ValueError)
    assert issubclass(ProtocolError, ValueError)


def test_outside_notebooks_nothing_is_hidden(tmp_path):
    with pytest.raises(StudyError) as caught:
        load(tmp_path)
    assert len(caught.traceback) > 2
