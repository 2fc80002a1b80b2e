"""The truth behind each row of the synthetic file, as a table."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.simulate.oracle import true_class
from analysis.simulate.parameters import CohortParameters
from analysis.simulate.people import People
from analysis.simulate.sheet import identify_hips
from analysis.simulate.treatment import Treatment

# Name, and what it tells; the README of a study prints these.
TRUTH_COLUMNS = {
    "Patient": "as in hips.csv",
    "Side": "as in hips.csv",
    "phenotype": "the kind of hip the true values were drawn from; not its class",
    "hip_ir_deg": "true internal rotation at intake and baseline, degrees",
    "hip_er_deg": "true external rotation, degrees",
    "slr_deg": "true straight leg raise at intake and baseline, degrees",
    "pelvic_tilt_deg": "true pelvic tilt, degrees, anterior positive",
    "ober_deg": "true Ober angle at intake and baseline, degrees",
    "ober": "sign of Ober's test that goes with the true angle",
    "feels_stretch": "true answer, True or False",
    "swayback": "true answer",
    "lumbar_extension": "true answer",
    "ir_drills_tried": "true count",
    "hip_ir_gain_deg_post": "true gain from baseline to right after the stretch, degrees",
    "slr_gain_deg_post": "the same, straight leg raise",
    "ober_gain_deg_post": "the same, Ober angle",
    "hip_ir_gain_deg_followup": "true gain from baseline to the later visit, degrees",
    "slr_gain_deg_followup": "the same, straight leg raise",
    "ober_gain_deg_followup": "the same, Ober angle",
    "matched": "the stretch given is the one the true class calls for; blank when it calls for none",
    "stretch_type": "true class: T1, T2, T3, unclassified, not_restricted or indeterminate",
    "certainty": "definite (strict reading), borderline (lenient reading only), blank when indeterminate",
    "presentation": "the class beneath a T3, otherwise the same as stretch_type",
    "gross_error": "error in the row of hips.csv: side (rows swapped), unit (radians), sign (IR negative)",
    "gross_error_at": "timepoint of that error",
}


def classify_people(people: People) -> dict[str, NDArray[np.str_]]:
    """Classify every hip by its true values.

    Returns
    -------
    dict
        `stretch_type`, `certainty`, `presentation`: one row per person, left and right.
    """
    angles = ("hip_ir_deg", "hip_er_deg", "slr_deg", "pelvic_tilt_deg")
    columns: dict[str, list[Any]] = {angle: (people.tenths[angle] / 10).ravel().tolist() for angle in angles}
    columns |= {answer: people.answers[answer].ravel().tolist() for answer in ("swayback", "feels_stretch")}
    verdicts = [true_class(**dict(zip(columns, hip, strict=True))) for hip in zip(*columns.values(), strict=True)]
    shape = people.phenotype.shape
    names = ("stretch_type", "certainty", "presentation")
    return {
        name: np.array(values).reshape(shape) for name, values in zip(names, zip(*verdicts, strict=True), strict=True)
    }


def tabulate_truth(
    people: People,
    treatment: Treatment,
    gains: dict[str, dict[str, NDArray[np.int64]]],
    verdicts: dict[str, NDArray[np.str_]],
    error: NDArray[np.str_],
    error_at: NDArray[np.str_],
    parameters: CohortParameters,
) -> pd.DataFrame:
    """One row per hip with the columns of `TRUTH_COLUMNS`; angles and gains in degrees, exact to a tenth."""
    kinds = np.array([kind.name for kind in parameters.phenotypes])
    below_cut = people.tenths["ober_deg"] / 10 < parameters.ober_cut_deg
    arrays: dict[str, NDArray] = {measure: tenths / 10 for measure, tenths in people.tenths.items()}
    arrays |= people.answers | verdicts
    arrays |= {
        "phenotype": kinds[people.phenotype],
        "ober": np.where(below_cut, "positive", "negative"),
        "ir_drills_tried": people.ir_drills_tried,
        "matched": treatment.matched,
        "gross_error": error,
        "gross_error_at": error_at,
    }
    for timepoint, by_measure in gains.items():
        for measure, tenths in by_measure.items():
            arrays[f"{measure.removesuffix('_deg')}_gain_deg_{timepoint}"] = tenths / 10

    truth = pd.DataFrame(identify_hips(people) | {name: values.ravel() for name, values in arrays.items()})
    truth = truth[list(TRUTH_COLUMNS)]
    truth["matched"] = truth["matched"].astype("boolean").where(treatment.called.ravel())
    return truth.mask(truth == "")
