"""The answers of `capsule rates` and `capsule sides` for a person: a sentence first, then a table that fits."""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
from collections.abc import Hashable, Iterator, Sequence

import pandas as pd

from analysis.answers.counting import NOT_RECORDED, RATES_DIFFER
from analysis.cli.terminal import show_table
from analysis.protocol import Protocol
from analysis.protocol.words import Words
from analysis.show.display import Nothing, Text
from analysis.show.sentences.by_chance import errors_tried
from analysis.show.tables.cells import chance_and_verdict, points_text, rate_cell, short_label, withheld
from analysis.show.words import WITHHELD, Row, count, number, p_text, sentence_start

# What stands together, and first, where a terminal is narrow.
_CHIEF = ["n_responders", "n_evaluable", "rate", "ci_low", "ci_high", "chance_rate", "against_chance"]
_SHARES = [
    *("rate", "ci_low", "ci_high", "chance_rate", "chance_low", "chance_high", "rate_if_none", "rate_if_all"),
    *("excess", "excess_low", "excess_high", "rate_per_person"),
]
# Words and second intervals, which the JSON document has; what they say of every row stands beneath the table.
_BENEATH = ["response", "comparison", "interval", "cluster_note", "clustered_by", "n_clinics", "ci_low_people"]
_BENEATH += ["ci_high_people", "chance_errors", "chance_unknown"]
_BOUND = "\N{NO-BREAK SPACE}"


def say(*texts: Text | Nothing | None) -> None:
    """Print what sentences there are, each a paragraph as wide as the terminal; away from one, on one line."""
    wide = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    for text in texts:
        if isinstance(text, Text):
            words = text.plain.replace("**", "")
            bound = re.sub("(?<=[0-9]) (?=%)|(?<=[=<]) ", _BOUND, words)  # no line ends within a number
            print(textwrap.fill(bound, wide).replace(_BOUND, " ") if wide else words)


def rates_in_short(shown: pd.DataFrame, groups: Sequence[str], protocol: Protocol) -> None:
    """Print one line a group: patients, responders of the hips judged with the interval, chance, what is missing."""
    rows = []
    for row in shown.to_dict("records"):
        cells = [WITHHELD] * 4 if withheld(row) else _rate_cells(row)
        rows.append([*(short_label(name, row[name], protocol) for name in groups), *cells])
    names = ["patients", "responders of judged", "by chance", "outcome missing"]
    show_table(pd.DataFrame(rows, columns=[*groups, *names], dtype="object"), keys=len(groups))


def _rate_cells(row: Row) -> list[str]:
    missing: str = WITHHELD if pd.isna(row["n_missing"]) else number(row["n_missing"])
    return [number(row["n_patients"]), rate_cell(row), chance_and_verdict(row), missing]


def rates_in_full(shown: pd.DataFrame, protocol: Protocol) -> None:
    """Print every column, and beneath the table what holds for all of its rows."""
    behind = [name for name in shown if str(name).startswith("n_patients_")]
    open_to_all = [] if shown["suppressed"].any() else ["suppressed"]
    numbers = shown.drop(columns=[*behind, *_BENEATH, *open_to_all])
    differ = (numbers["rate_per_person"] - numbers["rate"]).abs().gt(RATES_DIFFER).any()
    numbers = numbers if differ else numbers.drop(columns="rate_per_person")
    groups = list(numbers)[: list(numbers).index("n_patients")]
    rest = numbers.columns.difference([*groups, *_CHIEF], sort=False)
    show_table(numbers[[*groups, *_CHIEF, *rest]], dict.fromkeys(_SHARES, "{:.3f}".format), keys=len(groups))
    if len(shown):
        if differ:
            print("rate is per hip: every hip counts alike; in rate_per_person every person counts alike.")
        for note in dict.fromkeys(shown["cluster_note"].dropna()):
            print(f"{sentence_start(note)}.")
        for errors in dict.fromkeys(errors_tried(row, protocol) for row in shown.to_dict("records")):
            if errors:
                print(f"Chance, lowest and highest: over measurement errors (SEM) {errors}.")
        for why in dict.fromkeys(filter(None, shown["chance_unknown"].dropna())):
            print(f"The rate expected by chance cannot be calculated: {why}.")


def not_recorded(table: pd.DataFrame, groups: Sequence[Hashable], noun: Words) -> Iterator[Text]:
    """Say of each column how many hips lack it: with them the groups add up to the study."""
    for name in groups:
        rows = table[(table[name] == NOT_RECORDED) & ((table["n_hips"] > 0) | table["n_hips"].isna())]
        if len(rows):
            whom = "some"
            if rows["n_hips"].notna().all():
                people = f"{count(int(rows['n_patients'].iloc[0]), 'patient')} with " if len(groups) == 1 else ""
                whom = f"{people}{int(rows['n_hips'].sum()):,} of {noun.count(int(table['n_hips'].sum()))}"
            yield Text(f"{name} is not recorded for {whom}: the groups and these together are the study.")


def sides_in_short(table: pd.DataFrame, groups: Sequence[str], protocol: Protocol) -> None:
    """Print one line a group: the four kinds of pairs and the difference with its interval and p value."""
    names = ["pairs", "both", "left only", "right only", "neither", "left − right (95 % CI)", "p"]
    rows = []
    for row in table.to_dict("records"):
        counts = [row[name] for name in ("n", "both", "left_only", "right_only", "neither")]
        cells = [WITHHELD] * len(names)
        if not withheld(row):
            p = "–" if pd.isna(row["p"]) else p_text(row["p"])
            cells = [*map(number, counts), points_text(row, "difference", "ci"), p]
        rows.append([*(short_label(name, row[name], protocol) for name in groups), *cells])
    show_table(pd.DataFrame(rows, columns=[*groups, *names], dtype="object"), keys=len(groups))


def sides_in_full(what: str, table: pd.DataFrame) -> None:
    """Print few rows of many numbers with the numbers below each other, under a heading that says what they are."""
    print(f"Left minus right: {what}")
    text = table.astype("object").map(_four_digits)
    upright = text.T.reset_index()
    upright.columns = ["left − right", *[str(number + 1) for number in range(len(text))]]
    show_table(upright)
    print()


def _four_digits(value: object) -> object:
    return f"{value:.4f}" if isinstance(value, float) and not pd.isna(value) else value
