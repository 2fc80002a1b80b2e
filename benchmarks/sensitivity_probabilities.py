"""Class probabilities in closed form against draws of the true angles, for `sensitivity.py`."""

from pathlib import Path

import numpy as np
from sensitivity_cohort import CLASSES, INDETERMINATE, PROTOCOL, T1, T2, T3, classes, level, timed

import analysis
from analysis.hips.cells import Decisions, axes_of, derived_axis, derived_levels
from analysis.sensitivity.probability import PREFIX, cell_chances, class_probabilities
from analysis.sensitivity.probability_sums import Spread, sum_probabilities
from analysis.sensitivity.reading_error import step_codes

DEMO = Path(__file__).parents[1] / "data/raw/demo"
SEM = {name: PROTOCOL.measures[name].sem for name in ("hip_ir_deg", "hip_er_deg", "slr_deg", "pelvic_tilt_deg")}


def lenient_over_strict(hip: dict[str, np.ndarray]) -> np.ndarray:
    """The class under both readings: the strict type, or the lenient one; open where either is."""
    strict, lenient = classes(hip, 20, 15, both=True), classes(hip)
    certain = np.isin(strict, (T1, T2)) & (lenient != T3)
    opened = (strict == INDETERMINATE) & (lenient != T3) & ~np.isin(lenient, (T1, T2))
    return np.select([certain, opened], [strict, INDETERMINATE], lenient)


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
