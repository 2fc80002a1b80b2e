"""What the cells of each report notebook cost once libraries and study are loaded, in seconds of one core.

`python benchmarks/drawing.py [RUNS]`; the median of 5 runs if left out. Each run is a fork of a process that is warm
as the factory's are; its cells run in order, and what they show is drawn in every form that a report keeps. Beside
it stands a yardstick measured in the same way: the notebook's own figures, drawn as plain axes without a mark.
"""

import os

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # one core; read when numpy is loaded

import ast
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

import nbformat
from nbformat import NotebookNode

from analysis.cli.notebooks import report_notebooks
from analysis.factory.execution.warm import warm_up
from analysis.factory.parameters import read_parameters
from analysis.report.scope import preload
from analysis.show.display import Figure

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "data/raw/demo"
CLINIC, GOAL = "C12", 1.0


def show(cells: list[NotebookNode], given: dict[str, str]) -> None:
    """Run the code cells and draw what they show."""
    names: dict[str, object] = {}
    for cell in cells:
        tree = ast.parse(cell.source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "cell", "exec"), names)
        if "parameters" in cell.metadata.get("tags", []):
            names.update(given)
        if last is not None:
            shown = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
            if hasattr(shown, "_repr_mimebundle_"):
                shown._repr_mimebundle_()


def draw_plain(count: int) -> None:
    """Draw as many figures as a notebook has, without anything in them."""
    from matplotlib import pyplot

    for _ in range(count):
        figure, _ = pyplot.subplots(figsize=(6.3, 2.5))
        Figure(figure, "Nothing", "Empty axes")._repr_mimebundle_()


def core_seconds(work: Callable[[], object]) -> float:
    """Return what some work takes of one core in a fork that leaves nothing behind."""
    child = os.fork()
    if child == 0:
        failed = True
        try:
            work()
            failed = False
        finally:
            os._exit(failed)
    _, status, used = os.wait4(child, 0)
    assert status == 0, "the work failed"
    return used.ru_utime + used.ru_stime


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    os.chdir(ROOT / "notebooks")
    warm_up(lambda: preload(DEMO))
    print(f"clinic {CLINIC} of the demo, median of {runs}: seconds of one core; the same number of plain figures")
    for path in report_notebooks(ROOT / "notebooks"):
        cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
        given = {"study": str(DEMO), "clinic_id": CLINIC}
        given = {name: value for name, value in given.items() if name in read_parameters(path)}
        figures = sum("_figure(" in cell.source for cell in cells)
        own = median(core_seconds(partial(show, cells, given)) for _ in range(runs))
        plain = median(core_seconds(partial(draw_plain, figures)) for _ in range(runs))
        goal = f"; goal {GOAL}: {'met' if own <= GOAL else 'MISSED'}" if path.stem == "clinic" else ""
        print(f"{path.stem:15} {own:.2f}  {figures} figures, plain {plain:.2f}{goal}")


if __name__ == "__main__":
    main()
