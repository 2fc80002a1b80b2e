"""papermill's engine ``capsule``: cells run in a fork of a warm process, or in a plain kernel where none can be.

nbclient's own rules turn the messages into outputs, so that a notebook comes out as stock papermill leaves it.
"""

import ast
import time
from collections.abc import Callable
from typing import Any

from ipykernel.ipkernel import IPythonKernel
from nbclient.client import timestamp
from nbclient.exceptions import CellExecutionComplete, CellTimeoutError
from nbclient.util import run_sync
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, NotebookExecutionManager

from analysis.factory.execution.kernel import ReportKernelManager
from analysis.factory.execution.shells import open_shell
from analysis.factory.notebook import is_code
from analysis.machine.processes import ON_LINUX

ENGINE = "capsule"
# nbclient keeps the history in memory for kernels of this name.
KERNEL = "python3"
MEGABYTE = 2**20
# What these libraries show talks back to the kernel, which takes the sockets of a plain one.
_TALK_BACK = {"ipywidgets", "ipympl", "ipyleaflet", "bqplot", "anywidget", "jupyter_bokeh"}


class OutputTooLarge(RuntimeError):
    """A notebook put out more than its report may hold."""


class CapsuleEngine(NBClientEngine):
    """Runs notebooks in a fork of a process that has the usual libraries loaded."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        *,
        keep: Callable[[NotebookNode], None] = lambda notebook: None,
        seed: int | None = None,
        memory_limit: int | None = 4096,
        output_limit: int | None = 64,
        **kwargs: Any,
    ) -> None:
        """Execute the cells.

        Parameters
        ----------
        nb_man : NotebookExecutionManager
            papermill's record of the run.
        kernel_name : str
            The kernel the notebook asks for.
        keep : function
            Receives the notebook that fills up with outputs, also when the run fails.
        seed : int, optional
            Seed of ``random`` and ``numpy.random``; drawn anew when left out. A plain kernel has its own.
        memory_limit, output_limit : int or None
            Megabytes the notebook may use beyond what is loaded, and put out. A plain kernel has no limits.
        **kwargs
            As papermill's own engine takes them.
        """
        keep(nb_man.nb)
        if not runs_in_fork(nb_man.nb, kernel_name):
            # Killing the kernel's process group saves the wait for a polite goodbye and leaves no children.
            kwargs |= {"shutdown_kernel": "immediate"}
            if kernel_name == KERNEL:
                kwargs |= {"kernel_manager_class": ReportKernelManager}
            super().execute_managed_notebook(nb_man, kernel_name, **kwargs)
            return
        client = _ForkClient(
            nb_man,
            kernel_name=kernel_name,
            timeout=kwargs.get("execution_timeout"),
            log_output=kwargs.get("log_output", False),
            stdout_file=kwargs.get("stdout_file"),
            stderr_file=kwargs.get("stderr_file"),
        )
        client.run(seed, memory_limit, output_limit, kwargs.get("start_timeout", 60))


def runs_in_fork(notebook: NotebookNode, kernel_name: str) -> bool:
    """Whether a notebook can run in a fork: Linux, this Python, and nothing that talks back to its kernel."""
    sources = [cell.source for cell in notebook.cells if is_code(cell)]
    return ON_LINUX and kernel_name == KERNEL and not any(_imports(source) & _TALK_BACK for source in sources)


def _imports(source: str) -> set[str]:
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except SyntaxError:  # a magic, or a fault that the run will show
        return {name for name in _TALK_BACK if name in source}
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return {name.split(".")[0] for name in names}


class _ForkClient(PapermillNotebookClient):
    """papermill's client, which speaks to a forked shell."""

    def run(self, seed: int | None, memory_limit: int | None, output_limit: int | None, start_timeout: float) -> None:
        """Run all cells and note what a kernel would have told of itself."""
        self.reset_execution_trackers()
        memory = None if memory_limit is None else memory_limit * MEGABYTE
        with open_shell(seed, memory, start_timeout) as shell:
            self._shell = shell
            self._left = None if output_limit is None else output_limit * MEGABYTE
            self.papermill_execute_cells()
        self.nb.metadata["language_info"] = dict(IPythonKernel.language_info)
        self.set_widgets_metadata()

    def execute_cell(self, cell: NotebookNode, cell_index: int, *_: Any, **__: Any) -> NotebookNode:
        """Execute one cell as nbclient does."""
        if not is_code(cell) or self.skip_cells_with_tag in cell.metadata.get("tags", []):
            return cell
        cell.metadata["execution"] = {}
        cell.outputs = []
        self.clear_before_next_output = False
        reply = self._execute(cell, cell_index)
        self.code_cells_executed += 1
        run_sync(self._check_raise_for_error)(cell, cell_index, reply)
        return cell

    def _execute(self, cell: NotebookNode, cell_index: int) -> dict[str, Any]:
        limit = self._get_timeout(cell)
        deadline = None if limit is None else time.monotonic() + limit
        reply: dict[str, Any] = {}
        self._shell.send(cell.source)
        while True:
            message = self._shell.receive(deadline)
            if message is None:
                raise CellTimeoutError.error_from_timeout_and_cell("Cell execution timed out", limit or 0, cell)
            self._count(message)
            if message["msg_type"] == "execute_reply":
                reply = message
                cell.metadata["execution"]["shell.execute_reply"] = timestamp()
                continue
            if self._continues(message, cell):
                cell.outputs[-1].text += message["content"]["text"]
                continue
            try:
                self.process_message(message, cell, cell_index)
            except CellExecutionComplete:
                return reply

    def _continues(self, message: dict[str, Any], cell: NotebookNode) -> bool:
        """Whether a message is the next piece of the printing before it."""
        if message["msg_type"] != "stream" or not cell.outputs or self.clear_before_next_output:
            return False
        return bool(cell.outputs[-1].get("name") == message["content"]["name"])

    def _count(self, message: dict[str, Any]) -> None:
        if self._left is not None:
            self._left -= message["size"]
            if self._left < 0:
                raise OutputTooLarge("The notebook put out more than its report may hold")
