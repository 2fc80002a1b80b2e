"""What goes wrong on paper: visits and tests that are missing, and gross errors of typing.

Both take and return visits as described in `visits`; nothing is changed in place.
"""

import numpy as np
from numpy.typing import NDArray

from analysis.simulate.parameters import TIMEPOINTS, CohortParameters
from analysis.simulate.treatment import Treatment
from analysis.simulate.visits import LIMITS, Visit

TESTS = (("hip_ir_deg",), ("slr_deg",), ("ober", "ober_deg"))


def leave_blanks(
    visits: dict[str, Visit], treatment: Treatment, parameters: CohortParameters, rng: np.random.Generator
) -> dict[str, Visit]:
    """Blank the follow-up of people who stay away, and single tests right after the stretch."""
    away = rng.random(len(treatment.called)) < _risk_of_missing(treatment, parameters)
    followup = {name: _blank(values, away[:, np.newaxis]) for name, values in visits["followup"].items()}
    post = dict(visits["post"])
    for test in TESTS:
        skipped = rng.random(treatment.called.shape) < parameters.missing_post_share
        post |= {name: _blank(post[name], skipped) for name in test}
    return visits | {"post": post, "followup": followup}


def _risk_of_missing(treatment: Treatment, parameters: CohortParameters) -> NDArray[np.float64]:
    """Risk of each person; its mean over the cohort is `missing_followup_share`."""
    hurt = (treatment.pain_nrs > 0).any(axis=1)
    mismatched = (treatment.called & ~treatment.matched).any(axis=1)
    weight = 1 + parameters.missing_after_pain * hurt + parameters.missing_after_mismatch * mismatched
    return parameters.missing_followup_share * weight / weight.mean()


def _blank(values: NDArray, where: NDArray[np.bool_]) -> NDArray:
    return np.where(where, "" if values.dtype.kind == "U" else np.nan, values)


def make_gross_errors(
    visits: dict[str, Visit], parameters: CohortParameters, rng: np.random.Generator
) -> tuple[dict[str, Visit], NDArray[np.str_], NDArray[np.str_]]:
    """Let a few hips have one visit typed wrongly.

    Side: the two rows of a visit are swapped. Unit: the angles are in radians. Sign: IR is negative.

    Returns
    -------
    tuple
        The visits; the kind of error per hip (side, unit, sign); its timepoint. The last two are empty
        where the file shows none, also when the error fell on a blank.
    """
    patients = len(visits["baseline"]["date"])
    third = parameters.gross_error_share / 3
    swapped = np.repeat(rng.random((patients, 1)) < third, 2, axis=1)
    chance = rng.random((patients, 2))
    drawn = np.select([swapped, chance < third, chance < 2 * third], ["side", "unit", "sign"], default="")
    when = np.array(TIMEPOINTS)[rng.integers(len(TIMEPOINTS), size=(patients, 1))]

    wrong_visits = {}
    shows = np.zeros((patients, 2), dtype=bool)
    for timepoint, visit in visits.items():
        kind = np.where(when == timepoint, drawn, "")
        wrong_visits[timepoint] = {name: _mistype(name, values, kind) for name, values in visit.items()}
        for name, values in visit.items():
            shows |= _differs(values, wrong_visits[timepoint][name])
    return wrong_visits, np.where(shows, drawn, ""), np.where(shows, when, "")


def _mistype(name: str, values: NDArray, kind: NDArray[np.str_]) -> NDArray:
    values = np.where(kind == "side", values[:, ::-1], values)
    if name.endswith("_deg"):
        values = np.where(kind == "unit", np.round(np.radians(values), 2), values)
    if name == "hip_ir_deg":
        # A sign that gives a reading no hip has is seen at once: the form does not take it.
        fits = (kind == "sign") & (-np.abs(values) >= LIMITS[name][0])
        values = np.where(fits, 0.0 - np.abs(values), values)
    return values


def _differs(values: NDArray, others: NDArray) -> NDArray[np.bool_]:
    both_blank = (values != values) & (others != others)
    return (values != others) & ~both_blank
