#!/bin/bash
# python-calamine refuses an .ods file in which blanks stand between the elements of a row, as in every .ods file of
# Gnumeric (1.12.55), which indents its XML. LibreOffice opens such files.
# Seen with python-calamine 0.9.1 (Python 3.11):
#   without blanks: [['ID', 12.0]]
#   with blanks:    CalamineError: Cannot detect file format  (of Gnumeric's own: Expecting 'table-cell', found 'Text(...)')
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv && venv/bin/pip install -q python-calamine==0.9.1
venv/bin/python - <<'END'
import io, zipfile
from python_calamine import CalamineError, CalamineWorkbook

NAMES = "".join(f' xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "table", "text"))

def rows(blank):
    row = blank.join(["<table:table-row>",
                      '<table:table-cell office:value-type="string"><text:p>ID</text:p></table:table-cell>',
                      '<table:table-cell office:value-type="float" office:value="12"><text:p>12</text:p></table:table-cell>',
                      "</table:table-row>"])
    body = f'<office:body><office:spreadsheet><table:table table:name="S">{row}</table:table></office:spreadsheet></office:body>'
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", f"<office:document-content{NAMES}>{body}</office:document-content>")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    file.seek(0)
    return CalamineWorkbook.from_filelike(file).get_sheet_by_name("S").to_python()

print("without blanks:", rows(""))
try:
    print("with blanks:   ", rows("\n  "))
except CalamineError as fault:
    print("with blanks:   ", "CalamineError:", str(fault)[:60])
else:
    raise SystemExit("the behaviour has changed: calamine reads the file")
END
