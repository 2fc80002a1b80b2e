"""Tables become the JSON documents that ``docs`` and scripts rely on; spellings here are a contract."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import Any

import pandas as pd

from analysis.answers.counting import INTERVAL
from analysis.answers.quality import problems_found
from analysis.disclosure import protect
from analysis.intake.problems import COLUMNS
from analysis.protocol import Protocol
from analysis.schema import SIDES
from analysis.study import Study

_DROPPED = ["interval", "response", "comparison"]


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it; missing becomes null, never a number."""
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return value.item() if hasattr(value, "item") else value


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as plain dictionaries."""
    return [{str(k): plain(v) for k, v in row.items()} for row in table.astype("object").to_dict("records")]


def provenance(study: Study, *, safe: bool = False) -> dict[str, Any]:
    """Say where numbers come from: the study, its protocol, the program.

    Parameters
    ----------
    study
        The study.
    safe
        Withhold how many warnings its data carry, where few people stand behind some of them.
    """
    found = problems_found(study)
    found = protect(found, "problems", (), study.policy.minimum, study.n_patients) if safe else found
    warnings = found.loc[found["severity"] == "warning", "n"]
    return {
        "study": study.name,
        "synthetic": study.synthetic,
        "protocol": {
            "id": study.protocol.id,
            "version": study.protocol.version,
            "source": study.protocol.source,
        },
        "warnings": None if warnings.isna().any() else int(warnings.sum()),
        "program": {"name": "capsule-outcomes", "version": version("capsule-outcomes")},
    }


def rates_document(study: Study, shown: pd.DataFrame, *, safe: bool, route: str = "") -> dict[str, Any]:
    """Return the document of ``capsule rates``; the table has come through the door if it is safe.

    ``route`` says how the blocks of a processed study were gone through, else it is empty.
    """
    method = {name: plain(shown[name].iloc[0]) for name in ("response", "comparison")} if len(shown) else {}
    return {
        "rates": records(shown.drop(columns=_DROPPED, errors="ignore")),
        "method": {
            **method,
            "rate": study.protocol.words.tell("per hip: every hip counts alike")
            + "; rate_per_person: every person counts alike",
            "interval": INTERVAL,
            "chance_rate": "no true change; given SEM, rounding and selection",
        },
        "provenance": provenance(study, safe=safe) | ({"counted": route} if route else {}),
    }


def sides_document(
    study: Study,
    overall: pd.DataFrame,
    groups: pd.DataFrame | None,
    between: pd.DataFrame,
    asymmetry: pd.DataFrame,
    change_of_asymmetry: pd.DataFrame,
    *,
    safe: bool = False,
) -> dict[str, Any]:
    """Return the document of ``capsule sides``: everyone at the top, the groups below if any were asked for."""
    document = _sides(records(overall)[0])
    document["asymmetry"] = records(asymmetry)
    document["asymmetry_change"] = records(change_of_asymmetry)
    document["interaction"] = _interaction(study.protocol.group_by, records(between))
    if groups is not None:
        by = [str(name) for name in groups if name not in overall]
        document["groups"] = [{**{k: row[k] for k in by}, **_sides(row)} for row in records(groups)]
    tell = study.protocol.words.tell
    document["method"] = {
        "difference": tell("left − right, people with both hips evaluable"),
        "lead": "what reports answer by: by clinic from 5 clinics on, else McNemar's mid-p with Newcombe's limits; "
        "p_holm and p_benjamini_hochberg adjust its p",
        "by_clinic": "mean paired difference; CR2 errors by clinic, Satterthwaite's t",
        "gee": "everyone; binomial GEE, exchangeable, bias-reduced covariance; clustered_by says by what",
        "clinics": tell("people with both hips evaluable, those of one clinic may be alike")
        + "; Obuchowski 1998, Durkalski 2003",
        "interaction": "whether left − right is the same in all groups: GEE, a rate per side of each group, Wald F",
    }
    document["provenance"] = provenance(study, safe=safe)
    return document


def _sides(row: dict[str, Any]) -> dict[str, Any]:
    return {
        **_named(row, "response", "comparison"),
        "paired": _named(row, "both", "left_only", "right_only", "neither", "n"),
        "difference": row["difference"],
        "lead": {
            "method": row["method"],
            "ci": [row["ci_low"], row["ci_high"]],
            **_named(row, "p", "clustered_by"),
            "note": row["cluster_note"],
        },
        "newcombe": _limits(row, "newcombe"),
        "tango": _limits(row, "tango"),
        **_named(row, "p_score", "p_exact", "p_midp"),
        "by_clinic": {
            "ci": _limits(row, "by_clinic"),
            "p": row["p_by_clinic"],
            "df": row["by_clinic_df"],
            "not_estimable": row["by_clinic_not_estimable"],
        },
        **_named(row, "p_holm", "p_benjamini_hochberg"),
        "clinics": _methods_by_clinic(row),
        "gee": {
            "difference": row["gee_difference"],
            "ci": _limits(row, "gee"),
            "odds_ratio": row["gee_odds_ratio"],
            "or_ci": _limits(row, "gee_or"),
            "p": row["p_gee"],
            "clustered_by": row["gee_clustered_by"],
        },
        "one_hip": {
            **{side: row[f"one_hip_{side}"] for side in SIDES},
            **{f"{side}_responders": row[f"one_hip_{side}_responders"] for side in SIDES},
            "difference": row["one_hip_difference"],
            "ci": _limits(row, "one_hip"),
        },
        "not_estimable": row["not_estimable"],
        "suppressed": bool(row.get("suppressed", False)),
    }


def _methods_by_clinic(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "n": row["n_clinics"],
        "obuchowski": {
            "difference": row["difference"] if row["p_obuchowski"] is not None else None,
            "ci": _limits(row, "obuchowski"),
            "p": row["p_obuchowski"],
        },
        "durkalski": {
            "difference": row["durkalski_difference"],
            "ci": _limits(row, "durkalski"),
            "p": row["p_durkalski"],
        },
        "not_estimable": row["clinics_not_estimable"],
    }


def _named(row: dict[str, Any], *columns: str) -> dict[str, Any]:
    """Return the columns that a document calls as the table does."""
    return {column: row[column] for column in columns}


def _limits(row: dict[str, Any], method: str) -> list[Any]:
    return [row[f"{method}_low"], row[f"{method}_high"]]


def _interaction(by: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    groups = [
        {
            by: row[by],
            "left": {"n_responders": row["left_responders"], "n_evaluable": row["n_left"]},
            "right": {"n_responders": row["right_responders"], "n_evaluable": row["n_right"]},
            "difference": row["difference"],
            "ci": [row["ci_low"], row["ci_high"]],
            "not_estimable": row["not_estimable"],
            "suppressed": bool(row.get("suppressed", False)),
        }
        for row in rows
    ]
    test = {
        "f": rows[0]["f_statistic"],
        "df": [rows[0]["df_groups"], rows[0]["df_clusters"]],
        "p": rows[0]["p_interaction"],
        "clustered_by": rows[0]["clustered_by"],
        "not_estimable": rows[0]["no_test"],
    }
    return {"by": by, "groups": groups, **test}


def check_document(study: Study) -> dict[str, Any]:
    """Return the document of ``capsule check``."""
    return {"problems": records(study.problems[COLUMNS]), "provenance": provenance(study)}


def classes_document(study: Study, classes: pd.DataFrame) -> dict[str, Any]:
    """Return the document of ``capsule classify --safe``: shares of hips, and no hip."""
    return {"classes": records(classes), "provenance": provenance(study, safe=True)}


def classify_document(study: Study, table: pd.DataFrame) -> dict[str, Any]:
    """Return the document of ``capsule classify``; lists of criteria are lists."""
    rows = records(_as_scripts_know(table, study.protocol))
    lists = ("criteria_met", "criteria_lenient", "criteria_failed", "criteria_missing", "settled_by", "flags")
    for row in rows:
        row.update({name: [part for part in (row[name] or "").split("; ") if part] for name in lists})
    return {"classifications": rows, "provenance": provenance(study)}


def _as_scripts_know(table: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Return the hips with the words of their people, and ages as text; numbers of people stand in the assessments."""
    numbers = [name for name, attribute in protocol.attributes.items() if attribute.kind != "text"]
    shown = table.drop(columns=[name for name in numbers if name in table and name != "age_years"])
    if "age_years" in numbers:
        shown["age_years"] = [None if pd.isna(age) else f"{age:g}" for age in table["age_years"]]
    return shown


def to_text(document: dict[str, Any]) -> str:
    """Return a document as JSON text."""
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)
