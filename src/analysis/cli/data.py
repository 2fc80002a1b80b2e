"""Commands that look at the data: init, check, process, classify, explain, simulate."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from analysis.answers.classes import class_shares
from analysis.cli.app import DATA_FAILED, DONE, WRONG_USAGE, JsonFile, Safe, Stop, StudyFolder, app, put
from analysis.cli.terminal import show_table
from analysis.disclosure import protect
from analysis.intake import load, read_study
from analysis.intake.problems import place_of
from analysis.intake.start import start_study
from analysis.outputs.documents import check_document, classes_document, classify_document
from analysis.outputs.store import write_tables
from analysis.pipeline import analyse
from analysis.schema import SIDES, was_measured
from analysis.show.explain import explain as story
from analysis.show.words import count
from analysis.simulate import CohortParameters, write_study
from analysis.simulate import simulate as make_cohort

_SHOWN_OF_A_KIND = 20


@app.command()
def init(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="What a clinic sent.")],
    out: Annotated[Path | None, typer.Option(help="The study folder; left out: where the file lies.")] = None,
    protocol: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="The study's own rules; left out: built in.")
    ] = None,
) -> None:
    """Look at a file and write a first study.toml for it, with a question wherever it is not sure."""
    written = start_study(file, out or file.parent, protocol)
    questions = written.read_text(encoding="utf-8").count("# ?")
    print(f"{written}: written, with {questions} questions, each marked '# ?'. Then: capsule check {written.parent}")


@app.command()
def check(study: StudyFolder, json: JsonFile = None) -> int:
    """List every problem in the data; exit 1 if any is an error."""
    found = read_study(study)

    def show() -> None:
        if len(found.problems):
            _show_problems(found.problems)
        counts = found.problems["severity"].value_counts(sort=False)
        words = ", ".join(f"{n} {name}{'' if n == 1 else 's'}" for name, n in counts.items())
        visits = int(was_measured(found.assessments, found.protocol).sum())
        size = f"{count(found.n_patients, 'patient')}, {count(visits, 'assessment')}"
        print(f"{found.name}: {size}; {words}.")

    put(check_document(found), json, show)
    return DATA_FAILED if len(found.errors) else DONE


def _show_problems(problems: pd.DataFrame) -> None:
    """Print each problem above its places, the first of a kind: a fault of a whole column would bury the others."""
    kind = problems.groupby(["rule", "column"], sort=False)
    first = problems[kind.cumcount() < _SHOWN_OF_A_KIND]
    for (severity, message, rule), found in first.groupby(["severity", "message", "rule"], sort=False, observed=True):
        print(f"{severity}: {message} ({rule})")
        for problem in found.to_dict("records"):
            print(f"    {': '.join(part for part in (place_of(problem), problem['value_shown']) if part)}")
    for row in kind.size().reset_index(name="n").query("n > @_SHOWN_OF_A_KIND").to_dict("records"):
        more = row["n"] - _SHOWN_OF_A_KIND
        print(f"… and {more} more of {row['rule']} in {row['column'] or 'rows'}; --json FILE has all")


@app.command()
def process(study: StudyFolder, out: Annotated[Path, typer.Option(help="Folder for the tables.")]) -> None:
    """Write every table as Parquet, sorted by patient, with a manifest."""
    loaded = load(study)
    written = write_tables(loaded, analyse(loaded), out)
    print(f"{out}: {', '.join(written)}")


@app.command()
def classify(study: StudyFolder, json: JsonFile = None, safe: Safe = False) -> None:
    """Say which presentation each hip shows, how surely, and what would settle the open ones."""
    loaded = load(study)
    made = analyse(loaded)
    table = made.classifications
    if safe:
        classes = class_shares(table, loaded.protocol)
        if len(classes):
            from analysis.report.scope import release_of  # solving what to withhold loads much

            release = release_of(study, loaded, made, loaded.protocol.primary_comparison)
            besides = release.besides(classes, "classes")
            classes = protect(classes, "classes", (), loaded.policy.minimum, loaded.n_patients, besides)
        put(classes_document(loaded, classes), json, lambda: show_table(classes), private=False)
        return
    shown = [
        "patient_id",
        "side",
        "episode",
        "stretch_type",
        "certainty",
        "presentation",
        "settled_by",
        "flags",
    ]

    def show() -> None:
        if not loaded.protocol.types:
            print(f"The protocol {loaded.protocol.id!r} defines no types, so there is nothing to classify.")
            return
        show_table(table[shown], keys=2)
        counts = table.groupby(["stretch_type", "certainty"], observed=True, dropna=False).size()
        show_table(counts.reset_index(name=loaded.protocol.words.hips))

    put(classify_document(loaded, table), json, show)


@app.command()
def explain(
    study: StudyFolder,
    patient: Annotated[str, typer.Argument(help="The patient's identifier, as in the file.")],
    side: Annotated[str, typer.Argument(help="left or right")],
    safe: Safe = False,
) -> None:
    """Tell the story of one hip, rule by rule."""
    if safe:
        raise Stop(WRONG_USAGE, "the story of one hip is about one patient: nothing of it can be told with --safe")
    if side not in SIDES:
        raise Stop(WRONG_USAGE, f"SIDE is {side!r}; it can be left or right")
    loaded = load(study)
    print(story(analyse(loaded), loaded.protocol, patient, side))


@app.command()
def simulate(
    patients: Annotated[int, typer.Option(min=1, help="How many people.")],
    out: Annotated[Path, typer.Option(help="A new or empty folder for the study.")],
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same files.")] = 1,
    null: Annotated[bool, typer.Option("--null", help="Nothing truly changes.")] = False,
    reread: Annotated[
        float, typer.Option(min=0, max=1, help="Share of people read a second time with nothing done in between.")
    ] = 0,
    without_error: Annotated[bool, typer.Option("--without-error", help="Every reading is the true value.")] = False,
) -> None:
    """Make a synthetic study with its truth table."""
    parameters = CohortParameters(null=null, reread_share=reread)
    if without_error:
        parameters = replace(parameters, measurement_error=False, gross_error_share=0.0)
    write_study(make_cohort(patients, seed, parameters), out, f"Synthetic cohort of {patients} people")
    print(f"{out}: {patients} patients, seed {seed}")
