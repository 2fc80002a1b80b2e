"""The engine puts out what stock papermill puts out, isolates every notebook, and keeps its limits."""

import contextlib
import json
import re
from pathlib import Path

import nbformat
import papermill
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from papermill.exceptions import PapermillExecutionError

from analysis.factory.execution.engine import runs_in_fork
from analysis.factory.execution.execute import execute
from analysis.factory.limits import Limits
from analysis.show.display import SENTINEL_MIME
from tests_support import ROOT

BATH = str(ROOT / "data/raw/bath-hips")
KERNEL = {"name": "python3", "language": "python", "display_name": "Python 3"}
RAISES = {"tags": ["raises-exception"]}

RICH = [
    new_markdown_cell("# Rich"),
    new_code_cell("import sys\nprint('a'); print('b', file=sys.stderr); print('c')\n1 + 1"),
    new_code_cell(
        "from IPython.display import HTML, JSON, Latex, Markdown, clear_output, display, update_display\n"
        "handle = display('first', display_id='x')\n"
        "display(HTML('<b>h</b>'), Markdown('*m*'), Latex('$l$'), JSON({'a': [1, 2.5, None]}))"
    ),
    new_code_cell("update_display('second', display_id='x')\nhandle.update('third'); display('again', display_id='x')"),
    new_code_cell("print('gone'); clear_output(); print('gone too'); clear_output(wait=True); print('stays')"),
    new_code_cell("import numpy as np, pandas as pd\ndf = pd.DataFrame({'a': [1, 2], 'b': ['x', None]})\ndf"),
    new_code_cell("df.style.set_uuid('u').format(precision=1)"),
    new_code_cell("import matplotlib.pyplot as plt\nplt.plot([1, 2, 3]); plt.title('t')"),
    new_code_cell("fig, ax = plt.subplots(figsize=(3, 2)); ax.bar([1, 2], [3, 4]); plt.show()\nfig"),
    new_code_cell("import seaborn as sns\nsns.set_theme()\nsns.histplot(x=[1, 2, 2, 3]);"),
    new_code_cell("%%capture captured\nprint('kept')"),
    new_code_cell("captured.stdout"),
    new_code_cell("!echo shell"),
    new_code_cell("async def five():\n    return 5\nawait five()"),
    new_code_cell("import warnings\nwarnings.warn('careful')"),
    new_code_cell(
        "class Forms:\n    def _repr_mimebundle_(self, **_):\n"
        "        return {'application/x.y+json': {1: (2,)}}, {'m': 1}\nForms()"
    ),
    new_code_cell("try:\n    input()\nexcept Exception as error:\n    print(type(error).__name__, error)"),
    new_code_cell("class Bad:\n    def __repr__(self):\n        raise ValueError('bad')\nBad()", metadata=RAISES),
    new_code_cell("def divide():\n    return 1 / 0\ndivide()", metadata=RAISES),
    new_code_cell("x = 1 +", metadata=RAISES),
    new_code_cell("sys.exit(3)", metadata=RAISES),
    new_code_cell("print('x' * 20_000)\ndisplay({'text/plain': 'raw'}, raw=True, metadata={'k': 1})"),
    new_code_cell("1 / 0"),
    new_code_cell("'never'"),
]


def run(engine: str, source: Path, folder: Path) -> list[str]:
    """Run a notebook from one folder and return its file's lines without times, addresses and chance ids."""
    out = folder / "executed.ipynb"
    with contextlib.suppress(PapermillExecutionError):  # the last cells of the notebook
        papermill.execute_notebook(
            source, out, {"study": BATH}, engine, progress_bar=False, kernel_name="python3", cwd=folder
        )
    text = json.dumps(nbformat.read(out, as_version=4), indent=1, sort_keys=True)
    text = re.sub(r'"id": "\w{8}"', '"id": ""', text)
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)?", "TIME", text)
    text = re.sub(r'"duration": [\d.]+', '"duration": 0', text)
    # A path is looked for where a word begins: from every letter of a picture in base64 it would take minutes.
    text = re.sub(r"(?<![\w/-])[\w/-]*ipykernel_\d+/\d+\.py", "FILE", re.sub(r"0x[0-9a-f]{8,}", "ADDRESS", text))
    return text.splitlines()


def test_our_notebooks_and_every_kind_of_output_come_out_as_stock_papermill_leaves_them(tmp_path):
    """In one notebook: a kernel is slow to start."""
    ours = nbformat.read(ROOT / "notebooks/responders.ipynb", as_version=4).cells
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    nbformat.write(new_notebook(cells=[*ours, *RICH], metadata=metadata), tmp_path / "all.ipynb")
    ran = run("capsule", tmp_path / "all.ipynb", tmp_path)
    assert ran == run("nbclient", tmp_path / "all.ipynb", tmp_path)
    assert SENTINEL_MIME in "\n".join(ran)


def notebook(*sources: str) -> nbformat.NotebookNode:
    return new_notebook(cells=[new_code_cell(source) for source in sources])


def printed(*sources: str, seed: int | None = None, folder: Path = Path("/")) -> str:
    return execute(notebook(*sources), {}, folder, seed=seed).notebook.cells[-1].outputs[0].text


def test_nothing_of_one_notebook_reaches_the_next(tmp_path):
    dirty = "import os, sys, matplotlib\nos.environ['LEFT'] = 'x'\nsys.left = 1\nmatplotlib.rcParams['font.size'] = 99"
    execute(notebook(dirty), {}, tmp_path)
    look = "import os, sys, matplotlib as m\nprint('LEFT' in os.environ, hasattr(sys, 'left'), m.rcParams['font.size'])"
    assert printed(look) == "False False 10.0\n"


def test_seed_decides_the_random_numbers():
    draw = "import random, numpy as np\nprint(random.random(), np.random.random())"
    assert printed(draw, seed=1) == printed(draw, seed=1) != printed(draw, seed=2)
    assert printed(draw) != printed(draw)


def test_what_other_programs_print_is_caught_before_what_python_says_next(tmp_path):
    source = "import os\nos.system('echo below; echo error >&2')"
    outputs = execute(notebook(source), {}, tmp_path).notebook.cells[0].outputs
    assert [output.get("text") for output in outputs] == ["below\n", "error\n", None]


def test_notebook_is_alone_in_its_process():
    source = "import os\nprint(len(os.listdir('/proc/self/task')), os.getsid(0) == os.getpid())"
    assert printed(source) == "1 True\n"


def test_output_past_its_cap_and_memory_past_its_limit_end_the_run(tmp_path):
    limits = Limits(output_megabytes=1, memory_megabytes=200)
    talker = execute(notebook("'before'", "while True: print('x' * 9999)"), {}, tmp_path, limits=limits)
    assert (talker.failure.error, talker.failure.cell) == ("OutputTooLarge", 2)
    assert "1 MB" in talker.failure.message
    eater = execute(
        notebook("print(len(bytearray(100_000_000)))", "bytearray(300_000_000)"), {}, tmp_path, limits=limits
    )
    assert (eater.failure.error, eater.failure.cell) == ("MemoryError", 2)


@pytest.mark.parametrize(
    ("source", "kernel", "forked"),
    [
        ("import pandas", "python3", True),
        ("import ipywidgets as w", "python3", False),
        ("from ipywidgets import interact", "python3", False),
        ("%matplotlib inline", "python3", True),
        ("%matplotlib widget\nimport ipympl", "python3", False),
        ("1", "ir", False),
    ],
)
def test_what_needs_a_real_kernel_gets_one(source, kernel, forked):
    assert runs_in_fork(notebook(source), kernel) is forked


def test_plain_kernel_gives_the_same_outputs(tmp_path, monkeypatch):
    cells = ["print('a')\n1", "import matplotlib.pyplot as plt\nplt.plot([1, 2]);"]
    forked = execute(notebook(*cells), {}, tmp_path)
    monkeypatch.setattr("analysis.factory.execution.engine.ON_LINUX", False)
    plain = execute(notebook(*cells), {}, tmp_path)
    assert [cell.outputs for cell in plain.notebook.cells] == [cell.outputs for cell in forked.notebook.cells]


def test_a_warning_names_its_cell_alike_in_every_run(tmp_path):
    source = "import warnings\nwarnings.warn('careful')"
    said = [execute(notebook(source), {}, tmp_path).notebook.cells[-1].outputs[0].text for _ in range(2)]
    assert said[0] == said[1]
    assert said[0].startswith("ipykernel_0/")
