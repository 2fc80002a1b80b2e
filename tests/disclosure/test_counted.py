"""What of a release is withheld by itself, and what a reader knows whatever is withheld."""

import numpy as np
import pandas as pd

from analysis.disclosure.counted import Counted, Shown
from analysis.disclosure.plan import plan
from analysis.disclosure.printed import ABOUT, row_key
from analysis.protocol import builtin
from analysis.protocol.policies import MINIMUM_PATIENTS

PROTOCOL = builtin()


def degrees(**hips):
    """The rows of a table of degrees, by clinic: so many people with two hips each, a third of which rose."""
    about = {"measure": "slr_deg"}
    sizes = {"": sum(hips.values()), **hips}
    rows = [["mean_changes", "slr", about, clinic, "slr", n // 2, n, n // 3, n // 3] for clinic, n in sizes.items()]
    counts = pd.DataFrame(rows, columns=[*ABOUT, "n_patients", "n_hips", "n_up", "n_down"])
    return counts.assign(n_evaluable=np.nan)  # of other tables


def counted(counts, *before):
    return Counted(counts, PROTOCOL, PROTOCOL.primary_comparison, MINIMUM_PATIENTS, before)


def test_a_reader_knows_that_nobody_is_nobody_where_all_else_is_withheld():
    release = counted(degrees(A=60, B=60))
    assert (release.units[0], release.hidden.any()) == (("", "nobody", ""), False)
    system, all_else = release.system, np.arange(len(release.units)) > 0
    known = system.printed(all_else)
    assert [of_each[known].tolist() for of_each in (system.value, system.small, system.taken)] == [
        [0],
        [False],
        [False],
    ]


def test_that_few_came_is_no_reason_to_withhold_a_row_that_was_withheld_before():
    """Two people came to clinic A: beside the earlier number, the later one would tell them, had it been printed."""
    was, now = degrees(A=60, B=60), degrees(A=64, B=60)
    for rows, withheld in (((), True), (("A",), False)):
        release = counted(now, Shown(was, frozenset((clinic, "slr") for clinic in rows), frozenset()))
        assert release.hidden[release.units.index(("A", "slr", ""))] == withheld


def test_a_number_that_followed_in_an_earlier_month_is_held_against_as_if_it_was_shown():
    """12 left hips were withheld and followed from 31 and 19: beside the 13 of now they would tell one.

    That another class had 13 in that month tells a reader nothing of these.
    """

    def at_intake(*sizes, hidden=()):
        groups = [("tight", "left"), ("open", ""), ("open", "left"), ("open", "right")]
        about = [
            {"stretch_type": kind, "timepoint": "intake"} | ({"side": side} if side else {}) for kind, side in groups
        ]
        keys = [row_key("trajectories", labels) for labels in about]
        rows = [["trajectories", key, labels, "", key, n, n] for key, labels, n in zip(keys, about, sizes, strict=True)]
        counts = pd.DataFrame(rows, columns=[*ABOUT, "n_patients", "n_hips"])
        return Shown(counts, frozenset(("", keys[place]) for place in hidden), frozenset())

    now = at_intake(13, 34, 13, 21, hidden=[1, 2, 3])
    before = at_intake(13, 31, 12, 19, hidden=[2])
    assert plan(now.counts, PROTOCOL, PROTOCOL.primary_comparison, MINIMUM_PATIENTS, [before]).rows == now.rows
