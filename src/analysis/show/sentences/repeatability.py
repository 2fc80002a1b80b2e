"""How exact one reading is, in sentences."""

from __future__ import annotations

import pandas as pd

from analysis.answers.repeatability import LESS, MORE, WITHIN
from analysis.protocol import Protocol
from analysis.show.display import Text
from analysis.show.tables.cells import Row
from analysis.show.words import count, from_to, listed, size, within_sentence

_UNFIT = {
    LESS: "They take too little for {angles}: there chance and error do more than the reports say.",
    MORE: "They take too much for {angles}: there chance and error do less than the reports say.",
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
            "The study has no second readings with nothing done in between, so the error of a reading is that of the "
            "rules."
        )
    if table["suppressed"].all():
        return Text("How exact one reading is, as this study shows it, is withheld.")
    rows = [row for row in table.to_dict("records") if not row["suppressed"] and row["rules"]]
    if not rows:
        return Text("The error of one reading cannot be held against the rules.")
    first, others = rows[0], rows[1:]
    behind = f"{noun.count(first['n_hips'])} of {count(first['n_patients'], 'person', 'people')}"
    angle, own = within_sentence(protocol.measures[first["measure"]].label), _own(first, protocol)
    said = [
        f"**The study's own error of one reading (SEM) of {angle} is {own}**, seen in {behind} read again with nothing "
        f"done in between. The rules take {_rules(first, protocol)}, {_VERDICTS[first['rules']]}."
    ]
    if fits := [protocol.measures[row["measure"]].name for row in others if row["rules"] == WITHIN]:
        said.append(f"The rules {'also ' * (first['rules'] == WITHIN)}fit for {listed(fits)}.")
    for verdict, words in _UNFIT.items():
        if angles := [_unfit(row, protocol) for row in others if row["rules"] == verdict]:
            said.append(words.format(angles="; ".join(angles)))
    return Text(" ".join(said))


_VERDICTS = {
    WITHIN: "which fits",
    LESS: "which is too little: chance and error do more than the reports say",
    MORE: "which is too much: chance and error do less than the reports say",
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
