"""Where the visits of hips and pairs stand, counted beside by going through the rows one by one."""

from itertools import product

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from analysis.intake.visits_grid import visits_grid
from analysis.protocol import builtin
from analysis.schema import HIP, SIDES, VISIT, conform

TIMEPOINTS = builtin().timepoints
ANY_VISIT = list(product("abc", SIDES, ["1", "2", "10"], TIMEPOINTS))


@given(st.sets(st.sampled_from(ANY_VISIT)))
def test_every_visit_stands_where_it_is_looked_for(visits):
    rows = sorted(visits, key=ANY_VISIT.index)
    table = conform(pd.DataFrame(rows, columns=VISIT), "assessments", builtin())
    grid, row_of = visits_grid(table), {visit: row for row, visit in enumerate(rows)}
    hips = list(dict.fromkeys(visit[: len(HIP)] for visit in rows))
    people = list(dict.fromkeys(person for person, *_ in hips))
    care = {(person, episode) for person, _, episode in hips}

    def visits_of(person, side, episode):
        return [row_of.get((person, side, episode, when), -1) for when in TIMEPOINTS]

    assert grid.hips.tolist() == [visits_of(*hip) for hip in hips]
    assert grid.hip.tolist() == [hips.index(visit[: len(HIP)]) for visit in rows]
    assert grid.person.tolist() == [people.index(visit[0]) for visit in rows]
    assert grid.begins.tolist() == [[visit[0] for visit in rows].index(person) for person in people]
    numbers = {((person, episode), int(n)) for (person, _, episode), n in zip(hips, grid.in_episode, strict=True)}
    assert len(numbers) == len(care) == len(set(grid.in_episode.tolist()))  # one for one
    both = [who for who in care if {(who[0], side, who[1]) for side in SIDES} <= set(hips)]
    pairs = {tuple(map(tuple, pair)) for pair in np.swapaxes(grid.pairs, 0, 1).tolist()}
    assert pairs == {tuple(tuple(visits_of(person, side, episode)) for side in SIDES) for person, episode in both}
    assert grid.pairs.shape[1] == len(both)
