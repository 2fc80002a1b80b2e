"""A data dictionary of REDCap tells what columns and codes mean, so that a coded table asks for none of them."""

import pytest

from analysis import load, read_study
from analysis.intake.code_book import read_code_book
from analysis.intake.start import start_study
from analysis.usererror import StudyError

# As REDCap 14 downloads it: all 18 columns, every field in quotation marks where it has a comma.
HEAD = (
    '"Variable / Field Name","Form Name","Section Header","Field Type","Field Label",'
    '"Choices, Calculations, OR Slider Labels","Field Note","Text Validation Type OR Show Slider Number",'
    '"Text Validation Min","Text Validation Max",Identifier?,"Branching Logic (Show field only if...)",'
    '"Required Field?","Custom Alignment","Question Number (surveys only)","Matrix Group Name","Matrix Ranking?",'
    '"Field Annotation"'
)
FIELDS = {
    "record_id": ("text", "Record ID", ""),
    "sx": ("radio", "Sex", "1, Female | 2, Male"),
    "hs": ("dropdown", "Which hip?", "1, Left | 2, Right"),
    "f1": ("text", '<div class=""rich""><p>Hip internal rotation (degrees)</p></div>', ""),
    "f2": ("radio", "Ober test", "1, Negative | 2, Positive | 3, Not sure, ask again"),
    "f3": ("yesno", "Knee valgus", ""),
    "cmp": ("checkbox", "Compensation:", "1, Overpronation | 2, Knee valgus | -99, Not asked"),
}
API_HEAD = "field_name,form_name,section_header,field_type,field_label,select_choices_or_calculations,field_note"
DATA = """record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,\
sx,hs,f1,f2,cmp___1,cmp___2,cmp____99
1,baseline_arm_1,,,1,,,,,,
2,baseline_arm_1,,,2,,,,,,
1,baseline_arm_1,hips,1,,1,12,1,1,0,0
1,post_arm_1,hips,1,,1,18.5,2,0,0,0
2,baseline_arm_1,hips,1,,2,14,2,,,1
"""


def dictionary(api=False):
    lines = [API_HEAD if api else HEAD]
    for name, (kind, label, choices) in FIELDS.items():
        rest = "," if api else "," * 12
        lines.append(f'{name},hips,,{kind},"{label}","{choices}"{rest}')
    return "\n".join(lines) + "\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "data.csv").write_text(DATA)
    (tmp_path / "dictionary.csv").write_text(dictionary())
    return tmp_path


def readings(study):
    visits = load(study).assessments
    names = ["patient_id", "side", "timepoint", "hip_ir_deg", "ober", "overpronation", "knee_valgus", "sex"]
    return visits[names].astype("object").where(visits[names].notna(), None).values.tolist()


READ = [
    ["1", "left", "baseline", 12, "negative", True, False, "female"],
    ["1", "left", "post", 18.5, "positive", False, False, "female"],
    ["2", "right", "baseline", 14, "positive", None, None, "male"],
]


@pytest.mark.parametrize("api", [False, True])
def test_a_coded_table_loads_as_it_was_drafted(folder, api):
    (folder / "dictionary.csv").write_text(dictionary(api))
    start_study([folder / "data.csv", folder / "dictionary.csv"], folder / "study")
    assert read_study(folder / "study").errors["message"].tolist() == []
    assert readings(folder / "study") == READ


def test_a_dictionary_that_lies_beside_the_table_is_used_and_named(folder):
    start_study([folder / "data.csv"], folder / "study")
    assert readings(folder / "study") == READ
    assert (
        '# What columns are called and what codes mean was taken from "dictionary.csv".'
        in (folder / "study/study.toml").read_text()
    )


def test_without_it_the_codes_are_asked_for(folder):
    (folder / "dictionary.csv").unlink()
    start_study([folder / "data.csv"], folder / "study")
    text = (folder / "study/study.toml").read_text()
    assert '"hs"' in text.split("not recognised")[1]
    assert 'left = ["1"]' not in text


def test_where_a_missing_code_was_chosen_the_other_options_are_missing_and_not_no(folder):
    start_study([folder / "data.csv"], folder / "study")
    assert readings(folder / "study")[2][5:7] == [None, None]


def test_what_a_code_says_and_nothing_knows_stands_beside_the_question(folder):
    start_study([folder / "data.csv"], folder / "without")
    assert "Not sure" not in (folder / "without/study.toml").read_text()  # no row holds it, so nobody is asked
    (folder / "data.csv").write_text(DATA.replace("18.5,2", "18.5,3"))
    start_study([folder / "data.csv"], folder / "study")
    assert '# ? which of negative, positive are "3" (Not sure, ask again)?' in (folder / "study/study.toml").read_text()


def test_codes_that_mean_two_things_in_two_columns_are_asked_for(folder):
    """1 is negative before and positive after: [source.values] holds for both, so neither may be taken."""
    first = "record_id,hs,o1,o2\n1,1,1,1\n2,2,2,2\n"
    (folder / "data.csv").write_text(first)
    more = (
        'o1,hips,,radio,"Ober test before","1, Negative | 2, Positive"' + "," * 12 + "\n"
        'o2,hips,,radio,"Ober test after","1, Positive | 2, Negative"' + "," * 12 + "\n"
    )
    (folder / "dictionary.csv").write_text(dictionary() + more)
    start_study([folder / "data.csv"], folder / "study")
    text = (folder / "study/study.toml").read_text()
    assert 'ober = "o1"' in text
    assert '# ? which of negative, positive are "1", "2"?' in text


CLINICS = "1, Bath \u2013 St Mary's | 2, Wells | 3, North | 4, North | 5, 7"


@pytest.mark.parametrize("kind", ["radio", "dropdown"])
def test_codes_of_clinics_are_called_as_the_dictionary_calls_them(folder, kind):
    rows = "record_id,hs,site,timepoint,f1\n" + "".join(
        f"{person},1,{site},baseline,12\n" for person, site in enumerate("1213457", start=1)
    )
    (folder / "data.csv").write_text(rows)
    more = f'site,hips,,{kind},"Clinic","{CLINICS}"' + "," * 12 + "\n"
    (folder / "dictionary.csv").write_text(dictionary() + more)
    start_study([folder / "data.csv"], folder / "study")
    text = (folder / "study/study.toml").read_text()
    clinics = load(folder / "study").assessments["clinic_id"].tolist()
    assert clinics == ["Bath – St Mary's", "Wells", "Bath – St Mary's", "3", "4", "5", "7"]
    # Two clinics of one name stay two, and a label that is the code of another clinic names none.
    assert '# ? clinic_id: the dictionary gives no word of its own for "3" (North), "4" (North), "5" (7), "7"' in text


def test_a_code_of_a_clinic_that_the_dictionary_lists_and_no_row_holds_is_ready(folder):
    (folder / "data.csv").write_text("record_id,hs,site,timepoint,f1\n1,1,2,baseline,12\n")
    (folder / "dictionary.csv").write_text(dictionary() + 'site,hips,,radio,"Clinic","1, Bath | 2, Wells"' + "," * 12)
    start_study([folder / "data.csv"], folder / "study")
    text = (folder / "study/study.toml").read_text()
    assert '[source.values.clinic_id]\n"Bath" = ["1"]\n"Wells" = ["2"]\n' in text
    assert "no word of its own" not in text
    assert load(folder / "study").assessments["clinic_id"].tolist() == ["Wells"]


def test_a_dictionary_alone_is_refused(folder):
    with pytest.raises(StudyError, match="name the file of data too"):
        start_study([folder / "dictionary.csv"], folder / "study")


def test_a_table_is_no_dictionary(folder):
    assert read_code_book(folder / "data.csv") is None
    (folder / "odd.csv").write_bytes(b"\xff\xfe\x00")
    assert read_code_book(folder / "odd.csv") is None


PROJECT = """<?xml version="1.0" encoding="UTF-8" ?>
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:redcap="https://projectredcap.org" ODMVersion="1.3.1"
 FileOID="000-00-0000" FileType="Snapshot" SourceSystem="REDCap" SourceSystemVersion="14.6.9">
<Study OID="Project.Hips">
<GlobalVariables><StudyName>Hips</StudyName><redcap:MissingDataCodes>-99, Not asked
NI, No information</redcap:MissingDataCodes></GlobalVariables>
<MetaDataVersion OID="Metadata.Hips" Name="Hips" redcap:RecordIdField="record_id">
 <FormDef OID="Form.hips" Name="Hips" Repeating="Yes" redcap:FormName="hips"/>
 <ItemGroupDef OID="hips.hs" Name="Hips" Repeating="No"><ItemRef ItemOID="hs" Mandatory="No"/></ItemGroupDef>
 <ItemDef OID="record_id" Name="record_id" DataType="text" redcap:Variable="record_id" redcap:FieldType="text">
  <Question><TranslatedText>Record ID</TranslatedText></Question></ItemDef>
 <ItemDef OID="hs" Name="hs" DataType="text" redcap:Variable="hs" redcap:FieldType="select">
  <Question><TranslatedText>Which hip?</TranslatedText></Question><CodeListRef CodeListOID="hs.choices"/></ItemDef>
 <ItemDef OID="f1" Name="f1" DataType="float" redcap:Variable="f1" redcap:FieldType="text">
  <Question><TranslatedText>&lt;p&gt;Hip internal rotation&lt;/p&gt;</TranslatedText></Question></ItemDef>
 <ItemDef OID="cmp___2" Name="cmp___2" DataType="boolean" redcap:Variable="cmp" redcap:FieldType="checkbox">
  <Question><TranslatedText>Compensation:</TranslatedText></Question>
  <CodeListRef CodeListOID="cmp___2.choices"/></ItemDef>
 <CodeList OID="hs.choices" Name="hs" DataType="text" redcap:Variable="hs">
  <CodeListItem CodedValue="1"><Decode><TranslatedText>Left</TranslatedText></Decode></CodeListItem>
  <CodeListItem CodedValue="2"><Decode><TranslatedText>Right</TranslatedText></Decode></CodeListItem></CodeList>
 <CodeList OID="cmp___2.choices" Name="cmp___2" DataType="boolean" redcap:Variable="cmp"
   redcap:CheckboxChoices="1, Overpronation | 2, Knee valgus">
  <CodeListItem CodedValue="1"><Decode><TranslatedText>Checked</TranslatedText></Decode></CodeListItem>
  <CodeListItem CodedValue="0"><Decode><TranslatedText>Unchecked</TranslatedText></Decode></CodeListItem></CodeList>
</MetaDataVersion></Study>{data}</ODM>
"""
CODED = "record_id,redcap_event_name,hs,f1,cmp___2\n1,baseline_arm_1,1,12,1\n1,post_arm_1,1,-99,\n1,post_arm_1,2,9,0\n"
EXPECTED = [["left", "baseline", 12, True], ["left", "post", None, None], ["right", "post", 9, False]]


def answers(study):
    rows = load(study).assessments[["side", "timepoint", "hip_ir_deg", "knee_valgus"]].astype("object")
    return rows.where(rows.notna(), None).values.tolist()


def test_a_projects_xml_beside_the_table_tells_codes_and_what_is_missing(tmp_path):
    (tmp_path / "data.csv").write_text(CODED)
    (tmp_path / "project.xml").write_text(PROJECT.format(data=""))
    start_study([tmp_path / "data.csv", tmp_path / "project.xml"], tmp_path / "study")
    text = (tmp_path / "study/study.toml").read_text()
    assert 'na_values = ["-99"]' in text
    assert read_study(tmp_path / "study").errors["message"].tolist() == []
    assert [row for row in answers(tmp_path / "study") if row[2] is not None] == [EXPECTED[0], EXPECTED[2]]


def test_a_projects_xml_with_its_records_is_the_table(tmp_path):
    def record(event, turn, values):
        items = "".join(f'<ItemData ItemOID="{name}" Value="{value}"/>' for name, value in values.items())
        return (
            f'<StudyEventData StudyEventOID="Event.{event}" StudyEventRepeatKey="1"><FormData FormOID="Form.hips" '
            f'FormRepeatKey="{turn}"><ItemGroupData ItemGroupOID="hips.hs" ItemGroupRepeatKey="1">{items}'
            "</ItemGroupData></FormData></StudyEventData>"
        )

    records = (
        record("baseline_arm_1", 1, {"hs": 1, "f1": 12, "cmp___2": 1})
        + record("post_arm_1", 1, {"hs": 1, "f1": 11, "cmp___2": ""})
        + record("post_arm_1", 2, {"hs": 2, "f1": 9, "cmp___2": 0})
    )
    data = (
        f'<ClinicalData StudyOID="Project.Hips" MetaDataVersionOID="M"><SubjectData SubjectKey="1">{records}'
        "</SubjectData></ClinicalData>"
    )
    (tmp_path / "project.xml").write_text(PROJECT.format(data=data))
    start_study([tmp_path / "project.xml"], tmp_path / "study")
    assert read_study(tmp_path / "study").errors["message"].tolist() == []
    assert answers(tmp_path / "study") == [EXPECTED[0], ["left", "post", 11, None], EXPECTED[2]]
