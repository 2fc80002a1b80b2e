"""Reading a report notebook before it runs: its cells, its title, the fingerprint of its source."""

import hashlib
import json
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from analysis.reporting.markdown import first_heading


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook in today's format.

    Raises
    ------
    ValueError
        The file is missing or no notebook.
    """
    try:
        return nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise ValueError(f"{path}: there is no such notebook") from None
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, UnicodeDecodeError, AttributeError):
        raise ValueError(f"{path}: not a Jupyter notebook; open and save it in JupyterLab") from None


def tags(cell: NotebookNode) -> list[str]:
    """Tags of a cell, empty when it has none."""
    return list(cell.metadata.get("tags", []))


def is_code(cell: NotebookNode) -> bool:
    """Whether the cell has code to run; an empty code cell has none."""
    return bool(cell.cell_type == "code" and cell.source.strip())


def title_of(notebook: NotebookNode, otherwise: str) -> str:
    """Text of the first Markdown heading, or `otherwise` when the notebook has none."""
    headings = (first_heading(cell.source) for cell in notebook.cells if cell.cell_type == "markdown")
    return next(filter(None, headings), otherwise)


def fingerprint(notebook: NotebookNode) -> str:
    """SHA-256 over what decides a notebook's result: type, source and tags of its cells, no outputs."""
    content = [[cell.cell_type, cell.source, sorted(tags(cell))] for cell in notebook.cells]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
