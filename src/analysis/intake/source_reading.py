"""What the columns of one table may be: by their names, what stands in their cells, and what the sheet is called."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from analysis.intake.code_book import CodeBook
from analysis.intake.parse import ISO_DATE
from analysis.intake.questions import Ask, nobody
from analysis.intake.recognise import LOOK, Reading, Recogniser
from analysis.intake.sheet import Sheet
from analysis.intake.study_file import DAY_NUMBERS
from analysis.intake.vocabulary import Vocabulary
from analysis.intake.written_units import unit_in, unit_word
from analysis.protocol.tomlmodel import quoted

MANY_WORDS = 20
_SHOWN = 6  # words of a column that are shown beside a question
NUMBER = r"[+-]?\d+([.,]\d+)?"
_TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
_DATE_FORMS = ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y", "%m-%d-%Y", "%d-%b-%Y", "%d%b%Y", "%d %b %Y",
               "%b %d, %Y", "%d %B %Y", "%B %d, %Y", "%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%Y%m%d")  # fmt: skip
_DAYS_OF_SPREADSHEETS = (36_526, 58_000)  # of the years 2000 to 2058, as the usual calendar counts them
# Tests that are graded are graded from 0 to 4; a larger number, or one below 0, is an angle.
_HIGHEST_GRADE = 4
# How KoboToolbox numbers what was sent, which is no person, and when it arrived, which is no day of a visit.
_OF_THE_SUBMISSION = ("_id", "_submission__id", "_submission_time", "_submission__submission_time")
# How LimeSurvey and SoSci Survey number what was sent, beside columns that only they have.
_OF_THE_ANSWER = {"lastpage": ("id",), "submitdate": ("id",), "QUESTNNR": ("CASE", "SERIAL", "REF", "MODE")}


class SourceReading:
    """What the columns of one table were read as; ``read`` has each column that is used, ``unread`` the others."""

    def __init__(
        self, sheet: Sheet, title: str, vocabulary: Vocabulary, book: CodeBook | None = None, ask: Ask = nobody
    ) -> None:
        self.ask, self.sheet, self.protocol = ask, sheet, vocabulary.protocol
        self.units_of_rows: dict[str, str] = {}  # what another column tells of the rows of one
        self.book = book or CodeBook()
        headers = list(map(str, sheet.cells))
        self.recogniser = Recogniser(vocabulary, headers, self.book.labels)
        self.title = self.recogniser.read(title) or Reading(None)
        found = self._found()
        self.read = _the_most_telling(_told_once(self._dated({h: each for h, each in found.items() if each.name})))
        self.nameless = {header: reading for header, reading in found.items() if not reading.name and reading.side}
        self._read_by_words([header for header in headers if header not in found])
        self.unread = [header for header in headers if header not in self.read and header not in self.nameless]

    def _found(self) -> dict[str, Reading]:
        """Return the columns whose names say what they may be; one of dates must have dates of one form in it."""
        headers = set(map(str, self.sheet.cells))
        of_the_answer = {name for beside, names in _OF_THE_ANSWER.items() if beside in headers for name in names}
        return {
            header: self._completed(reading, header)
            for header, reading in self.recogniser.readings().items()
            if header not in of_the_answer.union(_OF_THE_SUBMISSION)
            and not self._stands_again(header)
            and (reading.name != "date" or not reading.doubt or len(self._date_forms([header])) == 1)
        }

    def _read_by_words(self, headers: list[str]) -> None:
        """Read columns whose names say nothing by what stands in them, or by what a data dictionary says of that."""
        for header in headers:
            codes = self.book.codes.get(header, {})
            words = [codes.get(word, word) for word in self.words_of(header)]
            taken = self.names | {key for key in ("side", "timepoint") if self._has(key)}
            if len(words) <= MANY_WORDS and (name := self.recogniser.by_words(words, taken)):
                self.read[header] = Reading(name, doubt="by its words; is this right?")

    @property
    def names(self) -> set[str]:
        """Our names of what the table holds."""
        return {reading.name for reading in self.read.values() if reading.name}

    @property
    def measures(self) -> set[str]:
        """The measures of a visit among them."""
        return self.names & set(self.protocol.measures_of("assessments"))

    @property
    def tells_of_patients(self) -> bool:
        """Whether patients were recognised, and something about them."""
        return "patient_id" in self.names and len(self.names) > 1

    @property
    def of_persons(self) -> bool:
        """Whether the table says only who the people are."""
        return bool(self.names) and self.names <= {"patient_id", "clinic_id", *self.protocol.attributes}

    def _completed(self, reading: Reading, column: str) -> Reading:
        """Add what the cells tell of an angle, and of which measure a column called Left is: that of the title."""
        if reading.name is None and self.title.name in self.protocol.measures:
            reading = replace(reading, name=self.title.name, doubt="as the file or sheet is called; is this right?")
        measure = self.protocol.measures.get(f"{reading.name}_deg") or self.protocol.measures.get(str(reading.name))
        words = self.words_of(column)
        numbers = [float(word.replace(",", ".")) for word in words if re.fullmatch(NUMBER, word)]
        if f"{reading.name}_deg" in self.protocol.measures:
            is_angle = any(not 0 <= number <= _HIGHEST_GRADE for number in numbers)
            return replace(reading, name=f"{reading.name}_deg") if is_angle else reading
        if measure is None or measure.kind not in ("angle", "count") or not words:
            return reading
        if self._told_unit(column, measure.unit) not in (None, measure.unit):
            return reading  # in another unit its numbers are others
        low, high = measure.usual or measure.possible or (float("-inf"), float("inf"))
        fits = sum(low <= number <= high for number in numbers)
        return reading if 2 * fits > len(words) else replace(reading, doubt="few of its cells are such numbers")

    def _stands_again(self, header: str) -> bool:
        """Whether its number is only that of a name which stands several times, and of no visit."""
        name, _, number = header.rpartition(" (")
        return name in self.sheet.repeated and number.rstrip(")").isdecimal()

    def _told_unit(self, column: str, ours: str) -> str | None:
        """Return the unit of a column that a row of units, its name or the words for it tell."""
        if column in self.units_of_rows:
            return self.units_of_rows[column]
        above, label = self.sheet.units.get(column, ""), self.book.labels.get(column, "")
        return unit_word(above) or unit_in(column, ours) or unit_in(label, ours)

    def _dated(self, readings: dict[str, Reading]) -> dict[str, Reading]:
        """Give numbered visits names where they are counted from 0, which is before anything was done."""
        numbers = sorted({str(reading.timepoint) for reading in readings.values() if reading.numbered})
        named = dict(zip(numbers, self._visits(), strict=False)) if "0" in numbers else {}
        return {
            column: replace(reading, timepoint=named[str(reading.timepoint)], numbered=False, doubt=LOOK)
            if reading.numbered and reading.timepoint in named
            else reading
            for column, reading in readings.items()
        }

    def _visits(self) -> list[str]:
        """Return the visits that numbers may stand for, from the first that is compared."""
        pairs = [pair for pair in self.protocol.comparisons.values() if not pair.unchanged]
        ends = {point for pair in pairs for point in (pair.start, pair.end)} | {self.protocol.classify_at}
        order = [point for point in self.protocol.timepoints if point in ends]
        return order[order.index(self.protocol.classify_at) :]

    def words_of(self, column: str) -> list[str]:
        """Return what stands in a column, each once."""
        present = self.sheet.cells[column].cat.remove_unused_categories().cat.categories
        return sorted(word for word in map(str, present) if word)

    def words_in(self, columns: Iterable[str]) -> set[str]:
        """Return what stands in any of several columns."""
        return {word for column in columns for word in self.words_of(column)}

    def _holds(self, *columns: str) -> str:
        """Say what stands in columns, for a person to look at."""
        said = []
        for column in columns:
            words = self.words_of(column)
            more = f" … ({len(words):,} different)" if len(words) > _SHOWN else ""
            said.append(f"{quoted(column)} holds {', '.join(words[:_SHOWN]) or 'nothing'}{more}")
        return "; ".join(said)

    def take(self, column: str, reading: Reading) -> None:
        """Read a column as a person says."""
        self.read = {**self.read, column: reading}
        self.unread = [header for header in self.unread if header != column]

    def doubt(self, columns: Collection[str]) -> None:
        """Make columns a question that stand beyond an empty one, as those of a table of its own do."""
        words = "it stands beyond an empty column, as a table of its own does: is each row of the same person?"
        self.read = {
            column: replace(reading, doubt=reading.doubt or words) if column in columns else reading
            for column, reading in self.read.items()
        }

    def _named(self, name: str) -> list[str]:
        return [column for column, reading in self.read.items() if reading.name == name]

    def _has(self, key: str) -> bool:
        """Whether sides, or timepoints, are told by a column or by the names of several."""
        return bool(self._named(key)) or any(getattr(reading, key) for reading in self.read.values())

    def _date_forms(self, columns: list[str]) -> list[str | None]:
        """Return the forms in which all dates of some columns can be read; None is that which needs no word."""
        words = self.words_in(columns)
        if self.sheet.typed:  # a date that the file keeps as such is one in any form, unlike one kept as text
            words = {word for word in words if not re.fullmatch(ISO_DATE, word)}
        if all(re.fullmatch(ISO_DATE, word) for word in words):
            return [None]
        low, high = _DAYS_OF_SPREADSHEETS
        if words and all(re.fullmatch(r"\d{5}", word) and low <= int(word) <= high for word in words):
            return list(DAY_NUMBERS)
        forms = [f"{day}{time}" for day in _DATE_FORMS for time in _TIMES]
        return [form for form in forms if all(_is_date(word, form) for word in words)]

    def link(self, column: str) -> None:
        """Take the number of a form's submission for the person, where rows of several tables belong together by it."""
        without = {name: reading for name, reading in self.read.items() if reading.name != "patient_id"}
        doubt = "the submission of the form, by which its tables belong together: is each person's a single one?"
        self.read = {column: Reading("patient_id", doubt=doubt), **without}
        self.unread = [header for header in map(str, self.sheet.cells) if header not in {**self.read, **self.nameless}]


def _told_once(readings: Mapping[str, Reading]) -> dict[str, Reading]:
    """Leave out a column of visits where columns tell them, and doubt one of sides where columns tell those."""
    by_columns = {key for key in ("side", "timepoint") if any(getattr(each, key) for each in readings.values())}
    return {
        column: replace(reading, doubt="other columns tell the side too") if reading.name in by_columns else reading
        for column, reading in readings.items()
        if not (reading.name == "timepoint" and "timepoint" in by_columns)
    }


def _the_most_telling(readings: Mapping[str, Reading]) -> dict[str, Reading]:
    """Keep one column of those that were read alike: one that is sure, then the most telling; the others are named."""
    claims: dict[tuple, list[str]] = {}
    for column, reading in readings.items():
        claims.setdefault((reading.name, reading.timepoint, reading.side), []).append(column)
    chosen = {}
    for columns in claims.values():
        first, *others = sorted(columns, key=lambda column: (bool(readings[column].doubt), -readings[column].telling))
        doubt = f"or {', '.join(map(quoted, others))}?" if others else readings[first].doubt
        chosen[first] = replace(readings[first], doubt=doubt)
    return {column: chosen[column] for column in readings if column in chosen}


def _is_date(word: str, form: str) -> bool:
    try:
        datetime.strptime(word, form)
    except ValueError:
        return False
    return True
