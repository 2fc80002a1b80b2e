"""What to say of rows that tell of a visit again: copies, other readings, or another person with the same number."""

from __future__ import annotations

import numpy as np
import pandas as pd

_NOT_OF_THE_VISIT = ("source_file", "source_row", "completes", "listed")
OTHER_CLINIC = (
    "If identifiers begin anew at each clinic, these are two people: name both columns in [source.columns], as in "
    'patient_id = ["Site", "ID"]'
)


def said_of_repeats(rows: pd.DataFrame, again: np.ndarray) -> np.ndarray:
    """Say of each row that repeats a visit in which row it was read first, and what to do.

    Parameters
    ----------
    rows
        Sorted by visit.
    again
        Shape (rows,), bool: which rows repeat the visit above them.

    Returns
    -------
    numpy.ndarray
        Shape (rows,), text; empty for rows that repeat nothing.
    """
    said = np.full(len(rows), "", dtype="object")
    place = np.flatnonzero(again)
    first = np.maximum.accumulate(np.where(again, 0, np.arange(len(rows))))[place]
    here, there = (rows.iloc[number].reset_index(drop=True).astype("object") for number in (place, first))
    copied = _are_copies(here, there)
    elsewhere = np.zeros(len(here), dtype=bool)
    if "clinic_id" in here:
        known = here["clinic_id"].notna() & there["clinic_id"].notna()
        elsewhere = (known & (here["clinic_id"] != there["clinic_id"])).to_numpy()
    same_file = (here["source_file"] == there["source_file"]).to_numpy()
    for number, (file, row) in enumerate(zip(there["source_file"], there["source_row"], strict=True)):
        where = f"in row {row}" + ("" if same_file[number] else f" of {file}")
        if elsewhere[number]:
            # Where identifiers begin anew this is said of every patient, and one message for all can be read.
            text = "this patient, side, episode and timepoint was read before, at another clinic."
            said[place[number]] = f"{text} {OTHER_CLINIC}"
        elif copied[number]:
            said[place[number]] = f"the same was read before, {where}; {_LEAVE_OUT}"
        else:
            text = f"this patient, side, episode and timepoint was read before, {where}"
            anew = "" if same_file[number] else _ANEW
            said[place[number]] = (
                f"{text}; number the episodes, or leave one out by a [[drop]] in corrections.toml{anew}"
            )
    return said


_ANEW = (
    ". If identifiers begin anew in each file or sheet, these are two people: join its name to them, as in "
    'patient_id = ["(sheet)", "ID"] or ["(file)", "ID"]'
)


# The rows of two files are never left out by themselves: one of the files may be there twice.
_LEAVE_OUT = 'leave one out by a [[drop]] in corrections.toml, or all copies in a file by identical_rows = "note"'


def _are_copies(here: pd.DataFrame, there: pd.DataFrame) -> np.ndarray:
    """Whether the row of a file says at all its visits what the other row does."""
    same = np.ones(len(here), dtype=bool)
    for name in [name for name in here if name not in _NOT_OF_THE_VISIT]:
        missing = here[name].isna() & there[name].isna()
        same &= (missing | (here[name] == there[name])).to_numpy(dtype=bool)
    of_a_row = [here["source_file"], here["source_row"]]
    return pd.Series(same).groupby(of_a_row).transform("all").to_numpy()
