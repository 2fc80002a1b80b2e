"""Hips read twice with nothing done in between: the measurement error that a study itself shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analysis.hips.change import comparison_order
from analysis.hips.combinations import combine
from analysis.hips.pairs import Pairs, in_unit, measures_compared, pairs_of, places_kept, steps_kept
from analysis.protocol import Protocol
from analysis.stats.reliability import reliability

_FEWEST_REREAD = 10  # people; the error that fewer show is hardly one


class Reread(NamedTuple):
    """Two readings of a measure, of hips with both; hips that read alike are counted together."""

    readings: np.ndarray
    """Whole numbers (2, kinds)."""
    kept: np.ndarray
    """The place of what the person's readings are kept to; see :func:`analysis.hips.pairs.places_kept`."""
    n: np.ndarray
    """Hips of each kind."""
    n_people: int


def with_errors_tried(changes: pd.DataFrame, protocol: Protocol) -> Protocol:
    """Return the protocol with the range of errors tried, from the changes of a study; see :func:`errors_tried`."""
    again = changes["comparison"].isin(unchanged_comparisons(protocol)) & changes["comparable"]
    return errors_tried(reread_of(pairs_of(changes[again], protocol), protocol), protocol)


def unchanged_comparisons(protocol: Protocol) -> list[str]:
    """Return the comparisons between whose visits nothing was done, as the protocol declares."""
    return [name for name in comparison_order(protocol) if protocol.comparisons[name].unchanged]


def reread_of(pairs: Pairs, protocol: Protocol) -> dict[str, Reread]:
    """Return by measure, of those whose error is known, what hips showed that were read twice in the same way."""
    found = {}
    for name in pairs.readings:
        measure = protocol.measures[name]
        if measure.sem is not None:
            both = np.flatnonzero(pairs.both_read(name))
            first, second = (values[both].astype("int64") for values in pairs.readings[name])
            patient = pairs.patient[both]
            kept = places_kept(patient, (first, second), measure.step)
            alike = _alike(np.stack([first, second]), kept, np.ones(len(both), "int64"))
            found[name] = Reread(*alike, len(np.unique(patient)))
    return found


def _alike(readings: np.ndarray, kept: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Count hips together that read alike."""
    least, most = int(readings.min(initial=0)), int(readings.max(initial=0))
    found = combine([*(readings - least), kept], [most - least + 1, most - least + 1, 3])
    return found.answers[:2] + least, found.answers[2], np.bincount(found.of_hip, n, len(found.hips)).astype("int64")


def reread_together(parts: Sequence[Mapping[str, Reread]]) -> dict[str, Reread]:
    """Put those of different people together."""
    found = {}
    for name in parts[0]:
        of_parts = [part[name] for part in parts]
        readings = np.hstack([part.readings for part in of_parts])
        kept, n = (np.concatenate([getattr(part, column) for part in of_parts]) for column in ("kept", "n"))
        found[name] = Reread(*_alike(readings, kept, n), sum(part.n_people for part in of_parts))
    return found


def errors_tried(again: Mapping[str, Reread], protocol: Protocol) -> Protocol:
    """Return the protocol with the range of measurement errors against which a verdict on chance is held.

    It reaches over the SEM of the protocol, the range that its sources give and, where at least 10 people were read
    twice with nothing done in between, what their readings show.

    Parameters
    ----------
    again
        By measure, what hips showed that were read twice so.
    protocol
        Declares the measurement errors.
    """
    tried = {}
    for name, measure in measures_compared(protocol).items():
        if measure.sem is not None:
            own = _own_error(again[name], measure.step) if name in again else []
            errors = [measure.sem, *(measure.sem_range or ()), *own]
            tried[name] = measure.model_copy(update={"sem_range": (min(errors), max(errors))})
    return protocol.model_copy(update={"measures": protocol.measures | tried})


def _own_error(again: Reread, step: float) -> list[float]:
    if again.n_people < _FEWEST_REREAD:
        return []
    found = reliability(np.repeat(in_unit(again.readings, step).T, again.n, axis=0)).sem
    rounding = float(steps_kept(step)[again.kept] ** 2 @ again.n / again.n.sum()) / 12
    return [] if np.isnan(found) else [float(before_rounding(found, rounding, step))]


def before_rounding(error: ArrayLike, rounding: ArrayLike, step: ArrayLike) -> np.ndarray:
    """Return errors of readings without the variance that rounding adds; one step where rounding explains all of it.

    Examples
    --------
    >>> before_rounding([3.2, 1.0], 25 / 12, 0.1).round(2).tolist()
    [2.86, 0.1]
    """
    return np.sqrt(np.maximum(np.square(error) - rounding, np.square(step)))
