"""The methods of a study in words, for exactly what was used, with the flow of its hips: an article's appendix."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator
from importlib.metadata import version
from typing import NamedTuple

import pandas as pd

from analysis.outputs.references import cited, in_full
from analysis.protocol import Protocol
from analysis.protocol.admission import AdmissionRule
from analysis.protocol.responses import CompositeResponse
from analysis.protocol.types import SimpleCriterion
from analysis.protocol.words import within_sentence
from analysis.report import Report
from analysis.schema import READINGS
from analysis.show.sentences import people_answer
from analysis.show.tables.cells import WITHHELD_NOTE
from analysis.show.tables.rules import cutoff_text
from analysis.show.words import count, listed, number

_LIBRARIES = ("numpy", "pandas", "scipy", "statsmodels")
IN_WORDS = {"lt": "below", "le": "of at most", "gt": "above", "ge": "of at least"}
_KEY = re.compile(r"@([a-z]+\d{4})")


class Methods(NamedTuple):
    """A methods text."""

    sections: dict[str, str]
    """By heading; a reference is cited by its authors and year."""
    references: list[str]
    """The keys of those cited, in the order of the text."""

    def __str__(self) -> str:
        """Write it as Markdown, the references in full at the end."""
        parts = [f"## {heading}\n\n{text}" for heading, text in self.sections.items()]
        full = "\n".join(f"- {in_full(key)}" for key in self.references)
        return "\n\n".join([*parts, f"## References\n\n{full}"])


def methods_of(report: Report) -> Methods:
    """Write the methods of a study as one of its reports sees it; what that withholds is withheld.

    Parameters
    ----------
    report
        As :func:`analysis.report.open_report` returns it.
    """
    sections = {
        "Rules": " ".join(_rules(report)),
        "Measurement error": " ".join(_errors(report)),
        "Statistics": " ".join(_statistics(report)),
        "Flow of participants": " ".join(_flow(report)),
        "Software": _software(report),
    }
    keys = list(dict.fromkeys(key for text in sections.values() for key in _KEY.findall(text)))
    told = {heading: _KEY.sub(lambda found: cited(found[1]), text) for heading, text in sections.items() if text}
    return Methods(told, keys)


def _rules(report: Report) -> Iterator[str]:
    rules = report.protocol
    noun, pair = rules.words, rules.comparisons[report.comparison]
    yield f"{noun.Hips} were judged by the rules “{rules.title}” ({rules.id}, version {rules.version}; {rules.source})."
    primary = rules.responses[rules.primary_response]
    yield f"A {noun.hip} was a responder where it met this rule: {within_sentence(primary.label)}{_tests(rules)}."
    yield f"Changes are those from {pair.start} to {pair.end} ({within_sentence(pair.label)})."
    same = [within_sentence(condition.label) for condition in rules.conditions.values() if condition.must_match]
    if same:
        yield f"Two readings were compared only where {listed(same)} did not differ."
    yield _admission(rules)
    for kind in rules.types.values():
        required = [within_sentence(rules.criteria[name].label) for name in kind.requires]
        yield f"{kind.label}; required: {'; '.join(required)}." if required else f"{kind.label}."
    vague = list(_vague(rules))
    if vague:
        yield (
            "Cut-offs that the source leaves open were read strictly and leniently, and "
            f"{noun.hips} that met only the lenient reading were called borderline: {'; '.join(vague)}."
        )


def _tests(rules: Protocol) -> str:
    primary = rules.responses[rules.primary_response]
    of = primary.of if isinstance(primary, CompositeResponse) else ()
    return f", that is {listed([within_sentence(rules.responses[name].label) for name in of])}" if of else ""


def _vague(rules: Protocol) -> Iterator[str]:
    for criterion in rules.criteria.values():
        if isinstance(criterion, SimpleCriterion):
            strict, lenient = (cutoff_text(criterion, reading, rules) for reading in READINGS)
            if strict != lenient:
                yield f"{within_sentence(criterion.label)} (strict {strict}, lenient {lenient})"


def _admission(rules: Protocol) -> str:
    """Say who was enrolled because of a reading."""
    rule = rules.admission
    if rule is None:
        return "Whether a reading decided who was enrolled is not recorded."
    if not isinstance(rule, AdmissionRule):
        return "No reading decided who was enrolled."
    measure = rules.measures[rule.measure]
    limit = f"{IN_WORDS[rule.op]} {rule.value:g}{measure.unit_sign}"
    whose = {"hip": f"each {rules.words.hip} for", "person": f"people with a {rules.words.hip} with"}
    if rule.by == "difference":
        return f"People were enrolled whose sides differed in {within_sentence(measure.label)} by {limit}."
    return f"Enrolled was {whose[rule.by]} {within_sentence(measure.label)} {limit}."


def _errors(report: Report) -> Iterator[str]:
    read = report._tables.assessments
    for name, measure in report.protocol.measures.items():
        if measure.sem is None or read[name].isna().all():
            continue
        ends = measure.sem_range
        tried = f", and from {ends[0]:g} to {ends[1]:g} in sensitivity analyses" if ends else ""
        source = f" ({measure.sem_source})" if measure.sem_source else ""
        yield (
            f"The standard error of one reading of {within_sentence(measure.label)} was taken as "
            f"{measure.sem:g}{measure.unit_sign}{tried}{source}."
        )


def _statistics(report: Report) -> Iterator[str]:
    noun, rates, sides = report.protocol.words, report.rates([]), report.sides()
    clustered = "clinic" if (rates["clustered_by"] == "clinic").any() else "person"
    alike = f"The two {noun.hips} of one person were never taken as independent"
    yield f"{alike}; intervals are clustered by {clustered}." if not rates["clustered_by"].isna().any() else f"{alike}."
    yield (
        "Responder rates have 95 % Wilson intervals (@wilson1927) at the effective sample size with a t quantile "
        "(@korn1998)."
    )
    if rates["chance_unknown"].fillna("").ne("").any():
        yield f"The rate by chance is not given: {rates['chance_unknown'].iloc[0]}."
    else:
        yield (
            "Each rate stands beside the rate that measurement error alone would give, with regression to the mean "
            "(@davis1976; @barnett2005)."
        )
    if (sides["method"] == "Mean by clinic").any():
        yield (
            "Left and right were compared by the mean paired difference, with bias-reduced errors by clinic "
            "(@bell2002) and Satterthwaite's degrees of freedom (@pustejovsky2018)."
        )
    else:
        yield (
            "Left and right were compared in people with both judged by McNemar's χ² test without correction "
            "(@mcnemar1947) and Tango's score interval (@tango1998)."
        )
    if report.protocol.types:
        yield (
            f"Matched and mismatched {noun.hips} were compared as they are and with what was measured made alike by "
            "doubly robust estimation (@bang2005)."
        )
    if not (rates["n_missing"] == 0).all():
        yield (
            "Missing outcomes are bounded by none and all having responded, and imputed under a range of assumptions "
            "(@carpenter2013)."
        )
    yield "Groups are described by standardised differences (@austin2009; @yang2012), without tests."


def _flow(report: Report) -> Iterator[str]:
    """Follow the hips as STROBE asks, from those assessed to those judged."""
    noun, flow = report.protocol.words, report.flow()
    yield people_answer(report.who_was_assessed(), report.protocol).plain.replace("**", "")
    rows = flow.to_dict("records")
    for row in rows:
        if row["suppressed"]:
            yield f"Further numbers of the flow are withheld. {WITHHELD_NOTE}"
            return
        lost = row["n_hips_lost"]
        out = f", {number(lost)} {row['reason']} left out" if not pd.isna(lost) and lost else ""
        people = count(row["n_patients"], "person", "people")
        yield f"{row['step']}: {noun.count(row['n_hips'])} of {people}{out}."
    yield "The flow follows STROBE (@vonelm2007)."


def _software(report: Report) -> str:
    libraries = listed([f"{name} {version(name)}" for name in _LIBRARIES])
    made_up = " The data are synthetic: no person stands behind them." if report._study.synthetic else ""
    program = f"capsule-outcomes {version('capsule-outcomes')} on Python {platform.python_version()}"
    return f"{program} with {libraries}.{made_up}"
