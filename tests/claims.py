"""The wordings of what a report claims, each with the function of ``recounts`` that counts it again."""

import re

from recounts import (
    alike,
    came_in,
    class_drawn,
    clinic_drawn,
    closer,
    filled_in,
    firmly,
    gained,
    group_drawn,
    headline,
    lost,
    matching,
    most_common,
    no_stiffer,
    not_classed,
    not_judged,
    outside,
    own_error,
    pairs,
    pattern,
    pattern_drawn,
    period_drawn,
    periods,
    safety,
    stiffer,
    this_clinic,
    whom,
)

N = r"([\d,]+)"
D = r"([−+]?[\d.]+)"
P = r"([<>]?\d+) %"
PEOPLE = "(?:person|people)"
CLAIMS = {
    "scope": (rf": {N} patients? with {N} hips?\.", whom),
    "missing": (rf"The outcome of {N} hips? is missing; whatever it was, the rate lies between {P} and {P}", lost),
    "headline": (rf"^\*\*{N} of {N} hips? \({P}\) responded ", headline),
    "filled in": (
        rf"Had the {N} hips? without an outcome done as hips like them, {P} \(95 % CI {N}–{N}\) of all {N} hips? would "
        rf"have responded\*\*, against {P} of those judged\.(?: The verdict, ([a-z ]+), (stays|would be another))?",
        filled_in,
    ),
    "pairs": (
        rf"\*\*([^*]+)\*\*: of {N} {PEOPLE} with both hips judged, only the left hip responded in {N}, only the right "
        rf"in {N} \(difference {D} percentage points; 95 % CI {D} to {D}\)",
        pairs,
    ),
    "stiffer": (
        rf"left hips had on average {D}° (less|more) .+? than right hips \(95 % CI {D} to {D}, left minus right; {N} ",
        stiffer,
    ),
    "not stiffer": (rf"did not clearly differ in .+?: {D}° \(95 % CI {D} to {D}, left minus right; {N} ", no_stiffer),
    "alike": (
        rf"^(One person|{N} people) (?:was|were) measured on both sides: .*?both hips had the same hip internal",
        alike,
    ),
    "pattern": (
        rf"beyond measurement error in {N} {PEOPLE}: the left hip had less in {N}, the right in {N}\. So {N} of {N} "
        rf"show the expected pattern \({P}",
        pattern,
    ),
    "pattern drawn": (rf"at (\w+) the left had less in {N} of {N}, the right in {N}", pattern_drawn),
    "closer": (
        r"(had come closer|had drawn apart|do not show that)[^:]*: their difference, whichever side has less, went on "
        rf"average from {D}° to {D}° \(change {D}°; 95 % CI {D} to {D}; {N} ",
        closer,
    ),
    "class": (
        rf"\*\*([^*]+): {N} of {N} hips? \(.+?\)\*\*(?:; {N} of them definite, {N} borderline)?\. This is the most ",
        most_common,
    ),
    "not classed": (rf"{N} hips? could not be classed; most often (.+) is what is missing \({N} hip", not_classed),
    "firmly": (rf"Of {N} classed hips?, {N} (?:is|are) definite .+? and {N} borderline", firmly),
    "safety": (rf"([pm][^:;]+) in {N} of {N} hips? \({P}; 95 % CI [\d–]+(?:; not known of {N} more)?\)", safety),
    "came in": (rf"\*\*{N} hips? of {N} patients? came in; {N} could be judged \({P}\)\*\*, from {N} ", came_in),
    "not judged": (rf"{N} of {N} hips? could be judged; {N} could not: ([^.]+)\.", not_judged),
    "gained": (
        rf"\*\*(.+) (rose|fell|did not clearly change) on average\*\* \({D}°; 95 % CI {D} to {D}; {N} hips? of {N} "
        rf"patients?\)\. Two readings .+ less than {D}° in 95 .+; {N} hips? rose by more than that, {N} hips? fell",
        gained,
    ),
    "own error": (
        rf"own error of one reading \(SEM\) of (.+?) is {D}° \(95 % CI {D} to {D}\)\*\*, seen in {N} hips? of {N} "
        rf"{PEOPLE} read again .+? The rules take {D}°(?: \({D}° as .+?\))?, which (fits|is too \w+)",
        own_error,
    ),
    "matched": (rf"{P} of the matched and {P} of the mismatched hips responded", matching),
    "outside": (rf"\*\*{N} of {N} clinics lies? outside the limits for their size\*\* around {P}: (.+)\.", outside),
    "this clinic": (
        rf"rate \({P}\) (?:lies (?:far )?(above|below) the limits .+ around|does not differ from) the {P} of",
        this_clinic,
    ),
    "this clinic drawn": (rf"This clinic: {N} of {N} \({P}\), (?:far )?(above|below|within) the limits", clinic_drawn),
    "periods": (rf"No sign of change over time\*\* in {N} periods", periods),
    "period drawn": (rf"(\d{{4}}Q\d): {N} of {N}", period_drawn),
    "group drawn": (rf"(?:rates\. |; )([^;]+), (left|right): {N} of {N} \(", group_drawn),
    "class drawn": (rf"(?:class\. |; )([^;]+): {N} hips, {N} definite, {N} borderline", class_drawn),
}  # fmt: skip


def recount(text, report, network):
    """Count again whatever a text claims; return the names of the claims that were found in it."""
    found = set()
    for name, (words, count) in CLAIMS.items():
        for said in re.finditer(words, text):
            count(said, report, network)
            found.add(name)
    return found
