"""One place decides whether people or clinics are the clusters, and says so."""

import math

import numpy as np
import pytest

from analysis.stats.clusters import FEWEST_CLINICS, cluster_note, outer_clusters


def test_from_five_recorded_clinics_on_clinics_are_the_clusters():
    assert FEWEST_CLINICS == 5
    five, four = outer_clusters(np.arange(6), list("ABCDEA")), outer_clusters(np.arange(6), list("ABCDAA"))
    assert (five.clustered_by, five.of_person.tolist()) == ("clinic", [0, 1, 2, 3, 4, 0])
    assert (four.clustered_by, four.of_person.tolist()) == ("person", [0, 1, 2, 3, 4, 5])


@pytest.mark.parametrize("missing", [None, math.nan])
def test_people_without_a_clinic_are_one_cluster_and_no_recorded_clinic(missing):
    found = outer_clusters(np.arange(7), np.array([*"ABCDE", missing, missing], dtype=object))
    assert (found.of_person.tolist(), found.n_clinics) == ([0, 1, 2, 3, 4, 5, 5], 5)
    few = outer_clusters(np.arange(6), np.array([*"ABCD", missing, missing], dtype=object))
    assert (few.clustered_by, few.n_clinics) == ("person", 4)


def test_a_clinic_recorded_with_one_hip_is_that_of_the_person():
    found = outer_clusters(np.array([0, 0, 1, 2, 3, 4]), np.array([None, *"ABCDE"], dtype=object))
    assert (found.of_person.tolist(), found.some_unknown) == ([0, 1, 2, 3, 4], False)


def test_a_person_seen_in_two_clinics_counts_with_the_first_and_is_named():
    found = outer_clusters(np.array([0, 0, 1, 2, 3, 4]), list("BACDEA"))
    assert found.of_person[0] == 1
    assert found.note == "people of one clinic may be alike, those seen in several clinics count with the first"


def test_few_clinics_and_none_are_said():
    only = "people are taken as independent, so it speaks of"
    assert [cluster_note(n) for n in (4, 1)] == [f"{only} these 4 clinics only", f"{only} this clinic only"]
    assert outer_clusters(np.arange(3)).note == "people are taken as independent"
    assert outer_clusters(np.arange(3), [None] * 3).note == "people are taken as independent"


def test_other_lengths_are_refused():
    with pytest.raises(ValueError, match="need one clinic per value"):
        outer_clusters(np.arange(3), ["A"])
