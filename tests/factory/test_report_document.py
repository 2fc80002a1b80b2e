import pytest
from nbformat import v4

from analysis.factory.exporters.document import Error, Markdown, Output, Stream, read_document
from analysis.factory.exporters.markdown import Outline
from analysis.show.display import NOTHING_MIME, SENTINEL_MIME


def notebook(*cells):
    return v4.new_notebook(cells=list(cells))


def code(*outputs):
    return v4.new_code_cell("secret = 'P001'", outputs=list(outputs))


def display(**forms):
    return v4.new_output("display_data", data=forms)


def sentinel(**cover):
    return code(v4.new_output("display_data", data={SENTINEL_MIME: cover, "text/plain": "Report complete"}))


def test_reader_gets_prose_and_results_in_order_without_code():
    document = read_document(
        notebook(
            v4.new_markdown_cell("Before"),
            code(v4.new_output("stream", name="stdout", text="printed\n"), display(**{"text/plain": "shown"})),
            v4.new_raw_cell("raw"),
            v4.new_markdown_cell("After"),
        )
    )
    assert document.blocks == (
        Markdown("Before"),
        Stream("printed"),
        Output({"text/plain": "shown"}),
        Markdown("After"),
    )


def test_a_section_with_nothing_to_add_is_left_out():
    nothing, shown = display(**{NOTHING_MIME: "", "text/plain": "why"}), display(**{"text/plain": "shown"})
    document = read_document(
        notebook(
            v4.new_markdown_cell("# Title\n\nA question?"),
            code(),
            v4.new_markdown_cell("## One"),
            code(nothing),
            code(shown),
            v4.new_markdown_cell("## Two\n\nWords"),
            code(nothing),
            v4.new_markdown_cell("More words"),
            code(nothing),
            v4.new_markdown_cell("## Three, without outputs"),
        )
    )
    assert document.blocks == (
        Markdown("\nA question?"),
        Markdown("## One"),
        Output({"text/plain": "shown"}),
        Markdown("## Three, without outputs"),
    )


def test_warnings_and_empty_prints_are_dropped():
    warning = v4.new_output("stream", name="stderr", text="P001 is odd")
    blank = v4.new_output("stream", name="stdout", text="\n")
    assert read_document(notebook(code(warning, blank))).blocks == ()


def test_terminal_colours_are_dropped():
    coloured = v4.new_output("stream", name="stdout", text="\x1b[31mred\x1b[0m")
    assert read_document(notebook(code(coloured))).blocks == (Stream("red"),)


@pytest.mark.parametrize(("name", "shown"), [("KeyError", "KeyError"), ("pkg.Bad", "pkg.Bad"), ("P001 <b>", "Error")])
def test_error_tells_its_class_and_no_value(name, shown):
    error = v4.new_output("error", ename=name, evalue="P001", traceback=["P001"])
    (block,) = read_document(notebook(code(error))).blocks
    assert block == Error(shown)
    assert block.message == f"This part of the report failed ({shown})"


def test_cover_comes_from_the_sentinel():
    document = read_document(
        notebook(
            v4.new_markdown_cell("# Heading"),
            sentinel(
                title="Title",
                subtitle="Clinic A",
                study="Demo",
                marks=["SYNTHETIC", "INTERNAL"],
                provenance=[["b", "1"], ["a", "2"]],
            ),
        )
    )
    assert (document.title, document.subtitle, document.study) == ("Title", "Clinic A", "Demo")
    assert document.marks == ("SYNTHETIC", "INTERNAL")
    assert document.provenance == (("b", "1"), ("a", "2"))
    assert document.blocks == (Markdown("# Heading"),)


def test_provenance_may_be_a_mapping():
    document = read_document(notebook(sentinel(title="Title", provenance={"b": 1})))
    assert document.provenance == (("b", "1"),)


@pytest.mark.parametrize(
    ("cells", "title"),
    [
        (["Words", "## How *often*?\n\nWords"], "How often?"),
        (["```\n# not a heading\n```"], "Untitled"),
        ([], "Untitled"),
    ],
)
def test_title_without_sentinel(cells, title):
    document = read_document(notebook(*map(v4.new_markdown_cell, cells)))
    assert document.title == title
    assert document.marks == ()
    assert document.provenance == ()


def test_heading_that_repeats_the_title_is_left_out():
    document = read_document(notebook(v4.new_markdown_cell("# The title\n\nWords"), sentinel(title="The Title")))
    assert document.blocks == (Markdown("\nWords"),)


def test_text_no_reader_can_draw_is_replaced():
    document = read_document(notebook(v4.new_markdown_cell("a\x00b"), sentinel(title="\ud800", study="c\x07")))
    assert document.title == "\ufffd"
    assert document.study == "c\ufffd"
    assert document.blocks == (Markdown("a\ufffdb"),)


def test_output_is_rendered_in_the_first_form_that_works():
    output = Output({"a": "1", "b": "2", "application/javascript": "alert()"})
    assert output.render({"b": str, "a": str}) == "2"
    assert output.render({"b": lambda form: None, "a": str}) == "1"
    assert output.render({"text/plain": str}) is None


def test_forms_that_are_not_text_are_ignored():
    widget = display(**{"application/vnd.widget+json": {"id": "1"}, "text/plain": "Slider"})
    assert read_document(notebook(code(widget))).blocks == (Output({"text/plain": "Slider"}),)


@pytest.mark.parametrize(
    ("forms", "kept"),
    [
        ({"text/plain": "[<Line2D at 0x7f3a>]"}, {"text/plain": "[<Line2D>]"}),
        ({"text/plain": "<a.B object at 0x7f3a>", "text/html": "b"}, {"text/html": "b"}),
        ({"text/plain": "<a.B object at 0x7f3a>"}, {"text/plain": "<a.B object>"}),
        ({"text/plain": "5 < 7 at 0x7f"}, {"text/plain": "5 < 7 at 0x7f"}),
    ],
)
def test_where_an_object_lies_in_memory_is_left_out(forms, kept):
    (block,) = read_document(notebook(code(display(**forms)))).blocks
    assert block.forms == kept


def test_lines_of_a_notebook_file_are_joined():
    assert read_document(notebook(code(display(**{"text/plain": ["a\n", "b"]})))).blocks == (
        Output({"text/plain": "a\nb"}),
    )


@pytest.mark.parametrize(
    ("levels", "depths"), [([1, 2, 3], [1, 1, 2]), ([4, 6, 2, 5], [1, 2, 1, 2]), ([2, 3, 4, 5, 6], [1, 2, 3, 4, 5])]
)
def test_outline_has_no_gaps(levels, depths):
    outline = Outline()
    assert [outline.depth(level) for level in levels] == depths
