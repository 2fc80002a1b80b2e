"""The only command that uses the network: a live REDCap project becomes a file of a study."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from analysis.cli.app import MACHINE_FAILED, Stop, app
from analysis.intake.redcap import RedcapError
from analysis.intake.redcap import fetch_redcap as fetch


@app.command("fetch-redcap")
def fetch_redcap(out: Annotated[Path, typer.Option(metavar="FILE", help="A new .csv file in a study folder.")]) -> None:
    """Write a REDCap project's records into a file; the environment gives REDCAP_URL and REDCAP_TOKEN."""
    try:
        sheet = fetch(out)
    except RedcapError as fault:
        raise Stop(MACHINE_FAILED, str(fault)) from None
    print(f"{out}: {len(sheet.rows)} rows, {sheet.cells.shape[1]} fields. First time? capsule init {out}")
