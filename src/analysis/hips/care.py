"""What care each hip received, held against the rules: matched, indicated, safe, and made one's own."""

from __future__ import annotations

import pandas as pd

from analysis.hips.criteria import OPERATORS
from analysis.hips.decide import all_of, any_of
from analysis.hips.judge import ALREADY
from analysis.protocol import Protocol, builtin
from analysis.protocol.care import Indication
from analysis.protocol.measures import Reading, asked_by
from analysis.schema import GIVEN, HIP, READINGS, conform, ordered, sort_hips

# Whether a stretch is indicated, by the strict and by the lenient reading; what meets the strict one meets both.
INDICATED: dict[tuple[bool | None, bool | None], str] = {
    (True, True): "yes",
    (None, True): "yes or lenient",
    (False, True): "lenient",
    (False, None): "lenient or no",
    (False, False): "no",
    (None, None): "unknown",
}


def care(
    classifications: pd.DataFrame,
    interventions: pd.DataFrame,
    visits: pd.DataFrame,
    responses: pd.DataFrame,
    protocol: Protocol | None = None,
) -> pd.DataFrame:
    """Hold the care of every hip against the rules.

    Parameters
    ----------
    classifications, interventions, visits, responses
        The tables of the study, ``visits`` its conformed assessments; ``responses`` in the strict reading, with the
        comparison the indication looks at, if there is one.
    protocol
        The rules; the built-in capsule protocol if left out.

    Returns
    -------
    pandas.DataFrame
        One row per patient, side and episode:

        - ``stretch_given`` and the other interventions
        - ``match``: matched / mismatched: whether the stretch was one that the class calls for; missing when
          no stretch was given or recorded, or the class calls for none
        - ``indicated``: yes, lenient (in the lenient reading only), no, or unknown; "yes or lenient" and "lenient or
          no" where one reading alone is known
        - ``safety_events``: the ids of the safety rules that were broken, "; " between

    Notes
    -----
    Whether matching matters has not been tried in a trial: any comparison by ``match`` is observational.
    """
    protocol = protocol or builtin()
    hips = classifications[[*HIP, "stretch_type"]].copy()
    given = conform(interventions, "interventions", protocol).drop(columns=["source_file", "source_row"])
    table = hips.merge(given, on=HIP, how="outer", validate="1:1")
    table["match"] = _match(table, protocol)
    if protocol.indication is not None:
        table = table.merge(
            indicated(visits, responses, protocol.indication, protocol), on=HIP, how="left", validate="1:1"
        )
        table["indicated"] = table["indicated"].fillna("unknown").astype(ordered(tuple(INDICATED.values())))
    table["safety_events"] = _safety_events(table, protocol).astype("category")
    return sort_hips(table.drop(columns="stretch_type"), HIP)


def _match(table: pd.DataFrame, protocol: Protocol) -> pd.Series:
    match = pd.Series(index=table.index, dtype=ordered(GIVEN))
    if "stretch_given" not in table:
        return match
    some_stretch = {stretch for kind in protocol.types.values() for stretch in kind.stretches}
    for name, kind in protocol.types.items():
        judged = (table["stretch_type"] == name) & table["stretch_given"].isin(some_stretch)
        fits = table["stretch_given"].isin(kind.stretches)
        match = match.mask(judged & fits, "matched").mask(judged & ~fits, "mismatched")
    return match


def indicated(visits: pd.DataFrame, responses: pd.DataFrame, rule: Indication, protocol: Protocol) -> pd.DataFrame:
    """Return of each hip whether drills were tried, and the tests did not change from intake to baseline."""
    compared = protocol.comparisons[rule.comparison]
    # Drills counted at a later visit were not tried before the stretch.
    visits = visits[visits["timepoint"].isin([compared.start, compared.end])]
    drills = visits.groupby(HIP, observed=True)[rule.drills.measure].max()
    tests = _unchanged(responses, rule).reindex(drills.index).astype("object")
    patterns = pd.MultiIndex.from_frame(tests.fillna("unknown"))
    answers: dict[Reading, list[bool | None]] = {}
    for reading in READINGS:
        quantifier = asked_by(reading, rule.unchanged.strict, rule.unchanged.lenient)
        few = asked_by(reading, rule.drills.strict, rule.drills.lenient)
        combine = all_of if quantifier == "all" else any_of
        unchanged = {p: combine({"yes": True, "no": False}.get(part) for part in p) for p in patterns.unique()}
        tried = OPERATORS[rule.drills.op](drills.fillna(0), few).to_numpy(dtype=bool)
        enough = [None if unknown else bool(yes) for unknown, yes in zip(drills.isna(), tried, strict=True)]
        answers[reading] = [all_of([unchanged[p], e]) for p, e in zip(patterns, enough, strict=True)]
    both = zip(answers["strict"], answers["lenient"], strict=True)
    # What meets the strict reading meets the lenient one too.
    words = [INDICATED[strict, any_of([strict, lenient])] for strict, lenient in both]
    verdict = pd.Series(words, index=drills.index, dtype="object")
    return verdict.rename("indicated").reset_index()


def _unchanged(responses: pd.DataFrame, rule: Indication) -> pd.DataFrame:
    """Yes for each test that did not improve; a test that could not improve did not change either."""
    tests = list(rule.unchanged.of)
    looked_at = (responses["comparison"] == rule.comparison) & responses["response"].isin(tests)
    rows = responses.loc[looked_at, [*HIP, "response", "outcome", "reason"]]
    answer = rows["outcome"].astype("object").map({"responder": "no", "non_responder": "yes"})
    answer = answer.mask(rows["reason"] == ALREADY, "yes")
    of_each = pd.Series(answer.to_numpy(), index=pd.MultiIndex.from_frame(rows[[*HIP, "response"]]))
    return of_each.unstack("response").reindex(columns=tests)


def _safety_events(table: pd.DataFrame, protocol: Protocol) -> pd.Series:
    events = pd.Series("", index=table.index, dtype="str")
    for name, rule in protocol.safety.items():
        value = table[rule.measure]
        broken = OPERATORS[rule.op](value, rule.value).fillna(False).to_numpy(dtype=bool)
        if rule.only_for:
            broken &= table["stretch_given"].isin(rule.only_for).to_numpy()
        events = events.mask(broken, events.where(events == "", events + "; ") + name)
    return events
