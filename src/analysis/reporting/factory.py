"""The report factory: what must exist is planned, what is missing is built, and the index tells."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Literal

from analysis.reporting.failure import Failure
from analysis.reporting.index import INDEX, build_index
from analysis.reporting.lock import lock
from analysis.reporting.parameters import Value
from analysis.reporting.plan import FORMATS, Job, plan_jobs, why_build
from analysis.reporting.pool import build_all
from analysis.reporting.publish import remove_leftovers

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
    """What a run did, job by job in the order of the plan, and where the index is."""

    outcomes: tuple[Outcome, ...]
    index: Path

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
    def planned(self) -> tuple[Outcome, ...]:
        """What a dry run would have built, each with its reason."""
        return self._with("planned")


def build_reports(
    study: Path,
    notebooks: Sequence[Path],
    out: Path,
    *,
    by: str | None = None,
    groups: Sequence[str] = (),
    formats: Sequence[str] = FORMATS,
    parameters: Mapping[str, Value] | None = None,
    jobs: int = 1,
    force: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Summary:
    """Build every report of a study that is not there yet, or not as its inputs demand.

    Reports of the whole study go to ``<out>/<study>/<notebook>.html``, those of a group to
    ``<out>/<study>/<by>/<group>/<notebook>.html``, with safe names (`analysis.reporting.names.file_name`).

    Parameters
    ----------
    study : Path
        The study's folder; notebooks get its absolute path as text parameter ``study``.
    notebooks : sequence of Path
        The report notebooks.
    out : Path
        The output folder, which several studies may share. It is made when missing.
    by : str, optional
        Grouping column; each notebook also runs once per group, through its parameter of this name.
    groups : sequence of str
        The values of that column.
    formats : sequence of str
        ``html``, ``pdf`` or both.
    parameters : mapping, optional
        Given to every notebook, checked against the types it declares.
    jobs : int
        How many reports are built at a time, each in a process of its own. A script that calls this needs the
        ``if __name__ == "__main__":`` guard.
    force : bool
        Build also what has not changed.
    dry_run : bool
        Only say what would be built and why; nothing is written.
    progress : function, optional
        Called as ``progress(done, total, outcome)`` after each report built or failed.

    Returns
    -------
    Summary
        One outcome per report. A failed report stops no other.

    Raises
    ------
    ValueError
        A notebook, a parameter, a format or the output folder is wrong; nothing was built.
    analysis.reporting.lock.OutputInUse
        Another run holds the output folder.
    OSError
        The output folder cannot be made or written to.
    """
    if jobs < 1:
        raise ValueError(f"jobs: {jobs}; at least one report must be built at a time")
    out = out.resolve()
    if out.is_relative_to(study.resolve()):
        raise ValueError(f"{out}: reports must not go into the study's own folder; choose another")
    plan = plan_jobs(study, notebooks, by=by, groups=groups, formats=formats, parameters=parameters)
    if dry_run:
        return Summary(tuple(_decide(plan, out, force).values()), out / INDEX)
    out.mkdir(parents=True, exist_ok=True)
    with lock(out):
        remove_leftovers(out)
        outcomes = _decide(plan, out, force)
        try:
            _build(outcomes, out, jobs, progress)
        finally:
            index = build_index(out)
    return Summary(tuple(outcomes.values()), index)


def _decide(plan: Sequence[Job], out: Path, force: bool) -> dict[PurePosixPath, Outcome]:
    """Mark each job planned or skipped, by the place of its files."""
    outcomes = {}
    for job in plan:
        reason = why_build(job, out, force=force)
        outcomes[job.stem] = Outcome(job, "planned", reason) if reason else Outcome(job, "skipped")
    return outcomes


def _build(outcomes: dict[PurePosixPath, Outcome], out: Path, workers: int, progress: Progress | None) -> None:
    """Build what is planned, and put what became of it in place of the plan."""
    planned = [outcome.job for outcome in outcomes.values() if outcome.status == "planned"]
    count = itertools.count(1)

    def done(job: Job, failure: Failure | None) -> None:
        status: Status = "failed" if failure else "built"
        outcome = outcomes[job.stem] = replace(outcomes[job.stem], status=status, failure=failure)
        if progress:
            progress(next(count), len(planned), outcome)

    build_all(planned, out, workers, done)
