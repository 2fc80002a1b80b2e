"""A study: its tables, its rules, and what was found wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import pandas as pd

from analysis.protocol import Protocol
from analysis.protocol.policies import Policy, chosen_policy
from analysis.schema import HIP, was_measured


@dataclass(frozen=True, repr=False)
class Study:
    """What :func:`analysis.load` returns.

    Attributes
    ----------
    name, folder
        The study's own name, and the name of its folder.
    synthetic
        True for a made-up cohort; every report then says so.
    public
        True when the rows themselves are published; counts are then shown however small, unless a policy says else.
    protocol
        The clinical rules.
    assessments, interventions
        The tables of :mod:`analysis.schema`.
    problems
        What was found: severity, rule, file, row, column, value_shown, message.
    fingerprint
        SHA-256 over the bytes of ``study.toml``, the protocol and the data files.
    declared_policy
        The policy that ``study.toml`` names; empty where it names none.
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
    declared_policy: str = ""

    @property
    def policy(self) -> Policy:
        """What its reports withhold."""
        return chosen_policy(self.declared_policy, self.public or self.synthetic)

    @property
    def errors(self) -> pd.DataFrame:
        """The problems that stop the analysis."""
        return self.problems[self.problems["severity"] == "error"]

    @property
    def n_patients(self) -> int:
        """How many people were seen."""
        return int(self.assessments["patient_id"].nunique())

    @property
    def completeness(self) -> pd.DataFrame:
        """How many hips have each measure at each timepoint that was reached; the first row: how many were seen."""
        noun = self.protocol.words
        visits = self.assessments[was_measured(self.assessments, self.protocol)]
        measures = [name for name in self.protocol.measures_of("assessments") if visits[name].notna().any()]
        seen = (
            visits[measures]
            .notna()
            .assign(**{f"{noun.hips} seen": True})
            .groupby(visits["timepoint"], observed=True)
            .sum()
        )
        return seen[[f"{noun.hips} seen", *measures]].T.rename_axis(index="measure", columns=None)

    @property
    def problem_counts(self) -> pd.DataFrame:
        """How often each rule found something, and its words the first time: severity, rule, n, such_as."""
        found = self.problems.groupby(["severity", "rule"], observed=True)["message"]
        return found.agg(n="size", such_as="first").reset_index()

    def _headings(self) -> list[str]:
        visits, protocol, noun = self.assessments, self.protocol, self.protocol.words
        made_up = " (synthetic)" if self.synthetic else ""
        sizes = {
            ("patient", "patients"): self.n_patients,
            (noun.hip, noun.hips): len(visits[HIP].drop_duplicates()),
            (f"visit of {noun.a_hip}", f"visits of {noun.a_hip}"): int(was_measured(visits, protocol).sum()),
            (f"{noun.hip} with care recorded", f"{noun.hips} with care recorded"): len(self.interventions),
        }
        return [
            f"{self.name}{made_up}",
            ", ".join(f"{n:,} {one if n == 1 else many}" for (one, many), n in sizes.items()),
            f"Rules: {protocol.title} ({protocol.id} {protocol.version})",
        ]

    def __repr__(self) -> str:
        """Say what is loaded, how complete it is and what was found wrong with it."""
        counts = self.problem_counts.drop(columns="such_as")
        problems = f"\n{counts.to_string(index=False)}" if len(counts) else " none"
        return "\n".join([*self._headings(), "", self.completeness.to_string(), "", f"Problems:{problems}"])

    def _repr_html_(self) -> str:
        name, *lines = (escape(line) for line in self._headings())
        said = "".join(f"<p>{line}</p>" for line in lines)
        with pd.option_context("display.max_colwidth", None):
            found = self.problem_counts.to_html(index=False, border=0) if len(self.problems) else ""
        # The name of the rows would otherwise take a line of its own.
        complete = self.completeness.rename_axis(index=None, columns="measure").to_html(border=0)
        how_many = f"<p>Problems found in the data: {len(self.problems):,}</p>"
        return f"<p><strong>{name}</strong></p>{said}{complete}{how_many}{found}"
