"""Where the lines over all visits stand: each mean and each reading over its own visit, in its own panel."""

import numpy as np
import pandas as pd
import pytest

from analysis.report import open_report
from analysis.show.figures.trajectories import _panels, trajectory_lines
from tests_support import ROOT


@pytest.fixture(scope="module")
def report():
    return open_report(ROOT / "data/raw/demo", internal=True)


def points_of(ax):
    """Return the points of all lines as (place on the axis to a quarter, height), those of gaps left out."""
    places = np.concatenate([line.get_xydata() for line in ax.get_lines() if len(line.get_xdata()) > 2])
    places = places[~np.isnan(places).any(axis=1)]
    return {(round(4 * x) / 4, round(y, 6)) for x, y in places.tolist()}


def expected(rows: pd.DataFrame, column: str, visits: list[str]) -> set:
    return {(visits.index(at), round(y, 6)) for at, y in zip(rows["timepoint"].astype(str), rows[column], strict=True)}


def test_each_mean_and_each_reading_stands_over_its_visit(report):
    table, hips, rules = report.trajectories("side"), report.visit_readings("side"), report.protocol
    ax = trajectory_lines(table, "side", rules, hips)
    visits = [tick.get_text() for tick in ax.get_xticklabels()]
    assert visits == [visit for visit in rules.timepoints if visit in set(table["timepoint"])]
    drawn = points_of(ax)
    assert expected(table, "mean", visits) | expected(hips, "reading", visits) == drawn


def test_each_group_stands_in_its_own_panel(report):
    groups, rules = [report.groups[0], "side"], report.protocol
    table, hips = report.trajectories(groups), report.visit_readings(groups)
    first = _panels(table[table["ci_low"].notna()], *groups, rules, hips)
    visits = [visit for visit in rules.timepoints if visit in set(table["timepoint"])]
    panels = list(dict.fromkeys(table[groups[0]]))[:3]  # those of the upper row
    wanted = set()
    for place, panel in enumerate(panels):
        start = place * (len(visits) + 0.25)
        for rows, column in ((table[table["ci_low"].notna()], "mean"), (hips, "reading")):
            own = rows[rows[groups[0]] == panel]
            wanted |= {(start + at, y) for at, y in expected(own, column, visits)}
    assert points_of(first) == wanted
