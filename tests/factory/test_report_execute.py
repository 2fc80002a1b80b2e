"""Each way a run can go wrong is seen, with the cell that is to blame; no kernel of the machine is needed."""

import json
import sys
from pathlib import Path
from types import MappingProxyType

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from analysis.factory.execution.execute import Execution, execute
from analysis.factory.limits import Limits
from analysis.show.display import SENTINEL_MIME

CLOSING = f'display({{"{SENTINEL_MIME}": {{"title": "Tiny"}}, "text/plain": "end"}}, raw=True)'


def notebook(*sources: str, closing: bool = True) -> nbformat.NotebookNode:
    """Markdown, a parameters cell, then the cells asked for: the first of them is cell 3."""
    parameters = new_code_cell('study: str = ""\nclinic_id: str = ""', metadata={"tags": ["parameters"]})
    cells = [new_markdown_cell("# Tiny"), parameters, *map(new_code_cell, sources)]
    return new_notebook(cells=[*cells, new_code_cell(CLOSING)] if closing else cells)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("{braces} in a path")

    def run(*sources: str, closing: bool = True, limits=MappingProxyType({}), **parameters) -> Execution:
        return execute(notebook(*sources, closing=closing), parameters, folder, limits=Limits(**limits))

    return run


@pytest.fixture(scope="module")
def good(run) -> Execution:
    with pytest.MonkeyPatch.context() as patch:
        kernels = Path(run.__closure__[0].cell_contents) / "jupyter" / "kernels" / "python3"
        kernels.mkdir(parents=True)
        wrong = {"argv": ["/no/such/python"], "display_name": "x", "language": "python"}
        (kernels / "kernel.json").write_text(json.dumps(wrong))
        patch.setenv("JUPYTER_PATH", str(kernels.parent.parent))
        patch.setenv("HOME", "/no/such/home")
        source = """
import os, sys
import matplotlib
print(sys.executable)
print(repr(clinic_id), os.getcwd(), os.environ["OMP_NUM_THREADS"], matplotlib.get_backend(), sep="|")
"""
        return run(source, "", clinic_id="001")


def test_good_run_is_a_success_with_every_cell_counted(good):
    assert good.failure is None
    assert [cell.cell for cell in good.cells] == [2, 3, 5]
    assert all(cell.execution_count and cell.seconds is not None for cell in good.cells)


def test_kernel_is_this_interpreter_whatever_the_machine_has_registered(good):
    printed = good.notebook.cells[3].outputs[0].text.splitlines()
    assert printed[0] == sys.executable
    identifier, folder, threads, backend = printed[1].split("|")
    assert identifier == "'001'"
    assert folder.endswith("{braces} in a path0")
    assert (threads, backend.removeprefix("module://")) == ("1", "matplotlib_inline.backend_inline")


def test_executed_notebook_keeps_no_trace_of_papermill(good):
    assert "papermill" not in good.notebook.metadata


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("import os; os.kill(os.getpid(), 9)", "KernelDied"),
        ("import sys; sys.exit(0)", "SystemExit"),
        ("import time; time.sleep(60)", "CellTimeout"),
        ("raise type('Jane Doe', (Exception,), {})('born 1970')", "Exception"),
        ("raise type('JaneDoe17', (ValueError,), {})('born 1970')", "Exception"),
    ],
)
def test_each_way_to_fail_names_its_class_and_cell(run, source, error):
    failure = run("'before'", source, "'after'", limits={"cell_seconds": 2}).failure
    assert failure is not None
    assert (failure.error, failure.cell) == (error, 4)
    assert "4" in failure.message
    assert "Jane" not in failure.message + failure.error
    assert "1970" not in failure.message


def test_missing_sentinel_is_a_failure(run):
    assert run("'all went well'", closing=False).failure.error == "NoSentinel"
