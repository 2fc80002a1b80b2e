"""Outcomes of posterior hip capsule stretches: a hip's story as a chain of small tidy tables.

assessments → classifications, changes → responses → rates. Every function takes and returns pandas
DataFrames; ``help()`` on each gives columns, units, the treatment of missing values and the reference.
"""

from analysis.answers.asymmetry import asymmetry
from analysis.answers.rates import rates
from analysis.answers.sides import compare_sides
from analysis.hips.change import change
from analysis.hips.classify import classify
from analysis.hips.response import respond
from analysis.intake import StudyError, load, read_study
from analysis.pipeline import Tables, analyse
from analysis.study import Study

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
    "respond",
]


def __dir__() -> list[str]:
    """Complete the names above, not the modules behind them."""
    return __all__
