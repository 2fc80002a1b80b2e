"""Commands that look at the data: init, process, classify, explain, simulate."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from analysis.answers.classes import class_shares
from analysis.cli.app import WRONG_USAGE, JsonFile, Safe, Stop, StudyFolder, app, put
from analysis.cli.ask import Asker
from analysis.cli.terminal import show_table
from analysis.disclosure import protect
from analysis.hips.classify import classify as classify_each
from analysis.hips.classify import classify_blocks, columns_classified
from analysis.intake import load
from analysis.intake.memory import in_groups
from analysis.intake.processed import blocks, described, is_processed
from analysis.intake.questions import nobody
from analysis.intake.start import start_study
from analysis.outputs.documents import classes_document, classify_document
from analysis.outputs.store import write_groups, write_tables
from analysis.pipeline import analyse
from analysis.protocol.policies import OPEN
from analysis.report.ledger import ledger_of
from analysis.schema import SIDES
from analysis.show.explain import explain as story
from analysis.simulate import CohortParameters, write_study
from analysis.simulate import simulate as make_cohort
from analysis.study import Study

_CLASSIFIED = ["patient_id", "side", "episode", "stretch_type", "certainty", "presentation", "settled_by", "flags"]
_MOST_LISTED = 5_000  # hips; nobody reads more on a terminal


@app.command()
def init(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", exists=True, dir_okay=False, help="What a clinic sent.")
    ],
    out: Annotated[Path | None, typer.Option(help="The study folder; left out: where the first file lies.")] = None,
    protocol: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="The study's own rules; left out: built in.")
    ] = None,
    ask: Annotated[bool, typer.Option("--ask", help="Put the questions here, one after the other.")] = False,
) -> None:
    """Look at files and write a first study.toml for them, with a question wherever it is not sure."""
    written = start_study(files, out or files[0].parent, protocol, Asker() if ask else nobody)
    questions = written.read_text(encoding="utf-8").count("# ?")
    print(f"{written}: written, with {questions} questions, each marked '# ?'. Then: capsule check {written.parent}")


@app.command()
def process(
    study: StudyFolder,
    out: Annotated[Path, typer.Option(help="Folder for the tables.")],
    data_only: Annotated[
        bool, typer.Option("--data-only", help="Write the data alone, of which commands make results: half the memory.")
    ] = False,
    memory: Annotated[
        float | None,
        typer.Option(min=1, metavar="GB", help="With --data-only: how much to use; left out, most of what is free."),
    ] = None,
) -> None:
    """Write every table as Parquet, sorted by patient, with a manifest."""
    if memory and not data_only:
        raise Stop(WRONG_USAGE, "--memory goes with --data-only: every table is made of everyone at once")
    if memory and is_processed(study):
        raise Stop(WRONG_USAGE, "--memory is for a study's own files; a processed folder is read whole")

    def ledger(of: Study) -> Path | None:
        return ledger_of(study) if of.policy != OPEN else None

    if data_only and not is_processed(study):
        written = write_groups(in_groups(study, int(memory * 1e9) if memory else None), out, ledger)
    else:
        loaded = load(study)
        written = write_tables(loaded, None if data_only else analyse(loaded), out, ledger(loaded))
    print(f"{out}: {', '.join(written)}")


@app.command()
def classify(study: StudyFolder, json: JsonFile = None, safe: Safe = False) -> None:
    """Say which presentation each hip shows, how surely, and what would settle the open ones."""
    if safe:
        loaded, classes = _classes_safely(study)
        put(classes_document(loaded, classes), json, lambda: show_table(classes), private=False)
        return
    if is_processed(study):
        loaded = described(study)
        table = classify_blocks(blocks(study, columns_classified(loaded.protocol), loaded.protocol), loaded.protocol)
    else:
        loaded = load(study)
        table = classify_each(loaded.assessments, loaded.protocol)

    def show() -> None:
        if not loaded.protocol.types:
            print(f"The protocol {loaded.protocol.id!r} defines no types, so there is nothing to classify.")
            return
        if len(table) <= _MOST_LISTED:
            show_table(table[_CLASSIFIED], keys=2)
        else:
            print(f"{len(table):,} {loaded.protocol.words.hips}; --json FILE writes each of them.")
        counts = table.groupby(["stretch_type", "certainty"], observed=True, dropna=False).size()
        show_table(counts.reset_index(name=loaded.protocol.words.hips))

    put(classify_document(loaded, table) if json else {}, json, show)


def _classes_safely(folder: Path) -> tuple[Study, pd.DataFrame]:
    """Return a study, and how many hips are of each class, without small numbers."""
    study = load(folder)
    made = analyse(study)
    classes = class_shares(made.classifications, study.protocol)
    if not len(classes):
        return study, classes
    from analysis.report.scope import release_of  # solving what to withhold loads much

    besides = release_of(folder, study, made, study.protocol.primary_comparison).besides(classes, "classes")
    return study, protect(classes, "classes", (), study.policy.minimum, study.n_patients, besides)


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
