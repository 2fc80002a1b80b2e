"""Whether what a notebook is given reaches it: papermill puts values in one place and looks no further.

A value that another cell overwrites, or that none reads, would stand in the manifest of a report that never
saw it.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from analysis.factory.notebook import Cell, read_cells

TAG, INJECTED = "parameters", "injected-parameters"
# They give a cell every name there is.
_ALL_NAMES = {"globals", "locals", "vars", "eval", "exec"}


def parameters_cell(path: Path, cells: Sequence[Cell]) -> int | None:
    """Return the place of the one cell tagged ``parameters``; None where no cell has the tag.

    Raises
    ------
    ValueError
        More than one cell has it, or one that is no code, or a cell is tagged ``injected-parameters``, which
        papermill would replace.
    """
    tagged = [number for number, cell in enumerate(cells, start=1) if TAG in cell.tags]
    if len(tagged) > 1:
        numbers = f"{', '.join(map(str, tagged[:-1]))} and {tagged[-1]}"
        raise ValueError(f"{path}: cells {numbers} are tagged '{TAG}'; values reach only one, so keep one such cell")
    injected = [number for number, cell in enumerate(cells, start=1) if INJECTED in cell.tags]
    if injected:
        what = f"cell {injected[0]} is tagged '{INJECTED}': it holds values of an earlier run"
        raise ValueError(f"{path}: {what}; delete that cell")
    if not tagged:
        return None
    if cells[tagged[0] - 1].cell_type != "code":
        raise ValueError(f"{path}: cell {tagged[0]} is tagged '{TAG}' and is not a code cell; tag the code cell")
    return tagged[0] - 1


def refuse_overwritten(path: Path, names: Iterable[str]) -> None:
    """Refuse parameters that a later cell sets before any cell has read them.

    Raises
    ------
    ValueError
        Naming the notebook, the parameter and the cell.
    """
    waiting = set(names)
    for number, cell in _later_code(path):
        for statement in _statements(cell.source):
            waiting -= {name for name in waiting if _reads(statement, name)}
            if lost := sorted(waiting & _sets(statement)):
                what = f"cell {number} sets {', '.join(lost)} before any cell has read it"
                raise ValueError(f"{path}: {what}, so the value given would have no effect; delete that line")


def refuse_unread(path: Path, names: Iterable[str]) -> None:
    """Refuse parameters that no cell reads.

    Raises
    ------
    ValueError
        Naming the notebook and the parameters.
    """
    code = [statement for _, cell in _later_code(path) for statement in _statements(cell.source)]
    if unread := [name for name in names if not any(_reads(statement, name) for statement in code)]:
        what = f"no cell reads {', '.join(unread)}, so the value given would have no effect"
        raise ValueError(f"{path}: {what}; use it in the notebook, or do not give it")


def _later_code(path: Path) -> Iterator[tuple[int, Cell]]:
    cells = read_cells(path)
    place = parameters_cell(path, cells)
    for number, cell in enumerate(cells, start=1):
        if cell.cell_type == "code" and (place is None or number > place + 1):
            yield number, cell


def _statements(source: str) -> list[ast.stmt] | list[str]:
    """Return the statements of a cell; its text where a magic makes it something else than Python."""
    try:
        return ast.parse(source).body
    except SyntaxError:
        return [source]


def _reads(statement: ast.stmt | str, name: str) -> bool:
    if isinstance(statement, str):
        return re.search(rf"\b{name}\b", statement) is not None
    loaded = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    # += reads what it changes.
    changed = {node.target.id for node in ast.walk(statement) if isinstance(node, ast.AugAssign)
               and isinstance(node.target, ast.Name)}  # fmt: skip
    return name in loaded | changed or bool(loaded & _ALL_NAMES)


def _sets(statement: ast.stmt | str) -> set[str]:
    """Return the names that a statement sets in any case; a branch may not be taken."""
    match statement:
        case ast.Assign(targets=targets):
            nodes: list[ast.AST] = list(targets)
        case ast.AnnAssign(target=target, value=ast.expr()) | ast.For(target=target):
            nodes = [target]
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            return {(alias.asname or alias.name).split(".")[0] for alias in aliases}
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case _:
            return set()
    return {child.id for node in nodes for child in ast.walk(node) if isinstance(child, ast.Name)}
