"""The rules of the classes as masks over rows, and a made-up cohort in whole tenths, for `sensitivity.py`."""

import time

import numpy as np

from analysis.hips.judge import NON_RESPONDER, NOT_EVALUABLE, RESPONDER
from analysis.protocol import builtin

PROTOCOL = builtin()
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


def level(tilt: np.ndarray) -> np.ndarray:
    return np.where(tilt > 2, ANTERIOR, np.where(tilt < -2, POSTERIOR, NEUTRAL))


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
