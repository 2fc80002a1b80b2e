"""The tables of a paper: those that reports show, numbered, with who was assessed first; as Markdown here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analysis.report import Report
from analysis.show import tables
from analysis.show.display import Table

TITLE = "Tables"


@dataclass(frozen=True)
class Paper:
    """Tables in the order in which a paper has them, and what stands before them.

    Attributes
    ----------
    title, about
        Of the document; lines on the study, its rules and what is withheld, made-up or internal data first.
    tables
        As reports show them.
    """

    title: str
    about: Sequence[str]
    tables: Sequence[Table]


def paper(report: Report) -> Paper:
    """Draw the tables that a paper on a study has; one without a row, or all of it withheld, is left out.

    Parameters
    ----------
    report
        What it withholds is withheld here, in the same cells.
    """
    rules, by = report.protocol, report.groups
    tests = report.sides_of_each_test()
    drawn = [
        tables.people_table(report.who_was_assessed(by[0]), by[0], rules),
        tables.flow_table(report.flow(), rules),
        tables.class_table(report.classes(), rules),
        tables.responder_table(report.rates(by), by, rules),
        tables.tests_table(report.rates_of_each_test(), rules),
        tables.missing_table(report.tilted_rates(), rules),
        tables.mean_change_table(report.mean_changes(), rules),
        tables.gains_table(report.gains_by_group(), by[0], rules),
        tables.sides_table(tests, "Rule", tables.response_labels(tests, rules), rules, everyone=True),
        tables.asymmetry_table(report.asymmetry(), rules),
        tables.definitions_table(rules),
    ]
    cover = report.finish(TITLE).document
    marks = [f"{', '.join(cover['marks'])}."] if cover["marks"] else []
    lines = [f"{name}: {said}" for name, said in cover["provenance"].items() if name != "Data"]
    about = [*marks, f"{cover['subtitle']}.", *lines]
    return Paper(f"{cover['study']}: tables", about, [table for table in drawn if isinstance(table, Table)])


def markdown(made: Paper) -> bytes:
    """Return the tables as Markdown with bars, as GitHub, pandoc and Quarto read it."""
    parts = [f"# {_escaped(made.title)}", *map(_escaped, made.about)]
    for number, table in enumerate(made.tables, start=1):
        parts += [
            f"**Table {number}.** {_escaped(table.caption)}",
            "\n".join(_lines(table)),
            *map(_escaped, table.notes),
        ]
    return ("\n\n".join(parts) + "\n").encode()


def headings(table: Table) -> list[str]:
    """Return the headings of the columns, each with that of its group before it, where only one row can hold them."""
    above = [label for label, span in table.header_groups or () for _ in range(span)] or [""] * len(table.columns)
    return [f"{group}: {name}" if group else name for group, name in zip(above, table.columns, strict=True)]


def _lines(table: Table) -> Iterator[str]:
    marks = {"left": ":---", "right": "---:", "center": ":---:"}
    yield _line(map(_escaped, headings(table)))
    yield _line(marks[side] for side in table.sides)
    for row in table.rows:
        cells = [_escaped(cell) for cell in row]
        heading = [f"**{cells[0]}**", *[""] * (len(table.columns) - 1)]
        yield _line(heading if table.is_heading(row) else cells)


def _line(cells: Iterator[str] | Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    r"""Return text that Markdown shows as it is; what means nothing to it is left, for those who read the source.

    Examples
    --------
    >>> print(_escaped("12/18 (67 %; 95 % CI 44–84)"), _escaped("a|b <i> P_1 *"), _escaped("2. hip"), _escaped("2.5"))
    12/18 (67 %; 95 % CI 44–84) a\|b \<i\> P\_1 \* 2\. hip 2.5
    """
    # A line that begins with one of the last three would be a heading or a list.
    return re.sub(r"(?=[\\`*_\[\]<>|~^&$])|^(?=[#+-])|(?<=^\d)(?=[.)] )", r"\\", " ".join(text.split()))
