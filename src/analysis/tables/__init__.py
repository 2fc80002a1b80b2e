"""Results become tables to read: no bare percentage, what is withheld shown as withheld."""

from analysis.tables.asymmetry import asymmetry_table, change_of_asymmetry_table
from analysis.tables.cells import group_label, group_labels, response_labels
from analysis.tables.classes import class_table, safety_events_table, settling_table, shares_table
from analysis.tables.clinics import clinics_table, mean_change_table
from analysis.tables.gains import adjusted_table, gains_table
from analysis.tables.matching import balance_table, matched_table
from analysis.tables.missing import missing_table
from analysis.tables.quality import (
    comparability_table,
    completeness_table,
    corrections_table,
    distribution_table,
    flow_table,
    problems_table,
    readings_table,
)
from analysis.tables.repeatability import repeatability_table
from analysis.tables.responders import responder_table, tests_table
from analysis.tables.rules import criteria_table, definitions_table, warnings_table
from analysis.tables.sides import between_groups_table, side_methods_table, sides_table

__all__ = [
    "adjusted_table",
    "asymmetry_table",
    "balance_table",
    "between_groups_table",
    "change_of_asymmetry_table",
    "class_table",
    "clinics_table",
    "comparability_table",
    "completeness_table",
    "corrections_table",
    "criteria_table",
    "definitions_table",
    "distribution_table",
    "flow_table",
    "gains_table",
    "group_label",
    "group_labels",
    "matched_table",
    "mean_change_table",
    "missing_table",
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
    "warnings_table",
]
