"""Which classes the hips fall in, how firmly, and whether it was safe."""

import pandas as pd

from analysis.protocol.policies import MINIMUM_PATIENTS
from claims.intervals import first_clinic, of_rate
from claims.rows import in_group, measure_of
from claims.wording import FROM_TO, N, P, Seen, claim, listed, same, same_percent, same_range


def classed(seen: Seen) -> pd.DataFrame:
    hips = seen.report._tables.classifications
    return hips.assign(stretch_type=hips["stretch_type"].astype(str), certainty=hips["certainty"].astype(str))


def of_class(seen: Seen, label: str) -> tuple[int, int, int]:
    own = in_group(seen, classed(seen), "stretch_type", label)
    return len(own), *((own["certainty"] == word).sum() for word in ("definite", "borderline"))


@claim(
    rf"\*\*([^*]+): {N} of {N} hips? \({P}; {FROM_TO}\)\*\*(?:; {N} of them definite, {N} borderline)?\. (?:This|Among)"
)
def most_common(seen, label, yes, n, share, limits, definite, borderline):
    hips, counted = classed(seen), of_class(seen, label)
    same([yes, n], counted[0], len(hips))
    assert counted[0] == hips["stretch_type"].value_counts().max()
    is_own = hips.index.isin(in_group(seen, hips, "stretch_type", label).index)
    same_percent(share, counted[0] / len(hips))
    same_range(limits, of_rate(hips, pd.Series(is_own, hips.index)))
    if definite:
        same([definite, borderline], *counted[1:])


@claim(rf"\*\*No class(?: that may be shown)? is the most common\*\*: (.+?) have {N} hips? each\.")
def tied(seen, labels, n):
    counts = classed(seen)["stretch_type"].value_counts()
    for label in listed(labels):
        same([n], of_class(seen, label)[0])
    assert len(listed(labels)) == (counts == counts.max()).sum()
    same([n], counts.max())


@claim(rf"{N} hips? could not be classed(?:\.|; most often (.+) is missing or undecided \({N} hips?\))")
def not_classed(seen, n, label, wanting):
    waiting = classed(seen)
    waiting = waiting[waiting["stretch_type"] == "indeterminate"]
    same([n], len(waiting))
    if label:
        wanted = waiting["settled_by"].str.split("; ").explode().value_counts()
        same([wanting, wanting], wanted[measure_of(seen, label)], wanted.max())


@claim(r"(Every) hip could be classed\.")
def every_hip_classed(seen, _):
    assert of_class(seen, "indeterminate")[0] == 0


@claim(rf"Of {N} hips? with a settled class, {N} (?:is|are) definite .+? and {N} borderline")
def firmly(seen, n, definite, borderline):
    certainty = classed(seen)["certainty"]
    counted = [(certainty == word).sum() for word in ("definite", "borderline")]
    same([n, definite, borderline], sum(counted), *counted)


@claim(
    rf"^(?:The most common class( shown)?: ([^,]+), {N} of {N} hips? \({P}\)"
    rf"|No class( shown)? is the most common: (.+?) have {N} of {N} hips? \({P}\) each)$"
)
def class_title(seen, one_shown, label, n, of, share, some_shown, labels, each, of_all, share_of_each):
    hips = classed(seen)
    counts = hips["stretch_type"].value_counts()
    names = [label] if label else listed(labels)
    for name in names:
        same([n or each, of or of_all], of_class(seen, name)[0], len(hips))
    same([n or each], counts.max())
    same_percent(share or share_of_each, counts.max() / len(hips))
    assert len(names) == (counts == counts.max()).sum()
    everything = all(class_may_be_shown(seen, name) for name in counts.index)
    assert everything or one_shown or some_shown


def class_may_be_shown(seen: Seen, name: str) -> bool:
    """Enough people have a hip in it, enough one in another; that all hips are of a class, or none, is no secret."""
    hips = classed(seen)
    own = hips["stretch_type"] == name
    people = [hips.loc[part, "patient_id"].nunique() for part in (own, ~own)]
    return not seen.report.withholds or all(number == 0 or number >= MINIMUM_PATIENTS for number in people)


@claim(rf"(?:class\. |; )([^;]+): {N} hips?, (?:how firmly is withheld|{N} definite, {N} borderline)")
def class_drawn(seen, label, n, definite, borderline):
    counted = of_class(seen, label)
    same([n, definite or str(counted[1]), borderline or str(counted[2])], *counted)


EVENTS = {"pain during the stretch": "pain", "manual stretch without a qualified physical therapist": "manual"}


def event(seen: Seen, words: str) -> tuple[pd.DataFrame, pd.Series]:
    """The hips at risk, and whether it happened to each of which that is known: a pain score above 0, of hips not
    given no stretch; no supervision, of a manual stretch."""
    care, manual = seen.report._tables.care, EVENTS[words] == "manual"
    given = care["stretch_given"].astype(object)
    hips = care[given == "T3M" if manual else given != "none"]
    answers = hips["supervised" if manual else "pain_nrs"].dropna()
    return hips, ~answers.astype(bool) if manual else answers > 0


def with_clinic(seen: Seen, hips: pd.DataFrame) -> pd.DataFrame:
    known = (
        first_clinic(seen.report._tables.classifications)
        .groupby(seen.report._tables.classifications["patient_id"])
        .first()
    )
    return hips.assign(clinic_id=hips["patient_id"].map(known))


@claim(rf"([pm][a-z ]+) in {N} of {N} hips? \({P}; {FROM_TO}(?:; not recorded for {N} more)?\)")
def safety(seen, words, yes, known, share, limits, unknown):
    hips, happened = event(seen, words)
    same([yes, known, unknown or "0"], happened.sum(), len(happened), len(hips) - len(happened))
    same_percent(share, happened.mean())
    same_range(limits, of_rate(with_clinic(seen, hips.loc[happened.index]), happened))


@claim(rf"([pm][a-z ]+): (?:not recorded for any of {N} hips?|(no hip was at risk))(?=[;.])")
def safety_not_known(seen, words, n, nobody):
    hips, happened = event(seen, words)
    same([n or "0"], len(hips))
    assert happened.empty
    assert bool(nobody) == hips.empty
