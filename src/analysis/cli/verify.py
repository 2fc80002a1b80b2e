"""The command that compares reports with their journal, and what it shares with the one that builds them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from analysis.cli.app import DATA_FAILED, DONE, MACHINE_FAILED, JsonFile, Stop, app, put
from analysis.factory.publishing.lock import OutputInUse, refuse_if_in_use
from analysis.factory.publishing.tag import read_key
from analysis.factory.publishing.verify import verify

Key: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--key",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="A file of 16 secret bytes or more, kept elsewhere; tags the journal, so that forgery shows.",
    ),
]


@contextmanager
def in_use() -> Iterator[None]:
    """Refuse an output folder that another run holds."""
    try:
        yield
    except OutputInUse as busy:
        raise Stop(MACHINE_FAILED, str(busy)) from None


@app.command(name="verify")
def verify_reports(
    folder: Annotated[Path, typer.Argument(metavar="DIR", exists=True, file_okay=False, help="Where reports are.")],
    key: Key = None,
    json: JsonFile = None,
) -> int:
    """Compare every file of an output folder with its journal and manifests.

    Without a key this finds accidents, not forgery: whoever may write to the folder can write a journal that fits.
    With the key that the reports were made with (capsule report --key FILE) it finds forgery too.
    """
    with in_use():
        refuse_if_in_use(folder.resolve())
        findings = verify(folder.resolve(), read_key(key, folder) if key else None)

    def show() -> None:
        for finding in findings:
            print(f"{finding.file}: {finding.message}")
        sure = "with the key" if key else "accidents would show, forgery only with --key"
        good = f"every file is as it was written ({sure})"
        print(f"{len(findings)} files are not as they were written" if findings else good)

    put({"findings": [asdict(finding) for finding in findings], "with_key": bool(key)}, json, show, private=False)
    return DATA_FAILED if findings else DONE
