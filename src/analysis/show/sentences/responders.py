"""Who responded, in sentences that are true for every input they can get."""

from __future__ import annotations

import pandas as pd

from analysis.answers.counting import RATES_DIFFER
from analysis.disclosure import WHY_WITHHELD
from analysis.protocol import Protocol
from analysis.protocol.words import within_sentence
from analysis.show.display import Nothing, Text, escape_markdown
from analysis.show.records import records
from analysis.show.sentences.by_chance import rate_by_chance
from analysis.show.words import Row, count, day_in_words, interval, known, percent, sentence_start


def together(*texts: Text | Nothing) -> Text | Nothing:
    """Put sentences that belong together into one paragraph; what has nothing to add is passed over."""
    said = [text.markdown for text in texts if isinstance(text, Text)]
    return Text(" ".join(said)) if said else texts[0]


def day_answer(on: str) -> Text | Nothing:
    """Say of which day the visits are where those since wait, so that nobody who came is told by the difference.

    Parameters
    ----------
    on
        As :attr:`analysis.report.Report.on` is.
    """
    if not on:
        return Nothing("All visits count.")
    day = day_in_words(on)
    return Text(
        f"**The visits are those of {day}.** What came since is added once it is of so many patients that the "
        "difference tells of none of them."
    )


def scope_sentence(in_scope: pd.DataFrame, scope: str, protocol: Protocol) -> Text:
    """Say who the report is about.

    Parameters
    ----------
    in_scope
        As :meth:`analysis.report.Report.in_scope` returns it.
    scope
        In words, such as a clinic's name.
    """
    noun = protocol.words
    row = records(in_scope)[0]
    where = escape_markdown(scope)
    if row["suppressed"]:
        return Text(f"{where}: the numbers of patients and {noun.hips} are withheld.")
    patients, hips = count(row["n_patients"], "patient"), noun.count(row["n_hips"])
    return Text(f"{where}: {patients} with {hips}.")


def responder_answer(rates: pd.DataFrame, protocol: Protocol, missing: bool = True) -> Text:
    """Answer how many hips responded, and whether chance alone would do.

    Parameters
    ----------
    rates
        One row for all hips in scope, under one rule.
    protocol
        Gives the words for the rule.
    missing
        Whether to say what the missing outcomes leave open; not where :func:`trust_answer` has said it.
    """
    noun = protocol.words
    row = records(rates)[0]
    rule = within_sentence(protocol.responses[row["response"]].label)
    when = within_sentence(protocol.comparisons[row["comparison"]].label)
    if row["suppressed"]:
        return Text(f"The number of {noun.hips} that responded is withheld.")
    if row["n_evaluable"] == 0:
        return Text(f"No {noun.hip} could be judged {when}, so there is no rate.")
    of = f"{row['n_responders']:,} of {noun.count(row['n_evaluable'])}"
    people = count(row["n_patients_evaluable"], "patient")
    ci = interval(row["ci_low"], row["ci_high"], null=row["chance_rate"])
    fact = f"{of} responded ({percent(row['rate'])}; 95 % CI {ci})"
    # Where a study has arms, these are what it asks about.
    answer = f"{f'**{fact}**' if protocol.types else f'All groups together: {fact}'}, from {people}. "
    answer += _per_person(row, protocol) + _clusters(row)
    answer += f"A responder is {noun.a_hip} that meets this rule {when}: {rule}. "
    left_open = missing_outcomes(row, protocol) if missing else ""
    return Text(f"{answer}{rate_by_chance(row, protocol)} {left_open}".strip())


def _per_person(row: Row, protocol: Protocol) -> str:
    """Say the rate in which every person counts alike, where it is another than the one in which every hip does."""
    if not known(row["rate_per_person"]) or abs(row["rate_per_person"] - row["rate"]) <= RATES_DIFFER:
        return ""
    return (
        f"This is the rate per {protocol.words.hip}; per patient, with every patient counted alike, it would be "
        f"{percent(row['rate_per_person'])}. "
    )


def _clusters(row: Row) -> str:
    """Say what the interval takes as independent, where clinics are recorded."""
    if not row["n_clinics"]:
        return ""
    if row["clustered_by"] == "person":
        return f"{sentence_start(row['cluster_note'])}. "
    ends = interval(row["ci_low_people"], row["ci_high_people"])
    return f"{sentence_start(row['cluster_note'])}; taken as independent, the CI would be {ends}. "


def missing_outcomes(row: Row, protocol: Protocol) -> str:
    """Say between what the rate lies, whatever the missing outcomes were; nothing where none is missing."""
    noun = protocol.words
    if pd.isna(row["n_missing"]):
        return "Few outcomes are missing; their number is withheld."
    if row["n_missing"] == 0:
        return ""
    bounds = f"between {percent(row['rate_if_none'])} and {percent(row['rate_if_all'])}"
    return f"The outcome of {noun.count(row['n_missing'])} is missing; whatever it was, the rate lies {bounds}."


def cannot_show(protocol: Protocol) -> Text:
    """Say what data collected in this way cannot show."""
    return Text(protocol.caution)


def words_used(protocol: Protocol, withholds: bool = True) -> Text:
    """Say in a paragraph what the words of a report mean; of withholding only where the report withholds."""
    noun = protocol.words
    primary = protocol.responses[protocol.primary_response]
    parts = [protocol.responses[name].label for name in getattr(primary, "of", ())]
    tests = f" ({'; '.join(within_sentence(part) for part in parts)})" if parts else ""
    return Text(
        f"**Responder**: {noun.a_hip} that meets this rule: {within_sentence(primary.label)}{tests}. **Judged**: "
        "measured both times in the same way, with room to improve. **By chance**: the share of responders if nothing "
        "had truly changed, given measurement error, rounding and poor first readings. **95 % CI**: the range in which "
        f"the rate of many such {noun.hips} plausibly lies; two {noun.hips} of one person never count as two people. "
        "**Limits**: the range of a clinic's rate for its size and for how much clinics differ."
        + (f" **Withheld**: a number where {WHY_WITHHELD}." if withholds else "")
    )


def data_warnings(problems: pd.DataFrame) -> Text:
    """Say how many warnings there are about the data of the whole study, and the most frequent one.

    Parameters
    ----------
    problems
        As :meth:`analysis.report.Report.problems` returns them.
    """
    warned = problems[problems["severity"] == "warning"]
    if warned.empty:
        return Text("There are no warnings about the data.")
    carry, kinds = "The data of the whole study have", count(len(warned), "kind")
    if warned["suppressed"].any():
        few = "their number is withheld, because few patients stand behind some"
        return Text(f"{carry} warnings of {kinds}; {few}. `capsule check` lists them.")
    first = warned.sort_values("n", ascending=False, kind="stable").iloc[0]
    message, carry = f"“{escape_markdown(first['message'])}”", f"{carry} {count(int(warned['n'].sum()), 'warning')}"
    if len(warned) == 1:
        return Text(f"{carry}: {message}. `capsule check` says where.")
    most = f"Most frequent, {first['n']:,} times: {message}" if first["n"] > 1 else f"One of them: {message}"
    return Text(f"{carry} of {kinds}. {most}. `capsule check` lists them.")
