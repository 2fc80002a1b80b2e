"""What a plan takes for granted."""

from __future__ import annotations

from analysis.sensitivity.planning import chance_of_a_claim
from analysis.show.words import count, percent
from analysis.simulate import CohortParameters


def assumptions(question: str, truth: CohortParameters) -> list[str]:
    """Say what a plan takes for granted, in sentences for whoever plans."""
    said = [
        f"Shown: the report calls the claim held. By chance it does so in {percent(chance_of_a_claim())} of cohorts.",
        f"{count(truth.clinics, 'clinic')}. Both hips of everyone are measured, and never counted as two people: "
        f"within one presentation their internal rotation is correlated {truth.ir_left_right:g}.",
        f"One reading of internal rotation errs by {truth.ir_sem:g}° (SEM); {percent(truth.heaping_share)} of people "
        f"are read to {truth.heaping_step_deg}°.",
    ]
    apart = {"sides": truth.clinic_left_ir_sd, "matched": truth.clinic_match_sd}[question]
    if truth.clinics > 1:
        said.append(f"The true difference varies by {apart:g}° (SD) between clinics.")
    if question == "matched":
        said += [
            f"{percent(truth.matched_share)} of the hips whose class calls for a stretch get that one; true gains vary "
            f"by {truth.ir_gain_sd:g}° (SD) between hips; {percent(truth.missing_post_share)} of readings right after "
            "the stretch are missing. Nobody drew lots: the comparison is observational."
        ]
    return said
