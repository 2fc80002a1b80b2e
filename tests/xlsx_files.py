"""The smallest .xlsx file with one sheet, written by hand: what no library of ours would write."""

import io
import zipfile
from xml.sax.saxutils import escape

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def cell(value, kind="n", formula=None):
    """A cell as its XML without the address, which comes where ``{}`` stands."""
    f = f"<f>{escape(formula)}</f>" if formula else ""
    v = "" if value is None else f"<v>{escape(value)}</v>"
    return f'<c {{}}t="{kind}">{f}{v}</c>'


def _cell(value, address):
    if isinstance(value, str) and value.startswith("<c "):
        return value.replace("{}", address, 1)
    if isinstance(value, str):
        return f'<c {address}t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f"<c {address}><v>{value}</v></c>"


def xlsx(rows, places=True, chain=False, asks=False, hidden=()):
    """Write a workbook.

    Parameters: whether cells have addresses, whether there is a calculation chain, whether the file asks to be
    calculated, and the hidden rows, counted from 1.
    """
    lines = []
    for number, row in enumerate(rows, start=1):
        cells = [_cell(v, f'r="{chr(65 + n)}{number}" ' if places else "") for n, v in enumerate(row)]
        attributes = (f' r="{number}"' if places else "") + (' hidden="1"' if number in hidden else "")
        lines.append(f"<row{attributes}>{''.join(cells)}</row>")
    calculation = '<calcPr fullCalcOnLoad="1"/>' if asks else "<calcPr/>"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="'
        'application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="'
        f'{TYPES}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="{TYPES}.worksheet+xml"/>'
        "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="a" Type="{OFFICE}/'
        'officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="b" Type='
        f'"{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="S" sheetId="1" r:id="b"/></sheets>'
        f"{calculation}</workbook>",
        "xl/worksheets/sheet1.xml": f"<worksheet {MAIN}><sheetData>{''.join(lines)}</sheetData></worksheet>",
    }
    if chain:
        parts["xl/calcChain.xml"] = f"<calcChain {MAIN}/>"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()
