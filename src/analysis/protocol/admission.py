"""Who was enrolled because of a first reading: a property of the study that decides what chance alone would give."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from analysis.protocol.tomlmodel import Part


class AdmissionRule(Part):
    """Only those with such a reading were enrolled; everything else that decided is of no matter here.

    ``by`` hip: each hip for its own reading; ``person``: people with any such hip, and both their hips;
    ``difference``: people whose two sides differ so much, whichever is lower. ``at`` is the timepoint of the reading
    (left out, ``classify_at``). ``mean`` and ``sd`` are those of single readings in the people from whom these were
    chosen (of left minus right for a difference), where a source outside the study tells them; left out, they are
    worked out from the chosen readings.
    """

    measure: str
    op: Literal["lt", "le", "gt", "ge"]
    value: float
    by: Literal["hip", "person", "difference"]
    at: str = ""
    mean: float | None = None
    sd: float | None = Field(default=None, gt=0)
    source: str = ""

    @model_validator(mode="after")
    def _reference_whole(self) -> AdmissionRule:
        if (self.mean is None) != (self.sd is None):
            raise ValueError("mean and sd: give both, or neither")
        if self.by == "difference" and (self.op not in ("gt", "ge") or self.value <= 0):
            raise ValueError('by = "difference" needs op = "ge" or "gt" and a value above 0: sides that differ so much')
        return self


def _by_word(value: object) -> str:
    return "in a word" if isinstance(value, str) else "as a rule"


Admission = Annotated[
    Annotated[Literal["none"], Tag("in a word")] | Annotated[AdmissionRule, Tag("as a rule")], Discriminator(_by_word)
]
