"""The rules and the warnings that stand behind the numbers, as tables."""

from __future__ import annotations

import pandas as pd

from analysis.display import Table
from analysis.protocol import Protocol


def definitions_table(protocol: Protocol) -> Table:
    """Show what each rule means and where it comes from."""
    rows = [[rule.label, rule.prose, rule.source] for rule in protocol.responses.values()]
    if protocol.types:
        rows += [["Types"], *[[kind.label, kind.prose, kind.source] for kind in protocol.types.values()]]
    return Table(
        columns=["Rule", "What it means", "Source"],
        rows=rows,
        caption="The rules used here",
        alignment=["left", "left", "left"],
    )


def warnings_table(problems: pd.DataFrame) -> Table:
    """Show how often each warning was found in the data, without any value."""
    warned = problems[problems["severity"] == "warning"]
    rows = [[str(message), str(n)] for message, n in warned["message"].value_counts().items()]
    return Table(
        columns=["Warning", "Cells or rows"],
        rows=rows or [["None", "0"]],
        caption="Warnings about the data of the whole study",
    )
