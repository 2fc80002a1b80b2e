"""Files as clinics and programs write them that nobody of the project has met: what they hold is counted by hand."""

from datetime import date

import openpyxl
import pytest

from analysis import load, read_study
from analysis.intake.start import start_study


def _drafted(folder, content, name="sent.csv"):
    """Write a file, or the rows of a workbook, and draft a study of it."""
    path = folder / name
    if isinstance(content, list):
        book = openpyxl.Workbook()
        for row in content:
            book.active.append(row)
        book.save(path)
    else:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return start_study([path], folder / "study", None)


def _readings(folder, name="hip_ir_deg"):
    """Return the readings of each hip and visit, such as ``{"1 left baseline": 12}``."""
    visits = load(folder).assessments
    keys = visits[["patient_id", "side", "timepoint"]].astype("str").agg(" ".join, axis=1)
    return dict(zip(keys, visits[name], strict=True))


def test_a_form_in_two_rows_of_names_with_subtotals_and_a_legend(tmp_path):
    rows = [
        ["Studio Bianchi"], [],
        ["Paziente", "Sede", "RI prima", "RI prima", "RI dopo", "RI dopo"],
        [None, None, "DX", "SX", "DX", "SX"],
        ["P1", "Roma", 22, 14, 25, 22], ["P2", "Roma", 18, 12, 19, 18], ["Totale Roma", None, 40, 26, 44, 40],
        ["P3", "Milano", 25, 16, 24, 22], ["Totale Milano", None, 25, 16, 24, 22],
        ["Totale generale", None, 65, 42, 68, 62], ["RI = rotazione interna, prono"],
    ]  # fmt: skip
    file = _drafted(tmp_path, rows, "sent.xlsx")
    errors = read_study(tmp_path / "study").errors
    assert [(row.rule, row.row) for row in errors.itertuples()] == [("summary_row", n) for n in (7, 9, 10, 11)]
    file.write_text(file.read_text().replace("skip_rows", 'rows_without_patient = "note"\nskip_rows'))
    assert _readings(tmp_path / "study") == {
        "P1 left baseline": 14, "P1 left post": 22, "P1 right baseline": 22, "P1 right post": 25,
        "P2 left baseline": 12, "P2 left post": 18, "P2 right baseline": 18, "P2 right post": 19,
        "P3 left baseline": 16, "P3 left post": 22, "P3 right baseline": 25, "P3 right post": 24,
    }  # fmt: skip


@pytest.mark.parametrize("later", ["Un mes después", "Seis semanas después"])
def test_a_month_after_is_not_at_once_after(tmp_path, later):
    text = f"Paciente;Lado;Momento;RI\n1;izq;Antes;12\n1;izq;{later};16\n1;der;Antes;20\n1;der;{later};24\n"
    file = _drafted(tmp_path, text)
    assert f'# ? which of intake, baseline, reread, post, followup are "{later}"?' in file.read_text()


def test_a_dash_beside_pos_and_neg_is_a_question(tmp_path):
    text = "ID,Side,IR,Ober pre,Ober post\n1,L,12,pos,neg\n1,R,22,neg,-\n"
    assert '# ? which of negative, positive are "-"?' in _drafted(tmp_path, text).read_text()


def test_a_table_of_its_own_beyond_an_empty_column_is_a_question(tmp_path):
    rows = [["ID", "Side", "IR pre", "IR post", None, "Person", "Age"],
            ["a", "L", 12, 20, None, "a", 34], ["a", "R", 22, 25, None, "b", 51],
            ["b", "L", 15, 18], ["b", "R", 25, 24]]  # fmt: skip
    text = _drafted(tmp_path, rows, "sent.xlsx").read_text()
    assert 'age_years = "Age"  # ? it stands beyond an empty column' in text
    assert 'hip_ir_deg = "IR pre"\n' in text


def test_an_empty_column_within_a_table_is_no_matter(tmp_path):
    rows = [["ID", "Side", "IR pre", None, "IR post", "Age"], ["a", "L", 12, None, 20, 34],
            ["b", "R", 22, None, 25, 51]]  # fmt: skip
    assert "beyond an empty column" not in _drafted(tmp_path, rows, "sent.xlsx").read_text()


@pytest.mark.parametrize("numbers", [[1, 2, 3, 4, 5], ["(1)", "(2)", "(3)", "(4)", "(5)"]])
def test_a_row_that_numbers_the_columns_is_no_patient(tmp_path, numbers):
    rows = [["Pat.-Nr.", "IR L vor", "IR R vor", "IR L nach", "IR R nach"], numbers, ["A1", 12, 22, 20, 25]]
    assert "rows_below_header = 1  # ?" in _drafted(tmp_path, rows, "sent.xlsx").read_text()
    assert _readings(tmp_path / "study") == {
        "A1 left baseline": 12, "A1 left post": 20, "A1 right baseline": 22, "A1 right post": 25,
    }  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16"])
def test_two_bytes_a_letter_with_and_without_a_mark(tmp_path, encoding):
    text = "N.º HC\tLado\tMomento\tRI (°)\r\n1.010\tI\tAntes\t12\r\n1.010\tD\tDespués\t25\r\n"
    file = _drafted(tmp_path, text.encode(encoding), "sent.txt")
    declared = [line.partition("  # ?")[0] for line in file.read_text().splitlines() if line.startswith("encoding")]
    assert declared == ([] if encoding == "utf-16" else [f'encoding = "{encoding}"'])
    assert _readings(tmp_path / "study") == {"1.010 left baseline": 12, "1.010 right post": 25}


def test_a_workbook_whose_numbers_are_text_with_a_comma(tmp_path):
    rows = [["ID", "Seite", "IR vor", "IR nach"], [1, "li", "12,5", "20,0"], [1, "re", 22.5, "25"]]
    assert 'decimal = ","' in _drafted(tmp_path, rows, "sent.xlsx").read_text()
    assert _readings(tmp_path / "study") == {
        "1 left baseline": 12.5, "1 left post": 20, "1 right baseline": 22.5, "1 right post": 25,
    }  # fmt: skip


def test_a_redcap_export_with_labels(tmp_path):
    text = """Record ID,Event Name,Repeat Instrument,Repeat Instance,Sex,Which hip?,Internal rotation (deg),Complete?
1,Baseline (Arm 1: Stretch),,,Female,,,Complete
1,Baseline (Arm 1: Stretch),Hip Assessment,1,,Left hip,11,Complete
1,Baseline (Arm 1: Stretch),Hip Assessment,2,,Right hip,19,Complete
1,After stretch (Arm 1: Stretch),Hip Assessment,1,,Left hip,17,Complete
"""
    _drafted(tmp_path, text)
    assert _readings(tmp_path / "study") == {"1 left baseline": 11, "1 left post": 17, "1 right baseline": 19}
    assert load(tmp_path / "study").assessments["sex"].tolist() == ["female"] * 3


QUALTRICS = """\
Start Date,{kind},Response ID,Participant code,Hip,IR before,IR after
2026-03-02 10:00:00,{real},R_1,A1,Left,12,20
2026-03-02 10:10:00,{real},R_2,A1,Right,22,25
2026-03-03 11:00:00,{tried},R_4,xx,Left,45,46
"""


@pytest.mark.parametrize(
    ("kind", "real", "tried"),
    [("Response Type", "IP Address", "Survey Preview"), ("Status", "IP Address", "Spam"), ("Status", "0", "1")],
)
def test_previews_of_a_survey_are_nobodys(tmp_path, kind, real, tried):
    text = _drafted(tmp_path, QUALTRICS.format(kind=kind, real=real, tried=tried)).read_text()
    assert f'= ["{real}"]  # ? the other rows are previews, tests or spam' in text
    assert {key.split()[0] for key in _readings(tmp_path / "study")} == {"A1"}


def test_where_nothing_was_only_tried_no_row_is_left_out(tmp_path):
    assert "[source.where]" not in _drafted(tmp_path, QUALTRICS.format(kind="Status", real="0", tried="0")).read_text()


def test_each_numbered_visit_has_its_own_date(tmp_path):
    names = "ID;Datum T0;IR L T0;IR R T0;Datum T1;IR L T1;IR R T1"
    _drafted(tmp_path, f"{names}\n1;13.02.2024;12;22;13.03.2024;20;25\n")
    dates = load(tmp_path / "study").assessments.groupby("timepoint", observed=True)["date"].first()
    assert dates.dt.strftime("%Y-%m-%d").to_dict() == {"baseline": "2024-02-13", "post": "2024-03-13"}


SWAPPED = [date(2024, 3, 4), date(2024, 5, 4), date(2024, 4, 7)]


@pytest.mark.parametrize(
    ("days", "warned"),
    [
        ([*SWAPPED, "25/04/2024", "28/04/2024"], True),
        ([*SWAPPED, "25/04/2024", "05/04/2024"], False),
        ([date(2024, 3, 25), *SWAPPED[1:], "25/04/2024", "28/04/2024"], False),
        ([*SWAPPED, date(2024, 5, 6), date(2024, 4, 8)], False),
    ],
)
def test_days_and_months_that_a_program_took_for_each_other_are_a_warning(tmp_path, days, warned):
    """A program set to American dates keeps 25/04/2024 as text, and makes a date of 03/04/2024: the 4th of March."""
    rows = [["ID", "Date", "Side", "IR pre"], *([n, day, "L", 12] for n, day in enumerate(days))]
    text = _drafted(tmp_path, rows, "sent.xlsx").read_text()
    assert ('date_format = "%d/%m/%Y"' in text) == any(isinstance(day, str) for day in days)
    assert ("days_swapped" in set(read_study(tmp_path / "study").problems["rule"])) == warned


GROUPS = "Pat,Age,Left,,Right,\n,,IR pre,IR post,IR pre,IR post\nK1,34,12,20,22,25\n"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_names_above_several_columns_that_are_not_merged_or_were_saved_as_text(tmp_path, kind):
    rows = [[int(cell) if cell.isdecimal() else cell for cell in line.split(",")] for line in GROUPS.splitlines()]
    _drafted(tmp_path, GROUPS if kind == "csv" else rows, f"sent.{kind}")
    assert _readings(tmp_path / "study") == {
        "K1 left baseline": 12, "K1 left post": 20, "K1 right baseline": 22, "K1 right post": 25,
    }  # fmt: skip


def test_a_survey_of_two_rows_of_names(tmp_path):
    text = """Respondent ID,Start Date,Patient code,Which hip?,IR before,IR after
,,Open-Ended Response,Response,Open-Ended Response,Open-Ended Response
1001,01/20/2026 10:00:00 AM,P1,Left,12,20
1002,01/20/2026 10:00:00 AM,P1,Right,22,25
"""
    _drafted(tmp_path, text)
    assert _readings(tmp_path / "study") == {
        "P1 left baseline": 12, "P1 left post": 20, "P1 right baseline": 22, "P1 right post": 25,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("readings", "code"),
    [
        ((60, 58, 99, 99), "99"), ((60, 58, 99, 70), None), ((60, 91, 99, 99), None), ((99, 99, 99, 99), None),
        ((60, 58, 98, 98), None), ((60, 58, 88, 88), "88"),
        ((60, 58, 0, 0), "0"), ((60, 58, 0, 50), None), ((12, 22, 0, 0), "0"), ((10, 22, 0, 0), None),
        ((-12, 22, 0, 0), None),
    ],
)  # fmt: skip
def test_a_number_that_may_be_a_code_for_missing_is_a_warning(tmp_path, readings, code):
    """99 is a straight leg raise that some people have."""
    rows = "".join(f"{n},L,{reading}\n" for n, reading in enumerate(readings))
    _drafted(tmp_path, "ID,Side,SLR pre\n" + rows)
    problems = read_study(tmp_path / "study").problems
    assert set(problems.loc[problems["rule"] == "looks_like_code", "value_shown"]) == ({code} if code else set())


@pytest.mark.parametrize("text", ["sep=;\r\nID;Seite;IR\r\n1;li;12\r\n", "ID;Seite;IR\r1;li;12\r"])
def test_a_line_for_excel_and_ends_of_line_of_old(tmp_path, text):
    file = _drafted(tmp_path, text)
    file.write_text(file.read_text().replace('# timepoint = "baseline"', 'timepoint = "baseline"'))
    assert _readings(tmp_path / "study") == {"1 left baseline": 12}


@pytest.mark.parametrize("above", ["Clinic: North\n\n", "\n", "Our hips\n\nSpring\n\n\n", ""])
def test_lines_above_the_names_are_counted_with_the_empty_ones(tmp_path, above):
    _drafted(tmp_path, f"{above}ID,Side,IR pre,IR post\n1,L,12,20\n\n1,R,22,25\n\n\n")
    assert _readings(tmp_path / "study") == {
        "1 left baseline": 12, "1 left post": 20, "1 right baseline": 22, "1 right post": 25,
    }  # fmt: skip


def test_what_was_measured_once_did_not_stay_the_same(tmp_path):
    """One column of Ober beside two of rotation: a hip of which it was never asked again has not failed to improve."""
    text = "ID,Side,IR pre,IR post,Ober\n1,L,12,20,pos\n1,R,22,25,neg\n"
    file = _drafted(tmp_path, text)
    assert '\n# ober = "Ober"  # ? "ober" would be the same at every visit: at which one' in file.read_text()
    assert load(tmp_path / "study").assessments["ober"].isna().all()
    file.write_text(file.read_text().replace('# ober = "Ober"', 'ober = "Ober"'))
    (error,) = read_study(tmp_path / "study").errors.to_dict("records")
    assert (error["rule"], error["column"]) == ("same_at_every_visit", "ober")
    assert "at each of baseline, post" in error["message"]


@pytest.mark.parametrize(("column", "told"), [("Pelvic tilt", "ant"), ("Position", "prone")])
def test_what_is_told_once_of_a_row_holds_at_each_visit(tmp_path, column, told):
    text = f"ID,Side,IR pre,IR post,{column}\n1,L,12,20,{told}\n1,R,22,25,{told}\n"
    _drafted(tmp_path, text)
    assert load(tmp_path / "study").assessments[column.lower().replace(" ", "_")].notna().all()


def test_six_weeks_after_is_not_the_sixth_visit(tmp_path):
    """Only week 0 says which visit it is; a reading of another week is not taken for one of all visits."""
    file = _drafted(tmp_path, "ID,Side,IR week 0,IR week 6,IR week 12\n1,L,12,20,22\n")
    text = file.read_text()
    assert '[source.timepoints.baseline]\nhip_ir_deg = "IR week 0"  # ? is this right?' in text
    assert "[source.timepoints.post]" not in text
    assert '\n# hip_ir_deg = "IR week 6"  # ? ' in text
    file.write_text(text.replace('# hip_ir_deg = "IR week 6"', 'hip_ir_deg = "IR week 6"'))
    assert "same_at_every_visit" in set(read_study(tmp_path / "study").errors["rule"])


def test_the_side_of_a_measure_is_no_angle(tmp_path):
    text = _drafted(tmp_path, "ID,ir_side,ir_value,when\n1,1,12,pre\n1,2,22,pre\n").read_text()
    assert 'side = "ir_side"  # ? is this right?' in text
    assert 'hip_ir_deg = "ir_value"\n' in text


@pytest.mark.parametrize("header", ["IR hip", "IR left side", "IR side lying"])
def test_a_measure_beside_the_word_side_is_the_measure(tmp_path, header):
    text = _drafted(tmp_path, f"ID,{header},when\n1,12,pre\n").read_text()
    assert 'side = "' not in text.partition("[source.set]")[0]


@pytest.mark.parametrize(
    ("names", "line"),
    [
        ("IR prone pre,IR prone post", 'position = "prone"  # ? as "IR prone pre" says; is this right?'),
        ("PROM IR pre,PROM IR post", 'motion = "passive"  # ? as "PROM IR pre" says; is this right?'),
        ("IR prone pre,IR seated post", '# position = …  # ? the columns differ: "IR prone pre" prone, '),
        ("IR pre,SLR passive pre", '# motion = "active"  # ? one of active, passive'),
    ],
)
def test_how_it_was_measured_may_stand_in_the_names(tmp_path, names, line):
    assert f"\n{line}" in _drafted(tmp_path, f"ID,Side,{names}\n1,L,12,60\n1,R,22,65\n").read_text()


def test_marks_within_cells_divide_no_fields(tmp_path):
    text = 'ID,Side,IR pre,IR post\n1,L,"20; 21; 22","28; 27; 28"\n1,R,"20; 21; 22","28; 27; 28"\n'
    drafted = _drafted(tmp_path, text).read_text()
    assert "delimiter" not in drafted
    assert 'side = "Side"' in drafted
