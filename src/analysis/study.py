"""A study: its tables, its rules, and what was found wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analysis.protocol import Protocol


@dataclass(frozen=True)
class Study:
    """What :func:`analysis.load` returns.

    Attributes
    ----------
    name, folder
        The study's own name, and the name of its folder.
    synthetic
        True for a made-up cohort; every report then says so.
    public
        True when the rows themselves are published; counts are then shown however small.
    protocol
        The clinical rules.
    assessments, interventions
        The tables of :mod:`analysis.schema`.
    problems
        What was found: severity, rule, file, row, column, value_shown, message.
    fingerprint
        SHA-256 over the bytes of ``study.toml``, the protocol and the data files.
    """

    name: str
    folder: str
    synthetic: bool
    public: bool
    protocol: Protocol
    assessments: pd.DataFrame
    interventions: pd.DataFrame
    problems: pd.DataFrame
    fingerprint: str

    @property
    def errors(self) -> pd.DataFrame:
        """The problems that stop the analysis."""
        return self.problems[self.problems["severity"] == "error"]
