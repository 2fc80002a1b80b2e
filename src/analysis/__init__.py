"""Outcomes of posterior hip capsule stretches: a hip's story as a chain of small tidy tables.

assessments → classifications, changes → responses → rates. Every function takes and returns pandas
DataFrames; ``help()`` on each gives columns, units, the treatment of missing values and the reference.
"""

from .change import change
from .classify import classify
from .intake import StudyError, load, read_study
from .pipeline import Tables, analyse
from .rates import rates
from .response import respond
from .sides import asymmetry, compare_sides
from .study import Study

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
