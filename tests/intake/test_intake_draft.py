"""`capsule init` gives a study.toml that loads, says what it is not sure of, and invents nothing."""

import csv
import json
import re
import shutil
import tomllib
from datetime import datetime

import openpyxl
import pandas as pd
import pyreadstat
import pytest

from analysis import StudyError, load, read_study
from analysis.intake.draft import draft_study, read_sent
from analysis.intake.recognise import Reading, Recogniser
from analysis.intake.start import start_study
from analysis.intake.vocabulary import Vocabulary
from analysis.protocol import builtin
from bath_layouts import BATH, LAYOUTS
from study_folders import TIDY, write


def _without_place(table):
    return table.drop(columns=["source_file", "source_row"]).to_parquet()


def _draft(folder, text, name="visits.csv"):
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return draft_study(read_sent([folder / name]), builtin())


def _declared(folder, text, name="visits.csv"):
    return tomllib.loads(_draft(folder, text, name))["source"][0]


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
def test_every_layout_of_the_bath_trial_loads_as_it_was_drafted(layout, tmp_path):
    """But for the words of values, which these files happen to make plain too."""
    (tmp_path / "sent").mkdir()
    name, _ = layout(tmp_path / "sent")
    start_study([tmp_path / "sent" / name], tmp_path / "study", BATH / "protocol.toml")
    drafted, published = load(tmp_path / "study"), load(BATH)
    assert _without_place(drafted.assessments) == _without_place(published.assessments)
    assert _without_place(drafted.interventions) == _without_place(published.interventions)


@pytest.mark.parametrize("blank", ["\n", "\t", "\u00a0", "\u200b ", '" ', "\\ "])
def test_a_header_with_a_line_break_or_an_odd_blank_is_drafted_as_it_stands(tmp_path, blank):
    """Alt+Enter in a header of Excel is everyday."""
    header = ["ID", "Hip", f"IR{blank}pre", f"IR{blank}post"]
    path = tmp_path / "hips.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, ["a", "left", 12, 18]])
    start_study([path], tmp_path)
    assert load(tmp_path).assessments["hip_ir_deg"].tolist() == [12, 18]


def test_the_hint_for_such_a_header_can_be_pasted(tmp_path):
    toml = TIDY.format(source="", columns='slr_deg = "SLR left"', more="")
    folder = write(tmp_path, toml, visits='ID,Hip,Visit,IR,"SLR\n\u00a0left"\na,left,baseline,12,60\n')
    (message,) = read_study(folder).errors["message"]
    hint = message.partition("did you mean ")[2].rstrip("?")
    (folder / "study.toml").write_text(toml.replace('"SLR left"', hint))
    assert load(folder).assessments["slr_deg"].tolist() == [60]


def test_words_that_are_not_plain_are_questions(tmp_path):
    text = _draft(tmp_path, "ID,Hip,Visit,IR,Ober\na,1,pre,12,yes\nb,2,post,13,no\n")
    assert '# ? which of left, right are "1", "2"?' in text
    assert '# ? which of negative, positive are "no", "yes"?' in text
    assert 'baseline = ["pre"]' in text


def test_what_was_not_recognised_is_listed(tmp_path):
    text = _draft(tmp_path, "ID,Hip,Visit,IR,Shoe size\na,left,baseline,12,44\n")
    assert '# ? not recognised, so not used: "Shoe size"' in text
    assert '# position = "prone"  # ? one of prone, seated, supine' in text


def test_what_is_missing_is_asked_for(tmp_path):
    text = _draft(tmp_path, "IR,SLR\n12,60\n")
    for question in ("# ? patient_id:", "# rows_per_person = 1", "# ? side:", '# timepoint = "baseline"'):
        assert question in text


def test_a_file_without_a_header_line_is_not_repeated(tmp_path):
    text = _draft(tmp_path, "Jane Doe,12.3.1980,yes\nJohn Roe,1.1.1970,no\n")
    assert "does the file begin with the names of its columns?" in text
    assert "Jane" not in text


def test_no_identifier_and_no_reading_is_in_the_draft(tmp_path):
    rows = "".join(f"P{n:04d},left,baseline,{n % 40}\n" for n in range(50))
    assert not re.search(r"P\d{4}", _draft(tmp_path, "ID,Hip,Visit,IR\n" + rows))


@pytest.mark.parametrize(
    ("text", "setting", "value"),
    [
        ("ID;Hip;IR\na;left;12,5\n", "delimiter", ";"),
        ("ID;Hip;IR\na;left;12,5\n", "decimal", ","),
        ("ID;Hip;IR\na;left;12.5\n", "decimal", None),
        ("ID\tHip\tIR\na\tleft\t12\n", "delimiter", "\t"),
        ("Zürich,Hip,IR\na,left,12\n".encode("cp1252"), "encoding", "cp1252"),
        ("ID,Hip,IR\na,left,12\n".encode("utf-16"), "encoding", None),
        ("Our hips\nID,Hip,IR\na,left,12\n", "skip_rows", 1),
        ("ID,Hip,IR,IR\n,,pre,post\na,left,12,13\n", "header_rows", 2),
        ("ID,Hip,IR\n,,deg\na,left,12\n", "units_row", True),
        ("ID,Hip,Date,IR\na,left,13.02.2024,12\n", "date_format", "%d.%m.%Y"),
        ("ID,Hip,Date,IR\na,left,13/02/2024,12\n", "date_format", "%d/%m/%Y"),
        ("ID,Hip,Date,IR\na,left,02/03/2024,12\n", "date_format", None),
        ("ID,Hip,Date,IR\na,left,02-Mar-2024,12\n", "date_format", "%d-%b-%Y"),
        ("ID,Hip,Date,IR\na,left,02MAR2024,12\n", "date_format", "%d%b%Y"),
        ("ID,Hip,Date,IR\na,left,15/04/24,12\n", "date_format", "%d/%m/%y"),
        ("ID,Hip,Date,IR\na,left,02/03/24,12\n", "date_format", None),
        ("ID,Hip,Date,IR\na,left,20240302,12\n", "date_format", "%Y%m%d"),
        ("ID,Hip,Date,IR\na,left,45353,12\n", "date_format", None),
        ("ID,Hip,IR\na,left,n/a\nb,left,12\n", "na_values", ["n/a"]),
        ("ID,Hip,IR\na,left,k.A.\nb,left,12\n", "na_values", ["k.A."]),
    ],
)
def test_how_a_file_is_written(tmp_path, text, setting, value):
    assert _declared(tmp_path, text).get(setting) == value


@pytest.mark.parametrize(
    ("cells", "name"), [("0,1", "ober"), ("1,3", "ober"), ("-12,4", "ober_deg"), ("8,23", "ober_deg")]
)
def test_a_code_or_a_grade_is_not_taken_for_an_angle(tmp_path, cells, name):
    first, second = cells.split(",")
    declared = _declared(tmp_path, f"ID,Hip,Visit,Ober\na,left,pre,{first}\na,left,post,{second}\n")
    assert [key for key in declared["columns"] if key.startswith("ober")] == [name]


def test_of_a_redcap_export_the_rows_are_asked_for(tmp_path):
    head = "record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,side,ir\n"
    rows = "1,baseline_arm_1,,,,\n1,baseline_arm_1,hip_assessment,1,left,12\n1,post_arm_1,hip_assessment,1,left,18\n"
    text = _draft(tmp_path, head + rows)
    assert '\n[source.where]\nredcap_repeat_instrument = ["hip_assessment"]  # ? the rows that hold readings' in text
    assert 'baseline = ["baseline_arm_1"]' in text
    assert 'episode = "redcap_repeat_instance"  # ? is this right?' in text


def test_where_rows_without_a_form_hold_readings_too_nothing_is_left_out(tmp_path):
    head = "record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,side,ir\n"
    text = _draft(tmp_path, head + "1,baseline_arm_1,,,left,12\n1,post_arm_1,hips,1,left,18\n")
    assert "# [source.where]  # ? in which rows are the hips?" in text


@pytest.mark.parametrize(("second", "line"), [("right", "# episode ="), ("left", "episode =")])
def test_a_number_of_a_form_that_counts_hips_is_no_episode(tmp_path, second, line):
    """As episodes, 1 for the left and 2 for the right hip of one visit would part the two."""
    head = "record_id,redcap_event_name,redcap_repeat_instance,side,ir\n"
    text = _draft(tmp_path, head + f"1,baseline_arm_1,1,left,12\n1,baseline_arm_1,2,{second},18\n")
    assert f'\n{line} "redcap_repeat_instance"  # ?' in text


@pytest.mark.parametrize(("second", "line"), [("right", "# episode ="), ("left", "episode =")])
def test_so_it_is_where_visits_are_columns(tmp_path, second, line):
    head = "record_id,redcap_repeat_instrument,redcap_repeat_instance,side,ir pre,ir post\n"
    text = _draft(tmp_path, head + f"1,hips,1,left,12,15\n1,hips,2,{second},18,19\n")
    assert f'\n{line} "redcap_repeat_instance"  # ?' in text


def test_a_date_that_can_be_read_in_two_ways_is_a_question(tmp_path):
    text = _draft(tmp_path, "ID,Hip,Date,IR\na,left,02/03/2024,12\n")
    assert '# date_format = "%d/%m/%Y"  # ? is it this? all dates can be read as %d/%m/%Y and as %m/%d/%Y' in text


def test_day_numbers_of_a_spreadsheet_are_a_question(tmp_path):
    text = _draft(tmp_path, "ID,Hip,Date,IR\na,left,45353,12\n")
    assert '# date_format = "excel"  # ? is it this? all dates can be read as excel and as excel1904' in text


@pytest.mark.parametrize("first", ["13.02.2024", datetime(2024, 2, 13)])
def test_dates_that_a_workbook_keeps_as_text_have_their_form(tmp_path, first):
    """Beside dates that it keeps as such, too, which need no form."""
    rows = {"ID": ["a", "b"], "Hip": ["left", "left"], "Date": [first, "14.02.2024"], "IR": [12, 13]}
    pd.DataFrame(rows).to_excel(tmp_path / "hips.xlsx", index=False)
    text = draft_study(read_sent([tmp_path / "hips.xlsx"]), builtin())
    assert '\ndate_format = "%d.%m.%Y"\n' in text


def test_dates_without_visits_tell_of_the_key_that_makes_visits_of_days(tmp_path):
    text = _draft(tmp_path, "ID,Hip,Date,IR\na,left,2024-03-02,12\n")
    assert "where dates tell the visits, see [source.visits]" in text
    assert "[source.visits]" not in _draft(tmp_path, "ID,Hip,IR\na,left,12\n")


def test_dates_that_no_one_form_reads_are_a_question(tmp_path):
    text = _draft(tmp_path, "ID,Hip,Date,IR\na,left,02/03/2024,12\nb,left,45751,12\n")
    assert "# ? is it this? no one form reads all dates" in text


def test_numbers_within_text_are_a_question(tmp_path):
    text = _draft(tmp_path, "ID,Hip,IR\na,left,25°\nb,left,12\n")
    assert '# number_patterns = ["{}°"]  # ?' in text


@pytest.mark.parametrize("cell", ["<5", ">45", "12+", "(4)", "\u20135", "0.35 rad", "12 cm"])
def test_a_limit_another_unit_or_a_sign_is_never_offered_as_text_around_a_number(tmp_path, cell):
    text = _draft(tmp_path, f"ID,Hip,IR\na,left,25°\nb,left,{cell}\n")
    assert '# number_patterns = ["{}°"]  # ?' in text
    assert "# ? not taken for readings, as they are limits, other units or signs: " in text


@pytest.mark.parametrize(
    ("header", "reading"),
    [
        ("Patient-ID", Reading("patient_id")),
        ("IR", Reading("hip_ir_deg")),
        ("IR pre", Reading("hip_ir_deg", "baseline")),
        ("SLR post L", Reading("slr_deg", "post", "left")),
        ("R_IR_followup", Reading("hip_ir_deg", "followup", "right")),
        ("Internal rotation (left) before", Reading("hip_ir_deg", "baseline", "left")),
        ("slrpost", Reading("slr_deg", "post")),
        ("redcap_event_name", Reading("timepoint")),
        ("Notes", None),
        ("Shoulder IR", None),
        ("IR change", None),
    ],
)
def test_headers(header, reading):
    assert Recogniser(Vocabulary(builtin()), [header]).read(header) == reading


def test_an_abbreviation_of_two_measures_is_not_read():
    assert Recogniser(Vocabulary(builtin()), ["hpre"]).readings() == {}


def test_a_study_that_is_there_is_never_overwritten(tmp_path):
    shutil.copy(BATH / "hips.csv", tmp_path / "hips.csv")
    (tmp_path / "study.toml").write_text("mine")
    with pytest.raises(FileExistsError, match=r"study\.toml is in"):
        start_study([tmp_path / "hips.csv"], tmp_path)
    assert (tmp_path / "study.toml").read_text() == "mine"


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    (tmp_path / "hips.xlsx").write_bytes(b"hello")
    with pytest.raises(StudyError, match=r"^hips\.xlsx: not a whole workbook"):
        draft_study(read_sent([tmp_path / "hips.xlsx"]), builtin())


NUMBERED = "ID,Hip,{0}1,{0}2,{0}3\n1,L,20,28,27\n1,R,21,22,23\n"


@pytest.mark.parametrize("measure", ["IR T", "IR V", "IR visit "])
def test_visits_that_are_only_numbered_are_a_question_and_nothing_is_taken(tmp_path, measure):
    """Many count from the baseline: T1 need not be the visit after the stretch."""
    text = _draft(tmp_path, NUMBERED.format(measure))
    assert "# ? the visits are only numbered: 1, 2, 3." in text
    assert "# [source.timepoints.baseline]  # ? is this the visit numbered 1?" in text
    assert f'# hip_ir_deg = "{measure}1"' in text.split("numbered 1?")[1].split("numbered 2?")[0]
    assert "timepoints" not in tomllib.loads(text)["source"][0]


def test_the_proposed_visits_load_when_their_marks_are_deleted(tmp_path):
    text = _draft(tmp_path, NUMBERED.format("IR T"))
    text = re.sub(r"^# (\[source\.timepoints|hip_ir_deg)", r"\1", text, flags=re.M)
    (tmp_path / "study.toml").write_text(text)
    visits = load(tmp_path).assessments
    assert visits["timepoint"].tolist() == ["baseline", "post", "followup"] * 2
    assert visits.loc[visits["timepoint"] == "baseline", "hip_ir_deg"].tolist() == [20, 21]


def test_words_of_visits_that_are_only_numbered_are_a_question_too(tmp_path):
    text = _draft(tmp_path, "ID,Hip,Visit,IR\n1,left,T1,20\n1,left,T2,28\n")
    assert '# ? which of intake, baseline, reread, post, followup are "T1", "T2"?' in text


def test_identifiers_at_several_clinics_are_a_question(tmp_path):
    csv = "Site,ID,Hip,Visit,IR\nA,1,left,baseline,12\nA,2,left,baseline,12\n{},1,left,baseline,13\n"
    key = '# patient_id = ["Site", "ID"]'
    assert key in _draft(tmp_path, csv.format("B"))
    assert key not in _draft(tmp_path, csv.format("A"))


def _book(path, **sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_every_sheet_that_tells_of_patients_becomes_a_source(tmp_path):
    """The measure and the visit may stand in the name of a sheet alone."""
    path = _book(
        tmp_path / "sent.xlsx",
        IR=[["ID", "Visit", "Left", "Right"], ["a", "pre", 12, 14], ["a", "post", 18, 15]],
        SLR=[["ID", "Visit", "Left", "Right"], ["a", "pre", 60, 61], ["a", "post", 72, 63]],
        People=[["ID", "Sex"], ["a", "f"]],
        Legend=[["IR", "Hip internal rotation"], ["SLR", "Straight leg raise"]],
    )
    start_study([path], tmp_path / "study")
    text = (tmp_path / "study/study.toml").read_text()
    assert '# ? sheets in which no patients were recognised, so not used: "Legend"' in text
    assert 'hip_ir_deg = { left = "Left", right = "Right" }  # ? as the file or sheet is called' in text
    assert text.count("completes_visits = true  # ?") == 1
    visits = load(tmp_path / "study").assessments
    assert visits["hip_ir_deg"].tolist() == [12, 18, 14, 15]
    assert visits["slr_deg"].tolist() == [60, 72, 61, 63]
    assert visits["sex"].tolist() == ["female"] * 4


def test_several_files_become_several_sources(tmp_path):
    (tmp_path / "before.csv").write_text("ID,Hip,IR\na,left,12\n")
    (tmp_path / "after.csv").write_text("ID,Hip,IR\na,left,18\n")
    start_study([tmp_path / "before.csv", tmp_path / "after.csv"], tmp_path / "study")
    text = (tmp_path / "study/study.toml").read_text()
    assert 'timepoint = "baseline"  # ? as the file or sheet is called' in text
    assert load(tmp_path / "study").assessments["hip_ir_deg"].tolist() == [12, 18]


def test_two_files_of_one_name_are_refused(tmp_path):
    for folder in ("north", "south"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.csv").write_text("ID,Hip,IR\na,left,12\n")
    with pytest.raises(StudyError, match=r"^a\.csv: two of the files have this name"):
        start_study([tmp_path / "north/a.csv", tmp_path / "south/a.csv"], tmp_path / "study")
    assert not (tmp_path / "study").exists()


def test_columns_called_left_and_right_alone_are_a_question(tmp_path):
    text = _draft(tmp_path, "ID,Visit,Left,Right\na,pre,12,14\n")
    assert (
        '# ? which measure is it that has a column for each side? Put its name for the …:  … = { left = "Left"' in text
    )


def test_visits_that_are_counted_from_0_begin_at_the_baseline_with_a_question(tmp_path):
    text = _draft(tmp_path, "ID,Hip,IR T0,IR T1\na,left,12,18\n")
    assert '[source.timepoints.baseline]\nhip_ir_deg = "IR T0"  # ? is this right?' in text
    text = _draft(tmp_path, "ID,Hip,Visit,IR\na,left,T0,12\na,left,T1,18\n")
    assert 'baseline = ["T0"]  # ? is this right?' in text


def test_an_angle_whose_cells_are_no_such_angles_is_a_question(tmp_path):
    text = _draft(tmp_path, "ID,Hip,Visit,IR,SLR\na,left,pre,12,1870\nb,left,pre,13,1910\n")
    assert 'hip_ir_deg = "IR"\n' in text
    assert 'slr_deg = "SLR"  # ? few of its cells are such numbers' in text


def test_two_columns_that_read_alike_are_a_question(tmp_path):
    text = _draft(tmp_path, "ID,Patient number,Hip,Visit,IR\n1,a,left,pre,12\n")
    assert 'patient_id = "Patient number"  # ? or "ID"?' in text


def test_where_columns_tell_the_visits_another_column_of_visits_is_not_used(tmp_path):
    declared = _declared(tmp_path, "ID,Hip,Session,IR pre,IR post\n1,left,3,12,18\n")
    assert "timepoint" not in declared["columns"]


def test_a_word_for_a_missing_number_that_is_also_a_result_is_a_question(tmp_path):
    """na_values holds for the whole file: a negative test would be missing without a word."""
    text = _draft(tmp_path, "ID,Hip,IR,Ober\na,left,-,-\nb,left,12,+\n")
    assert '# na_values = ["-"]  # ? it stands in columns of words too' in text
    assert "na_values" not in tomllib.loads(text)["source"][0]


@pytest.mark.parametrize("mark", ["x", "X", "-", "–", "?", ".", "n.v.", "k.A.", "n.d.", "nr", "none"])
def test_a_mark_among_numbers_is_missing_only_with_a_question(tmp_path, mark):
    table = f"ID,Hip,IR\na,left,{mark}\nb,left,12\nc,left,n/a\n"
    (line,) = [line for line in _draft(tmp_path, table).splitlines() if "na_values" in line]
    declared, question = line.split("  # ? ")
    assert set(tomllib.loads(declared)["na_values"]) == {mark, "n/a"}
    assert question == f'does "{mark}" stand for a missing reading, and nothing else?'


@pytest.mark.parametrize(("answer", "declared"), [("yes", ["n/a", "x"]), ("no", ["n/a"])])
def test_whoever_answers_says_what_a_mark_means(tmp_path, answer, declared):
    (tmp_path / "hips.csv").write_text("ID,Hip,Visit,IR\na,left,pre,x\nb,left,pre,12\nc,left,pre,n/a\n")
    asked = []

    def ask(question):
        asked.append(question)
        return answer if "missing reading" in question.text else None

    text = start_study([tmp_path / "hips.csv"], tmp_path / "study", ask=ask).read_text()
    assert f"na_values = {json.dumps(declared)}\n" in text
    (question,) = [question for question in asked if "missing reading" in question.text]
    assert question.beside == '"IR" holds 12, n/a, x'


LABELS = {"v1": "Participant ID", "v2": "Side tested", "v3": "Hip internal rotation before", "v4": "Shoe size"}


@pytest.mark.parametrize("kind", ["sav", "zsav", "dta", "xpt", "json"])
def test_the_words_that_a_file_has_for_its_columns_are_read(tmp_path, kind):
    """As statistics programs keep them beside short names."""
    table = pd.DataFrame({"v1": ["a", "b"], "v2": ["left", "right"], "v3": [12.0, 14.0], "v4": [40.0, 41.0]})
    path, labels = tmp_path / f"hips.{kind}", list(LABELS.values())
    if kind == "json":
        columns = [{"name": name, "label": label} for name, label in LABELS.items()]
        path.write_text(json.dumps({"datasetJSONVersion": "1.1.0", "columns": columns, "rows": table.values.tolist()}))
    elif kind == "zsav":
        pyreadstat.write_sav(table, path, column_labels=labels, compress=True)
    else:
        write = {"sav": "write_sav", "dta": "write_dta", "xpt": "write_xport"}[kind]
        getattr(pyreadstat, write)(table, path, column_labels=labels)
    text = draft_study(read_sent([path]), builtin())
    assert '\npatient_id = "v1"\nside = "v2"\n' in text
    assert '\n[source.timepoints.baseline]\nhip_ir_deg = "v3"\n' in text
    assert 'not used: "v4"' in text
