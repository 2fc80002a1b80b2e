import pandas as pd
import pytest

from analysis.factory.exporters.html_parts import Picture, read_parts
from analysis.factory.exporters.html_tables import PAGE_LETTERS, fit_to_page
from analysis.show.display import Table


def read_tables(html):
    return [part for part in read_parts(html) if isinstance(part, Table)]


def read_frame(frame):
    (table,) = read_tables(frame._repr_html_())
    return table


def test_plain_frame():
    table = read_frame(pd.DataFrame({"Side": ["left", "<b>"], "Rate": [0.5, None]}))
    assert table.columns == ["", "Side", "Rate"]
    assert table.rows == [["0", "left", "0.5"], ["1", "<b>", "NaN"]]


def test_grouped_frame_keeps_its_shape():
    index = pd.MultiIndex.from_tuples([("T1", "left"), ("T1", "right")], names=["Type", "Side"])
    columns = pd.MultiIndex.from_tuples([("IR", "n"), ("IR", "rate")])
    table = read_frame(pd.DataFrame([[1, 2], [3, 4]], index=index, columns=columns))
    assert table.columns == ["Type", "Side", "IR n", "IR rate"]
    assert table.rows == [["T1", "left", "1", "2"], ["", "right", "3", "4"]]


def test_caption_entities_and_line_breaks():
    (table,) = read_tables("<table><caption> A &amp; B </caption><tr><td>x<br>y</td></tr></table>")
    assert table.caption == "A & B"
    assert table.rows == [["x y"]]


def test_tables_follow_the_page_and_empty_ones_are_left_out():
    html = "<p>a</p><table><tr><td>1</td></tr></table><table></table><table><tr><td>2</td></tr></table>"
    assert [table.rows for table in read_tables(html)] == [[["1"]], [["2"]]]


@pytest.mark.parametrize("span", ["0", "-1", "x", "٣x", ""])
def test_span_that_is_no_number_is_one(span):
    (table,) = read_tables(f'<table><tr><td colspan="{span}">a</td><td>b</td></tr></table>')
    assert table.rows == [["a", "b"]]


def test_huge_spans_are_bounded():
    (table,) = read_tables('<table><tr><td rowspan="99999999" colspan="99999999">a</td></tr></table>')
    assert table.rows == [["a"]]
    (table,) = read_tables('<table><tr><td colspan="99999999">a</td><td>b</td></tr></table>')
    assert len(table.columns) == 1001


@pytest.mark.parametrize("html", ["", "<p>no table</p>", "<table>", "</td></table>", "<td>loose</td>"])
def test_html_without_a_table(html):
    assert read_tables(html) == []


def test_table_wider_than_the_page_continues_below_with_its_first_column():
    table = Table(["Side", *map(str, range(30))], [["left", *["12345.678"] * 30]], "Wide")
    parts = fit_to_page(table)
    assert [column for part in parts for column in part.columns[1:]] == list(table.columns[1:])
    assert all(part.columns[0] == "Side" and part.rows[0][0] == "left" for part in parts)
    assert all(sum(len(cell) + 2 for cell in part.rows[0]) <= PAGE_LETTERS for part in parts)
    assert [part.caption for part in parts] == [f"Wide ({n} of {len(parts)})" for n in range(1, len(parts) + 1)]


def test_table_that_fits_is_left_alone():
    table = Table(["Side", "a"], [["left", "x" * 200]], "One long word")
    assert fit_to_page(table) == [table]


def test_table_of_great_tables_keeps_title_groups_and_notes(repository):
    (table,) = read_tables((repository / "tests/data/great_table.html").read_text())
    assert table.caption == "Responders by side: Made-up numbers"
    assert table.columns == ["", "Responders n", "Responders rate"]
    assert table.rows == [["T1"], ["left", "¹ 120", "58%"], ["right", "98", "44%"], ["T2"], *table.rows[4:]]
    assert table.rows[4:] == [["left", "40", "31%"], ["right", "33", "29%"]]
    assert table.notes == ["Source: <b>made up</b> & small", "¹ People, not hips"]


def test_first_lines_of_heading_cells_are_headings_without_a_head_too():
    html = (
        "<table><tr><td></td><th>coef</th></tr><tr><th>const</th><td>0.2</td></tr><tr><th>a</th><th>b</th></tr></table>"
    )
    (table,) = read_tables(html)
    assert table.columns == ["", "coef"]
    assert table.rows == [["const", "0.2"], ["a", "b"]]


def test_words_and_pictures_around_tables_stay_in_their_order():
    html = (
        "<style>p{}</style><p>Words of <b>HTML</b></p><ul><li>one<li>two</ul><table><tr><td>1<table><tr><td>in"
        "</table></table>tail m<sup>2</sup><img alt='A dot' src='data:image/png;base64,AAAA'><script>x</script>"
    )
    words, one, two, table, tail, picture = read_parts(html)
    assert (words, one, two, tail) == ("Words of HTML", "• one", "• two", "tail m²")
    assert table.rows == [["1 in"]]
    assert picture == Picture("png", "AAAA", "A dot")
