"""``capsule init``: look at a file and write a first ``study.toml``, with a question wherever it is not sure."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import zip_longest
from pathlib import Path

from analysis.intake.dialect import see_dialect
from analysis.intake.parse import ISO_DATE, plain_words
from analysis.intake.problems import Problems
from analysis.intake.readers import read_source
from analysis.intake.recognise import Reading, Recogniser
from analysis.intake.sheet import Sheet
from analysis.intake.study_file import Source, StudyFile
from analysis.protocol import Protocol
from analysis.protocol.tomlmodel import quoted
from analysis.usererror import StudyError

_MANY_WORDS = 20
_FORM = "redcap_repeat_instrument"
_DATE_FORMS = ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y")
# Tests that are graded are graded from 0 to 4; a larger number, or one below 0, is an angle.
_HIGHEST_GRADE = 4
_PREFACE = """\
# What the columns and words of a file mean: on the left our name, on the right the file's own, in quotation marks.
# After each question mark stands something that only you know. A line that begins with # does nothing; where it is
# right, delete that first #. Nothing here changes the file. Every key: docs/study-file.md
"""
_MISSING = {"na", "n/a", "n.a.", "-", ".", "?", "none", "missing", "nan"}


def draft_study(file: Path, protocol: Protocol, protocol_file: str | None = None) -> str:
    """Write a first ``study.toml`` for a file.

    Parameters
    ----------
    file
        What a clinic sent, of any kind that can be read.
    protocol
        Gives the vocabulary.
    protocol_file
        Its name within the study folder, unless it is the built-in one.

    Returns
    -------
    str
        TOML that can be loaded as it stands. What was recognised is declared; what was not is listed; what
        a person must say is a comment. No reading and no identifier of a patient is in it.

    Raises
    ------
    StudyError
        The file cannot be read; the message says why.
    """
    dialect = see_dialect(file)
    problems = Problems()
    source = Source.model_validate({"file": file.name, **dialect.settings})
    sheet = read_source(file.parent, source, problems)
    if sheet is None:
        raise StudyError(
            "\n".join(f"{item['file']}: {item['message']}" for item in problems.table().to_dict("records"))
        )
    draft = _Draft(sheet, protocol)
    lines = [_PREFACE, f"name = {quoted(file.stem)}  # ? what should reports call this study?"]
    lines += [f"protocol = {quoted(protocol_file)}"] if protocol_file else []
    lines += ["", "[[source]]", f"file = {quoted(file.name)}"]
    for key, value in dialect.settings.items():
        question = dialect.questions.get(key)
        note = f"? {question}" if question else Source.model_fields[key].description
        lines.append(f"{key} = {quoted(value) if isinstance(value, str) else json.dumps(value)}  # {note}")
    text = (
        "\n".join([*lines, *draft.reading_rules(source.decimal), *draft.rows(), *draft.mapping(), *draft.words()])
        + "\n"
    )
    StudyFile.model_validate(tomllib.loads(text))
    return text


class _Draft:
    """What the columns of one file were read as."""

    def __init__(self, sheet: Sheet, protocol: Protocol) -> None:
        self.sheet, self.protocol, self.recogniser = sheet, protocol, Recogniser(protocol)
        self.read: dict[str, Reading] = {}
        self.unread: list[str] = []
        for column in map(str, sheet.cells):
            reading = self.recogniser.header(column)
            if reading is not None and (reading := self._angle_of(reading, column)) not in self.read.values():
                self.read[column] = reading
            else:
                self.unread.append(column)
        for column in list(self.unread):
            words = self._distinct(column)
            taken = {reading.name for reading in self.read.values()}
            name = self.recogniser.by_words(words, taken) if len(words) <= _MANY_WORDS else None
            if name:
                self.unread.remove(column)
                self.read[column] = Reading(name, sure=False)

    def _angle_of(self, reading: Reading, column: str) -> Reading:
        """Take the angle of a measure that may be a level or an angle, where the cells are numbers."""
        angle = f"{reading.name}_deg"
        words = [word.replace(",", ".") for word in self._distinct(column)]
        numbers = [float(word) for word in words if re.fullmatch(r"[+-]?\d+(\.\d+)?", word)]
        is_angle = any(not 0 <= number <= _HIGHEST_GRADE for number in numbers)
        return replace(reading, name=angle) if angle in self.protocol.measures and is_angle else reading

    def _distinct(self, column: str) -> list[str]:
        present = self.sheet.cells[column].cat.remove_unused_categories().cat.categories
        return sorted(word for word in map(str, present) if word)

    def _named(self, name: str) -> list[str]:
        return [column for column, reading in self.read.items() if reading.name == name]

    # ------------------------------------------------------------------------------ how cells are read

    def reading_rules(self, decimal: str) -> Iterator[str]:
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
        patterns = sorted({re.sub(r"[+-]?\d+([.,]\d+)?", "{}", word) for word in odd - set(missing)})
        plain = [p for p in patterns if p.count("{}") == 1 and len(p) < 15 and p != "{}"]
        if plain:
            listed = ", ".join(map(quoted, plain))
            yield f"# number_patterns = [{listed}]  # ? may the number be taken out of such text?"

    def _levels(self, name: str) -> Mapping[str, tuple[str, ...]]:
        return plain_words(name, self.protocol)

    def rows(self) -> Iterator[str]:
        """Ask which rows hold the assessments, where a REDCap export has rows of several kinds."""
        forms = self._distinct(_FORM) if _FORM in self.sheet.cells else []
        if 0 < len(forms) <= _MANY_WORDS:
            yield from [
                "",
                f"# [source.where]  # ? in which rows are the hips? Keep the forms that hold them, of {_FORM}",
            ]
            yield f"# {_FORM} = [{', '.join(map(quoted, forms))}]"

    # ---------------------------------------------------------------------------------- what they are

    def mapping(self) -> Iterator[str]:
        """Map the columns, and ask for what is missing."""
        yield from ["", "[source.columns]"]
        yield from self._part(None)
        yield from self._questions()
        if not self.read:
            # Where a file has no header line, its first row is a patient's, and no part of it is repeated here.
            yield "# ? no column was recognised; does the file begin with the names of its columns?"
        for column in self.unread if self.read else ():
            yield f"# ? not recognised, so not used: {quoted(column)}"
        for timepoint in self.protocol.timepoints:
            if part := list(self._part(timepoint)):
                yield from ["", f"[source.timepoints.{timepoint}]", *part]
        yield from self._numbered()
        constants = list(self._constants())
        yield from ["", "[source.set]", *constants] if constants else []

    def _part(self, timepoint: str | None) -> Iterator[str]:
        own = {column: reading for column, reading in self.read.items() if reading.timepoint == timepoint}
        for name in dict.fromkeys(reading.name for reading in own.values()):
            columns = {reading.side: column for column, reading in own.items() if reading.name == name}
            unsure = "" if all(own[column].sure for column in columns.values()) else "  # ? is this right?"
            if set(columns) == {"left", "right"}:
                yield f"{name} = {{ left = {quoted(columns['left'])}, right = {quoted(columns['right'])} }}{unsure}"
            elif None in columns:
                yield f"{name} = {quoted(columns[None])}{unsure}"
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
        pairs = [pair for pair in self.protocol.comparisons.values() if not pair.unchanged]
        ends = {point for pair in pairs for point in (pair.start, pair.end)} | {self.protocol.classify_at}
        order = [point for point in self.protocol.timepoints if point in ends]
        order = order[order.index(self.protocol.classify_at) :]
        for number, timepoint in zip_longest(numbers, order[: len(numbers)]):
            yield f"# [source.timepoints.{timepoint or '…'}]  # ? is this the visit numbered {number}?"
            yield from (f"# {line}" for line in self._part(number))

    def _questions(self) -> Iterator[str]:
        if not self._named("patient_id"):
            yield "# ? patient_id: which column tells who it is? If none does, and each row is one person: write"
            yield "# rows_per_person = 1   above [source.columns] (2 where two rows after each other are one person)"
        if len(self._named("patient_id")) == len(self._named("clinic_id")) == 1:
            yield from self._begin_anew(self._named("clinic_id")[0], self._named("patient_id")[0])
        sides = any(reading.side for reading in self.read.values())
        if not sides and not self._named("side"):
            yield "# ? side: which column tells left from right?"

    def _begin_anew(self, clinic: str, person: str) -> Iterator[str]:
        """Ask whether an identifier that stands at several clinics is one person."""
        seen = self.sheet.cells[[clinic, person]].astype("str").drop_duplicates()
        if seen.loc[(seen != "").all(axis=1), person].duplicated().any():
            yield "# ? the same identifiers stand at several clinics; if they begin anew at each, take this instead:"
            yield f"# patient_id = [{quoted(clinic)}, {quoted(person)}]"

    def _constants(self) -> Iterator[str]:
        if not self._named("timepoint") and not any(reading.timepoint for reading in self.read.values()):
            yield f'# timepoint = "{self.protocol.classify_at}"  # ? one of {", ".join(self.protocol.timepoints)}'
        for name, condition in self.protocol.conditions.items():
            if condition.must_match and not self._named(name):
                yield f'# {name} = "{condition.levels[0]}"  # ? one of {", ".join(condition.levels)}'

    # -------------------------------------------------------------------------------------- the words

    def words(self) -> Iterator[str]:
        """Say which of a file's words mean which level, and list the words that a person must place."""
        for name in dict.fromkeys(reading.name for reading in self.read.values()):
            levels = self._levels(name)
            known = {word.casefold() for accepted in levels.values() for word in accepted}
            found = {word for column in self._named(name) for word in self._distinct(column)}
            found = {word for word in found if word.casefold() not in known}
            if not levels or not found or len(found) > _MANY_WORDS:
                continue
            meaning = {word: self.recogniser.word(name, word) for word in sorted(found)}
            yield from ["", f"[source.values.{name}]"]
            for level in levels:
                if words := [word for word, ours in meaning.items() if ours == level]:
                    yield f"{level} = [{', '.join(map(quoted, words))}]"
            if open_words := [word for word, ours in meaning.items() if ours is None]:
                yield f"# ? which of {', '.join(levels)} are {', '.join(map(quoted, open_words))}?"


def _is_date(word: str, form: str) -> bool:
    try:
        datetime.strptime(word, form)
    except ValueError:
        return False
    return True
