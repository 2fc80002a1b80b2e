"""The commands that tell how sure the answers are, and how many patients would make them so."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console
from rich.progress import Progress

from analysis.cli.app import Comparison, JsonFile, Safe, StudyFolder, app, put
from analysis.cli.terminal import show_table
from analysis.intake import load
from analysis.intake.processed import described, is_processed
from analysis.outputs.sensitivity import plan_document, sensitivity_document
from analysis.pipeline import analyse
from analysis.sensitivity.in_blocks import SensitivityInBlocks, goes_in_blocks
from analysis.sensitivity.planning import ONE_CLINIC, patients_needed
from analysis.sensitivity.study import Sensitivity
from analysis.show.sentences.planning import assumptions
from analysis.show.words import count, percent
from analysis.study import Study
from analysis.usererror import UserError

_WANTED = {
    "sides": "that left hips have {} less internal rotation than right ones",
    "matched": "that matched stretches gain {} more internal rotation than others",
}


@app.command()
def sensitivity(
    study: StudyFolder,
    comparison: Comparison = None,
    json: JsonFile = None,
    hips: Annotated[bool, typer.Option("--hips", help="With the class probabilities of every hip.")] = False,
    safe: Safe = False,
) -> None:
    """Say how sure the answers are: class probabilities, every reading of the rules, chance, claims."""
    in_blocks = is_processed(study) and not (hips or safe) and goes_in_blocks(described(study).protocol)
    loaded = described(study) if in_blocks else load(study)
    known = loaded.protocol.comparisons
    if comparison is not None and comparison not in known:
        raise ValueError(f"comparison is {comparison!r}; it can be {', '.join(known)}")
    if hips and safe:
        raise ValueError("--hips shows single hips, which --safe withholds; choose one of them")
    asked = comparison or loaded.protocol.primary_comparison
    if in_blocks:
        found: Sensitivity = SensitivityInBlocks.of(study, loaded, asked)
    else:
        found = _in_tables(study, loaded, asked, safe)
    put(sensitivity_document(found, per_hip=hips), json, lambda: _show(found, hips, safe), private=not safe)


def _in_tables(folder: Path, study: Study, comparison: str, safe: bool) -> Sensitivity:
    """Return the answers, without what the reports of the study withhold together where that is asked for."""
    tables = analyse(study)
    if not safe:
        return Sensitivity(study, tables, comparison, internal=True)
    from analysis.report.scope import release_of  # solving what to withhold loads much

    return Sensitivity(study, tables, comparison, False, release_of(folder, study, tables, comparison))


def _show(found: Sensitivity, hips: bool, safe: bool) -> None:
    if len(found.confusion):
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
    print(f"{found.protocol.words.Hips} of each recorded class (rows) expected to be truly of each class (columns)")
    confusion = found.confusion.drop(columns=["n_patients", "n_patients_others"])
    show_table(confusion, dict.fromkeys(map(str, confusion.columns[2:]), "{:.1f}".format))
    if safe:
        return
    again = found._probabilities if hips else found.to_measure_again
    again_of = found.protocol.words.Hips
    print(f"\n{again_of}" if hips else f"\n{again_of} whose class one more reading would most likely change")
    show_table(again, _three(again), keys=2)


def _three(table: pd.DataFrame) -> dict:
    return {str(name): "{:.3f}".format for name in table.select_dtypes("float")}


@app.command()
def plan(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="sides (left against right) or matched.")],
    difference: Annotated[float, typer.Option(help="The true difference, in degrees of internal rotation.")],
    power: Annotated[float, typer.Option(help="How often a cohort should show it.")] = 0.80,
    cohorts: Annotated[int, typer.Option(help="How many cohorts to simulate; 200 take about twenty seconds.")] = 200,
    clinics: Annotated[int, typer.Option(min=1, help="How many clinics share the patients.")] = 1,
    between: Annotated[
        float, typer.Option(min=0, help="How much the difference varies between clinics: SD, degrees.")
    ] = 0,
    most: Annotated[int, typer.Option(help="Largest sample size to consider.")] = 2_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same answer.")] = 1,
    json: JsonFile = None,
) -> None:
    """Say how many patients a clinic needs to show a difference, by simulated cohorts through the whole analysis."""
    if between and clinics == 1:
        raise UserError("--between says how clinics differ; give --clinics 2 or more with it")
    parameters = replace(ONE_CLINIC, clinics=clinics, clinic_left_ir_sd=between, clinic_match_sd=between)
    with _progress() as step, _on_every_core() as each:
        found = patients_needed(question, difference, power, cohorts, seed, parameters, most, step, each)
    asked = {"question": question, "difference": difference, "power": power, "clinics": clinics, "between": between}
    document = plan_document(found, **asked, seed=seed, most=most)

    def show() -> None:
        wanted = f"to show {_WANTED[question].format(f'{difference:g}°')} in {percent(power)} of cohorts"
        if found.patients is None:
            print(f"More than {most:,} patients are needed {wanted}.")
        else:
            top = f"more than {most:,}" if found.high is None else f"{found.high:,}"
            print(f"{found.patients:,} patients are needed {wanted}.")
            print(f"Simulating {cohorts} cohorts leaves this uncertain from {found.low:,} to {top}.")
        print("\nThe people are made up. What is assumed of them:")
        for line in assumptions(found.question, found.truth):
            print(f"- {line}")
        print("\nHow often cohorts of each size showed it, and the curve through these counts:")
        show_table(found.sizes.drop(columns="mean_estimate"), _three(found.sizes))

    put(document, json, show, private=False)


@contextmanager
def _on_every_core() -> Iterator[Callable[..., Iterable[pd.DataFrame]]]:
    """Give a `map` that works on all cores at once."""
    os.environ |= {"PYTHONSAFEPATH": "1"}  # as in every process of ours: nothing is imported from the current folder
    own = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
    own.set_forkserver_preload([patients_needed.__module__])
    interrupt = (signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends this process, which ends them
    with ProcessPoolExecutor(mp_context=own, initializer=signal.signal, initargs=interrupt) as pool:
        yield pool.map


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """Show how far it is: a bar on a terminal, now and then a plain line elsewhere; both on standard error."""
    if not sys.stderr.isatty():
        yield lambda done, of: print(f"{done} of {of} cohorts", file=sys.stderr) if done * 10 % of < 10 else None
        return
    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("cohorts")
        yield lambda done, of: bar.update(task, completed=done, total=of)
