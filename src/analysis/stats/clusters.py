"""Who counts as independent of whom: people, or the clinics that treated them. Decided here for every number."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from analysis.stats.labels import missing

FEWEST_CLINICS = 5
"""From so many on clinics are the clusters; with fewer a covariance between clinics rests on too little."""


class Clusters(NamedTuple):
    """The clinic of each person, and whether people or clinics are taken as independent."""

    clinic: np.ndarray
    """Number of each person's clinic, from 0; people whose clinic is not recorded are together one more."""
    n_clinics: int
    """How many clinics are recorded."""
    some_unknown: bool
    """Whether the clinic of some people is not recorded, though that of others is."""
    some_moved: bool
    """Whether some people were seen in several clinics; they count with the first."""

    @property
    def clustered_by(self) -> str:
        """``"clinic"`` where at least 5 clinics are recorded, else ``"person"``."""
        return "clinic" if self.n_clinics >= FEWEST_CLINICS else "person"

    @property
    def of_person(self) -> np.ndarray:
        """Number of each person's cluster, from 0."""
        return self.clinic if self.clustered_by == "clinic" else np.arange(len(self.clinic))

    @property
    def clinic_if_alike(self) -> np.ndarray | None:
        """Number of each person's clinic where people of one clinic may be alike; nothing where they are not."""
        return self.clinic if self.clustered_by == "clinic" else None

    @property
    def note(self) -> str:
        """What is taken as independent; see :func:`cluster_note`."""
        return cluster_note(self.n_clinics, self.some_unknown, self.some_moved)


def cluster_note(n_clinics: int, some_unknown: bool = False, some_moved: bool = False) -> str:
    """Say, as a clause of a note, what is taken as independent where so many clinics are recorded.

    Examples
    --------
    >>> cluster_note(5, some_unknown=True)
    'people of one clinic may be alike, those whose clinic is not recorded count as one more clinic'
    >>> cluster_note(4)
    'people are taken as independent, so it speaks of these 4 clinics only'
    """
    if n_clinics < FEWEST_CLINICS:
        clinics = {0: "", 1: "this clinic"}.get(n_clinics, f"these {n_clinics} clinics")
        return "people are taken as independent" + (f", so it speaks of {clinics} only" if clinics else "")
    unknown = ", those whose clinic is not recorded count as one more clinic" if some_unknown else ""
    moved = ", those seen in several clinics count with the first" if some_moved else ""
    return f"people of one clinic may be alike{unknown}{moved}"


def outer_clusters(person: np.ndarray, clinic: ArrayLike | None = None) -> Clusters:
    """Decide whether people or clinics are the clusters.

    Parameters
    ----------
    person : ndarray of int, shape (values,)
        Whose each value is, numbered from 0, each number occurring.
    clinic : array_like, shape (values,), optional
        Where the person was treated; missing where that is not recorded.

    Returns
    -------
    Clusters
        A person whose clinic is recorded with some values only belongs there with all.

    Raises
    ------
    ValueError
        If the arrays differ in shape.

    Examples
    --------
    >>> found = outer_clusters(np.arange(7), ["A", "B", "C", "D", "E", None, None])
    >>> found.of_person.tolist(), found.clustered_by
    ([0, 1, 2, 3, 4, 5, 5], 'clinic')
    >>> outer_clusters(np.arange(4), ["A", "B", "C", None]).note
    'people are taken as independent, so it speaks of these 3 clinics only'
    """
    n_people = int(person.max(initial=-1)) + 1
    if clinic is None:
        return Clusters(np.zeros(n_people, dtype=int), 0, False, False)
    given = np.asarray(clinic)
    if given.shape != person.shape:
        raise ValueError(f"need one clinic per value; the shapes are {given.shape} and {person.shape}")
    known = ~missing(given)
    labels, number = np.unique(given[known], return_inverse=True)
    who, first = np.unique(person[known], return_index=True)
    of_person = np.full(n_people, len(labels))
    of_person[who] = number[first]
    return Clusters(
        of_person,
        len(labels),
        bool(len(labels)) and len(who) < n_people,
        not np.array_equal(of_person[person[known]], number),
    )
