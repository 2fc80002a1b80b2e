"""The smallest .ods file with one sheet, written by hand."""

import io
import zipfile

NAMES = "".join(
    f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
)
CALC = ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'


def _cell(value):
    if isinstance(value, str) and value.startswith("<table:"):
        return value
    if isinstance(value, str):
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
    return f'<table:table-cell office:value-type="float" office:value="{value}"/>'


def ods(rows, between="", hidden=(), manifest="<manifest/>"):
    """Write a sheet S; a cell is a number, text or its XML. ``between`` stands between elements; rows count from 1."""
    body = ""
    for number, row in enumerate(rows, start=1):
        hides = ' table:visibility="filter"' if number in hidden else ""
        body += f"<table:table-row{hides}>{between}{between.join(map(_cell, row))}{between}</table:table-row>{between}"
    sheet = (
        f'<office:spreadsheet>{between}<table:table table:name="S">{between}{body}</table:table></office:spreadsheet>'
    )
    content = f"<office:document-content{NAMES}{CALC}><office:body>{sheet}</office:body></office:document-content>"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return buffer.getvalue()
