"""The clinic's file: its column names, its words, and the filled sheet."""

import numpy as np
import pandas as pd

from analysis.simulate.people import People
from analysis.simulate.treatment import Treatment
from analysis.simulate.visits import Visit, clinic_names

# Our name = the file's column.
COLUMNS = {
    "patient_id": "Patient",
    "clinic_id": "Clinic",
    "sex": "Sex",
    "age_years": "Age",
    "height_cm": "Height",
    "weight_kg": "Weight",
    "activity": "Activity",
    "complaints_months": "Months of complaints",
    "side": "Side",
    "motion": "Motion",
    "stretch_given": "Stretch",
    "supervised": "Supervised",
    "pain_nrs": "Pain",
    "own_it_drill": "Own it drill",
}
ONCE = {
    "ir_drills_tried": "IR drills tried",
    "pelvic_tilt_deg": "Tilt",
    "swayback": "Swayback",
    "lumbar_extension": "Lots of lumbar extension",
    "feels_stretch": "Feels stretch",
    "low_back_extension": "Low back extension",
    "knee_valgus": "Knee valgus",
    "overpronation": "Over-pronation",
}
EVERY_VISIT = {
    "date": "Date",
    "rater": "Rater",
    "position": "Position",
    "device": "Device",
    "hip_ir_deg": "IR",
    "slr_deg": "SLR",
    "ober": "Ober",
    "ober_deg": "Ober angle",
}
SUFFIXES = {"intake": "intake", "baseline": "pre", "reread": "reread", "post": "post", "followup": "followup"}
TIMEPOINT_COLUMNS = {
    timepoint: {name: f"{column} {suffix}" for name, column in EVERY_VISIT.items()}
    for timepoint, suffix in SUFFIXES.items()
}
TIMEPOINT_COLUMNS["baseline"] |= {"hip_er_deg": "ER pre"} | ONCE
TIMEPOINT_COLUMNS["reread"] |= {"hip_er_deg": "ER reread", "pelvic_tilt_deg": "Tilt reread"}

# Our word = the file's word.
YES_NO = {"true": "yes", "false": "no"}
WORDS = {
    "side": {"left": "L", "right": "R"},
    "sex": {"female": "F", "male": "M"},
    "ober": {"positive": "+", "negative": "-"},
    "supervised": YES_NO,
    "own_it_drill": YES_NO,
    "swayback": YES_NO,
    "lumbar_extension": YES_NO,
    "feels_stretch": YES_NO,
    "low_back_extension": YES_NO,
    "knee_valgus": YES_NO,
    "overpronation": YES_NO,
}


def identify_hips(people: People) -> dict[str, np.ndarray]:
    """Patient and side of every row, as the file spells them."""
    patients = len(people.clinic)
    numbers = np.char.zfill(np.arange(1, patients + 1).astype(str), 5)
    return {
        COLUMNS["patient_id"]: np.repeat(np.char.add("P", numbers), 2),
        COLUMNS["side"]: np.tile(list(WORDS["side"].values()), patients),
    }


def fill_sheet(
    people: People, persons: dict[str, np.ndarray], treatment: Treatment, visits: dict[str, Visit]
) -> pd.DataFrame:
    """One row per hip, left before right, wide by timepoint; a blank is missing."""
    sheet = {
        "clinic_id": np.repeat(clinic_names(people.clinic), 2),
        "sex": np.repeat(np.where(people.female, "female", "male"), 2),
        "age_years": np.repeat(people.age_years, 2),
        **{name: np.repeat(values, 2) for name, values in persons.items()},
        "motion": np.full(2 * len(people.clinic), "passive"),
        "stretch_given": treatment.stretch_given.ravel(),
        "supervised": treatment.supervised.ravel(),
        "pain_nrs": treatment.pain_nrs.ravel(),
        "own_it_drill": treatment.own_it_drill.ravel(),
    }
    columns = identify_hips(people)
    columns |= {COLUMNS[name]: _in_words_of_the_file(name, values) for name, values in sheet.items()}
    for timepoint, visit in visits.items():
        columns |= {
            TIMEPOINT_COLUMNS[timepoint][name]: _in_words_of_the_file(name, values.ravel())
            for name, values in visit.items()
        }
    once = list(ONCE.values())
    every_visit = [c for when in TIMEPOINT_COLUMNS if when in visits for c in TIMEPOINT_COLUMNS[when].values()]
    every_visit = [column for column in every_visit if column not in once]
    return pd.DataFrame(columns)[[*COLUMNS.values(), *once, *every_visit]]


def _in_words_of_the_file(name: str, values: np.ndarray) -> np.ndarray:
    for ours, theirs in WORDS.get(name, {}).items():
        values = np.where(values == ours, theirs, values)
    if values.dtype.kind == "U":
        values = values.astype("object")
        values[values == ""] = None
    return values
