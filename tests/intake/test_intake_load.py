"""One small study in every layout and dialect, and all that is wrong with a bad one at once."""

import pandas as pd
import pytest

from analysis import StudyError, load, read_study
from study_folders import HEADER, TIDY, found, write, write_tidy

CONSTANTS = '[source.set]\nposition = "prone"\nmotion = "passive"\ndevice = "goniometer"\n'

TIDY_CSV = """\
ID,Clinic,Hip,Visit,Day,IR,Ober,Given
001,Nürnberg,left,baseline,2024-03-02,12.5,positive,T1
001,Nürnberg,right,baseline,2024-03-02,15,negative,T2
001,Nürnberg,left,post,2024-03-03,18,negative,
001,Nürnberg,right,post,2024-03-03,21,negative,
b,South,left,baseline,2024-03-04,20,positive,T1
b,South,left,post,2024-03-05,26.5,,
b,South,right,baseline,2024-03-04,22,negative,
"""
TIDY_TOML = """
name = "S"
[[source]]
file = "visits.csv"
{dialect}
[source.columns]
patient_id = "ID"
clinic_id = "Clinic"
side = "Hip"
timepoint = "Visit"
date = "Day"
hip_ir_deg = "IR"
ober = "Ober"
stretch_given = "Given"
{words}
"""

WIDE_BY_TIMEPOINT_CSV = """\
ID,Clinic,Hip,Given,Day pre,IR pre,Ober pre,Day post,IR post,Ober post
001,Nürnberg,left,T1,2024-03-02,12.5,positive,2024-03-03,18,negative
001,Nürnberg,right,T2,2024-03-02,15,negative,2024-03-03,21,negative
b,South,left,T1,2024-03-04,20,positive,2024-03-05,26.5,
b,South,right,,2024-03-04,22,negative,,,
"""
WIDE_BY_TIMEPOINT_TOML = """
name = "S"
[[source]]
file = "visits.csv"
[source.columns]
patient_id = "ID"
clinic_id = "Clinic"
side = "Hip"
stretch_given = "Given"
[source.timepoints.baseline]
date = "Day pre"
hip_ir_deg = "IR pre"
ober = "Ober pre"
[source.timepoints.post]
date = "Day post"
hip_ir_deg = "IR post"
ober = "Ober post"
"""

WIDE_BY_SIDE_CSV = """\
ID,Clinic,Visit,Day,IR L,IR R,Ober L,Ober R,Given L,Given R
001,Nürnberg,baseline,2024-03-02,12.5,15,positive,negative,T1,T2
001,Nürnberg,post,2024-03-03,18,21,negative,negative,,
b,South,baseline,2024-03-04,20,22,positive,negative,T1,
b,South,post,2024-03-05,26.5,,,,,
"""
WIDE_BY_SIDE_TOML = """
name = "S"
[[source]]
file = "visits.csv"
[source.columns]
patient_id = "ID"
clinic_id = "Clinic"
timepoint = "Visit"
date = "Day"
hip_ir_deg = { left = "IR L", right = "IR R" }
ober = { left = "Ober L", right = "Ober R" }
stretch_given = { left = "Given L", right = "Given R" }
"""

BOTH_WIDE_CSV = """\
ID,Clinic,D1,D2,IR1 L,IR1 R,IR2 L,IR2 R,O1 L,O1 R,O2 L,O2 R,G L,G R
001,Nürnberg,2024-03-02,2024-03-03,12.5,15,18,21,positive,negative,negative,negative,T1,T2
b,South,2024-03-04,2024-03-05,20,22,26.5,,positive,negative,,,T1,
"""
BOTH_WIDE_TOML = """
name = "S"
[[source]]
file = "visits.csv"
[source.columns]
patient_id = "ID"
clinic_id = "Clinic"
stretch_given = { left = "G L", right = "G R" }
[source.timepoints.baseline]
date = "D1"
hip_ir_deg = { left = "IR1 L", right = "IR1 R" }
ober = { left = "O1 L", right = "O1 R" }
[source.timepoints.post]
date = "D2"
hip_ir_deg = { left = "IR2 L", right = "IR2 R" }
ober = { left = "O2 L", right = "O2 R" }
"""

# The side stands in a column, and one measure has a column for each side: a row uses that of its own.
SIDE_AND_COLUMNS_CSV = """\
ID,Clinic,Hip,Visit,Day,IR,Ober L,Ober R,Given
001,Nürnberg,left,baseline,2024-03-02,12.5,positive,negative,T1
001,Nürnberg,right,baseline,2024-03-02,15,positive,negative,T2
001,Nürnberg,left,post,2024-03-03,18,negative,negative,
001,Nürnberg,right,post,2024-03-03,21,negative,negative,
b,South,left,baseline,2024-03-04,20,positive,negative,T1
b,South,left,post,2024-03-05,26.5,,negative,
b,South,right,baseline,2024-03-04,22,positive,negative,
"""
SIDE_AND_COLUMNS_TOML = TIDY_TOML.format(dialect="", words="").replace(
    'ober = "Ober"', 'ober = { left = "Ober L", right = "Ober R" }'
)

OTHER_WORDS_CSV = (
    TIDY_CSV.replace("left", "L").replace("right", "R").replace("baseline", "vorher").replace("post,", "nachher,")
).replace("positive", "+")
OTHER_WORDS = """
[source.values.side]
left = ["L", "Li"]
right = ["R"]
[source.values.timepoint]
baseline = ["vorher"]
post = ["nachher"]
[source.values.ober]
positive = ["+"]
"""

TWO_FILES_TOML = (
    TIDY_TOML.format(dialect="", words="").replace('stretch_given = "Given"\n', "")
    + CONSTANTS
    + """
[[source]]
file = "treated.csv"
[source.columns]
patient_id = "Patient"
side = "Side"
stretch_given = "Stretch"
"""
)
TREATED_CSV = "Patient,Side,Stretch\nb,left,T1\n001,right,T2\n001,left,T1\n"


def _tables(folder):
    study = load(folder)
    tables = [study.assessments, study.interventions]
    return [table.drop(columns=["source_file", "source_row"]).to_parquet() for table in tables]


@pytest.fixture(scope="module")
def tidy(tmp_path_factory):
    folder = write(tmp_path_factory.mktemp("tidy"), _tidy_toml(), visits=TIDY_CSV)
    return _tables(folder)


def _tidy_toml(dialect="", words=""):
    return TIDY_TOML.format(dialect=dialect, words=words) + CONSTANTS


def test_the_tidy_file_is_read_as_it_stands(tmp_path):
    study = load(write(tmp_path, _tidy_toml(), visits=TIDY_CSV))
    rows = study.assessments[["patient_id", "side", "timepoint", "hip_ir_deg", "ober"]].astype("object")
    assert rows.fillna("-").values.tolist() == [
        ["001", "left", "baseline", 12.5, "positive"],
        ["001", "left", "post", 18.0, "negative"],
        ["001", "right", "baseline", 15.0, "negative"],
        ["001", "right", "post", 21.0, "negative"],
        ["b", "left", "baseline", 20.0, "positive"],
        ["b", "left", "post", 26.5, "-"],
        ["b", "right", "baseline", 22.0, "negative"],
    ]
    assert study.assessments["source_row"].tolist() == [2, 4, 3, 5, 6, 7, 8]
    assert study.interventions[["patient_id", "side", "stretch_given"]].values.tolist() == [
        ["001", "left", "T1"],
        ["001", "right", "T2"],
        ["b", "left", "T1"],
    ]
    # Post is dated a day later.
    assert set(study.problems["rule"]) == {"not_of_one_session"}


@pytest.mark.parametrize(
    ("toml", "files"),
    [
        (WIDE_BY_TIMEPOINT_TOML + CONSTANTS, {"visits": WIDE_BY_TIMEPOINT_CSV}),
        (WIDE_BY_SIDE_TOML + CONSTANTS, {"visits": WIDE_BY_SIDE_CSV}),
        (BOTH_WIDE_TOML + CONSTANTS, {"visits": BOTH_WIDE_CSV}),
        (SIDE_AND_COLUMNS_TOML + CONSTANTS, {"visits": SIDE_AND_COLUMNS_CSV}),
        (_tidy_toml(words=OTHER_WORDS), {"visits": OTHER_WORDS_CSV}),
        (
            TWO_FILES_TOML,
            {
                "visits": "".join(f"{line[: line.rindex(',')]}\n" for line in TIDY_CSV.splitlines()),
                "treated": TREATED_CSV,
            },
        ),
    ],
    ids=["wide by timepoint", "wide by side", "both wide", "side and columns", "other words", "two files"],
)
def test_every_layout_gives_the_same_tables(tidy, tmp_path, toml, files):
    assert _tables(write(tmp_path, toml, **files)) == tidy


def _decimal_comma(text):
    return text.replace(",", ";").replace(".", ",")


@pytest.mark.parametrize(
    ("dialect", "content"),
    [
        ('delimiter = ";"\ndecimal = ","', _decimal_comma(TIDY_CSV).encode()),
        ('decimal = ","', TIDY_CSV.replace("12.5", '"12,5"').replace("26.5", '"26,5"').encode()),
        ("", TIDY_CSV.replace("\n", "\r").encode()),
        ("", TIDY_CSV.replace("\n", "\r\n").encode()),
        ("", TIDY_CSV.rstrip("\n").encode()),
        ("", TIDY_CSV.replace("\n", "\n\n").encode()),
        ("", TIDY_CSV.encode("utf-8-sig")),
        ("", TIDY_CSV.encode("utf-16")),
        ("", b"\xfe\xff" + TIDY_CSV.encode("utf-16-be")),
        ('encoding = "utf-16-le"', TIDY_CSV.encode("utf-16-le")),
        ('encoding = "cp1252"', TIDY_CSV.encode("cp1252")),
        ('encoding = "cp1252"', TIDY_CSV.encode("utf-8-sig")),
        ("", TIDY_CSV.replace(",", '","').replace("\n", '"\n"').join(['"', ""])[:-1].encode()),
        ("", TIDY_CSV.replace(",", " , \t").encode()),
        ('delimiter = "\\t"', TIDY_CSV.replace(",", "\t").encode()),
        ('date_format = "%d/%m/%Y"', TIDY_CSV.replace("2024-03-0", "0").replace(",02,", ",02/03/2024,")
         .replace(",03,", ",03/03/2024,").replace(",04,", ",04/03/2024,").replace(",05,", ",05/03/2024,").encode()),
        ('na_values = ["-", "n/a"]', TIDY_CSV.replace("26.5,,", "26.5,n/a,-").encode()),
    ],
    ids=["semicolon and decimal comma", "quoted decimal comma", "CR", "CRLF", "no last newline", "blank lines",
         "UTF-8 BOM", "UTF-16", "UTF-16 BE", "UTF-16 LE declared", "cp1252", "a BOM goes before the declaration",
         "quoted", "spaces around", "tabs", "declared dates", "declared missing"],
)  # fmt: skip
def test_every_dialect_gives_the_same_tables(tidy, tmp_path, dialect, content):
    assert _tables(write(tmp_path, _tidy_toml(dialect), visits=content)) == tidy


def test_the_order_of_rows_is_nothing(tidy, tmp_path):
    header, *rows = TIDY_CSV.splitlines()
    content = "\n".join([header, *reversed(rows)])
    assert _tables(write(tmp_path, _tidy_toml(), visits=content)) == tidy


IDENTIFIERS = [
    "001",
    "NA",
    "None",
    "nan",
    "null",
    "1e5",
    "1.0",
    "=cmd()",
    "../../x",
    "<script>",
    "x" * 300,
    "a\0b",
    "é",
]


def test_identifiers_are_text_and_stay_as_they_are(tmp_path):
    rows = [f"{name},left,baseline,12\n" for name in IDENTIFIERS]
    study = load(write_tidy(tmp_path, HEADER + "".join(rows)))
    assert sorted(study.assessments["patient_id"]) == sorted(IDENTIFIERS)


def test_quotes_within_an_identifier_are_kept_and_spaces_around_it_are_not(tmp_path):
    study = load(write_tidy(tmp_path, HEADER + '" a ""b"", c ",left,baseline,12\n'))
    assert study.assessments["patient_id"].tolist() == ['a "b", c']


def test_all_that_is_wrong_is_listed_at_once(tmp_path):
    csv = "ID,Hip,Visit,IR,Day\n" + (
        "a,left,baseline,25°,2024-03-02\n"
        "a,left,post,12,2024-03-01\n"
        "a,left\n"
        "b,links,baseline,12,2024-03-02\n"
        "c,left,before,12,02/03/2024\n"
        ",left,baseline,12,2024-03-02\n"
        "d,left,baseline,213,2024-03-02\n"
        "d,right,baseline,75,2024-03-02\n"
        "d,right,baseline,30,2024-03-02\n"
    )
    folder = write_tidy(tmp_path, csv, columns='date = "Day"\nslr_deg = "SLR"', more='pain_nrs = "lots"')
    assert found(folder) == [
        ("error", "not_a_number", "study.toml", None, "source.set.pain_nrs", "lots"),
        ("error", "column_missing", "visits.csv", None, "SLR", ""),
        ("error", "not_a_number", "visits.csv", 2, "IR", "25°"),
        ("error", "field_count", "visits.csv", 4, "", ""),
        ("error", "unknown_word", "visits.csv", 5, "Hip", "links"),
        ("error", "key_missing", "visits.csv", 5, "side", ""),
        ("error", "not_a_date", "visits.csv", 6, "Day", "02/03/2024"),
        ("error", "unknown_word", "visits.csv", 6, "Visit", "before"),
        ("error", "key_missing", "visits.csv", 6, "timepoint", ""),
        ("error", "key_missing", "visits.csv", 7, "patient_id", ""),
        ("error", "impossible_value", "visits.csv", 8, "IR", "213"),
        ("error", "visit_twice", "visits.csv", 10, "", ""),
        ("warning", "unusual_value", "visits.csv", 9, "IR", "75"),
    ]


def test_load_names_the_first_errors_without_any_value(tmp_path):
    secret = "Jane Doe"
    rows = "".join(f"{secret},left,{secret},{secret}\n" for _ in range(7))
    with pytest.raises(StudyError) as caught:
        load(write_tidy(tmp_path / "spring", HEADER + rows))
    lines = str(caught.value).splitlines()
    assert lines[0] == "spring: errors in the data (8); `capsule check` lists all. The first:"
    assert lines[1].startswith("  visits.csv, row 2, IR: not a number")
    assert len(lines) == 6
    assert secret not in str(caught.value)


@pytest.mark.parametrize("row", ["Jane Doe,left,baseline,12", "Jane Doe,left,Jane Doe,12", "Jane Doe;left;baseline;12"])
def test_load_shows_no_value_of_a_file_without_a_header_line(tmp_path, row):
    with pytest.raises(StudyError) as caught:
        load(write_tidy(tmp_path, f"{row}\n{row}\n"))
    assert "Jane" not in str(caught.value)


@pytest.mark.parametrize(
    "csv",
    [HEADER, "ID,Hip,Visit,IR,Notes\n", "ID,Hip,Visit,IR,Notes\na,left,baseline,,fine\n"],
    ids=["header only", "header only, with an unused column", "nothing measured"],
)
def test_a_study_without_a_single_assessment_is_an_error(tmp_path, csv):
    folder = write_tidy(tmp_path, csv)
    assert ("error", "no_rows", "", None, "", "") in found(folder)
    assert read_study(folder).assessments["hip_ir_deg"].isna().all()


def test_one_file_without_rows_leaves_the_others_as_they_are(tidy, tmp_path):
    toml = _tidy_toml() + TIDY.format(source="", columns="", more="").split('"A study"')[1].replace("visits", "none")
    assert _tables(write(tmp_path, toml, visits=TIDY_CSV, none=HEADER)) == tidy


def test_a_file_is_never_written_to(tmp_path):
    folder = write(tmp_path, _tidy_toml(), visits=TIDY_CSV)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    load(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_types_do_not_depend_on_what_happens_to_be_filled_in(tmp_path):
    full = load(write(tmp_path / "full", _tidy_toml(), visits=TIDY_CSV))
    bare = load(write_tidy(tmp_path / "bare", HEADER + "a,left,baseline,12\n"))
    pd.testing.assert_series_equal(full.assessments.dtypes, bare.assessments.dtypes)
    pd.testing.assert_series_equal(full.interventions.dtypes, bare.interventions.dtypes)
