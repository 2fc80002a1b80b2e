"""What the overview keeps of a report: cells, which are read and drawn without anything that counts."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

BESIDE_ALL = "Beside all clinics"


class Fact(BaseModel):
    """One cell of the overview.

    Attributes
    ----------
    label, text : str
        What it is and how it reads.
    value : float or None
        By which clinics are put in order.
    ends : (float, float) or None
        The limits of an interval around `value`, as shares.
    beside : float or None
        A share to hold it against, such as the rate by chance.
    series : tuple of (float or None)
        Shares over time, oldest first; None where one is withheld or nobody was judged.
    stands_out : bool
        Whether a reader should look there first.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    text: str
    value: float | None = None
    ends: tuple[float, float] | None = None
    beside: float | None = None
    series: tuple[float | None, ...] = ()
    stands_out: bool = False
