"""The typed parameters of a notebook, read from its source and checked before it runs.

papermill only warns about a name it does not know and never looks at types; a report built with a misspelt
parameter would silently be the default report.
"""

import ast
import io
import math
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from analysis.factory.notebook import read_cells
from analysis.factory.reach import parameters_cell, refuse_overwritten

Value = str | bool | int | float

TYPES: dict[str, type] = {"str": str, "bool": bool, "int": int, "float": float}


@dataclass(frozen=True)
class Parameter:
    """One line of the cell tagged ``parameters``: ``name: type = default  # help``."""

    name: str
    type: str
    default: Value
    help: str

    def accepts(self, value: object) -> bool:
        """Whether `value` has the declared type; a whole number passes as float, a truth value as neither."""
        if isinstance(value, bool):
            return self.type == "bool"
        return isinstance(value, TYPES[self.type]) or (self.type == "float" and isinstance(value, int))

    def read(self, text: str) -> Value:
        """Read a value from a command line as the declared type: an identifier such as 001 stays text.

        Raises
        ------
        ValueError
            The text is no such value.

        Examples
        --------
        >>> Parameter("target", "float", 0.0, "").read("0.6")
        0.6
        >>> Parameter("clinic_id", "str", "", "").read("001")
        '001'
        """
        if self.type == "bool":
            if text not in ("true", "false"):
                raise ValueError(f"{self.name}={text}: it can be true or false")
            return text == "true"
        try:
            value: Value = TYPES[self.type](text)
        except ValueError:
            raise ValueError(f"{self.name}={text}: it must be a number ({self.type}), such as {self.default}") from None
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"{self.name}={text}: it must be a finite number")
        return value

    def __str__(self) -> str:
        return f"{self.name} ({self.type})"


def read_parameters(path: Path) -> dict[str, Parameter]:
    """Read the parameters a notebook declares, without executing any of it.

    Parameters
    ----------
    path : Path
        The notebook.

    Returns
    -------
    dict of str to Parameter
        In the order of the cell tagged ``parameters``; empty when no cell has that tag.

    Raises
    ------
    ValueError
        The notebook cannot be read, more than one cell has the tag or one that is no code, or a line of the cell
        is not ``name: type = default`` with one of the types str, bool, int, float and a plain value of that type.
    """
    cells = read_cells(path)
    place = parameters_cell(path, cells)
    if place is None:
        return {}
    source = cells[place].source
    try:
        statements = ast.parse(source).body
    except SyntaxError as error:
        raise ValueError(f"{path}: line {error.lineno} of the parameters cell is not Python") from None
    comments = _comments(source)
    declared = [_parameter(path, statement, comments) for statement in statements if not _is_prose(statement)]
    return {parameter.name: parameter for parameter in declared}


def check_parameters(path: Path, values: Mapping[str, object]) -> None:
    """Refuse values a notebook does not know or that have another type than it declares.

    Nothing is converted: the identifier ``"001"`` stays text, and the number 1 is no identifier.

    Parameters
    ----------
    path : Path
        The notebook.
    values : mapping of str to object
        What it would be run with; a parameter left out keeps its default.

    Raises
    ------
    ValueError
        One line naming the notebook, every unknown or mistyped parameter, and the parameters it has; or a
        parameter that another cell overwrites before any has read it.
    """
    known = read_parameters(path)
    refuse_overwritten(path, known.keys() & values.keys())
    faults = []
    for name, value in values.items():
        if name not in known:
            faults.append(f"unknown parameter {name!r}")
        elif not known[name].accepts(value):
            faults.append(f"{name!r} must be {known[name].type}, not {type(value).__name__}")
    if faults:
        has = ", ".join(map(str, known.values())) or "none: no cell is tagged 'parameters'"
        raise ValueError(f"{path}: {'; '.join(faults)}. Its parameters: {has}")


def stays_in_scope(path: Path, name: str) -> bool:
    """Whether a notebook reaches the study through ``open_report(study, …, name, …)`` alone: one group's rows.

    A notebook that does anything else with the path may read every row of the study.
    """
    used = opened = 0
    for cell in read_cells(path):
        if cell.cell_type != "code":
            continue
        try:
            nodes = list(ast.walk(ast.parse(cell.source)))
        except SyntaxError:
            return False
        used += sum(isinstance(n, ast.Name) and n.id == "study" and isinstance(n.ctx, ast.Load) for n in nodes)
        opened += sum(isinstance(n, ast.Call) and _opens_report(n, name) for n in nodes)
    return used == opened


def _opens_report(call: ast.Call, name: str) -> bool:
    match call:
        case ast.Call(func=ast.Name(id="open_report"), args=[ast.Name(id="study"), *others]):
            given = [*others, *(keyword.value for keyword in call.keywords)]
            return any(isinstance(value, ast.Name) and value.id == name for value in given)
        case _:
            return False


def _is_prose(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _parameter(path: Path, statement: ast.stmt, comments: Mapping[int, str]) -> Parameter:
    wanted = f"{path}: line {statement.lineno} of the parameters cell must read 'name: type = value', type one of "
    wanted += ", ".join(TYPES)
    match statement:
        case ast.AnnAssign(target=ast.Name(id=name), annotation=ast.Name(id=kind), value=ast.expr() as default):
            pass
        case _:
            raise ValueError(wanted)
    try:
        value = ast.literal_eval(default)
    except ValueError:
        raise ValueError(wanted) from None
    if kind not in TYPES:
        raise ValueError(wanted)
    parameter = Parameter(name, kind, value, comments.get(statement.end_lineno or 0, ""))
    if not parameter.accepts(value):
        raise ValueError(f"{path}: the default of {name!r} is not {kind}")
    return parameter


def _comments(source: str) -> dict[int, str]:
    """Comments by line; the syntax tree does not keep them."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {token.start[0]: token.string.lstrip("#").strip() for token in tokens if token.type == tokenize.COMMENT}
