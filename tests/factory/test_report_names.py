"""Names of files for values people typed: never a path, never a device, never two values in one file."""

import re

import pytest

from analysis.factory.names import file_name

HOSTILE = [
    "../../x",
    "..",
    ".",
    "",
    "/etc/passwd",
    "a\\b",
    "C:\\x",
    "<script>alert(1)</script>",
    "x" * 300,
    "nul\x00byte",
    "line\nfeed",
    "CON",
    "con",
    "nul",
    "com1",
    "-rf",
    ".hidden",
    "Zürich",
    "東京",
    "\ud800",
    "{braces}",
    "a b",
    "A",
    "a.b",
]


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_value_becomes_a_short_plain_name(value):
    name = file_name(value)
    assert re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,48}", name)
    assert name not in {"con", "nul", "com1"}


@pytest.mark.parametrize("value", ["001", "clinic_01", "spring-2026", "x" * 40])
def test_plain_value_is_its_own_name(value):
    assert file_name(value) == value


def test_values_never_share_a_name_even_where_case_is_ignored():
    # The last two are what the values "A" and "東京" are called: someone may type just that.
    values = [*HOSTILE, "a", "x" * 301, "x", "zurich", "Zurich", "001", file_name("A"), file_name("東京")]
    assert len({file_name(value) for value in values}) == len(values)
