"""Class probabilities added up over hips, exactly: the same in however many blocks of whole people a cohort comes."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis.hips.combinations import in_shares, whole_totals
from analysis.schema import ordered
from analysis.sensitivity.probability import PREFIX


class ClassSums(NamedTuple):
    """Sums over the hips of some whole people, by their recorded class."""

    classes: pd.Index
    n_patients: int
    counts: np.ndarray
    """Shape (3, classes): hips, people with one, and people with a hip of another class."""
    expected: np.ndarray
    """Shape (2, classes, true classes): hips expected, as :func:`analysis.hips.combinations.whole_totals` adds."""
    certain: np.ndarray
    """Shape (2, 2): the same of hips expected to be of their recorded class, and to change by one more reading."""


def class_sums(probabilities: pd.DataFrame) -> ClassSums:
    """Add up the probabilities of some whole people, who have hips; see :func:`class_probabilities`."""
    classes = probabilities["stretch_type"].cat.categories
    code = probabilities["stretch_type"].cat.codes.to_numpy(dtype="int64")
    person, people = pd.factorize(probabilities["patient_id"])
    n = len(classes)
    has = np.zeros((n, len(people)), dtype=bool)
    has[code, person] = True
    others = (has.sum(axis=0) - has > 0).sum(axis=1)
    counts = np.stack([np.bincount(code, minlength=n), has.sum(axis=1), others])
    of_each = [probabilities[PREFIX + name].to_numpy(dtype="float64") for name in classes]
    expected = np.stack([whole_totals(code, n, shares) for shares in of_each], axis=2)
    sure = [probabilities[name].fillna(0.0).to_numpy(dtype="float64") for name in ("p_recorded", "p_repeat_changes")]
    nobody = np.zeros(len(code), dtype="int64")
    certain = np.stack([whole_totals(nobody, 1, shares)[:, 0] for shares in sure], axis=1)
    return ClassSums(classes, len(people), counts, expected, certain)


def sums_together(parts: Sequence[ClassSums]) -> ClassSums:
    """Add up the sums of different people."""
    _, *columns = zip(*parts, strict=True)
    n_patients, counts, expected, certain = (np.sum(column, axis=0) for column in columns)
    return ClassSums(parts[0].classes, int(n_patients), counts, expected, certain)


def expected_confusion(sums: ClassSums) -> pd.DataFrame:
    """Return how many hips of each recorded class are expected to be truly of each class.

    Returns
    -------
    pandas.DataFrame
        One row per recorded class, also those without hips: ``stretch_type``, ``n_patients``, ``n_hips``,
        ``n_patients_others`` (people with a hip of another class), and ``expected_…`` hips of each class.
    """
    names, (hips, people, others) = sums.classes, sums.counts
    counts = {"n_patients": people, "n_hips": hips, "n_patients_others": others}
    expected = {f"expected_{name}": of_true for name, of_true in zip(names, in_shares(sums.expected).T, strict=True)}
    return pd.DataFrame({"stretch_type": pd.Categorical(names, dtype=ordered(list(names))), **counts, **expected})


def certainty(sums: ClassSums | None) -> dict[Hashable, Any]:
    """Return of all hips: ``n_patients``, ``n_hips``, ``expected_right``, ``expected_changed`` by one more reading."""
    n_hips = int(sums.counts[0].sum()) if sums else 0
    right, changed = in_shares(sums.certain) / n_hips if sums else (np.nan, np.nan)
    n_patients = sums.n_patients if sums else 0
    return {"n_patients": n_patients, "n_hips": n_hips, "expected_right": right, "expected_changed": changed}
