"""People and hips that stand in a file of visits without any reading: they belong to the study and are missing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.intake.runs import begins_run, run_numbers
from analysis.protocol import Protocol
from analysis.schema import HIP

# Whom a row lists, read or not: nobody (a list of treatments), a person (the sides are columns), or one hip.
NOBODY, PERSON, ONE_HIP = 0, 1, 2


def hips_without_reading(rows: pd.DataFrame, usable: np.ndarray, protocol: Protocol) -> pd.DataFrame:
    """Return one row for each hip that is listed and was read at no visit, at the start of the primary comparison.

    Parameters
    ----------
    rows
        Sorted by visit; ``listed`` says whom each row lists. With sides as columns, a hip of a person whose other hip
        was read may not have been studied, and is not counted.
    usable
        Shape (rows,), bool: which rows hold readings of a visit.
    protocol
        Names the measures, which are missing in the result, and the timepoint.
    """
    listed, visited = rows["listed"].to_numpy(), rows["visited"].to_numpy(dtype="bool")
    if usable.all():
        return rows.iloc[:0]
    hip, person = run_numbers(rows, HIP), run_numbers(rows, ["patient_id"])
    read_hip, read_person = (np.bincount(number, weights=usable)[number] > 0 for number in (hip, person))
    unread = ~visited & (((listed == ONE_HIP) & ~read_hip) | ((listed == PERSON) & ~read_person))
    lost = rows[unread]
    lost = lost[begins_run(lost, HIP)].reset_index(drop=True)
    start = protocol.comparisons[protocol.primary_comparison].start
    measures = [name for name in protocol.measures_of("assessments") if name in rows]
    nothing = np.zeros(len(lost), dtype=bool)
    when = pd.Series([start] * len(lost), index=lost.index, dtype=rows["timepoint"].dtype)
    return lost.assign(timepoint=when, **{name: lost[name].where(nothing) for name in measures})
