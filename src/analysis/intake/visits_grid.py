"""Where the visits of every hip stand, so that any two can be compared at once for all hips."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.hips.cohort import without_gaps
from analysis.intake.runs import begins_run
from analysis.schema import HIP, SIDES


@dataclass(frozen=True)
class VisitsGrid:
    """Row numbers of a table of assessments that is sorted by patient, side, episode and timepoint.

    Attributes
    ----------
    hips
        Shape (hips, timepoints): the row of each visit, -1 where there was none.
    pairs
        Shape (2, pairs, timepoints): the rows of the left and of the right hip of one person and episode.
    person, hip
        Shape (rows,): which person and which hip each row is about, counted from 0.
    begins
        Shape (people,): the first row of each person.
    in_episode
        Shape (hips,): which person in which episode of care each hip is of, counted from 0.
    """

    hips: np.ndarray
    pairs: np.ndarray
    person: np.ndarray
    hip: np.ndarray
    begins: np.ndarray
    in_episode: np.ndarray

    def of_pairs(self, values: np.ndarray) -> np.ndarray:
        """Return one value a row where ``pairs`` has the row; NaN where there was no visit."""
        return np.append(values, values.dtype.type(np.nan))[self.pairs]  # -1 is the last


def visits_grid(assessments: pd.DataFrame) -> VisitsGrid:
    """Find every visit of every hip in a sorted table of assessments."""
    begins = begins_run(assessments, ["patient_id"])
    person = np.cumsum(begins, dtype="int32") - np.int32(1)
    # A person's rows are one run, so a hip begins where the person, the side or the episode changes.
    begins |= begins_run(assessments, HIP[1:])
    hip = np.cumsum(begins, dtype="int32") - np.int32(1)
    first = np.flatnonzero(begins)
    when = assessments["timepoint"].cat
    hips = np.full((len(first), len(when.categories)), -1, dtype="int32")
    hips.ravel()[hip * np.int64(hips.shape[1]) + when.codes.to_numpy()] = np.arange(len(hip), dtype="int32")
    side = assessments["side"].cat.codes.to_numpy()[first]
    whose = person[first]
    episode, episodes = pd.factorize(assessments["episode"].iloc[first])
    number = whose.astype("int64") * len(episodes) + episode
    numbers, in_episode = without_gaps(number, (int(whose.max(initial=-1)) + 1) * len(episodes))
    on_side = np.full((len(SIDES), len(numbers)), -1)
    on_side[side, in_episode] = np.arange(len(first))
    pairs = hips[on_side[:, (on_side >= 0).all(axis=0)]]
    return VisitsGrid(hips, pairs, person, hip, first[np.diff(whose, prepend=-1) > 0], in_episode)
