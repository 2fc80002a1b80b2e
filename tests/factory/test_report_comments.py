"""Comments of authors reach no reader; in code they are text."""

import pytest
from nbformat import v4

from analysis.factory.exporters.comments import without_comments
from analysis.factory.exporters.document import Markdown, Output, read_document
from analysis.factory.exporters.nbconvert_entry import CapsuleHTMLExporter
from analysis.factory.exporters.typst_markup import TypstWriter
from analysis.factory.notebook import Cell, title_of


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("<!-- secret -->", ""),
        ("a <!-- secret --> b", "a  b"),
        ("a\n<!-- secret\n\n# secret -->\nb", "a\n\nb"),
        ("a <!-- secret\n\nsecret --> b", "a  b"),
        ("a\n\n<!-- secret\n\nsecret", "a\n\n"),
        ("a <!--> b <!---> c <!----> d", "a  b  c  d"),
        ("- a <!-- secret -->\n  - b", "- a \n  - b"),
        ("| a |\n|---|\n| 1 <!-- secret --> |", "| a |\n|---|\n| 1  |"),
        ("<!-- `secret -->b` <!-- secret -->", "b` "),
        ("```\na\n```\n<!-- secret -->b", "```\na\n```\nb"),
        ("<!--\n```\nsecret -->\nb", "\nb"),
        ("*a <!-- secret --> b*", "*a  b*"),
        ("no end ` <!-- secret -->\n\nb `c`", "no end ` \n\nb `c`"),
    ],
)
def test_a_comment_goes(source, left):
    assert without_comments(source) == left


@pytest.mark.parametrize(
    "source",
    [
        "`<!-- code -->` and ``<!-- ` -->``",
        "```html\n<!-- code -->\n```",
        "```\n```\n\n`<!-- code -->`",
        "~~~\n<!-- code\n~~~\nb -->",
        "- a\n\n  ```\n  <!-- code -->\n  ```",
        "> ```\n> <!-- code -->\n> ```",
        "a\n\n    <!-- code\n    more -->\n\nb",
        "```\n<!-- code never closed",
        r"\<!-- words -->",
        "5 < 7 <! -- words",
    ],
)
def test_code_and_words_stay(source):
    assert without_comments(source) == source


def test_no_comment_is_on_the_page_on_paper_in_a_title_or_in_a_shown_sentence():
    said = "<!-- # Patient 17 -->\n## Results <!-- patient\n17 -->\n\nVisible"
    shown = v4.new_output("display_data", data={"text/markdown": said, "text/plain": "Words"})
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell(said), v4.new_code_cell("1", outputs=[shown])])
    document = read_document(notebook)
    assert document.blocks == (
        Markdown("\nVisible"),
        Output({"text/markdown": "\n## Results \n\nVisible", "text/plain": "Words"}),
    )
    page, paper = CapsuleHTMLExporter().from_notebook_node(notebook)[0], TypstWriter().write(document, "a4")
    for written in (page, paper, document.title, title_of([Cell("markdown", said, ())], "")):
        assert "atient" not in written
    assert document.title == "Results"
