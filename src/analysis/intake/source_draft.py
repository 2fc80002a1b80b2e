"""One table of a file as a first ``[[source]]``: what its columns and words were read as, and what is a question."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import zip_longest

from analysis.intake.parse import ISO_DATE, plain_words
from analysis.intake.recognise import LOOK, Reading, Recogniser, number_of
from analysis.intake.sheet import Sheet
from analysis.intake.vocabulary import Vocabulary
from analysis.protocol.tomlmodel import quoted
from analysis.schema import SIDES

_MANY_WORDS = 20
_FORM = "redcap_repeat_instrument"
_DATE_FORMS = ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y")
# Tests that are graded are graded from 0 to 4; a larger number, or one below 0, is an angle.
_HIGHEST_GRADE = 4
_MISSING = {"na", "n/a", "n.a.", "-", ".", "?", "none", "missing", "nan"}
_NUMBER = r"[+-]?\d+([.,]\d+)?"


class SourceDraft:
    """What the columns of one table were read as; ``read`` has each column that is used, ``unread`` the others."""

    def __init__(self, sheet: Sheet, title: str, vocabulary: Vocabulary) -> None:
        headers = list(map(str, sheet.cells))
        self.sheet, self.protocol, self.recogniser = sheet, vocabulary.protocol, Recogniser(vocabulary, headers)
        self.title = self.recogniser.read(title) or Reading(None)
        found = {header: self._completed(reading, header) for header, reading in self.recogniser.readings().items()}
        named = self._dated({header: reading for header, reading in found.items() if reading.name})
        self.read = _the_most_telling(_told_once(named))
        self.nameless = {header: reading for header, reading in found.items() if not reading.name and reading.side}
        for header in [header for header in headers if header not in found]:
            words = self._distinct(header)
            taken = self.names | {key for key in ("side", "timepoint") if self._has(key)}
            if len(words) <= _MANY_WORDS and (name := self.recogniser.by_words(words, taken)):
                self.read[header] = Reading(name, doubt="by its words; is this right?")
        self.unread = [header for header in headers if header not in self.read and header not in self.nameless]

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
        words = self._distinct(column)
        numbers = [float(word.replace(",", ".")) for word in words if re.fullmatch(_NUMBER, word)]
        if f"{reading.name}_deg" in self.protocol.measures:
            is_angle = any(not 0 <= number <= _HIGHEST_GRADE for number in numbers)
            return replace(reading, name=f"{reading.name}_deg") if is_angle else reading
        if measure is None or measure.kind not in ("angle", "count") or not words:
            return reading
        low, high = measure.possible or (float("-inf"), float("inf"))
        fits = sum(low <= number <= high for number in numbers)
        return reading if 2 * fits > len(words) else replace(reading, doubt="few of its cells are such numbers")

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

    def _distinct(self, column: str) -> list[str]:
        present = self.sheet.cells[column].cat.remove_unused_categories().cat.categories
        return sorted(word for word in map(str, present) if word)

    def _named(self, name: str) -> list[str]:
        return [column for column, reading in self.read.items() if reading.name == name]

    def lines(self, decimal: str) -> Iterator[str]:
        """Write all but the settings of the file."""
        yield from self._reading_rules(decimal)
        yield from self._rows()
        yield from self._mapping()
        yield from self._words()

    # ------------------------------------------------------------------------------ how cells are read

    def _reading_rules(self, decimal: str) -> Iterator[str]:
        """Declare how dates are written and what means missing, where the cells leave no doubt."""
        dates = [word for column in self._named("date") for word in self._distinct(column)]
        iso = [re.fullmatch(ISO_DATE, word) for word in dates]
        if any(found and found[3] for found in iso):
            yield '# time_zone = "Europe/Berlin"  # ? where is the clinic? The dates are instants, such as in UTC'
        if dates and not self.sheet.typed and not all(iso):
            forms = [form for form in _DATE_FORMS if all(_is_date(word, form) for word in dates)]
            choice = f"date_format = {quoted(forms[0])}" if forms else 'date_format = "%d/%m/%Y"'
            sure = len(forms) == 1
            yield (
                choice if sure else f"# {choice}  # ? is it this? The dates can be read in {len(forms) or 'no'} way(s)"
            )
        angles = [c for c, r in self.read.items() if r.name in self.protocol.measures and not self._levels(r.name)]
        odd = {word for column in angles for word in self._distinct(column)}
        odd = {word for word in odd if not re.fullmatch(rf"[+-]?\d+([{re.escape(decimal)}]\d+)?", word)}
        if missing := sorted(word for word in odd if word.casefold() in _MISSING):
            yield f"na_values = [{', '.join(map(quoted, missing))}]"
        patterns = sorted({re.sub(_NUMBER, "{}", word) for word in odd - set(missing)})
        plain = [p for p in patterns if p.count("{}") == 1 and len(p) < 15 and p != "{}"]
        if plain:
            listed = ", ".join(map(quoted, plain))
            yield f"# number_patterns = [{listed}]  # ? may the number be taken out of such text?"

    def _levels(self, name: str) -> Mapping[str, tuple[str, ...]]:
        return plain_words(name, self.protocol)

    def _rows(self) -> Iterator[str]:
        """Ask which rows hold the assessments, where a REDCap export has rows of several kinds."""
        forms = self._distinct(_FORM) if _FORM in self.sheet.cells else []
        if 0 < len(forms) <= _MANY_WORDS:
            yield from [
                "",
                f"# [source.where]  # ? in which rows are the hips? Keep the forms that hold them, of {_FORM}",
            ]
            yield f"# {_FORM} = [{', '.join(map(quoted, forms))}]"

    # ---------------------------------------------------------------------------------- what they are

    def _mapping(self) -> Iterator[str]:
        """Map the columns, and ask for what is missing."""
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
            columns = {reading.side: column for column, reading in own.items() if reading.name == name}
            doubts = [own[column].doubt for column in columns.values() if own[column].doubt]
            doubt = f"  # ? {doubts[0]}" if doubts else ""
            if set(columns) == {"left", "right"}:
                yield f"{name} = {{ left = {quoted(columns['left'])}, right = {quoted(columns['right'])} }}{doubt}"
            elif None in columns:
                yield f"{name} = {quoted(columns[None])}{doubt}"
            else:
                yield f"# ? {name}: only one side has a column, {quoted(next(iter(columns.values())))}"

    def _numbered(self) -> Iterator[str]:
        """Ask which visits are meant where they are only numbered; what is proposed is a comment."""
        numbers = sorted({str(reading.timepoint) for reading in self.read.values() if reading.numbered})
        if not numbers:
            return
        known = ", ".join(self.protocol.timepoints)
        yield from ["", f"# ? the visits are only numbered: {', '.join(numbers)}. Which is which of {known}?"]
        yield "# Delete the first # of each line that is right, and move or correct the others:"
        for number, timepoint in zip_longest(numbers, self._visits()[: len(numbers)]):
            yield f"# [source.timepoints.{timepoint or '…'}]  # ? is this the visit numbered {number}?"
            yield from (f"# {line}" for line in self._part(number))

    def _questions(self) -> Iterator[str]:
        if not self._named("patient_id"):
            yield "# ? patient_id: which column tells who it is? If none does, and each row is one person: write"
            yield "# rows_per_person = 1   above [source.columns] (2 where two rows after each other are one person)"
        if len(self._named("patient_id")) == len(self._named("clinic_id")) == 1:
            yield from self._begin_anew(self._named("clinic_id")[0], self._named("patient_id")[0])
        if self.nameless:
            sides = ", ".join(f"{reading.side} = {quoted(column)}" for column, reading in self.nameless.items())
            yield f"# ? which measure is it that has a column for each side? Put its name for the …:  … = {{ {sides} }}"
        elif not self.of_persons and not self._has("side") and self.title.side is None:
            yield "# ? side: which column tells left from right?"

    def _has(self, key: str) -> bool:
        """Whether sides, or timepoints, are told by a column or by the names of several."""
        return bool(self._named(key)) or any(getattr(reading, key) for reading in self.read.values())

    def _begin_anew(self, clinic: str, person: str) -> Iterator[str]:
        """Ask whether an identifier that stands at several clinics is one person."""
        seen = self.sheet.cells[[clinic, person]].astype("str").drop_duplicates()
        if seen.loc[(seen != "").all(axis=1), person].duplicated().any():
            yield "# ? the same identifiers stand at several clinics; if they begin anew at each, take this instead:"
            yield f"# patient_id = [{quoted(clinic)}, {quoted(person)}]"

    def _constants(self) -> Iterator[str]:
        for key, levels in {"side": SIDES, "timepoint": self.protocol.timepoints}.items():
            told = getattr(self.title, key)
            if told in levels and not self._has(key):
                yield f"{key} = {quoted(told)}  # ? as the file or sheet is called; {LOOK}"
            elif key == "timepoint" and not self._has(key):
                yield f'# timepoint = "{self.protocol.classify_at}"  # ? one of {", ".join(levels)}'
        for name, condition in self.protocol.conditions.items():
            if condition.must_match and not self._named(name):
                yield f'# {name} = "{condition.levels[0]}"  # ? one of {", ".join(condition.levels)}'

    # -------------------------------------------------------------------------------------- the words

    def _words(self) -> Iterator[str]:
        """Say which of a file's words mean which level, and list the words that a person must place."""
        for name in sorted(self.names, key=[reading.name for reading in self.read.values()].index):
            levels = self._levels(name)
            known = {word.casefold() for accepted in levels.values() for word in accepted}
            words = sorted({word for column in self._named(name) for word in self._distinct(column)})
            found = [word for word in words if word.casefold() not in known]
            if not levels or not found or len(found) > _MANY_WORDS:
                continue
            meaning, doubt = self.recogniser.levels(name, words), ""
            numbers = {number: word for word in found if (number := number_of(word)) is not None}
            if name == "timepoint" and "0" in numbers and len(numbers) == len(found):
                meaning = dict(zip([numbers[number] for number in sorted(numbers)], self._visits(), strict=False))
                doubt = f"  # ? {LOOK}"
            yield from ["", f"[source.values.{name}]"]
            for level in levels:
                if theirs := [word for word in found if meaning.get(word) == level]:
                    yield f"{level} = [{', '.join(map(quoted, theirs))}]{doubt}"
            if open_words := [word for word in found if word not in meaning]:
                yield f"# ? which of {', '.join(levels)} are {', '.join(map(quoted, open_words))}?"


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
