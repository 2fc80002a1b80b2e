"""The answers in sentences, computed from tables that may be shown."""

from analysis.sentences.beside import arms_answer, other_visits_answer, target_answer, unstretched_answer
from analysis.sentences.classes import class_answer, firmness_answer, safety_answer, settling_answer
from analysis.sentences.clinics import chart_answer, funnel_answer, no_clinic_answer
from analysis.sentences.degrees import adjusted_answer, degrees_answer, gains_answer
from analysis.sentences.headline import headline
from analysis.sentences.matching import matched_answer
from analysis.sentences.missing import missing_answer
from analysis.sentences.quality import flow_answer, follow_up_answer, lost_answer, rounding_answer
from analysis.sentences.repeatability import repeatability_answer
from analysis.sentences.responders import (
    cannot_show,
    data_warnings,
    responder_answer,
    scope_sentence,
    together,
    words_used,
)
from analysis.sentences.sides import (
    asymmetry_answer,
    between_groups_answer,
    change_of_asymmetry_answer,
    expectation,
    methods_answer,
    sides_answer,
)

__all__ = [
    "adjusted_answer",
    "arms_answer",
    "asymmetry_answer",
    "between_groups_answer",
    "cannot_show",
    "change_of_asymmetry_answer",
    "chart_answer",
    "class_answer",
    "data_warnings",
    "degrees_answer",
    "expectation",
    "firmness_answer",
    "flow_answer",
    "follow_up_answer",
    "funnel_answer",
    "gains_answer",
    "headline",
    "lost_answer",
    "matched_answer",
    "methods_answer",
    "missing_answer",
    "no_clinic_answer",
    "other_visits_answer",
    "repeatability_answer",
    "responder_answer",
    "rounding_answer",
    "safety_answer",
    "scope_sentence",
    "settling_answer",
    "sides_answer",
    "target_answer",
    "together",
    "unstretched_answer",
    "words_used",
]
