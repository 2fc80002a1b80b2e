"""What libraries put out is shown, or a line says in its place what it was and how to make it show."""

import base64
import io
import json
from pathlib import Path

import nbformat
import pypdf
import pytest
from matplotlib import pyplot
from nbformat import v4
from PIL import Image

from analysis.factory.build import export
from analysis.factory.exporters.document import Markdown, Output, Stream, Unshown, read_document
from analysis.factory.exporters.foreign_html import readable_html
from analysis.factory.exporters.html import write_page
from analysis.factory.exporters.lengths import ROWS_OF_A_PAGE, ROWS_ON_PAPER, short_html
from analysis.factory.exporters.pdf import set_on_paper, write_pdf
from analysis.factory.exporters.printed import last_state
from analysis.factory.exporters.typeset import PDFExportError, compile_pdf
from analysis.factory.exporters.typst_markup import TypstWriter
from analysis.show.display import SENTINEL_MIME

RECORDED = json.loads((Path(__file__).parents[1] / "data" / "libraries" / "outputs.json").read_text())


def read(*outputs, tags=()):
    cell = v4.new_code_cell("1", outputs=list(outputs), metadata={"tags": list(tags)})
    return read_document(v4.new_notebook(cells=[cell]))


def recorded(name):
    return read(*[nbformat.from_dict(output) for output in RECORDED[name]])


def display(**forms):
    return v4.new_output("display_data", data=forms)


def printed(text):
    return v4.new_output("stream", name="stdout", text=text)


def html_of(content):
    return display(**{"text/html": content})


def bitmap(kind):
    file = io.BytesIO()
    Image.new("RGB", (12, 6), "teal").save(file, kind)
    return base64.b64encode(file.getvalue()).decode()


def written(document):
    """Return the page and the source of the paper."""
    return write_page(document), TypstWriter().write(document, "a4")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("plotly", "A figure of plotly cannot be shown here"),
        ("plotly as JSON", "A figure of plotly cannot be shown here"),
        ("bokeh", "A figure of bokeh cannot be shown here"),
        ("bokeh named", "A figure of bokeh cannot be shown here"),
        ("altair", "A chart of Altair cannot be shown here"),
        ("pdf", "A figure in PDF cannot be shown here"),
    ],
)
def test_a_figure_that_cannot_be_shown_leaves_a_line_with_a_way_out(name, said):
    document = recorded(name)
    (block,) = document.blocks
    assert isinstance(block, Unshown)
    assert block.message.startswith(said)
    assert len(block.message.removeprefix(said)) > 40
    assert document.unshown == 1
    for medium in written(document):
        assert said in medium


@pytest.mark.parametrize("name", ["from elsewhere", "frame"])
def test_what_lies_elsewhere_leaves_a_line_and_no_address(name):
    document = recorded(name)
    assert document.unshown == 1
    for medium in written(document):
        assert "cannot be shown here. It " in medium
        assert "example.org" not in medium


@pytest.mark.parametrize("name", ["bokeh prepares", "tqdm", "tqdm.notebook", "rich"])
def test_progress_bars_and_preparations_leave_nothing(name):
    assert recorded(name).blocks == ()


@pytest.mark.parametrize("name", ["altair as SVG", "plotnine", "gif", "webp"])
def test_a_picture_is_shown_on_page_and_paper(name):
    document = recorded(name)
    page, paper = written(document)
    assert '<figure class="figure"><img' in page
    assert "capsule-figure(" in paper
    assert document.unshown == 0


def test_the_pictures_of_libraries_can_be_set():
    names = ["altair as SVG", "plotnine", "gif", "webp", "great-tables", "styler", "plotly", "from elsewhere"]
    outputs = [nbformat.from_dict(output) for name in names for output in RECORDED[name]]
    pdf = pypdf.PdfReader(io.BytesIO(write_pdf(read(*outputs))))
    words = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    assert sum(len(page.images) for page in pdf.pages) == 3
    for said in ("Rates: by side", "40.00%", "Rates $x$", "a$b$c", "#let *x*", "A figure of plotly cannot be shown"):
        assert said in words


SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
HALF = bitmap("PNG")[:60]


@pytest.mark.parametrize(
    "broken",
    [
        display(**{"image/svg+xml": f"{SVG}<g>", "text/plain": "of P001"}),
        display(**{"image/svg+xml": "no drawing"}),
        display(**{"image/png": HALF}),
        display(**{"image/jpeg": "%%%"}),
        html_of(f"<p>Two</p>{SVG}<g></svg>"),
        html_of(f'<p>Two</p><img src="data:image/png;base64,{HALF}">'),
    ],
)
def test_a_broken_picture_leaves_a_line_on_page_and_paper(broken):
    document = read(printed("before"), broken, printed("after"))
    for medium in written(document):
        assert medium.count("A picture cannot be shown here. It is broken or cut off") == 1
        assert "P001" not in medium
    assert (document.unshown, len(document.blocks)) == (1, 3)


def test_a_broken_pasted_picture_leaves_a_line():
    cell = v4.new_markdown_cell("![](attachment:a.png)", attachments={"a.png": {"image/png": HALF}})
    document = read_document(v4.new_notebook(cells=[cell]))
    assert document.unshown == 1


def test_a_drawing_out_of_a_web_page_can_stand_alone():
    drawing = '<svg width="9" height="9"><a xlink:href="#b"><text>5&nbsp;&lt;&deg;</text></a></svg>'
    for output in (display(**{"image/svg+xml": drawing}), html_of(drawing)):
        document = read(output)
        assert document.unshown == 0
        assert set_on_paper(document).unshown == 0


def test_a_picture_that_only_typst_refuses_leaves_a_line_on_paper_and_is_counted():
    """A drawing without a height, beside what can be set and in a line of prose."""
    flat = SVG.replace('height="9"', 'height="0"') + "</svg>"
    held = base64.b64encode(flat.encode()).decode()
    prose = v4.new_markdown_cell(f"Words ![flat](data:image/svg+xml;base64,{held}) and more")
    shown = display(**{"image/svg+xml": f"{SVG}<rect width='5' height='5'/></svg>"})
    outputs = [display(**{"image/svg+xml": flat}), shown, html_of(f"<p>Two</p>{flat}")]
    document = read_document(v4.new_notebook(cells=[prose, v4.new_code_cell("1", outputs=outputs)]))
    paper = set_on_paper(document)
    words = " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(paper.pdf)).pages).split())
    assert words.count("A figure cannot be shown on paper") == paper.unshown == 3
    assert "Words flat (A figure" in words
    assert (document.unshown, export(document, "pdf", "a4")[1], export(document, "html", "a4")[1]) == (0, 3, 0)


def test_a_fault_inside_typst_is_a_fault_of_one_report(monkeypatch):
    class PanicException(BaseException):  # what typst raises, of which Python knows only the name
        pass

    def panic(*_, **__):
        raise PanicException

    monkeypatch.setattr("typst.compile", panic)
    with pytest.raises(PDFExportError, match="typst stopped"):
        compile_pdf("", {})


def test_parts_of_html_that_cannot_be_shown_leave_a_line_and_drawings_become_pictures():
    html = readable_html(
        '<p>Two <img src="https://example.org/a.png" alt="dots"></p><svg width="6"><title>A bar</title><rect/></svg>'
        f'<img src="data:image/gif;base64,{bitmap("GIF")}"><iframe srcdoc="<b>map</b>"></iframe><script>x</script>'
        "<style>p{}</style><video src='a.mp4'>x</video>"
    )
    assert html.count('class="unshown"') == 3
    assert "A picture (dots) cannot be shown here" in html
    assert '<img alt="A bar" src="data:image/svg+xml;base64,' in html
    assert 'src="data:image/png;base64,' in html
    assert not any(gone in html for gone in ("<script", "<style", "<iframe", "<video", "example.org"))
    page, paper = written(read(html_of(html)))
    for medium in (page, paper):
        assert medium.count("cannot be shown here") == 3


@pytest.mark.parametrize(
    ("forms", "block"),
    [
        ({"text/html": "<script>draw()</script>", "text/plain": "<IPython.core.display.HTML object>"}, "What a script"),
        ({"text/html": "<div class='plotly-graph-div'></div><script>x</script>"}, "A figure of plotly"),
        ({"application/vnd.vegalite.v6+json": {"mark": "bar"}, "text/plain": "alt.Chart(...)"}, "A chart of Altair"),
        ({"application/vnd.jupyter.widget-view+json": {}, "text/plain": "IntSlider(value=1)"}, "An interactive widget"),
        ({"image/gif": "not a picture", "text/plain": "<Image object>"}, "A picture of a kind"),
        (
            {"application/x.y+json": {}, "text/plain": "<a.B object at 0x7f>"},
            "An output of the kind application/x.y+json",
        ),
        ({"text/html": "<style>p{}</style>", "text/plain": "<IPython.core.display.HTML object>"}, None),
        ({"text/html": "<script>window.PlotlyConfig = {}</script>"}, None),
        ({"application/json": {"a": 1}, "text/plain": "<JSON object>"}, Output({"text/plain": '{\n  "a": 1\n}'})),
        ({"text/latex": r"\begin{a}", "text/plain": "<Latex object>"}, Output({"text/plain": r"\begin{a}"})),
    ],
)
def test_other_forms(forms, block):
    document = read(display(**forms))
    if isinstance(block, str):
        assert document.blocks[0].message.startswith(f"{block}")
    else:
        assert document.blocks == ((block,) if block else ())


def test_what_was_displayed_in_an_output_widget_is_shown():
    view = "application/vnd.jupyter.widget-view+json"
    state = {"m1": {"state": {"outputs": [display(**{"text/plain": "inside"})]}}}
    cell = v4.new_code_cell("1", outputs=[display(**{view: {"model_id": "m1"}, "text/plain": "Output()"})])
    widgets = {"application/vnd.jupyter.widget-state+json": {"state": state}}
    document = read_document(v4.new_notebook(cells=[cell], metadata={"widgets": widgets}))
    assert document.blocks == (Output({"text/plain": "inside"}),)


def test_what_was_displayed_deeper_in_a_widget_is_shown_and_what_is_for_operating_is_counted():
    view, states = "application/vnd.jupyter.widget-view+json", "application/vnd.jupyter.widget-state+json"
    state = {
        "box": {"children": ["IPY_MODEL_tab", "IPY_MODEL_words", "IPY_MODEL_name"]},
        "tab": {"children": ["IPY_MODEL_slider", "IPY_MODEL_out"]},
        "slider": {"_model_name": "IntSliderModel", "value": 3},
        "out": {"_model_name": "OutputModel", "outputs": [display(**{"text/plain": "answer 42"})]},
        "words": {"_model_name": "HTMLModel", "value": "<b>bold</b>"},
        "name": {"_model_name": "LabelModel", "value": "a < b"},
    }
    widgets = {states: {"state": {name: {"state": of} for name, of in state.items()}}}
    plain = "VBox(children=(Tab(children=(IntSlider(value=3), Output(outputs=({'outpu…"
    outputs = [display(**{view: {"model_id": name}, "text/plain": plain}) for name in ("box", "slider", "gone")]
    cell = v4.new_code_cell("1", outputs=outputs)
    document = read_document(v4.new_notebook(cells=[cell], metadata={"widgets": widgets}))
    page, paper = written(document)
    assert document.unshown == 2
    for medium in (page, paper):
        assert medium.count("answer 42") == medium.count("bold</b>" if medium is page else "bold") == 1
        assert medium.count("An interactive widget cannot be shown here") == 2
        assert "VBox" not in medium
    assert "a &lt; b" in page


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("\rprogress 0%\rprogress 100%\ndone", "progress 100%\ndone"),
        ("abc\rx", "xbc"),
        ("a\r\nb\r\n", "a\nb\n"),
        ("long line\r\x1b[2Kend", "end"),
        ("\rhips:   0%|          | 0/3 [00:00<?, ?it/s]\rhips: 100%|███| 3/3 [00:00<00:00, 9it/s]\nkept", "kept"),
        ("3it [00:00, 36it/s]\n95% of 12 | hips", "95% of 12 | hips"),
        ("Working... ━━━━━━━━━━ 100% 0:00:00\nkept", "kept"),
    ],
)
def test_the_last_state_of_a_line_stays_and_no_bar(text, left):
    assert last_state(text) == left


def test_pieces_of_a_line_are_joined_across_warnings():
    warning = v4.new_output("stream", name="stderr", text="careful")
    assert read(printed("\rstep 1"), warning, printed("\rstep 2\n")).blocks == (Stream("step 2"),)


def test_a_figure_drawn_twice_is_the_same():
    def drawn():
        figure, axes = pyplot.subplots(figsize=(1, 1))
        axes.plot([1, 2])
        file = io.StringIO()
        figure.savefig(file, format="svg")
        pyplot.close(figure)
        return file.getvalue()

    first, second = drawn(), drawn()
    assert first != second
    assert read(display(**{"image/svg+xml": first})) == read(display(**{"image/svg+xml": second}))


@pytest.mark.parametrize("tag", ["remove-cell", "remove_output", "hide-output", "hide-cell", "remove_all_outputs"])
def test_outputs_tagged_as_not_for_readers_stay_behind_and_the_cover_does_not(tag):
    cover = display(**{SENTINEL_MIME: {"title": "Title"}})
    document = read(printed("behind"), display(**{"text/plain": "behind"}), cover, tags=[tag])
    assert (document.title, document.blocks) == ("Title", ())


def test_prose_is_left_out_by_the_tags_of_a_cell_alone():
    cells = [
        v4.new_markdown_cell(tag, metadata={"tags": [tag]}) for tag in ("remove-cell", "hide-cell", "remove-input")
    ]
    assert read_document(v4.new_notebook(cells=cells)).blocks == (Markdown("remove-input"),)
    assert read(printed("kept"), tags=["remove-input", "hide-input"]).blocks == (Stream("kept"),)


def test_pasted_pictures_are_shown_and_others_leave_a_line():
    prose = (
        "## P\n\nA ![image.png](attachment:image.png) ![](attachment:b%20c.gif) ![A dot](https://example.org/a.png) "
    )
    cell = v4.new_markdown_cell(prose + "![](gone.png) ![](attachment:gone.png)\n\n`![](code.png)`")
    cell.attachments = {"image.png": {"image/png": bitmap("PNG")}, "b c.gif": {"image/gif": bitmap("GIF")}}
    document = read_document(v4.new_notebook(cells=[v4.new_markdown_cell("# T"), cell]))
    assert document.unshown == 3
    page, paper = written(document)
    assert page.count('<img class="pasted" alt="Figure without a description" src="data:image/png;base64,') == 2
    assert "<em>A dot</em> <span" in page
    assert "example.org" not in page
    assert paper.count("capsule-pasted(") == 2
    for medium in (page, paper):
        assert medium.count("(A picture that is not in the notebook") == 3
    assert write_pdf(document).startswith(b"%PDF")


@pytest.mark.parametrize(
    ("source", "cells"),
    [
        ("| a | b |\n|---|---|\n| 1 | 2 |\n| 3 |\n", ["a", "b", "1", "2", "3", ""]),
        ("| a | b |\n|---|---|\n| 1 | 2 | 3 |\n", ["a", "b", "", "1", "2", "3"]),
        ("a | b\n--- | ---\n1 |\n", ["a", "b", "1", ""]),
        ("| a |\n|:-:|\n| x \\| y |\n", ["a", "x \\| y"]),
        ("- one\n\n  | a | b |\n  |---|---|\n  | 1 |\n- two\n", ["a", "b", "1", ""]),
        ("1. one\n   | a | b |\n   |---|---|\n   | 1 | 2 |\n", ["a", "b", "1", "2"]),
        ("> | a | b |\n> |---|---|\n> | 1 | 2 |\n", ["a", "b", "1", "2"]),
    ],
)
def test_tables_as_people_type_them_are_tables(source, cells):
    page, paper = written(read_document(v4.new_notebook(cells=[v4.new_markdown_cell(source)])))
    body = page.partition("<main>")[2]
    assert body.count("<th ") + body.count("<td ") == len(cells)
    assert "|---|" not in body + paper
    assert paper.count("capsule-table(") == 1


@pytest.mark.parametrize("source", ["a | b\n---\n", "a | b\nc | d\n", "| a |\n\n|---|\n"])
def test_lines_with_bars_that_are_no_table_stay_words(source):
    assert "<table" not in write_page(read_document(v4.new_notebook(cells=[v4.new_markdown_cell(source)])))


def table_of(rows):
    return "<table><thead><tr><th>n</th></tr></thead><tbody>" + "".join(f"<tr><td>{n}</td></tr>" for n in range(rows))


def test_a_long_table_is_cut_with_a_line_that_says_of_how_many():
    rows = ROWS_OF_A_PAGE + 1
    long = table_of(rows) + "</tbody></table>"
    short = short_html(long)
    assert short.count("<td>") == ROWS_OF_A_PAGE
    assert "The first 2,000 of 2,001 rows." in short
    assert short_html(table_of(ROWS_OF_A_PAGE) + "</tbody></table>").count("<td>") == ROWS_OF_A_PAGE
    page, paper = written(read(html_of(long)))
    assert "The first 2,000 of 2,001 rows. The command capsule export" in page
    assert f"The first {ROWS_ON_PAPER} of 2,001 rows. The page in HTML has the first 2,000." in paper
    assert f'"{ROWS_ON_PAPER - 1}"' in paper
    assert f'"{ROWS_ON_PAPER}"' not in paper


@pytest.mark.parametrize("rows", [ROWS_ON_PAPER, ROWS_ON_PAPER + 1])
def test_a_table_is_whole_on_paper_up_to_so_many_rows(rows):
    html, markdown = table_of(rows) + "</table>", "| n |\n|---|\n" + "".join(f"| {n} |\n" for n in range(rows))
    for output in (html_of(html), display(**{"text/markdown": markdown})):
        said = "The first 200 of 201 rows. The page in HTML has them all."
        assert (said in TypstWriter().write(read(output), "a4")) == (rows > ROWS_ON_PAPER)


def test_many_printed_lines_are_cut_on_paper_alone():
    page, paper = written(read(printed("\n".join(map(str, range(1001))))))
    assert "1000</pre>" in page
    assert "The first 1,000 of 1,001 lines. The page in HTML has them all." in paper
