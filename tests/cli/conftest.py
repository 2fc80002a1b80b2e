"""What tests of commands share: a study that many of them ask about is read and worked out once."""

import pytest

from analysis import analyse, load
from analysis.cli import data, results
from analysis.intake.load import fingerprint_of_files
from analysis.report import scope

_known = {}


def load_once(folder):
    """Load a study, unless its very files were loaded before; one with errors is loaded each time."""
    content = folder.resolve(), fingerprint_of_files(folder)
    if content not in _known:
        _known[content] = load(folder)
    return _known[content]


def analyse_once(study):
    """Return the tables of a study, which is kept with them."""
    if id(study) not in _known:
        _known[id(study)] = study, analyse(study)
    return _known[id(study)][1]


@pytest.fixture(autouse=True)
def _once(monkeypatch):
    for module in (data, results, scope):
        monkeypatch.setattr(module, "load", load_once)
        monkeypatch.setattr(module, "analyse", analyse_once)
