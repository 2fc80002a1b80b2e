"""CDISC ODM-XML 1.3, as data capture programs and REDCap write it: the values, and what items and codes mean."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from itertools import groupby
from typing import Any

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

from analysis.intake.columnar import BROKEN
from analysis.intake.unreadable import UnreadableFile

_SPACES = ("{http://www.cdisc.org/ns/odm/v1.3}", "{http://www.cdisc.org/ns/odm/v1.2}")
_NO_ODM = (
    "no CDISC ODM-XML 1.3, which is the only XML that is read; in the program that wrote it choose the export as CSV"
)
_DECLARES = "the file declares a document type or entities, as no ODM file does; export it again"
_HISTORY = "the file holds the history of values, such as updates, and not their last state; export a snapshot"
_ASTRAY = "a value stands outside the groups of items, where ODM has none; export the file again"
_REPEATED = "an item has two values in one group of a form; export the file again"
# The elements above a value, from the subject down, each with the attributes that tell which it is.
KEYS = {
    "SubjectData": ("SubjectKey",),
    "StudyEventData": ("StudyEventOID", "StudyEventRepeatKey"),
    "FormData": ("FormOID", "FormRepeatKey"),
    "ItemGroupData": ("ItemGroupOID", "ItemGroupRepeatKey"),
}
SITE = "LocationOID"
_PLAIN = (None, "Insert", "Context")


@dataclass
class Item:
    """What is said of one item: a question or a name, its list of codes, its unit."""

    label: str = ""
    codes: str = ""
    unit: str = ""


@dataclass
class Group:
    """The values of one ``ItemGroupData``, and of which subject, event and form they are."""

    keys: dict[str, str]
    values: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)

    @property
    def form(self) -> tuple[str, ...]:
        """What tells its form from others."""
        names = [name for element, own in KEYS.items() if element != "ItemGroupData" for name in own]
        return tuple(self.keys.get(name, "") for name in names)


@dataclass
class Odm:
    """What an ODM file holds.

    Attributes
    ----------
    items, code_lists, units
        By OID: what items are, what each code of a list says, how units are written.
    repeating
        Groups of items that a form may hold several times.
    groups
        The values, in the order of the file.
    missing
        What REDCap's project declares as codes of missing data, with their words.
    choices
        Which choice of a checkbox of REDCap an item is, in words.
    """

    items: dict[str, Item] = field(default_factory=dict)
    code_lists: dict[str, dict[str, str]] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    repeating: set[str] = field(default_factory=set)
    groups: list[Group] = field(default_factory=list)
    missing: str = ""
    choices: dict[str, str] = field(default_factory=dict)

    def codes(self, item: str) -> Mapping[str, str]:
        """Return what the codes of an item say."""
        return self.code_lists.get(self.items[item].codes, {}) if item in self.items else {}

    def label(self, item: str) -> str:
        """Return the words for an item, which REDCap may write as a piece of a page; with the choice of a checkbox."""
        return " ".join([plain_label(self.items[item].label), self.choices.get(item, "")]).strip()

    def rows(self) -> Iterator[list[Group]]:
        """Give the groups of each row: one row a form, or one for each turn of a group that repeats.

        What stands in groups of the same form that do not repeat holds for every turn.
        """
        for _, groups in groupby(self.groups, key=lambda group: group.form):
            of_form = list(groups)
            once = [group for group in of_form if group.keys["ItemGroupOID"] not in self.repeating]
            each = [group for group in of_form if group.keys["ItemGroupOID"] in self.repeating]
            yield from ([turn, *once] for turn in each) if each else [once]


def parse_odm(content: bytes) -> Odm:
    """Read an ODM file, without whatever it names outside itself.

    Raises
    ------
    UnreadableFile
        Another kind of XML, another version, damaged, or the history of values.
    """
    try:
        return _parsed(content)
    except ParseError:
        raise UnreadableFile("file_broken", BROKEN) from None
    except DefusedXmlException:
        raise UnreadableFile("file_broken", _DECLARES) from None


def _parsed(content: bytes) -> Odm:
    odm = Odm()
    above: dict[str, str] = {}
    events = iterparse(io.BytesIO(content), events=("start", "end"), forbid_dtd=True)
    _, root = next(events)
    if root.tag not in [f"{space}ODM" for space in _SPACES]:
        raise UnreadableFile("file_kind", _NO_ODM)
    space = root.tag.removesuffix("ODM")
    for event, element in events:
        name = element.tag.removeprefix(space)
        if event == "start":
            above |= {key: element.get(key, "") for key in KEYS.get(name, ())}
            continue
        if element.get("TransactionType") not in _PLAIN:
            raise UnreadableFile("file_kind", _HISTORY)
        if name == "SiteRef" and "SubjectKey" in above:
            above[SITE] = element.get(SITE, "")
        elif name == "ItemGroupData" and "SubjectKey" in above:  # those of reference data are of nobody
            odm.groups.append(_group(element, dict(above), space))
        elif name.startswith("ItemData") and "ItemGroupOID" not in above:
            raise UnreadableFile("file_broken", _ASTRAY)
        else:
            _define(odm, element, name, space)
        for key in (*KEYS.get(name, ()), *([SITE] if name == "SubjectData" else [])):
            above.pop(key, None)
        if name in ("FormData", "MetaDataVersion", *_DEFINED):
            element.clear()
    turns = Counter((group.form, group.keys["ItemGroupOID"]) for group in odm.groups)
    odm.repeating |= {oid for (_, oid), count in turns.items() if count > 1}  # the file need not describe its groups
    return odm


def _group(element: Any, keys: dict[str, str], space: str) -> Group:
    group = Group(keys)
    for item in element:
        kind = item.tag.removeprefix(space)
        if not kind.startswith("ItemData"):
            continue
        oid = item.get("ItemOID", "")
        if oid in group.values:
            raise UnreadableFile("value_twice", f"{_REPEATED} ({oid})")
        # The value stands in the attribute or, where the element names its type, within; some mix the two.
        values = {text.strip() for text in (item.get("Value"), item.text) if text and text.strip()}
        if len(values) > 1:
            raise UnreadableFile("value_twice", f"{_REPEATED} ({oid})")
        group.values[oid] = "" if item.get("IsNull") == "Yes" else min(values, default="")
        unit = item.find(f"{space}MeasurementUnitRef")
        reference = item.get("MeasurementUnitOID") if unit is None else unit.get("MeasurementUnitOID")
        if reference:
            group.units[oid] = reference
    return group


_DEFINED = ("ItemDef", "CodeList", "MeasurementUnit", "ItemGroupDef")


def _define(odm: Odm, element: Any, name: str, space: str) -> None:
    """Keep what an element says of items, codes, units and groups."""
    oid = element.get("OID", "")
    if name == "ItemDef":
        odm.items[oid] = _item(element, space)
    elif name == "CodeList":
        odm.code_lists[oid] = {
            item.get("CodedValue", ""): _text(item, f"{space}Decode") for item in element.iter(f"{space}CodeListItem")
        }
        odm.choices |= _choice(oid.removesuffix(".choices"), element)
    elif name == "MeasurementUnit":
        odm.units[oid] = _text(element, f"{space}Symbol") or element.get("Name", "")
    elif name == "ItemGroupDef" and element.get("Repeating") == "Yes":
        odm.repeating.add(oid)
    elif name.endswith("}MissingDataCodes"):
        odm.missing = element.text or ""


def _item(element: Any, space: str) -> Item:
    unit, codes = element.find(f"{space}MeasurementUnitRef"), element.find(f"{space}CodeListRef")
    return Item(
        _text(element, f"{space}Question") or _text(element, f"{space}Description") or element.get("Name", ""),
        "" if codes is None else codes.get("CodeListOID", ""),
        "" if unit is None else unit.get("MeasurementUnitOID", ""),
    )


def _choice(item: str, element: Any) -> dict[str, str]:
    """Return the words of the box that an item of REDCap is, from the list of all boxes of its question."""
    listed = next((text for key, text in element.attrib.items() if key.endswith("}CheckboxChoices")), "")
    choices = (part.partition(",") for part in listed.split("|"))
    words_of = {code.strip().lower().replace("-", "_"): words.strip() for code, _, words in choices}
    own = item.rpartition("___")[2]
    return {item: words_of[own]} if own in words_of else {}


def plain_label(text: str) -> str:
    """Return the words of a label, without the marks of a page.

    Examples
    --------
    >>> plain_label("<p>Hip <b>rotation</b> &amp; side</p>")
    'Hip rotation & side'
    """
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", text)).split())


def _text(element: Any, part: str) -> str:
    """Return the first of the translations that a part has."""
    found = element.find(part)
    return "" if found is None else " ".join(" ".join(found.itertext()).split())
