"""What a machine can check of PDF/UA-1 (ISO 14289-1, by the numbers of the Matterhorn protocol), written out.

No validator can be installed here, so these are the checks, over everything that a report may hold.
"""

import io
from collections.abc import Iterator
from itertools import pairwise

import pypdf
import pytest
from pypdf.generic import ContentStream, DictionaryObject

import torture
from analysis.factory.exporters.nbconvert_entry import CapsulePDFExporter

# fmt: off
STANDARD = {
    "Document", "Part", "Div", "Sect", "H1", "H2", "H3", "H4", "H5", "H6", "P", "L", "LI", "Lbl", "LBody", "Table",
    "TR", "TH", "TD", "THead", "TBody", "TFoot", "Caption", "Figure", "Formula", "Link", "Note", "Reference", "Span",
    "Code", "BlockQuote", "Quote", "Annot", "NonStruct", "TOC", "TOCI", "Form", "Art", "Index",
}
# fmt: on
PAINTS = {b"Tj", b"TJ", b"'", b'"', b"S", b"s", b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*", b"Do", b"sh", b"EI"}


@pytest.fixture(scope="module", params=["a4", "us-letter"])
def report(request) -> pypdf.PdfReader:
    content, _ = CapsulePDFExporter(paper=request.param).from_notebook_node(torture.executed())
    return pypdf.PdfReader(io.BytesIO(content))


def elements(report) -> Iterator[DictionaryObject]:
    """Yield every structure element in reading order."""

    def below(kid) -> Iterator[DictionaryObject]:
        kid = kid.get_object()
        if isinstance(kid, list):
            for one in kid:
                yield from below(one)
        elif isinstance(kid, dict) and "/S" in kid:
            yield kid
            yield from below(kid.get("/K", []))

    yield from below(report.root_object["/StructTreeRoot"]["/K"])


def kind(report, element) -> str:
    roles = report.root_object["/StructTreeRoot"].get("/RoleMap", {})
    name = element["/S"]
    while name in roles and name.removeprefix("/") not in STANDARD:
        name = roles[name]
    return name.removeprefix("/")


def kids(report, element) -> list[str]:
    below = element.get("/K", [])
    below = (below if isinstance(below, list) else [below]) if not isinstance(below, dict) else [below]
    found = [kid.get_object() for kid in below]
    return [kind(report, kid) for kid in found if isinstance(kid, dict) and "/S" in kid]


def test_document_says_that_it_is_tagged_and_what_it_is(report):  # 06, 07, 11
    root = report.root_object
    metadata = root["/Metadata"].get_data()
    assert root["/MarkInfo"]["/Marked"]
    assert str(root["/MarkInfo"].get("/Suspects")) in ("None", "False")
    assert root["/Lang"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert b"<dc:title>" in metadata
    assert b"Torture" in metadata


def test_nothing_runs_and_nothing_is_locked_or_attached(report):  # 16, 21, 29
    assert not report.is_encrypted
    assert not {"/OpenAction", "/AA", "/AcroForm"} & set(report.root_object)
    assert not {"/JavaScript", "/EmbeddedFiles"} & set(report.root_object.get("/Names", {}))
    assert all("/AA" not in page for page in report.pages)


def test_everything_painted_is_tagged_or_an_artifact(report):  # 01
    for page in report.pages:
        marks: list[str] = []
        for operands, operator in ContentStream(page.get_contents(), report).operations:
            if operator in (b"BDC", b"BMC"):
                known = "MCID" if len(operands) > 1 and "/MCID" in operands[1] else str(operands[0])
                marks.append(known)
            elif operator == b"EMC":
                marks.pop()
            elif operator in PAINTS:
                assert {"MCID", "/Artifact"} & set(marks), operator
        assert marks == []


def test_every_tag_is_a_standard_one_and_every_mark_is_in_the_tree(report):  # 01, 02
    assert {kind(report, element) for element in elements(report)} <= STANDARD
    for page in report.pages:
        assert isinstance(page["/StructParents"], int)


def test_headings_are_unbroken(report):  # 14
    levels = [int(name[1]) for element in elements(report) if (name := kind(report, element))[0] == "H" and name[1:]]
    assert len(levels) > 3
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_tables_are_regular_and_headings_have_a_scope(report):  # 15
    tables = 0
    for element in elements(report):
        name, below = kind(report, element), kids(report, element)
        if name == "Table":
            tables += 1
            assert set(below) <= {"Caption", "THead", "TBody", "TFoot", "TR"}
        if name in ("THead", "TBody", "TFoot"):
            assert set(below) == {"TR"}
        if name == "TR":
            assert below
            assert set(below) <= {"TH", "TD"}
        if name == "TH":
            given = element["/A"].get_object()
            given = given if isinstance(given, list) else [given]
            assert any("/Scope" in one.get_object() for one in given)
    assert tables > 10


def test_pictures_have_words(report):  # 13, 17
    pictures = [element for element in elements(report) if kind(report, element) in ("Figure", "Formula")]
    assert len(pictures) > 5
    assert all(str(picture.get("/Alt", "")).strip() for picture in pictures)


def test_lists_and_notes(report):  # 16, 19
    notes = [element for element in elements(report) if kind(report, element) == "Note"]
    assert len(notes) == 2
    # A note needs an identity of its own.
    assert len({str(note["/ID"]) for note in notes}) == 2
    for element in elements(report):
        if kind(report, element) == "L":
            assert set(kids(report, element)) <= {"LI", "L", "Caption"}
        if kind(report, element) == "LI":
            assert set(kids(report, element)) <= {"Lbl", "LBody"}


def test_links_have_words_and_a_place_in_the_structure(report):  # 28
    links = [note.get_object() for page in report.pages for note in page.get("/Annots", [])]
    assert links
    for link in links:
        assert link["/Subtype"] == "/Link"
        assert str(link["/Contents"]).strip()
        assert isinstance(link["/StructParent"], int)
    for page in report.pages:
        assert "/Annots" not in page or page["/Tabs"] == "/S"


def test_every_font_is_inside_and_gives_its_text_back(report):  # 10, 31
    fonts = {
        str(font.get_object()["/BaseFont"]): font.get_object()
        for page in report.pages
        for font in page["/Resources"].get("/Font", {}).values()
    }
    assert len(fonts) > 3
    for font in fonts.values():
        assert font["/ToUnicode"].get_object().get_data()
        (descendant,) = (one.get_object() for one in font["/DescendantFonts"])
        assert {"/FontFile2", "/FontFile3"} & set(descendant["/FontDescriptor"].get_object())
        assert descendant["/Subtype"] == "/CIDFontType0" or "/CIDToGIDMap" in descendant
