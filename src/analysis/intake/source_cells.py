"""How the cells of one table are read: dates, what means missing, text around numbers, and in which units they are."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Sequence
from zoneinfo import available_timezones

from analysis.intake.number_patterns import is_another_number
from analysis.intake.parse import ISO_DATE
from analysis.intake.questions import NO, NONE, YES, Question, keep, offer
from analysis.intake.source_reading import NUMBER
from analysis.intake.source_rows import SourceRows
from analysis.intake.vocabulary import missing_words
from analysis.intake.written_units import units_of
from analysis.protocol.tomlmodel import quoted

# Codes of form tools for missing: that of Castor, and beside QUESTNNR that of SoSci Survey.
_OF_CASTOR, _OF_SOSCI = re.compile(r"##USER_MISSING_-?\d+##"), "-9"
_FEW = 4
# Heights of people that only one unit can mean; none is that tall in centimetres.
_HEIGHTS = {"m": (1.0, 2.5), "inches": (45, 84)}


class SourceCells(SourceRows):
    """How the cells of a table are read, and the lines of ``[source.units]``."""

    def _reading_rules(self, decimal: str) -> Iterator[str]:
        """Declare how dates are written and what means missing, where the cells leave no doubt."""
        yield from self._dates()
        angles = [c for c, r in self.read.items() if r.name in self.protocol.measures and not self._levels(r.name)]
        a_number = re.compile(rf"[+\u2212-]?\d+([{re.escape(decimal)}]\d+)?")
        odd = {word for word in self.words_in(angles) if not a_number.fullmatch(word)}
        declared = {word for word in self.words_in(self.read) if word in self.book.missing}
        marks = {word for word in odd - declared if word.casefold() in missing_words("marks")}
        known = {word for word in odd if word.casefold() in missing_words()} | self._codes_of_tools(odd, angles)
        missing = sorted(declared | marks | known)
        # A word such as "-" may be a missing number here and the result of a test there, and na_values holds for both.
        levels = self.words_in(c for c, r in self.read.items() if self._levels(r.name or ""))
        yield from self._missing([word for word in missing if word not in levels], marks, angles)
        if of_words := [word for word in missing if word in levels]:
            doubt = "it stands in columns of words too; write empty cells there instead"
            yield f"# na_values = [{', '.join(map(quoted, of_words))}]  # ? {doubt}"
        yield from self._around_numbers(odd - set(missing))

    def _codes_of_tools(self, odd: Collection[str], angles: Collection[str]) -> set[str]:
        of_sosci = "QUESTNNR" in self.sheet.cells and _OF_SOSCI in self.words_in(angles)
        return {word for word in odd if _OF_CASTOR.fullmatch(word)} | ({_OF_SOSCI} if of_sosci else set())

    def _dates(self) -> Iterator[str]:
        dates = self._named("date")
        iso = [re.fullmatch(ISO_DATE, word) for word in self.words_in(dates)]
        if any(found and found[3] for found in iso):
            yield self._time_zone()
        forms = self._date_forms(dates)
        if dates and forms != [None]:
            yield self._date_format([form for form in forms if form], dates)

    def _around_numbers(self, words: Collection[str]) -> Iterator[str]:
        """Offer to take numbers out of the text around them, unless that makes them other numbers."""
        patterns = sorted({re.sub(NUMBER, "{}", word) for word in words})
        plain = [p for p in patterns if p.count("{}") == 1 and len(p) < 15 and p != "{}"]
        if others := [pattern for pattern in plain if is_another_number(pattern)]:
            listed, own = ", ".join(map(quoted, others)), "limits, other units or signs"
            yield f"# ? not taken for readings, as they are {own}: {listed}; correct them, or list them in na_values"
        if plain := [pattern for pattern in plain if pattern not in others]:
            listed = ", ".join(map(quoted, plain))
            yield offer(self.ask, f"number_patterns = [{listed}]", "may the number be taken out of such text?")

    def _missing(self, words: Sequence[str], marks: Collection[str], columns: Sequence[str]) -> Iterator[str]:
        """Declare what means missing; a mark such as x may mean something else, which only a person knows."""
        doubt = ""
        if asked := [word for word in words if word in marks]:
            listed, own = ", ".join(map(quoted, asked)), [c for c in columns if set(asked) & set(self.words_of(c))]
            question = f"does {listed} stand for a missing reading, and nothing else?"
            answer = self.ask(Question(f"Among numbers: {question}", (YES, NO), YES, self._holds(*own)))
            words = [word for word in words if word not in marks or answer != NO]
            doubt = f"  # ? {question}" if answer is None else ""
        if words:
            yield f"na_values = [{', '.join(map(quoted, words))}]{doubt}"

    def _time_zone(self) -> str:
        question = "where is the clinic? The dates are instants, such as in UTC"
        answer = self.ask(Question(f"{question}. Its time zone, such as Europe/Berlin:"))
        known = answer in available_timezones() if answer else False
        return f"time_zone = {quoted(answer or '')}" if known else f'# time_zone = "Europe/Berlin"  # ? {question}'

    def _date_format(self, forms: list[str], dates: list[str]) -> str:
        if len(forms) == 1:
            return f"date_format = {quoted(forms[0])}"
        ways = f"all dates can be read as {' and as '.join(forms)}" if forms else "no one form reads all dates"
        answer = self.ask(Question(f"How are dates written? {ways}", (*forms, NONE), "", self._holds(*dates)))
        if answer in forms:
            return f"date_format = {quoted(answer)}"
        return f"# date_format = {quoted(forms[0] if forms else '%d/%m/%Y')}  # ? is it this? {ways}"

    def _units(self) -> Iterator[str]:
        """Declare units that are not ours, and ask where the cells alone tell them or columns differ."""
        lines = [line for name in sorted(self.names) if units_of(name, self.protocol) for line in self._unit(name)]
        yield from ["", "[source.units]", *lines] if lines else []

    def _unit(self, name: str) -> Iterator[str]:
        known, columns = units_of(name, self.protocol), self._named(name)
        ours = known[0]
        told = {column: self._told_unit(column, ours) for column in columns}
        units = {unit or ours for unit in told.values()}
        if len(units) > 1:
            each = ", ".join(f"{quoted(column)} in {unit or ours}" for column, unit in told.items())
            yield f"# {name} = …  # ? its columns are in several units: {each}; give all the same in the file"
        elif (unit := units.pop()) == "cm" and ours == "degrees":
            yield f"# {name} = {{ lever_cm = 40 }}  # ? the column is in cm: how many are there from the hip to where?"
        elif unit != ours and unit in known:
            yield f"{name} = {quoted(unit)}"
        elif unit != ours:
            yield f"# {name} = …  # ? the column is in {unit}; it can be in {', '.join(known)}"
        elif not any(told.values()) and (seen := self._unit_by_cells(name, columns)):
            yield keep(self.ask, f"{name} = {quoted(seen)}", f"its cells look like {seen}", self._holds(*columns))

    def _heights_in_inches(self) -> bool:
        """Whether heights are in inches: who measures so weighs in pounds, and 150 of pounds or kg is possible."""
        columns = self._named("height_cm")
        told = {self._told_unit(column, "cm") for column in columns}
        return "inches" in told or (told == {None} and self._unit_by_cells("height_cm", columns) == "inches")

    def _unit_by_cells(self, name: str, columns: list[str]) -> str | None:
        words = self.words_in(columns)
        numbers = {float(word.replace(",", ".")) for word in words if re.fullmatch(NUMBER, word)}
        if not numbers:
            return None
        if measure := self.protocol.measures.get(name):
            largest = math.radians(max(map(abs, measure.possible or (0, 90))))
            rows = sum(int((self.sheet.cells[column] != "").sum()) for column in columns)
            small = rows >= _FEW and all(abs(number) < largest for number in numbers)
            return "radians" if small and any(number % 1 for number in numbers) else None
        if name == "weight_kg" and self._heights_in_inches():
            return "pounds"
        heights = _HEIGHTS if name == "height_cm" else {}
        fits = (unit for unit, (low, high) in heights.items() if all(low <= number <= high for number in numbers))
        return next(fits, None)
