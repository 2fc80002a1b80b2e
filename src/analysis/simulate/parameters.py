"""Every number the synthetic cohort is drawn from, each with its meaning beside it."""

from dataclasses import dataclass, fields
from datetime import date
from math import isclose
from typing import Annotated, get_type_hints

TIMEPOINTS = ("intake", "baseline", "post", "followup")


@dataclass(frozen=True)
class Phenotype:
    """What the hips of one kind have in common: mean angles in degrees, shares of hips between 0 and 1.

    The angles are means over both sides and sexes at the mean age.
    """

    name: str
    share: float
    hip_ir_deg: float
    hip_er_deg: float
    slr_deg: float
    pelvic_tilt_deg: float
    matched_ir_gain_deg: float
    cannot_feel: float
    swayback: float
    lumbar_extension: float
    compensates: float


# The last three shares are ours: the article describes the signs without saying how often they occur.
PHENOTYPES = (
    Phenotype("T1", 0.60, 21, 44, 66, 13, 8, 0.05, swayback=0.06, lumbar_extension=0.60, compensates=0.40),
    Phenotype("T2", 0.18, 15, 40, 42, -4, 7, 0.05, swayback=0.60, lumbar_extension=0.15, compensates=0.40),
    Phenotype("severe", 0.06, 6, 45, 58, 9, 5, 0.75, swayback=0.15, lumbar_extension=0.45, compensates=0.60),
    Phenotype("none", 0.16, 30, 38, 68, 5, 4, 0.05, swayback=0.06, lumbar_extension=0.20, compensates=0.15),
)


@dataclass(frozen=True)
class CohortParameters:
    """The numbers of the synthetic cohort: degrees, years, and shares between 0 and 1.

    `parameter_meanings` gives the meaning of each; "ours" marks a choice for which there is no source.
    Means of a phenotype hold over the whole cohort: the terms for sex, age and side are centred.

    Raises
    ------
    ValueError
        If a share or correlation lies outside 0 to 1, the shares of the phenotypes do not add up to 1, the
        mean age is out of range, or the spread of ER is less than IR alone brings to it.

    Examples
    --------
    >>> CohortParameters(left_ir_deg=0, gross_error_share=0).heaping_share
    0.35
    """

    null: Annotated[bool, "true: no hip gains anything"] = False
    measurement_error: Annotated[bool, "false: readings are the true values, gross errors apart"] = True

    clinics: Annotated[int, "number of clinics"] = 12
    clinic_size_least: Annotated[int, "smallest clinic, before scaling to the patients asked for"] = 30
    clinic_size_most: Annotated[int, "largest clinic, before scaling"] = 250
    raters_least: Annotated[int, "fewest raters in a clinic"] = 3
    raters_most: Annotated[int, "most raters in a clinic"] = 6

    age_mean: Annotated[float, "age in years: mean before it is cut at both ends"] = 40
    age_sd: Annotated[float, "age in years: standard deviation before the cut"] = 13
    age_least: Annotated[int, "youngest"] = 18
    age_most: Annotated[int, "oldest"] = 75
    women_share: Annotated[float, "share of women"] = 0.58
    height_cm_men: Annotated[float, "ours: mean height of men, cm"] = 178
    height_cm_women_less: Annotated[float, "ours: by how much women are smaller, cm"] = 13
    height_cm_sd: Annotated[float, "ours: height within a sex, cm"] = 7
    bmi_mean: Annotated[float, "ours: mean body mass index, from which the weight follows, kg/m²"] = 25
    bmi_sd: Annotated[float, "ours: its spread, cut at 17 and 42"] = 4
    activity_shares: Annotated[tuple[float, float, float], "ours: inactive, moderately and very active people"] = (
        0.25,
        0.50,
        0.25,
    )
    complaints_months_median: Annotated[float, "ours: median months of complaints beyond the first, at most 240"] = 10
    complaints_log_sd: Annotated[float, "ours: their spread on the log scale"] = 0.9
    missing_person_share: Annotated[float, "ours: people of whom each of these four is not recorded"] = 0.04

    phenotypes: Annotated[tuple[Phenotype, ...], "kinds of hips"] = PHENOTYPES
    same_phenotype_share: Annotated[float, "people whose two hips are of one kind"] = 0.85
    ir_sd: Annotated[float, "IR: spread within a phenotype"] = 6
    clinic_left_ir_sd: Annotated[float, "IR of the left hip over the right: spread between clinics"] = 0
    ir_left_right: Annotated[float, "IR: correlation of left and right within a phenotype"] = 0.7
    er_sd: Annotated[float, "ER: spread within a phenotype, the part from IR included"] = 6
    er_left_right: Annotated[float, "ER: correlation of left and right, the part from IR included"] = 0.6
    er_per_ir_deg: Annotated[float, "ER: change for each degree of IR above its mean"] = -0.4
    slr_sd: Annotated[float, "SLR: spread within a phenotype"] = 8
    slr_left_right: Annotated[float, "SLR: correlation of left and right"] = 0.85
    tilt_sd: Annotated[float, "tilt: spread within a phenotype"] = 3.5
    tilt_left_right: Annotated[float, "tilt: correlation of left and right"] = 0.9
    women_ir_deg: Annotated[float, "IR of women against men"] = 2
    women_slr_deg: Annotated[float, "SLR of women against men"] = 6
    ir_per_year_deg: Annotated[float, "IR for each year of age"] = -0.10
    left_ir_deg: Annotated[float, "IR of the left hip against the right; 0 and -6 are worth a look"] = -3
    ober_mean: Annotated[float, "Ober angle at the two centres below"] = 21
    ober_per_ir_deg: Annotated[float, "Ober angle for each degree of IR"] = 0.35
    ober_centre_ir_deg: Annotated[float, "IR at which the mean Ober angle holds"] = 22
    ober_per_tilt_deg: Annotated[float, "Ober angle for each degree of tilt"] = -0.25
    ober_centre_tilt_deg: Annotated[float, "tilt at which the mean Ober angle holds"] = 8
    ober_sd: Annotated[float, "Ober angle: spread besides"] = 5.5
    ober_cut_deg: Annotated[float, "Ober's test is positive below this angle"] = 23
    drills_mean: Annotated[float, "ours: mean number of IR drills tried, Poisson"] = 4

    first_day: Annotated[date, "ours: first day of a baseline visit"] = date(2024, 1, 8)
    working_days: Annotated[int, "ours: baselines spread over so many working days"] = 520
    weeks_since_intake: Annotated[tuple[int, int], "ours: weeks from intake to baseline, least and most"] = (
        2,
        6,
    )
    weeks_to_followup: Annotated[tuple[int, int], "ours: weeks from baseline to follow-up"] = (4, 10)
    same_conditions_share: Annotated[float, "visits measured as at baseline: position and device"] = 0.90
    other_conditions_ir_deg: Annotated[float, "ours: IR is off by this much, up or down, otherwise"] = 4.5
    same_rater_share: Annotated[float, "ours: post readings by the rater of the baseline"] = 0.85
    reread_share: Annotated[float, "ours: people read a second time before the stretch, with nothing done"] = 0

    matched_share: Annotated[float, "hips given the stretch that their true class calls for"] = 0.70
    matched_per_ir_deg: Annotated[float, "ours: change of that share for each degree of IR"] = 0.01
    usual_mismatch_share: Annotated[float, "ours: mismatched hips given the likelier wrong stretch"] = 0.75
    no_stretch_share: Annotated[float, "ours: hips given none, of those whose class calls for none"] = 0.60
    manual_share: Annotated[float, "ours: of the T3 stretches, done by hand"] = 0.40
    supervised_share: Annotated[float, "ours: of the T3M stretches, under a physical therapist"] = 0.92
    pain_share: Annotated[float, "ours: of the stretches, painful"] = 0.12
    pain_mean: Annotated[float, "ours: pain beyond 1 when painful, exponential, at most 10"] = 2
    own_it_share: Annotated[float, "ours: people who do the active drill right after"] = 0.75

    mismatched_ir_gain_deg: Annotated[float, "true IR gain after a mismatched stretch"] = 2
    uncalled_ir_gain_deg: Annotated[float, "true IR gain after a stretch the class did not call for"] = 4
    ir_gain_sd: Annotated[float, "true IR gain: spread between hips"] = 3
    clinic_ir_gain_sd: Annotated[float, "true IR gain: spread between clinics"] = 1
    clinic_match_sd: Annotated[float, "true IR gain of a matched over another stretch: spread between clinics"] = 0
    matched_slr_gain_deg: Annotated[float, "true SLR gain after a matched stretch"] = 9
    mismatched_slr_gain_deg: Annotated[float, "true SLR gain after any other stretch"] = 3
    slr_gain_sd: Annotated[float, "true SLR gain: spread between hips"] = 5
    ober_gain_per_ir_gain: Annotated[float, "true Ober gain for each degree of IR gain"] = 0.6
    ober_gain_sd: Annotated[float, "true Ober gain: spread besides"] = 2
    step_ir_gain_deg: Annotated[float, "ours: largest clinic, change of the gain in the second half"] = -4
    drift_ir_gain_deg: Annotated[float, "ours: second largest clinic, change from first to last day"] = -4
    retained_with_drill: Annotated[float, "ours: share of the gain left at follow-up after the drill"] = 0.80
    retained_without_drill: Annotated[float, "ours: the same without the drill"] = 0.50

    ir_sem: Annotated[float, "standard error of measurement, IR"] = 3.0
    er_sem: Annotated[float, "standard error of measurement, ER"] = 3.0
    slr_sem: Annotated[float, "standard error of measurement, SLR"] = 3.5
    ober_sem: Annotated[float, "standard error of measurement, Ober angle"] = 2.3
    tilt_sem: Annotated[float, "standard error of measurement, tilt"] = 2.0
    reading_step_deg: Annotated[float, "ours: readings are rounded to this"] = 0.1
    heaping_share: Annotated[float, "people whose IR, ER, SLR and Ober are read to the coarse step"] = 0.35
    heaping_step_deg: Annotated[float, "the coarse step"] = 5

    missing_followup_share: Annotated[float, "people who do not come to the follow-up"] = 0.18
    missing_after_pain: Annotated[float, "ours: added to a risk of 1 if a stretch hurt"] = 0.8
    missing_after_mismatch: Annotated[float, "ours: added to a risk of 1 if a stretch was mismatched"] = 0.5
    missing_post_share: Annotated[float, "ours: of the tests right after the stretch, not recorded"] = 0.03
    gross_error_share: Annotated[float, "hips with an error of unit, side or sign, a third each"] = 0.015

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name.endswith(("_share", "_left_right")) and not 0 <= value <= 1:
                raise ValueError(f"parameter {field.name}: {value} is not a share; give a number from 0 to 1")
        total = sum(phenotype.share for phenotype in self.phenotypes)
        if not isclose(total, 1, abs_tol=1e-9):
            raise ValueError(f"parameter phenotypes: the shares add up to {total:g}; they must add up to 1")
        if not self.age_least <= self.age_mean <= self.age_most:
            raise ValueError(f"parameter age_mean: {self.age_mean} must lie within age_least and age_most")
        variance, left_right = self.er_beyond_ir
        if variance <= 0 or not 0 <= left_right <= 1:
            raise ValueError("parameter er_sd or er_left_right: too small for what IR brings to ER; raise it")

    @property
    def er_beyond_ir(self) -> tuple[float, float]:
        """Variance and left-right correlation that ER needs of its own to end at `er_sd`, `er_left_right`."""
        from_ir = (self.er_per_ir_deg * self.ir_sd) ** 2
        variance = self.er_sd**2 - from_ir
        if variance <= 0:
            return variance, 0.0
        return variance, (self.er_left_right * self.er_sd**2 - self.ir_left_right * from_ir) / variance


def parameter_meanings() -> dict[str, str]:
    """Say what each parameter means.

    Returns
    -------
    dict
        Field name of `CohortParameters` to its meaning, in the order of the fields.

    Examples
    --------
    >>> parameter_meanings()["women_share"]
    'share of women'
    """
    hints = get_type_hints(CohortParameters, include_extras=True)
    return {field.name: hints[field.name].__metadata__[0] for field in fields(CohortParameters)}
