"""Assessments become classifications: which presentation each hip shows, how surely, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis.hips.cells import axes_of, representatives, shape_of, states_read
from analysis.hips.cohort import Hips, Read, at_visit, hips_of, taken
from analysis.hips.combinations import combine
from analysis.hips.criteria import answers_of, by_hip, simple_criteria
from analysis.hips.decide import Decision, decide
from analysis.protocol import Protocol, builtin
from analysis.schema import CERTAINTIES, HIP, VISIT, column_types, conform, ordered, states

_COLUMNS = tuple(Decision.__dataclass_fields__)
_LISTS = ("criteria_met", "criteria_lenient", "criteria_failed", "criteria_missing", "settled_by", "flags")


def classify(assessments: pd.DataFrame, protocol: Protocol | None = None) -> pd.DataFrame:
    """Classify every hip by the rules of a protocol.

    Parameters
    ----------
    assessments
        One row per patient, side, episode and timepoint; angles in degrees. Only the timepoint
        ``protocol.classify_at`` (baseline) decides the class.
    protocol
        The rules; the built-in capsule protocol if left out.

    Returns
    -------
    pandas.DataFrame
        One row per patient, side and episode, sorted by these:

        - ``clinic_id`` and the other attributes of the protocol
        - ``stretch_type``: T1, T2, T3, unclassified, not_restricted or indeterminate
        - ``certainty``: definite (strict reading), borderline (lenient reading only), missing when indeterminate
        - ``presentation``: the presentation beneath an escalation, otherwise the same as ``stretch_type``
        - ``strict_type``, ``lenient_type``: the state under each reading alone
        - ``criteria_met``, ``criteria_lenient``, ``criteria_failed``, ``criteria_missing``: criteria, "; " between
        - ``settled_by``: where the presentation is indeterminate, the measures that would settle it
        - ``flags``: signs that contradict each other, and an escalation that could not be excluded
        - ``reason``: why the presentation is indeterminate, in words

    Raises
    ------
    TableError
        A key column is absent, or a visit stands twice.

    Notes
    -----
    A missing measurement is never a "no": where it could change the class the hip is indeterminate.
    A hip without a baseline is indeterminate. The input is not changed. A protocol without types
    gives an empty table.

    References
    ----------
    The rules, with their source, stand in ``protocol/capsule.toml``.

    Examples
    --------
    >>> hip = pd.DataFrame({"patient_id": ["a"], "side": ["left"], "timepoint": ["baseline"],
    ...                     "hip_ir_deg": [12.0], "hip_er_deg": [44.0], "pelvic_tilt": ["anterior"]})
    >>> classify(hip)[["stretch_type", "certainty"]].iloc[0].tolist()
    ['T1', 'definite']
    """
    protocol = protocol or builtin()
    visits = conform(assessments, "assessments", protocol)
    return classify_hips(visits, hips_of(visits), protocol)


def classify_blocks(visits: Iterable[pd.DataFrame], protocol: Protocol) -> pd.DataFrame:
    """Classify the hips of visits that come in blocks of whole people, in the order of their identifiers.

    A block needs :func:`columns_classified`, conformed; words may be categories. See :func:`classify`.
    """
    known = Known({}, {})
    tables = [classify_hips(block, hips_of(block), protocol, known) for block in visits]
    kinds = column_types(protocol, "assessments")
    words: dict[str, Any] = {name: kinds[name] for name in map(str, tables[0]) if kinds.get(name) == "str"}
    return pd.concat([table.astype(words) for table in tables], ignore_index=True)


def columns_classified(protocol: Protocol) -> list[str]:
    """Return the columns of the assessments of which a table of classes is made."""
    return list(dict.fromkeys([*VISIT, *attributes_of(protocol), *measures_classified(protocol)]))


def classify_hips(visits: pd.DataFrame, hips: Hips, protocol: Protocol, known: Known | None = None) -> pd.DataFrame:
    """Classify the hips of a conformed table of assessments; see :func:`classify`."""
    columns = [*HIP, *attributes_of(protocol)]
    if not protocol.types:
        none = pd.Series(np.zeros(0, dtype="int64"))
        return pd.concat([visits.iloc[:0][columns], look_up([], none.to_numpy(), protocol)], axis=1)
    decisions, where = decide_each(visits, hips, protocol, known)
    return pd.concat([_who(visits, hips, protocol), look_up(decisions, where, protocol)], axis=1)


def decide_each(
    visits: pd.DataFrame, hips: Hips, protocol: Protocol, known: Known | None = None
) -> tuple[list[Decision], np.ndarray]:
    """Decide once for each combination of answers that occurs; return which of the decisions each hip has.

    ``known`` keeps decisions for further hips under the same protocol.
    """
    known = Known({}, {}) if known is None else known
    axes = axes_of([protocol], simple_criteria(protocol).values())
    at = at_visit(visits, hips.rows[protocol.classify_at], measures_classified(protocol))
    cells = combine(states_read(Read(at, protocol), axes, protocol), shape_of(axes))
    keys = [cell.tobytes() for cell in cells.answers.T]
    if new := [place for place, key in enumerate(keys) if key not in known.of_cell]:
        one_each = representatives(axes, cells.answers[:, new], protocol)
        for place, codes in zip(new, answers_of(one_each, protocol).T, strict=True):
            known.of_cell[keys[place]] = _decided(codes, known, protocol)
    decisions = [known.of_cell[key] for key in keys]
    distinct = list({id(decision): decision for decision in decisions}.values())
    place_of = {id(decision): place for place, decision in enumerate(distinct)}
    which = np.array([place_of[id(decision)] for decision in decisions], dtype="int64")
    return distinct, cells.to_hips(which)


def _decided(codes: np.ndarray, known: Known, protocol: Protocol) -> Decision:
    key = codes.tobytes()
    if key not in known.of_answers:
        known.of_answers[key] = decide(by_hip(codes[:, None], protocol)[0], protocol)
    return known.of_answers[key]


class Known(NamedTuple):
    """Decisions under one protocol, by the cell of a hip and by its answers to the criteria."""

    of_cell: dict[bytes, Decision]
    of_answers: dict[bytes, Decision]


def measures_classified(protocol: Protocol) -> list[str]:
    """Return the measures that criteria look at, and those that they are read off."""
    names = [rule.measure for rule in simple_criteria(protocol).values()]
    derived = [protocol.measures[name].derived for name in names]
    return list(dict.fromkeys([*names, *(level.measure for level in derived if level is not None)]))


def baseline_hips(visits: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Return one row per hip with its values at the timepoint of classification; missing where there was none."""
    hips = hips_of(visits)
    who = _who(visits, hips, protocol)
    rest = [str(name) for name in visits if name not in who]
    return pd.concat([who, at_visit(visits, hips.rows[protocol.classify_at], rest)], axis=1)


def attributes_of(protocol: Protocol, dividing: bool = False) -> list[str]:
    """Return what is recorded of the person, the clinic first; or only what hips can be grouped by."""
    names = [name for name, attribute in protocol.attributes.items() if attribute.divides or not dividing]
    return list(dict.fromkeys(["clinic_id", *names]))


def _who(visits: pd.DataFrame, hips: Hips, protocol: Protocol) -> pd.DataFrame:
    """Return whose each hip is, with what was recorded of the person first."""
    who = at_visit(visits, hips.some_row, HIP)
    for name in attributes_of(protocol):
        who[name] = taken(visits[name], hips.first_known(visits[name].notna().to_numpy()))
    return who


def look_up(
    decisions: list[Decision], where: np.ndarray, protocol: Protocol, names: Sequence[str] = _COLUMNS
) -> pd.DataFrame:
    """Spread the few distinct decisions over the many hips."""
    state = ordered(states(protocol))
    kinds: dict[str, Any] = dict.fromkeys(("stretch_type", "presentation", "strict_type", "lenient_type"), state)
    kinds["certainty"] = ordered(CERTAINTIES)
    columns = {}
    for name in names:
        values = [getattr(decision, name) for decision in decisions]
        texts = ["; ".join(value) for value in values] if name in _LISTS else values
        columns[name] = pd.array(texts, dtype=kinds.get(name, "str")).take(where)
    return pd.DataFrame(columns, copy=False)
