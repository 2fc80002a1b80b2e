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
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

import analysis
from analysis.hips.cells import Axis, Decisions, axes_of, derived_axis, derived_levels, states_of_number
from analysis.hips.combinations import combine
from analysis.hips.judge import NON_RESPONDER, NOT_EVALUABLE, RESPONDER
from analysis.protocol import builtin
from analysis.protocol.alternatives import with_options
from analysis.sensitivity.counts import Answers, count_readings
from analysis.sensitivity.probability import PREFIX, cell_chances, class_probabilities
from analysis.sensitivity.probability_sums import Spread, sum_probabilities
from analysis.sensitivity.reading_error import step_codes

PROTOCOL = builtin()
DEMO = Path(__file__).parents[1] / "data/raw/demo"
SEM = {name: PROTOCOL.measures[name].sem for name in ("hip_ir_deg", "hip_er_deg", "slr_deg", "pelvic_tilt_deg")}
CLASSES = (*PROTOCOL.types, "unclassified", "not_restricted", "indeterminate")
T1, T2, T3, UNCLASSIFIED, NOT_RESTRICTED, INDETERMINATE = range(6)
POSTERIOR, NEUTRAL, ANTERIOR = 1, 2, 3


def classes(hip: dict[str, np.ndarray], limited=30.0, marked=20.0, almost=5.0, both=False, er_in_t2=False):
    """The rules for hips of which everything is known, as masks over rows; angles may be arrays of any shape."""
    restricted, turned_out = hip["ir"] < limited, hip["er"] > 25
    none = (hip["ir"] <= almost, ~hip["feels"])
    t3 = restricted & (none[0] & none[1] if both else none[0] | none[1])
    t1, t1_open = (restricted & turned_out & (hip["tilt"] == level) for level in (ANTERIOR, NEUTRAL))
    rest = restricted & (hip["ir"] < marked) & (hip["slr"] < 45)
    rest = rest & turned_out if er_in_t2 else rest
    t2 = rest & ((hip["tilt"] == POSTERIOR) | hip["sway"])
    t2_open = rest & (hip["tilt"] == NEUTRAL) & ~hip["sway"]
    masks = [t3, t1, t1_open, t2, t2_open, restricted]
    return np.select(masks, [T3, T1, INDETERMINATE, T2, INDETERMINATE, UNCLASSIFIED], NOT_RESTRICTED)


def lenient_over_strict(hip: dict[str, np.ndarray]) -> np.ndarray:
    """The class under both readings: the strict type, or the lenient one; open where either is."""
    strict, lenient = classes(hip, 20, 15, both=True), classes(hip)
    certain = np.isin(strict, (T1, T2)) & (lenient != T3)
    opened = (strict == INDETERMINATE) & (lenient != T3) & ~np.isin(lenient, (T1, T2))
    return np.select([certain, opened], [strict, INDETERMINATE], lenient)


def level(tilt: np.ndarray) -> np.ndarray:
    return np.where(tilt > 2, ANTERIOR, np.where(tilt < -2, POSTERIOR, NEUTRAL))


# ------------------------------------------------------------------------------- agreement with draws


def agreement(draws: int = 2_000_000, hips: int = 24) -> None:
    """Compare the probabilities of some hips of the demo with draws of their true angles."""
    visits = analysis.load(DEMO).assessments
    table = class_probabilities(visits, prior="none")
    base = visits[visits["timepoint"] == "baseline"].merge(table, on=["patient_id", "side", "episode"])
    measured = base[[*SEM, "swayback", "feels_stretch"]].notna().all(axis=1) & base["pelvic_tilt"].isna()
    chosen = base[measured].nsmallest(hips, "p_recorded")
    steps = {
        name: np.array([0.1, 1.0, 5.0])[
            step_codes(visits, name, PROTOCOL.measures[name].step).loc[chosen["patient_id"]]
        ]
        for name in SEM
    }
    rng, worst = np.random.default_rng(1), 0.0
    for place, row in enumerate(chosen.to_dict("records")):
        drawn = {
            name: row[name] + steps[name][place] * (rng.random(draws) - 0.5) + SEM[name] * rng.standard_normal(draws)
            for name in SEM
        }
        found = lenient_over_strict(
            {
                "ir": drawn["hip_ir_deg"],
                "er": drawn["hip_er_deg"],
                "slr": drawn["slr_deg"],
                "tilt": level(drawn["pelvic_tilt_deg"]),
                "sway": np.full(draws, bool(row["swayback"])),
                "feels": np.full(draws, bool(row["feels_stretch"])),
            }
        )
        shares = np.bincount(found, minlength=6) / draws
        worst = max(worst, *(abs(share - row[PREFIX + name]) for share, name in zip(shares, CLASSES, strict=True)))
    print(f"class probabilities, the {hips} least certain hips of the demo, {draws:,} draws each")
    print(f"  largest difference {worst:.5f}")


# -------------------------------------------------------------------------------------- a made-up cohort


def cohort(hips: int) -> dict[str, np.ndarray]:
    """Readings in whole tenths, two hips a person; everything measured."""
    rng = np.random.default_rng(1)
    normal = {"ir": (210, 80), "er": (440, 65), "slr": (620, 120), "tilt_angle": (90, 70)}
    drawn = {name: np.rint(rng.normal(*spread, hips)).astype("int32") for name, spread in normal.items()}
    coarse = np.repeat(rng.random(hips // 2) < 0.35, 2)
    for name in ("ir", "er", "slr"):
        drawn[name] = np.where(coarse, np.rint(drawn[name] / 50) * 50, drawn[name]).astype("int32")
    return drawn | {
        "step": np.where(coarse, 2, 0),
        "sway": rng.random(hips) < 0.15,
        "feels": rng.random(hips) < 0.9,
        "outcome": outcomes(hips, rng),
        "indicated": indications(hips, rng),
        "chance": rng.random((6, hips)),
    }


def outcomes(hips: int, rng: np.random.Generator) -> np.ndarray:
    """All three, two of three, and IR, each with a test negative from the start not judged and as met."""
    missing, negative = rng.random((3, hips)) < 0.03, rng.random(hips) < 0.4
    ir, slr, ober = rng.random((3, hips)) < np.array([[0.45], [0.35], [0.3]])
    rows = []
    for least in (3, 2, 1):
        for met in (False, True):
            third, judged = ober | (negative & met), ~missing.any(axis=0) & (met | ~negative)
            enough = (ir.astype(int) + slr + third) >= least if least > 1 else ir
            judged = judged if least > 1 else ~missing[0]
            rows.append(np.where(judged, np.where(enough, RESPONDER, NON_RESPONDER), NOT_EVALUABLE))
    return np.stack(rows).astype("int8")


def indications(hips: int, rng: np.random.Generator) -> np.ndarray:
    """Three or two drills, and no change in all tests or in any."""
    drills, unchanged = rng.poisson(4, hips), rng.binomial(3, 0.8, hips)
    return np.stack([(drills >= few) & (unchanged >= tests) for few in (3, 2) for tests in (3, 1)])


def timed(task):
    """The result and the processor time: on a busy machine the time on the clock says little."""
    start = time.process_time()
    result = task()
    return result, time.process_time() - start


# ---------------------------------------------------------------------------------- class probabilities


def closed_form(hips: dict[str, np.ndarray]) -> np.ndarray:
    axes = axes_of([PROTOCOL])
    decisions = Decisions(axes, PROTOCOL)
    named = {axis.measure: axis for axis in axes}
    derived = PROTOCOL.measures["pelvic_tilt"].derived
    behind = derived_axis(derived, PROTOCOL)
    of_level = np.array(
        [[level == name for name in derived_levels(derived, behind)] for level in named["pelvic_tilt"].values[1:]]
    )
    spread_out = np.full(len(hips["ir"]), -1, dtype="int8")
    zeros = np.zeros(len(hips["ir"]), dtype="int8")

    def spread(axis, tenths, sem):
        lowest, highest = int(tenths.min()), int(tenths.max())
        table = cell_chances(axis, np.arange(lowest, highest + 1) / 10, sem, None, again=False)
        return Spread(spread_out, table, hips["step"] * (highest - lowest + 1) + tenths - lowest)

    tilt = spread(behind, hips["tilt_angle"], SEM["pelvic_tilt_deg"])
    spreads = {
        "hip_ir_deg": spread(named["hip_ir_deg"], hips["ir"], SEM["hip_ir_deg"]),
        "hip_er_deg": spread(named["hip_er_deg"], hips["er"], SEM["hip_er_deg"]),
        "slr_deg": spread(named["slr_deg"], hips["slr"], SEM["slr_deg"]),
        "pelvic_tilt": tilt._replace(table=of_level.astype(float) @ tilt.table),
        "swayback": Spread(hips["sway"].astype("int8") + 1, np.empty((0, 0)), zeros),
        "feels_stretch": Spread(hips["feels"].astype("int8") + 1, np.empty((0, 0)), zeros),
    }
    return sum_probabilities(decisions.table(PROTOCOL), [spreads[axis.measure] for axis in axes], len(CLASSES))


def simulation(hips: dict[str, np.ndarray], part: slice, draws: int = 1_000) -> np.ndarray:
    """Draw the true angles of each hip and classify every draw."""
    rng = np.random.default_rng(2)
    n = len(hips["ir"][part])
    width = np.array([0.1, 1.0, 5.0])[hips["step"][part], None]

    def draw(name, sem):
        angle = hips[name][part, None] / 10 + width * (rng.random((n, draws)) - 0.5)
        return angle + sem * rng.standard_normal((n, draws))

    found = lenient_over_strict(
        {
            "ir": draw("ir", SEM["hip_ir_deg"]),
            "er": draw("er", SEM["hip_er_deg"]),
            "slr": draw("slr", SEM["slr_deg"]),
            "tilt": level(draw("tilt_angle", SEM["pelvic_tilt_deg"])),
            "sway": np.broadcast_to(hips["sway"][part, None], (n, draws)),
            "feels": np.broadcast_to(hips["feels"][part, None], (n, draws)),
        }
    )
    return np.stack([(found == place).mean(axis=1) for place in range(len(CLASSES))])


def speed_of_probabilities(hips: dict[str, np.ndarray]) -> None:
    n, some, at_once = len(hips["ir"]), 4_000, 50
    exact, fast = timed(lambda: closed_form(hips))
    parts = [slice(start, start + at_once) for start in range(0, some, at_once)]
    drawn, slow = timed(lambda: np.concatenate([simulation(hips, part) for part in parts], axis=1))
    assert np.abs(drawn - exact[:, :some]).max() < 0.09, "1,000 draws and the closed form disagree"
    each = slow / some
    print(f"class probabilities, {n:,} hips, one core")
    print(f"  closed form              {fast:9.2f} s")
    print(f"  1,000 draws, {some:,} hips {slow:9.2f} s; {each * n:,.0f} s for all of them, in proportion")
    print(f"  ratio                    {each * n / fast:9.0f}")


# ------------------------------------------------------------------------------------------ every reading


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
    table = count_readings(answers, hips["person"], hips["person"], hips["side"], [False, True])
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
