"""The class of a hip whose true values are known, reasoned through as a physiotherapist would.

Written from the words of the clinical rules alone, with its own constants and without the protocol file, so
that it and the classifier of the package check each other. Angles are compared as whole tenths of a degree.
"""

from typing import NamedTuple

Answer = bool | None  # None: cannot be said


class Verdict(NamedTuple):
    """The class of a hip, how sure it is, and the presentation beneath a T3."""

    stretch_type: str
    certainty: str
    presentation: str


class Reading(NamedTuple):
    """The cut-offs in tenths of a degree that differ between the strict and the lenient reading."""

    certainty: str
    ir_limited_below: int
    ir_for_t2_below: int


STRICT = Reading("definite", ir_limited_below=200, ir_for_t2_below=150)
LENIENT = Reading("borderline", ir_limited_below=300, ir_for_t2_below=200)
ER_TURNED_OUT_ABOVE = 250
SLR_LIMITED_BELOW = 450
ALMOST_NO_IR_UP_TO = 50
TILT_NEUTRAL_UP_TO = 20  # either way


class TrueHip(NamedTuple):
    """What decides the class: angles in tenths of a degree and two answers."""

    ir: int
    er: int
    slr: int
    tilt: int
    swayback: bool
    feels_stretch: bool

    @property
    def tilt_is_neutral(self) -> bool:
        """Too close to level to say."""
        return -TILT_NEUTRAL_UP_TO <= self.tilt <= TILT_NEUTRAL_UP_TO

    @property
    def tilt_is_anterior(self) -> Answer:
        """The pelvis is tipped forward; not to be said when neutral."""
        return None if self.tilt_is_neutral else self.tilt > 0

    @property
    def tilt_is_posterior(self) -> Answer:
        """The pelvis is tucked under; not to be said when neutral."""
        return None if self.tilt_is_neutral else self.tilt < 0


def true_class(
    *,
    hip_ir_deg: float,
    hip_er_deg: float,
    slr_deg: float,
    pelvic_tilt_deg: float,
    swayback: bool,
    feels_stretch: bool,
) -> Verdict:
    """Class of one hip from its true values; nothing is missing.

    Parameters
    ----------
    hip_ir_deg, hip_er_deg, slr_deg, pelvic_tilt_deg : float
        Degrees, whole tenths; tilt is positive when anterior and decides neither way from -2 to 2.
    swayback, feels_stretch : bool
        The clinician's answers.

    Returns
    -------
    Verdict
        `stretch_type` (T1, T2, T3, unclassified, not_restricted, indeterminate), `certainty` (definite,
        borderline, empty for indeterminate) and `presentation`, which keeps the type beneath a T3.

    Examples
    --------
    >>> true_class(hip_ir_deg=19.9, hip_er_deg=44, slr_deg=66, pelvic_tilt_deg=13,
    ...            swayback=False, feels_stretch=True)
    Verdict(stretch_type='T1', certainty='definite', presentation='T1')
    """
    ir, er, slr, tilt = (round(10 * degrees) for degrees in (hip_ir_deg, hip_er_deg, slr_deg, pelvic_tilt_deg))
    hip = TrueHip(ir, er, slr, tilt, swayback, feels_stretch)
    if hip.ir >= LENIENT.ir_limited_below:
        return Verdict("not_restricted", "definite", "not_restricted")
    presentation, certainty = _presentation(hip)
    escalation = _escalation(hip)
    if escalation:
        return Verdict("T3", escalation, presentation)
    return Verdict(presentation, certainty, presentation)


def _escalation(hip: TrueHip) -> str:
    """Say how sure it is that a hip with limited IR needs the T3 stretch; empty when it does not."""
    almost_no_ir = hip.ir <= ALMOST_NO_IR_UP_TO
    if almost_no_ir and not hip.feels_stretch:
        return "definite"
    if almost_no_ir or not hip.feels_stretch:
        return "borderline"
    return ""


def _presentation(hip: TrueHip) -> tuple[str, str]:
    """Type and certainty: the strict reading first, the lenient one if it gave no type."""
    types = {reading: _type_in(reading, hip) for reading in (STRICT, LENIENT)}
    for reading, found in types.items():
        if found in ("T1", "T2"):
            return found, reading.certainty
    if None in types.values():
        return "indeterminate", ""
    reading = STRICT if hip.ir < STRICT.ir_limited_below else LENIENT
    return "unclassified", reading.certainty


def _type_in(reading: Reading, hip: TrueHip) -> str | None:
    """Try T1, then T2; None when T1, or T2 after it, cannot be said."""
    first = _all_of(hip.tilt_is_anterior, hip.er > ER_TURNED_OUT_ABOVE, hip.ir < reading.ir_limited_below)
    if first is not False:
        return "T1" if first else None
    carried_forward = _any_of(hip.tilt_is_posterior, hip.swayback)
    second = _all_of(carried_forward, hip.ir < reading.ir_for_t2_below, hip.slr < SLR_LIMITED_BELOW)
    if second is not False:
        return "T2" if second else None
    return "neither"


def _all_of(*answers: Answer) -> Answer:
    if False in answers:
        return False
    return None if None in answers else True


def _any_of(*answers: Answer) -> Answer:
    if True in answers:
        return True
    return None if None in answers else False
