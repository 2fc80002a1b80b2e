"""Faulty files as clinics send them, and for each all that must be said of it.

A fault is a name, what makes the study folder, and the problems as (severity, rule, file, row, column, value).
"""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pyreadstat

from faults.fault_files import BOOK, CSV, GOOD, book, corrected, csv, hide, named, row, stored, zip_bomb
from study_folders import HEADER

DATED = "ID,Hip,Visit,IR,Day\n"
TOMORROW = date.today() + timedelta(days=2)  # a day that has begun nowhere
IN_BOOK = f"{BOOK} S"


def error(rule: str, line: int | None = 3, column: str = "", value: str = "", file: str = CSV) -> list[tuple]:
    return [("error", rule, file, line, column, value)]


def warning(rule: str, line: int | None = 3, column: str = "", value: str = "", file: str = CSV) -> list[tuple]:
    return [("warning", rule, file, line, column, value)]


def note(rule: str, line: int | None = None, column: str = "", value: str = "", file: str = CSV) -> list[tuple]:
    return [("note", rule, file, line, column, value)]


NO_ROWS = error("no_rows", None, file="")
SLR = 'slr_deg = "SLR"'
WITH_SLR = "ID,Hip,Visit,IR,SLR\n"
PERSON = "".join(f"p,{side},{when},12,{{}}\n" for side in ("left", "right") for when in ("intake", "baseline", "post"))
SWAPPED = ["left,intake,10,50", "right,intake,30,70", "left,baseline,31,71", "right,baseline,11,52",
           "left,post,12,51", "right,post,31,70"]  # fmt: skip
TWICE_213 = HEADER + "a,left,baseline,12\na,left,post,213\n"

FAULTS: dict[str, tuple[Callable[[Path], Path], list[tuple]]] = {
    # ------------------------------------------------------------------------- the file as such
    "empty file": (csv(""), error("file_empty", None)),
    "only blank lines": (csv("\n\n"), error("file_empty", None)),
    "header without rows": (csv(HEADER), NO_ROWS),
    "extra field": (row("b,left,post,12,7"), error("field_count")),
    "missing field": (row("b,left,12"), error("field_count")),
    "last line cut": (row("b,left,po"), error("field_count")),
    "comma within a number": (row("b,left,post,12,5"), error("field_count")),
    "quote never closed": (row('b,"left,post,12'), error("csv_syntax")),
    "text after a quote": (row('"b"x,left,post,12'), error("csv_syntax")),
    "semicolons": (csv(GOOD.replace(",", ";")), error("delimiter", 1)),
    "tabs": (csv(GOOD.replace(",", "\t")), error("delimiter", 1)),
    "cp1252 not declared": (csv(GOOD.replace("a,", "ä,").encode("cp1252")), error("encoding", None)),
    "UTF-16 cut in half": (csv(GOOD.encode("utf-16")[:-1]), error("encoding", None)),
    "UTF-16 without mark": (csv(GOOD.encode("utf-16-le")), error("encoding", 1)),
    "unknown encoding": (csv(GOOD, 'encoding = "utf-9"'), error("encoding", None)),
    "an encoding with a NUL in its name": (csv(GOOD, 'encoding = "a\\u0000"'), error("encoding", None)),
    "two rows of header declared for one": (
        csv("x\n" + GOOD, "header_rows = 2"), error("field_count", 1)),
    "wanted column twice": (
        csv("ID,Hip,Visit,IR,ID\na,left,baseline,12,b\n"),
        error("header_twice", 1, value="ID") + note("unused_column", None, "ID (2)")),
    "unknown kind of file": (named("visits.doc", b"x"), error("file_kind", None, file="visits.doc")),
    "a folder in place of a file": (
        lambda folder: (named(CSV, b"")(folder), (folder / CSV).unlink(), (folder / CSV).mkdir(), folder)[-1],
        error("file_missing", None)),
    # ---------------------------------------------------------------------------------- numbers
    "degree sign": (row("b,left,post,25°"), error("not_a_number", 3, "IR", "25°")),
    "about": (row("b,left,post,~30"), error("not_a_number", 3, "IR", "~30")),
    "a range": (row("b,left,post,10-15"), error("not_a_number", 3, "IR", "10-15")),
    "n/a": (row("b,left,post,n/a"), error("not_a_number", 3, "IR", "n/a")),
    "a letter for a digit": (row("b,left,post,1O"), error("not_a_number", 3, "IR", "1O")),
    "decimal comma not declared": (row('b,left,post,"12,5"'), error("not_a_number", 3, "IR", "12,5")),
    "decimal point in a comma file": (
        row("b,left,post,12.5", source='decimal = ","'), error("not_a_number", 3, "IR", "12.5")),
    "exponent": (row("b,left,post,1e1"), error("not_a_number", 3, "IR", "1e1")),
    "formula as text": (row("b,left,post,=A1+1"), error("not_a_number", 3, "IR", "=A1+1")),
    "spreadsheet error as text": (row("b,left,post,#REF!"), error("not_a_number", 3, "IR", "#REF!")),
    "digits of another script": (row("b,left,post,١٢"), error("not_a_number", 3, "IR", "١٢")),
    "213": (row("b,left,post,213"), error("impossible_value", 3, "IR", "213")),
    "-60": (row("b,left,post,-60"), error("impossible_value", 3, "IR", "-60")),
    "999 for missing": (row("b,left,post,999"), error("impossible_value", 3, "IR", "999")),
    "88 for missing": (
        csv(HEADER + "a,left,baseline,12\nb,left,baseline,88\nb,left,post,88\n"),
        warning("looks_like_code", 3, "IR", "88") + warning("unusual_value", 3, "IR", "88")
        + warning("looks_like_code", 4, "IR", "88") + warning("unusual_value", 4, "IR", "88")),
    "sign lost or added": (row("b,left,post,-12"), warning("unusual_value", 3, "IR", "-12")),
    "radians": (row("b,left,post,0.37"), warning("looks_like_radians", 3, "IR", "0.37")),
    "a hundredth of a degree": (row("b,left,post,12.34"), error("finer_than_step", 3, "IR", "12.34")),
    "half a drill": (
        row("b,left,post,12,1.5", 'ir_drills_tried = "N"', "ID,Hip,Visit,IR,N\n"),
        error("not_a_whole_number", 3, "N", "1.5")),
    "longer than the lever": (
        row("b,left,post,12,43", 'ober_deg = "O"', "ID,Hip,Visit,IR,O\n",
            more="[source.units]\nober_deg = { lever_cm = 42 }"),
        error("impossible_value", 3, "O", "43")),
    # ------------------------------------------------------------------------ words, dates, keys
    "unknown side": (
        row("b,links,post,12"),
        error("unknown_word", 3, "Hip", "links") + error("key_missing", 3, "side")),
    "unknown timepoint": (
        row("b,left,after,12"),
        error("unknown_word", 3, "Visit", "after") + error("key_missing", 3, "timepoint")),
    "side missing": (row("b,,post,12"), error("key_missing", 3, "side")),
    "patient missing": (row(",left,post,12"), error("key_missing", 3, "patient_id")),
    "another language": (
        row("b,left,post,12,Positiv", 'ober = "O"', "ID,Hip,Visit,IR,O\n"),
        error("unknown_word", 3, "O", "Positiv")),
    "day or month first": (
        row("b,left,post,12,02/03/2024", 'date = "Day"', DATED), error("not_a_date", 3, "Day", "02/03/2024")),
    "30 February": (
        row("b,left,post,12,2024-02-30", 'date = "Day"', DATED), error("not_a_date", 3, "Day", "2024-02-30")),
    "serial date not declared": (
        row("b,left,post,12,45353", 'date = "Day"', DATED), error("not_a_date", 3, "Day", "45353")),
    "visit tomorrow": (
        row(f"b,left,post,12,{TOMORROW}", 'date = "Day"', DATED),
        error("future_date", 3, "date", str(TOMORROW))),
    "date of birth for a visit": (
        row("b,left,post,12,1951-03-02", 'date = "Day"', DATED), warning("date_long_ago", 3, "date", "1951-03-02")),
    "post before baseline": (
        csv(DATED + "b,left,baseline,12,2024-03-02\nb,left,post,15,2024-03-01\n", columns='date = "Day"'),
        error("visit_order", 3, "date", "2024-03-01")),
    "visit twice": (row("a,left,baseline,14"), error("visit_twice")),
    "same row twice": (row("a,left,baseline,12"), error("visit_twice")),
    "treatments that disagree": (
        csv("ID,Hip,Visit,IR,G\na,left,baseline,12,T1\na,left,post,15,T2\n", columns='stretch_given = "G"'),
        error("treatments_disagree", 2, "stretch_given", "T1")
        + error("treatments_disagree", 3, "stretch_given", "T2")),
    # ------------------------------------------------------------------- readings beside readings
    "one person in two clinics": (
        csv("ID,Hip,Visit,IR,C\na,left,baseline,12,N\na,left,post,12,S\n", columns='clinic_id = "C"'),
        warning("person_disagrees", 2, "clinic_id", "N") + warning("person_disagrees", 3, "clinic_id", "S")),
    "hips numbered as if they were people": (
        csv(HEADER + "".join(f"{n},{('left', 'right')[n % 2]},baseline,{10 + n}\n" for n in range(10))),
        warning("nobody_has_both_hips", None, "patient_id", "5 left, 5 right", file="")
        + warning("nothing_to_compare", None, "timepoint", file="")),
    "reading unlike all others of the person": (
        csv(WITH_SLR + PERSON.format(60, 62, 118, 61, 60, 63), columns=SLR),
        warning("implausible_reading", 4, "slr_deg", "118")),
    "sides swapped at one visit": (
        csv(WITH_SLR + "".join(f"p,{reading}\n" for reading in SWAPPED), columns=SLR),
        warning("sides_swapped", 4, "side", "left")),
    "visit copied": (
        csv(WITH_SLR + "".join(f"p,{s},{w},{v},6{v}\n" for s, v in (("left", 3), ("right", 4))
                               for w in ("baseline", "post")), columns=SLR),
        warning("visit_copied", 3, "timepoint", "post")),
    "another device after the stretch": (
        lambda folder: _without(csv("ID,Hip,Visit,IR,D\na,left,baseline,12,goniometer\na,left,post,12,phone\n",
                                    columns='device = "D"')(folder), 'device = "goniometer"\n'),
        warning("method_changed", 3, "device", "phone")),
    "rounded to 5 degrees": (
        csv(HEADER + "".join(f"p{n},left,baseline,{5 + 5 * (n % 6)}\n" for n in range(60))),
        warning("nothing_to_compare", None, "timepoint", file="")
        + note("digit_preference", None, "hip_ir_deg", "100 %", file="")),
    # -------------------------------------------------------------------------------- identifiers
    "a name": (row("Jane Doe,left,post,12"), warning("personal_identifier", 3, "patient_id", "Jane Doe")),
    "name, turned round": (row('"Müller, Änne",left,post,12'),
                           warning("personal_identifier", 3, "patient_id", "Müller, Änne")),
    "an e-mail address": (row("jd@example.org,left,post,12"),
                          warning("personal_identifier", 3, "patient_id", "jd@example.org")),
    "a date of birth": (row("JD-12.03.1980,left,post,12"),
                        warning("personal_identifier", 3, "patient_id", "JD-12.03.1980")),
    # ------------------------------------------------------------------------------------ mapping
    "column that is not there": (csv(GOOD, columns='slr_deg = "SLR"'), error("column_missing", None, "SLR")),
    "name that means nothing": (
        csv(GOOD, columns='hip_ir = "IR"'), error("unknown_name", None, "hip_ir", file="study.toml")),
    "unit of a count": (
        csv(GOOD, more='[source.units]\nober = "radians"'), error("unknown_name", None, "ober", file="study.toml")),
    "unit row says radians": (
        csv(HEADER + ",,,rad\na,left,baseline,12\n", "units_row = true"), error("unit_differs", None, "IR")),
    "where names no column": (
        csv(GOOD, more='[source.where]\nKind = ["hip"]'), error("column_missing", None, "Kind")),
    # ---------------------------------------------------------------------------------- workbooks
    "workbook: text in a cell of numbers": (
        book([["a", "left", "baseline", "25°"]]),
        error("not_a_number", 2, "IR", "25°", f"{IN_BOOK}!D2")),
    "workbook: 213": (
        book([["a", "left", "baseline", 12], ["b", "left", "post", 213]]),
        error("impossible_value", 3, "IR", "213", f"{IN_BOOK}!D3")),
    "workbook: error cell": (
        book([["a", "left", "baseline", 12], ["b", "left", "post", "#VALUE!"]]),
        error("cell_error", 3, "IR", "#VALUE!", f"{IN_BOOK}!D3")),
    "workbook: formula without result": (
        book([["a", "left", "baseline", 12], ["b", "left", "post", "=1+1"]]),
        error("formula_without_value", 3, "IR", "=1+1", f"{IN_BOOK}!D3")),
    "workbook: several sheets": (
        book([], change=lambda b: b.create_sheet("T")), error("sheet_missing", None, value="S, T", file=BOOK)),
    "workbook: no such sheet": (book([], 'sheet = "Doe"'), error("sheet_missing", None, value="Doe", file=BOOK)),
    "workbook: hidden sheet": (
        book([["a", "left", "baseline", 12]], change=hide), note("hidden_sheet", value="Old", file=BOOK)),
    "workbook: identifiers merged over two rows": (
        book([["a", "left", "baseline", 12], [None, "right", "baseline", 12]],
             change=lambda b: b["S"].merge_cells("A2:A3")), note("merged_cells", 2, file=IN_BOOK)),
    "workbook: a cell in the last corner": (
        book([["a", "left", "baseline", 12]], change=lambda b: b["S"].cell(1_048_576, 16_384, 1)),
        error("unpacks_too_large", None, file=BOOK)),
    "workbook: cut": (named(BOOK, b"PK\x03\x04" + bytes(50)), error("file_broken", None, file=BOOK)),
    "workbook: not one at all": (named(BOOK, b"hello"), error("file_broken", None, file=BOOK)),
    "workbook: zip bomb": (zip_bomb, error("unpacks_too_large", None, file=BOOK)),
    # ------------------------------------------------------------------------------ typed columns
    "Parquet: 213": (
        stored(pd.DataFrame.to_parquet, ".parquet"),
        error("impossible_value", 1, "IR", "213", "visits.parquet")),
    "Parquet: cut": (
        stored(pd.DataFrame.to_parquet, ".parquet", 300), error("file_broken", None, file="visits.parquet")),
    "SPSS: 213": (stored(pyreadstat.write_sav, ".sav"), error("impossible_value", 1, "IR", "213", "visits.sav")),
    "SPSS: cut": (stored(pyreadstat.write_sav, ".sav", 100), error("file_broken", None, file="visits.sav")),
    "Stata: 213": (stored(pyreadstat.write_dta, ".dta"), error("impossible_value", 1, "IR", "213", "visits.dta")),
    "Stata: not one": (named("visits.dta", b"hello"), error("file_broken", None, file="visits.dta")),
    "SAS: not one": (named("visits.sas7bdat", b"hello"), error("file_broken", None, file="visits.sas7bdat")),
    # -------------------------------------------------------------------------------- corrections
    "correction of a file that changed": (
        corrected(TWICE_213.replace("213", "22")), error("correction_out_of_date", 3, "IR", "213")),
    "correction of no cell": (
        corrected(TWICE_213.replace("213", "22"), row=9), error("correction_without_cell", 9, "IR", "213")),
    "correction of no column": (
        corrected(TWICE_213.replace("213", "22"), column="X"), error("correction_without_cell", 3, "X", "213")),
    "correction of no file": (
        corrected(TWICE_213.replace("213", "22"), file="x.csv"),
        error("correction_without_cell", 3, "IR", "213", "x.csv")),
    "correction to something impossible": (
        corrected(TWICE_213, new="123"),
        error("impossible_value", 3, "IR", "123") + note("corrected", 3, "IR", "213 → 123")),
}  # fmt: skip


def _without(folder: Path, line: str) -> Path:
    toml = folder / "study.toml"
    toml.write_text(toml.read_text().replace(line, ""))
    return folder
