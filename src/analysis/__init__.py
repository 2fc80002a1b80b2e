"""Outcomes of posterior hip capsule stretches: a hip's story as a chain of small tidy tables.

assessments → classifications, changes → responses → rates. Every function takes and returns pandas
DataFrames; ``help()`` on each gives columns, units, the treatment of missing values and the reference.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.answers.asymmetry import asymmetry
    from analysis.answers.rates import rates
    from analysis.answers.sides import compare_sides
    from analysis.hips.change import change
    from analysis.hips.classify import classify
    from analysis.hips.response import respond
    from analysis.intake import StudyError, load, read_study
    from analysis.intake.start_form import start_form
    from analysis.pipeline import Tables, analyse
    from analysis.show.readings import readings
    from analysis.study import Study

# Where each lies. A module is loaded when it is first asked for: a command loads what it needs, not all of this.
_HOMES = {
    "Study": "study",
    "StudyError": "intake",
    "Tables": "pipeline",
    "analyse": "pipeline",
    "asymmetry": "answers.asymmetry",
    "change": "hips.change",
    "classify": "hips.classify",
    "compare_sides": "answers.sides",
    "load": "intake",
    "rates": "answers.rates",
    "read_study": "intake",
    "readings": "show.readings",
    "respond": "hips.response",
    "start_form": "intake.start_form",
}

__all__ = [
    "Study",
    "StudyError",
    "Tables",
    "analyse",
    "asymmetry",
    "change",
    "classify",
    "compare_sides",
    "load",
    "rates",
    "read_study",
    "readings",
    "respond",
    "start_form",
]


def __dir__() -> list[str]:
    """Complete the names above, not the modules behind them."""
    return __all__


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return found
