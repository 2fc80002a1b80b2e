"""What the missing outcomes may have been: filled in from hips like them, and tilted for better or worse."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from analysis.answers.counting import with_not_recorded
from analysis.answers.rates import group_columns, select
from analysis.hips.clinic_of_person import CLINIC_OF_PERSON, with_clinic_of_person
from analysis.hips.judge import NOT_MISSING
from analysis.protocol import CompositeResponse, Protocol
from analysis.protocol.responses import TestResponse
from analysis.protocol.words import within_sentence
from analysis.schema import GIVEN, HIP, Outcome
from analysis.stats.beyond_chance import UNKNOWN, against_every_chance
from analysis.stats.imputation import imputed_rates

TILTS = (-1.0, -0.5, 0.0, 0.5, 1.0)
# Where a verdict may turn is looked for at these tilts, either way; at the last hardly any, or nearly every, missing
# hip responds.
_SEARCHED = np.concatenate([np.arange(31) / 10, np.arange(7, 21) / 2])
_FEWEST_PEOPLE, _MOST_CLINICS = 5, 30  # a clinic of fewer tells too little; a regression bears so many columns
_ANSWERS: dict[Outcome, float] = {"responder": 1.0, "non_responder": 0.0}
_IMPUTED = {"imputed": "rate", "imputed_low": "low", "imputed_high": "high", "missing_share": "missing_share"}
_KEPT = ["n_patients", "n_hips", "n_evaluable", "n_responders", "rate", "ci_low", "ci_high", "chance_rate",
         "chance_low", "chance_high", "against_chance", "n_missing", "rate_if_none", "rate_if_all",
         "n_patients_evaluable", "n_patients_with", "n_patients_without", "clustered_by", "cluster_note", "response",
         "comparison"]  # fmt: skip


def tilted_rates(
    table: pd.DataFrame,
    responses: pd.DataFrame,
    changes: pd.DataFrame,
    protocol: Protocol,
    by: Sequence[str] = (),
    tilts: Sequence[float] = TILTS,
) -> pd.DataFrame:
    """Add to rates what they would be had the missing outcomes been like those of similar hips, or better or worse.

    Parameters
    ----------
    table
        As :func:`analysis.rates` returns it for ``responses``, grouped ``by``, under one rule.
    responses, changes
        The tables of the study, or of the part of it that ``table`` counts.
    protocol
        Names the measures that the rule looks at, and the study's own groups.
    by
        The columns that ``table`` is grouped by.
    tilts
        How much better (above 0) or worse the missing hips did than others like them, as log odds ratios: at −1 their
        odds of responding are 0.37 times those of hips like them.

    Returns
    -------
    pandas.DataFrame
        One row per group and tilt: the rate of the judged hips, its verdict and its bounds, as in ``table``, and

        - ``tilt``, and ``odds_ratio``, which is exp(tilt)
        - ``imputed``, ``imputed_low``, ``imputed_high``: the rate of judged and missing hips together, with its 95 %
          interval, clustered by person or clinic as that of the judged hips (``clustered_by``, ``cluster_note``), and
          the same where none is missing
        - ``missing_share``: the share of its variance that is due to the missing outcomes
        - ``imputed_against_chance``: its verdict, as ``against_chance``
        - ``turns_below``, ``turns_above``: the tilts nearest to 0, of at most 10 either way, from which on the verdict
          is no longer that of the judged hips; missing where it stays
        - ``not_estimable``: why there is no imputed rate, else empty

    Notes
    -----
    A test that had no room to improve from the start is neither judged nor missing. Hips are alike in the first
    readings of the rule's measures, in side, class or arm, in clinic, in whether the stretch matched, and in the
    person's other hip; a first reading that is missing counts as the mean and is flagged. The draws are seeded: the
    same tables give the same numbers. The chance rate is that of the judged hips.

    References
    ----------
    Carpenter and Kenward 2013; see :func:`analysis.stats.imputation.imputed_rates`.

    Examples
    --------
    >>> from analysis import change, rates, respond
    >>> from analysis.protocol import builtin
    >>> visits = pd.DataFrame({"patient_id": [*"aabbccdde"], "side": "left",
    ...                        "timepoint": [*["baseline", "post"] * 4, "baseline"],
    ...                        "hip_ir_deg": [12.0, 17.0, 10.0, 12.0, 14.0, 21.0, 16.0, 16.0, 12.0]})
    >>> changes = change(visits)
    >>> responses = respond(changes)
    >>> found = tilted_rates(rates(responses, response="ir"), responses, changes, builtin(), tilts=[-9, 9])
    >>> found[["rate", "n_missing", "imputed"]].round(2).values.tolist()
    [[0.5, 1.0, 0.4], [0.5, 1.0, 0.6]]
    """
    noun = protocol.words
    if table.empty:
        return table
    rows = select(responses, {name: str(table[name].iloc[0]) for name in ("response", "comparison")})
    rows = with_clinic_of_person(rows)[~rows["reason"].isin(NOT_MISSING)]
    by = group_columns(by, rows)
    place = _place(table, rows, by)
    asked = np.asarray(tilts, dtype="float64")
    found = imputed_rates(
        rows["outcome"].map(_ANSWERS).astype("float64").to_numpy(),
        _covariates(rows, changes, protocol),
        rows["patient_id"].to_numpy(),
        np.concatenate([asked, -_SEARCHED, _SEARCHED]),
        place,
        clinic=rows[CLINIC_OF_PERSON].to_numpy(dtype="object") if CLINIC_OF_PERSON in rows else None,
    )
    # A group of which no hip was judged has no rate: hips of other groups would have to speak for it.
    judged = (table["n_evaluable"] > 0).to_numpy()
    numbers = {name: _by_row(part, judged) for name, part in found._asdict().items() if name != "reason"}
    verdicts = _verdicts(table, numbers, rows["patient_id"].groupby(place).nunique())
    here, worse, better = np.split(verdicts, [len(asked), len(asked) + len(_SEARCHED)], axis=1)
    missing = (table["n_missing"] > 0).to_numpy()
    wide = table[[*by, *_KEPT]].assign(
        turns_below=_turn(table["against_chance"], worse, -_SEARCHED),
        turns_above=_turn(table["against_chance"], better, _SEARCHED),
        not_estimable=np.select([~judged, missing], [f"no {noun.hip} was judged", found.reason], ""),
    )
    long = wide.loc[wide.index.repeat(len(asked))].reset_index(drop=True)
    each = {name: numbers[part][:, : len(asked)].ravel() for name, part in _IMPUTED.items()}
    tilt = np.tile(asked, len(table))
    return long.assign(tilt=tilt, odds_ratio=np.exp(tilt), **each, imputed_against_chance=here.ravel())


def alike_in(protocol: Protocol) -> list[str]:
    """Return in words what hips must share to be taken for each other."""
    noun = protocol.words
    named = protocol.attributes | protocol.measures
    group = "class" if protocol.group_by == "stretch_type" else within_sentence(named[protocol.group_by].label)
    matched = [f"whether the {noun.stretch} matched"] if protocol.types else []
    return ["first readings", "side", group, "clinic where it is recorded", *matched, f"the person's other {noun.hip}"]


def _place(table: pd.DataFrame, rows: pd.DataFrame, by: list[str]) -> np.ndarray:
    """Return the row of the table that each hip is counted in."""
    if not by:
        return np.zeros(len(rows), dtype=int)
    groups = [with_not_recorded(rows[name]).astype("str") for name in by]
    return pd.MultiIndex.from_frame(table[by].astype("str")).get_indexer(pd.MultiIndex.from_arrays(groups))


def _covariates(rows: pd.DataFrame, changes: pd.DataFrame, protocol: Protocol) -> np.ndarray:
    """Return what makes hips alike, as numbers; what is missing is the mean, with a column that says so."""
    measures = _measures(str(rows["response"].iloc[0]), protocol) if len(rows) else []
    first = [f"{name}_before" for name in measures]
    same = changes[changes["comparison"].isin(rows["comparison"].iloc[:1])]
    readings = rows[HIP].merge(same[[*HIP, *first]], on=HIP, how="left", validate="1:1")[first]
    columns: list[pd.Series] = [rows["side"] == "left"]
    for name in first:
        value = readings[name]
        coded = value.cat.codes.where(value.notna()) if isinstance(value.dtype, pd.CategoricalDtype) else value
        number = coded.astype("float64")
        columns += [number.fillna(number.mean()).fillna(0.0), number.isna()]
    kinds = with_not_recorded(rows[protocol.group_by])
    columns += [kinds == kind for kind in kinds.cat.categories[1:]]
    columns += [*_clinics(rows)]
    if "match" in rows:
        columns += [rows["match"].astype("object") == word for word in GIVEN]
    return np.column_stack([column.to_numpy(dtype="float64") for column in columns])


def _clinics(rows: pd.DataFrame) -> Iterator[pd.Series]:
    """Yield which hips are of each clinic with enough people judged; the others, and those of none, are one clinic."""
    if "clinic_id" not in rows:
        return
    clinic = rows["clinic_id"].astype("object")
    judged = rows["outcome"].map(_ANSWERS).notna()
    people = rows["patient_id"][judged].groupby(clinic[judged]).nunique()
    for name in people[people >= _FEWEST_PEOPLE].nlargest(_MOST_CLINICS).index:
        yield clinic == name


def _measures(response: str, protocol: Protocol) -> list[str]:
    """Return the measures that a rule looks at, those of its parts included."""
    rule = protocol.responses[response]
    tests = [protocol.responses[part] for part in rule.of] if isinstance(rule, CompositeResponse) else [rule]
    return list(dict.fromkeys(part.measure for test in tests if isinstance(test, TestResponse) for part in test.rules))


def _by_row(part: np.ndarray, judged: np.ndarray) -> np.ndarray:
    """Return one row of numbers for each row of the table; the last groups may have had no hip."""
    every = np.full((len(judged), part.shape[1]), np.nan)
    every[: len(part)] = part
    return np.where(judged[:, None], every, np.nan)


def _verdicts(table: pd.DataFrame, numbers: dict[str, np.ndarray], people: pd.Series) -> np.ndarray:
    """Return the verdict on chance of every row under every tilt."""
    hips = (table["n_evaluable"] + table["n_missing"]).to_numpy()[:, None]
    chances = [table[name].to_numpy("float64")[:, None] for name in ("chance_rate", "chance_low", "chance_high")]
    everyone = people.reindex(range(len(table)), fill_value=0).to_numpy()[:, None]
    people_with = np.floor(np.nan_to_num(numbers["people_with"]))
    return against_every_chance(numbers["low"], numbers["high"], chances, everyone, people_with, hips)


def _turn(verdict: pd.Series, searched: np.ndarray, tilts: np.ndarray) -> np.ndarray:
    """Return the first tilt at which each row's verdict is another; missing where it stays, or is not known."""
    own = verdict.to_numpy(dtype=object)[:, None]
    other = (searched != own) & (searched != UNKNOWN) & (own != UNKNOWN)
    return np.where(other.any(axis=1), tilts[other.argmax(axis=1)], np.nan)
