"""What each reading of each step makes of the hips of a block of whole people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray

from analysis.hips.by_chance import Chance
from analysis.hips.care import indicated
from analysis.hips.cells import states_read
from analysis.hips.chance_looked_up import ChanceLookedUp
from analysis.hips.change import change
from analysis.hips.clinic_of_person import first_of_person
from analysis.hips.cohort import Hips, Read, at_visit, hips_of, taken
from analysis.hips.combinations import Combinations, combine
from analysis.hips.counted import Compared, compared, read_again
from analysis.hips.judge import NOT_EVALUABLE, Judged, Rule, judge
from analysis.hips.pairs import Pairs, in_one_episode
from analysis.hips.reread import Reread, errors_tried, reread_together
from analysis.hips.response import chances, respond, response_order
from analysis.hips.usual import Alike, alike, first_of_people
from analysis.protocol import Protocol
from analysis.protocol.measures import Reading
from analysis.schema import HIP, conform, in_first_episode, places_of_episodes
from analysis.sensitivity.parts import Answers, Part, Whose, part_of
from analysis.sensitivity.steps import Steps


class FirstLook(NamedTuple):
    """What of a block tells what is usual in the cohort."""

    first: dict[str, Alike]
    """By measure, the first readings of its people."""
    again: dict[str, Reread]


def first_look(visits: pd.DataFrame, steps: Steps) -> FirstLook:
    """Return what a block tells of what is usual."""
    hips, read = hips_of(visits), Read(visits, steps.protocol)
    pairs = compared(visits, hips, read, steps.comparison, steps.protocol).pairs
    first = {name: alike(first_of_people(pairs, name, steps.protocol))[0] for name in pairs.readings}
    return FirstLook(first, read_again(visits, hips, read, steps.protocol))


@dataclass(frozen=True)
class Known:
    """What is known of the cohort once all blocks were looked at.

    Attributes
    ----------
    chance
        What chance gives each hip.
    responding
        The rules of each reading of the response, and how they are read.
    """

    chance: ChanceLookedUp
    responding: Sequence[tuple[Protocol, Reading]]


def chance_looked_up(looks: Sequence[FirstLook], steps: Steps) -> Known:
    """Return what is known of the cohort from a first look at each of its blocks."""
    again = reread_together([look.again for look in looks])
    first = [look.first for look in looks]
    chance = ChanceLookedUp(first, steps.comparison, errors_tried(again, steps.protocol))
    return Known(chance, steps.responding(again))


class UnderEach(NamedTuple):
    """The hips of a block under each reading."""

    part: Part
    of_classes: np.ndarray
    """Shape (readings of the class, classes): the hips of each."""
    n_hips: int


def under_each(visits: pd.DataFrame, place: int, known: Known, steps: Steps) -> UnderEach:
    """Judge the hips of a block, which is the one at a place, under each reading of each step."""
    block = _Block(visits, hips_of(visits), Read(visits, steps.protocol))
    cells, class_of = _classes(block, steps)
    answers = Answers(
        class_of < len(steps.protocol.types),
        cells,
        _indicated(block, steps),
        *_outcomes(block, place, known, steps),
    )
    clinic = _clinic_of_person(block)
    counts = [(class_of == number) @ cells.hips for number in range(len(steps.classes))]
    of_classes = np.stack(counts, axis=1) if counts else np.zeros((len(class_of), 0), dtype="int64")
    return UnderEach(
        part_of(answers, _whose(block.hips), np.asarray(clinic, dtype="object")), of_classes, len(block.hips)
    )


class _Block(NamedTuple):
    visits: pd.DataFrame
    hips: Hips
    read: Read


def _clinic_of_person(block: _Block) -> ExtensionArray:
    """Return the clinic that the person of each hip counts with; missing where none is recorded."""
    hips = block.hips
    row = hips.first_known(block.visits["clinic_id"].notna().to_numpy())
    episode = places_of_episodes(pd.Series(hips.episodes))[hips.episode]
    first = first_of_person(hips.person, episode, row >= 0)[hips.person]
    return taken(block.visits["clinic_id"], np.append(row, -1)[first])


def _whose(hips: Hips) -> Whose:
    n_people = int(hips.person.max(initial=-1)) + 1
    pair = in_one_episode(hips.person, n_people, hips.episode, len(hips.episodes))
    later = ~in_first_episode(pd.DataFrame({"patient_id": hips.person, "episode": hips.episodes.take(hips.episode)}))
    # These make no pair, as pairs count people; see compare_sides.
    return Whose(hips.person, np.where(later, len(hips) + np.cumsum(later), pair), hips.side)


def _classes(block: _Block, steps: Steps) -> tuple[Combinations, np.ndarray]:
    """Return the cells that hips are in, and the class of each under each reading, as a place in the classes."""
    if not steps.protocol.types:
        cells = combine([np.zeros(len(block.hips), dtype="int8")], [1])
        return cells, np.zeros((len(steps.classing), len(cells.hips)), dtype="int8")
    at = block.hips.rows[steps.protocol.classify_at]
    states = states_read(lambda name: block.read(name, at), steps.axes, steps.protocol)
    cells = combine(states, steps.decisions.shape)
    representatives = steps.decisions.representatives(cells.answers)
    return cells, np.stack([steps.decisions.classes_of(representatives, reading) for reading in steps.classing])


def _indicated(block: _Block, steps: Steps) -> np.ndarray:
    """Whether a stretch is indicated for each hip under each reading of the indication.

    Hips with as many drills tried and the same outcomes of every test are decided once, on the first of them.
    """
    visits, hips, protocol = block.visits, block.hips, steps.protocol
    if protocol.indication is None:
        return np.ones((len(steps.taken["indication"]), len(hips)), dtype=bool)
    of_pair = compared(visits, hips, block.read, protocol.indication.comparison, protocol)
    judged = judge(of_pair.pairs, protocol, "strict", response_order(protocol))
    place = _places(of_pair, hips)
    seen = [_taken(codes, place, -1) for one in judged.values() for codes in (one.outcome, one.reason)]
    pair = protocol.comparisons[protocol.indication.comparison]
    for measure in dict.fromkeys(rule.drills.measure for rule in steps.indications):
        tried = visits[measure].to_numpy(dtype="float64", na_value=np.nan)
        seen += [_taken(tried, hips.rows[visit], np.nan) for visit in (pair.start, pair.end)]
    codes = [pd.factorize(values, use_na_sentinel=False) for values in seen]
    alike_hips = combine([code for code, _ in codes], [max(len(found), 1) for _, found in codes])
    first = np.full(len(alike_hips.hips), len(hips))
    np.minimum.at(first, alike_hips.of_hip, np.arange(len(hips)))
    rows = np.concatenate([hips.rows[visit][first] for visit in (pair.start, pair.end)])
    own = conform(visits.iloc[rows[rows >= 0]], "assessments", protocol)
    strict = respond(change(own, protocol), protocol)
    key = pd.MultiIndex.from_frame(at_visit(visits, hips.some_row[first], HIP).astype({"episode": "str"}))
    answers = [indicated(own, strict, rule, protocol).set_index(HIP)["indicated"] for rule in steps.indications]
    return np.stack([alike_hips.to_hips(answer.reindex(key).eq("yes").to_numpy()) for answer in answers])


def _outcomes(block: _Block, place: int, known: Known, steps: Steps) -> tuple[np.ndarray, np.ndarray]:
    """Return the outcome and the chance of each hip under each reading of the responder rules."""
    found = compared(block.visits, block.hips, block.read, steps.comparison, steps.protocol)
    pairs, at = found.pairs, _places(found, block.hips)
    entries = {name: _entries(pairs, name, steps.protocol) for name in pairs.readings}
    judged: dict[tuple[str, str], dict[str, Judged]] = {}
    outcomes, by_chance = [], []
    for rules, reading in known.responding:
        same = (reading, str(rules.responses))  # the composites of the same rules are judged together
        if same not in judged:
            judged[same] = judge(pairs, rules, reading, response_order(rules))
        outcomes.append(_taken(judged[same][rules.primary_response].outcome, at, NOT_EVALUABLE))
        found_by_chance = _by_chance(judged[same], rules, reading, known.chance, place, entries)
        by_chance.append([_taken(chance, at, np.nan) for chance in found_by_chance])
    return np.stack(outcomes), np.stack(by_chance)


def _entries(pairs: Pairs, name: str, protocol: Protocol) -> np.ndarray:
    """Return in which entry each hip is; see :meth:`analysis.hips.usual.Alike.hips`."""
    people, entry = alike(first_of_people(pairs, name, protocol))
    return entry[pairs.person].astype("int64") + len(people.n) * pairs.right


def _by_chance(
    judged: dict[str, Judged],
    rules: Protocol,
    reading: Reading,
    chance: ChanceLookedUp,
    place: int,
    entries: dict[str, np.ndarray],
) -> np.ndarray:
    """Return what chance gives each hip by the primary response, float64 (errors, hips)."""

    def of_rule(rule: Rule, rows: np.ndarray) -> Chance:
        return chance.of_hips(rule, place, entries[rule.measure], reading)

    return chances(judged, [rules.primary_response], of_rule, rules)[rules.primary_response].probability


def _places(found: Compared, hips: Hips) -> np.ndarray:
    """Return the place of each hip among those of a comparison; −1 where it has none."""
    places = np.full(len(hips), -1)
    places[found.hip] = np.arange(len(found.hip))
    return places


def _taken(values: np.ndarray, places: np.ndarray, otherwise: float) -> np.ndarray:
    return np.asarray(pd.api.extensions.take(values, places, allow_fill=True, fill_value=otherwise))
