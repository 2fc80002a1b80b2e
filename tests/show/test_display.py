import base64
import re
from html.parser import HTMLParser

import pytest
from IPython.core.formatters import DisplayFormatter
from matplotlib import pyplot

from analysis.show.display import (
    NOTHING_MIME,
    SENTINEL_MIME,
    Figure,
    Nothing,
    Sentinel,
    Table,
    Text,
    Told,
    escape_markdown,
)
from analysis.show.typst_literals import TYPST_MIME, display_call

COVER = {
    "title": "Report",
    "subtitle": "",
    "study": "Demo",
    "marks": ("SYNTHETIC",),
    "provenance": {"Version": 2, "Data": "visits.csv"},
}


def forms_of(thing):
    return DisplayFormatter().format(thing)[0]


@pytest.fixture
def grouped():
    return Table(
        columns=["Side", "Hips", "Rate"],
        rows=[["Type 1"], ["left", "36", "58 %"], ["right", "9", "44 %"], ["Type 2"], ["left", "12", "–"]],
        caption="Responders",
        notes=["Rates of evaluable hips."],
        header_groups=[("", 1), ("Internal rotation", 2)],
    )


def test_plain_table_is_aligned(grouped):
    assert grouped.plain.splitlines() == [
        "Responders",
        "       Internal rotation",
        "Side   Hips  Rate",
        "-----  ----  ----",
        "Type 1",
        "left     36  58 %",
        "right     9  44 %",
        "Type 2",
        "left     12     –",
        "Rates of evaluable hips.",
    ]


def test_html_table_says_what_each_heading_is_for(grouped):
    html = forms_of(grouped)["text/html"]
    assert html.count('scope="col"') == 3
    assert html.count('scope="row"') == 3
    assert html.count('<th scope="rowgroup" colspan="3">') == 2
    assert html.count("<tbody>") == 2
    assert '<th scope="colgroup" colspan="2">Internal rotation</th>' in html
    assert "<caption>Responders</caption>" in html
    assert '<p class="table-notes">Rates of evaluable hips.</p>' in html
    assert "style=" not in html


def test_html_table_escapes_everything():
    nasty = "<script>'\"&"
    table = Table([nasty, nasty], [[nasty], [nasty, nasty]], nasty, [nasty], [(nasty, 2)])

    tags = set()
    collector = HTMLParser()
    collector.handle_starttag = lambda tag, attrs: tags.add(tag)
    collector.feed(table.html)
    assert tags == {"div", "table", "caption", "thead", "tbody", "tr", "th", "td", "span", "p"}
    assert table.html.count("&lt;script&gt;") == 9


def test_typst_table_is_a_call_the_exporter_accepts(grouped):
    call = forms_of(grouped)[TYPST_MIME]
    assert display_call(call)
    assert '("left", "36", "58 %")' in call
    assert '("Type 1",)' in call


def test_single_column_rows_are_values():
    table = Table(["Note"], [["a"], ["b"]], "Notes")
    assert table.html.count('scope="row"') == 2
    assert "rowgroup" not in table.html


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"columns": ["a", "b", "c"], "rows": [["x", "y"]]}, "row 1 has 2 cells, expected 3"),
        ({"columns": ["a"], "rows": [["x"], [0.5]]}, "row 2 holds a float, format it as text first"),
        ({"columns": [], "rows": []}, "no columns"),
        ({"columns": ["a", "b"], "rows": [], "header_groups": [("g", 3)]}, "span 3 columns of 2"),
        ({"columns": ["a", "b"], "rows": [], "alignment": ["left"]}, "for each of 2 columns"),
        ({"columns": ["a"], "rows": [], "alignment": ["justify"]}, "left, right, center"),
    ],
)
def test_table_that_does_not_fit_is_refused(arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)) as refused:
        Table(caption="Rates", **arguments)
    assert str(refused.value).startswith("Table 'Rates': ")


def draw():
    figure, axes = pyplot.subplots(figsize=(3, 2))
    axes.plot([0, 1], [0, 1], marker="o")
    axes.set_xlabel("Gain, degrees")
    return figure


def test_figure_gives_the_same_bytes_each_time_and_is_closed():
    figure = draw()
    first, second = Figure(figure, "Gains", "A line"), Figure(draw(), "Gains", "A line")
    assert first.svg == second.svg
    assert not pyplot.fignum_exists(figure.number)
    assert "<dc:date>" not in first.svg
    assert "<text" not in first.svg


def test_figure_keeps_its_size():
    # 3 × 2 inches are 216 × 144 points.
    assert 'viewBox="0 0 216 144"' in Figure(draw(), "Gains", "A line").svg


def test_figure_offers_every_form():
    figure = Figure(draw(), "Gains <5°", 'A "line"')
    forms = forms_of(figure)
    assert set(forms) == {"text/html", TYPST_MIME, "image/svg+xml", "text/plain"}
    assert forms["text/plain"] == 'A "line"'
    assert '<img alt="A &quot;line&quot;"' in forms["text/html"]
    assert "<figcaption>Gains &lt;5°</figcaption>" in forms["text/html"]
    (source,) = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', forms["text/html"])
    assert base64.b64decode(source).decode() == figure.svg
    assert display_call(forms[TYPST_MIME])


def test_points_say_their_words_in_a_drawing_over_the_figure():
    drawn = Figure(draw(), "Gains", "A line", [Told(30.04, 100, "Left <5°: 3 of 7"), Told(210, 10, "Right: 1 of 7")])
    html = forms_of(drawn)["text/html"]
    assert re.findall("<title>(.*?)</title>", html) == ["Left &lt;5°: 3 of 7", "Right: 1 of 7"]
    assert re.findall(r'viewBox="([^"]+)"', html) == ["0 0 216 144"]
    assert re.findall('circle cx="(.*?)" cy="(.*?)"', html) == [("30.0", "100.0"), ("210.0", "10.0")]
    # Words begin within the figure and end there, and stand beneath a point at its upper edge.
    low, high = (float(x) for x in re.findall('<text x="(.*?)"', html))
    assert (low > 30, high < 210, 'y="29.0"' in html) == (True, True, True)
    assert "figure-points" not in forms_of(Figure(draw(), "Gains", "A line"))["text/html"]


def test_figure_needs_words():
    figure = draw()
    with pytest.raises(ValueError, match="title and alt are needed"):
        Figure(figure, "Gains", " ")
    pyplot.close(figure)


@pytest.mark.parametrize("value", ["*A*", "_x_", "[a](b)", "`c`", "# d", "1. e", "<b>", "a|b", "\\", "- f", 4.5])
def test_escaped_markdown_shows_the_value(value):
    sentence = Text(f"{escape_markdown(value)} hips")
    assert forms_of(sentence) == {
        "text/markdown": f"{escape_markdown(value)} hips",
        "text/plain": f"{value} hips",
    }


def test_escaped_markdown_stays_on_one_line():
    assert escape_markdown(" a\n\n    b ") == "a b"


def test_nothing_says_why_to_whoever_runs_the_notebook():
    assert forms_of(Nothing("No types here.")) == {NOTHING_MIME: "", "text/plain": "No types here."}


def test_sentinel_keeps_the_order_of_the_provenance():
    forms = forms_of(Sentinel(COVER))
    assert forms["text/plain"] == "Report complete"
    assert forms[SENTINEL_MIME]["provenance"] == [["Version", "2"], ["Data", "visits.csv"]]
    assert forms[SENTINEL_MIME]["marks"] == ["SYNTHETIC"]


@pytest.mark.parametrize("cover", [{}, {**COVER, "colour": "red"}])
def test_sentinel_needs_exactly_its_keys(cover):
    with pytest.raises(ValueError, match="needs exactly title, subtitle, study, marks, provenance"):
        Sentinel(cover)


def test_a_point_is_reached_by_keyboard():
    page = Figure(draw(), "Rates", "Two rates", [Told(30, 40, "C01: 4 of 9"), Told(60, 40, "C02")]).html
    assert page.count('<g tabindex="0" role="img"><title>') == 2
