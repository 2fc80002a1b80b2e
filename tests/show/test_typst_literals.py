import json

import pytest
import typst
from hypothesis import example, given
from hypothesis import strategies as st

from analysis.show.typst_literals import display_call, printable, typst_call, typst_literal, typst_string

# Unlike text(), with halves of surrogate pairs.
anything = st.text(st.characters())


@given(anything)
@example('"#read("/etc/passwd")\\')
@example("\x00\ud800\r\n")
def test_typst_reads_back_the_text_that_went_in(text):
    assert json.loads(typst.eval(b"", typst_string(text))) == printable(text)


@given(st.lists(st.lists(st.text(max_size=3) | st.integers(0, 9) | st.none(), max_size=3), max_size=3))
def test_typst_reads_back_nested_sequences(value):
    expected = [[printable(item) if isinstance(item, str) else item for item in inner] for inner in value]
    assert json.loads(typst.eval(b"", typst_literal(value))) == expected


@given(anything)
def test_printable_text_can_be_encoded(text):
    assert printable(text).encode().decode() == printable(text)


@pytest.mark.parametrize("text", ["a\tb\nc", "漢字", "é", "😀", "\u202e", "−≥≤°±"])
def test_printable_keeps_ordinary_characters(text):
    assert printable(text) == text


@given(st.text(), st.lists(st.text(), max_size=3))
def test_own_calls_are_recognized_whatever_text_they_carry(caption, notes):
    call = typst_call("capsule-table", caption=caption, notes=notes)
    assert display_call(call) == call.removeprefix("#")


@pytest.mark.parametrize(
    "source",
    [
        '#import "@preview/package:1.0.0"',
        '#capsule-table(caption: read("main.typ"))',
        '#capsule-table(caption: "a") #read("main.typ")',
        '#capsule-table(caption: "a")["b"]',
        '#capsule-table(caption: "a" + sys.version)',
        '#capsule-table(caption: "a\\")" + read("main.typ"))',
        "#capsule-table(caption: $x$)",
        "#capsule-table(caption: {1})",
        'capsule-table(caption: "a")',
        '#other-function(caption: "a")',
        "plain text",
        "",
    ],
)
def test_other_typst_source_is_not_a_display_call(source):
    assert display_call(source) is None


def test_printable_ascii_text_is_treated_as_any_other() -> None:
    every = "".join(map(chr, range(128)))
    assert printable(every) == printable(every + "é")[:-1]
