"""Within what two readings of one hip agree, in sentences."""

from __future__ import annotations

import pandas as pd

from analysis.answers.agreement import ALL, ONE_RATER, TWO_RATERS
from analysis.protocol import Protocol
from analysis.protocol.words import within_sentence
from analysis.show.display import Text
from analysis.show.records import records
from analysis.show.words import Row, change, count, from_to, known


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
