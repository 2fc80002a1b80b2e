"""The command that tells how sure the answers are."""

from __future__ import annotations

from typing import Annotated

import pandas as pd
import typer

from analysis.cli.app import Comparison, JsonFile, Safe, StudyFolder, app, put, show_table
from analysis.intake import load
from analysis.pipeline import analyse
from analysis.sensitivity.documents import sensitivity_document
from analysis.sensitivity.study import Sensitivity
from analysis.words import count

_TO_MEASURE_AGAIN = 10


@app.command()
def sensitivity(
    study: StudyFolder,
    comparison: Comparison = None,
    json: JsonFile = None,
    hips: Annotated[bool, typer.Option("--hips", help="With the class probabilities of every hip.")] = False,
    safe: Safe = False,
) -> None:
    """Say how sure the answers are: class probabilities, every reading of the rules, chance, claims."""
    loaded = load(study)
    known = loaded.protocol.comparisons
    if comparison is not None and comparison not in known:
        raise ValueError(f"comparison is {comparison!r}; it can be {', '.join(known)}")
    if hips and safe:
        raise ValueError("--hips shows single hips, which --safe withholds; choose one of them")
    found = Sensitivity(loaded, analyse(loaded), comparison or loaded.protocol.primary_comparison, not safe)
    put(sensitivity_document(found, per_hip=hips), json, lambda: _show(found, hips, safe))


def _show(found: Sensitivity, hips: bool, safe: bool) -> None:
    if len(found.probabilities):
        _show_classes(found, hips, safe)
    else:
        print(f"The protocol {found.protocol.id!r} defines no types, so there are no class probabilities.")
    if len(found.readings):
        print(f"\nUnder {count(len(found.readings), 'reading')} of the rules: conclusions that change")
        show_table(found.flips)
        print("\nHow far each decision alone moves the answers")
        show_table(found.effects, dict.fromkeys(["rate", "difference", "typed"], "{:.3f}".format))
    else:
        print(f"\nThe protocol {found.protocol.id!r} lists no alternative readings.")
    print("\nEach rule against chance")
    columns = [found.protocol.group_by, "response", "n_responders", "n_evaluable", "rate", "chance_rate",
               "excess", "excess_low", "excess_high", "against_chance"]  # fmt: skip
    show_table(found.chance[columns], _three(found.chance))
    print("\nEach rule against measurement error")
    show_table(
        found.criteria.drop(columns=["n_patients_passed", "n_patients_not"], errors="ignore"), _three(found.criteria)
    )
    if len(found.claims):
        print("\nThe claims")
        show_table(found.claims.drop(columns=["n_first", "n_second"]), _three(found.claims))


def _show_classes(found: Sensitivity, hips: bool, safe: bool) -> None:
    print("Hips of each recorded class (rows) expected to be truly of each class (columns)")
    confusion = found.confusion.drop(columns=["n_patients", "n_patients_others"])
    show_table(confusion, dict.fromkeys(map(str, confusion.columns[2:]), "{:.1f}".format))
    if safe:
        return
    table = found.probabilities
    again = table if hips else table.nlargest(_TO_MEASURE_AGAIN, "p_repeat_changes")
    print("\nHips" if hips else "\nHips whose class one more reading would most likely change")
    show_table(again, _three(again))


def _three(table: pd.DataFrame) -> dict:
    return {str(name): "{:.3f}".format for name in table.select_dtypes("float")}
