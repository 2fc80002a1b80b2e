import base64
import hashlib
import re

import pytest
from matplotlib import pyplot
from nbconvert.exporters import get_exporter
from nbformat import v4

from analysis.factory.exporters.clean import clean_html
from analysis.factory.exporters.nbconvert_entry import CapsuleHTMLExporter
from analysis.show.display import Figure, Sentinel, Table, Text, Told

COVER = {
    "title": "How often <does> it work?",
    "subtitle": "Clinic A",
    "study": "Demo & Co",
    "marks": ["SYNTHETIC"],
    "provenance": {"Data": "visits.csv"},
}
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
SVG = '<svg xmlns="http://www.w3.org/2000/svg"/>'


def shown(thing):
    return v4.new_output("display_data", data=thing._repr_mimebundle_())


def display(**forms):
    return v4.new_output("display_data", data=forms)


def page_of(*outputs, prose=()):
    cells = [*map(v4.new_markdown_cell, prose), v4.new_code_cell("secret()", outputs=list(outputs))]
    return CapsuleHTMLExporter().from_notebook_node(v4.new_notebook(cells=cells))[0]


def body_of(page):
    return re.search(r"<main>(.*)</main>", page, flags=re.DOTALL)[1].strip()


def figure(*words):
    drawing, axes = pyplot.subplots(figsize=(3, 2))
    axes.plot([0, 1])
    return Figure(drawing, "Gains", "A line", [Told(100, 50, said) for said in words])


def test_nbconvert_finds_the_exporter():
    exporter = get_exporter("capsule-html")
    assert exporter is CapsuleHTMLExporter
    assert exporter().file_extension == ".html"


def test_the_policy_allows_the_style_of_the_page_and_nothing_else():
    page = page_of(shown(Sentinel(COVER)))
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)[1]
    (style,) = re.findall(r"<style>(.*?)</style>", page, flags=re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.replace("&#39;", "'") == (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert "style=" not in page
    assert "<script" not in page


def test_cover_marks_and_provenance_stand_on_the_page():
    page = page_of(shown(Sentinel(COVER)))
    assert "<h1>How often &lt;does&gt; it work?</h1>" in page
    assert "<title>How often &lt;does&gt; it work? · Demo &amp; Co</title>" in page
    assert '<p class="subtitle">Clinic A</p>' in page
    assert "<li>SYNTHETIC</li>" in page
    assert 'content: "SYNTHETIC"' in page
    assert "<dt>Data</dt><dd>visits.csv</dd>" in page
    assert '<html lang="en">' in page
    assert "Report complete" not in page


def test_marks_cannot_leave_their_string_in_the_style():
    page = page_of(shown(Sentinel({**COVER, "marks": ['A"; } </style><b>']})))
    (style,) = re.findall(r"<style>(.*?)</style>", page, flags=re.DOTALL)
    assert r'content: "A\22 \3b \20 \7d \20 \3c \2f style\3e \3c b\3e "' in style
    assert page.count("</style>") == 1


def test_table_keeps_its_structure():
    table = Table(["Side", "Rate"], [["Type 1"], ["left", "58 %"]], "Rates", ["A note"], [("Hips", 2)])
    assert body_of(page_of(shown(table))) == clean_html(table.html)
    assert clean_html(table.html).count("scope=") == 5
    assert '<div class="table-scroll" role="region" tabindex="0" aria-label="Rates">' in body_of(page_of(shown(table)))


def test_figure_keeps_its_words_and_its_graphics():
    drawn = figure()
    assert body_of(page_of(shown(drawn))) == re.sub(' style="[^"]*"', "", drawn.html.replace("&quot;", '"'))


def test_what_points_say_passes_and_nothing_beside_it():
    drawn = figure("Left: 3 of <5> & more")
    page = body_of(page_of(shown(drawn)))
    assert page.count("<title>Left: 3 of &lt;5&gt; &amp; more</title>") == 1
    assert '<g tabindex="0" role="img">' in page
    assert "style=" not in page
    inside = (
        '<script>x()</script><style>y</style><a href="javascript:z()">w</a><image href="https://example.org/a.png"/>'
    )
    hostile = drawn.html.replace("</svg>", f'{inside}<circle cx="1" onload="x()"></circle></svg>')
    assert "<script" in hostile
    tags = "".join(re.findall(r"<[^>]*>", clean_html(hostile, points=True)))
    assert not re.search(r"script|style|javascript|onload|example|image href|<image", tags)
    assert "<svg" not in clean_html(drawn.html)


def test_nothing_is_loaded_from_elsewhere():
    remote = '<img src="https://example.org/a.png" alt="a"><link href="https://example.org/a.css">'
    page = page_of(shown(figure()), display(**{"text/html": remote}), prose=["![words](https://example.org/b.png)"])
    assert re.findall(r'(?:src|srcset|data|poster)="(?!data:image)[^"]*"', page) == []
    assert "<link" not in page
    assert "example.org" not in page
    assert "<em>words</em>" in page


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '<img src="x" onerror="alert(1)">',
        '<p onclick="alert(1)">x</p>',
        "<style>body{display:none}</style>",
        '<p style="position:fixed">x</p>',
        '<a href="javascript:alert(1)">x</a>',
        '<a href="data:text/html,alert(1)">x</a>',
        '<iframe src="https://example.org"></iframe>',
        '<object data="https://example.org"></object>',
        '<form action="https://example.org"><input></form>',
        '<meta http-equiv="refresh" content="0;url=https://example.org">',
        '<base href="https://example.org">',
        "<svg><script>alert(1)</script></svg>",
        '<math><mtext><style><img src=x onerror="alert(1)"></style></mtext></math>',
        '<img src="data:text/html;base64,PGI+" alt="x">',
        '<img src="data:image/svg+xml,<svg onload=alert(1)>" alt="x">',
        "<table><tr><td><img src=x onerror=alert(1)></table>",
        '<div role="alert" tabindex="5" id="main">x</div>',
        "<!-- alert(1) -->",
        "</main></body><script>alert(1)</script>",
    ],
)
def test_hostile_html_is_harmless_in_outputs_and_in_prose(hostile):
    for page in (page_of(display(**{"text/html": hostile}))), page_of(prose=[hostile]):
        tags = "".join(re.findall(r"<[^>]*>", body_of(page)))
        assert not re.search(
            r"script|onerror|onclick|onload|style|javascript|example\.org|text/html|alert|iframe|object|form|meta"
            r"|base |<svg|math|tabindex=\"5|id=",
            tags,
        )
        assert page.count("</main>") == 1


def test_table_of_pandas_is_kept_and_scrolls():
    html = (
        '<div><style scoped>.x{}</style><table border="1" class="dataframe">'
        "<thead><tr><th>a</th></tr></thead></table></div>"
    )
    assert body_of(page_of(display(**{"text/html": html, "text/plain": "a"}))) == (
        '<div><div class="table-scroll" role="region" tabindex="0" aria-label="Table">'
        '<table class="dataframe"><thead><tr><th>a</th></tr></thead></table></div></div>'
    )


def test_headings_follow_one_another_below_the_title():
    page = page_of(
        shown(Text("#### From data")),
        display(**{"text/html": "<h1>Loose</h1>"}),
        prose=["# How often <does> it work?\n\n#### Deep", "## Next"],
    )
    assert re.findall(r"<h(\d)>(.*?)</h", page) == [
        ("1", "How often &lt;does&gt; it work?"),
        ("2", "Deep"),
        ("2", "Next"),
        ("3", "From data"),
    ]


def test_markdown_table_is_aligned_by_class():
    page = page_of(prose=["|a|b|\n|:-|-:|\n|1|**2**|"])
    assert '<td class="align-right"><strong>2</strong></td>' in page
    assert '<th scope="col" class="align-left">a</th>' in page


@pytest.mark.parametrize(
    ("forms", "expected"),
    [
        ({"image/png": PIXEL, "text/plain": "x"}, f'src="data:image/png;base64,{PIXEL}"'),
        ({"image/jpeg": PIXEL, "text/plain": "x"}, f'src="data:image/jpeg;base64,{PIXEL}"'),
        (
            {"image/svg+xml": SVG, "image/png": PIXEL},
            f'src="data:image/svg+xml;base64,{base64.b64encode(SVG.encode()).decode()}"',
        ),
        ({"text/plain": "a <b>"}, '<pre class="output" tabindex="0">a &lt;b&gt;</pre>'),
        ({"application/javascript": "alert(1)", "text/plain": "x"}, '<pre class="output" tabindex="0">x</pre>'),
        ({"text/latex": "$x$", "text/plain": "x"}, '<img class="formula-block" alt="x" src="data:image/svg+xml'),
        ({"text/latex": r"\begin{a}", "text/plain": "x"}, '<pre class="output" tabindex="0">x</pre>'),
    ],
)
def test_other_outputs(forms, expected):
    assert expected in body_of(page_of(display(**forms)))


def test_failed_cell_is_announced_without_values():
    error = v4.new_output("error", ename="KeyError", evalue="P001", traceback=["P001"])
    page = page_of(error, v4.new_output("stream", name="stdout", text="printed"))
    assert '<p class="failure">This part of the report failed (KeyError)</p>' in page
    assert '<pre class="output" tabindex="0">printed</pre>' in page
    assert "P001" not in page
    assert "secret()" not in page


def test_same_notebook_gives_the_same_page():
    assert page_of(shown(figure()), shown(Sentinel(COVER))) == page_of(shown(figure()), shown(Sentinel(COVER)))


def test_formulas_are_pictures_with_their_source_as_words():
    page = page_of(prose=[r"Gain $x_i \geq 5$ costs $5 or $6.", r"$\nonsense<b>$.", "$$\n\\frac{a}{b}\n$$"])
    images = re.findall(r'<img class="([a-z-]+)" alt="([^"]*)" src="data:image/svg', page)
    assert images == [("formula", r"x_i \geq 5"), ("formula-block", r"\frac{a}{b}")]
    assert "costs $5 or $6" in page
    assert r"<code>\nonsense&lt;b&gt;</code>" in page


def test_footnotes_are_numbered_through_the_report_and_lead_there_and_back():
    page = page_of(prose=["A.[^a] B.[^b] A.[^a]\n\n[^a]: One *x*.\n[^b]: Two.", "C.[^a]\n\n[^a]: Three."])
    assert re.findall(r'<li id="(note-\d)">(?:<p>)?(.*?)<', page) == [
        ("note-1", "One "),
        ("note-2", "Two."),
        ("note-3", "Three."),
    ]
    targets, places = re.findall(r'href="#([^"]*)"', page), re.findall(r' id="([^"]*)"', page)
    assert sorted(set(targets)) == sorted(places)
    assert 'start="3"' in page
