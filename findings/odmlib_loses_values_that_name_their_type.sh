#!/bin/bash
# CDISC ODM 1.3 knows two ways to write a value: <ItemData Value="12.5"/>, and one that names its type,
# <ItemDataFloat>12.5</ItemDataFloat> (ODM 1.3.2, 3.1.4.1.1.1.2 "ItemData[TYPE]"). odmlib reads the second without a
# word and keeps nothing of it: the group is empty, and a file that is read and written again has lost every value.
# Seen with odmlib 0.2.1 (Python 3.11). Compare the number of values with that of the XML, or read the XML itself.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv && venv/bin/pip install -q odmlib==0.2.1
cat >hips.xml <<'END'
<?xml version="1.0" encoding="UTF-8"?>
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" FileOID="1" FileType="Snapshot" ODMVersion="1.3.2"
 CreationDateTime="2026-03-02T10:00:00"><ClinicalData StudyOID="S" MetaDataVersionOID="M"><SubjectData SubjectKey="a">
<StudyEventData StudyEventOID="E"><FormData FormOID="F"><ItemGroupData ItemGroupOID="G">
<ItemDataFloat ItemOID="IR">12.5</ItemDataFloat><ItemDataString ItemOID="SIDE">left</ItemDataString>
</ItemGroupData></FormData></StudyEventData></SubjectData></ClinicalData></ODM>
END
venv/bin/python - <<'END'
from odmlib.loader import ODMLoader
from odmlib.odm_loader import XMLODMLoader

loader = ODMLoader(XMLODMLoader())
loader.open_odm_document("hips.xml")
whole = loader.load_odm()
group = whole.ClinicalData[0].SubjectData[0].StudyEventData[0].FormData[0].ItemGroupData[0]
whole.write_xml("again.xml")
again = open("again.xml").read()
found = {"in the file": 2, "read": len(group.ItemData), "written again": again.count("<ItemData")}
print(found)
print(again[again.index("<ItemGroupData"):again.index("</FormData>")])
if found != {"in the file": 2, "read": 0, "written again": 0}:
    raise SystemExit("the behaviour has changed")
END
