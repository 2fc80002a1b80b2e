"""Which rows of a table hold the hips, which tell only who the people are, and tables that must be laid out first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pandas as pd

from analysis.intake.questions import NO, YES, Question, keep, offer
from analysis.intake.recognise import LOOK
from analysis.intake.sheet import Sheet
from analysis.intake.source_reading import MANY_WORDS
from analysis.intake.source_words import SourceWords
from analysis.protocol.tomlmodel import key_of, quoted

# The columns in which REDCap and ODM files name the form of a row.
_FORMS = ("redcap_repeat_instrument", "Repeat Instrument", "FormOID")
# What form tools say of a row, in a column of theirs beside another: the words of rows that do not count, and why.
_DO_NOT_COUNT = (
    # Qualtrics, as a label or a code.
    (("ResponseId", "Response ID"), ("Status", "Response Type"), "preview|test|spam|^(1|2|8|9|12|17|40)$",
     "the other rows are previews, tests or spam, and nobody's"),
    (("GlobalRecordId", "UniqueKey"), ("RECSTATUS", "RecStatus"), "^0$", "Epi Info marks the other rows as deleted"),
    (("KEY", "instanceID"), ("ReviewState",), "^rejected$", "somebody rejected the other rows in ODK Central"),
    (("_uuid", "_id"), ("_validation_status",), "not.approved", "somebody did not approve the other rows in Kobo"),
    (("Castor Participant ID", "Participant Id"), ("Participant Status",), "^archived$", "the others are archived"),
)  # fmt: skip
_ON_ITS_SIDE = (
    "# ? the table lies on its side: people stand beside each other, and each row is a measure. Lay it out first: in "
    "Excel or LibreOffice copy it, Paste Special, Transpose, into a sheet of its own; then run capsule init anew"
)
_LONG = (
    "Lay it out first, a column for each: in Excel by a PivotTable, in R by tidyr::pivot_wider(names_from = `{}`), in "
    "Python by pandas.DataFrame.pivot; then run capsule init anew"
)


class SourceRows(SourceWords):
    """The rows of a table.

    Attributes
    ----------
    persons, where_persons
        The rows that tell only who the people are, where an export has such beside those of hips; the column that
        tells them, and its words.
    chosen
        The rows that the table was already reduced to: what must stand in columns of theirs.
    """

    persons: Sheet | None = None
    where_persons: tuple[str, list[str]] = ("", [])
    chosen: Mapping[str, list[str]] = {}

    def _rows(self) -> Iterator[str]:
        """Say which rows hold the assessments, where an export has rows of several kinds: those with a reading."""
        if self.chosen:
            yield from ["", "[source.where]"]
            yield from (f"{key_of(name)} = [{', '.join(map(quoted, words))}]" for name, words in self.chosen.items())
            return
        yield from self._rows_of_somebody()
        column = next((name for name in _FORMS if name in self.sheet.cells), "")
        forms = self.words_of(column) if column else []
        if not forms or len(forms) > MANY_WORDS or len(self.sheet.cells[column].unique()) < 2:
            return
        kept, told = self._forms_of_hips(column, forms)
        if kept:
            doubt = "" if told else "  # ? the rows that hold readings; is this right?"
            self._set_apart(column, kept)
            yield from ["", "[source.where]", f"{key_of(column)} = [{', '.join(map(quoted, kept))}]{doubt}"]
        else:
            yield from [
                "",
                f"# [source.where]  # ? in which rows are the hips? Keep the forms that hold them, of {column}",
            ]
            yield f"# {key_of(column)} = [{', '.join(map(quoted, forms))}]"

    def _forms_of_hips(self, column: str, forms: list[str]) -> tuple[list[str], bool]:
        """Return the forms whose rows hold hips, and whether a person said so; else those with readings."""
        holding = set(self.sheet.cells.loc[self._has_reading(), column].astype("str"))
        # Where rows without a form hold readings too, only a person can say which rows are wanted.
        sure = bool(holding) and "" not in holding
        proposed = {form: YES if form in holding else NO for form in forms} if sure else {}
        said = {
            form: self.ask(Question(f"{column}: {quoted(form)} holds hips?", (YES, NO), proposed.get(form, "")))
            for form in forms
        }
        return [form for form in forms if (said[form] or proposed.get(form)) == YES], any(said.values())

    def _has_reading(self) -> pd.Series:
        measured = [name for name, reading in self.read.items() if reading.name in self.measures]
        return (self.sheet.cells[measured] != "").any(axis=1)

    def _rows_of_somebody(self) -> Iterator[str]:
        """Leave out what a form tool says was only tried, deleted or rejected, where there is such beside others."""
        headers = set(map(str, self.sheet.cells))
        for beside, columns, words, why in _DO_NOT_COUNT:
            for column in [name for name in columns if name in headers and headers.intersection(beside)]:
                kinds = [*self.words_of(column), *([""] if (self.sheet.cells[column] == "").any() else [])]
                kept = [kind for kind in kinds if not re.search(words, kind, re.IGNORECASE)]
                if kept and kept != kinds:
                    self.unread = [header for header in self.unread if header != column]
                    line = f"{key_of(column)} = [{', '.join(map(quoted, kept))}]"
                    yield from ["", "[source.where]", keep(self.ask, line, f"{why}; {LOOK}", self._holds(column))]

    def _filled_down(self) -> Iterator[str]:
        """Ask whether an empty cell means the one above, where the columns that say who it is leave many out."""
        cells = self.sheet.cells
        person = self._named("patient_id")
        if len(person) != 1 or not len(cells) or cells[person[0]].iloc[0] == "":
            return
        open_rows = ((cells[person[0]] == "") & self._has_reading()).to_numpy()
        if 4 * open_rows.sum() < len(cells):
            return
        # A date goes on to no other visit, which may have been on another day.
        keys = [*person, *(c for name in ("clinic_id", "timepoint", "date") for c in self._named(name))]
        empty = [name for name in keys if (cells.loc[open_rows, name] == "").any()]
        line = f"fill_down = [{', '.join(map(quoted, empty))}]"
        yield offer(self.ask, line, "does an empty cell mean the same as the one above?", self._holds(*empty))

    def _set_apart(self, column: str, kept: list[str]) -> None:
        """Keep what is told of a person in other rows for a source of its own."""
        cells = self.sheet.cells
        chosen = cells[column].isin(kept)
        names = {"clinic_id", *self.protocol.attributes}
        apart = [name for name, reading in self.read.items() if reading.name in names]
        apart = [name for name in apart if (cells.loc[chosen, name] == "").all() and (cells[name] != "").any()]
        person = self._named("patient_id")
        if not apart or len(person) != 1:
            return
        told = ~chosen & (cells[apart] != "").any(axis=1)
        if not cells.loc[told, person[0]].duplicated().any():
            self.read = {name: reading for name, reading in self.read.items() if name not in apart}
            whole = self.sheet.keep(told.to_numpy())
            self.persons = replace(whole, cells=whole.cells[[person[0], *apart]])
            self.where_persons = (column, sorted(cells.loc[told, column].astype("str").unique()))

    def _counts_hips(self, column: str | None) -> bool:
        """Whether numbers of a form tell the hips of a visit apart, so that as episodes they would part the two."""
        people, visits, sides = (self._named(key) for key in ("patient_id", "timepoint", "side"))
        if column is None or len(people) != 1 or len(sides) != 1 or len(visits) > 1:
            return False
        of_a_visit, side = [*people, *visits], sides[0]  # visits may be columns
        rows = self.sheet.cells[[*of_a_visit, side, column]].astype("str")
        rows = rows[rows[side] != ""]
        most = rows.groupby(of_a_visit)[column].nunique().max()
        return bool(most > 1) and not rows.duplicated([*of_a_visit, side]).any()

    def _laid_out_otherwise(self) -> str | None:
        """Say what to do with a table whose measures are named in its cells; no name of a column is repeated here."""
        if self.measures:
            return None
        for column in map(str, self.sheet.cells):
            words = self.words_of(column)
            named = [word for word in words if (told := self.recogniser.read(word)) and told.name in self._measures()]
            if len(named) < 2 or 2 * len(named) <= len(words):
                continue
            if len(self.sheet.rows) == len(words):
                return _ON_ITS_SIDE
            return f"# ? each row is one reading, and {quoted(column)} says of what. {_LONG.format(column)}"
        return None

    def _measures(self) -> tuple[str, ...]:
        return tuple(self.protocol.measures_of("assessments"))
