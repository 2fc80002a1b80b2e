"""Which stretch each hip is given, what goes with it, and what the hip truly gains.

Arrays have one row per person and two columns, left and right, unless said otherwise.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.simulate.parameters import CohortParameters
from analysis.simulate.people import Clinics, People, to_tenths

# For each class that calls for a stretch: the likelier wrong one, then the other.
WRONG_STRETCHES = {"T1": ("T2", "T3"), "T2": ("T1", "T3"), "T3": ("T1", "T2")}


@dataclass(frozen=True)
class Treatment:
    """Text arrays hold our words, empty where not applicable; `called`: the true class needs a stretch."""

    stretch_given: NDArray[np.str_]
    called: NDArray[np.bool_]
    matched: NDArray[np.bool_]
    supervised: NDArray[np.str_]
    pain_nrs: NDArray[np.float64]
    own_it_drill: NDArray[np.str_]


def draw_treatment(
    true_types: NDArray[np.str_], people: People, parameters: CohortParameters, rng: np.random.Generator
) -> Treatment:
    """Draw the stretch given to each hip; less often the one called for when IR is low."""
    shape = true_types.shape
    called = np.isin(true_types, list(WRONG_STRETCHES))
    matched = called & (rng.random(shape) < _matched_share(people.tenths["hip_ir_deg"] / 10, called, parameters))

    likelier = rng.random(shape) < parameters.usual_mismatch_share
    given = np.where(rng.random(shape) < parameters.no_stretch_share, "none", "T1")
    for called_for, (usual, other) in WRONG_STRETCHES.items():
        wrong = np.where(likelier, usual, other)
        given = np.where(true_types == called_for, np.where(matched, called_for, wrong), given)
    by_hand = rng.random(shape) < parameters.manual_share
    given = np.where(given == "T3", np.where(by_hand, "T3M", "T3S"), given)

    stretched = given != "none"
    supervised = _yes_or_no(rng.random(shape) < parameters.supervised_share)
    hurts = rng.random(shape) < parameters.pain_share
    pain = np.minimum(1 + np.floor(rng.exponential(parameters.pain_mean, size=shape)), 10)
    drill = _yes_or_no(rng.random((shape[0], 1)) < parameters.own_it_share)
    return Treatment(
        stretch_given=given,
        called=called,
        matched=matched,
        supervised=np.where(given == "T3M", supervised, ""),
        pain_nrs=np.where(stretched, np.where(hurts, pain, 0.0), np.nan),
        own_it_drill=np.where(stretched, drill, ""),
    )


def draw_gains(
    people: People,
    clinics: Clinics,
    elapsed: NDArray[np.float64],
    treatment: Treatment,
    parameters: CohortParameters,
    rng: np.random.Generator,
) -> dict[str, dict[str, NDArray[np.int64]]]:
    """Draw the true gains since baseline in tenths of a degree, by timepoint (post, followup) and measure.

    `elapsed` has one entry per person: how far into the study the baseline fell, from 0 to 1.
    """
    p = parameters
    shape = people.phenotype.shape
    stretched = treatment.stretch_given != "none"
    between_clinics = rng.standard_normal(p.clinics) * p.clinic_ir_gain_sd
    by_clinic = between_clinics[people.clinic] + _change_over_time(people.clinic, clinics, elapsed, p)
    matched_ir_gain = np.array([kind.matched_ir_gain_deg for kind in p.phenotypes])[people.phenotype]
    ir = np.where(treatment.called, p.mismatched_ir_gain_deg, p.uncalled_ir_gain_deg)
    if p.clinic_match_sd:  # drawn only then, so that all else is as without it
        of_clinic = rng.standard_normal(p.clinics) * p.clinic_match_sd
        matched_ir_gain = matched_ir_gain + of_clinic[people.clinic, np.newaxis]
    ir = np.where(treatment.matched, matched_ir_gain, ir) + by_clinic[:, np.newaxis]
    ir = np.where(stretched, ir, 0) + rng.standard_normal(shape) * p.ir_gain_sd

    slr = np.where(treatment.matched, p.matched_slr_gain_deg, p.mismatched_slr_gain_deg)
    slr = np.where(stretched, slr, 0) + rng.standard_normal(shape) * p.slr_gain_sd
    ober = p.ober_gain_per_ir_gain * ir + rng.standard_normal(shape) * p.ober_gain_sd

    retained = np.where(treatment.own_it_drill == "true", p.retained_with_drill, p.retained_without_drill)
    real = 0 if p.null else 1
    at_post = {"hip_ir_deg": real * ir, "slr_deg": real * slr, "ober_deg": real * ober}
    return {
        "post": {measure: to_tenths(gain) for measure, gain in at_post.items()},
        "followup": {measure: to_tenths(retained * gain) for measure, gain in at_post.items()},
    }


def _matched_share(
    hip_ir_deg: NDArray[np.float64], called: NDArray[np.bool_], parameters: CohortParameters
) -> NDArray[np.float64]:
    """Chance of each hip to be matched, centred so that `matched_share` is the mean over the hips called."""
    centre = hip_ir_deg[called].mean() if called.any() else 0.0
    return parameters.matched_share + parameters.matched_per_ir_deg * (hip_ir_deg - centre)


def _change_over_time(
    clinic: NDArray[np.int64],
    clinics: Clinics,
    elapsed: NDArray[np.float64],
    parameters: CohortParameters,
) -> NDArray[np.float64]:
    """Degrees added to the IR gain of each person: a step in the largest clinic, a drift in the second."""
    by_size = np.argsort(-clinics.size, kind="stable")
    change = np.where((clinic == by_size[0]) & (elapsed >= 0.5), parameters.step_ir_gain_deg, 0.0)
    return change + np.where(np.isin(clinic, by_size[1:2]), parameters.drift_ir_gain_deg * elapsed, 0.0)


def _yes_or_no(answers: NDArray[np.bool_]) -> NDArray[np.str_]:
    return np.where(answers, "true", "false")
