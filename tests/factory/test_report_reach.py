"""A parameter that is given reaches the notebook, or the order is refused by its name before anything runs."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from analysis.factory.parameters import check_parameters, read_parameters
from analysis.factory.plan import plan_jobs

PARAMETERS = 'study: str = ""\nnote: str = ""'


@pytest.fixture
def write(tmp_path):
    def write(*sources, tags=(), kind=new_code_cell, parameters=PARAMETERS):
        first = new_code_cell(parameters, metadata={"tags": ["parameters"]})
        rest = [kind(source, metadata={"tags": list(tags)}) for source in sources]
        path = tmp_path / "report.ipynb"
        nbformat.write(new_notebook(cells=[new_markdown_cell("# T"), first, *rest]), path)
        return path

    return write


def test_two_cells_tagged_parameters_are_refused_by_number(write):
    path = write("1", 'note: str = "SECOND"', tags=["parameters"])
    with pytest.raises(ValueError, match=r"report\.ipynb: cells 2, 3 and 4 are tagged 'parameters'"):
        read_parameters(path)


def test_a_tag_on_prose_or_of_an_earlier_run_is_refused(write):
    with pytest.raises(ValueError, match="cell 3 is tagged 'injected-parameters'"):
        read_parameters(write("note = 1", tags=["injected-parameters"]))
    prose = write("words", tags=["parameters"], kind=new_markdown_cell)
    cells = nbformat.read(prose, as_version=4)
    del cells.cells[1]
    nbformat.write(cells, prose)
    with pytest.raises(ValueError, match="cell 2 is tagged 'parameters' and is not a code cell"):
        read_parameters(prose)


@pytest.mark.parametrize(
    "later",
    [
        ['note = "MINE"'],
        ['x = 1\nnote: str = "MINE"', "print(note)"],
        ["for note in ['a']:\n    pass"],
        ["import note"],
        ["def note():\n    pass"],
        ["a, note = 1, 2"],
    ],
)
def test_a_cell_that_overwrites_a_parameter_before_it_is_read_is_refused(write, later):
    with pytest.raises(ValueError, match="cell 3 sets note before any cell has read it"):
        check_parameters(write(*later), {"note": "x"})


@pytest.mark.parametrize(
    "later",
    [
        ['note = note or "none"'],
        ["print(note)\nnote = 2"],
        ["print(note)", "note = 2"],
        ["note += 'x'"],
        ["if study:\n    note = 1", "print(note)"],
        ["%time print(note)"],
        ["f(**locals())"],
    ],
)
def test_a_parameter_that_was_read_may_be_set_anew(write, later, tmp_path):
    path = write(*later)
    check_parameters(path, {"note": "x"})
    (tmp_path / "study").mkdir(exist_ok=True)
    (job,) = plan_jobs(tmp_path / "study", [path], settings={"note": "x"})
    assert job.parameters == {"note": "x"}


def test_a_value_that_no_cell_reads_is_refused_and_a_default_asks_for_nothing(write, tmp_path):
    path = write("print(study)", "notebook = 'note'")
    (tmp_path / "study").mkdir()
    with pytest.raises(ValueError, match=r"report\.ipynb: no cell reads note"):
        plan_jobs(tmp_path / "study", [path], settings={"note": "x"})
    assert len(plan_jobs(tmp_path / "study", [path], parameters={"note": ""})) == 1
