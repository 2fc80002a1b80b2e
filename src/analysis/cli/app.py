"""What all commands share: their options, how they answer, and how they fail."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer
from rich.console import Console
from rich.table import Table

from analysis.files import publish
from analysis.intake import StudyError
from analysis.intake.problems import shown
from analysis.outputs.documents import to_text
from analysis.protocol import ProtocolError

DONE, DATA_FAILED, WRONG_USAGE, MACHINE_FAILED, INTERRUPTED = 0, 1, 2, 3, 130

app = typer.Typer(
    help="Outcomes of posterior hip capsule stretches: classes, responder rates, left against right, reports.",
    epilog="Every command takes --debug, which shows where a fault arose.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _say_version(wanted: bool) -> None:
    if wanted:
        print(f"capsule-outcomes {version('capsule-outcomes')}")
        raise typer.Exit


@app.callback()
def _before_any_command(
    _: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say which version.")
    ] = False,
) -> None:
    """Hold the options that need no command."""


StudyFolder = Annotated[
    Path, typer.Argument(metavar="STUDY", exists=True, file_okay=False, help="A folder with a study.toml.")
]
JsonFile = Annotated[str | None, typer.Option("--json", metavar="FILE", help="Write JSON here; - is standard output.")]
Response = Annotated[str | None, typer.Option(help="Which rule counts; left out: the protocol's primary one.")]
Comparison = Annotated[str | None, typer.Option(help="Which pair of timepoints; left out: the protocol's primary one.")]
Safe = Annotated[bool, typer.Option("--safe", help="Withhold numbers that few patients stand behind.")]
_FOLDED = 40  # characters; longer words of a cell are folded
By = Annotated[str, typer.Option(metavar="COLUMNS", help="Columns to group by, with commas between.")]


class Stop(Exception):
    """End the command with an exit code and, where there is one, a message for the person."""

    def __init__(self, code: int, message: str = "") -> None:
        super().__init__(message)
        self.code = code


def main() -> None:
    """Run the command line. Every expected fault is a plain message and an exit code, never a traceback."""
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")  # JSON and a minus sign must not depend on the machine's code page
    try:
        code = app(args=arguments or ["--help"], prog_name="capsule", standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except Exception as fault:
        if "--debug" in sys.argv:
            raise
        code = answer_to(fault)
    if code == INTERRUPTED:  # typer may answer to an interrupt itself, with this code and no word
        error("interrupted; nothing is half-written, run the same command again")
    sys.exit(code if isinstance(code, int) else DONE)


def answer_to(fault: Exception) -> int:
    """Say what went wrong on standard error and return the exit code that it means."""
    match fault:
        case Stop():
            code, message = fault.code, str(fault)
        case StudyError() | ProtocolError():
            code, message = DATA_FAILED, str(fault)
        case _ if hasattr(fault, "format_message"):  # click's, of which newer releases of typer carry their own copy
            code, message = WRONG_USAGE, fault.format_message()
        case FileExistsError() if fault.errno is None:
            code, message = WRONG_USAGE, str(fault)
        case OSError():
            place = Path(fault.filename).name if fault.filename else "no file named"
            code, message = MACHINE_FAILED, f"{fault.strerror or type(fault).__name__} ({place})"
        case ValueError() if fault.args:
            code, message = WRONG_USAGE, str(fault.args[0])
        case _:
            hint = "run the command again with --debug to see where"
            code, message = MACHINE_FAILED, f"a fault of the program ({type(fault).__name__}); {hint}"
    if message:
        error(message)
    return code


def error(message: str) -> None:
    """Print a message on standard error."""
    print(f"capsule: {message}", file=sys.stderr)


def put(document: dict[str, Any], target: str | None, show: Callable[[], None], *, private: bool = True) -> None:
    """Write a document to a file or, alone, to standard output; without a target show it to a person.

    Only its owner may read a private one, such as of single patients or of counts that are not withheld.
    """
    if target is None:
        show()
    elif target == "-":
        print(to_text(document))
    else:
        _write(Path(target).resolve(), to_text(document) + "\n", private)


def _write(path: Path, text: str, private: bool) -> None:
    """Write a file whole or not at all; a device or a pipe takes what comes, and a folder is not made by a slip."""
    if path.is_file() or (path.parent.is_dir() and not path.exists()):
        publish(path.parent, {path: text.encode()}, private=private)
    else:
        path.write_text(text, encoding="utf-8")


def columns(by: str) -> list[str]:
    """Split the value of ``--by``."""
    return [name.strip() for name in by.split(",") if name.strip()]


def show_table(table: pd.DataFrame, formats: dict[str, Callable[[Any], str]] | None = None, keys: int = 1) -> None:
    """Print a table for a person; missing is blank. Where a terminal is too narrow, its columns come in several parts.

    Parameters
    ----------
    table
        What to print.
    formats
        How to write the values of a column, by its name.
    keys
        How many columns name the row; they stand first in every part.
    """
    names = [str(name) for name in table.columns]
    rows = []
    for row in table.astype("object").itertuples(index=False):
        texts = ["" if pd.isna(v) else (formats or {}).get(n, str)(v) for n, v in zip(names, row, strict=True)]
        rows.append([shown(text, 1000) for text in texts])  # an identifier may hold what a terminal obeys
    widths = [max(map(len, column)) for column in zip(names, *rows, strict=True)]
    # Away from a terminal there is no width to keep to, and a cut cell would be a lost number.
    wide = None if sys.stdout.isatty() else sum(widths) + 3 * len(widths) + 2
    console = Console(width=wide, markup=False, highlight=False, soft_wrap=False)
    for number, part in enumerate([list(range(len(names)))] if wide else _parts(widths, keys, console.width)):
        if number:
            print()
        grid = Table(box=None, header_style="bold", pad_edge=bool(wide), collapse_padding=not wide)
        for place in part:
            grid.add_column(names[place], min_width=None if wide else min(widths[place], _FOLDED))
        for texts in rows:
            grid.add_row(*[texts[place] for place in part])
        console.print(grid)


def _parts(widths: list[int], keys: int, room: int) -> list[list[int]]:
    """Share out the columns that do not name the row, so that every part fits beside those that do."""
    taken = [min(width, _FOLDED) + 1 for width in widths]
    parts: list[list[int]] = [[]]
    for place in range(keys, len(widths)):
        if parts[-1] and sum(taken[:keys]) + sum(taken[p] for p in [*parts[-1], place]) > room + 1:
            parts.append([])
        parts[-1].append(place)
    return [[*range(keys), *part] for part in parts]
