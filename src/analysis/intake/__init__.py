"""A spreadsheet becomes assessments: readers, column mapping, cleaning, and a list of every problem."""

from .load import load, read_study
from .study_file import StudyError

__all__ = ["StudyError", "load", "read_study"]
