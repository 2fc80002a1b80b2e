"""Faults that no person shows, only the whole study: counted over people who may come in several groups."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.hips.cohort import Read, is_known
from analysis.hips.pairs import Pairs, measures_compared
from analysis.hips.usual import NOT_DECLARED, Alike, alike, alike_together, first_of_people, what_is_usual
from analysis.intake.identifiers import check_identifiers
from analysis.intake.problems import Problems
from analysis.intake.unmatched import check_unmatched
from analysis.intake.visits_grid import VisitsGrid
from analysis.protocol import Protocol
from analysis.protocol.measures import Comparison, Measure
from analysis.protocol.steps import cut_in_steps, five_of
from analysis.schema import was_measured

# Readings to the nearest 5 degrees end in 0 or 5 always, readings to the degree in one case of five.
_ENOUGH_READINGS, _PREFERRED = 50, 0.6
_ENOUGH_TO_COMPARE = 5  # people with one visit each; with fewer, a study may have just begun
_ENOUGH_OF_A_SIDE = 5  # people with one hip each; fewer may well have had the other left out


@dataclass
class WholeStudy:
    """What is counted of all people, whatever groups they come in.

    Attributes
    ----------
    protocol
        Gives the measures, the comparisons and who was enrolled.
    visits
        How many visits something was measured at.
    unrecorded
        By condition, at how many of these it is not recorded.
    people, with_clinic
        How many there are, and how many have a clinic at some visit.
    with_both
        How many have both hips in one episode of care.
    one_sided
        How many have a left hip, and how many a right one.
    came_back
        Whether somebody has both hips, though never in one episode.
    seen_twice
        Whether some hip was seen at more than one timepoint.
    reached
        Timepoints at which somebody was seen.
    compared
        Comparisons of which some hip has both visits.
    of_fives
        By angle, how many readings there are, and how many are multiples of five steps.
    first
        By measure, the first readings of the primary comparison, those alike together; one entry a group.
    everyone
        The identifier of each person, and where it first stands; one entry a group.
    listed
        Where there are files of persons, the identifiers in these; one entry a group.
    """

    protocol: Protocol
    visits: int = 0
    unrecorded: dict[str, int] = field(default_factory=dict)
    people: int = 0
    with_clinic: int = 0
    with_both: int = 0
    one_sided: np.ndarray = field(default_factory=lambda: np.zeros(2, dtype="int64"))
    came_back: bool = False
    seen_twice: bool = False
    reached: set[str] = field(default_factory=set)
    compared: set[str] = field(default_factory=set)
    of_fives: dict[str, np.ndarray] = field(default_factory=dict)
    first: dict[str, list[Alike]] = field(default_factory=dict)
    everyone: list[pd.DataFrame] = field(default_factory=list)
    listed: list[pd.DataFrame] = field(default_factory=list)

    def add(self, assessments: pd.DataFrame, grid: VisitsGrid, read: Read, persons: pd.DataFrame | None = None) -> None:
        """Count some people; their assessments are conformed and sorted by visit.

        ``persons`` is what files of persons say of them, where there are such files.
        """
        self.everyone.append(assessments[["patient_id", "source_file", "source_row"]].iloc[grid.begins])
        if persons is not None:
            self.listed.append(persons[["patient_id", "source_file"]])
        self._add_conditions(assessments)
        self._add_people(assessments, grid)
        self._add_timepoints(grid)
        for name, measure in self._angles():
            self.of_fives[name] = self.of_fives.get(name, 0) + _fives(read(name), measure)
        if self.protocol.admission is None:
            pairs = _primary_pairs(assessments, grid, read, self.protocol)
            for name in pairs.readings:
                if self.protocol.measures[name].sem is not None:
                    self.first.setdefault(name, []).append(alike(first_of_people(pairs, name, self.protocol))[0])

    def report(self, problems: Problems) -> None:
        """Add what all people together tell.

        Warnings (``condition_not_recorded``, ``no_clinic``, ``nobody_has_both_hips``, ``nothing_to_compare``,
        ``admission_not_declared``), notes (``digit_preference``), the error that there is nobody (``no_rows``), and
        what :mod:`analysis.intake.identifiers` and :mod:`analysis.intake.unmatched` add.
        """
        people = pd.concat(self.everyone, ignore_index=True)
        check_identifiers(people, problems)
        if self.listed:
            check_unmatched(people["patient_id"], pd.concat(self.listed), problems)
        if not self.visits and not problems.any_error:
            problems.add("error", "no_rows", "no assessment was found in any file of the study")
        self._conditions(problems)
        self._without_clinic(problems)
        self._one_hip_each(problems)
        self._nothing_to_compare(problems)
        self._digit_preference(problems)
        self._cut_off(problems)

    def _angles(self) -> Iterable[tuple[str, Measure]]:
        measures = self.protocol.measures_of("assessments").items()
        return ((name, measure) for name, measure in measures if measure.kind == "angle")

    def _add_conditions(self, assessments: pd.DataFrame) -> None:
        seen = was_measured(assessments, self.protocol)
        self.visits += int(seen.sum())
        for name, condition in self.protocol.conditions.items():
            if condition.must_match:
                unknown = int((assessments[name].isna() & seen).sum())
                self.unrecorded[name] = self.unrecorded.get(name, 0) + unknown

    def _add_people(self, assessments: pd.DataFrame, grid: VisitsGrid) -> None:
        has_clinic = np.zeros(len(grid.begins), dtype=bool)
        has_clinic[grid.person[assessments["clinic_id"].notna().to_numpy()]] = True
        self.people += len(has_clinic)
        self.with_clinic += int(has_clinic.sum())
        self.with_both += grid.pairs.shape[1]
        if self.with_both:
            return  # how many have one hip is told of where nobody has both
        side = assessments["side"].cat.codes.to_numpy()
        has_side = np.zeros((2, len(grid.begins)), dtype=bool)
        has_side[side, grid.person] = True
        self.one_sided += has_side.sum(axis=1)
        self.came_back |= bool(has_side.all(axis=0).any())

    def _add_timepoints(self, grid: VisitsGrid) -> None:
        there, points = grid.hips >= 0, self.protocol.timepoints
        self.reached |= {points[number] for number in np.flatnonzero(there.any(axis=0))}
        self.seen_twice |= bool((there.sum(axis=1) > 1).any())

        def compares(pair: Comparison) -> bool:
            return bool((there[:, points.index(pair.start)] & there[:, points.index(pair.end)]).any())

        self.compared |= {name for name, pair in self.protocol.comparisons.items() if compares(pair)}

    def _conditions(self, problems: Problems) -> None:
        for name, unknown in self.unrecorded.items():
            if unknown:
                # How many is a value, that of few people may be withheld; the message is told in every report.
                counts = f"{unknown} of {self.visits} visits"
                label = self.protocol.conditions[name].label
                message = f"{label} is not recorded at every visit; pairs without it cannot be checked"
                problems.add("warning", "condition_not_recorded", message, column=name, value=counts)

    def _without_clinic(self, problems: Problems) -> None:
        """Add how many patients have no clinic at any visit, where others have one."""
        if 0 < self.with_clinic < self.people:
            message = (
                "No clinic recorded at any visit of some patients; they count in the whole study and stand in no "
                "clinic's report; the clinics and these patients together are the study"
            )
            counts = f"{self.people - self.with_clinic} of {self.people} patients"
            problems.add("warning", "no_clinic", message, column="clinic_id", value=counts)

    def _one_hip_each(self, problems: Problems) -> None:
        """Add that nobody has both hips: if an identifier numbers hips, two hips of a person pass for two people."""
        if self.with_both or self.one_sided.min() < _ENOUGH_OF_A_SIDE:
            return
        noun, (left, right) = self.protocol.words, self.one_sided
        once = " in one episode" if self.came_back else ""
        message = (
            f"no patient has a left {noun.hip} and a right one{once}; does patient_id number {noun.hips} or rows? Then "
            f"two {noun.hips} of one person pass for two people, and every interval is too narrow"
        )
        counts = f"{left} left, {right} right"
        problems.add("warning", "nobody_has_both_hips", message, column="patient_id", value=counts)

    def _nothing_to_compare(self, problems: Problems) -> None:
        """Add that nobody has both visits of the primary comparison: every rate of it will be of nobody."""
        if not self.people or self.protocol.primary_comparison in self.compared:
            return
        if not self.seen_twice and self.people < _ENOUGH_TO_COMPARE:
            return
        pair = self.protocol.comparisons[self.protocol.primary_comparison]
        which = "the primary comparison" if self.compared else "this or any other comparison"
        reached = [point for point in self.protocol.timepoints if point in self.reached]
        message = (
            f"no {self.protocol.words.hip} was seen both at {pair.start} and at {pair.end}, so {which} has nothing to "
            f"compare; there are visits at {', '.join(reached)}: are the timepoints the right ones?"
        )
        problems.add("warning", "nothing_to_compare", message, column="timepoint")

    def _digit_preference(self, problems: Problems) -> None:
        for name, measure in self._angles():
            n, fives = self.of_fives.get(name, (0, 0))
            if n < _ENOUGH_READINGS or fives / n <= _PREFERRED:
                continue
            five = f"{five_of(measure.step):g} {measure.unit}".rstrip()
            ends = "end in 0 or 5" if five_of(measure.step) == 5 else f"are multiples of {five}"
            message = f"most readings of {measure.label} {ends}; they are rounded to {five}"
            problems.add("note", "digit_preference", message, column=name, value=f"{100 * fives / n:.0f} %")

    def _cut_off(self, problems: Problems) -> None:
        """Add measures whose first readings look cut off with nothing declared: no report will tell chance of them."""
        noun, comparison = self.protocol.words, self.protocol.primary_comparison
        for name, groups in self.first.items():
            if what_is_usual(alike_together(groups)[0], name, comparison, self.protocol) != NOT_DECLARED:
                continue
            message = (
                f"First readings look cut off, as if {noun.hips} had been enrolled because of them: what chance alone "
                "would give then depends on who was. Declare it under [admission] in study.toml, or "
                'admission = "none" if no '
                "reading decided; until then no report gives a verdict on chance"
            )
            problems.add("warning", "admission_not_declared", message, column=name)


def _fives(readings: np.ndarray, measure: Measure) -> np.ndarray:
    """Return how many readings there are, in whole steps, and how many of them are multiples of five."""
    known = readings[is_known(readings)]
    return np.array([len(known), (known % round(cut_in_steps(five_of(measure.step), measure.step)) == 0).sum()])


def _primary_pairs(assessments: pd.DataFrame, grid: VisitsGrid, read: Read, protocol: Protocol) -> Pairs:
    """Return the hips of the primary comparison as if all were comparable: first readings are, however measured."""
    pair, place = protocol.comparisons[protocol.primary_comparison], protocol.timepoints.index
    start, end = grid.hips[:, place(pair.start)], grid.hips[:, place(pair.end)]
    hips = np.flatnonzero((start >= 0) | (end >= 0))
    start, end = (rows[hips].astype("intp") for rows in (start, end))
    row = np.maximum(start, end)
    side = assessments["side"].cat
    return Pairs(
        protocol.primary_comparison,
        patient=grid.person[row],
        person=grid.in_episode[hips],
        right=side.codes.to_numpy()[row] == side.categories.get_loc("right"),
        has_start=start >= 0,
        has_end=end >= 0,
        comparable=np.ones(len(hips), dtype=bool),
        readings={name: (read(name, start), read(name, end)) for name in measures_compared(protocol)},
    )
