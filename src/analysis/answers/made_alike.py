"""What matched and mismatched hips are made alike in beside their readings: their class and their clinic."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.protocol import Protocol
from analysis.stats.strata import FEWEST_PEOPLE, strata_with_both


class MadeAlike(NamedTuple):
    """The class and the clinic of hips, and why one of them cannot be made alike."""

    classes: pd.DataFrame
    """A column of 0 and 1 for each class that hips are of, named by its label."""
    clinic: np.ndarray
    """Number of each hip's clinic; those with few people of either kind are one, all are where none can be told."""
    note: str
    """Which clinics are taken together, or why clinic is not made alike; empty where each stands for itself."""
    refused: str
    """Which class has no matched, or no mismatched, hip, so that nothing is known of it; empty where each has both."""
    n_patients_refused: int
    """People with hips of those classes (for disclosure)."""

    @property
    def words(self) -> list[str]:
        """Class and clinic, so far as they are made alike."""
        several = {"class": self.classes.shape[1] > 1, "clinic": bool(self.clinic.any())}
        return [word for word, made in several.items() if made]

    @property
    def columns(self) -> np.ndarray:
        """The same as columns of a regression: one for each class and each clinic but the first."""
        clinics = self.clinic[:, None] == np.arange(1, self.clinic.max(initial=0) + 1)
        return np.column_stack([self.classes.to_numpy("float64")[:, 1:], clinics])


def made_alike(hips: pd.DataFrame, protocol: Protocol) -> MadeAlike:
    """Return what matched and mismatched hips are made alike in beside their readings.

    Parameters
    ----------
    hips
        ``patient_id``, ``clinic_id``, ``stretch_type`` and ``matched`` of each.
    protocol
        Names the classes.
    """
    kinds = hips["stretch_type"].astype("str")
    labels = {name: kind.label.split(":")[0] for name, kind in protocol.types.items() if (kinds == name).any()}
    classes = pd.DataFrame({labels[name]: (kinds == name).astype("float64") for name in labels}, index=hips.index)
    lacking = {
        name: f"no {protocol.words.hip} of {label} counted here was {word}"
        for name, label in labels.items()
        for word, kind in (("mismatched", False), ("matched", True))
        if not ((kinds == name) & (hips["matched"] == kind)).any()
    }
    of_these = hips[kinds.isin(list(lacking))]
    clinic = hips["clinic_id"].astype("object").where(hips["clinic_id"].notna(), "")
    level = strata_with_both(clinic.to_numpy("str"), hips["matched"], hips["patient_id"])
    return MadeAlike(
        classes, level, _note(clinic, level), " and ".join(lacking.values()), of_these["patient_id"].nunique()
    )


def _note(clinic: pd.Series, level: np.ndarray) -> str:
    if not (clinic != "").any():
        return "Clinic is not made alike: none is recorded." if len(clinic) else ""
    enough = f"{FEWEST_PEOPLE} patients with matched and {FEWEST_PEOPLE} with mismatched hips"
    n_clinics = clinic.nunique()
    if n_clinics > 1 and not level.any():
        return f"Clinic is not made alike: the clinics cannot be divided so that each part has {enough}."
    if n_clinics > level.max(initial=0) + 1:
        return f"Clinics with fewer than {enough} are taken together."
    return ""
