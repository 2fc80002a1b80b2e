"""The probability of each class: sums over decision cells of products of cell probabilities.

A hip's states are either certain (a recorded level, a missing value) or spread over cells by measurement
error. Hips with the same certain states share a slice of the decision table and are added up together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

_CHUNK = 16384  # hips at a time, so that the products stay in the processor's cache


class Spread(NamedTuple):
    """How hips lie on one axis.

    ``certain`` is the state of each hip, or −1 where it is spread over the cells (states 1 and above) with
    the probabilities in column ``column`` of ``table``, shape (cells, columns).
    """

    certain: np.ndarray
    table: np.ndarray
    column: np.ndarray


def sum_probabilities(decisions: np.ndarray, spreads: Sequence[Spread], n_classes: int) -> np.ndarray:
    """Return the probability of each class for each hip.

    Parameters
    ----------
    decisions
        Class of each combination of states, one dimension per axis.
    spreads
        One for each axis.
    n_classes
        How many classes there are.

    Returns
    -------
    numpy.ndarray
        float64, shape (classes, hips); each column adds up to 1.
    """
    hips = len(spreads[0].certain)
    result = np.empty((n_classes, hips))
    slices: dict[int, _Slice] = {}
    for start in range(0, hips, _CHUNK):
        part = slice(start, min(start + _CHUNK, hips))
        patterns = _patterns([spread.certain[part] for spread in spreads], decisions.shape)
        order = np.argsort(patterns, kind="stable")
        bounds = np.flatnonzero(np.diff(patterns[order])) + 1
        for rows in np.split(order, bounds):
            pattern = int(patterns[rows[0]])
            if pattern not in slices:
                slices[pattern] = _slice(decisions, [spread.certain[start + rows[0]] for spread in spreads], n_classes)
            result[:, start + rows] = _chances(slices[pattern], spreads, start + rows)
    return result


def _patterns(certain: Sequence[np.ndarray], shape: tuple[int, ...]) -> np.ndarray:
    pattern = np.zeros(len(certain[0]), dtype="int32")
    for state, size in zip(certain, shape, strict=True):
        pattern = pattern * (size + 1) + state + 1
    return pattern.astype("uint16") if np.prod([size + 1 for size in shape]) < 2**16 else pattern


class _Slice(NamedTuple):
    """The part of the decision table that hips with the same certain states share.

    Combinations of the later axes that decide alike, whatever the first axis says, are added up beforehand.
    """

    alike: np.ndarray
    """The group of each combination of the later axes."""
    classes: np.ndarray
    """The class of each cell of the first axis in each group, (cells × groups,)."""
    n_classes: int


def _slice(decisions: np.ndarray, certain: Sequence[int], n_classes: int) -> _Slice:
    where = tuple(slice(1, None) if state < 0 else slice(int(state), int(state) + 1) for state in certain)
    part = decisions[where]
    first = next((axis for axis, state in enumerate(certain) if state < 0), 0)
    by_first = np.moveaxis(part, first, 0).reshape(part.shape[first], -1)
    groups, group = np.unique(by_first, axis=1, return_inverse=True)
    return _Slice(group.ravel(), groups.ravel(), n_classes)


def _chances(part: _Slice, spreads: Sequence[Spread], rows: np.ndarray) -> np.ndarray:
    """Return the probability of each class for hips with the same certain states: shape (classes, hips)."""
    spread_out = [spread for spread in spreads if spread.certain[rows[0]] < 0]
    cells = [np.take(spread.table, spread.column[rows], axis=1) for spread in spread_out]
    first, later = (cells[0], cells[1:]) if cells else (np.ones((1, len(rows))), [])
    product = np.ones((1, len(rows)))
    for chances in later:
        product = (product[:, None, :] * chances[None, :, :]).reshape(-1, len(rows))
    product = _added(product, part.alike, int(part.alike.max()) + 1)
    return _added((first[:, None, :] * product[None, :, :]).reshape(-1, len(rows)), part.classes, part.n_classes)


def _added(values: np.ndarray, number: np.ndarray, size: int) -> np.ndarray:
    """Add up rows by their number, one after the other.

    A product of matrices may add in another order for a hip that stands elsewhere, and differ in its last bit.
    """
    result = np.zeros((size, values.shape[1]))
    for place, row in zip(number.tolist(), values, strict=True):
        result[place] += row
    return result
