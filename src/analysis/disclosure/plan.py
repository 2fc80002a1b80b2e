"""What the reports of a study withhold together: first few people, then what would give them away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.answers.agreement import ALL
from analysis.disclosure.counted import Counted, Shown
from analysis.disclosure.other_tables import OTHER
from analysis.disclosure.printed import WHOLE, row_key
from analysis.disclosure.release import HEADLINE, withhold_more
from analysis.disclosure.roles import declared
from analysis.disclosure.sums import ASKED
from analysis.protocol import Protocol
from analysis.schema import SIDES


@dataclass(frozen=True)
class Release:
    """What is withheld in the reports of a study and of its clinics.

    Attributes
    ----------
    rows
        Rows that are withheld, each as its clinic (empty for the whole study) and its key.
    cells
        Counts that are withheld alone, each as clinic, key and column.
    lead
        The key of the row that a report leads with.
    clinic
        Whose report sees it.
    told
        How many withheld counts of few people still follow, or nearly so, from what reports lead with.
    first
        Whether nothing of the study was shown in an earlier state.
    part
        The group or period whose report sees it; empty for all.
    """

    rows: frozenset[tuple[str, str]] = frozenset()
    cells: frozenset[tuple[str, str, str]] = frozenset()
    lead: str = ""
    clinic: str = WHOLE
    told: int = 0
    first: bool = True
    part: str = ""

    @staticmethod
    def lead_of(protocol: Protocol, comparison: str) -> str:
        """Return the key of the row that a report leads with."""
        return row_key("rates", {"response": protocol.primary_response, "comparison": comparison})

    @property
    def shows_lead(self) -> bool:
        """Whether the row that this report leads with is shown."""
        return (self.clinic, self.lead) not in self.rows

    def of(self, clinic: str) -> Release:
        """Return the release as the report of one clinic, or of the whole study, sees it."""
        return replace(self, clinic=clinic)

    def besides(self, table: pd.DataFrame, name: str, groups: Iterable[str] = ()) -> dict[str, pd.Series]:
        """Return what of a table is withheld, as :func:`analysis.disclosure.protect` takes it."""
        if name == "readings":  # one of them is the reading of the report
            return {"": pd.Series((self.clinic, self.lead) in self.rows, index=table.index)}
        known = set(map(str, table.columns))
        rows = [
            self._withheld(_keys(name, labels), known)
            | self._with_its_group(name, labels)
            | self._of_a_part(name, labels)
            for labels in _labels(table, name, groups)
        ]
        columns = {column for found in rows for column in found}
        return {column: pd.Series([column in found for found in rows], index=table.index) for column in columns}

    def _withheld(self, keys: list[tuple[str, str]], columns: set[str]) -> set[str]:
        places = [(clinic or self.clinic, key) for clinic, key in keys]
        alone = {column for column in columns for place in places if (*place, column) in self.cells}
        return alone | ({""} if any(place in self.rows for place in places) else set())

    def _with_its_group(self, name: str, labels: Mapping[str, str]) -> set[str]:
        """Return whether a row of a table that is not counted goes with the size of its group, its class or its rule.

        It prints as many people or hips, or nearly, as these do.
        """
        if name in _COUNTED:
            return set()
        keys = [row_key("in_scope", {})]
        if name in _VISITS:
            named = {"name": labels["measure"], "timepoint": labels["timepoint"]}
            keys.append(row_key("completeness", named))
        if name == "completeness_by_clinic":
            keys.append(row_key("mean_changes", {"measure": labels["name"]}))
        if "stretch_type" in labels:
            keys.append(row_key("classes", {"answer": labels["stretch_type"]}))
        if "response" in labels:
            keys.append(f"{self.lead.rpartition('=')[0]}={labels['response']}")
        return self._withheld([(labels[""], key) for key in keys], set())

    def _of_a_part(self, name: str, labels: Mapping[str, str]) -> set[str]:
        """Return what only the whole study shows: what is counted of its parts is not held against its own."""
        if name in _WHOLE_ONLY:
            of_group = self.part and name != "trajectories"  # of which those of a group are counted
            return _WHOLE_ONLY[name] if self.clinic or of_group else set()
        is_part = self.clinic or self.part or labels[""] or set(labels) - {"", *ASKED}
        return {"rate_per_person"} if is_part else set()


def counts_groups(table: pd.DataFrame, name: str, protocol: Protocol) -> bool:
    """Return whether a release counts the groups by which a table divides."""
    dividing = {*protocol.attributes, protocol.group_by, "side", "match", "stretch_given", "period"} - {"clinic_id"}
    by = dividing & set(map(str, table.columns))
    if _FAMILIES.get(name) in ("rates", "sides"):
        kind = protocol.group_by
        known = [set(), {kind}, {"side"}, {kind, "side"}, {"match"}, {"match", "side"}, {"stretch_given"}, {"period"}]
        return by in (known if _FAMILIES[name] == "rates" else known[:2])
    return not by & (set(protocol.attributes) - {protocol.group_by})


_FAMILIES = dict.fromkeys(["rates", "clinics", "over_time", "missing_outcomes", "own_error"], "rates")
_FAMILIES |= {"sides": "sides", "sides_between_groups": "sides"}
_COUNTED = {*_FAMILIES, "classes", "care", "safety", "compensations", "followed_up", "flow", "in_scope"}
# Counted too, and yet a row goes with its class, of which it has nearly as many hips.
_FAMILIES |= {"gains_by_group": "mean_changes", "repeatability": "agreement"}
_VISITS = ("distributions",)  # as many readings as completeness has of the visit
_WHOLE_ONLY = {
    "trajectories": {""},
    "claims": {"n_patients", "n_first", "n_second"},
    "adjusted_gains": {"n_hips", "n_patients_group", "n_patients_reference", "n_patients_refused"},
}
_NO_GROUPS = ("clinic_id", "suppressed", "interval", "measure", "method", "timepoint", "reason", "step", "quantity")


def _labels(table: pd.DataFrame, name: str, groups: Iterable[str]) -> list[dict[str, str]]:
    """Return what each row is about, and under "" its clinic where it names one."""
    roles = declared(name, map(str, table.columns))
    known = {column for column, role in roles.items() if role.role == "label"}
    known = {*known, *groups} - {
        *(("clinic_id", "since") if _FAMILIES.get(name, name) in (*OTHER, *_VISITS) else _NO_GROUPS)
    }
    used = [column for column in map(str, table.columns) if column in known]
    text = {str(column): table[column].astype("str").tolist() for column in used if name != "flow"}
    text[""] = table["clinic_id"].astype("str").tolist() if "clinic_id" in table else [""] * len(table)
    return [dict(zip(text, row, strict=True)) for row in zip(*text.values(), strict=True)]


def _keys(name: str, labels: dict[str, str]) -> list[tuple[str, str]]:
    """Return the rows of the release, each with its clinic where the table names one, that a row would tell of."""
    own = {column: value for column, value in labels.items() if column and (column, value) != ("raters", ALL)}
    keys = [(labels[""], row_key(_FAMILIES.get(name, name), own))]
    if name == "sides_between_groups":
        keys += [(labels[""], row_key("rates", {**own, "side": side})) for side in SIDES]
    return keys


def plan(
    counts: pd.DataFrame,
    protocol: Protocol,
    comparison: str,
    minimum: int,
    before: Sequence[Shown] = (),
    beside: Shown | None = None,
) -> Release:
    """Return what the reports of the whole study and of every clinic withhold.

    Parameters
    ----------
    counts
        What they print; see :func:`analysis.disclosure.printed.printed_counts`.
    protocol, comparison
        Of the study.
    minimum
        The fewest patients.
    before
        What earlier releases of the same study printed, the oldest first.
    beside
        What is printed of the same state of the data, and stays as it is.
    """
    release = Counted(counts.reset_index(drop=True), protocol, comparison, minimum, before, beside)
    # Who came since a release before is told by what the report leads with, so this waits until enough have come.
    most = float(np.inf) if before else HEADLINE
    hidden, told = withhold_more(release.system, release.hidden, minimum, most)
    found = [unit for unit, is_hidden in zip(release.units, hidden, strict=True) if is_hidden]
    rows = frozenset((clinic, key) for clinic, key, column in found if not column)
    rows |= frozenset(_with_their_visits(found, counts, protocol, comparison))
    lead = Release.lead_of(protocol, comparison)
    told = 0 if (WHOLE, lead) in rows else told
    return Release(rows, frozenset(unit for unit in found if unit[2]), lead, told=told)


def _with_their_visits(
    found: Iterable[tuple[str, str, str]], counts: pd.DataFrame, protocol: Protocol, comparison: str
) -> Iterator[tuple[str, str]]:
    """Yield the rows that would tell again how many show the pattern at a visit, where that is withheld."""
    if protocol.asymmetry is None:
        return
    pair, measure = protocol.comparisons[comparison], protocol.asymmetry.measure
    sides = counts[counts["family"] == "asymmetry"].drop_duplicates("key")
    visits = {
        key: {name: value for name, value in labels.items() if name != "timepoint"} | {"comparison": comparison}
        for key, labels in zip(sides["key"], sides["labels"], strict=True)
        if labels["measure"] == measure and labels["timepoint"] in (pair.start, pair.end)
    }
    for clinic, key, column in found:
        if key in visits:
            for quantity in ("showing", "showing_any") if column else ("difference", "size", "showing", "showing_any"):
                yield clinic, row_key("change_of_asymmetry", visits[key] | {"quantity": quantity})
