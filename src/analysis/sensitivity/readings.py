"""Every reading of the vague rules at once: classes, responder rate and left against right under each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from analysis.hips.classify import measures_classified
from analysis.hips.pairs import measures_compared
from analysis.protocol import Protocol, builtin
from analysis.schema import VISIT, conform, ordered
from analysis.sensitivity.counts import count_readings
from analysis.sensitivity.parts import parts_together
from analysis.sensitivity.steps import KEYS, Steps, Taken, only_indicated
from analysis.sensitivity.under_each import chance_looked_up, first_look, under_each


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
    return readings_of_visits([conform(assessments, "assessments", protocol)], protocol, comparison)


def readings_of_visits(
    visits: Iterable[pd.DataFrame], protocol: Protocol, comparison: str | None = None
) -> pd.DataFrame:
    """Return the same from visits that come in blocks of whole people, which are gone through twice.

    A block needs :func:`columns_read`, conformed; words may be categories in the order of the words. What chance gives
    a hip hangs on the first readings of everyone, which are looked at first.
    """
    decisions = protocol.alternatives
    if not decisions:
        return pd.DataFrame()
    steps = Steps(protocol, comparison or protocol.primary_comparison)
    known = chance_looked_up([first_look(block, steps) for block in visits], steps)
    found = [under_each(block, place, known, steps) for place, block in enumerate(visits)]
    cohort, taken = parts_together([block.part for block in found]), steps.taken
    only = [only_indicated(options) for options in taken["population"]]
    counted = count_readings(cohort, len(taken["class"]), len(taken["indication"]), only)
    grid = pd.MultiIndex.from_product([range(len(taken[step])) for step in KEYS], names=KEYS)
    table = counted.reindex(grid).reset_index()
    counts = np.sum([block.of_classes for block in found], axis=0)
    per_class = pd.DataFrame(counts, columns=[f"hips_{name}" for name in steps.classes])
    typed = per_class[[f"hips_{name}" for name in protocol.types]].sum(axis=1)
    n_hips = sum(block.n_hips for block in found)
    per_class["typed"] = typed / max(n_hips, 1) if protocol.types else np.nan
    labels = [_labels(taken[step], steps.decided_in(step), protocol) for step in taken]
    parts = [_rows(part, table[step]) for part, step in zip(labels, taken, strict=True)]
    parts += [_rows(per_class, table["class"]), table.drop(columns=list(taken))]
    return _in_order(pd.concat(parts, axis=1), list(decisions))


def columns_read(protocol: Protocol) -> list[str]:
    """Return the columns of the assessments that the readings look at."""
    drills = [protocol.indication.drills.measure] if protocol.indication else []
    conditions = [name for name, condition in protocol.conditions.items() if condition.must_match]
    measures = [*measures_compared(protocol), *(measures_classified(protocol) if protocol.types else []), *drills]
    return list(dict.fromkeys([*VISIT, "clinic_id", *conditions, *measures]))


def _rows(table: pd.DataFrame, places: pd.Series) -> pd.DataFrame:
    return table.take(places.to_numpy(dtype="int64")).reset_index(drop=True)


def _in_order(table: pd.DataFrame, decisions: list[str]) -> pd.DataFrame:
    table = table[[*decisions, *(name for name in table if name not in decisions)]]
    return table.sort_values(decisions, kind="stable", ignore_index=True)


def _labels(taken: Sequence[Taken], names: list[str], protocol: Protocol) -> pd.DataFrame:
    columns = {}
    for place, name in enumerate(names):
        dtype = ordered([option.label for option in protocol.alternatives[name].options])
        columns[name] = pd.Series([options[place].label for options in taken], dtype=dtype)
    return pd.DataFrame(columns, index=range(len(taken)))
