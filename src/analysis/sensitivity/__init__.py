"""How sure the answers are: measurement error, every reading of the rules, and the claims put to the test."""

from analysis.sensitivity.study import Sensitivity

__all__ = ["Sensitivity"]
