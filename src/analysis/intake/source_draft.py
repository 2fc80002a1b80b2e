"""One table of a file as a first ``[[source]]``: what its columns and words were read as, and what is a question."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import zip_longest

from analysis.intake.parse import ISO_DATE, plain_words
from analysis.intake.recognise import LOOK, number_of
from analysis.intake.source_reading import MANY_WORDS, NUMBER, SourceReading
from analysis.intake.vocabulary import missing_words
from analysis.protocol.tomlmodel import quoted
from analysis.schema import SIDES

_FORM = "redcap_repeat_instrument"


class SourceDraft(SourceReading):
    """The lines of ``study.toml`` for one table."""

    def lines(self, decimal: str) -> Iterator[str]:
        """Write all but the settings of the file."""
        yield from self._reading_rules(decimal)
        yield from self._rows()
        yield from self._mapping()
        yield from self._words()

    # ------------------------------------------------------------------------------ how cells are read

    def _reading_rules(self, decimal: str) -> Iterator[str]:
        """Declare how dates are written and what means missing, where the cells leave no doubt."""
        dates = self._named("date")
        iso = [re.fullmatch(ISO_DATE, word) for column in dates for word in self._distinct(column)]
        if any(found and found[3] for found in iso):
            yield '# time_zone = "Europe/Berlin"  # ? where is the clinic? The dates are instants, such as in UTC'
        forms = self._date_forms(dates)
        if dates and forms != [None]:
            choice = f"date_format = {quoted(forms[0])}" if forms else 'date_format = "%d/%m/%Y"'
            sure = len(forms) == 1
            yield (
                choice if sure else f"# {choice}  # ? is it this? The dates can be read in {len(forms) or 'no'} way(s)"
            )
        angles = [c for c, r in self.read.items() if r.name in self.protocol.measures and not self._levels(r.name)]
        odd = {word for column in angles for word in self._distinct(column)}
        odd = {word for word in odd if not re.fullmatch(rf"[+-]?\d+([{re.escape(decimal)}]\d+)?", word)}
        missing = sorted(word for word in odd if word.casefold() in missing_words())
        # A word such as "-" may be a missing number here and the result of a test there, and na_values holds for both.
        levels = {word for c, r in self.read.items() if self._levels(r.name or "") for word in self._distinct(c)}
        for words, mark in ([w for w in missing if w not in levels], ""), ([w for w in missing if w in levels], "# "):
            if words:
                doubt = "  # ? it stands in columns of words too; write empty cells there instead" if mark else ""
                yield f"{mark}na_values = [{', '.join(map(quoted, words))}]{doubt}"
        patterns = sorted({re.sub(NUMBER, "{}", word) for word in odd - set(missing)})
        plain = [p for p in patterns if p.count("{}") == 1 and len(p) < 15 and p != "{}"]
        if plain:
            listed = ", ".join(map(quoted, plain))
            yield f"# number_patterns = [{listed}]  # ? may the number be taken out of such text?"

    def _levels(self, name: str) -> Mapping[str, tuple[str, ...]]:
        return plain_words(name, self.protocol)

    def _rows(self) -> Iterator[str]:
        """Ask which rows hold the assessments, where a REDCap export has rows of several kinds."""
        forms = self._distinct(_FORM) if _FORM in self.sheet.cells else []
        if 0 < len(forms) <= MANY_WORDS:
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

    def _by_number(self, name: str, words: list[str]) -> dict[str, str]:
        """Propose what numbers mean: visits that are counted from 0, and 1 and 0 for yes and no."""
        if name == "timepoint":
            numbers = {number: word for word in words if (number := number_of(word)) is not None}
            whole = "0" in numbers and len(numbers) == len(words)
            return dict(zip([numbers[n] for n in sorted(numbers)], self._visits(), strict=False)) if whole else {}
        is_answer = name in self.protocol.measures and self.protocol.measures[name].kind == "answer"
        return {"1": "true", "0": "false"} if is_answer and set(words) <= {"0", "1"} else {}

    def _words(self) -> Iterator[str]:
        """Say which of a file's words mean which level, and list the words that a person must place."""
        for name in sorted(self.names, key=[reading.name for reading in self.read.values()].index):
            levels = self._levels(name)
            known = {word.casefold() for accepted in levels.values() for word in accepted}
            words = sorted({word for column in self._named(name) for word in self._distinct(column)})
            found = [word for word in words if word.casefold() not in known]
            if not levels or not found or len(found) > MANY_WORDS:
                continue
            by_number = self._by_number(name, found)
            meaning = by_number or self.recogniser.levels(name, words)
            doubt = f"  # ? {LOOK}" if by_number else ""
            yield from ["", f"[source.values.{name}]"]
            for level in levels:
                if theirs := [word for word in found if meaning.get(word) == level]:
                    yield f"{level} = [{', '.join(map(quoted, theirs))}]{doubt}"
            if open_words := [word for word in found if word not in meaning]:
                yield f"# ? which of {', '.join(levels)} are {', '.join(map(quoted, open_words))}?"
