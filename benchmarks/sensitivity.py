"""Class probabilities against simulation, and every reading against brute force; agreement first, then speed.

`python benchmarks/sensitivity.py [HIPS]`; 10 million hips if left out. What brute force would take on all of
its work is extrapolated from a part, in proportion: to hips for the draws, to readings for the counts.

Brute force over the readings is what an analyst would write in numpy: a loop over the readings that classes all
rows by each reading's criteria and counts them, people by their codes in whatever order they come. The goal is
held to that. Two cleverer loops are printed too: one keeps the classes for all readings that differ in other steps
only; the other also knows that the two hips of a person stand together, so that nobody needs to be looked up (ours
is not told that). To all of them, and to ours, the outcome, the indication and the chance of every hip under each
reading of those steps are given.
"""

import os

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # one core; read when numpy is loaded

import sys
from collections.abc import Callable
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd
from sensitivity_cohort import CLASSES, PROTOCOL, T3, classes, cohort, level, timed
from sensitivity_probabilities import agreement, speed_of_probabilities

from analysis.hips.cells import Axis, Decisions, axes_of, states_of_number
from analysis.hips.combinations import combine
from analysis.hips.judge import NOT_EVALUABLE, RESPONDER
from analysis.protocol.alternatives import with_options
from analysis.sensitivity.counts import count_readings
from analysis.sensitivity.parts import Answers, Whose, part_of, parts_together


def class_readings() -> list[dict]:
    """The readings of the classes, as arguments of :func:`classes`, in the order of the protocol."""
    names = ("limited", "marked", "almost", "both", "er_in_t2")
    every = product((20, 25, 30), (15, 20), (0, 5, 10), (True, False), (False, True))
    return [dict(zip(names, values, strict=True)) for values in every]


COLUMN = {"hip_ir_deg": "ir", "hip_er_deg": "er", "slr_deg": "slr", "pelvic_tilt": "tilt", "swayback": "sway",
          "feels_stretch": "feels"}  # fmt: skip


def states_of(hips: dict[str, np.ndarray], axis: Axis) -> np.ndarray:
    """The state of every hip on one axis."""
    values = hips[COLUMN[axis.measure]]
    if axis.is_number:
        return states_of_number(values, axis)
    return values if axis.measure == "pelvic_tilt" else values + np.uint8(1)


def over_cells(hips: dict[str, np.ndarray], readings: list[dict]) -> pd.DataFrame:
    """The package's way, from the same arrays as the brute force."""
    options = [list(PROTOCOL.alternatives[name].options) for name in list(PROTOCOL.alternatives)[:5]]
    protocols = [with_options(PROTOCOL, taken) for taken in list(product(*options))[: len(readings)]]
    axes = axes_of(protocols)
    decisions = Decisions(axes, protocols[0])
    cells = combine([states_of(hips, axis) for axis in axes], decisions.shape)
    representatives = decisions.representatives(cells.answers)
    class_of = np.stack([decisions.classes_of(representatives, protocol) for protocol in protocols])
    answers = Answers(
        class_of <= T3, cells, hips["indicated"], hips["outcome"], hips["chance"][:, None].repeat(3, axis=1)
    )
    whose = Whose(hips["person"], hips["person"], hips["side"])
    cohort = parts_together([part_of(answers, whose, np.full(len(whose.person), None))])
    table = count_readings(cohort, len(class_of), len(hips["indicated"]), [False, True])
    for place in range(len(CLASSES)):
        table[f"hips_{place}"] = ((class_of == place) @ cells.hips)[table.index.get_level_values("class")]
    return table


def classes_over_rows(hips: dict[str, np.ndarray], reading: dict) -> tuple[np.ndarray, np.ndarray]:
    """The class of every hip under one reading, and hips per class; shared by all readings of the other steps."""
    found = classes(hips["degrees"] | {name: hips[name] for name in ("tilt", "sway", "feels")}, **reading)
    return found, np.bincount(found, minlength=6)


class People(NamedTuple):
    """How hips become people: hips of each person for which something is so, and where left and right hips stand."""

    hips_of_each: Callable[[np.ndarray], np.ndarray]
    left: np.ndarray | slice
    right: np.ndarray | slice


def people_by_code(hips: dict[str, np.ndarray]) -> People:
    """People known by their codes, in whatever order their hips stand."""
    person = hips["person"]
    n_people, left, right = int(person[-1]) + 1, *(np.flatnonzero(hips["side"] == side) for side in (0, 1))
    return People(lambda flags: np.bincount(person[flags], minlength=n_people), left, right)


def people_in_pairs() -> People:
    """People whose two hips stand one after the other; nothing needs to be looked up."""
    left, right = slice(0, None, 2), slice(1, None, 2)
    return People(lambda flags: flags[left].view("int8") + flags[right].view("int8"), left, right)


def over_rows(hips: dict[str, np.ndarray], people: People, found: np.ndarray, key: tuple[int, ...]) -> dict[str, float]:
    """One reading of the indication, the response and the population, by masks over the rows of one of the classes."""
    indication, response, only = key
    outcome = hips["outcome"][response]
    judged = outcome != NOT_EVALUABLE
    if only:
        judged &= (found <= T3) & hips["indicated"][indication]
    responded = judged & (outcome == RESPONDER)
    m, x = people.hips_of_each(judged), people.hips_of_each(responded)
    x_left, x_right = responded[people.left], responded[people.right]
    pair = judged[people.left] & judged[people.right]
    count = np.count_nonzero
    return {
        "by_chance": float(hips["chance"][response] @ judged),
        "n_evaluable": int(m.sum()),
        "n_responders": int(x.sum()),
        "n_patients_evaluable": count(m),
        "n_patients_with": count(x),
        "n_patients_without": count(m > x),
        "both": count(pair & x_left & x_right),
        "left_only": count(pair & x_left & ~x_right),
        "right_only": count(pair & ~x_left & x_right),
        "neither": count(pair & ~x_left & ~x_right),
    }


def compare(row: pd.Series, expected: dict[str, float]) -> None:
    """Counts must be equal; the sum of chances is one of floats."""
    assert np.isclose(row["chance_rate"] * row["n_evaluable"], expected["by_chance"])
    counts = [name for name in expected if name != "by_chance"]
    assert [row[name] for name in counts] == [expected[name] for name in counts]


def speed_of_readings(hips: dict[str, np.ndarray], checked: int = 8) -> None:
    hips = hips | {"tilt": level(hips["tilt_angle"] / 10).astype("int8")}
    hips["degrees"] = {name: hips[name] / 10 for name in ("ir", "er", "slr")}
    hips["person"], hips["side"] = np.divmod(np.arange(len(hips["ir"])), 2)
    readings, by_code, in_pairs = class_readings(), people_by_code(hips), people_in_pairs()
    rng = np.random.default_rng(3)
    # 528 readings: 11 of the classes, each with all 48 of the other steps; then all of them.
    for of_class in (11, len(readings)):
        runs = [timed(lambda k=of_class: over_cells(hips, readings[:k])) for _ in range(3)]
        table, fast = runs[0][0], float(np.median([seconds for _, seconds in runs]))
        seconds_to: dict[str, list[float]] = {"class": [], "count": [], "count in pairs": []}
        for place in rng.choice(len(table), checked, replace=False):
            row, (reading, *key) = table.iloc[place], table.index[place]
            (found, counts), seconds = timed(lambda k=reading: classes_over_rows(hips, readings[k]))
            seconds_to["class"].append(seconds)
            assert [row[f"hips_{number}"] for number in range(len(CLASSES))] == counts.tolist()
            for name, people in (("count", by_code), ("count in pairs", in_pairs)):
                expected, seconds = timed(lambda who=people, of=found, k=key: over_rows(hips, who, of, k))
                seconds_to[name].append(seconds)
                compare(row, expected)
        classing, counting, in_order = (float(np.median(seconds)) for seconds in seconds_to.values())
        n = len(table)
        print(f"{n:,} readings, {len(hips['ir']):,} hips, one core; counts equal in all {checked} compared")
        print(f"  over kinds of hips                          {fast:9.2f} s (median of 3)")
        print(f"  over rows, medians of {checked}: to class all hips  {classing:9.3f} s")
        print(f"  to count one reading {counting:.3f} s, where hips are known to stand together {in_order:.3f} s")
        for name, slow in {
            "reading by reading (held to 250)": n * (classing + counting),
            "each class worked out once": n * counting + of_class * classing,
            "the same, hips known to stand together": n * in_order + of_class * classing,
        }.items():
            print(f"  rows, {name:40} {slow:9.0f} s in proportion; ratio {slow / fast:5.0f}")
        sys.stdout.flush()


if __name__ == "__main__":
    agreement()
    made_up = cohort(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000)
    speed_of_probabilities(made_up)
    speed_of_readings(made_up)
