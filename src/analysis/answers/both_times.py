"""Everyone's two sides with what chance alone would change between two visits, from visits in blocks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.answers.both_sides import BothSides, both_sides, together
from analysis.hips.by_chance import changes_by_chance
from analysis.hips.cohort import Hips, Read, after_each_other, hips_of, numbered
from analysis.hips.counted import Compared, compared, read_again
from analysis.hips.pairs import Pairs, measures_compared, pairs_together
from analysis.hips.reread import Reread, errors_tried, reread_together
from analysis.protocol import Protocol


class BothTimes(NamedTuple):
    """The visits of everyone, and of each person what chance would change, as of the left hip in the first episode.

    The columns of ``by_chance`` are those of :func:`analysis.hips.by_chance.with_changes_by_chance`; there is none
    where the error of the measure is not known, and they are missing for who had neither visit.
    """

    visits: BothSides
    by_chance: pd.DataFrame


def both_times(blocks: Iterable[pd.DataFrame], comparison: str, protocol: Protocol) -> BothTimes:
    """Return both sides of everyone; the protocol must name an asymmetry.

    Parameters
    ----------
    blocks
        Conformed assessments, each person within one block. Words may be categories in the order of the words.
    comparison
        The pair of timepoints.
    """
    rule = protocol.asymmetry
    assert rule is not None  # the callers have seen to it
    known = measures_compared(protocol)
    with_error = [rule.measure] if rule.measure in known and known[rule.measure].sem is not None else []
    parts = [_part(block, comparison, protocol, with_error) for block in blocks]
    visits = together([part.visits for part in parts], [part.n_rows for part in parts])
    if not with_error:
        return BothTimes(visits, pd.DataFrame(index=range(len(visits.row))))
    pairs = pairs_together([part.pairs for part in parts])
    protocol = errors_tried(reread_together([part.again for part in parts]), protocol)
    left = after_each_other([part.left for part in parts], [len(part.pairs) for part in parts])
    left[np.concatenate([part.left for part in parts]) < 0] = -1
    by_chance = pd.DataFrame(changes_by_chance(pairs, rule.measure, protocol))
    return BothTimes(visits, by_chance.reindex(left).reset_index(drop=True))


class _Part(NamedTuple):
    """What a block leaves: its pairs, and of each person the place of the left hip among them, −1 where it is not."""

    visits: BothSides
    n_rows: int
    pairs: Pairs
    left: np.ndarray
    again: dict[str, Reread]


def _part(block: pd.DataFrame, comparison: str, protocol: Protocol, measures: list[str]) -> _Part:
    hips, read, visits = hips_of(block), Read(block, protocol), both_sides(block, protocol)
    found = compared(block, hips, read, comparison, protocol, measures)
    left = _left_hips(block, visits.row, hips, found)
    return _Part(visits, len(block), found.pairs, left, read_again(block, hips, read, protocol, measures))


def _left_hips(block: pd.DataFrame, row: np.ndarray, hips: Hips, found: Compared) -> np.ndarray:
    """Return the place among pairs of the left hip of whoever stands in each row, in the episode of that row."""
    n_episodes = max(len(hips.episodes), 1)
    person, episode = (numbered(block[name])[0][row] for name in ("patient_id", "episode"))
    number = (hips.person * 2 + hips.side).astype("int64") * n_episodes + hips.episode  # in order
    wanted = person.astype("int64") * 2 * n_episodes + episode
    hip = np.searchsorted(number, wanted)
    place = np.full(len(hips) + 1, -1)
    place[found.hip] = np.arange(len(found.hip))
    return np.where(np.append(number, -1)[hip] == wanted, place[hip], -1)
