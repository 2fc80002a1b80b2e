"""CDISC ODM-XML: what one row is, what codes and units say, and what is refused."""

import pytest

from analysis import load, read_study
from analysis.intake.problems import Problems
from analysis.intake.readers import read_source
from analysis.intake.start import start_study
from analysis.intake.study_file import Source

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" ODMVersion="1.3.2" FileType="Snapshot" FileOID="1">
<Study OID="S"><GlobalVariables/><BasicDefinitions>
<MeasurementUnit OID="MU.DEG" Name="degrees"><Symbol><TranslatedText>deg</TranslatedText></Symbol></MeasurementUnit>
<MeasurementUnit OID="MU.RAD" Name="radians"><Symbol><TranslatedText>rad</TranslatedText></Symbol></MeasurementUnit>
</BasicDefinitions><MetaDataVersion OID="M" Name="M">
<ItemGroupDef OID="IG.VISIT" Name="Visit" Repeating="No"/><ItemGroupDef OID="IG.HIP" Name="Hip" Repeating="Yes"/>
<ItemDef OID="I.IR" Name="IR" DataType="float"><Question><TranslatedText xml:lang="en">Hip internal
  rotation</TranslatedText></Question><MeasurementUnitRef MeasurementUnitOID="MU.DEG"/></ItemDef>
<ItemDef OID="I.SIDE" Name="Side tested" DataType="text"><CodeListRef CodeListOID="CL.SIDE"/></ItemDef>
<CodeList OID="CL.SIDE" Name="Side" DataType="text">
<CodeListItem CodedValue="1"><Decode><TranslatedText>Left</TranslatedText></Decode></CodeListItem>
<CodeListItem CodedValue="2"><Decode><TranslatedText>Right</TranslatedText></Decode></CodeListItem></CodeList>
</MetaDataVersion></Study><ClinicalData StudyOID="S" MetaDataVersionOID="M">"""
TAIL = "</ClinicalData></ODM>"


def item(oid, value, form=""):
    if not form:
        return f'<ItemData ItemOID="{oid}" Value="{value}"/>'
    return f'<ItemData{form} ItemOID="{oid}">{value}</ItemData{form}>'


def hip(turn, side, reading, form=""):
    items = item("I.SIDE", side, form) + item("I.IR", reading, "Float" if form else "")
    return f'<ItemGroupData ItemGroupOID="IG.HIP" ItemGroupRepeatKey="{turn}">{items}</ItemGroupData>'


def form(groups, event="SE.BASELINE", subject="a"):
    return (
        f'<SubjectData SubjectKey="{subject}"><SiteRef LocationOID="North"/><StudyEventData StudyEventOID="{event}">'
        f'<FormData FormOID="F.HIPS">{groups}</FormData></StudyEventData></SubjectData>'
    )


DAY = f'<ItemGroupData ItemGroupOID="IG.VISIT">{item("I.DATE", "2026-03-02", "Date")}</ItemGroupData>'
TWO = form(DAY + hip(1, "1", "12.5") + hip(2, "2", "13.0"))


def sheet(folder, text, **settings):
    (folder / "a.xml").write_text(text)
    problems = Problems()
    read = read_source(folder, Source.model_validate({"file": "a.xml", **settings}), problems)
    said = [f"{item['rule']}: {item['message']}" for item in problems.table().to_dict("records")]
    return None if read is None else read.cells.astype("str").to_dict("list"), said


@pytest.mark.parametrize("kind", ["", "String"])
def test_each_turn_of_a_group_is_a_row_with_what_the_form_says_once(tmp_path, kind):
    two = form(DAY + hip(1, "1", "12.5", kind) + hip(2, "2", "13.0", kind))
    cells, said = sheet(tmp_path, HEAD + two + TAIL)
    assert said == []
    assert cells == {
        "LocationOID": ["North"] * 2,
        "SubjectKey": ["a"] * 2,
        "StudyEventOID": ["SE.BASELINE"] * 2,
        "FormOID": ["F.HIPS"] * 2,
        "ItemGroupOID": ["IG.HIP"] * 2,
        "ItemGroupRepeatKey": ["1", "2"],
        "I.DATE": ["2026-03-02"] * 2,
        "I.SIDE": ["Left", "Right"],
        "I.IR": ["12.5", "13.0"],
    }


def test_codes_stay_where_no_words_are_wanted(tmp_path):
    assert sheet(tmp_path, HEAD + TWO + TAIL, labels=False)[0]["I.SIDE"] == ["1", "2"]


def test_it_loads_as_it_was_drafted(tmp_path):
    data = TWO + form(DAY.replace("-02", "-09") + hip(1, "1", "20"), "SE.POST")
    (tmp_path / "hips.xml").write_text(HEAD + data + TAIL)
    start_study([tmp_path / "hips.xml"], tmp_path / "study")
    assert read_study(tmp_path / "study").errors["message"].tolist() == []
    visits = load(tmp_path / "study").assessments
    rows = visits[["patient_id", "clinic_id", "side", "timepoint", "hip_ir_deg"]].astype("object").values.tolist()
    assert rows == [
        ["a", "North", "left", "baseline", 12.5], ["a", "North", "left", "post", 20],
        ["a", "North", "right", "baseline", 13],
    ]  # fmt: skip


def test_groups_need_not_be_described(tmp_path):
    data = TWO.replace("IG.HIP", "IG.OTHER")
    assert sheet(tmp_path, HEAD + data + TAIL)[0]["I.IR"] == ["12.5", "13.0"]


def test_an_item_of_two_groups_has_a_column_of_each(tmp_path):
    """As where the left and the right hip are groups of their own with the same items."""
    sides = "".join(
        f'<ItemGroupData ItemGroupOID="{side}">{item("I.IR", reading)}</ItemGroupData>'
        for side, reading in (("LEFT", "12"), ("RIGHT", "14"))
    )
    cells, _ = sheet(tmp_path, HEAD + form(sides) + TAIL)
    assert (cells["LEFT/I.IR"], cells["RIGHT/I.IR"]) == (["12"], ["14"])


def test_a_type_with_the_value_as_an_attribute_is_read_and_two_values_are_refused(tmp_path):
    """Some programs mix the two ways to write a value."""
    two = TWO.replace(item("I.IR", "13.0"), '<ItemDataFloat ItemOID="I.IR" Value="13.0"/>')
    assert sheet(tmp_path, HEAD + two + TAIL)[0]["I.IR"] == ["12.5", "13.0"]
    two = two.replace('Value="13.0"/>', 'Value="13.0">14.0</ItemDataFloat>')
    assert sheet(tmp_path, HEAD + two + TAIL)[1][0].startswith("value_twice")


def test_what_was_only_inserted_is_the_last_state(tmp_path):
    data = TWO.replace("<SubjectData", '<SubjectData TransactionType="Insert"')
    cells, said = sheet(tmp_path, HEAD.replace("Snapshot", "Transactional") + data + TAIL)
    assert (cells["I.IR"], said) == (["12.5", "13.0"], [])


def test_reference_data_are_of_nobody(tmp_path):
    group = f'<ItemGroupData ItemGroupOID="LAB">{item("I.LOW", "1")}</ItemGroupData>'
    data = f'</ClinicalData><ReferenceData StudyOID="S" MetaDataVersionOID="M">{group}</ReferenceData></ODM>'
    cells, said = sheet(tmp_path, HEAD + TWO + data)
    assert (len(cells["I.IR"]), "I.LOW" in cells, said) == (2, False, [])


def test_null_is_missing(tmp_path):
    two = TWO.replace('Value="13.0"', 'IsNull="Yes"')
    assert sheet(tmp_path, HEAD + two + TAIL)[0]["I.IR"] == ["12.5", ""]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("<?xml version=", '<!DOCTYPE ODM [<!ENTITY a "b">]><?xml version=', "file_broken"),
        (
            'encoding="UTF-8"?>',
            'encoding="UTF-8"?><!DOCTYPE ODM [<!ENTITY a SYSTEM "/etc/passwd">]>',
            "file_broken: the",
        ),
        ("odm/v1.3", "odm/v2.0", "file_kind: no CDISC ODM-XML 1.3"),
        ("</FormData>", item("I.IR", "12") + "</FormData>", "file_broken: a value stands outside the groups"),
        ('<ItemData ItemOID="I.IR"', '<ItemData TransactionType="Remove" ItemOID="I.IR"', "file_kind: the file holds"),
        ('ItemOID="I.SIDE" Value="1"', 'ItemOID="I.IR" Value="1"', "value_twice: an item has two values"),
        ("</ODM>", "", "file_broken: not a whole file"),
        ("ClinicalData", "ReferenceData", "file_empty: the file describes a study and holds no values"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path, old, new, fault):
    text = (HEAD + TWO + TAIL).replace(old, new)
    text = text if "Reference" not in new else HEAD + TAIL
    cells, said = sheet(tmp_path, text)
    assert cells is None
    assert said[0].startswith(fault)


def test_values_in_two_units_are_an_error(tmp_path):
    rad = '<ItemData ItemOID="I.IR" Value="0.2"><MeasurementUnitRef MeasurementUnitOID="MU.RAD"/></ItemData>'
    two = TWO.replace(item("I.IR", "13.0"), rad)
    assert sheet(tmp_path, HEAD + two + TAIL)[1] == ["unit_differs: its values are in several units: deg, rad"]


def test_radians_are_not_read_as_degrees(tmp_path):
    (tmp_path / "hips.xml").write_text((HEAD + TWO + TAIL).replace('OID="MU.DEG"/>', 'OID="MU.RAD"/>'))
    file = start_study([tmp_path / "hips.xml"], tmp_path / "study")
    declared = '[source.units]\nhip_ir_deg = "radians"\n'
    assert declared in file.read_text()
    file.write_text(file.read_text().replace(declared, ""))
    assert "unit_differs" in read_study(tmp_path / "study").errors["rule"].tolist()
