"""A dataset as a file of SAS (.xpt, version 5), SPSS (.sav) or Stata (.dta), with its labels."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from analysis.outputs.dataset import Dataset, Limits, refuse_what_does_not_fit
from analysis.outputs.private import private_folder

XPORT = Limits("a SAS transport file (.xpt, version 5)", name=8, label=40, text=200, ascii_only=True, padded=True)
SPSS = Limits("an SPSS file (.sav)", name=64, label=255, text=32767, value_label=120, padded=True)
STATA = Limits("a Stata file (.dta)", name=32, label=80, text=2045, value_label=32000)

# When a file was made, which the library takes from the clock: the same results must give the same bytes.
_STAMPS = {
    "xpt": (rb"\d\d[A-Z]{3}\d\d:\d\d:\d\d:\d\d", b"01JAN00:00:00:00"),
    "sav": (rb"(?<=^.{84})\d\d \w{3} \d\d\d\d:\d\d:\d\d", b"01 Jan 0000:00:00"),
    "dta": (rb"(?<=<timestamp>\x11)\d\d \w{3} \d{4} \d\d:\d\d", b"01 Jan 2000 00:00"),
}
_HEAD = 640  # bytes: the stamps stand before the data


def xport_file(dataset: Dataset) -> bytes:
    """Return a dataset as a SAS transport file of version 5; UserError names what such a file cannot hold."""
    refuse_what_does_not_fit(dataset, XPORT)
    about = {"table_name": dataset.name, "file_format_version": 5, "variable_format": _dates(dataset, "DATE9.")}
    return _written(dataset, "xpt", "write_xport", about)


def spss_file(dataset: Dataset) -> bytes:
    """Return a dataset as an SPSS file."""
    refuse_what_does_not_fit(dataset, SPSS)
    labels = {each.name: {float(n): text for n, text in each.values.items()} for each in dataset.variables}
    formats = {each.name: "F8.0" for each in dataset.variables if each.kind == "whole"} | _dates(dataset, "DATE11")
    about = {"variable_value_labels": labels, "variable_format": formats, "row_compress": True}
    return _written(dataset, "sav", "write_sav", about)


def stata_file(dataset: Dataset) -> bytes:
    """Return a dataset as a Stata file of version 14 (release 118): that of 15 is read by Stata/MP alone."""
    refuse_what_does_not_fit(dataset, STATA)
    labels = {each.name: dict(each.values) for each in dataset.variables if each.values}
    about = {"variable_value_labels": labels, "variable_format": _dates(dataset, "%td"), "version": 14}
    return _written(dataset, "dta", "write_dta", about)


def _dates(dataset: Dataset, form: str) -> dict[str, str]:
    return {each.name: form for each in dataset.variables if each.kind == "date"}


def _written(dataset: Dataset, ending: str, writer: str, about: dict[str, Any]) -> bytes:
    import pyreadstat  # takes long to load, and few exports are for SAS, SPSS or Stata

    labels = {each.name: each.label for each in dataset.variables}
    with private_folder() as folder:
        file = Path(folder, f"data.{ending}")
        # Days that are all missing would be written as text, which the library itself then refuses to read as days.
        no_day = [
            each.name for each in dataset.variables if each.kind == "date" and dataset.rows[each.name].isna().all()
        ]
        rows = dataset.rows.astype(dict.fromkeys(no_day, "float64"))
        getattr(pyreadstat, writer)(rows, file, file_label=dataset.label, column_labels=labels, **about)
        content = file.read_bytes()
    stamp, instead = _STAMPS[ending]
    return re.sub(stamp, instead, content[:_HEAD], flags=re.DOTALL) + content[_HEAD:]
