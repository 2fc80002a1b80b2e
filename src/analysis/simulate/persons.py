"""What a clinic writes down of each person beside sex and age; nothing of it changes a hip."""

import numpy as np
from numpy.typing import NDArray

from analysis.simulate.parameters import CohortParameters
from analysis.simulate.people import People

ACTIVITY = np.array(["inactive", "moderately active", "very active"])


def draw_persons(people: People, parameters: CohortParameters, rng: np.random.Generator) -> dict[str, NDArray]:
    """Draw height, weight, activity and duration of complaints; one entry per person, a blank is missing.

    Returns
    -------
    dict
        By our name; whole centimetres, kilograms and months.
    """
    p, patients = parameters, len(people.clinic)
    height = rng.normal(p.height_cm_men - p.height_cm_women_less * people.female, p.height_cm_sd)
    weight = rng.normal(p.bmi_mean, p.bmi_sd, patients).clip(17, 42) * (height / 100) ** 2
    months = 1 + rng.lognormal(np.log(p.complaints_months_median), p.complaints_log_sd, patients)
    found = {
        "height_cm": np.rint(height),
        "weight_kg": np.rint(weight),
        "activity": rng.choice(ACTIVITY, size=patients, p=p.activity_shares),
        "complaints_months": np.rint(months.clip(max=240)),
    }
    missing = rng.random((len(found), patients)) < p.missing_person_share
    return {
        name: np.where(blank, "" if values.dtype.kind == "U" else np.nan, values)
        for (name, values), blank in zip(found.items(), missing, strict=True)
    }
