"""The readings and answers of every hip as analysis data: a row per hip, parameter and visit, as CDISC's ADaM lays out.

The Basic Data Structure (BDS) of ADaM is followed in its layout and in its names of variables. No word is said here of
conformance: that is for the program and the people who judge a submission.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.outputs.analysis_data.blocks import measure_blocks, response_blocks
from analysis.outputs.analysis_data.source import Source
from analysis.outputs.analysis_data.variables import hip_variables, own_variables, visit_variables
from analysis.outputs.dataset import Dataset, Variable
from analysis.report import Report
from analysis.usererror import UserError


def analysis_data(report: Report) -> Dataset:
    """Return the analysis data of a study.

    Parameters
    ----------
    report
        Internal, of the hips that are wanted; its comparison begins at the baseline visit.

    Returns
    -------
    Dataset
        Named ADBDS. One row per patient, side and episode (a hip), parameter, and visit at which the study has any
        reading of the parameter. Parameters are the measures, then the responder rules (``PARAMTYP`` is DERIVED). Of
        levels and answers ``AVAL`` is the place of the level from 0, or 1 for yes; ``AVALC`` the word. ``CHG`` is
        AVAL − BASE. ``CRIT1`` to ``CRITn`` are the rules that look at the parameter, in the strict and, where it
        differs, the lenient reading. Missing stays missing; ``AVALRSN``, ``CHGRSN`` and ``CRITnRSN`` say why.

    Raises
    ------
    UserError
        The report withholds, so that no single hip may be told; two parameters have one name, or one has none of eight
        letters.

    References
    ----------
    CDISC, Analysis Data Model Implementation Guide 1.3, Basic Data Structure.
    """
    if not report.internal:
        raise UserError("analysis data tell of single patients, so they are written only where nothing is withheld")
    source = Source.of(report)
    blocks = [*measure_blocks(source), *response_blocks(source)]
    rows = pd.concat([pd.DataFrame(block) for block in blocks], ignore_index=True) if blocks else pd.DataFrame()
    if rows.empty:
        raise UserError("the study has no reading, so there are no analysis data")
    rows = rows.sort_values(["_hip", "PARAMN", "AVISITN"], kind="stable", ignore_index=True)
    described = [*hip_variables(source, rows), *visit_variables(source, rows), *own_variables(source, rows)]
    columns = {variable.name: _filled(variable, values) for variable, values in described}
    variables = [variable for variable, _ in described]
    if len(columns) < len(variables):
        twice = sorted({each.name for each in variables if [v.name for v in variables].count(each.name) > 1})
        raise UserError(f"analysis data: two variables are named {', '.join(twice)}; change one's code in the protocol")
    label = f"Readings and responses by {source.protocol.words.hip}"
    return Dataset("ADBDS", label, variables, pd.DataFrame(columns, copy=False))


def _filled(variable: Variable, values: object) -> pd.Series:
    """Return a column as a dataset holds it; empty text is missing text."""
    column = pd.Series(values).reset_index(drop=True)
    if variable.kind in ("number", "whole"):
        return pd.Series(column.to_numpy("float64", na_value=np.nan))
    column = column.dt.date if variable.kind == "date" else column
    column = column.astype("object")
    return column.where(column.notna() & (column != ""), None)
