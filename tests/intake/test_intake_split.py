"""Cells that hold several numbers: both rotations by the neutral zero method, both hips; which is which is declared."""

import pytest

from analysis import load, read_study
from analysis.intake.questions import NO, nobody
from analysis.intake.split import parts_of_cell
from analysis.intake.start import start_study

AFTER = "Seite;Rotation vor;Rotation nach\n"
DECLARED = """
name = "s"
[[source]]
file = "v.csv"
delimiter = ";"
[source.split]
"Rotation vor" = ["AR vor", "0", "IR vor"]
"Rotation nach" = ["AR nach", "0", "IR nach"]
[source.columns]
patient_id = "Pat"
side = "Seite"
[source.timepoints.baseline]
hip_ir_deg = "IR vor"
hip_er_deg = "AR vor"
[source.timepoints.post]
hip_ir_deg = "IR nach"
"""


def _study(tmp_path, *rows, declared=DECLARED):
    (tmp_path / "study.toml").write_text(declared)
    (tmp_path / "v.csv").write_text("\n".join(["Pat;Seite;Rotation vor;Rotation nach", *rows]) + "\n")
    return read_study(tmp_path)


def _first(study):
    return study.assessments.query("timepoint == 'baseline'")[["hip_ir_deg", "hip_er_deg"]].iloc[0].tolist()


@pytest.mark.parametrize(
    ("cell", "ir", "er"),
    [
        ("40/0/20", 20, 40), ("40°-0°-20°", 20, 40), ("40 – 0 – 20", 20, 40), ("42,5/0/20", 20, 42.5),
        ("40º/0º/20º", 20, 40), ("40/0/0", 0, 40), ("40/10/0", -10, 40), ("0/10/40", 40, -10), ("0/0/0", 0, 0),
    ],
)  # fmt: skip
def test_the_ends_of_motion_are_counted_from_neutral(tmp_path, cell, ir, er):
    """Of 40/10/0 the motion stops 10 before neutral, on its way to the side that is given as 0."""
    declared = DECLARED.replace('delimiter = ";"', 'delimiter = ";"\ndecimal = ","')
    assert _first(_study(tmp_path, f"1;left;{cell};", declared=declared)) == [ir, er]


@pytest.mark.parametrize(("cell", "warned"), [("40/10/0", True), ("40/0/0", False), ("0/0/40", False)])
def test_that_neutral_was_not_reached_is_a_warning(tmp_path, cell, warned):
    problems = _study(tmp_path, f"1;left;{cell};").problems
    assert ("neutral_not_reached" in set(problems["rule"])) == warned


@pytest.mark.parametrize("cell", ["40/5/20", "40/20", "20", "40/0/20/0", "40-0--5", "20/30/0", "-5/10/0", "40//20"])
def test_cells_that_cannot_be_divided_are_errors_at_their_place(tmp_path, cell):
    errors = _study(tmp_path, "1;left;40/0/20;40/0/30", f"1;right;{cell};").errors
    assert errors[["rule", "file", "row", "column", "value_shown"]].values.tolist() == [
        ["cell_not_split", "v.csv", 3, "Rotation vor", cell]
    ]


def test_a_column_that_is_missing_and_a_name_that_is_taken_are_errors(tmp_path):
    declared = DECLARED.replace('"AR vor"', '"Seite"').replace('"Rotation nach" =', '"Rotation danach" =')
    errors = _study(tmp_path, "1;left;40/0/20;40/0/30", declared=declared).errors
    assert {("given_twice", "Seite"), ("column_missing", "Rotation danach")} <= set(
        zip(errors["rule"], errors["column"], strict=True)
    )


@pytest.mark.parametrize("names", ['["IR", "ER", "0"]', '["IR", "0"]', '["IR"]', '["IR", "IR"]'])
def test_names_that_cannot_be_meant_are_refused(tmp_path, names):
    with pytest.raises(Exception, match=r"name each number|cannot both be called"):
        _study(tmp_path, "1;left;40/0/20;", declared=DECLARED.replace('["AR vor", "0", "IR vor"]', names))


def test_parts_of_one_column_are_one_column_of_the_file(tmp_path):
    problems = _study(tmp_path, "1;left;40/0/20;40/0/30").problems
    assert "unused_column" not in set(problems["rule"])


def test_two_marks_divide_no_cell_at_a_decimal_comma():
    assert parts_of_cell("12,5", ",") == ["12,5"]
    assert parts_of_cell("12,5, 20", ",") == ["12,5", "20"]


# ------------------------------------------------------------------------------------------------ what init drafts


def _drafted(tmp_path, text, ask=nobody):
    (tmp_path / "sent.csv").write_text(text)
    return start_study([tmp_path / "sent.csv"], tmp_path / "study", ask=ask)


def _readings(tmp_path, name="hip_ir_deg"):
    visits = load(tmp_path / "study").assessments
    keys = visits[["patient_id", "side", "timepoint"]].astype("str").agg(" ".join, axis=1)
    return dict(zip(keys, visits[name], strict=True))


@pytest.mark.parametrize(
    ("header", "first", "second"), [("{} (AR/IR)", 40, 20), ("{} (IR-0-AR)", 20, 40), ("AR/0/IR {}", 40, 20)]
)
def test_the_order_in_a_header_is_taken_with_a_question(tmp_path, header, first, second):
    names = ";".join(header.format(when) for when in ("vor", "nach"))
    text = _drafted(tmp_path, f"Pat;Seite;{names}\n1;li;{first}/0/{second};{first}/0/{second + 1}\n").read_text()
    assert text.count("# ? is this the order of the numbers in its cells?") == 2
    assert _readings(tmp_path)["1 left baseline"] == 20
    assert _readings(tmp_path, "hip_er_deg")["1 left baseline"] == 40


def test_an_order_that_nothing_tells_is_asked_and_never_guessed(tmp_path):
    text = _drafted(tmp_path, "Pat;" + AFTER + "1;li;40/0/20;40/0/30\n").read_text()
    assert '"Rotation vor" = ["Rotation vor (1)", "0", "Rotation vor (2)"]' in text
    assert "is the first IR or ER?" in text
    assert "hip_ir_deg =" not in text


@pytest.mark.parametrize(("said", "reading"), [("IR first", 40), ("ER first", 20)])
def test_an_answer_names_the_parts(tmp_path, said, reading):
    def ask(question):
        return said if "Which comes first" in question.text else None

    _drafted(tmp_path, "Pat;" + AFTER + "1;li;40/0/20;40/0/30\n", ask)
    assert _readings(tmp_path)["1 left baseline"] == reading


def test_an_order_that_a_person_denies_is_not_taken(tmp_path):
    def ask(question):
        return NO if "order of the numbers" in question.text else None

    text = _drafted(tmp_path, "Pat;Seite;AR/IR vor\n1;li;40/0/20\n", ask).read_text()
    assert '"AR/IR vor" = ["AR/IR vor (1)", "0", "AR/IR vor (2)"]' in text
    assert "hip_ir_deg =" not in text


@pytest.mark.parametrize(("header", "left"), [("IR pre (L/R)", 25), ("IR pre (R/L)", 30)])
def test_both_hips_in_one_cell(tmp_path, header, left):
    _drafted(tmp_path, f"ID,{header},IR post\n1,25/30,28/32\n2,20/24,22/26\n")
    assert _readings(tmp_path)["1 left baseline"] == left
    assert "is the first left or right?" in (tmp_path / "study/study.toml").read_text()


@pytest.mark.parametrize(
    "text",
    [
        "ID,Side,IR pre\n1,L,25/30\n1,R,20/24\n",  # a side is told, so these are something else
        "ID,IR pre\n1,20-25\n2,25-30\n",  # a range
        "ID,Side,Date,IR pre\n1,L,01/02/2024,12\n1,R,01/02/2024,22\n",
    ],
)
def test_other_cells_are_not_divided(tmp_path, text):
    assert "[source.split]" not in _drafted(tmp_path, text).read_text()


def test_several_readings_in_a_cell_are_told_what_to_do(tmp_path):
    _drafted(tmp_path, 'ID,Side,IR pre,IR post\n1,L,"25, 27, 26",30\n1,R,20-25,30\n')
    errors = read_study(tmp_path / "study").errors
    assert len(errors) == 2
    assert all("several numbers in one cell" in message for message in errors["message"])


def test_a_minus_sign_is_a_minus(tmp_path):
    text = _drafted(tmp_path, "ID,Side,IR pre,IR post\n1,L,−5,10\n1,R,–3,12\n").read_text()
    assert '"−{}"' not in text
    assert '"–{}"' in text  # a dash may be one too, or not: a person corrects it
    study = read_study(tmp_path / "study")
    assert study.errors["value_shown"].tolist() == ["–3"]
    assert study.assessments.query("side == 'left'")["hip_ir_deg"].tolist() == [-5, 10]


BOTH = """
name = "s"
[[source]]
file = "v.csv"
delimiter = ";"
rows_without_patient = "note"
[source.split]
Rot = ["L", "R"]
[source.where]
What = ["IR"]
[source.columns]
patient_id = "Pat"
timepoint = "Visit"
hip_ir_deg = { left = "L", right = "R" }
"""


def _of_both(tmp_path, *cells, declared=BOTH):
    rows = "".join(f"{n};baseline;IR;{cell}\n" for n, cell in enumerate(cells, start=1))
    (tmp_path / "study.toml").write_text(declared)
    (tmp_path / "v.csv").write_text(f"Pat;Visit;What;Rot\n{rows}Mean;;IR;25,5\n9;baseline;ER;31\n")
    return read_study(tmp_path)


@pytest.mark.parametrize("cell", ["27,5", "20-30", "20 – 30"])
def test_one_decimal_number_or_a_range_among_pairs_is_not_read_as_a_pair(tmp_path, cell):
    study = _of_both(tmp_path, "25/30", cell)
    assert study.errors[["rule", "row", "value_shown"]].values.tolist() == [["cell_not_split", 3, cell]]
    assert "another mark" in study.errors["message"].item()


@pytest.mark.parametrize("cells", [("25, 30", "26, 31"), ("25,30", "26,31"), ("25-30", "26-31")])
def test_pairs_that_are_all_divided_alike_are_read(tmp_path, cells):
    """Neither the mean beneath, nor rows of another measure, need hold what the split says."""
    study = _of_both(tmp_path, *cells)
    assert study.errors.empty
    assert sorted(study.assessments["hip_ir_deg"]) == [25, 26, 30, 31]


def test_a_column_called_0_does_not_take_the_place_of_the_zero(tmp_path):
    study = _study(tmp_path, "1;left;40/0/20;40/0/30")
    assert study.errors.empty
    text = (tmp_path / "v.csv").read_text().replace("\n", ";x\n").replace(";x", ";0", 1)
    (tmp_path / "v.csv").write_text(text)
    assert read_study(tmp_path).errors.empty


@pytest.mark.parametrize(
    "column",
    ["ID;1/0/2", "Abduktion/Adduktion;45/0/30", "Flexion;90/0/10", "Telefon;030/0/123", "Datum;1/0/24"],
)
def test_other_columns_are_not_taken_for_rotations(tmp_path, column):
    name, cell = column.split(";")
    (tmp_path / "v.csv").write_text(f"Pat;Seite;IR vor;{name}\n1;L;20;{cell}\n1;R;25;{cell}\n")
    text = start_study([tmp_path / "v.csv"], tmp_path / "study").read_text()
    assert "[source.split]" not in text


@pytest.mark.parametrize("name", ["IR pre/post", "IR vor/nach"])
def test_two_visits_in_a_cell_are_not_taken_for_both_hips(tmp_path, name):
    (tmp_path / "v.csv").write_text(f"Pat;{name}\n1;20/30\n2;25/30\n")
    assert "[source.split]" not in start_study([tmp_path / "v.csv"], tmp_path / "study").read_text()
