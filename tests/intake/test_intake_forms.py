"""What form tools write loads with the study.toml that was drafted for it, and gives one table."""

import openpyxl
import pytest

from analysis import load, read_study
from analysis.intake.start import start_study

# Two people, both hips, internal rotation before and after: a 12 → 18 and 14 → 15, b 20 → 20 and 22 → 29.
READINGS = {("a", "left"): (12, 18), ("a", "right"): (14, 15), ("b", "left"): (20, 20), ("b", "right"): (22, 29)}

GOOGLE = """Timestamp,Patient code,Which hip?,When?,Hip internal rotation (degrees),Any comments?
2026/03/02 9:10:05 am GMT+1,a,Left,Before the stretch,12,
2026/03/02 9:40:00 am GMT+1,a,Left,After the stretch,18,
2026/03/02 9:41:00 am GMT+1,a,Right,Before the stretch,14,"sore, a bit"
2026/03/02 9:42:00 am GMT+1,a,Right,After the stretch,15,
2026/03/03 9:10:05 am GMT+1,b,Left,Before the stretch,20,
2026/03/03 9:40:00 am GMT+1,b,Left,After the stretch,20,
2026/03/03 9:41:00 am GMT+1,b,Right,Before the stretch,22,
2026/03/03 9:42:00 am GMT+1,b,Right,After the stretch,29,
"""
GRID = """Horodateur,Code du patient,Rotation interne avant [Gauche],Rotation interne avant [Droite],\
Rotation interne après [Gauche],Rotation interne après [Droite]
02/03/2026 09:10:05,a,12,14,18,15
13/03/2026 09:10:05,b,20,22,20,29
"""
MICROSOFT = [
    ["ID", "Start time", "Completion time", "Email", "Name", "Patient code", "Hip measured",
     "Internal rotation before stretch (degrees)", "Internal rotation after stretch (degrees)"],
    [1, "2026-03-02 09:10:00", "2026-03-02 09:12:00", "anonymous", "", "a", "Left", 12, 18],
    [2, "2026-03-02 09:13:00", "2026-03-02 09:14:00", "anonymous", "", "a", "Right", 14, 15],
    [3, "2026-03-03 09:10:00", "2026-03-03 09:12:00", "anonymous", "", "b", "Left", 20, 20],
    [4, "2026-03-03 09:13:00", "2026-03-03 09:14:00", "anonymous", "", "b", "Right", 22, 29],
]  # fmt: skip
# The names that Qualtrics gives when nobody chooses others say nothing; the question texts beneath them do.
QUALTRICS = """StartDate,Status,ResponseId,Q1,Q2_1,Q2_2,Q3_1,Q3_2
Start Date,Response Type,Response ID,What is your participant ID?,"Hip internal rotation before - Left","Hip internal
rotation before - Right",Hip internal rotation after - Left,Hip internal rotation after - Right
"{""ImportId"":""startDate"",""timeZone"":""America/Denver""}","{""ImportId"":""status""}","{""ImportId"":""_recordId""}",\
"{""ImportId"":""QID1_TEXT""}","{""ImportId"":""QID2_1""}","{""ImportId"":""QID2_2""}","{""ImportId"":""QID3_1""}","{""ImportId"":""QID3_2""}"
2026-03-02 09:10:00,IP Address,R_1abc,a,12,14,18,15
2026-03-03 09:10:00,IP Address,R_2abc,b,20,22,20,29
"""
NAMED = """StartDate,ResponseId,PatientID,IR_L_pre,IR_R_pre,IR_L_post,IR_R_post
Start Date,Response ID,Patient ID,"IR left, before","IR right, before","IR left, after","IR right, after"
2026-03-02 09:10:00,R_1abc,a,12,14,18,15
2026-03-03 09:10:00,R_2abc,b,20,22,20,29
"""
KOBO = """start,end,person/participant_id,before/ir_left,before/ir_right,after/ir_left,after/ir_right,_id,_uuid,_index
2026-03-02T09:10:00.000+01:00,2026-03-02T09:12:00.000+01:00,a,12,14,18,15,101,f1,1
2026-03-03T09:10:00.000+01:00,2026-03-03T09:12:00.000+01:00,b,20,22,20,29,102,f2,2
"""
KOBO_REPEATS = {
    "Hip study": [["start", "participant_id", "sex", "_id", "_uuid", "_index"],
                  ["2026-03-02", "a", "female", 101, "f1", 1], ["2026-03-03", "b", "male", 102, "f2", 2]],
    "hips": [["hip/side", "hip/before/ir", "hip/after/ir", "_index", "_parent_table_name", "_parent_index"],
             ["left", 12, 18, 1, "Hip study", 1], ["right", 14, 15, 2, "Hip study", 1],
             ["left", 20, 20, 3, "Hip study", 2], ["right", 22, 29, 4, "Hip study", 2]],
}  # fmt: skip
ODK_MAIN = """SubmissionDate,person-participant_id,person-sex,meta-instanceID,KEY
2026-03-02T09:10:00.000Z,a,female,uuid:1,uuid:1
2026-03-03T09:10:00.000Z,b,male,uuid:2,uuid:2
"""
ODK_HIPS = """hip-side,hip-before-ir,hip-after-ir,PARENT_KEY,KEY
left,12,18,uuid:1,uuid:1/hip[1]
right,14,15,uuid:1,uuid:1/hip[2]
left,20,20,uuid:2,uuid:2/hip[1]
right,22,29,uuid:2,uuid:2/hip[2]
"""
FORMS = {
    "google": {"responses.csv": GOOGLE},
    "google-grid": {"responses.csv": GRID},
    "microsoft": {"responses.xlsx": {"Sheet1": MICROSOFT}},
    "qualtrics": {"survey.csv": QUALTRICS},
    "qualtrics-named": {"survey.csv": NAMED},
    "kobo": {"kobo.csv": KOBO},
    "kobo-repeats": {"kobo.xlsx": KOBO_REPEATS},
    "odk-repeats": {"hips.csv": ODK_MAIN, "hips-hip.csv": ODK_HIPS},
}


def _write(path, content):
    if isinstance(content, str):
        path.write_text(content, encoding="utf-8")
        return path
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in content.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    book.save(path)
    return path


@pytest.fixture(params=FORMS)
def drafted(request, tmp_path):
    files = [_write(tmp_path / name, content) for name, content in FORMS[request.param].items()]
    start_study(files, tmp_path / "study")
    return request.param, tmp_path / "study"


def test_it_loads_as_it_was_drafted(drafted):
    _, folder = drafted
    assert read_study(folder).errors["message"].tolist() == []
    visits = load(folder).assessments
    hips = zip(visits["patient_id"], visits["side"], visits["timepoint"], strict=True)
    expected = {(*hip, when): pair[n] for hip, pair in READINGS.items() for n, when in enumerate(("baseline", "post"))}
    assert dict(zip(hips, visits["hip_ir_deg"], strict=True)) == expected


def test_where_nothing_but_the_submission_tells_the_person_this_is_a_question(tmp_path):
    nameless = {**KOBO_REPEATS, "Hip study": [[row[0], *row[2:]] for row in KOBO_REPEATS["Hip study"]]}
    start_study([_write(tmp_path / "kobo.xlsx", nameless)], tmp_path / "study")
    text = (tmp_path / "study/study.toml").read_text()
    assert 'patient_id = "_parent_index"  # ? the submission of the form' in text
    assert load(tmp_path / "study").assessments.query("patient_id == '1'")["sex"].unique().tolist() == ["female"]


def test_what_kobo_adds_is_neither_the_person_nor_the_day(tmp_path):
    csv = (
        "today,side,ir,when,_id,_submission_time\n2026-03-02,left,12,pre,101,2026-03-09T10:00:00\n"
        "2026-03-02,left,13,post,102,2026-03-09T10:00:00\n"
    )
    start_study([_write(tmp_path / "kobo.csv", csv)], tmp_path / "study")
    text = (tmp_path / "study/study.toml").read_text()
    assert 'date = "today"' in text
    assert "# ? patient_id: which column tells who it is?" in text
    assert 'not used: "_id", "_submission_time"' in text


def test_a_form_that_was_sent_twice_is_named_with_what_to_do(tmp_path):
    twice = GOOGLE + GOOGLE.splitlines()[1] + "\n"
    start_study([_write(tmp_path / "responses.csv", twice)], tmp_path / "study")
    (error,) = read_study(tmp_path / "study").errors.to_dict("records")
    assert (error["rule"], error["row"]) == ("visit_twice", 10)
    assert "[[drop]]" in error["message"]


def test_options_that_may_be_chosen_together_are_answers_with_a_question(tmp_path):
    csv = "participant_id,side,ir,when,comp/knee_valgus,comp/overpronation\na,left,12,pre,1,0\nb,left,13,pre,0,0\n"
    start_study([_write(tmp_path / "kobo.csv", csv)], tmp_path / "study")
    text = (tmp_path / "study/study.toml").read_text()
    assert '[source.values.knee_valgus]\ntrue = ["1"]  # ? is this right?\nfalse = ["0"]  # ? is this right?' in text


LIME = """id,submitdate,lastpage,PID,IR[L_pre],IR[R_pre],IR[L_post],IR[R_post]
1,2026-03-02 10:00:00,5,a,12,14,18,15
2,2026-03-02 10:00:00,5,b,20,22,20,29
"""
SOSCI = """CASE,SERIAL,REF,QUESTNNR,MODE,PC01,IR01_01,IR01_02,IR02_01,IR02_02
Interview-Nummer,Seriennummer,Referenz,Fragebogen,Modus,Patientencode,Innenrotation vor: links,\
Innenrotation vor: rechts,Innenrotation nach: links,Innenrotation nach: rechts
101,,,base,interview,a,12,14,18,15
102,,,base,interview,b,20,22,20,29
"""
SURVEYMONKEY = """Respondent ID,Collector ID,Start Date,Patient code,Internal rotation before,,Internal rotation after,
,,,Open-Ended Response,Left,Right,Left,Right
1001,5,01/20/2026,a,12,14,18,15
1002,5,01/20/2026,b,20,22,20,29
"""
CASTOR = """Castor Participant ID;Participant Status;Site Abbreviation;ir_l_pre;ir_r_pre;ir_l_post;ir_r_post
a;Not Set;UMC;12;14;18;15
b;Completed;UMC;20;22;20;29
c;Archived;UMC;45;46;47;48
"""
EPIINFO = """GlobalRecordId,RECSTATUS,PATID,SIDE,IR_PRE,IR_POST
r1,1,a,L,12,18
r2,1,a,R,14,15
r3,1,b,L,20,20
r4,1,b,R,22,29
r5,0,c,R,45,46
"""
ODK_REVIEWED = """SubmissionDate,participant_id,before-ir_left,before-ir_right,after-ir_left,after-ir_right,KEY,\
ReviewState
2026-03-02T09:10:00.000Z,a,12,14,18,15,uuid:1,
2026-03-03T09:10:00.000Z,b,20,22,20,29,uuid:2,approved
2026-03-03T09:12:00.000Z,b,45,46,47,48,uuid:3,rejected
"""
JOTFORM = """Submission Date,Patient ID,Which hip?,IR before (°),IR after (°),Submission ID
"Mar 2, 2026",a,Left,12,18,5599
"Mar 2, 2026",a,Right,14,15,5600
"Mar 3, 2026",b,Left,20,20,5601
"Mar 3, 2026",b,Right,22,29,5602
"""
MORE = {"lime": LIME, "sosci": SOSCI, "surveymonkey": SURVEYMONKEY, "castor": CASTOR, "epiinfo": EPIINFO,
        "odk": ODK_REVIEWED, "jotform": JOTFORM}  # fmt: skip


def test_a_column_that_chooses_rows_is_not_called_unused(tmp_path):
    (tmp_path / "sent.csv").write_text(EPIINFO)
    text = start_study([tmp_path / "sent.csv"], tmp_path / "study").read_text()
    assert 'RECSTATUS = ["1"]' in text
    assert '"RECSTATUS"' not in text


@pytest.mark.parametrize("tool", MORE)
def test_other_tools_load_as_drafted_without_rows_that_do_not_count(tmp_path, tool):
    start_study([_write(tmp_path / "sent.csv", MORE[tool])], tmp_path / "study")
    visits = load(tmp_path / "study").assessments
    hips = zip(visits["patient_id"], visits["side"], visits["timepoint"], strict=True)
    expected = {(*hip, when): pair[n] for hip, pair in READINGS.items() for n, when in enumerate(("baseline", "post"))}
    assert dict(zip(hips, visits["hip_ir_deg"], strict=True)) == expected


@pytest.mark.parametrize("tool", ["castor", "epiinfo", "odk"])
def test_that_rows_do_not_count_is_a_question(tmp_path, tool):
    text = start_study([_write(tmp_path / "sent.csv", MORE[tool])], tmp_path / "study").read_text()
    assert "[source.where]\n" in text
    assert "; is this right?" in text


@pytest.mark.parametrize(
    ("tool", "old", "new"),
    [("castor", ";20;22;", ";20;##USER_MISSING_95##;"), ("sosci", ",20,22,", ",20,-9,")],
)
def test_codes_of_tools_for_missing_are_missing(tmp_path, tool, old, new):
    start_study([_write(tmp_path / "sent.csv", MORE[tool].replace(old, new))], tmp_path / "study")
    visits = load(tmp_path / "study").assessments
    assert set(visits["hip_ir_deg"].dropna()) <= {12, 14, 18, 15, 20, 22, 29}


def test_openclinica_numbers_its_events(tmp_path):
    text = "SubjectID\tIR_L_E1_C1\tIR_R_E1_C1\tIR_L_E2_C1\tIR_R_E2_C1\na\t12\t14\t18\t15\n"
    draft = start_study([_write(tmp_path / "sent.tsv", text)], tmp_path / "study").read_text()
    assert "the visits are only numbered: 1, 2." in draft
    assert '# hip_ir_deg = { left = "IR_L_E2_C1", right = "IR_R_E2_C1" }' in draft
