"""Tables and sentences as a reader sees them become counts by row: see :class:`analysis.disclosure.attack.Seen`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import NamedTuple

import pandas as pd

from analysis.disclosure.attack import Seen
from analysis.disclosure.roles import Column, declared, tables
from analysis.protocol import Protocol
from analysis.schema import SIDES, states
from analysis.show.display import Table
from analysis.show.tables.cells import group_label
from analysis.show.words import WITHHELD

OF = " of"  # the whole beside a part, such as in 7/98
_COUNT = r"\d{1,3}(?:,\d{3})+|\d+"
_PART = re.compile(rf"({_COUNT})(?:/| of )({_COUNT})\b")
_WHOLE_CELL = re.compile(rf"({_COUNT})(?: \(.*\))?")
_SEVERAL = re.compile(rf"({_COUNT}) (\w+)|(\w+) {WITHHELD}")
_PAIR = re.compile(rf"({_COUNT}|{WITHHELD}) and ({_COUNT}|{WITHHELD})")
_AND = re.compile(r"(.+), (\w+) and (\w+)")  # the heading of such a cell
_NUMBER = re.compile(r"\b(\d{4}(?:Q[1-4]|-\d\d))\b|[+−-]?\d[\d,.]*")  # a period is the name of a group
_ITEM = re.compile(r"• [^:.]+: ")
_LOST = re.compile(rf"({_COUNT}): .+")
_HIDDEN = {"", WITHHELD, "*", "x", "nan", "na", "n/a", "suppressed", "redacted"}
_RATES = ("rates", "missing_outcomes", "clinics", "over_time")
_NOT_GROUPS = ("suppressed", "interval", "method", "verdict")
_PERSON = {"patient_id", "patient", "patient id", "id", "participant", "subject", "record_id", "mrn", "surname"}
_PERSON |= {"usubjid", "subjid"}
# Headings of our pages, and of tables that people make, with our name for the column.
_HEADINGS = {
    **dict.fromkeys(("patients", "people", "persons", "n_people"), "n_patients"),
    **dict.fromkeys(("judged", "evaluable", "evaluated"), "n_evaluable"),
    **dict.fromkeys(("responders", "responded"), "n_responders"),
    **dict.fromkeys(("others", "non-responders", "nonresponders", "not responded", "did not respond"), "others"),
    **dict.fromkeys(("clinic", "site", "centre", "center"), "clinic_id"),
    **dict.fromkeys(("rule", "response"), "response"),
    **dict.fromkeys(("period", "quarter"), "period"),
    "missing": "n_missing",
    "side": "side",
}
_PAIRS = {"responders": ("n_responders", "n_evaluable"), "class": ("n_yes", "n_known")}
_NO_PEOPLE = re.compile(
    r"first reading|readings that differ|options|rule asks|(?<!within )error|rows|cells|visits|what it is|odds|^p\b",
    re.IGNORECASE,
)


class Scope(NamedTuple):
    """What a file is about: its name, the state of the data, the clinic, and what else it is of."""

    file: str
    edition: str
    clinic: str
    labels: Mapping[str, str]
    asked: Mapping[str, str]

    def has_nobody_of(self, labels: Mapping[str, str]) -> bool:
        """Whether a row is of another group: in the report of one arm, that of the other."""
        return any(self.labels.get(name, level) != level for name, level in labels.items())


class _Columns(NamedTuple):
    """What the columns of a file are: its table, and by heading our names for counts and for what a row is about."""

    family: str
    counts: dict[str, str]
    labels: dict[str, str]
    undeclared: dict[str, str]
    unknown: list[str]


class Reader:
    """Knows the words of a protocol, so that a page and a file that mean the same are held together."""

    def __init__(self, protocol: Protocol) -> None:
        kind, words = protocol.group_by, protocol.words
        levels = {group_label(kind, level, protocol): (kind, level) for level in states(protocol)}
        own = protocol.attributes[kind].levels if kind in protocol.attributes else ()  # arms, instead of types
        levels |= {level: (kind, level) for level in (*states(protocol), *own)} | {
            side: ("side", side) for side in SIDES
        }
        levels |= {rule.label: ("response", name) for name, rule in protocol.responses.items()}
        levels |= {pair.label: ("comparison", name) for name, pair in protocol.comparisons.items()}
        self._levels = {name.lower(): level for name, level in levels.items()}
        self._levels |= {name.partition(":")[0]: level for name, level in self._levels.items()}
        self._headings = _HEADINGS | dict.fromkeys(("class", "type", "group", "stretch type"), kind)
        self._headings |= dict.fromkeys((words.hips, f"n {words.hips}"), "n_hips")
        nouns = "|".join([*map(re.escape, (words.hips, words.hip)), "patients?", "people", "person"])
        # What stands out "in 1 of 6" are groups, "about 5 of all 60" are expected; "fewer than 2", "5 or more" are
        # rules or none.
        self._sentence = re.compile(
            rf"(?<!than chance in )(?<!about )\b({_COUNT}) of (?:all |these )?({_COUNT})\b"
            r"(?! cases| comparisons?\b| pairs? of clinics| characteristics)"
            rf"|(?<!fewer than )\b({_COUNT}) (?:judged )?(?:{nouns})\b(?! or more)"
        )
        self._protocol = protocol

    def holds_people(self, columns: Iterable[object]) -> bool:
        """Whether a table has a row for each person, by the names of its columns."""
        return any(str(column).strip().lower() in _PERSON for column in columns)

    def frame(self, frame: pd.DataFrame, name: str, scope: Scope) -> tuple[list[Seen], list[str]]:
        """Return the rows of a file, and the columns that nobody knows."""
        columns = self._columns_of(frame, name)
        rows = frame.astype("object").where(frame.notna(), None).to_dict("records")
        found = (self._row(row, place, columns, name, scope) for place, row in enumerate(rows, start=1))
        return [row for row in found if row], columns.unknown

    def _columns_of(self, frame: pd.DataFrame, name: str) -> _Columns:
        ours = declared(name, map(str, frame)) if name in tables() else {}  # the centre of a chart is no clinic
        names = {str(column): str(column) if column in ours else self._column(str(column)) for column in frame}
        family = _family(name, names.values())
        roles = declared(name if name in tables() else family, names.values())
        unknown = [c for c, known in names.items() if known not in roles and known != "others"]
        counts = {c: known for c, known in names.items() if known == "others" or _counts(roles.get(known))}
        labels = {c: known for c, known in names.items() if known not in _NOT_GROUPS and _is_label(roles.get(known))}
        # A word that nobody declared divides too, such as sex; a number of which nothing is known is not read.
        divides = [c for c in unknown if pd.to_numeric(frame[c], errors="coerce").isna().any()]
        undeclared = {c: c.strip().lower() for c in divides}
        return _Columns(family, counts, labels, undeclared, [c for c in unknown if c not in divides])

    def _row(
        self, row: Mapping[Hashable, object], place: int, columns: _Columns, name: str, scope: Scope
    ) -> Seen | None:
        names = {**columns.labels, **columns.undeclared}
        told = dict(self._level(known, row[c]) for c, known in names.items() if row[c] is not None)
        clinic = told.pop("clinic_id", scope.clinic)
        if scope.has_nobody_of(told):
            return None
        labels = self._asked(columns.family, scope) | dict(scope.labels) | told
        shown = [labels[known] for known in columns.labels.values() if known in labels]
        about = ", ".join(filter(None, [clinic, ", ".join(shown)]))
        about = f"row {place} ({about})" if about else f"row {place}"
        counts = {known: _number(row[c]) for c, known in columns.counts.items()}
        return Seen(scope.file, name, about, scope.edition, clinic, columns.family, labels, counts)

    def table(self, table: Table, scope: Scope) -> list[Seen]:
        """Return the rows of a table of a page."""
        headings = [heading.strip() for heading in table.columns]
        first = headings[0].lower()
        kind = next((kind for kind in _PAIRS if any(h.lower().startswith(f"{kind} of") for h in headings[1:])), "")
        kind = "class" if first == "class" else kind
        above, seen = "", []
        for row in table.rows:
            if table.is_heading(row):
                above = row[0]
                continue
            counts: dict[str, int | None] = {}
            for heading, text in zip(headings[1:], row[1:], strict=True):
                counts |= _cell(heading, text)
            labels = {"row": row[0], "under": above}
            clinic, family = scope.clinic, table.caption
            if kind:
                known = self._known(first, [*table.caption.split(": "), above, row[0]])
                counts, family = self._ours(counts, kind), "classes" if kind == "class" else "rates"
                clinic = known.pop("clinic_id", clinic)
                if above and above.strip().lower() not in self._levels:  # such as Matched
                    known["under"] = above
                kind_of = known.pop(self._protocol.group_by, "") if kind == "class" else ""
                labels = self._asked(family, scope) | ({"answer": kind_of} if kind_of else known)
            if scope.has_nobody_of(labels):
                continue
            place = ", ".join(filter(None, [above, row[0]]))
            labels = dict(scope.labels) | labels
            seen.append(Seen(scope.file, table.caption, place, scope.edition, clinic, family, labels, counts))
        return seen

    def sentences(self, text: str, scope: Scope, said: Counter[str]) -> Iterator[Seen]:
        """Yield the counts of sentences; one with other numbers in it is the same sentence of another report.

        What is said again in a report is held against what is said as often in another; in a list, of the same item.
        """
        item = _ITEM.match(text)
        for sentence in re.split(r"(?<=[.;])\s+", text):
            counts: dict[str, int | None] = {}
            for place, found in enumerate(self._sentence.finditer(sentence)):
                part, whole, alone = (int(n.replace(",", "")) if n else None for n in found.groups())
                counts |= {f"number {place + 1}": part if alone is None else alone}
                counts |= {f"number {place + 1}{OF}": whole} if whole is not None else {}
            if counts:
                words = _NUMBER.sub(lambda one: one[1] or "#", f"{item[0]}{sentence}" if item else sentence)
                said[words] += 1
                labels = {**scope.labels, "row": words, "under": str(said[words])}
                yield Seen(scope.file, "text", f"“{words[:60]}…”", scope.edition, scope.clinic, "text", labels, counts)

    def _column(self, name: str) -> str:
        return self._headings.get(name.strip().lower(), name.strip())

    def _level(self, column: str, value: object) -> tuple[str, str]:
        text = str(value)
        column_of, level = self._levels.get(text.lower(), ("", text))
        return column, level if column_of == column else text

    def _known(self, first: str, texts: Iterable[str]) -> dict[str, str]:
        """Return what the words of a table say of which group it is."""
        found = {}
        *rest, last = texts
        for text in (*rest, last):
            if level := self._levels.get(text.strip().lower()):
                found[level[0]] = level[1]
            elif text == last and text:
                found[self._headings.get(first, first)] = text
        return found

    def _ours(self, counts: Mapping[str, int | None], kind: str) -> dict[str, int | None]:
        part, whole = _PAIRS[kind]
        found = {}
        for heading, count in counts.items():
            name = heading.removesuffix(OF)
            if kind == "class":
                of_class = {"patients": "n_patients_with", self._protocol.words.hips: part}
                column = of_class.get(name.lower(), f"n_{name.lower()}")
            else:
                column = part if name.lower().startswith(kind) else self._column(name)
            found[whole if heading.endswith(OF) and column == part else column] = count
        return found

    def _asked(self, family: str, scope: Scope) -> dict[str, str]:
        return dict(scope.asked) if family in ("rates", "sides") else {}


def _family(name: str, columns: Iterable[str]) -> str:
    columns = set(columns)
    if {"both", "left_only"} <= columns:
        return "sides"
    return "rates" if name.startswith(_RATES) or name not in tables() else name


def _is_label(column: Column | None) -> bool:
    return bool(column and column.role == "label")


def _counts(column: Column | None) -> bool:
    return bool(column and column.counts)


def _number(value: object) -> int | None:
    """Return a count; None where it is withheld, or no whole number."""
    text = str(value).strip().lower().removesuffix(".0").replace(",", "")
    return int(text) if text.isascii() and text.isdecimal() else None


def _cell(heading: str, text: str) -> dict[str, int | None]:
    """Return the counts of a cell of a page.

    Examples
    --------
    >>> _cell("Hips", "7/98 (7 %)"), _cell("Beyond it", "28 up, down withheld"), _cell("Mean", "2.8°")
    ({'Hips': 7, 'Hips of': 98}, {'Beyond it up': 28, 'Beyond it down': None}, {})
    >>> _cell("Hips, left and right", "withheld and 12"), _cell("Lost", "33: with no room to improve")
    ({'Hips left': None, 'Hips right': 12}, {'Lost': 33})
    """
    if _NO_PEOPLE.search(heading):
        return {}
    if found := _PART.match(text):
        part, whole = (int(number.replace(",", "")) for number in found.groups())
        return {heading: part, heading + OF: whole}
    if both := _AND.fullmatch(heading):
        noun, *names = both.groups()
        pair = _PAIR.fullmatch(text)
        cells = pair.groups() if pair else [text] * 2
        return {f"{noun} {name}": _number(cell) for name, cell in zip(names, cells, strict=True) if cell != "–"}
    if text.strip().lower() in _HIDDEN:
        return {heading: None}
    if found := _WHOLE_CELL.fullmatch(text) or _LOST.fullmatch(text):
        return {heading: int(found[1].replace(",", ""))}
    several = [_SEVERAL.fullmatch(part) for part in text.split(", ")]
    return {f"{heading} {one[2] or one[3]}": _number(one[1]) for one in several if one} if all(several) else {}
