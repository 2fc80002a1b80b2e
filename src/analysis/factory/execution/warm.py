"""A process that has everything loaded, from which a shell for a notebook is a fork and not a start."""

import gc
import importlib
import io
import json
import os
from collections.abc import Callable
from multiprocessing.connection import Connection

from analysis.factory.execution.shell import serve
from analysis.factory.execution.shells import Request
from analysis.machine.processes import die_with_parent

_NOTEBOOKS_USE = (
    "matplotlib.pyplot",
    "numpy",
    "pandas",
    "analysis.show.figures",
    "analysis.report.opened",
    "analysis.show.sentences",
)
_SOME_USE = ("scipy.optimize.elementwise", "seaborn")


_warm = False


def is_warm() -> bool:
    """Whether this process has loaded what notebooks use."""
    return _warm


def warm_up(more: Callable[[], object] = lambda: None, *, for_several: bool = True) -> None:
    """Load what notebooks use and draw a figure, so that a fork finds fonts and formatters ready.

    Parameters
    ----------
    more : function
        Called once all is loaded, for what else forks should find.
    for_several : bool
        Whether several notebooks will run. One alone loads for itself what only some use, and draws its own figures
        sooner than one more.
    """
    gc.disable()
    for name in (*_NOTEBOOKS_USE, *(_SOME_USE if for_several else ())):
        importlib.import_module(name)
    if for_several:
        _draw_a_figure()
    more()
    # What is there now is never garbage: a collection in a fork must not copy all its pages.
    gc.freeze()
    gc.enable()
    global _warm
    _warm = True


def _draw_a_figure() -> None:
    """Draw without pyplot, whose choice of backend belongs to the notebook."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure()
    FigureCanvasAgg(figure)
    figure.subplots().plot([0, 1], label="0.5")
    for kind in ("png", "svg"):
        figure.savefig(io.BytesIO(), format=kind, bbox_inches="tight")


def main(descriptor: int) -> None:
    """Serve requests from a pipe, each in a fork and one at a time; the process behind `papermill --engine`."""
    die_with_parent()
    connection = Connection(descriptor)
    warm_up()
    while True:
        try:
            request = Request(**json.loads(connection.recv_bytes()))
        except EOFError:
            return
        fork_shell(connection, request)
        os.wait()
        connection.send_bytes(b'{"msg_type": "ended"}')


def fork_shell(connection: Connection, request: Request) -> int:
    """Fork this process into a shell that serves `connection`; return its number."""
    if pid := os.fork():
        return pid
    try:
        serve(connection, request)
    finally:
        os._exit(0)
