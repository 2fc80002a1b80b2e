"""Rows of a table, as `records` gives them: equal to pandas' own."""

import numpy as np
import pandas as pd
import pytest

from analysis.show.records import records

TABLES = {
    "of every kind": pd.DataFrame(
        {
            "side": pd.Categorical(["left", None], categories=["left", "right"]),
            "words": ["a", None],
            "n": [1, 2],
            "rate": [0.5, np.nan],
            "told": [True, False],
            "day": pd.to_datetime(["2026-05-04", None]),
            "few": pd.array([1, None], dtype="Int64"),
            "mixed": [np.float64(0.5), np.int64(3)],
            "ends": [(1.0, 2.0), "–"],
        }
    ),
    "of numbers": pd.DataFrame({"n": [1, 2], "rate": [0.5, 1.0], "small": np.array([1, 2], "int8")}),
    "of one kind": pd.DataFrame({"n": [1, 2], "m": [3, 4]}),
    "without rows": pd.DataFrame({"n": [], "rate": []}),
    "without columns": pd.DataFrame(),
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())
def test_rows_are_those_of_pandas_to_the_type_of_each_value(table):
    ours, theirs = records(table), table.to_dict("records")
    assert [list(row) for row in ours] == [list(row) for row in theirs]
    for own, other in zip(ours, theirs, strict=True):
        for name in own:
            assert type(own[name]) is type(other[name]), name
            assert own[name] == other[name] or (pd.isna(own[name]) and pd.isna(other[name])), name
