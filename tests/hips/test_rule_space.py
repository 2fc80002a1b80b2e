"""Every hip there can be: each measure missing, or in each interval between the cut-offs of the built-in protocol."""

from itertools import product

import pandas as pd
import pytest

from analysis import classify
from analysis.simulate.oracle import true_class
from builders import MEASURED, every_hip


@pytest.fixture(scope="module")
def hips():
    """The classification of each of the 1,944 hips there can be, by its values in the order of ``MEASURED``."""
    cells, visits = every_hip()
    return dict(zip(cells, classify(visits).to_dict("records"), strict=True))


def is_known(value):
    return value not in (None, "neutral")


def completions(cell, measures=tuple(MEASURED)):
    """All hips that agree with this one in what is known of it, and know the rest of the named measures."""
    return product(
        *(
            filter(is_known, values) if name in measures and not is_known(value) else [value]
            for (name, values), value in zip(MEASURED.items(), cell, strict=True)
        )
    )


def truth(cell):
    """The class as the independent reasoning of the synthetic cohort has it; nothing may be missing."""
    values = dict(zip(MEASURED, cell, strict=True))
    tilt = {"anterior": 10, "neutral": 0, "posterior": -10}[values.pop("pelvic_tilt")]
    return true_class(pelvic_tilt_deg=tilt, **values)


def test_fully_measured_hip_has_the_class_of_independent_reasoning(hips):
    complete = [cell for cell in hips if None not in cell]
    assert len(complete) == 5 * 3 * 2 * 2 * 2 * 2
    for cell in complete:
        row, verdict = hips[cell], truth(cell)
        assert (row["stretch_type"], row["presentation"]) == (verdict.stretch_type, verdict.presentation), cell
        assert ("" if pd.isna(row["certainty"]) else row["certainty"]) == verdict.certainty, cell


def test_presentation_is_known_exactly_when_nothing_unknown_could_change_it(hips):
    for cell, row in hips.items():
        possible = {truth(complete).presentation for complete in completions(cell)}
        expected = possible.pop() if len(possible) == 1 else "indeterminate"
        assert row["presentation"] == expected, cell


def test_the_measures_named_settle_an_open_presentation_and_the_others_do_not(hips):
    for cell, row in hips.items():
        named = row["settled_by"].split("; ") if row["settled_by"] else []
        assert bool(named) == (row["presentation"] == "indeterminate"), cell
        others = [name for name in MEASURED if name not in named]
        for complete in completions(cell, named):
            assert hips[complete]["presentation"] != "indeterminate", (cell, complete)
        for complete in completions(cell, others) if named else ():
            assert hips[complete]["presentation"] == "indeterminate", (cell, complete)


def test_escalation_is_pointed_out_exactly_when_it_is_possible_but_not_met(hips):
    for cell, row in hips.items():
        possible = any(truth(complete).stretch_type == "T3" for complete in completions(cell))
        pointed_out = "T3_not_excluded" in row["flags"]
        assert possible == (pointed_out or row["stretch_type"] == "T3"), cell
        assert not (pointed_out and row["stretch_type"] == "T3"), cell
