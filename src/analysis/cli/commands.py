"""The list of commands. A command's module is loaded when that command is asked for, and for the list none is."""

from __future__ import annotations

import gc
import sys
from difflib import get_close_matches
from importlib import import_module
from types import ModuleType
from typing import Any

from typer.core import TyperGroup
from typer.main import get_group

# Name → its module and what the list says of it. Its own help is the docstring of its function.
COMMANDS = {
    "init": ("data", "Look at files and draft the study.toml for them."),
    "check": ("check", "List every problem in the data."),
    "report": ("reports", "Build the reports that are missing or out of date."),
    "verify": ("verify", "Compare reports with their journal and manifests."),
    "audit": ("audit", "Try to work out withheld counts from a folder."),
    "rates": ("results", "Count responders in groups, with intervals."),
    "sides": ("results", "Compare left with right."),
    "classify": ("data", "Say which presentation each hip shows."),
    "explain": ("data", "Tell the story of one hip, rule by rule."),
    "sensitivity": ("sensitivity", "Say how sure the answers are."),
    "plan": ("sensitivity", "Say how many patients show a difference."),
    "export": ("export", "Write every results table for other programs."),
    "methods": ("export", "Write the methods of a study for an article."),
    "process": ("data", "Write every table as Parquet."),
    "simulate": ("data", "Make a synthetic study with its truth."),
    "fetch-redcap": ("fetch", "Write a REDCap project's records into a file."),
    "lab": ("notebooks", "Open JupyterLab on the guided tour."),
    "new-notebook": ("notebooks", "Begin a report notebook that runs as it is."),
}


class Commands(TyperGroup):
    """The commands, loaded late."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Name them in the order in which people come to need them."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Load a command, or say which was perhaps meant."""
        if cmd_name in COMMANDS:
            return get_group(_loaded(f"analysis.cli.{COMMANDS[cmd_name][0]}").app).commands[cmd_name]
        near = get_close_matches(cmd_name, COMMANDS, 1)
        hint = f"Did you mean '{near[0]}'?" if near else "`capsule --help` lists them."
        return ctx.fail(f"No such command '{cmd_name}'. {hint}")

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """List them, which needs none of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, said) for name, (_, said) in COMMANDS.items()])


def _loaded(name: str) -> ModuleType:
    """Load a module and what it imports; nothing of that is ever garbage, so no collection looks through it."""
    if name in sys.modules:
        return sys.modules[name]
    gc.disable()
    try:
        return import_module(name)
    finally:
        gc.freeze()
        gc.enable()
