"""The answers in sentences, computed from tables that may be shown."""

from analysis.show.sentences.asymmetry import asymmetry_answer, change_of_asymmetry_answer, expectation
from analysis.show.sentences.by_chance import each_against_chance
from analysis.show.sentences.classes import class_answer, firmness_answer, safety_answer, settling_answer
from analysis.show.sentences.clinics import chart_answer, funnel_answer, no_clinic_answer, true_rates_answer
from analysis.show.sentences.degrees import adjusted_answer, degrees_answer, gains_answer
from analysis.show.sentences.headline import arms_answer, headline
from analysis.show.sentences.important_change import important_change_answer
from analysis.show.sentences.look_first import Part, look_first_answer
from analysis.show.sentences.matching import matched_answer
from analysis.show.sentences.missing import missing_answer
from analysis.show.sentences.other_rates import other_visits_answer, target_answer, unstretched_answer
from analysis.show.sentences.people import apart_answer, norms_answer, people_answer, unrecorded_answer
from analysis.show.sentences.quality import (
    completeness_answer,
    distribution_answer,
    flow_answer,
    follow_up_answer,
    lost_answer,
    rounding_answer,
)
from analysis.show.sentences.responders import (
    cannot_show,
    data_warnings,
    day_answer,
    responder_answer,
    scope_sentence,
    together,
    words_used,
)
from analysis.show.sentences.second_readings import agreement_answer, repeatability_answer
from analysis.show.sentences.sensitivity import five_sentences, rules_beside_error
from analysis.show.sentences.sides import between_groups_answer, methods_answer, sides_answer
from analysis.show.sentences.trajectories import trajectory_answer
from analysis.show.sentences.trust import trust_answer

__all__ = [
    "Part",
    "adjusted_answer",
    "agreement_answer",
    "apart_answer",
    "arms_answer",
    "asymmetry_answer",
    "between_groups_answer",
    "cannot_show",
    "change_of_asymmetry_answer",
    "chart_answer",
    "class_answer",
    "completeness_answer",
    "data_warnings",
    "day_answer",
    "degrees_answer",
    "distribution_answer",
    "each_against_chance",
    "expectation",
    "firmness_answer",
    "five_sentences",
    "flow_answer",
    "follow_up_answer",
    "funnel_answer",
    "gains_answer",
    "headline",
    "important_change_answer",
    "look_first_answer",
    "lost_answer",
    "matched_answer",
    "methods_answer",
    "missing_answer",
    "no_clinic_answer",
    "norms_answer",
    "other_visits_answer",
    "people_answer",
    "repeatability_answer",
    "responder_answer",
    "rounding_answer",
    "rules_beside_error",
    "safety_answer",
    "scope_sentence",
    "settling_answer",
    "sides_answer",
    "target_answer",
    "together",
    "trajectory_answer",
    "true_rates_answer",
    "trust_answer",
    "unrecorded_answer",
    "unstretched_answer",
    "words_used",
]
