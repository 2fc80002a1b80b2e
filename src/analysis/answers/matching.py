"""Hips given the stretch their class calls for, against hips given another: an observational comparison."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.answers.made_alike import MadeAlike, made_alike
from analysis.answers.rates import chosen, select
from analysis.hips.clinic_of_person import CLINIC_OF_PERSON, clusters_of, with_clinic_of_person
from analysis.hips.pairs import measures_compared
from analysis.protocol import Protocol
from analysis.schema import GIVEN, PAIR
from analysis.stats.balance import balance, e_value
from analysis.stats.intervals import NO_INTERVAL, NotEstimableError
from analysis.stats.labels import numbered
from analysis.stats.observational import Adjusted, adjusted_differences, inverse_probability

METHODS = {
    "crude": "As they are",
    "standardised": "Standardised by a model of the outcome",
    "weighted": "Weighted by the chance of the stretch given",
    "doubly_robust": "Both, right if either model is",
}
_MOST_MISSING = 0.1
_WHOSE = ["patient_id", "clinic_id", CLINIC_OF_PERSON]


class MatchedHips(NamedTuple):
    """The hips compared, and what is made alike in them."""

    hips: pd.DataFrame
    """``patient_id``, ``clinic_id``, ``clinic_of_person``, ``stretch_type``, ``responded``, ``matched`` and the
    covariates, all known."""
    covariates: dict[str, str]
    """First readings, side, and age where it is recorded, each with what a sentence calls it; one that more than a
    tenth of the hips lack is left out."""
    beside: MadeAlike
    """Class and clinic."""
    n_left_out: int
    """Judged hips without one of the covariates."""

    @property
    def model(self) -> np.ndarray:
        """What a regression is given beside the clinic: the covariates, and each class but the first."""
        classes = self.beside.classes.iloc[:, 1:]
        return np.column_stack([self.hips[[*self.covariates]].to_numpy("float64"), classes.to_numpy("float64")])


def matched_hips(
    responses: pd.DataFrame,
    changes: pd.DataFrame,
    protocol: Protocol,
    response: str | None = None,
    comparison: str | None = None,
) -> MatchedHips:
    """Return the judged hips of which it is known whether the stretch matched, with what may differ between them."""
    rows = with_clinic_of_person(select(responses, chosen(responses, response, comparison)))
    rows = rows[(rows["outcome"] != "not_evaluable") & rows["match"].notna()]
    angles = {name: measure for name, measure in measures_compared(protocol).items() if measure.sem is not None}
    first = {f"{name}_before": measure.label for name, measure in angles.items()}
    hips = rows.merge(changes[[*PAIR, *first]], on=PAIR, how="left", validate="1:1").rename(columns=first)
    hips["Left side"] = (hips["side"] == "left").astype("float64")
    words = {**{m.label: f"first {m.name}" for m in angles.values()}, "Left side": "side"}
    if "age_years" in hips:
        hips["Age in years"] = pd.to_numeric(hips["age_years"], errors="coerce")
        words["Age in years"] = "age"
    names = [name for name in words if len(hips) and hips[name].isna().mean() <= _MOST_MISSING]
    flags = {"responded": hips["outcome"] == "responder", "matched": hips["match"] == "matched"}
    hips = hips.assign(**flags)[[*_WHOSE, "stretch_type", *flags, *names]]
    whole = hips.dropna(subset=names).reset_index(drop=True)
    names = [name for name in names if (whole[name] != whole[name].iloc[0]).any()]  # what is alike need not be made so
    left_out = len(hips) - len(whole)
    return MatchedHips(whole, {name: words[name] for name in names}, made_alike(whole, protocol), left_out)


def compare_matched(found: MatchedHips) -> pd.DataFrame:
    """Compare responder rates of matched and mismatched hips four ways.

    Parameters
    ----------
    found
        As :func:`matched_hips` returns it.

    Returns
    -------
    pandas.DataFrame
        One row per method (crude, standardised, weighted, doubly_robust): ``rate_matched``,
        ``rate_mismatched``, ``difference`` with ``ci_low`` and ``ci_high`` (95 %, people as independent, clinics from
        5 on), ``e_value`` (how strongly an unmeasured cause would have to act to explain the difference away),
        ``not_estimable``: why there is none, such as a class without any mismatched hip; ``made_alike``: what was,
        ``made_alike_note``: what is to be said of the clinics, ``cluster_note``: what is taken as independent,
        ``n_left_out``: judged hips without one of the readings;
        and for disclosure the people with a hip that responded, and with one that did not, in either group:
        ``n_patients_matched_with``, ``n_patients_mismatched_without`` and so on, and ``n_patients_refused`` with hips
        of a class that is refused.
    """
    hips = found.hips
    people = {
        f"n_patients_{group}_{word}": hips.loc[
            (hips["matched"] == matched) & (hips["responded"] == responded), "patient_id"
        ].nunique()
        for group, matched in (("matched", True), ("mismatched", False))
        for word, responded in (("with", True), ("without", False))
    }
    person = numbered(hips["patient_id"].to_numpy())
    clusters = clusters_of(person, hips)
    results = adjusted_differences(
        hips["responded"].to_numpy(bool),
        hips["matched"].to_numpy(bool),
        found.model,
        clusters.of_person[person],
        found.beside.clinic,
    )
    said = {
        "made_alike": "; ".join([*found.beside.words, *found.covariates.values()]),
        "made_alike_note": found.beside.note,
        "cluster_note": clusters.note,
        "n_left_out": found.n_left_out,
    }
    same = {**people, **said}
    return pd.DataFrame([{"method": name, **_row(result, name, found), **same} for name, result in results.items()])


def _row(result: Adjusted, method: str, found: MatchedHips) -> dict[str, object]:
    refused = found.beside.refused if method != "crude" and found.hips["matched"].nunique() == len(GIVEN) else ""
    if refused:
        result = Adjusted(np.nan, NO_INTERVAL, np.nan, np.nan, refused)
    ratio = result.rate_exposed / result.rate_unexposed if result.rate_unexposed > 0 else np.nan
    return {
        "rate_matched": result.rate_exposed,
        "rate_mismatched": result.rate_unexposed,
        "difference": result.difference,
        "ci_low": result.interval.low,
        "ci_high": result.interval.high,
        "e_value": e_value(ratio) if ratio > 0 else np.nan,
        "not_estimable": _in_words(result.reason),
        "n_patients_refused": found.beside.n_patients_refused if refused else found.hips["patient_id"].nunique(),
    }


def _in_words(reason: str) -> str:
    """Say why there is no estimate in the words of this comparison; others may be matched that were not judged."""
    for group, word in (("with", "matched"), ("without", "mismatched")):
        if reason == f"no hip {group} the exposure":
            return f"no hip counted here was {word}"
    for general, own in (
        ("hip with the exposure", "matched hip"),
        ("hips with the exposure", "matched hips"),
        ("hip without the exposure", "mismatched hip"),
        ("hips without the exposure", "mismatched hips"),
        ("the columns of a model determine each other", "what was measured before follows from the match, or all but"),
    ):
        reason = reason.replace(general, own)
    return reason


def match_balance(found: MatchedHips) -> pd.DataFrame:
    """Return how alike matched and mismatched hips were before the stretch.

    Returns
    -------
    pandas.DataFrame
        One row per covariate and class, and one for the clinic that differs most: ``covariate``, ``mean_matched``,
        ``mean_mismatched`` (none for the clinic), and the standardised mean ``difference`` before and
        ``weighted_difference`` after weighting; beyond 0.1 the groups differ; ``not_estimable``: why there is no
        weighting, such as a class without any mismatched hip, else empty. ``n_patients_behind``: the fewest people
        behind either mean or, where the mean is a share, behind either answer (for disclosure).
    """
    hips, beside = found.hips, found.beside
    clinics = pd.DataFrame(beside.clinic[:, None] == np.unique(beside.clinic), dtype="float64")
    classes = beside.classes if "class" in beside.words else beside.classes.iloc[:, :0]
    columns = pd.concat([hips[[*found.covariates]], classes], axis=1)
    weights, reason = _weights(found)
    told = balance(hips["matched"], pd.concat([columns, clinics], axis=1), weights)
    table = pd.DataFrame(
        {
            "covariate": [*columns, *clinics],
            "mean_matched": told.mean_exposed,
            "mean_mismatched": told.mean_unexposed,
            "difference": told.difference,
            "weighted_difference": told.weighted_difference,
            "not_estimable": told.reason or reason,
            "n_patients_behind": [
                _fewest_behind(hips["matched"], values, hips["patient_id"])
                for _, values in pd.concat([columns, clinics], axis=1).items()
            ],
        }
    )
    own, of_clinics = table.iloc[: columns.shape[1]], table.iloc[columns.shape[1] :]
    return pd.concat([own, _farthest(of_clinics)] if beside.clinic.any() else [own], ignore_index=True)


def _weights(found: MatchedHips) -> tuple[np.ndarray | None, str]:
    """Return one over each hip's chance of the match it had, or why there is none."""
    if found.beside.refused:
        return None, found.beside.refused
    try:
        return inverse_probability(found.hips["matched"].to_numpy("float64"), found.model, found.beside.clinic), ""
    except NotEstimableError as error:
        return None, _in_words(str(error))


def _farthest(clinics: pd.DataFrame) -> pd.DataFrame:
    """Return one row in place of those of all clinics, without saying which clinic differs most."""
    row = clinics.head(1).assign(covariate="Clinic that differs most", mean_matched=np.nan, mean_mismatched=np.nan)
    for name in ("difference", "weighted_difference"):
        row[name] = clinics[name].abs().max()
    return row.assign(n_patients_behind=clinics["n_patients_behind"].min())


def _fewest_behind(matched: pd.Series, values: pd.Series, person: pd.Series) -> int:
    yes_or_no = values.isin([0.0, 1.0]).all()
    group = matched.astype("int64") * 2 + (values.astype("int64") if yes_or_no else 0)
    people = person.groupby(group).nunique()
    return int(people.min()) if len(people) == (4 if yes_or_no else 2) else 0
