"""Who is in the cohort: clinics, people, what is recorded of them, and the true values of their hips at baseline.

Arrays hold one row per person; those of hips have two columns, left and right.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.simulate.parameters import CohortParameters

POSITIONS = np.array(["prone", "seated", "supine"])
DEVICES = np.array(["goniometer", "inclinometer", "phone"])
ACTIVITY = np.array(["inactive", "moderately active", "very active"])
LEFT_AND_RIGHT = np.array([0.5, -0.5])  # so that a difference between the sides leaves the mean as it is


@dataclass(frozen=True)
class Clinics:
    """One entry per clinic: how many people and raters it has, and how it measures."""

    size: NDArray[np.int64]
    raters: NDArray[np.int64]
    position: NDArray[np.int64]
    device: NDArray[np.int64]


@dataclass(frozen=True)
class People:
    """The people and their hips; `tenths` holds true angles in tenths of a degree by measure name."""

    clinic: NDArray[np.int64]
    female: NDArray[np.bool_]
    age_years: NDArray[np.int64]
    phenotype: NDArray[np.int64]
    tenths: dict[str, NDArray[np.int64]]
    answers: dict[str, NDArray[np.bool_]]
    ir_drills_tried: NDArray[np.int64]


def draw_clinics(patients: int, parameters: CohortParameters, rng: np.random.Generator) -> Clinics:
    """Draw the clinics and scale their sizes to the patients asked for.

    Every clinic gets one person as long as there are enough; the others are shared out in proportion.
    """
    count = parameters.clinics
    drawn = rng.integers(parameters.clinic_size_least, parameters.clinic_size_most + 1, size=count)
    least = 1 if patients >= count else 0
    exact = drawn / drawn.sum() * (patients - least * count)
    size = np.floor(exact).astype(np.int64)
    largest_remainders = np.argsort(size - exact, kind="stable")[: patients - least * count - size.sum()]
    size[largest_remainders] += 1
    return Clinics(
        size=size + least,
        raters=rng.integers(parameters.raters_least, parameters.raters_most + 1, size=count),
        position=rng.integers(len(POSITIONS), size=count),
        device=rng.integers(len(DEVICES), size=count),
    )


def draw_people(clinics: Clinics, parameters: CohortParameters, rng: np.random.Generator) -> People:
    """Draw the people of all clinics and the true values of their hips at baseline."""
    patients = int(clinics.size.sum())
    female = rng.random(patients) < parameters.women_share
    phenotype = _draw_phenotypes(patients, parameters, rng)
    deviations = _draw_deviations(patients, parameters, rng)
    answers = _draw_answers(phenotype, parameters, rng)
    # These come last because how much they draw depends on the parameters; it must not move the rest.
    age_years = _draw_ages(patients, parameters, rng)
    drills = rng.poisson(parameters.drills_mean, size=(patients, 1))
    clinic = np.repeat(np.arange(parameters.clinics), clinics.size)
    left_over_right = rng.standard_normal(parameters.clinics) * parameters.clinic_left_ir_sd
    deviations["hip_ir_deg"] = deviations["hip_ir_deg"] + left_over_right[clinic, np.newaxis] * LEFT_AND_RIGHT
    return People(
        clinic=clinic,
        female=female,
        age_years=age_years,
        phenotype=phenotype,
        tenths=_true_tenths(phenotype, female, age_years, deviations, parameters),
        answers=answers,
        ir_drills_tried=np.repeat(drills, 2, axis=1),
    )


def draw_persons(people: People, parameters: CohortParameters, rng: np.random.Generator) -> dict[str, NDArray]:
    """Draw what a clinic writes down of each person beside sex and age; nothing of it changes a hip.

    Returns
    -------
    dict
        By our name, one entry per person; whole centimetres, kilograms and months. A blank is missing.
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


def _draw_phenotypes(patients: int, parameters: CohortParameters, rng: np.random.Generator) -> NDArray[np.int64]:
    """Index of the phenotype of each hip; both sides have the same shares of phenotypes.

    The right hip copies the left or is drawn afresh. A fresh draw may hit the same phenotype by chance, so
    fewer people copy than share a phenotype.
    """
    shares = np.array([phenotype.share for phenotype in parameters.phenotypes])
    same_by_chance = (shares**2).sum()
    fresh_share = 0.0 if same_by_chance == 1 else (1 - parameters.same_phenotype_share) / (1 - same_by_chance)
    phenotype = rng.choice(len(shares), size=(patients, 2), p=shares)
    fresh = rng.random(patients) < fresh_share
    phenotype[:, 1] = np.where(fresh, phenotype[:, 1], phenotype[:, 0])
    return phenotype


def _draw_ages(patients: int, parameters: CohortParameters, rng: np.random.Generator) -> NDArray[np.int64]:
    ages = rng.normal(parameters.age_mean, parameters.age_sd, size=patients)
    while (outside := (ages < parameters.age_least) | (ages >= parameters.age_most + 1)).any():
        ages[outside] = rng.normal(parameters.age_mean, parameters.age_sd, size=outside.sum())
    return np.floor(ages).astype(np.int64)


def _draw_deviations(
    patients: int, parameters: CohortParameters, rng: np.random.Generator
) -> dict[str, NDArray[np.float64]]:
    """Deviation of each hip from the mean of its phenotype, in degrees."""
    p = parameters
    ir = _correlated(patients, p.ir_sd, p.ir_left_right, rng)
    er_variance, er_left_right = p.er_beyond_ir
    return {
        "hip_ir_deg": ir,
        "hip_er_deg": p.er_per_ir_deg * ir + _correlated(patients, er_variance**0.5, er_left_right, rng),
        "slr_deg": _correlated(patients, p.slr_sd, p.slr_left_right, rng),
        "pelvic_tilt_deg": _correlated(patients, p.tilt_sd, p.tilt_left_right, rng),
        "ober_deg": rng.standard_normal((patients, 2)) * p.ober_sd,
    }


def _correlated(patients: int, sd: float, left_right: float, rng: np.random.Generator) -> NDArray[np.float64]:
    person = rng.standard_normal((patients, 1))
    own = rng.standard_normal((patients, 2))
    return sd * (left_right**0.5 * person + (1 - left_right) ** 0.5 * own)


def _draw_answers(
    phenotype: NDArray[np.int64], parameters: CohortParameters, rng: np.random.Generator
) -> dict[str, NDArray[np.bool_]]:
    def answer(sign: str) -> NDArray[np.bool_]:
        shares = np.array([getattr(kind, sign) for kind in parameters.phenotypes])
        return rng.random(phenotype.shape) < shares[phenotype]

    return {
        "swayback": answer("swayback"),
        "lumbar_extension": answer("lumbar_extension"),
        "feels_stretch": ~answer("cannot_feel"),
        "low_back_extension": answer("compensates"),
        "knee_valgus": answer("compensates"),
        "overpronation": answer("compensates"),
    }


def _true_tenths(
    phenotype: NDArray[np.int64],
    female: NDArray[np.bool_],
    age_years: NDArray[np.int64],
    deviations: dict[str, NDArray[np.float64]],
    parameters: CohortParameters,
) -> dict[str, NDArray[np.int64]]:
    """Add up the true angles at baseline, in tenths of a degree; a half tenth goes to the even one."""
    p = parameters
    degrees = {}
    for measure in ("hip_ir_deg", "hip_er_deg", "slr_deg", "pelvic_tilt_deg"):
        means = np.array([getattr(kind, measure) for kind in p.phenotypes], dtype=float)
        degrees[measure] = means[phenotype] + deviations[measure]
    woman = (female - p.women_share)[:, np.newaxis]
    years = (age_years - p.age_mean)[:, np.newaxis]
    degrees["hip_ir_deg"] += p.women_ir_deg * woman + p.ir_per_year_deg * years + p.left_ir_deg * LEFT_AND_RIGHT
    degrees["slr_deg"] += p.women_slr_deg * woman
    degrees["ober_deg"] = (
        p.ober_mean
        + p.ober_per_ir_deg * (degrees["hip_ir_deg"] - p.ober_centre_ir_deg)
        + p.ober_per_tilt_deg * (degrees["pelvic_tilt_deg"] - p.ober_centre_tilt_deg)
        + deviations["ober_deg"]
    )
    return {measure: to_tenths(angle) for measure, angle in degrees.items()}


def to_tenths(degrees: NDArray[np.float64]) -> NDArray[np.int64]:
    """Round degrees to whole tenths; a half goes to the even tenth.

    Examples
    --------
    >>> to_tenths(np.array([21.26, -0.04])).tolist()
    [213, 0]
    """
    return np.rint(10 * degrees).astype(np.int64)
