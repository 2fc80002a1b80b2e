"""The synthetic cohort, from clinics to the file a clinic would send."""

from dataclasses import dataclass

import pandas as pd

from analysis.simulate.faults import leave_blanks, make_gross_errors
from analysis.simulate.parameters import CohortParameters
from analysis.simulate.people import draw_clinics, draw_people, draw_persons
from analysis.simulate.sheet import fill_sheet
from analysis.simulate.streams import stream
from analysis.simulate.treatment import draw_gains, draw_treatment
from analysis.simulate.truth import TRUTH_COLUMNS, classify_people, tabulate_truth
from analysis.simulate.visits import draw_heaping, draw_schedule, draw_visits, read_again


@dataclass(frozen=True)
class Cohort:
    """A synthetic cohort.

    Attributes
    ----------
    hips : pandas.DataFrame
        One row per hip, left before right, wide by timepoint, in the words of a clinic's file.
        Angles in degrees; a blank is missing.
    truth : pandas.DataFrame
        One row per hip in the same order: phenotype, true values, true gains, true class.
    seed : int
    parameters : CohortParameters
    """

    hips: pd.DataFrame
    truth: pd.DataFrame
    seed: int
    parameters: CohortParameters


def simulate(
    patients: int, seed: int = 0, parameters: CohortParameters | None = None, *, with_truth: bool = True
) -> Cohort:
    """Draw a synthetic cohort together with the truth behind it.

    Each part of the cohort has its own stream of random numbers: with the same seed, another share of
    missing visits, say, leaves all other readings as they were.

    Parameters
    ----------
    patients : int
        Number of people, at least 1; each has two hips.
    seed : int
        0 or more; the same seed gives the same cohort.
    parameters : CohortParameters, optional
        The numbers to draw from; left out, those of the design.
    with_truth : bool
        Without, the truth has no rows, and the cohort takes a third less time.

    Returns
    -------
    Cohort

    Raises
    ------
    ValueError
        If `patients` is less than 1 or `seed` is negative.

    Examples
    --------
    >>> cohort = simulate(patients=3, seed=1)
    >>> len(cohort.hips), len(cohort.truth)
    (6, 6)
    """
    if patients < 1:
        raise ValueError(f"patients: {patients} people cannot be drawn; give 1 or more")
    if seed < 0:
        raise ValueError(f"seed: {seed} is negative; give 0 or more")
    parameters = parameters or CohortParameters()

    clinics = draw_clinics(patients, parameters, stream(seed, "clinics"))
    people = draw_people(clinics, parameters, stream(seed, "people"))
    verdicts = classify_people(people)
    schedule = draw_schedule(people, clinics, parameters, stream(seed, "schedule"))
    treatment = draw_treatment(verdicts["stretch_type"], people, parameters, stream(seed, "treatment"))
    gains = draw_gains(people, clinics, schedule.elapsed, treatment, parameters, stream(seed, "gains"))
    readings = stream(seed, "readings")
    heaped = draw_heaping(people, parameters, readings)
    visits = draw_visits(people, schedule, gains, heaped, parameters, readings)
    visits = leave_blanks(visits, treatment, parameters, stream(seed, "missing"))
    visits, error, error_at = make_gross_errors(visits, parameters, stream(seed, "errors"))
    if parameters.reread_share:
        visits["reread"] = read_again(people, schedule, heaped, parameters, stream(seed, "reread"))

    persons = draw_persons(people, parameters, stream(seed, "persons"))
    hips = fill_sheet(people, persons, treatment, visits)
    if not with_truth:
        return Cohort(hips, pd.DataFrame(columns=list(TRUTH_COLUMNS)), seed, parameters)
    truth = tabulate_truth(people, treatment, gains, verdicts, error, error_at, parameters)
    return Cohort(hips, truth, seed, parameters)
