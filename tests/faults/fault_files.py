"""Study folders with a faulty file."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd

from study_folders import HEADER, TIDY, write_tidy

CSV = "visits.csv"
GOOD = HEADER + "a,left,baseline,12\n"
BOOK = "visits.xlsx"


def csv(content: str | bytes, source: str = "", columns: str = "", more: str = "") -> Callable[[Path], Path]:
    """A study of one tidy CSV file."""
    return lambda folder: write_tidy(folder, content, source, columns, more)


def row(cells: str, columns: str = "", header: str = HEADER, source: str = "", more: str = "") -> Callable:
    """A CSV file whose row 2 is good and whose row 3 is this."""
    good = "a,left,baseline,12" + "," * (header.count(",") - 3)
    return csv(f"{header}{good}\n{cells}\n", source, columns, more)


def named(file: str, content: bytes, source: str = "") -> Callable[[Path], Path]:
    """A study of one file of another kind."""

    def write(folder: Path) -> Path:
        toml = TIDY.format(source=source, columns="", more="").replace(CSV, file)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "study.toml").write_text(toml)
        (folder / file).write_bytes(content)
        return folder

    return write


def book(rows: list[list], source: str = "", change: Callable = lambda book: None) -> Callable[[Path], Path]:
    """A study of one workbook with the sheet S."""
    workbook = openpyxl.Workbook()
    workbook.active.title = "S"
    for cells in [["ID", "Hip", "Visit", "IR"], *rows]:
        workbook.active.append(cells)
    change(workbook)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return named(BOOK, buffer.getvalue(), source)


def stored(write: Callable[[pd.DataFrame, Path], object], suffix: str, cut: int | None = None) -> Callable:
    """A study of one file with typed columns, cut after so many bytes."""

    def make(folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        table = pd.DataFrame({"ID": ["a"], "Hip": ["left"], "Visit": ["baseline"], "IR": [213.0]})
        write(table, folder / f"visits{suffix}")
        return named(f"visits{suffix}", (folder / f"visits{suffix}").read_bytes()[:cut])(folder)

    return make


def zip_bomb(folder: Path) -> Path:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", bytes(101 * 1024**2))
    return named(BOOK, buffer.getvalue())(folder)


def hide(workbook: openpyxl.Workbook) -> None:
    workbook.create_sheet("Old").sheet_state = "hidden"


def corrected(csv_text: str, **changes: object) -> Callable[[Path], Path]:
    """A study with one correction."""
    values = {"file": CSV, "row": 3, "column": "IR", "old": "213", "new": "21", "reason": "paper form"} | changes
    lines = [f"{name} = {value!r}".replace("'", '"') for name, value in values.items()]

    def write(folder: Path) -> Path:
        write_tidy(folder, csv_text)
        (folder / "corrections.toml").write_text("[[correction]]\n" + "\n".join([*lines, "date = 2026-01-31"]))
        return folder

    return write
