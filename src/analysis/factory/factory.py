"""The report factory: what must exist is planned, what is missing is built, and the index tells."""

import itertools
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Literal

from analysis.factory.failure import Failure
from analysis.factory.limits import USUAL, Limits
from analysis.factory.parameters import Value
from analysis.factory.plan import FORMATS, NOTHING, PAPERS, Job, plan_jobs
from analysis.factory.pool import Builder, local_builder
from analysis.factory.publishing import journal
from analysis.factory.publishing.index import INDEX, build_index
from analysis.factory.publishing.lock import lock
from analysis.factory.publishing.manifest import SUFFIX, read_manifest
from analysis.factory.publishing.overview_pdf import overview_kept
from analysis.factory.publishing.tag import refuse_others, write_tag
from analysis.factory.up_to_date import mark_outdated, why_build
from analysis.machine.files import make_folder, remove_leftovers, sha256_of
from analysis.outputs.private import remove_abandoned

Status = Literal["planned", "skipped", "built", "failed"]


@dataclass(frozen=True)
class Outcome:
    """What became of a job: why it had to run, and why it failed if it did."""

    job: Job
    status: Status
    reason: str = ""
    failure: Failure | None = None


Progress = Callable[[int, int, Outcome], None]


@dataclass(frozen=True)
class Summary:
    """What a run did, job by job in the order of the plan, where the index is, and how long it took.

    `gone` counts older reports of groups that the data no longer has; they stay, marked as such.
    """

    outcomes: tuple[Outcome, ...]
    index: Path
    gone: int = 0
    seconds: float = 0.0

    def _with(self, status: Status) -> tuple[Outcome, ...]:
        return tuple(outcome for outcome in self.outcomes if outcome.status == status)

    @property
    def built(self) -> tuple[Outcome, ...]:
        """Reports built and published."""
        return self._with("built")

    @property
    def skipped(self) -> tuple[Outcome, ...]:
        """Reports that were already what their inputs demand."""
        return self._with("skipped")

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """Reports that could not be built; an older one stays, marked stale."""
        return self._with("failed")

    @property
    def unshown(self) -> dict[str, int]:
        """How many outputs each report could not show, for those built that could not show all."""
        out, found = self.index.parent, {}
        for outcome in self.built:
            manifest = read_manifest(outcome.job.file(out, SUFFIX))
            if manifest and manifest.unshown:
                found[str(outcome.job.stem)] = manifest.unshown
        return found

    @property
    def planned(self) -> tuple[Outcome, ...]:
        """What a dry run would have built, each with its reason."""
        return self._with("planned")


def build_reports(
    study: Path,
    notebooks: Sequence[Path],
    out: Path,
    *,
    by: str | None = None,
    groups: Sequence[str] | Mapping[str, Mapping[str, str]] = (),
    group_name: str = "",
    formats: Sequence[str] = FORMATS,
    paper: str = PAPERS[0],
    parameters: Mapping[str, Value] = NOTHING,
    settings: Mapping[str, str] = NOTHING,
    jobs: int = 1,
    scheduler: str | None = None,
    study_url: str | None = None,
    limits: Limits = USUAL,
    force: bool = False,
    dry_run: bool = False,
    key: bytes | None = None,
    progress: Progress | None = None,
) -> Summary:
    """Build every report of a study that is not there yet, or not as its inputs demand.

    Reports of the whole study go to ``<out>/<study>/<notebook>.html``, those of a group to
    ``<out>/<study>/<by>/<group>/<notebook>.html``, with safe names (`analysis.factory.names.file_name`).

    Parameters
    ----------
    study : Path
        The study's folder; notebooks get its absolute path as text parameter ``study``.
    notebooks : sequence of Path
        The report notebooks.
    out : Path
        The output folder, which several studies may share. It is made when missing.
    by, groups, group_name
        The grouping column, its values and its name in words; see `analysis.factory.plan.plan_jobs`.
    formats : sequence of str
        ``html``, ``pdf`` or both.
    paper : str
        Size of the sheets of a PDF, ``a4`` or ``us-letter``.
    parameters : mapping
        Given to every notebook, checked against the types it declares.
    settings : mapping of str to str
        Further parameters as text, for the notebooks that have them.
    jobs : int
        How many reports are built at a time, each in a process of its own.
    scheduler : str, optional
        Address of a Dask scheduler on whose workers the reports are built instead. They must see the study and
        the notebooks under the same paths.
    study_url : str, optional
        Where those workers fetch the study from instead, as fsspec reads it; see
        `analysis.factory.cluster.cluster_builder`.
    limits : Limits
        What each report may take.
    force : bool
        Rebuild unchanged reports too.
    dry_run : bool
        Only say what would be built and why; nothing is written.
    key : bytes, optional
        Tags the journal at the end, so that `verify` with the same key finds forgery; see
        `analysis.factory.publishing.tag`.
    progress : function, optional
        Called as ``progress(done, total, outcome)`` after each report built or failed.

    Returns
    -------
    Summary
        One outcome per report. A failed report stops no other.

    Raises
    ------
    ValueError
        A notebook, a parameter, a format, the output folder or its journal is wrong, or the journal's tag does not
        fit the key; nothing was built.
    analysis.factory.publishing.lock.OutputInUse
        Another run holds the output folder.
    OSError
        The output folder cannot be made or written to.
    """
    started = time.monotonic()
    if jobs < 1:
        raise ValueError(f"jobs: {jobs}; at least one report must be built at a time")
    out = out.resolve()
    if out.is_relative_to(study.resolve()):
        raise ValueError(f"{out}: reports must not go into the study's own folder; choose another")
    plan = plan_jobs(
        study,
        notebooks,
        by=by,
        groups=groups,
        group_name=group_name,
        formats=formats,
        paper=paper,
        parameters=parameters,
        settings=settings,
    )
    if dry_run:
        return Summary(tuple(_decide(plan, out, force).values()), out / INDEX)
    make_folder(out, private=any(job.internal for job in plan))
    remove_abandoned()
    with lock(out):
        remove_leftovers(out, other=journal.JOURNAL)
        journal.repair(out)
        if key:
            refuse_others(out, key)
        outcomes = _decide(plan, out, force)
        gone = mark_outdated(plan, out)
        builder = _cluster(scheduler, study_url) if scheduler else local_builder(jobs)
        try:
            _build(outcomes, out, builder, limits, progress)
        finally:
            # Whatever was under way is dead by now, and may have died writing.
            remove_leftovers(out, other=journal.JOURNAL)
            index = _end(outcomes, out, paper)
            if key:
                write_tag(out, key)
    return Summary(tuple(outcomes.values()), index, gone, time.monotonic() - started)


def _cluster(scheduler: str, study_url: str | None) -> Builder:
    # The cluster's client is an optional extra, and slow to load.
    from analysis.factory.cluster import cluster_builder

    return cluster_builder(scheduler, study_url)


def _decide(plan: Sequence[Job], out: Path, force: bool) -> dict[PurePosixPath, Outcome]:
    """Mark each job planned or skipped, by the place of its files."""
    journaled = journal.reports(journal.read(out))
    outcomes = {}
    for job in plan:
        reason = why_build(job, out, journaled, force=force)
        outcomes[job.stem] = Outcome(job, "planned", reason) if reason else Outcome(job, "skipped")
    return outcomes


def _build(
    outcomes: dict[PurePosixPath, Outcome], out: Path, build: Builder, limits: Limits, progress: Progress | None
) -> None:
    """Build what is planned, and put what became of it in place of the plan."""
    planned = [outcome.job for outcome in outcomes.values() if outcome.status == "planned"]
    if not planned:
        return
    journal.append(out, "run started", study=planned[0].study_name, planned=len(planned), of=len(outcomes))
    count = itertools.count(1)

    def done(job: Job, failure: Failure | None) -> None:
        status: Status = "failed" if failure else "built"
        outcome = outcomes[job.stem] = replace(outcomes[job.stem], status=status, failure=failure)
        if progress:
            progress(next(count), len(planned), outcome)

    build(planned, out, limits, done)


def _end(outcomes: Mapping[PurePosixPath, Outcome], out: Path, paper: str) -> Path:
    """Write the index, and the end of the run into the journal; what is still planned was interrupted."""
    listed = build_index(out, paper, overview_kept(journal.read(out)))
    counts = Counter(outcome.status for outcome in outcomes.values())
    journal.append(out, "run ended", index=sha256_of(listed.index), overview=listed.overview, reports=dict(counts))
    return listed.index
