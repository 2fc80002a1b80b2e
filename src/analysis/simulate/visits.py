"""What is written down at each visit: when, by whom, how, and the readings with their error.

A visit is a dictionary of our column name to an array with one row per person and two columns, left and
right. Angles are in degrees; words are ours; a blank is NaN or an empty text.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.simulate.parameters import TIMEPOINTS, CohortParameters
from analysis.simulate.people import DEVICES, POSITIONS, Clinics, People

Visit = dict[str, NDArray[Any]]
# No hip moves further, and no form takes more: in a large enough cohort some reading would.
LIMITS = {
    "hip_ir_deg": (-45.0, 90.0),
    "hip_er_deg": (-45.0, 110.0),
    "slr_deg": (0.0, 150.0),
    "pelvic_tilt_deg": (-40.0, 50.0),
    "ober_deg": (-60.0, 60.0),
}


@dataclass(frozen=True)
class Schedule:
    """One entry per person and timepoint; indices into the raters of the clinic, positions and devices."""

    date: dict[str, NDArray[np.datetime64]]
    rater: dict[str, NDArray[np.int64]]
    position: dict[str, NDArray[np.int64]]
    device: dict[str, NDArray[np.int64]]
    elapsed: NDArray[np.float64]


def draw_schedule(people: People, clinics: Clinics, parameters: CohortParameters, rng: np.random.Generator) -> Schedule:
    """Draw the dates, raters and conditions of all visits; visits fall on working days."""
    patients = len(people.clinic)
    day = rng.integers(parameters.working_days, size=patients)
    baseline = np.busday_offset(np.datetime64(parameters.first_day), day, roll="forward")
    before, after = (
        7 * rng.integers(least, most + 1, size=patients)  # whole weeks keep the day of the week
        for least, most in (parameters.weeks_since_intake, parameters.weeks_to_followup)
    )
    date = {"intake": baseline - before, "baseline": baseline, "post": baseline, "followup": baseline + after}

    raters = clinics.raters[people.clinic]
    rater = {timepoint: rng.integers(raters) for timepoint in TIMEPOINTS}
    same_rater = rng.random(patients) < parameters.same_rater_share
    rater["post"] = np.where(same_rater, rater["baseline"], rater["post"])

    position, device = {}, {}
    for timepoint in TIMEPOINTS:
        other = rng.random(patients) >= parameters.same_conditions_share
        which = rng.random(patients) < 0.5
        step = rng.integers(1, 3, size=patients)  # to either of the other two
        if timepoint == "baseline":
            other = np.zeros(patients, dtype=bool)
        position[timepoint] = (clinics.position[people.clinic] + step * (other & which)) % len(POSITIONS)
        device[timepoint] = (clinics.device[people.clinic] + step * (other & ~which)) % len(DEVICES)
    return Schedule(date, rater, position, device, elapsed=day / max(parameters.working_days - 1, 1))


def draw_heaping(people: People, parameters: CohortParameters, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Draw who is read to the coarse step, at every visit and on both sides."""
    return rng.random((len(people.clinic), 1)) < parameters.heaping_share


def draw_visits(
    people: People,
    schedule: Schedule,
    gains: dict[str, dict[str, NDArray[np.int64]]],
    heaped: NDArray[np.bool_],
    parameters: CohortParameters,
    rng: np.random.Generator,
) -> dict[str, Visit]:
    """Draw what the file would say if nothing went missing and nobody erred grossly, by timepoint."""
    visits = {}
    for timepoint in TIMEPOINTS:
        true_tenths = {
            measure: tenths + gains.get(timepoint, {}).get(measure, 0) for measure, tenths in people.tenths.items()
        }
        readings = _read_angles(
            true_tenths, _shift_of_ir(timepoint, schedule, parameters, rng), heaped, parameters, rng
        )
        readings["ober"] = np.where(readings["ober_deg"] < parameters.ober_cut_deg, "positive", "negative")
        if timepoint != "baseline":
            del readings["hip_er_deg"], readings["pelvic_tilt_deg"]
        visits[timepoint] = _circumstances(timepoint, people, schedule) | readings
    visits["baseline"] |= {name: np.where(answer, "true", "false") for name, answer in people.answers.items()}
    visits["baseline"]["ir_drills_tried"] = people.ir_drills_tried.astype(float)
    return visits


def read_again(
    people: People,
    schedule: Schedule,
    heaped: NDArray[np.bool_],
    parameters: CohortParameters,
    rng: np.random.Generator,
) -> Visit:
    """Read the same hips again at the baseline, by the same rater and in the same way; blank for others."""
    patients = len(people.clinic)
    again = rng.random((patients, 1)) < parameters.reread_share
    readings = _read_angles(people.tenths, np.zeros((patients, 1)), heaped, parameters, rng)
    readings["ober"] = np.where(readings["ober_deg"] < parameters.ober_cut_deg, "positive", "negative")
    visit = _circumstances("baseline", people, schedule) | readings
    return {name: np.where(again, values, "" if values.dtype.kind == "U" else np.nan) for name, values in visit.items()}


def _read_angles(
    true_tenths: dict[str, NDArray[np.int64]],
    shift_of_ir: NDArray[np.float64],
    heaped: NDArray[np.bool_],
    parameters: CohortParameters,
    rng: np.random.Generator,
) -> Visit:
    """Read the truth with the error of measurement and round it, a half to the even step; in degrees.

    Tilt is never heaped: it is a matter of a few degrees in all.
    """
    p = parameters
    if not p.measurement_error:
        return {measure: tenths / 10 for measure, tenths in true_tenths.items()}
    sem = {
        "hip_ir_deg": p.ir_sem,
        "hip_er_deg": p.er_sem,
        "slr_deg": p.slr_sem,
        "pelvic_tilt_deg": p.tilt_sem,
        "ober_deg": p.ober_sem,
    }
    readings: Visit = {}
    for measure, tenths in true_tenths.items():
        error = 10 * sem[measure] * rng.standard_normal(tenths.shape)
        if measure == "hip_ir_deg":
            error += 10 * shift_of_ir
        coarse = heaped & (measure != "pelvic_tilt_deg")
        step = np.where(coarse, 10 * p.heaping_step_deg, 10 * p.reading_step_deg)
        read = np.rint(np.rint((tenths + error) / step) * step) / 10 + 0.0  # no minus zero
        readings[measure] = np.clip(read, *LIMITS[measure])
    return readings


def _shift_of_ir(
    timepoint: str, schedule: Schedule, parameters: CohortParameters, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Draw the degrees by which IR is off because position or device differ from the baseline's."""
    patients = len(schedule.elapsed)
    sign = np.where(rng.random(patients) < 0.5, -1.0, 1.0)
    differs = np.zeros(patients, dtype=bool)
    for condition in (schedule.position, schedule.device):
        differs |= condition[timepoint] != condition["baseline"]
    return (parameters.other_conditions_ir_deg * sign * differs)[:, np.newaxis]


def _circumstances(timepoint: str, people: People, schedule: Schedule) -> Visit:
    rater_names = np.char.add(
        np.char.add(clinic_names(people.clinic), "-R"), (schedule.rater[timepoint] + 1).astype(str)
    )
    per_person = {
        "date": np.datetime_as_string(schedule.date[timepoint], unit="D"),
        "rater": rater_names,
        "position": POSITIONS[schedule.position[timepoint]],
        "device": DEVICES[schedule.device[timepoint]],
    }
    return {name: np.repeat(values[:, np.newaxis], 2, axis=1) for name, values in per_person.items()}


def clinic_names(clinic: NDArray[np.int64]) -> NDArray[np.str_]:
    """Name clinics by their index.

    Examples
    --------
    >>> clinic_names(np.array([0, 11])).tolist()
    ['C01', 'C12']
    """
    return np.char.add("C", np.char.zfill((clinic + 1).astype(str), 2))
