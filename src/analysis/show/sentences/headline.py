"""What happened, in two sentences: did hips respond beyond chance, and did left and right differ."""

from __future__ import annotations

import pandas as pd

from analysis.disclosure import WHY_WITHHELD
from analysis.protocol import Protocol
from analysis.protocol.words import within_sentence
from analysis.show.display import Nothing, Text, escape_markdown
from analysis.show.records import records
from analysis.show.sentences.by_chance import side_of_chance, why_unknown
from analysis.show.sentences.degrees import adjusted_answer
from analysis.show.sentences.sides import if_alike
from analysis.show.tables.cells import group_label
from analysis.show.words import Row, interval, known, percent, points, points_limits
from analysis.stats.beyond_chance import ABOVE, BELOW, DEPENDS

_FEW = 10  # hips; a rate that hangs on so few is not to be read as a success
_WHY = (
    f"A number is withheld where {WHY_WITHHELD}. "
    "An internal report, for those who treat the "
    "patients, withholds nothing."
)


def headline(
    rates: pd.DataFrame, sides: pd.DataFrame, protocol: Protocol, stretched: pd.DataFrame | None = None
) -> Text:
    """Say in two sentences what happened, and why one of them is withheld if it is.

    Where a study has arms, these say how many responded (:func:`arms_answer`), and nothing is said of both together.

    Parameters
    ----------
    rates
        One row for all hips in scope, as :meth:`analysis.report.Report.rates` returns it.
    sides
        One row for all people in scope, as :meth:`analysis.report.Report.sides` returns it.
    protocol
        Gives the words for the two timepoints.
    stretched
        Of the hips given a stretch, which then lead, as :meth:`analysis.report.Report.stretched` returns it.
    """
    rate, pairs = records(rates)[0], records(sides)[0]
    said = [_left_and_right(pairs, protocol)]
    if protocol.types:
        said = [_all_hips(rate, stretched, protocol), *said]
    why = f" {_WHY}" if rate["suppressed"] or pairs["suppressed"] else ""
    return Text(f"**{' '.join(said)}**{why}")


def arms_answer(arms: pd.DataFrame, alike: pd.DataFrame, protocol: Protocol) -> Text | Nothing:
    """Say how many hips responded in each arm, and how the others differ from the first, in a study that has arms.

    Parameters
    ----------
    arms
        As :meth:`analysis.report.Report.arms` returns it.
    alike
        As :meth:`analysis.report.Report.arms_alike` returns it; no row where only rates are told.
    protocol
        Gives the labels.
    """
    if arms.empty:
        return Nothing("This study has no arms.")
    by, rows = protocol.group_by, records(arms)
    first, *others = (escape_markdown(group_label(by, row[by], protocol)) for row in rows)
    said = [f"{label}: {_in_arm(row, protocol)}" for label, row in zip([first, *others], rows, strict=True)]
    for label, row in zip(others, rows[1:], strict=True):
        if known(row["difference"]):
            ci = points_limits(row, "difference")
            than = f"{within_sentence(label)} less {within_sentence(first)}"
            said.append(f"The difference, {than}, is {points(row['difference'])} (95 % CI {ci}).")
    gains = adjusted_answer(alike, protocol) if len(alike) else Text("")
    return Text(f"**{' '.join(said)}** {gains.markdown}".strip())


def _in_arm(row: Row, protocol: Protocol) -> str:
    noun = protocol.words
    if row["suppressed"]:
        return f"the number of {noun.hips} that responded is withheld."
    if not row["n_evaluable"]:
        return f"no {noun.hip} could be judged."
    fact = f"{row['n_responders']:,} of {noun.count(row['n_evaluable'])} responded ({_share(row)})"
    return f"{fact}{_beside_chance(row, protocol)}"


def _all_hips(row: Row, stretched: pd.DataFrame | None, protocol: Protocol) -> str:
    noun = protocol.words
    when = within_sentence(protocol.comparisons[row["comparison"]].label)
    if row["suppressed"]:
        return f"The number of {noun.hips} that responded is withheld."
    if row["n_evaluable"] == 0:
        return f"No {noun.hip} could be judged {when}."
    which, others = noun.count(row["n_evaluable"]), ""
    given = [] if stretched is None else records(stretched)
    if given and not given[0]["suppressed"] and given[0]["n_evaluable"]:
        responders, judged = (row[name] - given[0][name] for name in ("n_responders", "n_evaluable"))
        row, others = given[0], f" Of {noun.count(judged)} given no {noun.stretch}, {responders or 'none'} did."
        which = f"{noun.count(row['n_evaluable'])} given {noun.a_stretch}"
    fact = f"{row['n_responders']:,} of {which} ({_share(row)}) responded {when}"
    return f"{fact}{_beside_chance(row, protocol)}{others}"


def _share(row: Row) -> str:
    ci = interval(row["ci_low"], row["ci_high"], null=row["chance_rate"])
    return f"{percent(row['rate'])}; 95 % CI {ci}"


def _beside_chance(row: Row, protocol: Protocol) -> str:
    """Say whether so many are more than chance alone would give."""
    if not known(row["chance_rate"]):
        why = f"cannot be calculated: {why_unknown(row, protocol)}" if row["chance_unknown"] else "is not known"
        return f"; the rate expected by chance {why}."
    if row["against_chance"] == DEPENDS:
        way = side_of_chance(row)
        return f"; whether that is {way} than chance alone would give depends on the measurement error."
    if row["against_chance"] == ABOVE:
        few = ": few, but" if row["n_responders"] < _FEW else ","
        return f"{few} more than chance alone would give."
    if row["against_chance"] == BELOW:
        return ", fewer than chance alone would give."
    return ", not clearly more or fewer than chance alone would give."


def _left_and_right(row: Row, protocol: Protocol) -> str:
    noun = protocol.words
    same = "of the same people" if protocol.types else "of the same people, all groups together"
    if row["suppressed"]:
        return "The comparison of left and right is withheld."
    if row["n"] == 0:
        return f"Left and right cannot be compared, because no person has both {noun.hips} judged."
    if row["ci_low"] > 0:
        return f"Left {noun.hips} responded more often than the right {noun.hips} {same}{if_alike(row)}."
    if row["ci_high"] < 0:
        return f"Right {noun.hips} responded more often than the left {noun.hips} {same}{if_alike(row)}."
    return f"Left and right {noun.hips} {same} did not clearly differ in how often they responded."
