"""Every reading of the vague rules at once: classes, responder rate and left against right under each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from analysis.care import care
from analysis.change import change
from analysis.classify import baseline_hips, classify
from analysis.protocol import Protocol, builtin
from analysis.protocol.alternatives import step_of, with_options
from analysis.protocol.model import Option
from analysis.response import NOT_EVALUABLE, RESPONDER, respond
from analysis.schema import HIP, conform, ordered
from analysis.sensitivity.cells import Decisions, axes_of, recorded_states
from analysis.sensitivity.tally import Kinds, count_pairs, count_people, kinds_of
from analysis.stats.paired import PairedTable, newcombe10
from analysis.stats.proportions import clustered_wilson_from_sums

Taken = tuple[Option, ...]
_AT_ONCE = 64  # readings counted together


@dataclass(frozen=True)
class Answers:
    """What each reading of each step makes of each hip.

    Attributes
    ----------
    typed
        Boolean (class readings, cells): whether a cell has a type; ``cell`` is the cell of each hip.
    indicated
        Boolean (indication readings, hips).
    outcome
        int8 (response readings, hips), codes into :data:`analysis.schema.OUTCOMES`.
    chance
        float64, as ``outcome``: the probability of a responder had nothing truly changed.
    """

    typed: np.ndarray
    cell: np.ndarray
    indicated: np.ndarray
    outcome: np.ndarray
    chance: np.ndarray


def every_reading(
    assessments: pd.DataFrame,
    interventions: pd.DataFrame,
    protocol: Protocol | None = None,
    comparison: str | None = None,
) -> pd.DataFrame:
    """Count classes, responders and left against right under every combination of the alternatives.

    Parameters
    ----------
    assessments, interventions
        The tables of a study.
    protocol
        The rules; ``protocol.alternatives`` lists the decisions and their options.
    comparison
        The pair of timepoints; the protocol's primary one if left out.

    Returns
    -------
    pandas.DataFrame
        One row per reading, in the order of the options. For each decision a column with the label of the
        option taken, and

        - ``hips_T1``, …: hips of each class, whether they were judged or not
        - ``n_patients_evaluable``, ``n_evaluable``, ``n_responders``, ``rate``, ``ci_low``, ``ci_high``,
          ``chance_rate``, ``n_patients_with``, ``n_patients_without``: as :func:`analysis.rates` counts them
        - ``both``, ``left_only``, ``right_only``, ``neither``, ``difference``, ``newcombe_low``,
          ``newcombe_high``: as :func:`analysis.compare_sides`

        Empty for a protocol without alternatives.

    Notes
    -----
    Each decision belongs to one step (class, indication, response, population), so the steps are worked out
    once for each of their own readings: classes on one representative of each decision cell. All combinations
    are then counted over the distinct kinds of people, in whole numbers.
    """
    protocol = protocol or builtin()
    decisions = protocol.alternatives
    if not decisions:
        return pd.DataFrame()
    steps = {name: step_of(alternative) for name, alternative in decisions.items()}
    taken = {step: _products(protocol, steps, step) for step in ("class", "indication", "response", "population")}
    visits = conform(assessments, "assessments", protocol)
    hips, changes = baseline_hips(visits, protocol), change(visits, protocol)
    classes = _classes(hips, taken["class"], protocol)
    answers = Answers(
        typed=classes.class_of < len(protocol.types),
        cell=classes.cell,
        indicated=_indicated(hips, visits, interventions, changes, taken["indication"], protocol),
        **_outcomes(hips, changes, taken["response"], comparison or protocol.primary_comparison, protocol),
    )
    counted = count_readings(answers, *_who(hips), [only_indicated(options) for options in taken["population"]])
    grid = pd.MultiIndex.from_product(
        [range(len(taken[step])) for step in ("class", "indication", "response", "population")],
        names=["class", "indication", "response", "population"],
    )
    table = counted.reindex(grid).reset_index()
    per_class = pd.DataFrame(classes.counts, columns=[f"hips_{name}" for name in classes.names])
    labels = [_labels(taken[step], [n for n in decisions if steps[n] == step], protocol) for step in taken]
    parts = [part.take(table[step]).reset_index(drop=True) for part, step in zip(labels, taken, strict=True)]
    parts += [per_class.take(table["class"]).reset_index(drop=True), table.drop(columns=list(taken))]
    return _in_order(pd.concat(parts, axis=1), list(decisions))


def _in_order(table: pd.DataFrame, decisions: list[str]) -> pd.DataFrame:
    table = table[[*decisions, *(name for name in table if name not in decisions)]]
    return table.sort_values(decisions, kind="stable", ignore_index=True)


def _products(protocol: Protocol, steps: dict[str, str], step: str) -> list[Taken]:
    options = [protocol.alternatives[name].options for name, of_step in steps.items() if of_step == step]
    return list(product(*options))


def _labels(taken: Sequence[Taken], names: list[str], protocol: Protocol) -> pd.DataFrame:
    columns = {}
    for place, name in enumerate(names):
        dtype = ordered([option.label for option in protocol.alternatives[name].options])
        columns[name] = pd.Series([options[place].label for options in taken], dtype=dtype)
    return pd.DataFrame(columns, index=range(len(taken)))


def reading_of(options: Taken) -> str:
    """Return how the responder rules are read when these options are taken."""
    return next((option.reading for option in options if option.reading), "strict")


def only_indicated(options: Taken) -> bool:
    """Return whether only typed hips with an indication are counted when these options are taken."""
    return any(option.only_indicated for option in options)


@dataclass(frozen=True)
class _Classes:
    """The class of every cell under each class reading, and how many hips each class has."""

    names: tuple[str, ...]
    cell: np.ndarray
    class_of: np.ndarray
    counts: np.ndarray


def _classes(hips: pd.DataFrame, readings: Sequence[Taken], protocol: Protocol) -> _Classes:
    protocols = [with_options(protocol, options) for options in readings]
    if not protocol.types:
        none = np.zeros((len(readings), 1), dtype="int8")
        return _Classes((), np.zeros(len(hips), dtype="int64"), none, np.zeros((len(readings), 0), dtype="int64"))
    axes = axes_of(protocols)
    decisions = Decisions(axes, protocol)
    code = np.ravel_multi_index(tuple(recorded_states(hips, axes, protocol).astype("int64")), decisions.shape)
    distinct, cell = np.unique(code, return_inverse=True)
    representatives = decisions.representatives(np.stack(np.unravel_index(distinct, decisions.shape)))
    class_of = np.stack([decisions.classes_of(representatives, reading) for reading in protocols])
    n_in_cell = np.bincount(cell, minlength=len(distinct))
    counts = np.stack([(class_of == number) @ n_in_cell for number in range(len(decisions.classes))], axis=1)
    return _Classes(decisions.classes, cell, class_of, counts)


def _indicated(
    hips: pd.DataFrame,
    visits: pd.DataFrame,
    interventions: pd.DataFrame,
    changes: pd.DataFrame,
    readings: Sequence[Taken],
    protocol: Protocol,
) -> np.ndarray:
    """Whether a stretch is indicated for each hip under each reading of the indication."""
    if protocol.indication is None:
        return np.ones((len(readings), len(hips)), dtype=bool)
    strict = respond(changes, protocol)
    classifications = classify(visits, protocol)
    key = pd.MultiIndex.from_frame(hips[HIP])
    rows = []
    for options in readings:
        received = care(classifications, interventions, visits, strict, with_options(protocol, options))
        rows.append(received.set_index(HIP)["indicated"].reindex(key).eq("yes").to_numpy())
    return np.stack(rows)


def _outcomes(
    hips: pd.DataFrame, changes: pd.DataFrame, readings: Sequence[Taken], comparison: str, protocol: Protocol
) -> dict[str, np.ndarray]:
    """Outcome and chance of each hip under each reading of the responder rules."""
    judged = {reading: respond(changes, protocol, reading) for reading in dict.fromkeys(map(reading_of, readings))}
    key = pd.MultiIndex.from_frame(hips[HIP])
    outcomes, chances = [], []
    for options in readings:
        rule = with_options(protocol, options).primary_response
        table = judged[reading_of(options)]
        rows = table[(table["response"] == rule) & (table["comparison"] == comparison)].set_index(HIP)
        codes = rows["outcome"].cat.codes.reindex(key).fillna(NOT_EVALUABLE)
        outcomes.append(codes.to_numpy(dtype="int8"))
        chances.append(rows["chance"].reindex(key).to_numpy(dtype="float64"))
    return {"outcome": np.stack(outcomes), "chance": np.stack(chances)}


def _who(hips: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    person = pd.factorize(hips["patient_id"])[0]
    pair = hips.groupby(["patient_id", "episode"], sort=False).ngroup().to_numpy()
    return person, pair, hips["side"].cat.codes.to_numpy(dtype="int64")


def count_readings(
    answers: Answers, person: np.ndarray, pair: np.ndarray, side: np.ndarray, populations: Sequence[bool]
) -> pd.DataFrame:
    """Count responders under every combination of the steps' readings.

    Parameters
    ----------
    answers
        What each reading of each step makes of each hip.
    person, pair, side
        Of each hip; see :func:`analysis.sensitivity.tally.kinds_of`.
    populations
        For each reading of the population, whether only typed hips with an indication are counted.

    Returns
    -------
    pandas.DataFrame
        One row per class, indication, response and population reading (the index, numbered from 0), with
        the counts, rates and paired tables of :func:`every_reading`.
    """
    per_cell, cell_kind = _same_columns(answers.typed)
    indicated, indicated_kind = _same_columns(answers.indicated)
    outcome, outcome_kind = _same_columns(answers.outcome)
    signatures = [cell_kind[answers.cell], indicated_kind, outcome_kind]
    kinds = kinds_of(signatures, person, pair, side)
    typed, indicated, outcome = (
        table[:, signature[kinds.first]]
        for table, signature in zip((per_cell, indicated, outcome), signatures, strict=True)
    )
    n_class, n_indication = len(typed), len(indicated)
    everyone = np.ones((1, len(kinds.first)), dtype=bool)
    chosen = (typed[:, None, :] & indicated[None, :, :]).reshape(n_class * n_indication, -1)
    pieces = []
    for response, (codes, chance) in enumerate(zip(outcome, answers.chance, strict=True)):
        evaluable_hips = answers.outcome[response] != NOT_EVALUABLE
        expected = np.bincount(kinds.of_hip, np.where(evaluable_hips, chance, 0.0), minlength=len(kinds.first))
        for population, only in enumerate(populations):
            table = _count(kinds, chosen if only else everyone, codes, expected)
            repeat = table.index if only else np.zeros(n_class * n_indication, dtype=int)
            piece = table.take(repeat).reset_index(drop=True)
            where = np.unravel_index(np.arange(len(piece)), (n_class, n_indication))
            pieces.append(piece.assign(**{"class": where[0], "indication": where[1]}, response=response, population=population))
    keys = ["class", "indication", "response", "population"]
    return pd.concat(pieces, ignore_index=True).set_index(keys)


def _same_columns(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct columns of a table with few rows, and which of them each column is."""
    code = np.zeros(table.shape[1], dtype="int64")
    for row in table:
        code = np.unique(code * (int(row.max(initial=0)) + 1) + row, return_inverse=True)[1]
    _, first, kind = np.unique(code, return_index=True, return_inverse=True)
    return table[:, first], kind


def _count(kinds: Kinds, counted: np.ndarray, codes: np.ndarray, expected: np.ndarray) -> pd.DataFrame:
    """Count one response under many choices of hips; choices that make no difference are counted once."""
    evaluable, which = np.unique(counted & (codes != NOT_EVALUABLE), axis=0, return_inverse=True)
    parts = np.array_split(evaluable, max(1, -(-len(evaluable) // _AT_ONCE)))
    table = pd.concat([_count_part(kinds, part, codes, expected) for part in parts], ignore_index=True)
    return table.take(which.ravel()).reset_index(drop=True)


def _count_part(kinds: Kinds, evaluable: np.ndarray, codes: np.ndarray, expected: np.ndarray) -> pd.DataFrame:
    responded = evaluable & (codes == RESPONDER)
    sums, people_with, people_without = count_people(kinds, evaluable, responded)
    low, high = clustered_wilson_from_sums(sums)
    n = np.asarray(sums.hips)
    some = np.where(n > 0, n, np.nan)
    table = pd.DataFrame(
        {
            "n_patients_evaluable": sums.people,
            "n_evaluable": n,
            "n_responders": sums.responders,
            "rate": np.asarray(sums.responders) / some,
            "ci_low": low,
            "ci_high": high,
            "chance_rate": _total(evaluable, expected) / some,
            "n_patients_with": people_with,
            "n_patients_without": people_without,
        }
    )
    pairs = [PairedTable(*map(int, row)) for row in count_pairs(kinds, evaluable, responded)]
    limits = [newcombe10(pair) for pair in pairs]
    return table.assign(
        **{name: [getattr(pair, name) for pair in pairs] for name in PairedTable.__annotations__},
        difference=[pair.difference for pair in pairs],
        newcombe_low=[limit.low for limit in limits],
        newcombe_high=[limit.high for limit in limits],
    )


def _total(evaluable: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Add up over the kinds counted; unknown where one of them is."""
    unknown = np.isnan(expected)
    total = evaluable @ np.where(unknown, 0.0, expected)
    return np.where(evaluable[:, unknown].any(axis=1), np.nan, total)
