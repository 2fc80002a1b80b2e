"""How exact one reading is, in sentences."""

from __future__ import annotations

import pandas as pd

from analysis.answers.repeatability import LESS, MORE, WITHIN
from analysis.protocol import Protocol
from analysis.protocol.words import within_sentence
from analysis.show.display import Text
from analysis.show.records import records
from analysis.show.words import Row, count, from_to, listed, size

_UNFIT = {
    LESS: "They assume too small an error for {angles}: chance and error explain more there than the reports say.",
    MORE: "They assume too large an error for {angles}: chance and error explain less there than the reports say.",
}


def repeatability_answer(table: pd.DataFrame, protocol: Protocol) -> Text:
    """Answer how large the error of one reading is in this study, and whether that of the rules fits.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.repeatability` returns it.
    protocol
        Gives the labels.
    """
    noun = protocol.words
    if table.empty:
        return Text(
            "The study has no second readings with nothing done in between, so the reports use the error of a reading "
            "that the rules assume."
        )
    if table["suppressed"].all():
        return Text("The error of one reading in this study is withheld.")
    rows = [row for row in records(table) if not row["suppressed"] and row["rules"]]
    if not rows:
        return Text("The study's error of one reading cannot be compared with that of the rules.")
    first, others = rows[0], rows[1:]
    behind = f"{noun.count(first['n_hips'])} of {count(first['n_patients'], 'person', 'people')}"
    angle, own = within_sentence(protocol.measures[first["measure"]].label), _own(first, protocol)
    said = [
        f"**The study's own error of one reading (SEM) of {angle} is {own}**, seen in {behind} read again with nothing "
        f"done in between. The rules assume {_rules(first, protocol)}, {_VERDICTS[first['rules']]}."
    ]
    if fits := [protocol.measures[row["measure"]].name for row in others if row["rules"] == WITHIN]:
        said.append(f"The rules {'also ' * (first['rules'] == WITHIN)}agree with it for {listed(fits)}.")
    for verdict, words in _UNFIT.items():
        if angles := [_unfit(row, protocol) for row in others if row["rules"] == verdict]:
            said.append(words.format(angles="; ".join(angles)))
    return Text(" ".join(said))


_VERDICTS = {
    WITHIN: "which agrees with it",
    LESS: "which is too small: chance and error explain more than the reports say",
    MORE: "which is too large: chance and error explain less than the reports say",
}


def _own(row: Row, protocol: Protocol) -> str:
    measure = protocol.measures[row["measure"]]
    return f"{size(row['sem'], measure)} (95 % CI {from_to(row['sem_low'], row['sem_high'], measure)})"


def _rules(row: Row, protocol: Protocol) -> str:
    measure = protocol.measures[row["measure"]]
    plain, rounded = (size(row[name], measure) for name in ("sem_of_rules", "sem_rounded"))
    return plain if plain == rounded else f"{plain} ({rounded} as these readings are rounded)"


def _unfit(row: Row, protocol: Protocol) -> str:
    name = protocol.measures[row["measure"]].name
    return f"{name}, {_rules(row, protocol)} against {_own(row, protocol)}"
