"""Who was assessed, in sentences."""

from __future__ import annotations

import math

import pandas as pd

from analysis.answers.people import ALL, SIZE
from analysis.protocol import Protocol
from analysis.protocol.words import within_sentence
from analysis.show.display import Text
from analysis.show.records import records
from analysis.show.words import Row, count, digits, known, level, listed, number, percent

_ALIKE = 0.1


def people_answer(table: pd.DataFrame, protocol: Protocol) -> Text:
    """Answer who was assessed: how many, and what is recorded of them.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.who_was_assessed` returns it.
    """
    noun = protocol.words
    whole = records(table[table["group"] == ALL]) if len(table) else []
    size = next((row for row in whole if row["characteristic"] == SIZE), None)
    if size is None or size["n_patients"] == 0:
        return Text("Nobody was assessed.")
    if size["suppressed"]:
        return Text("How many people were assessed is withheld.")
    of_people = [row for row in whole if row["characteristic"] in protocol.attributes and not row["suppressed"]]
    averages = [_average(row, protocol) for row in of_people if not row["level"] and known(row["mean"])]
    parts = [f"On average: {listed(averages)}."] if averages else []
    parts += [f"{label}: {listed(said)}." for label, said in _shares(of_people, protocol).items()]
    if not any(row["characteristic"] in protocol.attributes for row in whole):
        parts = ["Nothing else is recorded of them."]
    who = f"**{count(size['n_patients'], 'person', 'people')} with {noun.count(size['n_hips'])} in all**"
    was = "was" if size["n_patients"] == 1 else "were"
    return Text(" ".join([f"{who} {was} assessed.", *parts]))


def _shares(rows: list[Row], protocol: Protocol) -> dict[str, list[str]]:
    """Return what is said of each level, by the label of what has levels."""
    shares: dict[str, list[str]] = {}
    for row in rows:
        if row["level"] and known(row["share"]):
            said = f"{level(row['level'])} {percent(row['share'])}"
            shares.setdefault(protocol.attributes[row["characteristic"]].label, []).append(said)
    return shares


def _average(row: Row, protocol: Protocol) -> str:
    attribute = protocol.attributes[row["characteristic"]]
    middle, spread = row["mean"], f" (SD {number(row['sd'], 1)})" if known(row["sd"]) else ""
    if row["skewed"] and known(row["median"]):
        middle, spread = row["median"], f" (median; quartiles {number(row['q1'], 1)} to {number(row['q3'], 1)})"
    return f"{within_sentence(attribute.label)} {number(middle, 1)} {attribute.unit}".rstrip() + spread


def unrecorded_answer(table: pd.DataFrame, protocol: Protocol) -> Text:
    """Answer what is not recorded, of how many of how many.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.who_was_assessed` returns it.
    """
    whole = table[(table["group"] == ALL) & (table["characteristic"] != SIZE)] if len(table) else table
    rows = records(whole.drop_duplicates("characteristic")) if len(whole) else []
    known_of = [row for row in rows if not row["suppressed"] and not pd.isna(row["n_missing"])]
    lacking = [_missing(row, protocol) for row in known_of if row["n_missing"]]
    if lacking:
        return Text(f"Not recorded: {'; '.join(lacking)}.")
    if len(known_of) < len(rows):
        return Text("How many lack an entry is withheld: they are few, or few have one.")
    return Text("All that is named here is recorded of everyone." if rows else "Nothing is recorded of people.")


def _missing(row: Row, protocol: Protocol) -> str:
    name = row["characteristic"]
    label = (protocol.measures.get(name) or protocol.attributes[name]).label
    whole = row["n_missing"] + row["n_known"]
    of = count(whole, "person", "people") if row["of_person"] else protocol.words.count(whole)
    return f"{within_sentence(label)} of {number(row['n_missing'])} of {of}"


def apart_answer(table: pd.DataFrame, by: str, protocol: Protocol) -> Text:
    """Answer in what the groups differ most, in standard deviations.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.who_was_assessed` returns it.
    by
        The column of the groups.
    """
    rows = records(table.drop_duplicates("characteristic")) if len(table) else []
    rows = sorted((row for row in rows if known(row["difference"])), key=lambda row: -row["difference"])
    if not rows and len(table) and table["n_patients_behind_any"].isna().any():
        return Text("How far apart the groups lie is withheld.")
    if not rows:
        return Text("No two groups can be compared.")
    beyond = sum(row["difference"] > _ALIKE for row in rows)
    labels = [(protocol.measures | protocol.attributes)[row["characteristic"]].label for row in rows[:3]]
    most = [f"{within_sentence(one)} ({_apart(row['difference'])})" for one, row in zip(labels, rows, strict=False)]
    of = f"{beyond} of {len(rows)} characteristics"
    defined = " Classes are made of first readings, in which they must differ." if by == "stretch_type" else ""
    return Text(
        f"Two groups differ by more than {_ALIKE:g} standard deviations in {of}; most in {listed(most)}.{defined}"
    )


def _apart(difference: float) -> str:
    return "without overlap" if math.isinf(difference) else f"{difference:.2f}"


def norms_answer(table: pd.DataFrame, protocol: Protocol) -> Text:
    """Answer how first readings lie to published means, in the position in which most were read.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.beside_norms` returns it.
    """
    shown = table[~table["suppressed"].astype("bool")] if len(table) else table
    if shown.empty:
        return Text("First readings beside published means are withheld." if len(table) else
                    "No published means are kept here for these measures in the positions recorded.")  # fmt: skip
    most = shown.sort_values("n_hips", ascending=False, kind="stable").drop_duplicates("measure")
    return Text(" ".join(_beside(row, protocol) for row in records(most)))


def _beside(row: Row, protocol: Protocol) -> str:
    measure, sign = protocol.measures[row["measure"]], protocol.measures[row["measure"]].unit_sign
    here = f"{number(row['mean'], max(1, digits(measure)))}{sign}"
    return (
        f"{measure.label} measured {row['position']} was {here} on average ({protocol.words.count(row['n_hips'])}); "
        f"{row['norm_people']} had {number(row['norm'], 1)}{sign} ({row['norm_source']})."
    )
