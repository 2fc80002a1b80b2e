"""How many degrees were gained, in sentences."""

from __future__ import annotations

import pandas as pd

from analysis.protocol import Protocol
from analysis.protocol.words import within_sentence
from analysis.show.display import Text
from analysis.show.records import records
from analysis.show.sentences.by_chance import change_by_chance, why_unknown
from analysis.show.tables.cells import degrees_text, group_label, group_labels
from analysis.show.words import Row, change, count, from_to, known, listed, size


def degrees_answer(means: pd.DataFrame, protocol: Protocol, measure: str = "") -> Text:
    """Answer how much a measure changed on average, and how many hips changed beyond measurement error.

    Parameters
    ----------
    means
        As :meth:`analysis.report.Report.mean_changes` returns them.
    protocol
        Gives the labels.
    measure
        Which; the first if left out.
    """
    noun = protocol.words
    rows = [row for row in records(means) if measure in ("", row["measure"])]
    if not rows:
        return Text("The measurement error of no measure is known, so no change can be held against it.")
    row = rows[0]
    label = protocol.measures[row["measure"]].label
    if row["suppressed"]:
        return Text(f"How {within_sentence(label)} changed is withheld.")
    if row["n_hips"] == 0:
        return Text(
            f"No {noun.hip} was measured both times in the same way, so {within_sentence(label)} has no change."
        )
    by_chance = change_by_chance(row, protocol.measures[row["measure"]], protocol)
    return Text(f"{_on_average(row, label, protocol)} {by_chance} {_beyond_error(row, protocol)}")


def _on_average(row: Row, label: str, protocol: Protocol) -> str:
    noun = protocol.words
    measure = protocol.measures[row["measure"]]
    hips = f"{noun.count(row['n_hips'])} of {count(row['n_patients'], 'patient')}"
    mean = change(row["mean"], measure)
    if not known(row["ci_low"]):
        return f"{label} changed by {mean} on average in {hips}, too few or too alike for an interval."
    ci = f"{mean}; 95 % CI {from_to(row['ci_low'], row['ci_high'], measure)}; {hips}"
    if row["ci_low"] > 0:
        return f"**{label} rose on average** ({ci})."
    if row["ci_high"] < 0:
        return f"**{label} fell on average** ({ci})."
    return f"**{label} did not clearly change on average** ({ci})."


def _beyond_error(row: Row, protocol: Protocol) -> str:
    noun = protocol.words
    mdc = size(row["mdc95"], protocol.measures[row["measure"]])
    error = f"Two readings of an unchanged {noun.hip} differ by less than {mdc} in 95 of 100 cases"
    up, down = row["n_up"], row["n_down"]
    if pd.isna(up) and pd.isna(down):
        return f"{error}; the number of {noun.hips} that changed by more is withheld."
    more = "rose by more than that"
    rose = f"the number that {more} is withheld" if pd.isna(up) else f"{noun.count(up)} {more}"
    fell = "the number that fell by more is withheld" if pd.isna(down) else f"{noun.count(down)} fell by more"
    return f"{error}; {rose}, {fell}."


def gains_answer(table: pd.DataFrame, by: str, protocol: Protocol, measure: str = "") -> Text:
    """Answer in which groups a measure changed by more than regression to the mean alone would have made it.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.gains_by_group` returns it.
    by
        The column of the groups.
    protocol
        Gives the labels.
    measure
        Which; the first if left out.
    """
    noun = protocol.words
    rows = _of_measure(table, measure)
    if rows.empty:
        return Text(
            "The measurement error of no measure is known, so the change expected by chance cannot be calculated."
        )
    measure_of = protocol.measures[rows["measure"].iloc[0]]
    label = measure_of.label
    not_told = f"In no group can the change of {within_sentence(label)} be told from chance"
    judged = rows[rows["beyond_low"].notna()]
    if judged.empty:
        unknown = [row for row in records(rows) if not row["suppressed"] and row["chance_unknown"]]
        why = why_unknown(unknown[0], protocol) if unknown else f"too few {noun.hips}, or withheld"
        return Text(f"{not_told}: {why}.")
    every = rows if rows["suppressed"].any() else judged  # with one withheld, the others are not all
    said = [
        f"**{verb} by more than chance alone would give in {_groups(own, every, by, protocol)}**"
        for verb, own in (("rose", judged[judged["beyond_low"] > 0]), ("fell", judged[judged["beyond_high"] < 0]))
        if len(own)
    ]
    unclear = judged[(judged["beyond_low"] <= 0) & (judged["beyond_high"] >= 0)]
    found = f"{label} {listed(said)}" if said else not_told
    if said and len(unclear):
        found += f" and cannot be told from chance in {_groups(unclear, every, by, protocol)}"
    chance = judged["by_chance"]
    low, high = (change(value, measure_of) for value in (chance.min(), chance.max()))
    moved = low if low == high else f"between {low} and {high} (depending on the group)"
    return Text(
        f"{found}. With nothing done the next reading would have moved by {moved} on average: regression to the mean."
    )


def _groups(some: pd.DataFrame, every: pd.DataFrame, by: str, protocol: Protocol) -> str:
    """Name groups shortly: what stands before the colon of their labels."""
    if len(some) == len(every) > 1:
        return "both groups" if len(every) == 2 else f"all {len(every)} groups"
    return listed([label.split(":")[0] for label in group_labels(some, by, protocol)])


def adjusted_answer(table: pd.DataFrame, protocol: Protocol, measure: str = "") -> Text:
    """Answer whether groups of hips read differently afterwards, given the same first reading.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.adjusted_gains` returns it.
    protocol
        Gives the labels.
    measure
        Which; the first if left out.
    """
    noun = protocol.words
    rows = _of_measure(table, measure)
    if rows.empty:
        return Text("The measurement error of no measure is known, so groups are not compared.")
    label = protocol.measures[rows["measure"].iloc[0]].label
    said = [_adjusted(row, protocol) for row in records(rows)]
    text = f"{label} after the {noun.stretch}, at the same reading before it: {'; '.join(said)}."
    if "match" in set(rows["contrast"]):
        text += f" Nobody was allocated to {noun.a_stretch}, so a difference need not be due to the match."
    return Text(text)


def _adjusted(row: Row, protocol: Protocol) -> str:
    noun = protocol.words
    group, other = (
        within_sentence(group_label(row["contrast"], row[name], protocol)) for name in ("group", "reference")
    )
    if row["suppressed"]:
        return f"{group} against {other} {noun.hips} is withheld"
    if row["not_estimable"]:
        return f"{group} against {other} {noun.hips} is not estimable ({noun.tell(row['not_estimable'])})"
    found = (
        degrees_text(row, "difference", "ci", protocol.measures[row["measure"]]).replace(" (", "; 95 % CI ").rstrip(")")
    )
    alike = f"; {listed(row['made_alike'].split('; '))} made alike" if row["made_alike"] else ""
    hips = f"; {noun.count(row['n_hips'])}" if known(row["n_hips"]) else ""  # a clinic's are withheld
    numbers = f"({found}{hips}{alike})"
    if row["ci_low"] > 0:
        return f"**{group} {noun.hips} read higher than {other} {noun.hips}** {numbers}"
    if row["ci_high"] < 0:
        return f"**{group} {noun.hips} read lower than {other} {noun.hips}** {numbers}"
    return f"{group} and {other} {noun.hips} do not clearly differ {numbers}"


def _of_measure(table: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Return the rows of one measure; of the first if none is named."""
    return table[table["measure"] == (measure or table["measure"].iloc[0])] if len(table) else table
