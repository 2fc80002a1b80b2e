"""What every column of the results means: name, meaning, unit, type, and what a missing value says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from analysis.protocol import Protocol


class Column(NamedTuple):
    """One column, for a reader who has only the file."""

    meaning: str
    unit: str = ""
    missing: str = "withheld"


_SHARE, _PERSON, _HIP, _DIFFERENCE = "share, 0 to 1", "people", "hips", "difference of shares, left minus right"
_NO_HIP, _NEVER = "no hip could be judged, or withheld", "never"
_NO_PAIR, _NOT_KNOWN = "no person has both hips judged, or withheld", "no hip has a known answer, or withheld"
_NO_CLINICS = "see clinics_not_estimable"
_NO_FAMILY = "no person has both hips judged, or a group is withheld"
_IN_THE_MEASURE, _NO_LIMIT = "unit of the measure", "no limit, or withheld"

_ANYWHERE = {
    "response": Column("the responder rule that was counted", missing=_NEVER),
    "comparison": Column("the pair of timepoints that was compared", missing=_NEVER),
    "suppressed": Column("whether the row's numbers are withheld", missing=_NEVER),
    "interval": Column("how the interval was worked out", missing=_NEVER),
    "stretch_type": Column("the class of the hip", missing=_NEVER),
    "side": Column("left or right", missing=_NEVER),
    "measure": Column("what was measured, by its name in the protocol", missing=_NEVER),
    "timepoint": Column("the visit", missing=_NEVER),
    "clinic_id": Column("the clinic", missing=_NEVER),
    "period": Column("the period of the earlier visit", missing=_NEVER),
    "n_patients": Column("people in the group", _PERSON),
    "n_hips": Column("hips in the group", _HIP),
    "n_evaluable": Column("hips that could be judged", _HIP),
    "n_responders": Column("hips that responded", _HIP),
    "rate": Column("responders of the hips that could be judged", _SHARE, _NO_HIP),
    "ci_low": Column("lower end of the 95 % interval, clustered by person", _SHARE, _NO_HIP),
    "ci_high": Column("upper end of the 95 % interval, clustered by person", _SHARE, _NO_HIP),
    "chance_rate": Column(
        "the rate had nothing truly changed, rounded to whole per cent",
        _SHARE,
        "the chance of some hip is not known, no hip could be judged, or withheld",
    ),
    "excess": Column("the rate less its chance rate", "difference of shares", "see rate and chance_rate"),
    "excess_low": Column("its lower 95 % limit", "difference of shares", "see rate and chance_rate"),
    "excess_high": Column("its upper 95 % limit", "difference of shares", "see rate and chance_rate"),
    "against_chance": Column(
        "whether the rate is clear of its chance rate: by its interval and, where few people responded, an exact test",
        "more than chance, fewer than chance, not clear of chance, not known",
        "withheld",
    ),
    "n_missing": Column("hips without an outcome for want of a reading", _HIP),
    "rate_if_none": Column("the rate had none of the missing responded", _SHARE, _NO_HIP),
    "rate_if_all": Column("the rate had all of the missing responded", _SHARE, _NO_HIP),
    "n_patients_evaluable": Column("people with a hip that could be judged", _PERSON),
    "n_patients_with": Column("people with at least one hip that did", _PERSON),
    "n_patients_without": Column("people with at least one hip that did not", _PERSON),
}
_NOT_FILLED = "see not_estimable, or withheld"
_CORRELATION = "correlation"
_STAYS = "it stays the same, nothing is missing, or withheld"
_MISSING = {
    "tilt": Column("how much better or worse the missing hips did than others like them", "log odds ratio", _NEVER),
    "odds_ratio": Column("their odds of responding over those of hips like them: exp(tilt)", "ratio", _NEVER),
    "imputed": Column("the rate of judged and missing hips, the missing ones filled in", _SHARE, _NOT_FILLED),
    "imputed_low": Column("its lower 95 % limit, clustered by person", _SHARE, _NOT_FILLED),
    "imputed_high": Column("its upper 95 % limit, clustered by person", _SHARE, _NOT_FILLED),
    "missing_share": Column("share of its variance that is due to the missing outcomes", _SHARE, _NOT_FILLED),
    "imputed_against_chance": Column("its verdict, as against_chance", missing=_NOT_FILLED),
    "turns_below": Column("the tilt from which on down the verdict is another", "log odds ratio", _STAYS),
    "turns_above": Column("the tilt from which on up the verdict is another", "log odds ratio", _STAYS),
    "not_estimable": Column("why there is no imputed rate", missing="there is one, or withheld"),
}
_NO_ONE_HIP = "nobody with one hip judged on a side, or withheld"
_SIDES = {
    "both": Column("people of whom both hips responded", _PERSON),
    "left_only": Column("people of whom only the left hip responded", _PERSON),
    "right_only": Column("people of whom only the right hip responded", _PERSON),
    "neither": Column("people of whom neither hip responded", _PERSON),
    "n": Column("people with both hips judged", _PERSON),
    "difference": Column("left minus right among people with both hips judged", _DIFFERENCE, _NO_PAIR),
    "newcombe_low": Column("its lower 95 % limit, Newcombe's method 10", _DIFFERENCE, _NO_PAIR),
    "newcombe_high": Column("its upper 95 % limit, Newcombe's method 10", _DIFFERENCE, _NO_PAIR),
    "tango_low": Column("its lower 95 % limit, Tango's score interval", _DIFFERENCE, _NO_PAIR),
    "tango_high": Column("its upper 95 % limit, Tango's score interval", _DIFFERENCE, _NO_PAIR),
    "p_exact": Column("McNemar's exact test", "probability", _NO_PAIR),
    "p_midp": Column("McNemar's mid-p test", "probability", _NO_PAIR),
    "n_clinics": Column("clinics of people with both hips judged; 0 where they are not known", "clinics"),
    "obuchowski_low": Column("lower 95 % limit of the difference, Obuchowski", _DIFFERENCE, _NO_CLINICS),
    "obuchowski_high": Column("upper 95 % limit of the difference, Obuchowski", _DIFFERENCE, _NO_CLINICS),
    "p_obuchowski": Column("Obuchowski's test: pairs in clinics, people weigh alike", "probability", _NO_CLINICS),
    "durkalski_difference": Column("mean over clinics of left minus right", _DIFFERENCE, _NO_CLINICS),
    "durkalski_low": Column("its lower 95 % limit, Durkalski", _DIFFERENCE, _NO_CLINICS),
    "durkalski_high": Column("its upper 95 % limit, Durkalski", _DIFFERENCE, _NO_CLINICS),
    "p_durkalski": Column("Durkalski's test: pairs in clinics, clinics weigh alike", "probability", _NO_CLINICS),
    "clinics_not_estimable": Column("why the clinics give no answer", missing="they give one, or withheld"),
    "p_holm": Column("the mid-p test adjusted for the number of groups (Holm)", "probability", _NO_FAMILY),
    "p_benjamini_hochberg": Column("the same, adjusted after Benjamini and Hochberg", "probability", _NO_FAMILY),
    "gee_clustered_by": Column("whom the everyone estimate takes as a cluster", missing="see not_estimable"),
    "gee_difference": Column("left minus right among everyone; see gee_clustered_by", _DIFFERENCE, "see not_estimable"),
    "gee_low": Column("its lower 95 % limit", _DIFFERENCE, "see not_estimable"),
    "gee_high": Column("its upper 95 % limit", _DIFFERENCE, "see not_estimable"),
    "gee_odds_ratio": Column("odds of the left over those of the right, everyone", "ratio", "see not_estimable"),
    "gee_or_low": Column("its lower 95 % limit", "ratio", "see not_estimable"),
    "gee_or_high": Column("its upper 95 % limit", "ratio", "see not_estimable"),
    "p_gee": Column("the test of that odds ratio", "probability", "see not_estimable"),
    "one_hip_left": Column("people of whom only the left hip could be judged", _PERSON),
    "one_hip_right": Column("people of whom only the right hip could be judged", _PERSON),
    "one_hip_left_responders": Column("of those with the left hip, people who responded", _PERSON),
    "one_hip_right_responders": Column("of those with the right hip, people who responded", _PERSON),
    "one_hip_difference": Column("left minus right among people with one hip judged", _DIFFERENCE, _NO_ONE_HIP),
    "one_hip_low": Column("its lower 95 % limit, Newcombe's for two groups of people", _DIFFERENCE, _NO_ONE_HIP),
    "one_hip_high": Column("its upper 95 % limit", _DIFFERENCE, _NO_ONE_HIP),
    "one_hip_behind": Column("the fewest people behind any of these numbers", _PERSON),
    "not_estimable": Column("why a number is missing", missing="every number could be estimated, or withheld"),
}
_SHARES = {
    "answer": Column("what is counted", missing=_NEVER),
    "n_known": Column("hips of which it is known", _HIP),
    "n_yes": Column("hips for which it holds", _HIP),
    "n_not_known": Column("hips of which it is not known", _HIP),
    "share": Column("hips for which it holds, of those of which it is known", _SHARE, _NOT_KNOWN),
    "ci_low": Column("lower end of the 95 % interval, clustered by person", _SHARE, _NOT_KNOWN),
    "ci_high": Column("upper end of the 95 % interval, clustered by person", _SHARE, _NOT_KNOWN),
    "n_definite": Column("of these, definite: in the strict reading of the cut-offs", _HIP),
    "n_borderline": Column("of these, borderline: in the lenient reading only", _HIP),
}
_ONE_PERSON = "fewer than two people, all alike, or withheld"
_NO_SCATTER = "the clinics differ by no more than chance, not estimable, or withheld"
_NO_CHANCE = "no hip, fewer than two first readings in the study, or withheld"
_MEASURE_OR_SHARE = "unit of the measure, or share"
_NO_TEST = "see no_test, or a group is withheld"
_OF_ONE_TABLE: dict[str, dict[str, Column]] = {
    "missing_outcomes": _MISSING,
    "missing_outcomes_by_group": _MISSING,
    "sides": _SIDES,
    "sides_by_group": _SIDES,
    "asymmetry": {
        "n": Column("people measured on both sides in the same way", _PERSON),
        "mean_difference": Column("mean of left minus right", _IN_THE_MEASURE, "nobody, or withheld"),
        "ci_low": Column("its lower 95 % limit (t)", _IN_THE_MEASURE, _ONE_PERSON),
        "ci_high": Column("its upper 95 % limit (t)", _IN_THE_MEASURE, _ONE_PERSON),
        "clustered_by": Column("whom the interval takes as a cluster"),
        "band": Column("the error of a difference of two readings (MDC95)", _IN_THE_MEASURE, "not known, or withheld"),
        "n_left_worse": Column("people whose left side is worse beyond the band", _PERSON),
        "n_within_error": Column("people whose sides differ within the band", _PERSON),
        "n_right_worse": Column("people whose right side is worse beyond the band", _PERSON),
        "n_any_left_worse": Column("people whose left side is worse by any amount", _PERSON),
        "n_showing": Column("people whose side expected to be worse is worse beyond the band", _PERSON),
        "share_showing": Column("these, of the people measured", _SHARE, "nobody, or withheld"),
        "showing_low": Column("its lower 95 % limit (Wilson)", _SHARE, "nobody, or withheld"),
        "showing_high": Column("its upper 95 % limit (Wilson)", _SHARE, "nobody, or withheld"),
        "n_showing_any": Column("people whose side expected to be worse is worse by any amount", _PERSON),
        "share_showing_any": Column("these, of the people measured", _SHARE, "nobody, or withheld"),
        "showing_any_low": Column("its lower 95 % limit (Wilson)", _SHARE, "nobody, or withheld"),
        "showing_any_high": Column("its upper 95 % limit (Wilson)", _SHARE, "nobody, or withheld"),
    },
    "change_of_asymmetry": {
        "quantity": Column(
            "left minus right (difference), its absolute value (size), or the share of people showing the pattern "
            "beyond the band (showing) or by any amount (showing_any)",
            missing=_NEVER,
        ),
        "n": Column("people measured on both sides both times in the same way", _PERSON),
        "before": Column("mean or share at the earlier visit", _MEASURE_OR_SHARE, "nobody, or withheld"),
        "after": Column("mean or share at the later visit", _MEASURE_OR_SHARE, "nobody, or withheld"),
        "change": Column("after minus before", _MEASURE_OR_SHARE, "nobody, or withheld"),
        "ci_low": Column("its lower 95 % limit", _MEASURE_OR_SHARE, _ONE_PERSON),
        "ci_high": Column("its upper 95 % limit", _MEASURE_OR_SHARE, _ONE_PERSON),
        "clustered_by": Column("whom the interval takes as a cluster"),
        "n_before": Column("people showing the pattern at the earlier visit", _PERSON, "no share, or withheld"),
        "n_after": Column("people showing the pattern at the later visit", _PERSON, "no share, or withheld"),
        "n_behind": Column("the fewest people behind any number of the row", _PERSON),
    },
    "sides_between_groups": {
        **{name: _SIDES[name] for name in ("both", "left_only", "right_only", "neither")},
        "n_left": Column("left hips that could be judged", _HIP),
        "left_responders": Column("left hips that responded", _HIP),
        "n_right": Column("right hips that could be judged", _HIP),
        "right_responders": Column("right hips that responded", _HIP),
        "difference": Column("left minus right, one model for all groups", _DIFFERENCE, "see not_estimable"),
        "ci_low": Column("its lower 95 % limit", _DIFFERENCE, "see not_estimable"),
        "ci_high": Column("its upper 95 % limit", _DIFFERENCE, "see not_estimable"),
        "not_estimable": Column("why the group has no difference", missing="it has one, or withheld"),
        "f_statistic": Column("test that the difference is the same in all groups", "F", _NO_TEST),
        "df_groups": Column("its degrees of freedom, groups", "number", _NO_TEST),
        "df_clusters": Column("its degrees of freedom, clusters", "number", _NO_TEST),
        "p_interaction": Column("its p value", "probability", _NO_TEST),
        "clustered_by": Column("whom the model takes as a cluster", missing=_NO_TEST),
        "no_test": Column("why there is no test", missing="there is one, or a group is withheld"),
    },
    "settled_by": {
        "n_patients": Column("people with such a hip", _PERSON),
        "n_hips": Column("hips whose class waits for this measurement", _HIP),
        "n_patients_others": Column("people with a hip that does not", _PERSON),
    },
    "mean_changes": {
        "n_patients": Column("people measured both times in the same way", _PERSON),
        "n_hips": Column("hips measured both times in the same way", _HIP),
        "mean": Column("mean of after minus before", _IN_THE_MEASURE, "no hip, or withheld"),
        "ci_low": Column("its lower 95 % limit, clustered by person", _IN_THE_MEASURE, _ONE_PERSON),
        "ci_high": Column("its upper 95 % limit, clustered by person", _IN_THE_MEASURE, _ONE_PERSON),
        "mdc95": Column("the error of one hip's change", _IN_THE_MEASURE),
        "n_up": Column("hips that rose by more than that error", _HIP),
        "n_down": Column("hips that fell by more than that error", _HIP),
    },
    "gains_by_group": {
        "n_patients": Column("people measured both times in the same way", _PERSON),
        "n_hips": Column("hips measured both times in the same way", _HIP),
        "before": Column("mean first reading", _IN_THE_MEASURE, "no hip, or withheld"),
        "mean": Column("mean of after minus before", _IN_THE_MEASURE, "no hip, or withheld"),
        "ci_low": Column("its lower 95 % limit, clustered by person", _IN_THE_MEASURE, _ONE_PERSON),
        "ci_high": Column("its upper 95 % limit, clustered by person", _IN_THE_MEASURE, _ONE_PERSON),
        "by_chance": Column("the mean change that regression to the mean alone gives", _IN_THE_MEASURE, _NO_CHANCE),
        "beyond": Column("mean less by_chance", _IN_THE_MEASURE, _NO_CHANCE),
        "beyond_low": Column("its lower 95 % limit", _IN_THE_MEASURE, _ONE_PERSON),
        "beyond_high": Column("its upper 95 % limit", _IN_THE_MEASURE, _ONE_PERSON),
    },
    "adjusted_gains": {
        "contrast": Column("the column whose groups are compared", missing=_NEVER),
        "group": Column("one group", missing=_NEVER),
        "reference": Column("the other", missing=_NEVER),
        "n_hips": Column("hips of both, measured both times in the same way", _HIP),
        "n_patients_group": Column("people with a hip in the one", _PERSON),
        "n_patients_reference": Column("people with a hip in the other", _PERSON),
        "difference": Column(
            "later reading of the group less that of the reference, at the same first reading",
            _IN_THE_MEASURE,
            "see not_estimable",
        ),
        "ci_low": Column("its lower 95 % limit, clustered by person", _IN_THE_MEASURE, "see not_estimable"),
        "ci_high": Column("its upper 95 % limit, clustered by person", _IN_THE_MEASURE, "see not_estimable"),
        "not_estimable": Column("why there is no difference", missing="there is one, or withheld"),
    },
    "repeatability": {
        "n_hips": Column("hips read both times in the same way, with nothing done in between", _HIP),
        "n_patients": Column("people read both times in the same way, with nothing done in between", _PERSON),
        "shift": Column("mean of the second reading less the first", _IN_THE_MEASURE),
        "shift_low": Column("its lower 95 % limit, clustered by person", _IN_THE_MEASURE, _ONE_PERSON),
        "shift_high": Column("its upper 95 % limit, clustered by person", _IN_THE_MEASURE, _ONE_PERSON),
        "icc_2_1": Column("agreement of single readings, ICC(2,1)", _CORRELATION, _NOT_FILLED),
        "icc_2_1_low": Column("its lower 95 % limit", _CORRELATION, "the estimate is below 0, or withheld"),
        "icc_2_1_high": Column("its upper 95 % limit", _CORRELATION, "the estimate is below 0, or withheld"),
        "icc_3_1": Column("consistency of single readings, ICC(3,1)", _CORRELATION, _NOT_FILLED),
        "icc_3_1_low": Column("its lower 95 % limit", _CORRELATION, _NOT_FILLED),
        "icc_3_1_high": Column("its upper 95 % limit", _CORRELATION, _NOT_FILLED),
        "sem": Column("standard error of one reading, the shift included", _IN_THE_MEASURE, _NOT_FILLED),
        "sem_low": Column("its lower 95 % limit", _IN_THE_MEASURE, _NOT_FILLED),
        "sem_high": Column("its upper 95 % limit", _IN_THE_MEASURE, _NOT_FILLED),
        "mdc95": Column("the change that error alone exceeds one time in twenty", _IN_THE_MEASURE, _NOT_FILLED),
        "sem_of_rules": Column("the standard error that the rules take", _IN_THE_MEASURE, "the rules have none"),
        "sem_rounded": Column("the same as these readings are rounded", _IN_THE_MEASURE, "the rules have none"),
        "rules": Column("whether that lies within the interval of sem", missing="one of them is not known"),
        "not_estimable": Column("why there are no such numbers", missing="there are, or withheld"),
    },
    "clinics": {
        "target": Column("the rate of all clinics together, in whole per cent if any is withheld", _SHARE, _NO_HIP),
        "hip_worth": Column("how many independent hips one hip is worth, in all clinics together", missing=_NO_HIP),
        "tau_squared": Column("variance between clinics beyond chance, arcsine scale", missing=_NO_SCATTER),
        "low95": Column("lower 95 % funnel limit at the clinic's size", _SHARE, _NO_LIMIT),
        "high95": Column("upper 95 % funnel limit at the clinic's size", _SHARE, _NO_LIMIT),
        "low998": Column("lower 99.8 % funnel limit at the clinic's size", _SHARE, _NO_LIMIT),
        "high998": Column("upper 99.8 % funnel limit at the clinic's size", _SHARE, _NO_LIMIT),
        "shrunk": Column("the rate drawn towards that of all", _SHARE, "not estimable, or withheld"),
        "shrunk_low": Column("its lower 95 % limit", _SHARE, _NO_SCATTER),
        "shrunk_high": Column("its upper 95 % limit", _SHARE, _NO_SCATTER),
        "position": Column("where the rate lies within the funnel"),
    },
    "over_time": {
        "centre": Column("the rate of all periods together", _SHARE, _NO_HIP),
        "low": Column("lower limit of the p′ chart, three standard errors", _SHARE, _NO_LIMIT),
        "high": Column("upper limit of the p′ chart, three standard errors", _SHARE, _NO_LIMIT),
        "special": Column("whether a run rule flags the period"),
        "notes": Column("what to know before reading the chart", missing="nothing, or withheld"),
    },
    **dict.fromkeys(["classes", "care", "safety", "compensations"], _SHARES),
}


def dictionary(tables: Mapping[str, pd.DataFrame], protocol: Protocol) -> pd.DataFrame:
    """Describe every column of the results.

    Parameters
    ----------
    tables
        As :func:`analysis.export.result_tables` returns them.
    protocol
        Gives the words for the study's own grouping columns.

    Returns
    -------
    pandas.DataFrame
        One row per table and column: ``table``, ``column``, ``meaning``, ``unit``, ``type``, ``missing`` (what an
        empty cell says).

    Raises
    ------
    KeyError
        A column has no meaning here.
    """
    own = {name: Column(attribute.label, missing=_NEVER) for name, attribute in protocol.attributes.items()}
    rows = []
    for name, table in tables.items():
        known = own | _ANYWHERE | _OF_ONE_TABLE.get(name, {})
        for column in map(str, table.columns):
            rows.append({"table": name, "column": column, **known[column]._asdict(), "type": _type(table[column])})
    return pd.DataFrame(rows, columns=["table", "column", "meaning", "unit", "type", "missing"])


def _type(column: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(column):
        return "yes or no"
    if pd.api.types.is_integer_dtype(column):
        return "whole number"
    return "number" if pd.api.types.is_float_dtype(column) else "text"
