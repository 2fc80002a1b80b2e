"""Parameters are read without running the notebook, and refused by name before it runs."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from analysis.factory.parameters import Parameter, check_parameters, read_parameters

CELL = '''"""What can be set."""
study: str = ""  # the study's folder
clinic_id: str = "001"
internal: bool = False  # for those who treat the patients
smallest: int = -5
level: float = 0.95'''


@pytest.fixture
def write(tmp_path):
    def write(source: str, tag: str = "parameters"):
        path = tmp_path / "report.ipynb"
        nbformat.write(new_notebook(cells=[new_code_cell(source, metadata={"tags": [tag]})]), path)
        return path

    return write


def test_names_types_defaults_and_comments_are_read(write):
    known = read_parameters(write(CELL))
    assert list(known) == ["study", "clinic_id", "internal", "smallest", "level"]
    assert known["clinic_id"] == Parameter("clinic_id", "str", "001", "")
    assert known["internal"] == Parameter("internal", "bool", False, "for those who treat the patients")
    assert known["smallest"].default == -5


def test_reading_executes_nothing(write, tmp_path):
    trap = tmp_path / "trap"
    with pytest.raises(ValueError, match=r"line 1 of the parameters cell must read 'name: type = value'"):
        read_parameters(write(f"x: str = open({str(trap)!r}, 'w').name"))
    assert not trap.exists()


def test_every_fault_is_named_at_once_with_the_notebook_and_what_it_knows(write):
    values = {"clinicid": "001", "clinic_id": 1, "internal": "yes", "smallest": True, "level": 1}
    with pytest.raises(ValueError, match=r"report\.ipynb") as error:
        check_parameters(write(CELL), values)
    message = str(error.value)
    assert "\n" not in message
    assert "unknown parameter 'clinicid'" in message
    assert "'clinic_id' must be str, not int" in message
    assert "'internal' must be bool, not str" in message
    assert "'smallest' must be int, not bool" in message
    assert "'level'" not in message  # a whole number is a fine float
    assert "clinic_id (str), internal (bool)" in message


def test_right_values_pass(write):
    check_parameters(write(CELL), {"clinic_id": "001", "level": 0.9, "internal": True})


@pytest.mark.parametrize(
    "source",
    ["x = 1", "x: list = []", "x: str", "x: int = 'a'", "x: str | None = None", "import os", "x: str = f()", "x:"],
)
def test_line_that_is_no_typed_parameter_is_refused(write, source):
    with pytest.raises(ValueError, match=r"report\.ipynb: "):
        read_parameters(write(source))


def test_notebook_without_the_cell_has_no_parameters(write):
    path = write(CELL, tag="other")
    assert read_parameters(path) == {}
    with pytest.raises(ValueError, match="no cell is tagged 'parameters'"):
        check_parameters(path, {"study": ""})


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"nbformat": 4}', "\ufeff"])
def test_file_that_is_no_notebook_is_one_plain_error(tmp_path, content):
    path = tmp_path / "report.ipynb"
    path.write_text(content)
    with pytest.raises(ValueError, match="not a Jupyter notebook"):
        read_parameters(path)
    path.unlink()
    with pytest.raises(ValueError, match="there is no such notebook"):
        read_parameters(path)
