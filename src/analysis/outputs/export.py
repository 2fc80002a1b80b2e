"""Every results table as CSV, Parquet or Excel, with a dictionary; and the analysis data of every hip."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import pandas as pd

from analysis.outputs.analysis_data import analysis_data
from analysis.outputs.dataset import Dataset
from analysis.outputs.dataset_json import dataset_json
from analysis.outputs.dictionary import dictionary
from analysis.outputs.documents import provenance, to_text
from analysis.outputs.paper import Paper, markdown, paper
from analysis.outputs.statistics_files import spss_file, stata_file, xport_file
from analysis.outputs.store import replace_files
from analysis.outputs.word import LONG_AGO, word
from analysis.report import Report
from analysis.usererror import UserError

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_WIDEST = 160  # characters; every line of the dictionary fits


def result_tables(report: Report) -> dict[str, pd.DataFrame]:
    """Return every results table of a report by name, as it may be shown; those without a row are left out."""
    tables = {
        "rates": report.rates_of_each_test(),
        "rates_by_group_and_side": report.rates_of_each_test(report.groups),
        "missing_outcomes": report.tilted_rates_of_each_test(),
        "missing_outcomes_by_group": report.tilted_rates_of_each_test(report.groups[:1]),
        "sides": report.sides_of_each_test(),
        "sides_by_group": report.sides(report.groups[:1]),
        "sides_between_groups": report.sides_between_groups(),
        "asymmetry": report.asymmetry(),
        "change_of_asymmetry": report.change_of_asymmetry(),
        "classes": report.classes(),
        "settled_by": report.settled_by(),
        "care": report.care(),
        "safety": report.safety(),
        "compensations": report.compensations(),
        "mean_changes": report.mean_changes(),
        "gains_by_group": report.gains_by_group(),
        "adjusted_gains": report.adjusted_gains(),
        "repeatability": report.repeatability(),
        "clinics": report.every_clinic(),
        "over_time": report.over_time(),
    }
    return {name: table for name, table in tables.items() if len(table)}


def export(report: Report, folder: Path, formats: Collection[str] = ("csv",)) -> list[str]:
    """Write every results table with the dictionary, the tables of a paper or the analysis data, and a manifest.

    Parameters
    ----------
    report
        As :func:`analysis.report.open_report` returns it; what it withholds is withheld here. Analysis data tell of
        single patients and are refused where it is not internal.
    folder
        Made when it does not exist. Files of an earlier run are replaced when all new ones are whole. Only the owner
        may read them if the report is internal.
    formats
        Among :data:`FORMATS`; ``xlsx`` is one workbook. Those of :data:`PAPER_FORMATS` hold the tables of a paper as
        reports show them, see :func:`analysis.outputs.paper.paper`; those of :data:`ANALYSIS_FORMATS` the analysis
        data, see :func:`analysis.outputs.analysis_data.analysis_data`.

    Returns
    -------
    list of str
        The names of the files; the last is ``manifest.json``, with the SHA-256 of each.

    Raises
    ------
    ValueError
        There is no such format; or analysis data are asked for and may not be told, or do not fit the kind of file.

    Notes
    -----
    Missing is an empty cell. The same results give the same bytes. In CSV, text that a spreadsheet would take
    for a formula begins with an apostrophe; Excel files mark text as text.
    """
    if unknown := sorted(set(formats) - set(FORMATS)):
        raise UserError(f"format is {', '.join(unknown)}; it can be {', '.join(FORMATS)}")
    files: dict[str, bytes] = {}
    if asked := [kind for kind in ANALYSIS_FORMATS if kind in formats]:
        data = analysis_data(report)
        files |= {f"{data.name.lower()}.{kind}": ANALYSIS_FORMATS[kind](data) for kind in asked}
    if asked := [kind for kind in PAPER_FORMATS if kind in formats]:
        made = paper(report)
        files |= {f"tables.{kind}": PAPER_FORMATS[kind](made) for kind in asked}
    if asked := [kind for kind in RESULT_FORMATS if kind in formats]:
        tables = result_tables(report)
        tables["dictionary"] = dictionary(tables, report.protocol)
        for kind in asked:
            files |= RESULT_FORMATS[kind](tables)
    manifest = {
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        "scope": report.scope,
        "comparison": report.comparison,
        "small_counts_withheld": report.withholds,
        "provenance": provenance(report._study, safe=report.withholds),
    }
    files["manifest.json"] = to_text(manifest).encode()
    replace_files(folder, files, private=report.internal)
    return list(files)


def _csv_files(tables: Mapping[str, pd.DataFrame]) -> dict[str, bytes]:
    return {f"{name}.csv": _csv(table) for name, table in tables.items()}


def _parquet_files(tables: Mapping[str, pd.DataFrame]) -> dict[str, bytes]:
    return {f"{name}.parquet": table.to_parquet(index=False) for name, table in tables.items()}


def _csv(table: pd.DataFrame) -> bytes:
    text = table.astype({name: "object" for name in table if not pd.api.types.is_numeric_dtype(table[name])})
    safe = text.map(no_formula).rename(columns=no_formula)
    return safe.to_csv(index=False, lineterminator="\n").encode()


def no_formula(value: object) -> object:
    """Return text that no spreadsheet takes for a formula; anything else as it is.

    Examples
    --------
    >>> no_formula("=1+1"), no_formula(" @x"), no_formula("T1"), no_formula(-0.2)
    ("'=1+1", "' @x", 'T1', -0.2)

    References
    ----------
    OWASP, CSV Injection.
    """
    if not isinstance(value, str):
        return value
    return f"'{value}" if value.lstrip(" ").startswith(_STARTS_A_FORMULA) else value


def _workbook(tables: Mapping[str, pd.DataFrame]) -> dict[str, bytes]:
    buffer = io.BytesIO()
    as_text = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with pd.ExcelWriter(buffer, engine="xlsxwriter", engine_kwargs={"options": as_text}) as writer:
        writer.book.set_properties({"created": LONG_AGO})
        for name, table in tables.items():
            table.to_excel(writer, sheet_name=name, index=False, freeze_panes=(1, 0))
            writer.sheets[name].autofilter(0, 0, len(table), len(table.columns) - 1)
            for place, column in enumerate(table):
                writer.sheets[name].set_column(place, place, _width(table[column]))
    return {"results.xlsx": buffer.getvalue()}


def _width(column: pd.Series) -> int:
    """Return how many characters wide a column of a sheet is: its name with the arrow of the filter, and its words."""
    words = column[:0] if pd.api.types.is_numeric_dtype(column) else column.dropna()
    return min(max(10, len(str(column.name)) + 4, *(len(str(word)) for word in words)), _WIDEST)


RESULT_FORMATS = {"csv": _csv_files, "parquet": _parquet_files, "xlsx": _workbook}
"""The formats of the results tables, each with what turns them into files by name."""

ANALYSIS_FORMATS: dict[str, Callable[[Dataset], bytes]] = {
    "xpt": xport_file,
    "json": dataset_json,
    "sav": spss_file,
    "dta": stata_file,
}
"""The formats of the analysis data, each with what turns them into a file."""

PAPER_FORMATS: dict[str, Callable[[Paper], bytes]] = {"docx": word, "md": markdown}
"""The formats of a paper's tables, each with what turns them into a file."""

FORMATS = [*RESULT_FORMATS, *PAPER_FORMATS, *ANALYSIS_FORMATS]
"""The formats that can be asked for."""
