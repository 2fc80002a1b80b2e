"""Reading a report notebook before it runs: its cells, its title, the fingerprint of its source."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.factory.exporters.comments import without_comments
from analysis.factory.exporters.markdown import first_heading

if TYPE_CHECKING:
    from nbformat import NotebookNode


@dataclass(frozen=True)
class Cell:
    """A cell as its author wrote it."""

    cell_type: str
    source: str
    tags: tuple[str, ...]


def read_cells(path: Path) -> list[Cell]:
    """Read the cells of a notebook, without their outputs.

    Raises
    ------
    ValueError
        The file is missing or no notebook.
    """
    try:
        content = json.loads(path.read_bytes())
        # Loading nbformat takes longer than all the rest of a run that finds nothing to do.
        cells = content["cells"] if content["nbformat"] == 4 else read_notebook(path).cells
        return [_cell(cell) for cell in cells]
    except FileNotFoundError:
        raise ValueError(f"{path}: there is no such notebook") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ValueError(f"{path}: not a Jupyter notebook; open and save it in JupyterLab") from None


def _cell(cell: dict[str, Any]) -> Cell:
    return Cell(cell["cell_type"], "".join(cell["source"]), tuple(cell["metadata"].get("tags", ())))


def read_notebook(path: Path) -> "NotebookNode":
    """Read a notebook in today's format, to run it.

    Raises
    ------
    ValueError
        The file is missing or no notebook.
    """
    import nbformat

    try:
        return nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise ValueError(f"{path}: there is no such notebook") from None
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, UnicodeDecodeError, AttributeError):
        raise ValueError(f"{path}: not a Jupyter notebook; open and save it in JupyterLab") from None


def tags(cell: "NotebookNode") -> list[str]:
    """Tags of a cell, empty when it has none."""
    return list(cell.metadata.get("tags", []))


def is_code(cell: "NotebookNode") -> bool:
    """Whether the cell has code to run; an empty code cell has none."""
    return bool(cell.cell_type == "code" and cell.source.strip())


def title_of(cells: Sequence[Cell], otherwise: str) -> str:
    """Text of the first Markdown heading, or `otherwise` when the notebook has none."""
    headings = (first_heading(without_comments(cell.source)) for cell in cells if cell.cell_type == "markdown")
    return next(filter(None, headings), otherwise)


def fingerprint(cells: Sequence[Cell]) -> str:
    """SHA-256 over what decides a notebook's result: type, source and tags of its cells, no outputs."""
    content = [[cell.cell_type, cell.source, sorted(cell.tags)] for cell in cells]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
