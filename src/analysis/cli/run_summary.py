"""What a run of reports does and did: its progress, its end in words, as a document and as an exit code."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from analysis.cli.app import DATA_FAILED, DONE, MACHINE_FAILED, error
from analysis.factory.factory import Outcome, Summary
from analysis.factory.publishing.index import unshown_in_words

if TYPE_CHECKING:
    from rich.progress import Progress


class Teller:
    """A progress bar on a terminal, plain lines otherwise."""

    def __init__(self) -> None:
        self.bar = _bar() if sys.stderr.isatty() else None
        self.task = self.bar.add_task("Reports", total=None) if self.bar else None

    def __enter__(self) -> Teller:
        if self.bar:
            self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar:
            self.bar.stop()

    def tell(self, done: int, total: int, outcome: Outcome) -> None:
        """Say that one more report is done."""
        if self.bar and self.task is not None:
            self.bar.update(self.task, completed=done, total=total)
        else:
            print(f"{done}/{total} {outcome.status} {outcome.job.stem}", file=sys.stderr)


def _bar() -> Progress:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())


def exit_code(summary: Summary) -> int:
    """Tell reports that failed by their own fault from a machine that failed them."""
    if any(outcome.failure and outcome.failure.by_machine for outcome in summary.failed):
        return MACHINE_FAILED
    return DATA_FAILED if summary.failed else DONE


def summary_document(summary: Summary) -> dict[str, Any]:
    """Say what a run did, fit for alerting: numbers, places and classes of errors, never values."""
    failed = [
        {"report": str(outcome.job.stem), **asdict(outcome.failure)} for outcome in summary.failed if outcome.failure
    ]
    planned = [{"report": str(outcome.job.stem), "reason": outcome.reason} for outcome in summary.planned]
    return {
        "built": len(summary.built),
        "up_to_date": len(summary.skipped),
        "failed": failed,
        "planned": planned,
        "gone": summary.gone,
        "unshown": [{"report": stem, "outputs": number} for stem, number in summary.unshown.items()],
        "seconds": round(summary.seconds, 1),
        "exit_code": exit_code(summary),
        "index": str(summary.index),
    }


def say_summary(summary: Summary, dry_run: bool) -> None:
    """Print what a run did, or would do; what failed goes to standard error."""
    for outcome in summary.planned if dry_run else summary.failed:
        why = outcome.failure.message if outcome.failure else outcome.reason
        (print if dry_run else error)(f"{outcome.job.stem}: {why}")
    if dry_run:
        print(f"{len(summary.planned)} would be built, {len(summary.skipped)} are up to date")
        return
    for stem, number in summary.unshown.items():
        error(f"{stem}: {unshown_in_words(number)}")
    gone = f", {summary.gone} of groups no longer in the data" if summary.gone else ""
    print(f"{len(summary.built)} built, {len(summary.skipped)} up to date, {len(summary.failed)} failed{gone}")
    print(summary.index)
