"""Assessments become classifications: which presentation each hip shows, how surely, and why."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.hips.criteria import pack, unpack
from analysis.hips.decide import Decision, decide
from analysis.protocol import Protocol, builtin
from analysis.schema import CERTAINTIES, HIP, VISIT, conform, ordered, sort_hips, states

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
    hips = baseline_hips(visits, protocol) if protocol.types else visits.iloc[:0]
    codes, where = np.unique(pack(hips, protocol), return_inverse=True)
    decisions = [decide(unpack(code, protocol), protocol) for code in codes]
    columns = [*HIP, *dict.fromkeys(["clinic_id", *protocol.attributes])]
    return pd.concat([hips[columns], _look_up(decisions, where, protocol)], axis=1)


def baseline_hips(visits: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Return one row per hip with its values at the timepoint of classification; missing where there was none."""
    columns = [*HIP, *dict.fromkeys(["clinic_id", *protocol.attributes])]
    # In the order of the visits, so that the order of the rows cannot decide which attribute comes first.
    in_order = sort_hips(visits[[*columns, "timepoint"]], VISIT)[columns]
    every = in_order.groupby(HIP, observed=True, as_index=False, sort=False).first()
    at = visits[visits["timepoint"] == protocol.classify_at]
    return sort_hips(every.merge(at.drop(columns=columns[3:]), on=HIP, how="left", validate="1:1"), HIP)


def _look_up(decisions: list[Decision], where: np.ndarray, protocol: Protocol) -> pd.DataFrame:
    """Spread the few distinct decisions over the many hips."""
    state = ordered(states(protocol))
    kinds = dict.fromkeys(("stretch_type", "presentation", "strict_type", "lenient_type"), state)
    kinds["certainty"] = ordered(CERTAINTIES)
    columns = {}
    for name in Decision.__dataclass_fields__:
        values = [getattr(decision, name) for decision in decisions]
        texts = ["; ".join(value) for value in values] if name in _LISTS else values
        columns[name] = pd.Series(texts, dtype=kinds.get(name, "str")).take(where).reset_index(drop=True)
    return pd.DataFrame(columns)
