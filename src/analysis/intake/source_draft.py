"""One table of a file as a first ``[[source]]``: what its columns and words were read as, and what is a question."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from itertools import zip_longest

from analysis.hips.pairs import measures_compared
from analysis.intake.place import with_place
from analysis.intake.questions import NO, NONE, YES, Question, keep, offer
from analysis.intake.recognise import Reading
from analysis.intake.source_constants import SourceConstants
from analysis.intake.split_draft import SplitDraft
from analysis.protocol.tomlmodel import quoted

_EACH_ROW = "no column; each row is one person"


class SourceDraft(SourceConstants):
    """The lines of ``study.toml`` for one table.

    Attributes
    ----------
    each_row
        Whether a person said that each row is one person.
    joined
        What a person said of identifiers that begin anew at each clinic: yes, no, or None.
    split
        How the columns with several numbers in a cell were divided.
    place
        What the name of the sheet or file is called as a column, where others have the same columns.
    """

    each_row = False
    split: SplitDraft | None = None
    place = ""
    joined: str | None = None

    def one_of_several(self, place: str) -> None:
        """Take the sheet, or the file, for the person where others have the same columns and none tells who it is."""
        self.place = place if self.title == Reading(None) else ""
        if self.place and not self._named("patient_id") and self.measures:
            self.sheet = with_place(self.sheet, [place])
            self.take(place, Reading("patient_id", doubt=f"is each {place.strip('()')} a person?"))

    def lines(self, decimal: str) -> Iterator[str]:
        """Write all but the settings of the file."""
        yield from self._who()
        yield from self._reading_rules(decimal)
        yield from self._filled_down()
        yield from self._rows()
        yield from self.split.lines() if self.split else ()
        yield from self._mapping()
        yield from self._units()
        yield from self._words()

    def _who(self) -> Iterator[str]:
        """Ask for the columns that a table of hips must have; an answer is taken as if it had been recognised."""
        if not self._named("patient_id"):
            choices = (*self.unread, _EACH_ROW, NONE)
            answer = self.ask(Question("Which column tells who a person is?", choices, "", self._holds(*self.unread)))
            if answer in self.unread:
                self.take(str(answer), Reading("patient_id"))
            if answer == _EACH_ROW:
                self.each_row = True
                yield "rows_per_person = 1"
        clinic, person = self._named("clinic_id"), self._named("patient_id")
        if len(clinic) == len(person) == 1 and self._stand_at_several(clinic[0], person[0]):
            question = "The same identifiers stand at several clinics. Do they begin anew at each?"
            self.joined = self.ask(Question(question, (YES, NO)))
        if self.nameless:
            choices, columns = (*self._free(), NONE), self._holds(*self.nameless)
            name = self.ask(Question("Which measure has these columns for its sides?", choices, "", columns))
            if name in self.protocol.measures:
                for column, reading in self.nameless.items():
                    self.take(column, replace(reading, name=name, doubt=""))
                self.nameless = {}
        elif self._needs_side():
            choices = (*self.unread, NONE)
            answer = self.ask(Question("Which column tells left from right?", choices, "", self._holds(*self.unread)))
            if answer in self.unread:
                self.take(str(answer), Reading("side"))

    def _free(self) -> list[str]:
        return [name for name in self.protocol.measures_of("assessments") if name not in self.names]

    def _needs_side(self) -> bool:
        return not self.of_persons and not self._has("side") and self.title.side is None

    def _mapping(self) -> Iterator[str]:
        """Map the columns, and ask for what is missing."""
        if (first := self._laid_out_otherwise()) is not None:
            yield first
            self.read, self.nameless = {}, {}
            return
        yield from ["", "[source.columns]"]
        yield from self._part(None)
        yield from self._questions()
        if not self.read:
            # Where a file has no header line, its first row is a patient's, and no part of it is repeated here.
            yield "# ? no column was recognised; does the file begin with the names of its columns?"
        elif self.unread:
            yield f"# ? not recognised, so not used: {', '.join(map(quoted, self.unread))}"
        for timepoint in self.protocol.timepoints:
            if part := list(self._part(timepoint)):
                yield from ["", f"[source.timepoints.{timepoint}]", *part]
        yield from self._numbered()
        constants = [] if self.of_persons else list(self._constants())
        yield from ["", "[source.set]", *constants] if constants else []

    def _part(self, timepoint: str | None) -> Iterator[str]:
        own = {column: reading for column, reading in self.read.items() if reading.timepoint == timepoint}
        for name in dict.fromkeys(reading.name for reading in own.values()):
            if name == "patient_id" and self.joined == YES:
                yield f"patient_id = [{quoted(self._named('clinic_id')[0])}, {quoted(self._named(name)[0])}]"
                continue
            columns = {reading.side: column for column, reading in own.items() if reading.name == name}
            doubts = [own[column].doubt for column in columns.values() if own[column].doubt]
            if set(columns) == {"left", "right"}:
                line = f"{name} = {{ left = {quoted(columns['left'])}, right = {quoted(columns['right'])} }}"
            elif None in columns:
                line = f"{name} = {quoted(columns[None])}"
            else:
                yield f"# ? {name}: only one side has a column, {quoted(next(iter(columns.values())))}"
                continue
            if timepoint is None and self._seems_unchanged(name):
                at = f"{quoted(str(name))} would be the same at every visit: at which one was it measured?"
                yield offer(self.ask, line, f"{at} Put the line there")
                continue
            if name == "episode" and self._counts_hips(columns.get(None)):
                yield offer(self.ask, line, "it has one hip in each number: does it count episodes all the same?")
                continue
            means = f"{' and '.join(map(quoted, columns.values()))} is {self._called(name)}"
            means += f" at {timepoint}" if timepoint else ""
            yield keep(self.ask, line, doubts[0], self._holds(*columns.values()), means) if doubts else line

    def _seems_unchanged(self, name: str | None) -> bool:
        """Whether one column holds a measure whose changes count, where other columns tell several visits."""
        told = [reading for reading in self.read.values() if reading.timepoint]
        several = len({reading.timepoint for reading in told}) > 1
        return name in measures_compared(self.protocol) and (several or any(each.name == name for each in told))

    def _called(self, name: str | None) -> str:
        measure = self.protocol.measures.get(str(name))
        return f"{measure.label} ({name})" if measure else str(name)

    def _numbered(self) -> Iterator[str]:
        """Ask which visits are meant where they are only numbered; what is proposed is a comment."""
        numbers = sorted({str(reading.timepoint) for reading in self.read.values() if reading.numbered})
        told = {reading.timepoint for reading in self.read.values() if not reading.numbered}
        proposed = dict(zip_longest(numbers, [point for point in self._visits() if point not in told][: len(numbers)]))
        said = self._visits_said(proposed, told)
        for number, timepoint in said.items():
            if timepoint in self.protocol.timepoints:
                yield from ["", f"[source.timepoints.{timepoint}]", *self._part(number)]
        if open_ones := [number for number, timepoint in said.items() if timepoint is None]:
            known = ", ".join(self.protocol.timepoints)
            yield from ["", f"# ? the visits are only numbered: {', '.join(open_ones)}. Which is which of {known}?"]
            yield "# Delete the first # of each line that is right, and move or correct the others:"
        for number in open_ones:
            yield f"# [source.timepoints.{proposed[number] or '…'}]  # ? is this the visit numbered {number}?"
            yield from (f"# {line}" for line in self._part(number))

    def _visits_said(self, proposed: Mapping[str, str | None], told: Collection[str | None]) -> dict[str, str | None]:
        """Return of each number the visit that a person says it stands for; None where nobody answers."""
        said: dict[str, str | None] = {}
        for number, proposal in proposed.items():
            free = [point for point in self.protocol.timepoints if point not in {*told, *said.values()}]
            own = [column for column, reading in self.read.items() if reading.timepoint == number]
            question = f"Which visit is the one numbered {number}, of {', '.join(map(quoted, own))}?"
            said[number] = self.ask(Question(question, (*free, NONE), proposal or ""))
        return said

    def _questions(self) -> Iterator[str]:
        if not self._named("patient_id") and not self.each_row:
            yield "# ? patient_id: which column tells who it is? If none does, and each row is one person: write"
            yield "# rows_per_person = 1   above [source.columns] (2 where two rows after each other are one person)"
        clinic, person = self._named("clinic_id"), self._named("patient_id")
        if self.joined is None and len(clinic) == len(person) == 1 and self._stand_at_several(clinic[0], person[0]):
            yield "# ? the same identifiers stand at several clinics; if they begin anew at each, take this instead:"
            yield f"# patient_id = [{quoted(clinic[0])}, {quoted(person[0])}]"
        if self.place and not self._named("clinic_id") and self.place not in person:
            yield offer(self.ask, f"clinic_id = {quoted(self.place)}", f"is each {self.place.strip('()')} a clinic?")
            if len(person) == 1:
                yield "# ? if identifiers begin anew on each, take this instead:"
                yield f"# patient_id = [{quoted(self.place)}, {quoted(person[0])}]"
        if self.nameless:
            sides = ", ".join(f"{reading.side} = {quoted(column)}" for column, reading in self.nameless.items())
            yield f"# ? which measure is it that has a column for each side? Put its name for the …:  … = {{ {sides} }}"
        elif self._needs_side():
            yield "# ? side: which column tells left from right?"

    def _stand_at_several(self, clinic: str, person: str) -> bool:
        """Whether an identifier stands at several clinics, so that it may be of several people."""
        seen = self.sheet.cells[[clinic, person]].astype("str").drop_duplicates()
        return bool(seen.loc[(seen != "").all(axis=1), person].duplicated().any())
