"""The JSON document of ``capsule sensitivity``; spellings here are a contract."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from analysis.outputs.documents import plain, provenance, records
from analysis.sensitivity.planning import Plan
from analysis.sensitivity.study import Sensitivity
from analysis.show.sentences.planning import assumptions


def sensitivity_document(found: Sensitivity, *, per_hip: bool) -> dict[str, Any]:
    """Return everything ``capsule sensitivity`` found.

    Parameters
    ----------
    found
        The results for one study.
    per_hip
        With the class probabilities of every hip.

    Returns
    -------
    dict
        - ``class_probabilities``: ``n_patients``, ``n_hips``, ``expected_right`` (the mean probability that the
          recorded class is the true one), ``expected_changed`` (that one more reading of the angle in doubt changes
          it), ``prior``, ``confusion`` (a row per recorded class: ``stretch_type``, ``n_patients``, ``n_hips``,
          ``expected_<class>`` hips); with ``per_hip`` also ``hips``
        - ``readings``: ``n_readings``, ``decisions`` (``id``, ``label``, ``options``; how far each alone moves
          ``rate``, ``difference`` and ``typed``), ``flips`` (``question``, ``own``, ``n_readings``, ``n_other``,
          ``others``, ``decision``), ``each`` (a row per reading with the numbers of
          :func:`analysis.sensitivity.readings.every_reading`)
        - ``chance``: a row per rule and group: the rate, its ``chance_rate``, the ``excess``
        - ``own_error``: where hips were read twice with nothing done in between, a row per rule on a gain: the study's
          own ``sem``, ``own_chance`` and ``own_excess`` with their limits
        - ``criteria``: a row per rule on an angle: ``threshold``, ``mdc95``, ``expected_true``, ``passed_true``
        - ``claims``: a row per claim: ``verdict``, ``estimate``, interval, ``smallest_shown``
        - ``provenance``
    """
    return {
        "class_probabilities": _probabilities(found, per_hip),
        "readings": _readings(found),
        "chance": records(found.chance.drop(columns="interval")),
        "own_error": records(found.own_error.drop(columns="interval", errors="ignore")),
        "criteria": records(found.criteria),
        "claims": records(found.claims),
        "provenance": provenance(found._study, safe=found.withholds),
    }


def _probabilities(found: Sensitivity, per_hip: bool) -> dict[str, Any]:
    confusion = found.confusion.drop(columns="n_patients_others", errors="ignore")
    document = {str(name): plain(value) for name, value in found.certainty.items()}
    document |= {"prior": "cohort", "confusion": records(confusion)}
    return document | {"hips": records(found._probabilities)} if per_hip else document


def _readings(found: Sensitivity) -> dict[str, Any]:
    alternatives = found._study.protocol.alternatives
    decisions = []
    for row in records(found.effects):
        alternative = alternatives[row["decision"]]
        options = [option.label for option in alternative.options]
        name = row.pop("decision")
        decisions.append({"id": name, "label": alternative.label, "options": options, **row})
    return {
        "n_readings": len(found.readings),
        "decisions": decisions,
        "flips": records(found.flips),
        "each": records(found.readings),
    }


def plan_document(found: Plan, **asked: object) -> dict[str, Any]:
    """Return the document of ``capsule plan``.

    Parameters
    ----------
    found
        As :func:`analysis.sensitivity.planning.patients_needed` returns it.
    asked
        What was asked: ``question``, ``difference``, ``power``, ``clinics``, ``between``, ``seed``, ``most``.

    Returns
    -------
    dict
        ``asked``; ``patients``, ``patients_low``, ``patients_high`` (null: more than ``most``); ``sizes``, a row per
        size tried; ``assumed``, sentences; ``method``; ``provenance``, always synthetic.
    """
    return {
        "asked": asked,
        "patients": found.patients,
        "patients_low": found.low,
        "patients_high": found.high,
        "sizes": records(found.sizes),
        "assumed": assumptions(found.question, found.truth),
        "method": "cohorts simulated through the whole analysis; limits are of the number simulated alone",
        "provenance": {
            "synthetic": True,
            "program": {"name": "capsule-outcomes", "version": version("capsule-outcomes")},
        },
    }
