"""docs/methods.md names every public function of the statistics, and none that is not there."""

import importlib
import pkgutil
import re
from pathlib import Path

import analysis.stats
from analysis.stats.rate_intervals import DEFAULT_INTERVAL, RATE_INTERVALS
from stats_functions import public_functions

PAGE = (Path(__file__).parents[2] / "docs" / "methods.md").read_text(encoding="utf-8")
NAMES = set(re.findall(r"`([a-z_]+\.[A-Za-z_0-9]+)`", PAGE))
# Those that the table of choices names by their short names.
CHOICES = {
    f"{choice.limits.__module__.removeprefix('analysis.stats.')}.{choice.limits.__name__}"
    for name, choice in RATE_INTERVALS.items()
    if name != DEFAULT_INTERVAL
}


def test_every_function_is_named():
    assert public_functions() - CHOICES <= NAMES


def test_every_name_is_there():
    modules = {module.name for module in pkgutil.iter_modules(analysis.stats.__path__)}
    named = [name.split(".") for name in NAMES if name.split(".")[0] in modules]
    assert named
    for module, name in named:
        assert hasattr(importlib.import_module(f"analysis.stats.{module}"), name)


def test_the_figure_is_there():
    for figure in re.findall(r"\]\((figures/[^)]+)\)", PAGE):
        assert (Path(__file__).parents[2] / "docs" / figure).is_file()


def test_every_choice_of_interval_is_explained():
    for name in RATE_INTERVALS:
        assert f"| `{name}` |" in PAGE
