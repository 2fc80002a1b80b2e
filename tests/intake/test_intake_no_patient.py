"""Rows of means and totals, legends, empty rows and rows sent twice are no patients; each leaves by a declared key."""

import openpyxl
import pytest

from analysis import analyse, load, rates
from study_folders import HEADER, found, write, write_tidy

WIDE = """
name = "m"
[[source]]
file = "visits.csv"
{source}
[source.columns]
{patient}
[source.timepoints.baseline]
hip_ir_deg = {{ left = "pre L", right = "pre R" }}
[source.timepoints.post]
hip_ir_deg = {{ left = "post L", right = "post R" }}
[source.set]
position = "prone"
motion = "passive"
device = "goniometer"
"""
# Gains of 5 or more: left 8 7 6 5 of six (2 and 1 are not), right 7 of six (2 1 3 1 4 are not).
SIX = """ID,pre L,pre R,post L,post R
1,20,25,28,27
2,18,22,25,23
3,24,30,26,31
4,15,19,21,26
5,22,21,23,22
6,19,26,24,30
"""
ONE_EACH = HEADER + "1,left,baseline,12\n2,left,baseline,13\n{word},left,baseline,12.5\n"


def _wide(folder, csv, source="", patient='patient_id = "ID"'):
    return write(folder, WIDE.format(source=source, patient=patient), visits=csv)


def _by_side(folder):
    table = rates(analyse(load(folder)).responses, by=["side"], response="ir")
    return [(row.n_patients, row.n_responders, row.n_evaluable) for row in table.itertuples()]


def test_rows_of_mean_and_sd_are_named_with_row_and_word(tmp_path):
    folder = _wide(tmp_path, SIX + "Mean,19.7,23.8,25.0,26.5\nSD,3.1,4.1,2.6,3.6\n")
    assert found(folder) == [
        ("error", "summary_row", "visits.csv", 8, "ID", "Mean"),
        ("error", "summary_row", "visits.csv", 9, "ID", "SD"),
    ]


@pytest.mark.parametrize(
    ("source", "note"),
    [
        ('rows_without_patient = "note"', ("note", "rows_without_patient", "visits.csv", 8, "", "3 rows")),
        ("last_row = 7", ("note", "rows_beneath", "visits.csv", 8, "", "3 rows")),
    ],
)
def test_a_declared_key_leaves_them_out_and_the_rates_are_those_of_six(tmp_path, source, note):
    csv = SIX + "Mean,19.7,23.8,25.0,26.5\nSD,3.1,4.1,2.6,3.6\n,1 = treated,,,\n"
    folder = _wide(tmp_path, csv, source)
    assert found(folder) == [note]
    assert _by_side(folder) == [(6, 4, 6), (6, 1, 6)]


@pytest.mark.parametrize(
    "word",
    ["MEAN", "Mean ± SD", "Total:", "Grand Total", "Average", "Median", "Sum", "N", "N = 2", "Total (n=2)", "Count",
     "Min", "Max", "Mittelwert", "Summe", "Std. Dev.", "Standard deviation", "1 Total", "Gesamtergebnis", "Moyenne",
     "Écart-type"],
)  # fmt: skip
def test_the_words_of_spreadsheets_in_whatever_case(tmp_path, word):
    problems = found(write_tidy(tmp_path, ONE_EACH.format(word=word)))
    assert problems == [("error", "summary_row", "visits.csv", 4, "ID", word)]


@pytest.mark.parametrize("word", ["N1", "M1", "SD-7", "Meaney", "Summers", "Total hip 3", "Maximilian"])
def test_an_identifier_that_only_contains_such_a_word_is_a_patient(tmp_path, word):
    assert found(write_tidy(tmp_path, ONE_EACH.format(word=word).replace("12.5", "14"))) == []


def test_initials_and_names_are_patients_where_the_others_are_such_too(tmp_path):
    csv = HEADER + "".join(f"{name},left,baseline,12\n" for name in ("AB", "SD", "M", "Max"))
    assert found(write_tidy(tmp_path, csv)) == []


def test_a_word_is_a_patient_when_it_is_declared_to_be(tmp_path):
    csv = ONE_EACH.format(word="Max").replace("12.5", "14")
    assert found(write_tidy(tmp_path, csv, 'real_identifiers = ["Max"]')) == []


def test_where_rows_number_people_the_word_is_looked_for_at_the_end_of_every_unused_column(tmp_path):
    csv = SIX.replace("ID,", "Note,") + "Mean,19.7,23.8,25.0,26.5\n"
    problems = found(_wide(tmp_path, csv, "rows_per_person = 1", ""))
    assert ("error", "summary_row", "visits.csv", 8, "Note", "Mean") in problems


def test_a_total_in_the_clinic_column_is_no_patient(tmp_path):
    csv = "Site,ID,Hip,Visit,IR\nNorth,1,left,baseline,12\nTotal,2,left,baseline,12\n"
    problems = found(write_tidy(tmp_path, csv, columns='clinic_id = "Site"'))
    assert problems == [("error", "summary_row", "visits.csv", 3, "Site", "Total")]


def test_a_row_of_commas_is_as_little_a_fault_as_an_empty_row_of_excel(tmp_path):
    rows = [["ID", "Hip", "Visit", "IR"], ["a", "left", "baseline", 12], ["", " ", None, None],
            ["b", "left", "baseline", 13]]  # fmt: skip
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    of_excel = write_tidy(tmp_path / "excel", "").parent / "excel"
    (of_excel / "study.toml").write_text((of_excel / "study.toml").read_text().replace(".csv", ".xlsx"))
    book.save(of_excel / "visits.xlsx")
    csv = "".join(",".join("" if cell is None else str(cell) for cell in row) + "\n" for row in rows)
    of_text = write_tidy(tmp_path / "text", csv)
    assert found(of_excel) == found(of_text) == []
    assert load(of_text).assessments["source_row"].tolist() == [2, 4]


def test_an_empty_row_where_rows_number_people_is_asked_about(tmp_path):
    csv = 'IR\n10\n""\n12\n'
    toml = WIDE.split("[source.columns]")[0].format(source="rows_per_person = 1")
    toml += '[source.columns]\nhip_ir_deg = "IR"\n[source.set]\nside = "left"\ntimepoint = "baseline"\n'
    problems = found(write(tmp_path, toml, visits=csv))
    assert [problem for problem in problems if problem[0] == "error"] == [
        ("error", "empty_row", "visits.csv", 3, "", "")
    ]


LEGEND = "1,left,baseline,20\n,,,\n,,1 = treated,\n"


def test_a_legend_beneath_the_table_is_refused_with_the_keys_that_leave_it_out(tmp_path):
    folder = write_tidy(tmp_path, HEADER + LEGEND)
    assert ("error", "key_missing", "visits.csv", 4, "patient_id", "") in found(folder)


@pytest.mark.parametrize(
    ("source", "note"),
    [
        ('rows_without_patient = "note"', ("note", "rows_without_patient", "visits.csv", 4, "", "1 row")),
        ("last_row = 2", ("note", "rows_beneath", "visits.csv", 4, "", "1 row")),
    ],
)
def test_either_key_leaves_it_out(tmp_path, source, note):
    assert found(write_tidy(tmp_path, HEADER + LEGEND, source)) == [note]


def test_nothing_beneath_the_last_row_need_be_csv(tmp_path):
    folder = write_tidy(
        tmp_path, HEADER + '1,left,baseline,20\nSource: "our clinic, 2024\n* p < 0.05\n', "last_row = 2"
    )
    assert found(folder) == [("note", "rows_beneath", "visits.csv", 3, "", "2 rows")]


@pytest.mark.parametrize(
    "word",
    ["Totale Roma", "Mean North", "Durchschnitt Nord", "Gemiddelde alle", "Standardabw.", "Moy.", "Ec. type",
     "Dev. st.", "Média ± DP", "Gesamtmittelwert", "Zwischensumme", "Sous-total", "Średnia", "Ø", "∑", "95% CI",
     "p-value", "t-test", "Norm", "Reference values", "Total 3 patients", "Mean 2025", "TEST", "Mittel (n=6)"],
)  # fmt: skip
def test_summaries_of_groups_and_in_other_words_are_no_patients_of_a_table_with_sides_as_columns(tmp_path, word):
    """There no missing side gives them away."""
    problems = found(_wide(tmp_path, SIX + f"{word},19.7,23.8,25.0,26.5\n"))
    assert problems == [("error", "summary_row", "visits.csv", 8, "ID", word)]


def test_subtotals_within_the_table_leave_the_rates_as_they_are(tmp_path):
    lines = SIX.splitlines(keepends=True)
    csv = "".join([*lines[:4], "Totale Roma,20.7,25.7,26.3,27\n", *lines[4:], "Totale Milano,18.7,22,23.7,26\n"])
    assert _by_side(_wide(tmp_path, csv, 'rows_without_patient = "note"')) == [(6, 4, 6), (6, 1, 6)]


def test_a_subtotal_that_names_a_clinic_is_one_among_names_too(tmp_path):
    csv = "Site,ID,pre L,pre R,post L,post R\nRoma,Anna,20,25,28,27\nRoma,Bruno,18,22,25,23\n,Totale Roma,19,23,26,25\n"
    folder = _wide(tmp_path, csv, patient='patient_id = "ID"\nclinic_id = "Site"')
    assert found(folder) == [("error", "summary_row", "visits.csv", 4, "ID", "Totale Roma")]


@pytest.mark.parametrize(
    "word", ["IR = internal rotation in degrees", "* prone, by a goniometer", "measured by AB in May"]
)
def test_a_legend_is_no_patient_where_sides_are_columns(tmp_path, word):
    folder = _wide(tmp_path, SIX + f'"{word}",,,,\n')
    assert found(folder) == [("error", "summary_row", "visits.csv", 8, "ID", word)]


@pytest.mark.parametrize("word", ["P7", "Anna Maria", "Total hip 3", "North 7"])
def test_a_patient_without_a_reading_is_no_legend(tmp_path, word):
    assert "summary_row" not in {rule for _, rule, *_ in found(_wide(tmp_path, SIX + f"{word},,,,\n"))}


def test_identifiers_that_all_begin_with_such_a_word_are_patients(tmp_path):
    csv = "ID,pre L,pre R,post L,post R\n" + "".join(f"Test {n},{20 + n},22,25,2{n}\n" for n in range(6))
    assert not {rule for _, rule, *_ in found(_wide(tmp_path, csv))} & {"summary_row"}


@pytest.mark.parametrize("word", ["1 avg", "1-mean", "2_SD", "NULL", "N/A", "#N/A", "nan", "-", "?", "(blank)"])
def test_the_mean_of_a_person_and_words_for_nothing_are_no_patients_among_codes(tmp_path, word):
    problems = found(_wide(tmp_path, SIX + f"{word},19.7,23.8,25.0,26.5\n"))
    assert problems == [("error", "summary_row", "visits.csv", 8, "ID", word)]


@pytest.mark.parametrize("word", ["1-A", "1 AB", "9 avg", "1-b", "10", "n1"])
def test_identifiers_that_go_on_as_others_do_are_patients(tmp_path, word):
    assert "summary_row" not in {rule for _, rule, *_ in found(_wide(tmp_path, SIX + f"{word},20,22,25,23\n"))}


def test_a_name_that_also_means_nothing_is_a_patient_among_names(tmp_path):
    csv = "ID,pre L,pre R,post L,post R\nAnna,20,25,28,27\nNan,18,22,25,23\nBruno,18,22,25,23\n"
    assert "summary_row" not in {rule for _, rule, *_ in found(_wide(tmp_path, csv))}


NAMES = "ID,pre L,pre R,post L,post R\n"
AGAIN = "".join([*SIX.splitlines(keepends=True)[:4], NAMES, *SIX.splitlines(keepends=True)[4:]])


def test_names_of_columns_that_stand_again_are_no_patient(tmp_path):
    assert found(_wide(tmp_path, AGAIN)) == [("error", "names_again", "visits.csv", 5, "", "")]
    assert _by_side(_wide(tmp_path, AGAIN, 'rows_without_patient = "note"')) == [(6, 4, 6), (6, 1, 6)]


def test_names_in_another_order_are_refused_whatever_is_declared(tmp_path):
    """The rows beneath would be read as the columns of the first names."""
    moved = AGAIN.replace(NAMES, "ID,post L,post R,pre L,pre R\n")[len(NAMES) :]
    folder = _wide(tmp_path, NAMES + moved, 'rows_without_patient = "note"')
    assert ("error", "names_again", "visits.csv", 5, "", "") in found(folder)


@pytest.mark.parametrize("note", ["", 'rows_without_patient = "note"'])
@pytest.mark.parametrize("choices", ["SLR,Ober", "Ober,SLR"])
def test_choices_whose_columns_are_called_by_them_are_answers(tmp_path, note, choices):
    """SurveyMonkey writes the name of a choice into its column, and a column of words may hold names of others."""
    csv = HEADER.replace("\n", ",SLR,Ober\n") + f"1,left,baseline,12,{choices}\n1,left,post,20,,\n"
    folder = write_tidy(tmp_path, csv, note)
    assert load(folder).assessments["hip_ir_deg"].tolist() == [12, 20]
