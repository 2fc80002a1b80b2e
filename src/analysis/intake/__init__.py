"""A spreadsheet becomes assessments: readers, column mapping, cleaning, and a list of every problem."""

from analysis.intake.load import load, read_study
from analysis.usererror import StudyError

__all__ = ["StudyError", "load", "read_study"]
