"""Changes become responses: which tests improved, under which rule, and which cannot be judged and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.hips.by_chance import ERRORS, Chance, chance_of_gain, chance_of_turning, errors_of
from analysis.hips.change import comparison_order, measure_columns
from analysis.hips.cohort import numbered, taken, words_of
from analysis.hips.judge import NOT_EVALUABLE, REASONS, Judged, Rule, first_of, judge, parts_of, rules_of
from analysis.hips.pairs import Pairs, pairs_of
from analysis.hips.reread import with_errors_tried
from analysis.hips.usual import UNKNOWN
from analysis.protocol import CompositeResponse, Protocol, builtin
from analysis.protocol.measures import Reading
from analysis.protocol.responses import BecomesRule, TestResponse
from analysis.schema import OUTCOMES, PAIR, READINGS, TableError, ordered, sort_hips
from analysis.stats.chance import at_least
from analysis.usererror import UserError


def respond(changes: pd.DataFrame, protocol: Protocol | None = None, reading: Reading = "strict") -> pd.DataFrame:
    """Judge every change by every responder rule.

    Parameters
    ----------
    changes
        As :func:`analysis.change` returns them, of the whole cohort: its first readings tell what chance does.
    protocol
        The rules; the built-in capsule protocol if left out.
    reading
        ``"strict"``, or ``"lenient"``: a test that had no room to improve from the start then counts as met.

    Returns
    -------
    pandas.DataFrame
        One row per patient, side, episode, comparison and response, with the columns of ``changes`` that
        hips are grouped by, and

        - ``response``: the rule's id; the primary one is the first category
        - ``outcome``: responder, non_responder or not_evaluable
        - ``reason``: why it is not evaluable, else empty
        - ``chance``: the probability of "responder" for this hip if nothing had truly changed; ``chance_least`` and
          ``chance_most``: the same at the smallest and the largest measurement error tried
        - ``chance_unknown``: why it cannot be told, where who was enrolled decides; ``chance_errors``: the errors tried

    Raises
    ------
    TableError
        The table is no table of changes.
    ValueError
        ``reading`` is neither strict nor lenient.

    Notes
    -----
    A missing reading is never a non-responder. A composite is evaluable only when each of its tests is:
    if a hip counted as soon as one test had failed, failures would be counted more often than successes.

    Examples
    --------
    >>> from analysis import change
    >>> visits = pd.DataFrame({"patient_id": "a", "side": "left", "timepoint": ["baseline", "post"],
    ...                        "hip_ir_deg": [12.3, 17.3]})
    >>> respond(change(visits)).set_index("response")["outcome"].to_dict()["ir"]
    'responder'
    """
    protocol = protocol or builtin()
    if reading not in READINGS:
        raise UserError(f"reading is {reading!r}; it can be strict or lenient")
    if "comparison" not in changes:
        raise TableError("changes: no column comparison; give what change() returns, tables.changes")
    protocol = with_errors_tried(changes, protocol)
    changes = _in_order(changes, protocol)
    names = response_order(protocol)
    shape = len(changes), len(names)
    outcome, reason, unknown = np.full(shape, NOT_EVALUABLE, "int8"), np.zeros(shape, "int8"), np.zeros(shape, "int8")
    chance = np.full((len(ERRORS), *shape), np.nan)
    which = changes["comparison"].cat.codes.to_numpy()
    for code in np.unique(which[which >= 0]):
        rows = np.flatnonzero(which == code)
        pairs = pairs_of(changes.iloc[rows], protocol)
        judged = judge(pairs, protocol, reading, names)
        by_chance = chances_of_pairs(pairs, judged, protocol, reading, names)
        for place, name in enumerate(names):
            outcome[rows, place], reason[rows, place] = judged[name].outcome, judged[name].reason
            chance[:, rows, place], unknown[rows, place] = by_chance[name]
    carried = [column for column in changes if column not in measure_columns(protocol)]
    row, of_each = np.repeat(np.arange(shape[0]), shape[1]), np.tile(np.arange(shape[1]), shape[0])
    return pd.DataFrame(
        {
            **{str(name): taken(changes[name], row) for name in carried},
            "response": pd.Categorical.from_codes(of_each, dtype=ordered(names)),
            "outcome": pd.Categorical.from_codes(outcome.ravel(), dtype=ordered(OUTCOMES)),
            "reason": words_of(REASONS, reason.ravel()),
            **{f"chance{error}": of_error.ravel() for error, of_error in zip(ERRORS, chance, strict=True)},
            "chance_unknown": words_of(UNKNOWN, unknown.ravel()),
            "chance_errors": words_of([errors_in_words(name, protocol) for name in names], of_each),
        },
        copy=False,
    )


def response_order(protocol: Protocol) -> list[str]:
    """Return the responses with the primary one first."""
    return sorted(protocol.responses, key=lambda name: name != protocol.primary_response)


def _in_order(changes: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Return changes in the order of patient, side, episode and comparison, as :func:`analysis.change` leaves them."""
    changes = changes.assign(comparison=changes["comparison"].astype(ordered(comparison_order(protocol))))
    key = np.zeros(len(changes), dtype="int64")
    for name in PAIR:
        codes, words = numbered(changes[name])
        key = key * max(len(words), 1) + codes
    return changes if (np.diff(key) >= 0).all() else sort_hips(changes, PAIR)


def errors_in_words(name: str, protocol: Protocol) -> str:
    """Return the ranges of measurement error behind a response: "hip_ir_deg 1.9 to 3.6"; empty where there is none."""
    rules = rules_of(name, protocol)
    angles = dict.fromkeys(rule.latent or "" if isinstance(rule, BecomesRule) else rule.measure for rule in rules)
    known = {angle: protocol.measures[angle] for angle in angles if angle and protocol.measures[angle].sem}
    ranges = {angle: errors_of(measure)[1:] for angle, measure in known.items()}
    return "; ".join(f"{angle} {low:.3g} to {high:.3g}" for angle, (low, high) in ranges.items() if low < high)


class HipChances(NamedTuple):
    """What chance gives each hip by one response.

    ``probability`` is float64 (errors, hips), NaN where it is not known or the hip has no outcome; ``unknown`` int8
    (hips,), the place in ``UNKNOWN`` of why.
    """

    probability: np.ndarray
    unknown: np.ndarray


def chances(
    judged: Mapping[str, Judged],
    names: Sequence[str],
    of_rule: Callable[[Rule, np.ndarray], Chance],
    protocol: Protocol,
) -> dict[str, HipChances]:
    """Return what chance gives hips by some responses, had nothing truly changed.

    Parameters
    ----------
    judged
        As :func:`judge` returns them.
    names
        The responses.
    of_rule
        Gives what chance does by one rule, of the hips that it is asked for.
    protocol
        The rules.
    """
    found: dict[str, HipChances] = {}
    for name in names:
        parts, response = parts_of(name, protocol), protocol.responses[name]
        for part in parts:
            test = protocol.responses[part]
            if part not in found and isinstance(test, TestResponse):
                found[part] = _chances_of_test(judged[part], test, of_rule)
        if isinstance(response, CompositeResponse):
            found[name] = _chances_together(judged[name], [found[part] for part in parts], response.at_least)
    return found


def _chances_of_test(judged: Judged, test: TestResponse, of_rule: Callable[[Rule, np.ndarray], Chance]) -> HipChances:
    result = HipChances(np.full((len(ERRORS), len(judged.rule)), np.nan), np.zeros(len(judged.rule), dtype="int8"))
    for place, rule in enumerate(test.rules):
        used = judged.rule == place
        if not used.any():
            continue
        asked = used & judged.is_judged
        chance = of_rule(rule, asked)
        np.copyto(result.probability, chance.probability, where=asked)
        result.unknown[used] = UNKNOWN.index(chance.unknown)
    return result


def _chances_together(judged: Judged, parts: Sequence[HipChances], at_least_so_many: int) -> HipChances:
    probability = np.full(parts[0].probability.shape, np.nan)
    sure = np.flatnonzero(judged.is_judged)
    for place in range(len(ERRORS)):
        of_parts = np.stack([part.probability[place][sure] for part in parts])
        probability[place, sure] = at_least(of_parts.T, at_least_so_many)
    return HipChances(probability, first_of([part.unknown for part in parts]))


def chances_of_pairs(
    pairs: Pairs, judged: Mapping[str, Judged], protocol: Protocol, reading: Reading, names: Sequence[str]
) -> dict[str, HipChances]:
    """Return what chance gives hips by some responses; ``pairs`` are those judged, of the whole cohort."""

    def of_rule(rule: Rule, rows: np.ndarray) -> Chance:
        if isinstance(rule, BecomesRule):
            return chance_of_turning(pairs, rule, protocol)
        return chance_of_gain(pairs, rule, reading, protocol, rows)

    return chances(judged, names, of_rule, protocol)
