"""Every reading of the vague rules at once: classes, responder rate and left against right under each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from analysis.hips.care import indicated
from analysis.hips.cells import Decisions, axes_of, recorded_states
from analysis.hips.change import change
from analysis.hips.classify import baseline_hips
from analysis.hips.cohort import hips_of
from analysis.hips.combinations import Combinations, combine
from analysis.hips.judge import NOT_EVALUABLE, Judged, judge
from analysis.hips.pairs import pairs_of
from analysis.hips.reread import with_errors_tried
from analysis.hips.response import chances_of_pairs, respond, response_order
from analysis.protocol import Protocol, builtin
from analysis.protocol.alternatives import step_of, with_options
from analysis.protocol.measures import Reading
from analysis.protocol.model import Option
from analysis.schema import HIP, conform, in_first_episode, ordered
from analysis.sensitivity.counts import KEYS, Answers, count_readings
from analysis.stats.clusters import outer_clusters

Taken = tuple[Option, ...]


def every_reading(
    assessments: pd.DataFrame,
    protocol: Protocol | None = None,
    comparison: str | None = None,
) -> pd.DataFrame:
    """Count classes, responders and left against right under every combination of the alternatives.

    Parameters
    ----------
    assessments
        The visits of a study.
    protocol
        The rules; ``protocol.alternatives`` lists the decisions and their options.
    comparison
        The pair of timepoints; the protocol's primary one if left out.

    Returns
    -------
    pandas.DataFrame
        One row per reading, in the order of the options. For each decision a column with the label of the
        option taken, and

        - ``hips_T1``, …: hips of each class, whether they were judged or not; ``typed``: the share of all in a type
        - ``n_patients_evaluable``, ``n_evaluable``, ``n_responders``, ``rate``, ``ci_low``, ``ci_high``,
          ``chance_rate``, ``n_patients_with``, ``n_patients_without``: as :func:`analysis.rates` counts them
        - ``both``, ``left_only``, ``right_only``, ``neither``, ``difference``, ``sides_low``,
          ``sides_high``: as :func:`analysis.compare_sides`, which calls the last two ``ci_low`` and ``ci_high``

        Empty for a protocol without alternatives.

    Notes
    -----
    Each decision belongs to one step (class, indication, response, population), so the steps are worked out
    once for each of their own readings: classes on one representative of each decision cell. All combinations
    are then counted over the distinct patterns of people, in whole numbers.
    """
    protocol = protocol or builtin()
    decisions = protocol.alternatives
    if not decisions:
        return pd.DataFrame()
    steps = {name: step_of(alternative) for name, alternative in decisions.items()}
    taken = {step: _products(protocol, steps, step) for step in KEYS}
    visits = conform(assessments, "assessments", protocol)
    hips, changes = baseline_hips(visits, protocol), change(visits, protocol)
    classes = _classes(hips, taken["class"], protocol)
    answers = Answers(
        typed=classes.class_of < len(protocol.types),
        cells=classes.cells,
        indicated=_indicated(hips, visits, changes, taken["indication"], protocol),
        **_outcomes(hips, changes, taken["response"], comparison or protocol.primary_comparison, protocol),
    )
    person, pair, side = _who(hips)
    clusters = outer_clusters(person, hips["clinic_id"].to_numpy(dtype="object"))
    only = [only_indicated(options) for options in taken["population"]]
    counted = count_readings(answers, person, pair, side, only, clusters)
    grid = pd.MultiIndex.from_product([range(len(taken[step])) for step in KEYS], names=KEYS)
    table = counted.reindex(grid).reset_index()
    per_class = pd.DataFrame(classes.counts, columns=[f"hips_{name}" for name in classes.names])
    typed = per_class[[f"hips_{name}" for name in protocol.types]].sum(axis=1)
    per_class["typed"] = typed / max(len(hips), 1) if protocol.types else np.nan
    labels = [_labels(taken[step], [n for n in decisions if steps[n] == step], protocol) for step in taken]
    parts = [_rows(part, table[step]) for part, step in zip(labels, taken, strict=True)]
    parts += [_rows(per_class, table["class"]), table.drop(columns=list(taken))]
    return _in_order(pd.concat(parts, axis=1), list(decisions))


def _rows(table: pd.DataFrame, places: pd.Series) -> pd.DataFrame:
    return table.take(places.to_numpy(dtype="int64")).reset_index(drop=True)


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


def reading_of(options: Taken) -> Reading:
    """Return how the responder rules are read when these options are taken."""
    return next((option.reading for option in options if option.reading), "strict")


def only_indicated(options: Taken) -> bool:
    """Return whether only typed hips with an indication are counted when these options are taken."""
    return any(option.only_indicated for option in options)


@dataclass(frozen=True)
class _Classes:
    """The class of every cell under each class reading, and how many hips each class has."""

    names: tuple[str, ...]
    cells: Combinations
    class_of: np.ndarray
    counts: np.ndarray


def _classes(hips: pd.DataFrame, readings: Sequence[Taken], protocol: Protocol) -> _Classes:
    protocols = [with_options(protocol, options) for options in readings]
    if not protocol.types:
        cells = combine([np.zeros(len(hips), dtype="int8")], [1])
        none = np.zeros((len(readings), len(cells.hips)), dtype="int8")
        return _Classes((), cells, none, np.zeros((len(readings), 0), dtype="int64"))
    axes = axes_of(protocols)
    decisions = Decisions(axes, protocol)
    cells = combine(recorded_states(hips, axes, protocol), decisions.shape)
    representatives = decisions.representatives(cells.answers)
    class_of = np.stack([decisions.classes_of(representatives, reading) for reading in protocols])
    counts = np.stack([(class_of == number) @ cells.hips for number in range(len(decisions.classes))], axis=1)
    return _Classes(decisions.classes, cells, class_of, counts)


def _indicated(
    hips: pd.DataFrame,
    visits: pd.DataFrame,
    changes: pd.DataFrame,
    readings: Sequence[Taken],
    protocol: Protocol,
) -> np.ndarray:
    """Whether a stretch is indicated for each hip under each reading of the indication.

    Hips with as many drills tried and the same outcomes of every test are decided once, on the first of them.
    """
    if protocol.indication is None:
        return np.ones((len(readings), len(hips)), dtype=bool)
    rules = [with_options(protocol, options).indication for options in readings]
    compared = protocol.comparisons[protocol.indication.comparison]
    of_pair = changes[changes["comparison"] == protocol.indication.comparison]
    judged = judge(pairs_of(of_pair, protocol), protocol, "strict", response_order(protocol))
    place = _places(of_pair, hips)
    seen = [_taken(codes, place, -1) for one in judged.values() for codes in (one.outcome, one.reason)]
    rows_at = hips_of(visits).rows
    for measure in dict.fromkeys(rule.drills.measure for rule in rules if rule):
        tried = visits[measure].to_numpy(dtype="float64", na_value=np.nan)
        seen += [_taken(tried, rows_at[visit], np.nan) for visit in (compared.start, compared.end)]
    codes = [pd.factorize(values, use_na_sentinel=False) for values in seen]
    alike = combine([code for code, _ in codes], [max(len(found), 1) for _, found in codes])
    first = np.full(len(alike.hips), len(hips))
    np.minimum.at(first, alike.of_hip, np.arange(len(hips)))
    key = pd.MultiIndex.from_frame(hips.loc[first, HIP])
    strict = respond(of_pair.iloc[place[first][place[first] >= 0]], protocol)
    every = np.concatenate([rows_at[visit][first] for visit in (compared.start, compared.end)])
    own = visits.iloc[every[every >= 0]]
    answers = [indicated(own, strict, rule, protocol).set_index(HIP)["indicated"] for rule in rules if rule]
    return np.stack([alike.to_hips(answer.reindex(key).eq("yes").to_numpy()) for answer in answers])


def _outcomes(
    hips: pd.DataFrame, changes: pd.DataFrame, readings: Sequence[Taken], comparison: str, protocol: Protocol
) -> dict[str, np.ndarray]:
    """Outcome and chance of each hip under each reading of the responder rules."""
    protocol = with_errors_tried(changes, protocol)
    compared = changes[changes["comparison"] == comparison]
    pairs, place = pairs_of(compared, protocol), _places(compared, hips)
    judged: dict[tuple[str, str], dict[str, Judged]] = {}
    outcomes, chances = [], []
    for options in readings:
        rules, reading = with_options(protocol, options), reading_of(options)
        same = (reading, str(rules.responses))  # the composites of the same rules are judged together
        if same not in judged:
            judged[same] = judge(pairs, rules, reading, response_order(rules))
        name = rules.primary_response
        by_chance = chances_of_pairs(pairs, judged[same], rules, reading, [name])[name]
        outcomes.append(_taken(judged[same][name].outcome, place, NOT_EVALUABLE))
        chances.append([_taken(chance, place, np.nan) for chance in by_chance.probability])
    return {"outcome": np.stack(outcomes), "chance": np.stack(chances)}


def _places(compared: pd.DataFrame, hips: pd.DataFrame) -> np.ndarray:
    """Return the row of each hip in the changes of one comparison; −1 where it has none."""
    return pd.MultiIndex.from_frame(compared[HIP]).get_indexer(pd.MultiIndex.from_frame(hips[HIP]))


def _taken(values: np.ndarray, places: np.ndarray, otherwise: float) -> np.ndarray:
    return np.asarray(pd.api.extensions.take(values, places, allow_fill=True, fill_value=otherwise))


def _who(hips: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    person = pd.factorize(hips["patient_id"])[0]
    pair = hips.groupby(["patient_id", "episode"], sort=False).ngroup().to_numpy()
    later = ~in_first_episode(hips)  # these make no pair, as pairs count people; see compare_sides
    return person, np.where(later, len(hips) + np.cumsum(later), pair), hips["side"].cat.codes.to_numpy(dtype="int64")
