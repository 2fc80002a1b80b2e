"""Which classes the hips fall in, in sentences."""

from __future__ import annotations

import pandas as pd

from analysis.protocol import Protocol
from analysis.protocol.words import within_sentence
from analysis.show.display import Nothing, Text, escape_markdown
from analysis.show.records import records
from analysis.show.tables.cells import group_label, short_label
from analysis.show.words import Row, interval, listed, percent


def class_answer(classes: pd.DataFrame, protocol: Protocol) -> Text:
    """Answer which class is the most common, and how firmly the hips are classed.

    Parameters
    ----------
    classes
        As :meth:`analysis.report.Report.classes` returns it.
    protocol
        Gives the labels.
    """
    noun = protocol.words
    if not protocol.types:
        return Text(f"The rules of this study define no types, so no {noun.hip} is classified.")
    rows = [row for row in records(classes) if not row["suppressed"] and row["n_yes"] > 0]
    if not rows:
        hidden = classes["suppressed"].any()
        return Text(
            f"The classes of the {noun.hips} are withheld."
            if hidden
            else f"No {noun.hip} was assessed, so none is classified."
        )
    most = max(rows, key=lambda row: row["n_yes"])
    ties = [row for row in rows if row["n_yes"] == most["n_yes"]]
    if len(ties) > 1:
        names = listed([short_label("stretch_type", row["answer"], protocol) for row in ties])
        shown = " that may be shown" if classes["suppressed"].any() else ""
        return Text(f"**No class{shown} is the most common**: {names} have {noun.count(most['n_yes'])} each.")
    label = group_label("stretch_type", most["answer"], protocol)
    share = f"{percent(most['share'])}; 95 % CI {interval(most['ci_low'], most['ci_high'])}"
    of = f"{most['n_yes']:,} of {noun.count(most['n_known'])}"
    certainty = ""
    if pd.notna(most["n_definite"]) and most["n_definite"] + most["n_borderline"]:
        certainty = f"; {most['n_definite']:,} of them definite, {most['n_borderline']:,} borderline"
    shown = " Among the classes that may be shown, this" if classes["suppressed"].any() else " This"
    return Text(f"**{label}: {of} ({share})**{certainty}.{shown} is the most common class.")


def settling_answer(classes: pd.DataFrame, settling: pd.DataFrame, protocol: Protocol) -> Text | Nothing:
    """Answer how many hips could not be classed, and what would settle them.

    Parameters
    ----------
    classes, settling
        As :meth:`analysis.report.Report.classes` and ``settled_by`` return them.
    protocol
        Gives the labels.
    """
    noun = protocol.words
    waiting = [row for row in records(classes) if row["answer"] == "indeterminate"]
    if not waiting:
        return Nothing(f"No {noun.hip} is classified, so there is nothing to settle.")
    if waiting[0]["suppressed"]:
        return Text(f"The number of {noun.hips} that could not be classed is withheld.")
    n = waiting[0]["n_yes"]
    if n == 0:
        return Text(f"Every {noun.hip} could be classed.")
    wanted = [row for row in records(settling) if not row["suppressed"]]
    if not wanted:
        return Text(f"{noun.count(n)} could not be classed.")
    first = wanted[0]
    measure = within_sentence(protocol.measures[first["measure"]].label)
    most = f"most often {measure} is missing or undecided ({noun.count(first['n_hips'])})"
    return Text(f"{noun.count(n)} could not be classed; {most}.")


def firmness_answer(classes: pd.DataFrame, protocol: Protocol) -> Text | Nothing:
    """Answer how firmly the hips are classed.

    Parameters
    ----------
    classes
        As :meth:`analysis.report.Report.classes` returns it.
    """
    noun = protocol.words
    if classes.empty:
        return Nothing("This study defines no types, so no class is firm or borderline.")
    if classes["suppressed"].any() or classes["n_definite"].isna().any():
        return Text(f"The number of {noun.hips} with a definite class is withheld.")
    definite, borderline = (int(classes[f"n_{word}"].sum()) for word in ("definite", "borderline"))
    if definite + borderline == 0:
        return Nothing(f"No {noun.hip} has a class, so none is firm or borderline.")
    settled, are = noun.count(definite + borderline), "is" if definite == 1 else "are"
    return Text(
        f"Of {settled} with a settled class, {definite:,} {are} definite (in the strict reading of the cut-offs) "
        f"and {borderline:,} borderline (in the lenient reading only)."
    )


def safety_answer(safety: pd.DataFrame, protocol: Protocol) -> Text:
    """Say how often each safety rule was broken, of the hips it is about.

    Parameters
    ----------
    safety
        As :meth:`analysis.report.Report.safety` returns it.
    """
    if safety.empty:
        return Text("**Safety**: not recorded; the rules of this study ask nothing about it.")
    return Text(f"**Safety**: {'; '.join(_event(row, protocol) for row in records(safety))}.")


def _event(row: Row, protocol: Protocol) -> str:
    noun = protocol.words
    what = escape_markdown(row["answer"])
    if row["suppressed"]:
        return f"{what}: withheld"
    if not row["n_hips"]:
        return f"{what}: no {noun.hip} was at risk"
    if not row["n_known"]:
        return f"{what}: not recorded for any of {noun.count(row['n_hips'])}"
    unknown = "; the number not recorded is withheld"
    if pd.notna(row["n_not_known"]):
        unknown = f"; not recorded for {row['n_not_known']:,} more" if row["n_not_known"] else ""
    share = f"{percent(row['share'])}; 95 % CI {interval(row['ci_low'], row['ci_high'])}{unknown}"
    return f"{what} in {row['n_yes']:,} of {noun.count(row['n_known'])} ({share})"
