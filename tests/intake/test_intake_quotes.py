"""Text with quotation marks is read at once only where the careful way, line by line, reads the very same."""

import csv
import io

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from analysis.intake import delimited, quotes
from analysis.intake.delimited import read_delimited
from analysis.intake.problems import Problems
from analysis.intake.study_file import Source

FIELD = st.sampled_from(['"a"', '""', "a", "", '" a, b "', '"é"', '"a""b"', '"a\nb"', 'a"', ' "a"', '"a" ', "\u00a0"])
LINES = st.lists(st.lists(FIELD, min_size=1, max_size=3).map(",".join), max_size=4).map("\n".join)


def read(body, careful):
    problems = Problems()
    content = ("A,B\n" + body).encode()
    with pytest.MonkeyPatch.context() as patch:
        if careful:
            patch.setattr(delimited._Rectangle, "_plain", lambda *_: None)
        sheet = read_delimited(content, Source(file="a.csv"), problems)
    cells = None if sheet is None else (sheet.cells.astype("str").values.tolist(), sheet.rows.tolist())
    return cells, problems.table().values.tolist()


@given(LINES | st.text(alphabet='a", \n\r;', max_size=20))
@example('"a","b"\n"c,d","e"\n')
@example('"a","b\nc"\n')
@example('"a,"b"\n"c",d"\n')
@example('a,"b"')
@example("\na,b\n")
@example("a,b\n\nc,d\n")
@example("a,b\n,\n")
@example("a,b\n\n")
def test_at_once_and_line_by_line_are_alike(body):
    assert read(body, careful=False) == read(body, careful=True)


def test_what_programs_write_with_quotation_marks_is_read_at_once(monkeypatch):
    """R quotes all text, and line by line two million rows take twenty times as long."""
    monkeypatch.setattr(delimited._Rectangle, "_careful", None)
    text = pd.DataFrame({"A": ["a, b", "c"], "B": [1, 2], "C": ["", "é"]}).to_csv(
        index=False, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n"
    )
    sheet = read_delimited(text.encode(), Source(file="a.csv"), Problems())
    assert sheet.cells.astype("str").values.tolist() == [["a, b", "1", ""], ["c", "2", "é"]]
    assert sheet.rows.tolist() == [2, 3]


@pytest.mark.parametrize("size", [1, 3, 4, 7, 1000])
def test_blocks_end_where_lines_do(monkeypatch, size):
    monkeypatch.setattr(quotes, "_BLOCK", size)
    rows = [["a", "b, c"], ["", "d"], ["e", "f"]]
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    content = text.getvalue().encode()
    assert quotes.enclose_fields(content, 0, ",")
    assert quotes.enclose_fields(content[:-1], 0, ",")
    for fault in (b'a"b,c\n', b'"a\nb",c\n', b'"a""b",c\n', b'"a,b\n'):
        assert not quotes.enclose_fields(content + fault, 0, ",")
        assert not quotes.enclose_fields(fault + content, 0, ",")
