"""What a report notebook works with: one study, one scope, and nothing that may not be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from analysis.asymmetry import asymmetry, change_of_asymmetry
from analysis.classes import care_shares, class_shares, compensation_shares, safety_counts, safety_events, settled_by
from analysis.classify import baseline_hips
from analysis.clinics import clinic_funnel, rates_over_time
from analysis.counting import whole_percent
from analysis.degrees import gain_curves, hip_changes, mean_changes
from analysis.disclosure import (
    BEHIND_A_MATCH,
    BEHIND_A_PAIR,
    BEHIND_A_PROBLEM,
    BEHIND_A_RATE,
    BEHIND_AN_ASYMMETRY,
    MINIMUM_PATIENTS,
    protect,
    withhold_rows,
)
from analysis.display import Sentinel
from analysis.gains import adjusted_gains, gains_by_group, with_match
from analysis.matching import compare_matched, match_balance, matched_hips
from analysis.missing import tilted_rates
from analysis.pipeline import Tables
from analysis.protocol import Protocol
from analysis.quality import (
    comparability,
    completeness,
    completeness_by_clinic,
    digit_preference,
    distributions,
    flow,
    followed_up,
    problems_found,
)
from analysis.rates import rates, rates_of_each_rule, with_excess
from analysis.repeatability import repeatability
from analysis.schema import NO_STRETCH
from analysis.scope import narrow, prepare
from analysis.sides import compare_sides
from analysis.sides_by_group import sides_between_groups
from analysis.study import Study
from analysis.usererror import UserError

_BEHIND_WHAT_IS_FILLED = ["n_patients", "n_patients_with", "n_patients_without"]


@dataclass(frozen=True)
class Report:
    """A study as one report sees it.

    Every number leaves through :mod:`analysis.disclosure`, unless the report is ``internal``, the study's rows
    are public, or nobody stands behind them because they are synthetic. What chance alone would give is
    always worked out from the whole study.

    Attributes
    ----------
    study, tables
        The study, and its tables for the hips in scope.
    scope
        What the report is about, in words.
    comparison
        The pair of timepoints.
    internal
        For those who treat the patients: nothing is withheld, and every page says so.
    found
        What was found in the data of the whole study; see :func:`analysis.quality.problems_found`.
    """

    study: Study = field(repr=False)  # a cell that shows the report must show no row of it
    tables: Tables = field(repr=False)
    scope: str
    comparison: str
    internal: bool
    found: pd.DataFrame = field(repr=False)

    @property
    def protocol(self) -> Protocol:
        """The rules of the study."""
        return self.study.protocol

    @property
    def withholds(self) -> bool:
        """Whether small counts and single hips are withheld."""
        return not (self.internal or self.study.public or self.study.synthetic)

    @property
    def groups(self) -> list[str]:
        """The columns the study's hips are grouped by: its types or arms, and the side."""
        return [self.protocol.group_by, "side"]

    @property
    def match_groups(self) -> list[str]:
        """Whether the stretch given matched, and the side; the study's own groups where no stretch is called for."""
        return ["match", "side"] if self.protocol.types else self.groups

    def in_scope(self) -> pd.DataFrame:
        """Return one row with ``n_patients`` and ``n_hips``: whom the report is about."""
        return self._shown(self._rates((), None)[["n_patients", "n_hips"]], ["n_patients"])

    def rates(self, by: Sequence[str] = (), response: str | None = None) -> pd.DataFrame:
        """Return responder rates as they may be shown, chance in whole per cent; see :func:`analysis.rates`."""
        return self._shown(self._rates(by, response))

    def rates_of_each_test(self, by: Sequence[str] = ()) -> pd.DataFrame:
        """Return the rates under every responder rule, the primary one first."""
        return self._shown(_in_whole_percent(rates_of_each_rule(self.tables.responses, by, self.comparison)))

    def _rates(self, by: Sequence[str], response: str | None) -> pd.DataFrame:
        return _in_whole_percent(rates(self.tables.responses, by, response, self.comparison))

    def arms(self) -> pd.DataFrame:
        """Return the rate of each arm of a study that has arms and no types; else no row."""
        return pd.DataFrame() if self.protocol.types else self.rates([self.protocol.group_by])

    def unstretched(self) -> pd.DataFrame:
        """Return the rate of the hips recorded as given no stretch; no row where that is not recorded."""
        if "stretch_given" not in self.tables.responses:
            return pd.DataFrame()
        table = self.rates(["stretch_given"])
        return table[table["stretch_given"] == NO_STRETCH]

    def other_visits(self) -> pd.DataFrame:
        """Return the rate under the primary rule of the other pairs of timepoints between which something was done."""
        pairs = self.protocol.comparisons.items()
        others = [name for name, pair in pairs if name != self.comparison and not pair.unchanged]
        tables = [_in_whole_percent(rates(self.tables.responses, (), None, name)) for name in others]
        return pd.concat([self._shown(table) for table in tables], ignore_index=True) if tables else pd.DataFrame()

    def tilted_rates(self, by: Sequence[str] = (), response: str | None = None) -> pd.DataFrame:
        """Return what the missing outcomes may make of the rates; see :func:`analysis.missing.tilted_rates`."""
        table, tables = self._rates(by, response), self.tables
        return self._shown(tilted_rates(table, tables.responses, tables.changes, self.protocol, by))

    def tilted_rates_of_each_test(self, by: Sequence[str] = ()) -> pd.DataFrame:
        """Return the same under every responder rule, the primary one first."""
        names = self.tables.responses["response"].cat.categories
        return pd.concat([self.tilted_rates(by, name) for name in names], ignore_index=True)

    def sides(self, by: Sequence[str] = (), response: str | None = None) -> pd.DataFrame:
        """Return left against right as it may be shown; see :func:`analysis.compare_sides`."""
        return self._shown(compare_sides(self.tables.responses, by, response, self.comparison), BEHIND_A_PAIR)

    def sides_of_each_test(self) -> pd.DataFrame:
        """Return left against right under every responder rule."""
        names = self.tables.responses["response"].cat.categories
        return pd.concat([self.sides((), name) for name in names], ignore_index=True)

    def sides_between_groups(self, response: str | None = None) -> pd.DataFrame:
        """Return whether left against right differs between the types or arms; see :mod:`analysis.sides_by_group`."""
        types = list(self.protocol.types)
        table = sides_between_groups(self.tables.responses, self.groups[0], types, response, self.comparison)
        return self._shown(table, BEHIND_A_PAIR)

    def asymmetry(self) -> pd.DataFrame:
        """Return left minus right in degrees as it may be shown; see :func:`analysis.asymmetry`."""
        return self._shown(asymmetry(self.tables.assessments, self.protocol), BEHIND_AN_ASYMMETRY)

    def change_of_asymmetry(self) -> pd.DataFrame:
        """Return whether left and right came closer; see :func:`analysis.asymmetry.change_of_asymmetry`."""
        table = change_of_asymmetry(self.tables.assessments, self.protocol, self.comparison)
        return self._shown(table, ["n_behind"])

    def clinics(self, response: str | None = None) -> pd.DataFrame:
        """Return the clinics in scope with funnel limits; see :func:`analysis.clinics.clinic_funnel`.

        Limits and shrunk rates rest on all clinics. Where counts are withheld they follow from rounded rates, so
        that the clinics that are shown do not give away one that is not.
        """
        return self._shown(clinic_funnel(self.tables.responses, response, self.comparison, coarse=self.withholds))

    def over_time(self, response: str | None = None, every: str = "Q") -> pd.DataFrame:
        """Return the rate per period with control limits; see :func:`analysis.clinics.rates_over_time`."""
        return self._shown(rates_over_time(self.tables.responses, response, self.comparison, every))

    def mean_changes(self) -> pd.DataFrame:
        """Return mean changes beside measurement error; see :func:`analysis.degrees.mean_changes`."""
        return self._shown(mean_changes(self.tables.changes, self.protocol, self.comparison), ["n_patients"])

    def gains_by_group(self) -> pd.DataFrame:
        """Return mean changes beside what chance alone gives; see :func:`analysis.gains.gains_by_group`."""
        table = gains_by_group(self.tables.changes, self.protocol, self.comparison, self.groups[0])
        return self._shown(table, ["n_patients"])

    def adjusted_gains(self) -> pd.DataFrame:
        """Return groups compared at the same first reading; see :func:`analysis.gains.adjusted_gains`."""
        table = adjusted_gains(with_match(self.tables.changes, self.tables.care), self.protocol, self.comparison)
        return self._shown(table, ["n_patients_group", "n_patients_reference"])

    def hip_changes(self, measure: str = "") -> pd.DataFrame:
        """Return single hips, and none in a report that withholds; see :func:`analysis.degrees.hip_changes`."""
        table = hip_changes(self.tables.changes, self.protocol, self.comparison, measure)
        return withhold_rows(table) if self.withholds else table

    def gain_curves(self, measure: str = "") -> pd.DataFrame:
        """Return the share that gained so much, where hips may be seen; see :func:`analysis.degrees.gain_curves`.

        Two steps of a curve differ by single hips, so it leaves only where these may.
        """
        return gain_curves(self.hip_changes(measure))

    def matched(self, response: str | None = None) -> pd.DataFrame:
        """Return matched against mismatched hips; see :func:`analysis.matching.compare_matched`."""
        if not self.protocol.types:
            return pd.DataFrame()
        hips = matched_hips(self.tables.responses, self.tables.changes, self.protocol, response, self.comparison)
        return self._shown(compare_matched(*hips), BEHIND_A_MATCH)

    def match_balance(self, matched: pd.DataFrame) -> pd.DataFrame:
        """Return how alike the two groups of :meth:`matched` were; empty where their rates may not be shown."""
        if matched.empty or matched["suppressed"].any():
            return pd.DataFrame()
        hips = matched_hips(self.tables.responses, self.tables.changes, self.protocol, None, self.comparison)
        return self._shown(match_balance(*hips), ["n_patients_behind"])

    def classes(self) -> pd.DataFrame:
        """Return the share of hips in each class; see :func:`analysis.classes.class_shares`."""
        return self._shown(class_shares(self.tables.classifications, self.protocol))

    def settled_by(self) -> pd.DataFrame:
        """Return what would settle the indeterminate hips; see :func:`analysis.classes.settled_by`."""
        return self._shown(settled_by(self.tables.classifications), ["n_patients", "n_patients_others"])

    def care(self) -> pd.DataFrame:
        """Return how often care followed the rules; see :func:`analysis.classes.care_shares`."""
        return self._shown(care_shares(self.tables.care, self.tables.classifications, self.protocol))

    def safety(self) -> pd.DataFrame:
        """Return how often a safety rule was broken; see :func:`analysis.classes.safety_counts`."""
        return self._shown(safety_counts(self.tables.care, self.protocol))

    def safety_events(self) -> pd.DataFrame:
        """Return the hips that had a safety event, in an internal report only.

        See :func:`analysis.classes.safety_events`.
        """
        table = safety_events(self.tables.care, self.protocol)
        return table if self.internal else withhold_rows(table)

    def compensations(self) -> pd.DataFrame:
        """Return where the body finds the motion instead; see :func:`analysis.classes.compensation_shares`."""
        hips = baseline_hips(self.tables.assessments, self.protocol)
        return self._shown(compensation_shares(hips, self.protocol))

    def flow(self) -> pd.DataFrame:
        """Return the steps from the files to the hips judged; see :func:`analysis.quality.flow`."""
        tables = self.tables
        steps = flow(tables.assessments, tables.responses, self.protocol, self.comparison)
        return self._shown(steps, ["n_patients_behind"])

    def completeness(self) -> pd.DataFrame:
        """Return where each measure was recorded, by visit; see :func:`analysis.quality.completeness`."""
        return self._shown(completeness(self.tables.assessments, self.protocol), _BEHIND_WHAT_IS_FILLED)

    def completeness_by_clinic(self) -> pd.DataFrame:
        """Return which hips have both readings; see :func:`analysis.quality.completeness_by_clinic`."""
        table = completeness_by_clinic(self.tables.changes, self.protocol, self.comparison)
        return self._shown(table, _BEHIND_WHAT_IS_FILLED)

    def followed_up(self) -> pd.DataFrame:
        """Return the share of hips that were seen again; see :func:`analysis.quality.followed_up`."""
        return self._shown(followed_up(self.tables.changes, self.protocol))

    def digit_preference(self) -> pd.DataFrame:
        """Return the share of readings that end in 0 or 5; see :func:`analysis.quality.digit_preference`."""
        return self._shown(digit_preference(self.tables.assessments, self.protocol))

    def repeatability(self) -> pd.DataFrame:
        """Return the error of one reading as this study shows it; see :mod:`analysis.repeatability`."""
        table = repeatability(self.tables.assessments, self.tables.changes, self.protocol)
        return self._shown(table, ["n_patients"])

    def distributions(self) -> pd.DataFrame:
        """Return the quartiles of every angle; see :func:`analysis.quality.distributions`."""
        return self._shown(distributions(self.tables.assessments, self.protocol), ["n_patients_per_quarter"])

    def comparability(self) -> pd.DataFrame:
        """Return how often visits were measured in another way; see :func:`analysis.quality.comparability`."""
        table = comparability(self.tables.changes, self.protocol, self.comparison)
        return self._shown(table, ["n_patients", "n_patients_different", "n_patients_others"])

    def problems(self) -> pd.DataFrame:
        """Return what was found in the data of the whole study; see :func:`analysis.quality.problems_found`."""
        return protect(self.found, BEHIND_A_PROBLEM) if self.withholds else self.found.assign(suppressed=False)

    def _shown(self, table: pd.DataFrame, behind: Sequence[str] = BEHIND_A_RATE) -> pd.DataFrame:
        if table.empty:
            return table
        if not self.withholds:
            return table.assign(suppressed=False)
        return protect(table, behind, people=self.tables.assessments["patient_id"].nunique())

    def finish(self, title: str) -> Sentinel:
        """Say that the notebook came to its end, what stands on the cover, and where the numbers come from."""
        marks = [mark for mark, on in (("SYNTHETIC", self.study.synthetic), ("INTERNAL", self.internal)) if on]
        return Sentinel(
            {
                "title": title,
                "subtitle": self.scope,
                "study": self.study.name,
                "marks": marks,
                "provenance": {
                    "Study": self.study.name,
                    "Rules": f"{self.protocol.title} ({self.protocol.id} {self.protocol.version})",
                    "Source of the rules": self.protocol.source,
                    "Data": f"SHA-256 {self.study.fingerprint[:16]}",
                    "Program": f"capsule-outcomes {version('capsule-outcomes')}",
                },
            }
        )


def _quarters(tables: Tables, comparison: str) -> str:
    """Return from when to when the earlier visits were, as ", 2024Q1 to 2025Q4"; of few people it is not told."""
    rows = tables.responses[tables.responses["comparison"] == comparison]
    dated = rows[rows["date"].notna()]
    if dated["patient_id"].nunique() < MINIMUM_PATIENTS:
        return ""
    quarters = dated["date"].dt.to_period("Q")
    first, last = str(quarters.min()), str(quarters.max())
    return f", {first}" if first == last else f", {first} to {last}"


def _in_whole_percent(table: pd.DataFrame) -> pd.DataFrame:
    """Return rates whose chance is in whole per cent, as every report shows it."""
    return with_excess(table.assign(chance_rate=whole_percent(table["chance_rate"])))


def open_report(
    study: str | Path,
    clinic_id: str = "",
    period: str = "",
    comparison: str = "",
    internal: bool = False,
) -> Report:
    """Load a study for a report notebook.

    Parameters
    ----------
    study
        The study's folder.
    clinic_id
        One clinic, or empty for all.
    period
        A year, quarter or month (``2026``, ``2026Q1``, ``2026-03``) of the earlier visit, or empty for all.
    comparison
        The pair of timepoints; the protocol's primary one if empty.
    internal
        Withhold nothing; for those who treat the patients.

    Raises
    ------
    StudyError
        The study has errors.
    ValueError
        There is no such clinic, period or comparison.
    """
    loaded, everyone = prepare(study)
    if clinic_id and clinic_id not in set(everyone.changes["clinic_id"].dropna()):
        raise UserError("clinic_id: no hip of this study belongs to such a clinic; identifiers are text")
    own, tables = narrow(loaded, everyone, "clinic_id", clinic_id, period)
    whole = "The whole study" if everyone.changes["clinic_id"].isna().all() else "All clinics"
    scope = f"Clinic {clinic_id}" if clinic_id else whole
    compared = comparison or loaded.protocol.primary_comparison
    return Report(
        study=own,
        tables=tables,
        scope=f"{scope}, {period}" if period else f"{scope}{_quarters(tables, compared)}",
        comparison=compared,
        internal=internal,
        found=problems_found(loaded),
    )
