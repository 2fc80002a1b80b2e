"""A rate over time: control limits that tell a changed process from the noise of small numbers."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from analysis.stats.funnel import exact_funnel_limits

FEWEST_PERIODS = 12
"""With fewer, limits are drawn as provisional (Provost and Murray)."""

FALSE_ALARMS = 0.05
"""Share of stable charts of which some period lies beyond a limit."""

_MEAN_RANGE_OF_TWO = 1.128379167095513  # 2/√π: mean distance of two standard normal values


class ControlChart(NamedTuple):
    """One entry per period; NaN for a period without hips."""

    rate: np.ndarray
    centre: np.ndarray
    """Rate of all periods of the phase together."""
    low: np.ndarray
    high: np.ndarray
    """Limits that 5 % of stable charts of this length would cross anywhere, within 0 and 1."""
    phase: np.ndarray
    """Number of each period's phase, from 0."""
    sigma_z: np.ndarray
    """How far limits were widened for scatter that size does not explain; 1 for a p chart."""
    notes: tuple[str, ...]
    """What to know before reading it, such as a short phase."""


def p_chart(responders: ArrayLike, n: ArrayLike, rebase_at: Sequence[int] = (), laney: bool = False) -> ControlChart:
    """Return a p chart of a rate over periods, or Laney's p′ chart.

    Limits are those of the binomial at each period's size (`funnel.exact_funnel_limits`) with a tail of 5 % over all
    periods and both sides together: three standard errors would be crossed by 7 to 68 % of stable charts of 8 to 36
    periods where few respond. For p′ the size is divided by σz², σz being the mean moving range of the standardised
    rates over 1.128, at least 1. Each phase has its own centre and limits.

    Parameters
    ----------
    responders, n : array_like of int, shape (periods,)
        Per period, in order of time. Where both hips of people count, choose `laney`: it allows for their
        likeness, as for any other scatter between periods.
    rebase_at : sequence of int, optional
        Positions of the periods, from 0, at which the process is known to have changed and a new phase
        starts. Give a reason to rebase in the text; a signal alone is none.
    laney : bool, default False
        Whether to allow for scatter between periods.

    Returns
    -------
    ControlChart
        Where everyone or no one responded in a phase its limits are the centre itself, and a note says so.

    Raises
    ------
    ValueError
        If the arrays differ in shape, responders do not lie between 0 and n, or `rebase_at` does not rise
        within the series.

    References
    ----------
    Shewhart WA (1931). Economic Control of Quality of Manufactured Product. Laney DB (2002). Qual Eng
    14:531-537. Provost LP, Murray SK (2011). The Health Care Data Guide (number of periods, rebasing).

    Examples
    --------
    >>> chart = p_chart([8, 12, 9, 11], [20, 20, 20, 20])
    >>> float(chart.centre[0]), round(float(chart.low[0]), 3), round(float(chart.high[0]), 3)
    (0.5, 0.202, 0.798)
    """
    r, hips = np.asarray(responders, dtype=float), np.asarray(n, dtype=float)
    if r.ndim != 1 or r.shape != hips.shape:
        raise ValueError(f"need one entry per period in both arrays; their shapes are {r.shape} and {hips.shape}")
    if not np.all((r >= 0) & (r <= hips)):
        raise ValueError("each period's responders must lie between 0 and its hips")
    starts = [0, *rebase_at]
    if any(later <= earlier for earlier, later in zip(starts, [*rebase_at, len(r)], strict=True)) and len(r):
        raise ValueError(f"periods to rebase at must rise, from 1 to {len(r) - 1}; they are {list(rebase_at)}")
    phase = np.searchsorted(np.asarray(rebase_at, dtype=int), np.arange(len(r)), side="right")
    size = np.where(hips > 0, hips, np.nan)
    centre, low, high = (np.full(r.shape, np.nan) for _ in range(3))
    sigma_z, notes = np.ones(r.shape), []
    for number in np.unique(phase):
        of_phase = (phase == number) & (hips > 0)
        if not of_phase.any():
            continue
        pooled = r[of_phase].sum() / hips[of_phase].sum()
        centre[phase == number] = pooled
        if laney and 0 < pooled < 1:
            sigma_z[phase == number] = max(_sigma_z(r[of_phase], hips[of_phase], pooled), 1.0)
        worth = size[of_phase] / sigma_z[of_phase] ** 2
        low[of_phase], high[of_phase] = exact_funnel_limits(worth, pooled, 1 - FALSE_ALARMS / of_phase.sum())
        name = f"phase {number + 1}: " if len(rebase_at) else ""
        notes += [name + note for note in _notes(hips[of_phase], pooled, laney)]
    return ControlChart(r / size, centre, low, high, phase, sigma_z, tuple(notes))


def _sigma_z(r: np.ndarray, hips: np.ndarray, pooled: float) -> float:
    """Return the mean moving range of the standardised rates over that of standard normal values."""
    if len(r) < 2:
        return 1.0
    standardised = (r / hips - pooled) / np.sqrt(pooled * (1 - pooled) / hips)
    return float(np.mean(np.abs(np.diff(standardised))) / _MEAN_RANGE_OF_TWO)


def _notes(hips: np.ndarray, pooled: float, laney: bool) -> list[str]:
    notes = []
    if len(hips) < FEWEST_PERIODS:
        notes.append(f"with fewer than {FEWEST_PERIODS} periods the limits are provisional")
    if pooled in (0, 1):
        notes.append(f"{'every' if pooled else 'no'} hip responded in any period, which leaves no limits")
    if laney and len(hips) < 2:
        notes.append("one period tells no scatter between periods: the limits are those of a p chart")
    return notes
