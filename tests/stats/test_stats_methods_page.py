"""docs/methods.md names every public function of the statistics, and none that is not there."""

import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import analysis.stats

PAGE = (Path(__file__).parents[2] / "docs" / "methods.md").read_text(encoding="utf-8")
NAMES = set(re.findall(r"`([a-z_]+)\.([A-Za-z_0-9]+)`", PAGE))
PLUMBING = {"errors", "gee_cells", "intervals", "labels"}
HELPERS = {
    ("gee", "refuse_faulty_hips"),
    ("gee", "independent_clusters"),
    ("observational", "inverse_probability"),
    ("proportions", "observed_rate"),
    ("proportions", "score_interval"),
    ("reliability", "mean_squares"),
}
CHOICES = {("rate_intervals", name) for name in ("jeffreys", "clopper_pearson", "rao_scott")} | {
    ("anova_interval", "anova_wilson")
}


def public_functions():
    for module in pkgutil.iter_modules(analysis.stats.__path__):
        if module.name not in PLUMBING:
            loaded = importlib.import_module(f"analysis.stats.{module.name}")
            for name, member in vars(loaded).items():
                if inspect.isfunction(member) and member.__module__ == loaded.__name__ and name[0] != "_":
                    yield module.name, name


def test_every_function_is_named():
    assert set(public_functions()) - HELPERS - CHOICES <= NAMES


def test_every_name_is_there():
    modules = {module.name for module in pkgutil.iter_modules(analysis.stats.__path__)}
    named = [(module, name) for module, name in NAMES if module in modules]
    assert named
    for module, name in named:
        assert hasattr(importlib.import_module(f"analysis.stats.{module}"), name)


def test_the_figure_is_there():
    for figure in re.findall(r"\]\((figures/[^)]+)\)", PAGE):
        assert (Path(__file__).parents[2] / "docs" / figure).is_file()


def test_every_choice_of_interval_is_explained():
    for name in importlib.import_module("analysis.stats.rate_intervals").RATE_INTERVALS:
        assert f"| `{name}` |" in PAGE
