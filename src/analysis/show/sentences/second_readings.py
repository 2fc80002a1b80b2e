"""What second readings tell, in sentences: how exact one reading is, and within what two agree."""

from __future__ import annotations

import pandas as pd

from analysis.answers.agreement import ALL, ONE_RATER, TWO_RATERS
from analysis.answers.repeatability import LESS, MORE, WITHIN
from analysis.protocol import Protocol
from analysis.protocol.words import within_sentence
from analysis.show.display import Text
from analysis.show.records import records
from analysis.show.words import Row, change, count, from_to, known, listed, size

_VERDICTS = {
    WITHIN: "which agrees with it",
    LESS: "which is too small: chance and error explain more than the reports say",
    MORE: "which is too large: chance and error explain less than the reports say",
}
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


def agreement_answer(table: pd.DataFrame, protocol: Protocol) -> Text:
    """Answer within what two readings of the first angle agree, and by one and by two raters.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.agreement` returns it.
    protocol
        Gives the labels.
    """
    noun = protocol.words
    if table.empty:
        return Text("No second readings are recorded, so nobody can tell within what two readings agree.")
    if table["suppressed"].all():
        return Text("Within what two readings agree is withheld.")
    rows = [row for row in records(table) if not row["suppressed"] and known(row["lower_low"])]
    if not rows:
        return Text("Within what two readings agree cannot be calculated from so few or so similar second readings.")
    first = rows[0]
    label = within_sentence(protocol.measures[first["measure"]].label)
    behind = f"{noun.count(first['n_hips'])} of {count(first['n_patients'], 'person', 'people')}"
    text = f"**Two readings of {label} agree within {_limits(first, protocol)}** in 95 of 100 cases ({behind})"
    kinds = {row["raters"]: row for row in rows if row["measure"] == first["measure"] and first["raters"] == ALL}
    if ONE_RATER in kinds and TWO_RATERS in kinds:
        one, two = (_limits(kinds[kind], protocol) for kind in (ONE_RATER, TWO_RATERS))
        text += f": within {one} by one rater, within {two} by two"
    return Text(f"{text}.{_shift(first, protocol)}")


def _limits(row: Row, protocol: Protocol) -> str:
    measure = protocol.measures[row["measure"]]
    return " and ".join(change(row[name], measure) for name in ("lower", "upper"))


def _shift(row: Row, protocol: Protocol) -> str:
    measure = protocol.measures[row["measure"]]
    found = f"{change(row['bias'], measure)}; 95 % CI {from_to(row['bias_low'], row['bias_high'], measure)}"
    clear = row["bias_low"] > 0 or row["bias_high"] < 0
    which = "higher" if row["bias"] > 0 else "lower"
    return f" The second reading is {which} on average ({found})." if clear else f" There is no clear shift ({found})."
