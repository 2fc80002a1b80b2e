"""Damaged .xls files: refused in words, at once and without a word of the library's own."""

import struct

import pytest

from analysis.intake.book import Book, UnreadableFile
from analysis.intake.compound import hangs_together
from bath_layouts import FIXTURES

WHOLE = (FIXTURES / "hips.xls").read_bytes()
MAP = 512  # the sectors begin after the header, and in this file the first of them is the map
WORKBOOK = 512 + 2 * 512  # the workbook's records begin in sector 2


def _with(place, number, form="<I", content=WHOLE):
    content = bytearray(content)
    struct.pack_into(form, content, place, number)
    return bytes(content)


def _cell_far_off():
    place = WORKBOOK
    while struct.unpack_from("<H", WHOLE, place)[0] != 0x027E:  # a number
        place += 4 + struct.unpack_from("<H", WHOLE, place + 2)[0]
    return _with(place + 6, 60_000, "<H")


def test_a_whole_file_hangs_together():
    assert hangs_together(WHOLE)
    assert [sheet.name for sheet in Book(WHOLE, ".xls").sheets] == ["Hips"]


@pytest.mark.parametrize(
    "damaged",
    [
        _with(MAP + 4 * 10, 3),  # sector 10 is followed by sector 3
        _with(MAP + 4 * 5, 5),  # a sector by itself
        _with(68, 0, content=_with(MAP + 508, 0)),  # the map goes on in a sector that goes on in itself
        _with(64, 0x7FFFFFFF),  # a size of two thousand million sectors
        _cell_far_off(),
    ],
    ids=["circle", "itself", "map", "size", "column"],
)
def test_what_would_never_end_is_refused(damaged):
    assert not hangs_together(damaged)
    with pytest.raises(UnreadableFile, match="not a whole workbook"):
        Book(damaged, ".xls")


def test_a_panic_of_the_library_is_a_plain_fault(capfd):
    directory = 512 + 24 * 512  # cut within the table of contents
    with pytest.raises(UnreadableFile, match="not a whole workbook"):
        Book(WHOLE[: directory + 200], ".xls")
    assert capfd.readouterr().err == ""
