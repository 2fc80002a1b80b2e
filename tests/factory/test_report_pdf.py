import base64
import io
import string

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot
from nbconvert.exporters import get_exporter
from nbformat import v4

from analysis.factory.exporters.nbconvert_entry import CapsulePDFExporter
from analysis.factory.exporters.typeset import PDFExportError, compile_pdf
from analysis.factory.plan import PAPERS
from analysis.show.display import Figure, Sentinel, Table, Text

COVER = {
    "title": "How often does it work?",
    "subtitle": "Clinic A",
    "study": "Spring cohort",
    "marks": ["SYNTHETIC", "INTERNAL"],
    "provenance": {"Data": "sha256 " + "ab12" * 16},
}
HOSTILE = ["#let x = 1", "$x$ @y *z* _w_", '#read("report.typ")', "\\ \" ' // /* */", "]{}[(<a>", "= not a heading"]


def shown(thing):
    return v4.new_output("display_data", data=thing._repr_mimebundle_())


def display(**forms):
    return v4.new_output("display_data", data=forms)


def pdf_of(*outputs, prose=(), **settings):
    cells = [*map(v4.new_markdown_cell, prose), v4.new_code_cell("secret()", outputs=list(outputs))]
    content, _ = CapsulePDFExporter(**settings).from_notebook_node(v4.new_notebook(cells=cells))
    return content


def read(content):
    return pypdf.PdfReader(io.BytesIO(content))


def text_of(content):
    return "\n".join(page.extract_text() for page in read(content).pages)


def squeezed(text):
    return "".join(text.split())


def figure():
    drawing, axes = pyplot.subplots(figsize=(3, 2))
    axes.plot([0, 1])
    return Figure(drawing, "Gains of internal rotation", "A rising line")


def structure(content):
    """List the kinds of the structure elements, with their alternative texts, depth first."""
    found = []

    def visit(element):
        element = element.get_object()
        if isinstance(element, list):
            for child in element:
                visit(child)
        elif isinstance(element, dict):
            if "/S" in element:
                found.append((element["/S"], element.get("/Alt")))
            if "/K" in element:
                visit(element["/K"])

    visit(read(content).trailer["/Root"]["/StructTreeRoot"]["/K"])
    return found


def kinds(content):
    return [kind for kind, _ in structure(content)]


def test_nbconvert_finds_the_exporter():
    exporter = get_exporter("capsule-pdf")
    assert exporter is CapsulePDFExporter
    assert exporter().file_extension == ".pdf"


def test_document_is_tagged_and_says_what_it_is():
    reader = read(pdf_of(shown(Sentinel(COVER))))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/Lang"] == "en"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title == "How often does it work?"
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()


def test_same_notebook_gives_the_same_bytes_without_a_date():
    first, second = (pdf_of(shown(figure()), shown(Sentinel(COVER))) for _ in range(2))
    assert first == second
    assert read(first).metadata.creation_date is None


def test_every_page_carries_the_marks_and_its_number():
    long = Table(["Clinic", "Rate"], [[f"Clinic {row}", "50 %"] for row in range(100)], "Rates")
    pages = [page.extract_text() for page in read(pdf_of(shown(long), shown(Sentinel(COVER)))).pages]
    assert len(pages) > 2
    for number, page in enumerate(pages, start=1):
        assert "SYNTHETIC · INTERNAL" in page
        assert "Spring cohort" in page
        assert f"page {number} of {len(pages)}" in page
        assert "How often does it work?" in page
    # The headings of the table return on each page it fills.
    assert all("Clinic Rate" in page for page in pages[:-1])


def test_cover_stands_on_the_first_page_and_provenance_at_the_end():
    pages = [page.extract_text() for page in read(pdf_of(shown(Sentinel(COVER)), prose=["Words"])).pages]
    assert len(pages) == 1
    order = [pages[0].index(words) for words in ("Clinic A", "Words", "Provenance", "Data")]
    assert order == sorted(order)
    assert "ab12" * 16 in squeezed(pages[0])


def test_words_in_html_are_set_when_there_is_no_plain_form_that_says_more():
    nameless = {"text/html": "<b>12</b> hips<script>x</script>", "text/plain": "<IPython.core.display.HTML object>"}
    assert "12 hips" in text_of(pdf_of(display(**nameless)))
    assert "object" not in text_of(pdf_of(display(**nameless)))
    assert "Model()" in text_of(pdf_of(display(**{"text/html": "<b>other</b>", "text/plain": "Model()"})))


def test_table_is_a_table():
    table = Table(["Side", "Rate"], [["Type 1"], ["left", "58 %"], ["right", "44 %"]], "Rates by side", ["A note"])
    content = pdf_of(shown(table))
    for words in ("Rates by side", "Side Rate", "Type 1", "left 58 %", "right 44 %", "A note"):
        assert words in text_of(content)
    tags = kinds(content)
    assert (tags.count("/Table"), tags.count("/TR"), tags.count("/TH"), tags.count("/TD")) == (1, 4, 3, 4)
    assert "/Caption" in tags


@pytest.mark.parametrize("above", range(30, 50, 2))
@pytest.mark.parametrize("paper", ["a4", "us-letter"])
def test_a_short_table_stays_whole_with_its_words_and_notes(above, paper):
    table = Table(["Side", "Rate"], [["Type 1"], ["left", "1"], ["right", "2"]], "Rates", ["Noted"])
    filler = v4.new_output("stream", name="stdout", text="\n".join(["filler"] * above))
    content = pdf_of(filler, shown(Text("What comes now")), shown(table), paper=paper)
    (page,) = (page.extract_text() for page in read(content).pages if "Rates" in page.extract_text())
    assert [word for word in ("What comes now", "Type 1", "right 2", "Noted") if word not in page] == []


def test_a_long_table_goes_on_with_the_heading_of_the_rows_that_follow():
    rows = [row for n in range(12) for row in ([f"Type {n}"], *[["left", str(n)], ["right", str(n)]] * 4)]
    content = pdf_of(shown(Table(["Side", "n"], rows, "Rates")))
    pages = [page.extract_text().splitlines() for page in read(content).pages]
    assert len(pages) > 1
    for page in pages:
        assert page.count("Side n") == 1
        headings = [number for number, line in enumerate(page) if line.startswith("Type")]
        assert headings[0] == page.index("Side n") + 1
        assert all(page[number + 1].startswith(("left", "right")) for number in headings)


@pytest.mark.parametrize("length", range(38, 46))
@pytest.mark.parametrize("paper", ["a4", "us-letter"])
def test_the_notes_of_a_long_table_stay_with_its_last_row(length, paper):
    rows = [[f"row {number}", str(number)] for number in range(length)]
    table = Table(["Clinic", "n"], rows, "Rates", ["First note. " * 30, "Second note"])
    content = pdf_of(shown(table), shown(Text("What comes next")), paper=paper)
    pages = [page.extract_text() for page in read(content).pages]
    (end,) = (page for page in pages if "First note" in page)
    order = [end.index(words) for words in (f"row {length - 1} {length - 1}", "First note", "Second note")]
    assert order == sorted(order)
    assert all(words in " ".join(pages) for words, _ in rows)


def test_figure_is_vector_with_words():
    content = pdf_of(shown(figure()))
    assert ("/Figure", "A rising line") in structure(content)
    assert "Gains of internal rotation" in text_of(content)
    assert list(read(content).pages[0].images) == []


def png():
    buffer = io.BytesIO()
    drawing = pyplot.figure(figsize=(1, 1))
    drawing.savefig(buffer, format="png")
    pyplot.close(drawing)
    return base64.b64encode(buffer.getvalue()).decode()


def test_bitmap_is_shown_with_a_substitute_for_its_words():
    content = pdf_of(display(**{"image/png": png(), "text/plain": "<Figure>"}))
    assert ("/Figure", "Figure without a description") in structure(content)
    assert len(read(content).pages[0].images) == 1
    assert "<Figure>" not in text_of(content)


def test_markdown_keeps_its_structure():
    prose = (
        "## Section\n\nSome *fine* **words** ~~gone~~ and `code` with a [link](https://example.org).\n\n"
        "- one\n- two\n  1. inner\n\n> quoted\n\n```\nlines of code\n```\n\n---\n\n|a|b|\n|-|-:|\n|1|*2*|\n\n"
        "#### Deep\n\nlast  \nline <b>raw</b> ![picture](https://example.org/x.png)"
    )
    content = pdf_of(shown(Sentinel(COVER)), prose=[prose])
    tags = kinds(content)
    for kind in ("/H1", "/H2", "/L", "/LI", "/BlockQuote", "/Code", "/Table", "/Link"):
        assert kind in tags
    text = text_of(content)
    for words in ("Section", "Some fine words gone and code with a link.", "quoted", "lines of code", "1 2"):
        assert words in text
    assert "line <b>raw</b> picture" in text
    uris = [note.get_object()["/A"]["/URI"] for note in read(content).pages[0]["/Annots"]]
    assert uris == ["https://example.org"]


def test_link_to_a_script_is_only_words():
    content = pdf_of(prose=["[words](javascript:alert(1))"])
    assert "words" in text_of(content)
    assert "/Annots" not in read(content).pages[0]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_printed_as_it_is(text):
    escaped = "".join("\\" + c if c in string.punctuation else c for c in text)
    cover = {**COVER, "title": text, "subtitle": text, "study": text, "marks": [text], "provenance": {text: text}}
    content = pdf_of(
        shown(Table([text, text], [[text], [text, text]], text, [text], [(text, 2)])),
        shown(Text(escaped)),
        v4.new_output("stream", name="stdout", text=text),
        shown(Sentinel(cover)),
        prose=[escaped, f"## Section {escaped}", f"- {escaped}"],
    )
    # Title, mark, study and subtitle on the cover; mark above and study below; then 8 in the table, 1 sentence,
    # 1 printed line, 3 of prose and 2 of provenance.
    assert squeezed(text_of(content)).count(squeezed(text)) == 6 + 8 + 1 + 1 + 3 + 2
    assert read(content).metadata.title == text


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters()))
def test_any_text_can_be_set(text):
    assert pdf_of(
        shown(Table(["a", text], [[text, text]], text)),
        v4.new_output("stream", name="stdout", text=text),
        shown(Sentinel({**COVER, "title": text, "marks": [text]})),
        prose=[text],
    )


@pytest.mark.parametrize(
    "source",
    ['#import "@preview/cetz:0.3.1"', '#read("main.typ")', '#capsule-table(caption: read("main.typ"))', "Plain"],
)
def test_foreign_typst_source_is_not_run(source):
    assert "the plain form" in text_of(pdf_of(display(**{"text/vnd.typst": source, "text/plain": "the plain form"})))


@pytest.mark.parametrize(
    ("forms", "expected"),
    [
        ({"text/markdown": "**m**", "text/html": "<table><tr><td>h</td></tr></table>"}, "m"),
        ({"text/html": "<table><tr><td>h</td></tr></table>", "text/plain": "p"}, "h"),
        ({"text/html": "<p>h</p>", "text/plain": "p"}, "p"),
        ({"text/html": "<i>h</i><table><tr><td>t</td></tr></table>s", "text/plain": "p"}, "hts"),
        ({"application/javascript": "j", "text/plain": "p"}, "p"),
    ],
)
def test_form_of_other_outputs(forms, expected):
    assert text_of(pdf_of(display(**forms))).split() == ["Untitled", *expected, "page", "1", "of", "1"]


def test_failed_cell_is_announced_without_values():
    error = v4.new_output("error", ename="KeyError", evalue="P001", traceback=["P001"])
    text = text_of(pdf_of(error))
    assert "This part of the report failed (KeyError)" in text
    assert "P001" not in text
    assert "secret()" not in text


def test_broken_figure_is_an_error_that_quotes_nothing():
    with pytest.raises(PDFExportError, match="cannot be set as PDF: failed to parse SVG") as refused:
        compile_pdf('#image(bytes("<svg>P001"), format: "svg")', {})
    assert "P001" not in str(refused.value)
    assert refused.value.__suppress_context__


@pytest.mark.parametrize(("paper", "size"), [("a4", (595, 842)), ("us-letter", (612, 792))])
def test_paper(paper, size):
    box = read(pdf_of(paper=paper)).pages[0].mediabox
    assert (round(box.width), round(box.height)) == size


def test_a_range_and_a_share_stay_whole_where_a_cell_breaks():
    cells = ["318/568 (56 %; 95 % CI 49–63)", "16 %", "+40 (33 to 47)", "depends on the measurement error"]
    table = Table(
        ["Group", "Responders of hips judged", "By chance", "Beyond chance, points (95 % CI)", "Verdict"],
        [["Escalated at once", *cells]],
        "Caption",
        alignment=["left", "right", "right", "right", "left"],
    )
    text = text_of(pdf_of(shown(table)))
    assert "49–63)" in text
    assert cells[0] not in text, "the cell was to break"


def test_pages_break_alike_on_either_paper():
    words = [f"## Part {n}\n\n" + "Some words of a long report. " * 40 for n in range(12)]
    a4, letter = ([page.extract_text() for page in read(pdf_of(prose=words, paper=paper)).pages] for paper in PAPERS)
    assert len(a4) > 3
    assert [squeezed(page) for page in a4] == [squeezed(page) for page in letter]


def test_no_font_of_the_machine_is_used():
    content = pdf_of(prose=["Words `code` − 漢"])
    fonts = {font["/BaseFont"].partition("+")[2].removesuffix("-Identity-H") for font in fonts_of(read(content))}
    assert fonts == {"LibertinusSerif-Regular", "LibertinusSerif-Bold", "DejaVuSansMono", "LastResortHE-Regular"}


def fonts_of(reader):
    return [font.get_object() for page in reader.pages for font in page["/Resources"]["/Font"].values()]


@pytest.mark.parametrize("lines", range(29, 35))
def test_caption_never_stands_alone_at_the_end_of_a_page(lines):
    table = Table(["Group", "A"], [[f"g{row}", "1"] for row in range(40)], "THE CAPTION")
    prose = "# T\n\n" + "\n\n".join(f"line {number}" for number in range(lines)) + "\n\n## The part"
    for page in pypdf.PdfReader(io.BytesIO(pdf_of(shown(table), prose=[prose]))).pages:
        words = [line for line in page.extract_text().splitlines() if line.strip() and not line.startswith("page ")]
        assert not {"THE CAPTION", "The part"} & {words[-1].strip()}
        assert not words[-1].startswith("Group")


def test_frame_wider_than_the_page_continues_below():
    head = "".join(f"<th>{number}</th>" for number in range(30))
    cells = "".join("<td>12345.678</td>" for _ in range(30))
    html = f"<table><tr><th></th>{head}</tr><tr><th>row</th>{cells}</tr></table>"
    reader = pypdf.PdfReader(io.BytesIO(pdf_of(display(**{"text/html": html}))))
    words = reader.pages[0].extract_text()
    assert "Part 1 of 5" in words
    assert words.count("12345.678") == 30


def test_formula_is_a_figure_with_its_source_as_words():
    content = pdf_of(prose=[r"Gain $x_i$ and $\nonsense{x}$", "$$\n\\frac{a}{b}\n$$", r"$\tfrac12$"])
    assert [alt for kind, alt in structure(content) if kind == "/Figure"] == ["x_i", r"\frac{a}{b}", r"\tfrac12"]
    assert r"\nonsense{x}" in text_of(content)


def test_footnotes_stand_at_the_foot_and_are_numbered_through_the_report():
    content = pdf_of(prose=["A.[^a] B.[^b] A.[^a]\n\n[^a]: One, see.[^b]\n[^b]: Two.", "C.[^a]\n\n[^a]: Three."])
    assert kinds(content).count("/Note") == 3
    words = text_of(content)
    assert words.index("C.") < words.index("One") < words.index("Two") < words.index("Three")
    assert "A.1 B.2 A.1" in words.replace("\n", " ")
    assert "C.3" in words


def test_characters_without_a_font_are_announced():
    content = pdf_of(prose=["Greek Ωμέγα, Cyrillic Я, Arabic مفصل, Chinese 髋"])
    assert "stand as boxes that name their script: U+9ACB. The web page" in " ".join(text_of(content).split())
    assert "boxes" not in text_of(pdf_of(prose=["Greek Ωμέγα, Cyrillic Я, Arabic مفصل"]))


def test_no_word_leaves_the_page():
    word = "x" * 300
    content = pdf_of(
        display(**{"text/plain": word}), shown(Table(["a", "b"], [[word, "1"]], word)), prose=[word, f"`{word}`"]
    )
    right = max(place for page in read(content).pages for place in ends_of_words(page))
    assert right < 595 - 56


def ends_of_words(page):
    ends = []
    page.extract_text(
        visitor_text=lambda text, cm, tm, font, size: ends.append(
            cm[4] + tm[4] * cm[0] + 0.45 * size * len(text.strip())
        )
    )
    return ends
