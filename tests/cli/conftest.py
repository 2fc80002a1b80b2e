"""The command, run in this process."""

import sys

import pytest

from analysis.cli import main


@pytest.fixture
def capsule(monkeypatch, capsys):
    """Run the command in this process; gives the exit code, standard output and standard error."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["capsule", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return ended.value.code, captured.out, captured.err

    return run
