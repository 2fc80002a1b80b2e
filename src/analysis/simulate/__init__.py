"""A synthetic cohort with the truth behind every reading; no person stands behind it."""

from analysis.simulate.cohort import Cohort, simulate
from analysis.simulate.parameters import CohortParameters, Phenotype
from analysis.simulate.study import write_study

__all__ = ["Cohort", "CohortParameters", "Phenotype", "simulate", "write_study"]
