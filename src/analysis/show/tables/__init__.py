"""Results become tables to read: no bare percentage, what is withheld shown as withheld."""

from analysis.show.tables.asymmetry import asymmetry_table, change_of_asymmetry_table
from analysis.show.tables.cells import group_label, group_labels, response_labels
from analysis.show.tables.claims import claims_table
from analysis.show.tables.classes import class_table, safety_events_table, settling_table, shares_table
from analysis.show.tables.clinics import clinics_table, mean_change_table
from analysis.show.tables.gains import adjusted_table, gains_table
from analysis.show.tables.important_change import important_change_table
from analysis.show.tables.matching import balance_table, matched_table
from analysis.show.tables.measurement_error import confusion_table, criteria_error_table, excess_table, own_error_table
from analysis.show.tables.missing import missing_table
from analysis.show.tables.people import norms_table, people_table
from analysis.show.tables.problems import corrections_table, problems_table
from analysis.show.tables.quality import (
    comparability_table,
    completeness_table,
    distribution_table,
    flow_table,
    readings_table,
)
from analysis.show.tables.responders import responder_table, tests_table
from analysis.show.tables.rules import criteria_table, definitions_table, warnings_table
from analysis.show.tables.second_readings import agreement_table, repeatability_table
from analysis.show.tables.sensitivity import decisions_table, flips_table
from analysis.show.tables.sides import between_groups_table, side_methods_table, sides_table
from analysis.show.tables.trajectories import estimand_table, trajectory_table

__all__ = [
    "adjusted_table",
    "agreement_table",
    "asymmetry_table",
    "balance_table",
    "between_groups_table",
    "change_of_asymmetry_table",
    "claims_table",
    "class_table",
    "clinics_table",
    "comparability_table",
    "completeness_table",
    "confusion_table",
    "corrections_table",
    "criteria_error_table",
    "criteria_table",
    "decisions_table",
    "definitions_table",
    "distribution_table",
    "estimand_table",
    "excess_table",
    "flips_table",
    "flow_table",
    "gains_table",
    "group_label",
    "group_labels",
    "important_change_table",
    "matched_table",
    "mean_change_table",
    "missing_table",
    "norms_table",
    "own_error_table",
    "people_table",
    "problems_table",
    "readings_table",
    "repeatability_table",
    "responder_table",
    "response_labels",
    "safety_events_table",
    "settling_table",
    "shares_table",
    "side_methods_table",
    "sides_table",
    "tests_table",
    "trajectory_table",
    "warnings_table",
]
