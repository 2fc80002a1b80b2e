"""A study opened for a report notebook, in the scope that it asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.answers.quality import problems_found
from analysis.disclosure.parts import PartOfStudy
from analysis.disclosure.plan import Release
from analysis.pipeline import Tables
from analysis.protocol.policies import INTERNAL, OPEN, POLICIES
from analysis.report.care import CareTables
from analysis.report.declared import as_published
from analysis.report.degrees import DegreeTables
from analysis.report.matching import MatchTables
from analysis.report.people import PeopleTables
from analysis.report.quality import QualityTables
from analysis.report.rates import RateTables
from analysis.report.scope import check_scope, narrow, person_of, prepare
from analysis.report.sides import SideTables
from analysis.report.states import state_to_show
from analysis.show.display import Sentinel
from analysis.show.words import day_in_words
from analysis.study import Study
from analysis.usererror import UserError

if TYPE_CHECKING:
    from analysis.sensitivity import Sensitivity
    from analysis.show.facts import Fact


class Report(PeopleTables, RateTables, SideTables, DegreeTables, MatchTables, CareTables, QualityTables):
    """A study as one report sees it; see :class:`analysis.report.scoped.Scoped` for its attributes."""

    def sensitivity(self) -> Sensitivity:
        """Return how sure the answers are; see :class:`analysis.sensitivity.study.Sensitivity`."""
        from analysis.sensitivity import Sensitivity  # most notebooks do without it

        return Sensitivity(self._study, self._tables, self.comparison, self.internal, self.release)

    def finish(self, title: str, glance: Sequence[Fact] = ()) -> Sentinel:
        """Say that the notebook came to its end, what stands on the cover, and where the numbers come from.

        Parameters
        ----------
        title
            Of the report.
        glance
            Facts of the report that stand in the overview too; see :func:`analysis.show.glance.at_a_glance`.
        """
        policy = POLICIES[INTERNAL] if self.internal else self._study.policy
        kind = "SHA-256" if self._study.policy == OPEN else "HMAC-SHA-256"
        marks = [mark for mark in ("SYNTHETIC" * self._study.synthetic, policy.mark) if mark]
        return Sentinel(
            {
                "title": title,
                "subtitle": self.scope,
                "study": self._study.name,
                "marks": marks,
                "provenance": {
                    "Study": self._study.name,
                    "Rules": f"{self.protocol.title} ({self.protocol.id} {self.protocol.version})",
                    "Source of the rules": self.protocol.source,
                    "Data": f"{kind} {self._study.fingerprint[:16]}",
                    "Withheld": policy.words + self._still_told() + self._still_waits(),
                    "Program": f"capsule-outcomes {version('capsule-outcomes')}",
                },
                "glance": [fact.model_dump(mode="json") for fact in glance],
            }
        )

    def _still_told(self) -> str:
        """Say what withholding more could not help."""
        told = self.release.told
        return f"; {told} of these nearly follow from the rate of the whole, which is shown" if told else ""

    def _still_waits(self) -> str:
        """Say of which day the visits are, where those since wait."""
        return f"; visits since {day_in_words(self.on)}, until enough patients have come" if self.on else ""


def open_report(
    study: str | Path,
    clinic_id: str = "",
    period: str = "",
    comparison: str = "",
    internal: bool = False,
    group: str = "",
    person: str = "",
    beside: str = "",
) -> Report:
    """Load a study for a report notebook.

    Parameters
    ----------
    study
        The study's folder, as seen from the notebook's own or from the project's, where papermill may run it.
    clinic_id
        One clinic, or empty for all.
    period
        A year, quarter or month (``2026``, ``2026Q1``, ``2026-03``) of the earlier visit, or empty for all.
    comparison
        The pair of timepoints; the protocol's primary one if empty.
    internal
        Withhold nothing, for those who treat the patients, whatever the study's policy.
    group
        One group of an attribute, such as ``sex=female``, or empty for all.
    person
        One person, by identifier or by the code that ``capsule report --by patient_id`` gives; empty for all. Refused
        where numbers are withheld: a page of one person is for those who treat.
    beside
        The clinic in whose report this one stands: both then are of the same day.

    Raises
    ------
    StudyError
        The study has errors.
    ValueError
        There is no such study, clinic, group or comparison, or no visit in the period.
    """
    folder = _find(study)
    loaded, everyone = prepare(folder)
    check_scope(loaded, everyone, period, comparison)
    if clinic_id and clinic_id not in set(everyone.changes["clinic_id"].dropna()):
        raise UserError(
            f"clinic_id: no {loaded.protocol.words.hip} of this study belongs to such a clinic; identifiers are text"
        )
    compared = comparison or loaded.protocol.primary_comparison
    column, level = _column_and_level(group, loaded, everyone) if group else ("", "")

    problems, release, on = problems_found(loaded), Release(), ""
    if loaded.policy.withholds and not internal:
        part = PartOfStudy(column, level, period)
        loaded, everyone, release, on = state_to_show(folder, loaded, everyone, compared, clinic_id or beside, part)
        release = replace(release.of(clinic_id), part=part.name)
    own, tables = narrow(loaded, everyone, "clinic_id", clinic_id, period)
    if group:
        own, tables = narrow(own, tables, column, level)
    if person:
        person = person_of(folder, loaded, everyone, person, internal)
        own, tables = narrow(own, tables, "patient_id", person)
    own = replace(own, fingerprint=as_published(folder)(own.fingerprint))
    among = f"{loaded.protocol.attributes[column].label} {level}" if group else ""
    scope = "One person" if person else _scope_in_words(everyone, clinic_id, among)
    scope += f" as of {day_in_words(on)}" if on else ""
    report = Report(
        own,
        tables,
        scope=f"{scope}, {period}" if period else scope,
        comparison=compared,
        internal=internal or loaded.policy.name == INTERNAL,
        found=problems,
        release=release,
        on=on,
        person=person,
        whole=not (clinic_id or period or group or person),
    )
    return report if period else replace(report, scope=scope + _quarters(report))


def _scope_in_words(everyone: Tables, clinic_id: str, group: str) -> str:
    clinics = "The whole study" if everyone.changes["clinic_id"].isna().all() else "All clinics"
    parts = [f"Clinic {clinic_id}" if clinic_id else "", group]
    return ", ".join(filter(None, parts)) or clinics


def _find(study: str | Path) -> Path:
    looked = [Path(study), Path("notebooks", study)]
    if found := next(filter(Path.is_dir, looked), None):
        return found
    places = " and ".join(dict.fromkeys(str(path.resolve()) for path in looked))
    raise UserError(f"there is no study at {study}; looked at {places}")


def _column_and_level(group: str, study: Study, tables: Tables) -> tuple[str, str]:
    """Part a group such as ``sex=female``; raise UserError where there is none."""
    column, _, level = group.partition("=")
    known = {name: each for name, each in study.protocol.attributes.items() if each.divides}
    if column not in known:
        raise UserError(f"group is {group!r}; write it like {next(iter(known), 'arm')}=…; there is {', '.join(known)}")
    if level not in set(tables.changes[column].dropna().astype("str")):
        raise UserError(f"group: no {study.protocol.words.hip} of this study has such a {column}")
    return column, level


def _quarters(report: Report) -> str:
    """Return from when to when the earlier visits were, as ", 2024Q1 to 2025Q4"; not where few people tell an end."""
    rows = report._tables.responses
    dated = rows[(rows["comparison"] == report.comparison) & rows["date"].notna()]
    people = dated.groupby(dated["date"].dt.to_period("Q"))["patient_id"].nunique()
    if people.empty or (report.withholds and people.iloc[[0, -1]].min() < report._study.policy.minimum):
        return ""
    first, last = str(people.index[0]), str(people.index[-1])
    return f", {first}" if first == last else f", {first} to {last}"
