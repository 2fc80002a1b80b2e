"""What the variables of analysis data are called and mean, with the values of those that describe the hip and visit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from analysis.hips.cohort import taken
from analysis.outputs.analysis_data.source import Source, code_of
from analysis.outputs.dataset import Kind, Variable, in_ascii
from analysis.protocol.attributes import Attribute
from analysis.protocol.measures import Measure
from analysis.schema import HIP, SIDES
from analysis.show.words import sentence_start

Described = Iterator[tuple[Variable, object]]


def hip_variables(source: Source, rows: pd.DataFrame) -> Described:
    """Yield what is known of the person and the hip, in every row of theirs."""
    protocol, hip = source.protocol, rows["_hip"].to_numpy()
    patient, side, episode = (source.keys.get_level_values(name).to_numpy(dtype="object")[hip] for name in HIP)
    study = source.report._study.folder
    yield Variable("STUDYID", "Study Identifier", key=1), [study] * len(rows)
    yield Variable("USUBJID", "Unique Subject Identifier", key=2), [f"{study}-{one}" for one in patient]
    yield Variable("SUBJID", "Subject Identifier for the Study"), patient
    yield Variable("LAT", "Laterality", key=3), [one.upper() for one in side]
    sides = {place: each.upper() for place, each in enumerate(SIDES, start=1)}
    yield Variable("LATN", "Laterality (N)", "whole", values=sides), [SIDES.index(one) + 1.0 for one in side]
    yield Variable("EPISODE", "Episode of Care", key=4), episode
    for name, attribute in protocol.attributes.items():
        recorded = np.append(source.visits[name].notna().to_numpy(), False)
        if recorded.any():
            variable = Variable(
                code_of(f"attributes.{name}", name, attribute),
                _label(attribute.label, attribute.unit),
                _kind(attribute),
            )
            yield variable, pd.Series(taken(source.visits[name], source.hips.first_known(recorded)[hip]))
    if protocol.types:
        classes = source.by_hip(source.report._tables.classifications)
        yield Variable("TYPE", f"Type of the {protocol.words.hip}"), classes["stretch_type"].iloc[hip]
        yield Variable("TYPECERT", "Certainty of the Type"), classes["certainty"].iloc[hip]
    care = source.by_hip(source.report._tables.care)
    for name, measure in protocol.measures_of("interventions").items():
        if name in care and care[name].notna().any():
            label = measure.label if len(measure.label) <= 40 else sentence_start(measure.name)
            variable = Variable(code_of(f"measures.{name}", name, measure), _label(label, measure.unit), _kind(measure))
            yield variable, _in_words(care[name], measure).iloc[hip]


def visit_variables(source: Source, rows: pd.DataFrame) -> Described:
    """Yield which parameter a row is about, and of which visit."""
    yield Variable("PARAMCD", "Parameter Code", key=5), rows["PARAMCD"]
    yield Variable("PARAM", "Parameter"), rows["PARAM"]
    named = dict(zip(rows["PARAMN"].tolist(), rows["PARAM"], strict=True))
    yield Variable("PARAMN", "Parameter (N)", "whole", values=named), rows["PARAMN"]
    yield Variable("PARAMTYP", "Parameter Type"), rows["PARAMTYP"]
    yield Variable("AVISIT", "Analysis Visit"), rows["AVISIT"]
    visits = {source.number(at): at for at in source.protocol.timepoints}
    yield Variable("AVISITN", "Analysis Visit (N)", "whole", key=6, values=visits), rows["AVISITN"]
    of_visit = rows["_row"].to_numpy()
    yield Variable("ADT", "Analysis Date", "date"), pd.Series(taken(source.visits["date"], of_visit))
    for name, condition in source.protocol.conditions.items():
        if source.visits[name].notna().any():
            variable = Variable(code_of(f"conditions.{name}", name, condition), condition.label)
            yield variable, pd.Series(taken(source.visits[name], of_visit))


def own_variables(source: Source, rows: pd.DataFrame) -> Described:
    """Yield the reading of a row, its change, and what the rules say of it."""
    yield Variable("ABLFL", "Baseline Record Flag"), rows["ABLFL"]
    yield Variable("AVAL", "Analysis Value", "number"), rows["AVAL"]
    yield Variable("AVALC", "Analysis Value (C)"), rows["AVALC"]
    yield Variable("AVALRSN", "Why the Analysis Value is Missing"), rows["AVALRSN"]
    yield Variable("BASE", "Baseline Value", "number"), rows["BASE"]
    yield Variable("BASEC", "Baseline Value (C)"), rows["BASEC"]
    yield Variable("CHG", "Change from Baseline", "number"), rows["CHG"]
    yield Variable("CHGRSN", "Why the Change is Missing"), rows["CHGRSN"]
    n = 0
    while f"CRIT{(n := n + 1)}" in rows:
        answers = {0: "N", 1: "Y"}
        yield Variable(f"CRIT{n}", f"Analysis Criterion {n}"), rows[f"CRIT{n}"]
        yield Variable(f"CRIT{n}FL", f"Criterion {n} Evaluation Result Flag"), rows[f"CRIT{n}FL"]
        label = f"Criterion {n} Evaluation Result Flag (N)"
        yield Variable(f"CRIT{n}FN", label, "whole", values=answers), rows[f"CRIT{n}FN"]
        yield Variable(f"CRIT{n}RSN", f"Why Criterion {n} is not Evaluated"), rows[f"CRIT{n}RSN"]


def _label(label: str, unit: str) -> str:
    return in_ascii(f"{label} ({unit})" if unit else label)


def _kind(part: Attribute | Measure) -> Kind:
    return "date" if part.kind == "date" else "number" if part.kind in ("number", "angle", "count") else "text"


def _in_words(column: pd.Series, measure: Measure) -> pd.Series:
    return column.astype("object").map({True: "Y", False: "N"}) if measure.kind == "answer" else column
