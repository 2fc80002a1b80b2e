"""Visits that a file tells by their days alone: each row is the visit in whose window it lies."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from analysis.intake.cells import Cells
from analysis.intake.parse import parse_column
from analysis.intake.problems import Problems
from analysis.intake.sheet import Sheet
from analysis.intake.study_file import Source
from analysis.protocol import Protocol
from analysis.schema import HIP, ordered


def days_of_rows(sheet: Sheet, source: Source, protocol: Protocol, problems: Problems) -> pd.Series:
    """Return for each row of a file on which day it was, counted from the day that is declared.

    Days that are counted already, else days since ``day_zero``, else dates, which the caller counts from a person's
    first one. Missing where it is not recorded.
    """
    if source.day_number is not None and source.day_number in sheet.cells:
        cells = Cells(sheet, source.day_number, source.na_values, problems)
        whole = re.compile(rf"[+-]?\d+(?:{re.escape(source.decimal)}0+)?")
        fits = np.array([whole.fullmatch(word or "") is not None for word in cells.words], dtype=bool)
        cells.refuse("error", "not_a_whole_number", "not a number of days", cells.known & ~fits)
        numbers = [(word or "").partition(source.decimal)[0] for word in cells.words]
        counted = [float(number) if fit else np.nan for number, fit in zip(numbers, fits, strict=True)]
        return cells.in_rows(np.array(counted, dtype="float64"))
    date = source.columns.get("date")
    if not isinstance(date, str) or date not in sheet.cells:
        message = "[source.visits] needs the days: name date in [source.columns], or declare day_number"
        problems.add("error", "key_missing", message, file=sheet.label, column="date")
        return pd.Series(np.nan, index=sheet.rows.index)
    silent = Problems()  # what cannot be read of the dates is said where they are read as such
    days = _day_count(parse_column(sheet, date, "date", source, protocol, silent))
    if source.day_zero is not None and source.day_zero in sheet.cells:
        days = days - _day_count(parse_column(sheet, source.day_zero, "date", source, protocol, problems))
    return days


def _day_count(dates: pd.Series) -> pd.Series:
    return (dates - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1)


def rows_at_visits(
    rows: pd.DataFrame, days: pd.Series, source: Source, protocol: Protocol, problems: Problems
) -> pd.DataFrame:
    """Give each row its timepoint, and leave out those in no window and those less near than another.

    Parameters
    ----------
    rows
        Rows of one file in our names, with ``visited``.
    days
        The day of each, in whole days; missing where it is not recorded, and the row then has no timepoint.

    Returns
    -------
    pandas.DataFrame
        Without the rows that were left out; how many is noted.
    """
    if source.day_number is None and source.day_zero is None and "patient_id" in rows:
        first = days.where(rows["visited"]).groupby(rows["patient_id"], observed=True, dropna=False).transform("min")
        days = days - first
    hip = [rows[name] for name in HIP if name in rows]
    codes = pd.Series(-1, index=rows.index, dtype="int8")
    for timepoint, window in source.visits.items():
        inside = days.between(*window.within) & rows["visited"]
        # Of two that are as near, the earlier; two on one day are one visit told twice, which is an error elsewhere.
        distance = ((days - window.nearest).abs() + (days > window.nearest) * 0.5).where(inside)
        nearest = distance.groupby(hip, observed=True, dropna=False).transform("min") if hip else distance
        if timepoint in protocol.timepoints:
            codes[inside & (distance == nearest)] = protocol.timepoints.index(timepoint)
    left_out = rows["visited"] & days.notna() & (codes == -1)
    if left_out.any():
        message = "rows outside the windows of [source.visits], or less near than another of the same hip; not used"
        file = str(rows["source_file"].iloc[0])
        problems.add("note", "rows_left_out", message, file=file, value=f"{int(left_out.sum())} rows")
    levels = ordered(protocol.timepoints)
    rows = rows.assign(timepoint=pd.Categorical.from_codes(codes, dtype=levels))
    return rows[~left_out].reset_index(drop=True)
