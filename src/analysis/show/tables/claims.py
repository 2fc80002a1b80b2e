"""What the source of the rules claims, and how each claim fared."""

from __future__ import annotations

from analysis.sensitivity.claim_estimates import main_measure
from analysis.sensitivity.claims import ERROR_RATE, TOO_FEW
from analysis.sensitivity.study import Sensitivity
from analysis.show.display import Nothing, Table
from analysis.show.records import records
from analysis.show.tables.cells import reason_notes, withheld, withheld_note
from analysis.show.words import (
    NOT_ESTIMABLE,
    WITHHELD,
    Row,
    digits,
    known,
    limits,
    number,
    percent,
    sentence_start,
    signed,
)


def claims_table(found: Sensitivity) -> Table | Nothing:
    """Show what the source claims and how each claim fared."""
    if found.claims.empty:
        return Nothing("This study states no claims.")
    rows = []
    for row in records(found.claims):
        label = found.protocol.claims[row["claim"]].label
        rows.append([label, *_claim_cells(row, digits(found.protocol.measures[main_measure(found.protocol)]))])
    return Table(
        columns=["Claim", "Verdict", "Compared", "Estimate (interval)", "Could have shown", "Patients"],
        rows=rows,
        caption="What the source claims, and what the data say",
        alignment=["left", "left", "left", "right", "right", "right"],
        notes=_claim_notes(found),
    )


def _claim_cells(row: Row, places: int) -> list[str]:
    if withheld(row):
        return [WITHHELD] * 5
    verdict, compared = str(row["verdict"]), str(row["compared"])
    people = number(row["n_patients"]) if known(row["n_patients"]) else WITHHELD
    if not known(row["estimate"]):
        return [verdict, compared, NOT_ESTIMABLE, "–", people]
    unit = str(row["unit"])
    scale, digits_shown, sign = {"share": (100, 0, " points"), "correlation": (1, 2, "")}.get(
        unit, (1, places, "°" if unit == "degrees" else f" {unit}".rstrip())
    )
    estimate, least = (f"{signed(scale * row[name], digits_shown)}{sign}" for name in ("estimate", "smallest_shown"))
    ends = limits(scale * row["ci_low"], scale * row["ci_high"], digits_shown)
    return [verdict, compared, f"{estimate} ({ends})", least, people]


def _claim_notes(found: Sensitivity) -> list[str]:
    noun = found.protocol.words
    labels = [found.protocol.claims[claim].label for claim in found.claims["claim"]]
    each = percent(ERROR_RATE / len(found.protocol.claims), 1)
    return [
        f"Each claim is judged at {each} one-sided: where no claim is true, at most one cohort in twenty has any of "
        f"them held, by chance. {sentence_start(TOO_FEW)}: the interval includes both answers. "
        "Could have shown: the smallest true difference that this many people would have shown four times in five.",
        *reason_notes(found.claims, labels, found.protocol, "reason"),
        f"{noun.Stretches} and drills were not given at random: comparing them is observational.",
        *withheld_note(found.claims),
    ]
