"""The clinic that a person counts with, where people of one clinic may be alike: decided here for every table."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.hips.cohort import numbered, taken
from analysis.schema import places_of_episodes
from analysis.stats.clusters import Clusters, outer_clusters

CLINIC_OF_PERSON = "clinic_of_person"


def first_of_person(person: np.ndarray, episode: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return the first row of each person in which something is known, in the first such episode; −1 where none is.

    Parameters
    ----------
    person
        Of each row, by number from 0; −1 for nobody.
    episode
        Of each row its place among the episodes.
    known
        Whether it is known in the row.

    Examples
    --------
    >>> first_of_person(np.array([0, 0, 0, 1]), np.array([1, 1, 0, 0]), np.array([True, True, True, False])).tolist()
    [2, -1]
    """
    found = np.full(int(person.max(initial=-1)) + 1, -1)
    rows = np.flatnonzero(known & (person >= 0))
    if len(rows) and (episode[rows] != episode[rows[0]]).any():
        rows = rows[np.argsort(episode[rows], kind="stable")]
    found[person[rows[::-1]]] = rows[::-1]  # of several, the first is written last
    return found


def clinic_of_person(rows: pd.DataFrame) -> pd.Series | None:
    """Return for each row the clinic that its person counts with, of the ``clinic_id`` of all rows of the person.

    It is that of the first episode, and there of the first row, in which one is recorded; missing where none is, and
    nothing where ``rows`` have no such column. Give all rows of people, not only those of a group or with a reading,
    or somebody seen in two clinics counts with another one in another table.

    Examples
    --------
    >>> rows = pd.DataFrame({"patient_id": ["a", "a"], "episode": ["10", "9"], "clinic_id": ["North", "South"]})
    >>> clinic_of_person(rows).tolist()
    ['South', 'South']
    """
    if "clinic_id" not in rows:
        return None
    clinic, (person, _) = rows["clinic_id"], numbered(rows["patient_id"])
    episode = places_of_episodes(rows["episode"]) if "episode" in rows else np.zeros(len(rows), dtype="int64")
    first = first_of_person(person, episode, clinic.notna().to_numpy())
    return pd.Series(taken(clinic, np.append(first, -1)[person]), index=rows.index)


def with_clinic_of_person(rows: pd.DataFrame) -> pd.DataFrame:
    """Add ``clinic_of_person`` to all rows of some people, so that it stays when some of them are chosen."""
    clinic = clinic_of_person(rows)
    return rows if clinic is None else rows.assign(**{CLINIC_OF_PERSON: clinic})


def clusters_of(person: np.ndarray, hips: pd.DataFrame) -> Clusters:
    """Return the clusters of the people of some hips, chosen from rows that had their ``clinic_of_person`` added.

    ``person`` numbers them as :func:`analysis.stats.clusters.outer_clusters` takes them. Rows without that column are
    taken for all that there are of these people.
    """
    if CLINIC_OF_PERSON not in hips:
        hips = with_clinic_of_person(hips)
    if CLINIC_OF_PERSON not in hips:
        return outer_clusters(person)
    counts_with, seen = (hips[name].to_numpy(dtype="object") for name in (CLINIC_OF_PERSON, "clinic_id"))
    return clusters_counted_with(person, counts_with, elsewhere(seen, counts_with))


def elsewhere(seen: np.ndarray, counts_with: np.ndarray) -> np.ndarray:
    """Return in which rows somebody was seen in another clinic than the one that the person counts with."""
    found: np.ndarray = pd.notna(seen) & (seen != counts_with)
    return found


def clusters_counted_with(person: np.ndarray, counts_with: np.ndarray, is_elsewhere: np.ndarray) -> Clusters:
    """Return the clusters of people by the clinics they count with, and whether some were seen in another one."""
    return outer_clusters(person, counts_with)._replace(some_moved=bool(is_elsewhere.any()))
