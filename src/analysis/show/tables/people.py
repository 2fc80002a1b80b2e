"""Who was assessed as a table, and first readings beside published ones."""

from __future__ import annotations

import pandas as pd

from analysis.answers.people import ALL, NO_TYPE, SIZE
from analysis.protocol import Protocol
from analysis.protocol.measures import Measure
from analysis.protocol.words import within_sentence
from analysis.schema import STATES
from analysis.show.display import Nothing, Table
from analysis.show.records import records
from analysis.show.tables.cells import names_note, short_label, withheld, withheld_note
from analysis.show.words import (
    WITHHELD,
    Row,
    digits,
    known,
    level,
    listed,
    number,
    percent,
    sentence_start,
)


def people_table(table: pd.DataFrame, by: str, protocol: Protocol) -> Table | Nothing:
    """Show the people and their first readings, all and in groups.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.who_was_assessed` returns it.
    by
        The column of the groups.
    protocol
        Gives labels and units.
    """
    if table.empty or not table["n_patients"].fillna(1).any():
        return Nothing("Nobody was assessed.")
    in_groups = bool((~table["suppressed"].astype("bool") & (table["group"] != ALL)).any())
    groups = list(dict.fromkeys(table["group"])) if in_groups else [ALL]
    withheld_in_groups = [] if in_groups or (table["group"] == ALL).all() else ["Numbers in groups are withheld."]
    rows: list[list[str]] = []
    for name, part in table[table["group"].isin(groups)].groupby("characteristic", sort=False):
        rows += _rows_of(str(name), part, len(groups), protocol)
    named = table[table["group"] != ALL].rename(columns={"group": by})
    heads = [short_label(by, group, protocol) for group in groups[1:]]
    return Table(
        columns=["At the first visit", "All", *heads, *(["Apart"] if in_groups else [])],
        rows=rows if in_groups else [row[:-1] for row in rows],
        caption="Who was assessed",
        notes=[
            *withheld_in_groups,
            *_how_to_read(table, protocol, in_groups),
            *names_note(named[named[by].isin(groups)], by, protocol),
            *withheld_note(table),
        ],
    )


_APART = (
    "Apart: the largest standardised difference between any two groups, in standard deviations (∞: without overlap); "
    "up to 0.1 they are usually called alike. There are no p-values: whether groups of one cohort differ is no "
    "question of chance."
)


def _how_to_read(table: pd.DataFrame, protocol: Protocol, in_groups: bool) -> list[str]:
    noun, attributes = protocol.words, protocol.attributes
    shown = [name for name in dict.fromkeys(table["characteristic"]) if name in attributes]
    calculated = [attributes[name] for name in shown if attributes[name].kind == "number" and attributes[name].of]
    sources = [listed([within_sentence(attributes[of].label) for of in each.of]) for each in calculated]
    no_type = bool((table["group"] == NO_TYPE).any())
    return [
        "Numbers are means (standard deviations), or medians (quartiles) where the mean lies far from the median; "
        "words are counts (share of those recorded). What is recorded of people counts each person once in every group "
        f"in which a {noun.hip} is; readings, at {protocol.classify_at}, count {noun.hips}.",
        *([_APART] * in_groups),
        *([f"No type: {listed([level(state) for state in STATES[3:]])}."] * (in_groups and no_type)),
        *(
            f"{each.label} is calculated from {of} where it was not recorded."
            for each, of in zip(calculated, sources, strict=True)
        ),
    ]


def _rows_of(name: str, part: pd.DataFrame, n_groups: int, protocol: Protocol) -> list[list[str]]:
    label, measure = label_of(name, protocol), protocol.measures.get(name)
    answer = measure is not None and measure.kind == "answer"
    by_level = [records(part[part["level"] == own]) for own in dict.fromkeys(part["level"])]
    apart = _apart(by_level[0][0])
    if name == SIZE:
        return [[f"People ({protocol.words.hips})", *[_size_cell(row) for row in by_level[0]], ""]]
    if answer or not by_level[0][0]["level"]:
        median = all(known(row["median"]) for row in by_level[0] if not withheld(row) and known(row["mean"]))
        rows = [[label, *[_cell(row, measure, median) for row in by_level[0]], apart]]
    else:
        rows = [[label, *[""] * n_groups, apart]]
        rows += [[f"– {level(row[0]['level'])}", *[_cell(each, measure) for each in row], ""] for row in by_level]
    missing = [_missing_cell(row) for row in by_level[0]]
    return [*rows, ["– not recorded", *missing, ""]] if any(cell not in ("0", WITHHELD) for cell in missing) else rows


def label_of(name: str, protocol: Protocol) -> str:
    """Return what a characteristic is called, with its unit where it is a number."""
    part = protocol.measures.get(name) or protocol.attributes.get(name)
    if part is None:
        return name
    return f"{part.label}, {part.unit}" if part.unit else part.label


def _size_cell(row: Row) -> str:
    return WITHHELD if withheld(row) else f"{number(row['n_patients'])} ({number(row['n_hips'])})"


def _cell(row: Row, measure: Measure | None, median: bool = False) -> str:
    if withheld(row):
        return WITHHELD
    if row["level"]:
        return f"{number(row['n_with'])} ({percent(row['share'])})" if known(row["share"]) else "–"
    if not known(row["mean"]):
        return "–"
    places = digits(measure) if measure else 1
    if row["skewed"] and median:
        q1, middle, q3 = (number(row[name], places) for name in ("q1", "median", "q3"))
        return f"{middle} ({q1} to {q3})"
    spread = f" ({number(row['sd'], places)})" if known(row["sd"]) else ""
    return f"{number(row['mean'], places)}{spread}"


def _missing_cell(row: Row) -> str:
    if withheld(row) or pd.isna(row["n_missing"]):
        return WITHHELD
    return f"{number(row['n_missing'])}/{number(row['n_missing'] + row['n_known'])}" if row["n_missing"] else "0"


def _apart(row: Row) -> str:
    if pd.isna(row["n_patients_behind_any"]):
        return WITHHELD
    return f"{row['difference']:.2f}".replace("inf", "∞") if known(row["difference"]) else "–"


def norms_table(table: pd.DataFrame, protocol: Protocol) -> Table | Nothing:
    """Show mean first readings beside published means of the same position.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.beside_norms` returns it.
    protocol
        Gives labels and units.
    """
    noun = protocol.words
    if table.empty:
        return Nothing("No published means are kept here for these measures in the positions recorded.")
    rows = []
    for row in records(table):
        measure = protocol.measures[row["measure"]]
        norm = number(row["norm"], 1) + (f" ({number(row['norm_sd'], 1)})" if known(row["norm_sd"]) else "")
        here = [WITHHELD] * 2
        if not withheld(row):
            spread = f" ({number(row['sd'], 1)})" if known(row["sd"]) else ""
            here = [number(row["n_hips"]), number(row["mean"], 1) + spread]
        whom = f"{row['norm_people']} ({row['norm_source']})"
        rows.append([f"{sentence_start(measure.name)}, {row['position']}", *here, norm, whom])
    return Table(
        columns=["Measure and position", noun.Hips, "Mean here (SD)", "Published", "Measured on"],
        rows=rows,
        caption="First readings beside published means",
        notes=[
            "Who comes with complaints need not be like them; raters, devices and active or passive motion differ too.",
            *withheld_note(table),
        ],
    )
