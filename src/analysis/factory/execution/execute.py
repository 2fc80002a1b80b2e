"""Run a notebook and judge the run; papermill executes, but its record of success is not believed.

papermill calls every cell completed after a killed kernel or a time-out, and takes ``sys.exit(0)`` for
success. A run counts here when nothing was raised, every code cell has its execution count, no output is an
error, and the last code cell has put out the sentinel of a finished report (`analysis.show.display.Sentinel`).
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import papermill
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError
from papermill.execute import ERROR_MARKER_TAG

from analysis.factory.execution.engine import ENGINE, KERNEL, OutputTooLarge
from analysis.factory.failure import Failure
from analysis.factory.limits import USUAL, Limits
from analysis.factory.notebook import is_code, tags
from analysis.factory.parameters import Value
from analysis.factory.reach import INJECTED
from analysis.show.display import SENTINEL_MIME


@dataclass(frozen=True)
class CellRun:
    """One code cell's part in a run; its count is missing when the cell never ran."""

    cell: int
    execution_count: int | None
    seconds: float | None


@dataclass(frozen=True)
class Execution:
    """An executed notebook, how its code cells went, and the failure if there was one."""

    notebook: NotebookNode
    cells: tuple[CellRun, ...]
    failure: Failure | None


def execute(
    notebook: NotebookNode,
    parameters: Mapping[str, Value],
    folder: Path,
    *,
    seed: int | None = None,
    limits: Limits = USUAL,
) -> Execution:
    """Run a notebook in a fresh shell of this interpreter.

    Parameters
    ----------
    notebook : NotebookNode
        The notebook's source; it is not changed.
    parameters : mapping of str to str, bool, int or float
        Already checked against the notebook (`check_parameters`).
    folder : Path
        Working directory of the notebook.
    seed : int, optional
        Seed of the notebook's random numbers; drawn anew when left out.
    limits : Limits
        What the run may take.

    Returns
    -------
    Execution
        `failure` is None only for a whole run.
    """
    # papermill logs paths and the text of errors, which may hold a patient's values.
    logging.getLogger("papermill").setLevel(logging.CRITICAL + 1)
    runs: list[NotebookNode] = []
    error: Exception | None = None
    try:
        # The node and not its path: papermill would format braces in a path as parameters.
        papermill.execute_notebook(
            notebook,
            None,
            parameters=dict(parameters),
            engine_name=ENGINE,
            kernel_name=KERNEL,
            language="python",
            progress_bar=False,
            cwd=folder,
            start_timeout=limits.start_seconds,
            execution_timeout=limits.cell_seconds,
            output_limit=limits.output_megabytes,
            memory_limit=limits.memory_megabytes,
            seed=seed,
            keep=runs.append,
        )
    except Exception as raised:  # whatever a notebook or its kernel raises is a failure of this one report
        error = raised
    executed = runs[0] if runs else notebook
    executed.cells = [cell for cell in executed.cells if ERROR_MARKER_TAG not in tags(cell)]
    # papermill keeps the parameters and the whole input here; the manifest says it without a machine's paths.
    executed.metadata.pop("papermill", None)
    cells = _authors_cells(executed)
    return Execution(executed, _cell_runs(cells), _judge(cells, error, limits))


def _authors_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the cells as the author counts them: without the one papermill put in."""
    return [cell for cell in notebook.cells if INJECTED not in tags(cell)]


def _cell_runs(cells: list[NotebookNode]) -> tuple[CellRun, ...]:
    return tuple(
        CellRun(number, cell.execution_count, cell.metadata.get("papermill", {}).get("duration"))
        for number, cell in enumerate(cells, start=1)
        if is_code(cell)
    )


def _has_sentinel(cells: list[NotebookNode]) -> bool:
    code = [cell for cell in cells if is_code(cell)]
    outputs = code[-1].get("outputs", []) if code else []
    return any(SENTINEL_MIME in output.get("data", {}) for output in outputs)


def _judge(cells: list[NotebookNode], error: Exception | None, limits: Limits) -> Failure | None:
    raised = _first_error_output(cells)
    reached = _last_started(cells)
    match error:
        case _ if raised:
            return raised
        case DeadKernelError():
            return Failure("KernelDied", f"The kernel died in cell {reached}; was it out of memory?", reached)
        case CellTimeoutError():
            return Failure("CellTimeout", f"Cell {reached} took longer than {limits.cell_seconds:g} s.", reached)
        case OutputTooLarge():
            message = f"By cell {reached} the notebook had put out more than {limits.output_megabytes} MB."
            return Failure("OutputTooLarge", message, reached)
        case RuntimeError() if reached is None:
            return Failure("KernelNotStarted", "The kernel did not start.")
        case OSError():
            return Failure(type(error).__name__, f"The kernel could not be run: {error.strerror}.", by_machine=True)
        case PapermillExecutionError():
            return Failure("CellFailed", f"Cell {reached} failed without saying why.", reached)
        case Exception():
            return Failure(type(error).__name__, "The notebook could not be run.", reached)
    for number, cell in enumerate(cells, start=1):
        if is_code(cell) and cell.execution_count is None:
            return Failure("CellNotRun", f"Cell {number} did not run.", number)
    if not _has_sentinel(cells):
        return Failure("NoSentinel", "The last code cell did not put out the sentinel of a finished report.")
    return None


def _first_error_output(cells: list[NotebookNode]) -> Failure | None:
    for number, cell in enumerate(cells, start=1):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                # A class can be given any name at run time, a patient's too; the notebook's own are not known here.
                name = output.ename if output.ename in _names_of(BaseException) else "Exception"
                if name == "SystemExit":
                    return Failure(name, f"Cell {number} ended the notebook before its end.", number)
                return Failure(name, f"Cell {number} raised {name}.", number)
    return None


def _names_of(error: type[BaseException]) -> set[str]:
    """Return the name of a class of errors and of all that derive from it in this process."""
    return {error.__name__}.union(*(_names_of(kind) for kind in type.__subclasses__(error)))


def _last_started(cells: list[NotebookNode]) -> int | None:
    """Return the number of the cell the run had reached; the status papermill leaves cannot tell."""
    started = [
        number for number, cell in enumerate(cells, start=1) if cell.metadata.get("papermill", {}).get("start_time")
    ]
    return started[-1] if started else None
