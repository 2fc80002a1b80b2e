"""Writes hips-odmlib.xml and hips-fhir.ndjson from the published file, with libraries that are not in the lock.

pip install odmlib==0.2.1 fhir.resources==8.3.0
python tests/data/bath/write_cdisc_and_fhir.py
"""

import csv
from pathlib import Path

import odmlib.odm_1_3_2.model as odm
from fhir.resources.observation import Observation

HERE = Path(__file__).parent
ROWS = list(csv.DictReader((HERE.parents[2] / "data/raw/bath-hips/hips.csv").open()))
READINGS = {"FLEX": ("fbef", "faft"), "ROT": ("rbef", "raft")}
VISITS = ("before", "after")
SNOMED = "http://snomed.info/sct"


def text(part, words):
    return part(TranslatedText=[odm.TranslatedText(_content=words, lang="en")])


def clinical_data():
    """One form a visit; a person's hips are two turns of a group that repeats."""
    subjects = []
    for person in dict.fromkeys(row["person"] for row in ROWS):
        hips = [row for row in ROWS if row["person"] == person]
        events = []
        for number, visit in enumerate(VISITS):
            arm = odm.ItemData(ItemOID="IT.ARM", Value="1" if hips[0]["grp"] == "treat" else "2")
            groups = [odm.ItemGroupData(ItemGroupOID="IG.ARM", ItemData=[arm])]
            for turn, hip in enumerate(hips, start=1):
                items = {"IT.SIDE": "1" if hip["side"] == "left" else "2"}
                items |= {f"IT.{name}": hip[columns[number]] for name, columns in READINGS.items()}
                values = [odm.ItemData(ItemOID=name, Value=value) for name, value in items.items()]
                group = odm.ItemGroupData(ItemGroupOID="IG.HIP", ItemGroupRepeatKey=str(turn), ItemData=values)
                groups.append(group)
            form = odm.FormData(FormOID="F.HIPS", ItemGroupData=groups)
            events.append(odm.StudyEventData(StudyEventOID=f"SE.{visit.upper()}", FormData=[form]))
        subjects.append(odm.SubjectData(SubjectKey=person, StudyEventData=events))
    return odm.ClinicalData(StudyOID="BATH", MetaDataVersionOID="MDV.1", SubjectData=subjects)


def code_list(oid, words):
    items = [odm.CodeListItem(CodedValue=code, Decode=text(odm.Decode, word)) for code, word in words.items()]
    return odm.CodeList(OID=oid, Name=oid, DataType="text", CodeListItem=items)


def item(oid, question, codes="", unit=""):
    more = {"CodeListRef": odm.CodeListRef(CodeListOID=codes)} if codes else {}
    more |= {"MeasurementUnitRef": [odm.MeasurementUnitRef(MeasurementUnitOID=unit)]} if unit else {}
    return odm.ItemDef(OID=oid, Name=oid, DataType="text", Length=10, Question=text(odm.Question, question), **more)


def study():
    version = odm.MetaDataVersion(OID="MDV.1", Name="Bath")
    version.ItemGroupDef = [
        odm.ItemGroupDef(OID="IG.ARM", Name="Arm", Repeating="No"),
        odm.ItemGroupDef(OID="IG.HIP", Name="Hip", Repeating="Yes"),
    ]
    version.ItemDef = [
        item("IT.ARM", "Arm", codes="CL.ARM"), item("IT.SIDE", "Side", codes="CL.SIDE"),
        item("IT.FLEX", "Hip flexion", unit="MU.DEG"), item("IT.ROT", "Hip rotation", unit="MU.DEG"),
    ]  # fmt: skip
    version.CodeList = [
        code_list("CL.ARM", {"1": "treat", "2": "control"}), code_list("CL.SIDE", {"1": "left", "2": "right"}),
    ]  # fmt: skip
    unit = odm.MeasurementUnit(OID="MU.DEG", Name="degrees", Symbol=text(odm.Symbol, "deg"))
    names = odm.GlobalVariables(
        StudyName=odm.StudyName(_content="Bath"),
        StudyDescription=odm.StudyDescription(_content="Hips"),
        ProtocolName=odm.ProtocolName(_content="Bath"),
    )
    units = odm.BasicDefinitions(MeasurementUnit=[unit])
    return odm.Study(OID="BATH", GlobalVariables=names, BasicDefinitions=units, MetaDataVersion=[version])


def observations():
    """Flexion as an Observation of its own, rotation as the component of another, which say the side in two ways."""
    sides = {"left": ("287679003", "7771000"), "right": ("287579007", "24028007")}
    for number, row in enumerate(ROWS):
        for visit, words in enumerate(VISITS):
            common = {
                "status": "final",
                "subject": {"reference": f"Patient/{row['person']}"},
                "encounter": {"reference": f"Encounter/{row['person']}-{visit}", "display": words},
                "effectiveDateTime": f"1985-0{1 + 2 * visit}-01",
            }
            degrees = {"unit": "degrees", "system": "http://unitsofmeasure.org", "code": "deg"}
            values = {name: {"value": float(row[columns[visit]]), **degrees} for name, columns in READINGS.items()}
            hip, side = sides[row["side"]]
            flexion = {
                "id": f"f{number}-{visit}",
                "code": {"coding": [{"system": "urn:bath", "code": "FLEX", "display": "Hip flexion"}]},
                "bodySite": {"coding": [{"system": SNOMED, "code": hip}]},
                "valueQuantity": values["FLEX"],
            }
            rotation = {
                "id": f"r{number}-{visit}",
                "code": {"text": "Hip motion"},
                "bodySite": {"coding": [{"system": SNOMED, "code": f"29836001:272741003={side}"}]},
                "component": [
                    {"code": {"coding": [{"system": "urn:bath", "code": "ROT"}]}, "valueQuantity": values["ROT"]}
                ],
            }
            yield from (Observation.model_validate({**common, **each}) for each in (flexion, rotation))


if __name__ == "__main__":
    whole = odm.ODM(FileOID="BATH", FileType="Snapshot", CreationDateTime="2026-03-02T10:00:00", ODMVersion="1.3.2",
                    Study=[study()], ClinicalData=[clinical_data()])  # fmt: skip
    whole.write_xml(str(HERE / "hips-odmlib.xml"))
    lines = [observation.model_dump_json(exclude_none=True) for observation in observations()]
    (HERE / "hips-fhir.ndjson").write_text("\n".join(lines) + "\n")
