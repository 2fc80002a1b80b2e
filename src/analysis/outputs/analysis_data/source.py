"""Where the visits of each hip stand, which is the baseline, and what the parameters are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.hips.cohort import Hips, at_visit, hips_of
from analysis.protocol import Protocol
from analysis.protocol.attributes import Attribute
from analysis.protocol.measures import Condition, Measure
from analysis.protocol.responses import Response
from analysis.report import Report
from analysis.schema import HIP, conform, was_measured
from analysis.usererror import UserError


@dataclass(frozen=True)
class Source:
    """The tables by the number of the hip: where each visit stands, which were measured, and the baseline."""

    report: Report
    protocol: Protocol
    visits: pd.DataFrame
    hips: Hips
    measured: Mapping[str, np.ndarray]
    baseline: str
    keys: pd.MultiIndex

    @classmethod
    def of(cls, report: Report) -> Source:
        """Find the hips of a report."""
        protocol = report.protocol
        visits = conform(report._tables.assessments, "assessments", protocol)
        hips = hips_of(visits)
        something = np.append(was_measured(visits, protocol).to_numpy(), False)
        measured = {at: something[rows] for at, rows in hips.rows.items()}
        baseline = protocol.comparisons[report.comparison].start
        keys = pd.MultiIndex.from_frame(at_visit(visits, hips.some_row, HIP).astype("str"))
        return cls(report, protocol, visits, hips, measured, baseline, keys)

    def compared(self) -> dict[str, str]:
        """Return by visit the comparison that begins at the baseline and ends there."""
        pairs = sorted(self.protocol.comparisons.items(), key=lambda item: item[0] != self.report.comparison)
        return {pair.end: name for name, pair in reversed(pairs) if pair.start == self.baseline}

    def number(self, timepoint: str) -> int:
        """Return the number of a visit: 0 for the baseline, below it what comes before."""
        order = self.protocol.timepoints
        return order.index(timepoint) - order.index(self.baseline)

    def by_hip(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return a table with a row per hip in the order of the hips; missing where it has none."""
        return table.set_index(pd.MultiIndex.from_frame(table[HIP].astype("str"))).reindex(self.keys)

    def codes(self) -> dict[str, str]:
        """Return the code of every measure and response; refuse one that has none of eight letters, and equal ones."""
        named: dict[str, Measure | Response] = {
            **{f"measures.{name}": each for name, each in self.protocol.measures_of("assessments").items()},
            **{f"responses.{name}": each for name, each in self.protocol.responses.items()},
        }
        found = {key: code_of(key, key.partition(".")[2], each) for key, each in named.items()}
        for code in found.values():
            if len(same := [name for name, other in found.items() if other == code]) > 1:
                raise UserError(f"analysis data: {' and '.join(same)} are both named {code}; change one's code")
        return found


def code_of(key: str, name: str, part: Attribute | Condition | Measure | Response) -> str:
    """Return the name of a part of the protocol in at most eight letters: its code, or its own name if that fits."""
    code = part.code or name.upper()
    if len(code) > 8 or not code.isascii() or not code.isidentifier():
        raise UserError(
            f"analysis data: {code} is no name of at most eight letters; "
            f'write in the protocol, under [{key}], such as code = "{code[:8].rstrip("_")}"'
        )
    return code
