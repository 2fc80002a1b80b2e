"""What all commands share: their options, how they answer, and how they fail."""

from __future__ import annotations

import atexit
import gc
import io
import os
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer

from analysis.cli.commands import Commands
from analysis.machine.files import publish
from analysis.machine.processes import ONE_THREAD
from analysis.usererror import ProtocolError, StudyError

DONE, DATA_FAILED, WRONG_USAGE, MACHINE_FAILED, INTERRUPTED = 0, 1, 2, 3, 130

app = typer.Typer(
    cls=Commands,
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
Every = Annotated[bool, typer.Option("--all", help="Print every column, not the chief ones alone.")]
By = Annotated[str, typer.Option(metavar="COLUMNS", help="Columns to group by, with commas between.")]


class Stop(Exception):
    """End the command with an exit code and, where there is one, a message for the person."""

    def __init__(self, code: int, message: str = "") -> None:
        super().__init__(message)
        self.code = code


def main() -> None:
    """Run the command line. Every expected fault is a plain message and an exit code, never a traceback."""
    atexit.register(gc.freeze)  # the memory goes back at once; to look through it first takes a tenth of the time
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    if arguments[:1] != ["lab"]:  # what a person computes there may use every core
        os.environ |= ONE_THREAD
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
    from analysis.outputs.documents import to_text  # whoever asks for help or a version does not wait for it

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
