"""Responders beyond chance, had the error of a reading been what the study's own second readings show."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from analysis.answers.rates import rates
from analysis.answers.repeatability import repeatability
from analysis.hips.reread import before_rounding, unchanged_comparisons
from analysis.hips.response import respond
from analysis.protocol import Protocol
from analysis.protocol.responses import GainRule, TestResponse
from analysis.stats.excess import excess_over_chance

_ENDS = ("", "_low", "_high")


def chance_with_own_error(
    assessments: pd.DataFrame, changes: pd.DataFrame, protocol: Protocol, comparison: str | None = None
) -> pd.DataFrame:
    """Return the responder rate of every rule that asks for so many degrees, beside chance at the study's own error.

    Parameters
    ----------
    assessments, changes
        The tables of a study; their first readings say what is usual.
    protocol
        Declares in which comparison nothing was done, and the rules.
    comparison
        The pair of timepoints; the protocol's primary one if left out.

    Returns
    -------
    pandas.DataFrame
        One row per rule; empty where no hip was read twice with nothing done in between. The columns of
        :func:`analysis.rates`, with ``chance_rate`` at the protocol's SEM, and

        - ``measure``, and ``sem``, ``sem_low``, ``sem_high``: the study's own SEM, rounding taken out, from
          ``n_patients_reread``
        - ``own_chance``, ``own_chance_low``, ``own_chance_high``: the chance rate at each of these
        - ``own_excess``, ``own_excess_low``, ``own_excess_high``: the rate less ``own_chance``, with an interval that
          holds the doubt about both

    References
    ----------
    Zou and Donner 2008; see :func:`analysis.stats.excess.excess_over_chance`.
    """
    comparison = comparison or protocol.primary_comparison
    # The measurement errors tried reach over what second readings show.
    rows = changes[changes["comparison"].isin([comparison, *unchanged_comparisons(protocol)])]

    def counted(names: Sequence[str], rules: Protocol) -> pd.DataFrame:
        responses = respond(rows, rules)
        return pd.concat([rates(responses, (), name, comparison) for name in names], ignore_index=True)

    return chance_beside_repeats(repeatability(assessments, changes, protocol), counted, protocol)


def chance_beside_repeats(
    repeats: pd.DataFrame, counted: Callable[[Sequence[str], Protocol], pd.DataFrame], protocol: Protocol
) -> pd.DataFrame:
    """Return the same from the errors of second readings.

    Parameters
    ----------
    repeats
        As :func:`analysis.answers.repeatability.repeatability` returns them.
    counted
        Gives the rates of all hips by some responses under some rules, one row each, as :func:`analysis.rates` does.
    protocol
        The rules.
    """
    if repeats.empty:
        return repeats
    known = repeats[repeats["rules"] != ""].drop_duplicates("measure").set_index("measure")
    rules = {name: rule.measure for name, rule in _gain_rules(protocol).items() if rule.measure in known.index}
    if not rules:
        return pd.DataFrame()
    steps = [protocol.measures[name].step for name in known.index]
    rounding = known["sem_rounded"] ** 2 - known["sem_of_rules"] ** 2
    ends = {f"sem{end}": before_rounding(known[f"sem{end}"], rounding, steps) for end in _ENDS}
    errors = {name: pd.Series(found, index=known.index) for name, found in ends.items()}
    table = counted(list(rules), protocol).assign(measure=list(rules.values()))
    table["n_patients_reread"] = table["measure"].map(known["n_patients"]).astype("int64")
    for name, error in errors.items():
        at_error = counted(list(rules), _with_sem(protocol, error))
        table[name] = table["measure"].map(error)
        table[name.replace("sem", "own_chance")] = at_error["chance_rate"]
    by_chance = table[[f"own_chance{end}" for end in _ENDS]]
    # More error gives more by chance, but for hips chosen by their first reading not always.
    table = table.assign(own_chance_low=by_chance.min(axis=1), own_chance_high=by_chance.max(axis=1))
    found = excess_over_chance(
        table["rate"],
        (table["ci_low"], table["ci_high"]),
        table["own_chance"],
        (table["own_chance_low"], table["own_chance_high"]),
    )
    return table.assign(own_excess=found.excess, own_excess_low=found.low, own_excess_high=found.high)


def _gain_rules(protocol: Protocol) -> dict[str, GainRule]:
    """Return the tests judged by one gain in degrees; a rule that asks for the MDC95 would itself move with the SEM."""
    tests = {name: rule.rules for name, rule in protocol.responses.items() if isinstance(rule, TestResponse)}
    single = {name: rules[0] for name, rules in tests.items() if len(rules) == 1}
    return {name: rule for name, rule in single.items() if isinstance(rule, GainRule) and rule.strict != "mdc95"}


def _with_sem(protocol: Protocol, error: pd.Series) -> Protocol:
    own = {
        name: measure.model_copy(update={"sem": float(error[name])})
        for name, measure in protocol.measures.items()
        if name in error.index
    }
    return protocol.model_copy(update={"measures": protocol.measures | own})
