"""Left minus right of people who were read on both sides in the same way."""

from analysis.answers.both_sides import both_sides
from analysis.protocol import builtin
from builders import assessments, visit


def both(patient, timepoint="baseline", left=10.0, right=12.0, episode="1", **more):
    """Both sides of a person at one visit."""
    return [
        visit(timepoint, patient, side, episode=episode, hip_ir_deg=degrees, **more)
        for side, degrees in (("left", left), ("right", right))
    ]


def seen(*visits):
    """Return what was found, and the people by name."""
    table = assessments(*visits)
    found = both_sides(table, builtin())
    return found, table["patient_id"].to_numpy()[found.row]


def test_who_has_one_side_or_another_way_is_left_out():
    found, patients = seen(
        *both("a", device="phone"),
        *both("b")[:1],
        *both("c", left=None),
        *both("d", device="phone")[:1],
        *both("d", device="goniometer")[1:],
        *both("e", left=20.3, right=20.1),
    )
    who, degrees = found.at("baseline")
    assert patients[who].tolist() == ["a", "e"]
    assert degrees.tolist() == [-2.0, 0.2]


def test_twice_is_of_those_measured_alike_both_times():
    again = [*both("a", "post", left=11.0), *both("b", "post", device="phone")]
    found, patients = seen(*both("a"), *both("b", device="goniometer"), *both("c"), *again)
    who, before, after = found.twice("baseline", "post")
    assert (patients[who].tolist(), before.tolist(), after.tolist()) == (["a"], [-2.0], [-1.0])


def test_a_person_belongs_where_seen_first_and_to_the_first_episode():
    found, _ = seen(
        *both("a", clinic_id="B"),
        *both("a", "post", clinic_id="A"),
        *both("b"),
        *both("b", "post", clinic_id="C"),
        *both("b", "followup", clinic_id="A"),
        *both("b", "intake", episode="2", clinic_id="D"),
    )
    assert found.clinic.tolist() == ["B", "C"]
    assert not found.reached("intake")
