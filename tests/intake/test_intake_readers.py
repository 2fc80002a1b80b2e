"""Bytes become a rectangle of text, or a refusal that says where."""

import sys

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from analysis import read_study
from analysis.intake.sheet import encoded_column
from study_folders import HEADER, found, write, write_tidy

ROW = "a,left,baseline,12\n"


def _refused(rule, row=None, value="", file="visits.csv"):
    return ("error", rule, file, row, "", value)


@pytest.mark.parametrize(
    ("csv", "expected"),
    [
        (HEADER + ROW + "b,left,baseline,12,\n" + "c,left,baseline,12\n", _refused("field_count", 3)),
        (HEADER + ROW + "b,left,baseline\n", _refused("field_count", 3)),
        (HEADER + "\n" + ROW + '"b\nc",left\n', _refused("field_count", 4)),
        (HEADER + ROW + "b,left,base", _refused("field_count", 3)),
        (HEADER + ROW + "b,left,base,12 apples, 3 pears\n", _refused("field_count", 3)),
        (HEADER + ROW + "  \n", _refused("field_count", 3)),
    ],
    ids=["extra", "missing", "after a blank line", "cut last line", "comma in a cell", "only spaces"],
)
def test_a_line_with_another_number_of_fields_is_refused_and_the_others_are_read(tmp_path, csv, expected):
    folder = write_tidy(tmp_path, csv)
    assert found(folder) == [expected]
    assert read_study(folder).assessments["hip_ir_deg"].iloc[0] == 12


def test_the_message_says_what_was_expected(tmp_path):
    problems = read_study(write_tidy(tmp_path, HEADER + "a,left\n")).problems
    assert problems["message"].iloc[0] == (
        "2 fields where the header has 4; the row was not read; if the table ends above it, declare last_row"
    )


@pytest.mark.parametrize(
    ("csv", "row"),
    [
        (HEADER + ROW + 'b,"left,baseline,12\nc,left,baseline,12\n', 3),
        (HEADER + ROW + 'b,left,baseline,"1', 3),
        (HEADER + 'b,"left"side,baseline,12\n' + ROW, 2),
        ('"ID,Hip\n' + ROW, 1),
    ],
    ids=["never closed", "cut inside quotes", "text after a quote", "in the header"],
)
def test_broken_quotes_are_refused_at_the_line_where_the_row_began(tmp_path, csv, row):
    assert found(write_tidy(tmp_path, csv)) == [_refused("csv_syntax", row)]


def test_rows_are_counted_in_lines_of_the_file(tmp_path):
    csv = HEADER + '\n"a\r\nb",left,baseline,12\r\n\r\nc,left,baseline,x\n'
    assert found(write_tidy(tmp_path, csv)) == [("error", "not_a_number", "visits.csv", 6, "IR", "x")]


@pytest.mark.parametrize(
    ("content", "source", "row"),
    [
        ("Zürich,left,baseline,12\n".encode("cp1252"), "", 3),
        (b"Z\xfcrich,left,baseline,12\r", "", 3),
        ("Zürich,left,baseline,12\n".encode(), 'encoding = "ascii"', 3),
    ],
    ids=["cp1252 undeclared", "with CR line ends", "wrongly declared"],
)
def test_another_encoding_is_refused_with_its_line(tmp_path, content, source, row):
    end = b"\r" if content.endswith(b"\r") else b"\n"
    before = (HEADER + ROW).encode().replace(b"\n", end)
    folder = write_tidy(tmp_path, before + content, source)
    assert found(folder) == [_refused("encoding")]
    assert f"line {row} is not" in read_study(folder).problems["message"].iloc[0]


@pytest.mark.parametrize(
    ("content", "source"),
    [
        ((HEADER + ROW).encode(), 'encoding = "latin-17"'),
        ((HEADER + ROW).encode(), 'encoding = "rot13"'),
        ((HEADER + ROW).encode("utf-16")[:-1], ""),
    ],
    ids=["unknown", "not a text encoding", "half a character"],
)
def test_what_cannot_be_decoded_is_refused(tmp_path, content, source):
    assert found(write_tidy(tmp_path, content, source)) == [_refused("encoding")]


def test_utf16_without_a_mark_is_not_taken_for_utf8(tmp_path):
    problems = found(write_tidy(tmp_path, (HEADER + ROW).encode("utf-16-le")))
    assert problems[0] == _refused("encoding", 1)


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_another_delimiter_is_named_not_guessed(tmp_path, mark):
    folder = write_tidy(tmp_path, (HEADER + ROW).replace(",", mark))
    assert found(folder) == [_refused("delimiter", 1)]
    assert f"{mark!r} divides the fields" in read_study(folder).problems["message"].iloc[0]


def test_a_tsv_file_has_tabs(tmp_path):
    folder = write_tidy(tmp_path, "")
    (folder / "visits.tsv").write_text((HEADER + ROW).replace(",", "\t"))
    toml = folder / "study.toml"
    toml.write_text(toml.read_text().replace("visits.csv", "visits.tsv"))
    assert found(folder) == []


@pytest.mark.parametrize("csv", ["", "\n", "\n\n", ",,,\n", b"\xef\xbb\xbf"])
def test_a_file_without_a_header_is_refused(tmp_path, csv):
    assert found(write_tidy(tmp_path, csv)) == [_refused("file_empty")]


def test_a_column_twice_is_refused_where_it_is_wanted(tmp_path):
    problems = found(write_tidy(tmp_path, "ID,Hip,Visit,IR, IR\na,left,baseline,1,2\n"))
    assert problems[0] == _refused("header_twice", 1, "IR")


def test_a_column_twice_that_nothing_uses_is_no_fault(tmp_path):
    csv = "ID,Hip,Visit,IR,Complete?,Complete?\na,left,baseline,1,2,2\n"
    notes = [("note", "unused_column", "visits.csv", None, name, "") for name in ("Complete?", "Complete? (2)")]
    assert found(write_tidy(tmp_path, csv)) == notes


def test_columns_without_name_and_content_are_no_matter(tmp_path):
    csv = "ID,Hip,Visit,IR,,\na,left,baseline,1,{},\n"
    assert found(write_tidy(tmp_path / "empty", csv.format(""))) == []
    note = ("note", "unused_column", "visits.csv", None, "(no name)", "")
    assert found(write_tidy(tmp_path / "full", csv.format("x"))) == [note]


def test_a_file_that_is_not_there(tmp_path):
    folder = write_tidy(tmp_path, "")
    (folder / "visits.csv").unlink()
    assert found(folder) == [_refused("file_missing")]


def test_a_kind_of_file_that_cannot_be_read(tmp_path):
    toml = 'name = "S"\n[[source]]\nfile = "visits.pages"\n'
    assert found(write(tmp_path, toml)) == [_refused("file_kind", file="visits.pages")]


def test_half_of_a_character_is_no_text(tmp_path):
    folder = write_tidy(tmp_path, "", source='encoding = "raw_unicode_escape"')
    (folder / "visits.csv").write_bytes((HEADER + "a,left,baseline,12\nb\\ud800,left,baseline,12\n").encode())
    assert found(folder) == [_refused("encoding")]
    assert "line 3 holds half of a character" in read_study(folder).problems["message"].iloc[0]


def test_two_bad_files_are_both_named(tmp_path):
    toml = 'name = "S"\n[[source]]\nfile = "a.csv"\n[[source]]\nfile = "b.csv"\n'
    folder = write(tmp_path, toml, a="")
    assert found(folder) == [_refused("file_empty", file="a.csv"), _refused("file_missing", file="b.csv")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("name", ["a", "Zoë"], ids=["ascii", "other"])
@pytest.mark.parametrize("gap", [0, 1])
def test_a_file_is_read_alike_in_any_encoding_and_with_any_end_of_line(tmp_path, encoding, end, name, gap):
    blank = "\n" * gap
    text = (HEADER + f"{name},left,baseline,12\n{blank}{name},right,baseline, 13 \n{blank}").replace("\n", end)
    folder = write_tidy(tmp_path, "", source='encoding = "cp1252"' if encoding == "cp1252" else "")
    (folder / "visits.csv").write_bytes(text.encode(encoding))
    visits = read_study(folder).assessments
    assert found(folder) == []
    assert visits[["patient_id", "source_row", "hip_ir_deg"]].values.tolist() == [
        [name, 2, 12.0],
        [name, 3 + gap, 13.0],
    ]


def test_blanks_are_taken_off_at_once_as_one_by_one():
    letters = [chr(number) for number in range(sys.maxunicode + 1) if not 0xD800 <= number < 0xE000]
    words = [f"{letter}a{letter}" for letter in letters]
    assert pc.utf8_trim_whitespace(pa.array(words)).to_pylist() == [word.strip() for word in words]
    with_blanks = [word for word in words if word != word.strip()]
    assert len(with_blanks) > 20
    for word in with_blanks:
        assert encoded_column(pa.array([word]).dictionary_encode()).tolist() == ["a"]
