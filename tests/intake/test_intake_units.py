"""Units that a file tells in the names of its columns, above them or by what stands in the cells."""

import tomllib

import pandas as pd
import pytest

from analysis import load, read_study
from analysis.intake.draft import draft_study, read_sent
from analysis.intake.start import start_study
from analysis.protocol import builtin
from study_folders import found, write_tidy


def _draft(folder, text):
    (folder / "visits.csv").write_text(text)
    return draft_study(read_sent([folder / "visits.csv"]), builtin())


@pytest.mark.parametrize(
    ("header", "cells", "unit"),
    [
        ("Height (in)", "65 71", ("height_cm", "inches", True)),
        ("Height_in", "65 71", ("height_cm", "inches", True)),
        ("Height", "65 71", ("height_cm", "inches", False)),
        ("Größe [m]", "1.72 1.81", ("height_cm", "m", True)),
        ("Größe", "1.72 1.81", ("height_cm", "m", False)),
        ("Height (cm)", "172 181", None),
        ("Height", "172 181", None),
        ("Weight (lbs)", "140 195", ("weight_kg", "pounds", True)),
        ("Weight lb", "140 195", ("weight_kg", "pounds", True)),
        ("Age (months)", "400 500", ("age_years", "months", True)),
        ("Duration of complaints (weeks)", "12 15", ("complaints_months", "weeks", True)),
        ("SLR (rad)", "1.04 1.25", ("slr_deg", "radians", True)),
        ("slr_rad", "1.04 1.25", ("slr_deg", "radians", True)),
        ("SLR", "1.04 1.25", ("slr_deg", "radians", False)),
        ("SLR (°)", "60 72", None),
    ],
)
def test_a_unit_that_is_not_ours_is_drafted_and_one_that_only_cells_tell_is_a_question(tmp_path, header, cells, unit):
    one, other = cells.split()
    rows = "".join(f"{n},{side},12,{cell}\n" for n, cell in enumerate((one, other)) for side in "LR")
    text = _draft(tmp_path, f"ID,Hip,IR,{header}\n{rows}")
    units = tomllib.loads(text)["source"][0].get("units", {})
    assert units == ({unit[0]: unit[1]} if unit else {})
    if unit:
        (line,) = [line for line in text.splitlines() if line.startswith(f'{unit[0]} = "{unit[1]}"')]
        assert ("# ?" not in line) == unit[2]
        assert f'{unit[0]} = "{header}"' in text


def test_a_row_of_units_may_have_dashes(tmp_path):
    text = "id,side,visit,hip_ir\n-,-,-,rad\n1,L,baseline,0.1745\n1,R,baseline,0.3491\n"
    (tmp_path / "sent.csv").write_text(text)
    start_study([tmp_path / "sent.csv"], tmp_path / "study", None)
    assert load(tmp_path / "study").assessments["hip_ir_deg"].tolist() == [10, 20]


def test_inches_and_pounds_become_centimetres_and_kilograms(tmp_path):
    text = "ID,Height (in),Weight (lbs),Side,Pre IR,Post IR\n1,65,140,LT,12,20\n1,65,140,RT,20,22\n"
    (tmp_path / "sent.csv").write_text(text)
    start_study([tmp_path / "sent.csv"], tmp_path / "study", None)
    person = load(tmp_path / "study").assessments.iloc[0]
    assert (round(person["height_cm"], 1), round(person["weight_kg"], 1)) == (165.1, 63.5)


def test_centimetres_of_adduction_ask_for_the_lever(tmp_path):
    text = _draft(tmp_path, "ID,Hip,Ober (cm)\n1,L,12\n1,R,15\n")
    assert "# ober_deg = { lever_cm = 40 }  # ?" in text


def test_columns_of_one_measure_in_two_units_are_a_question(tmp_path):
    text = _draft(tmp_path, "ID,Hip,IR pre (rad),IR post (deg)\n1,L,0.2,15\n1,R,0.3,20\n")
    assert '# hip_ir_deg = …  # ? its columns are in several units: "IR pre (rad)" in radians' in text


@pytest.mark.parametrize("name", ["IR (rad)", "IR_rad", "IR [cm]", "IR (%)"])
def test_a_name_that_contradicts_what_is_declared_is_an_error(tmp_path, name):
    csv = f"ID,Hip,Visit,{name}\n1,left,baseline,12\n"
    folder = write_tidy(tmp_path, csv)
    (folder / "study.toml").write_text((folder / "study.toml").read_text().replace('"IR"', f'"{name}"'))
    assert ("error", "unit_differs", "visits.csv", None, name, "") in found(folder)


def test_a_height_in_inches_is_not_read_as_centimetres(tmp_path):
    csv = "ID,Hip,Visit,IR,Height (in)\n1,left,baseline,12,65\n"
    folder = write_tidy(tmp_path, csv, columns='height_cm = "Height (in)"')
    assert ("error", "unit_differs", "visits.csv", None, "Height (in)", "") in found(folder)


def test_what_is_declared_goes_before_the_name(tmp_path):
    """Somebody may have put the unit right, and left the name."""
    csv = "ID,Hip,Visit,IR,Height (in)\n1,left,baseline,12,165\n"
    folder = write_tidy(tmp_path, csv, columns='height_cm = "Height (in)"', more='[source.units]\nheight_cm = "cm"')
    assert read_study(folder).errors.empty
    assert load(folder).assessments["height_cm"].tolist() == [165]


@pytest.mark.parametrize("name", ["IR (m)", "IR in", "IR pre 12 in prone", "IR (left)"])
def test_other_words_are_no_unit_of_an_angle(tmp_path, name):
    csv = f"ID,Hip,Visit,{name}\n1,left,baseline,12\n"
    folder = write_tidy(tmp_path, csv)
    (folder / "study.toml").write_text((folder / "study.toml").read_text().replace('"IR"', f'"{name}"'))
    assert "unit_differs" not in read_study(folder).problems["rule"].tolist()


def test_a_label_of_a_statistics_program_tells_the_unit_too(tmp_path):
    import pyreadstat

    frame = pd.DataFrame({"id": ["a", "b"], "side": ["L", "R"], "slr_pre": [1.04, 1.25]})
    labels = {"slr_pre": "Straight leg raise (rad)"}
    pyreadstat.write_sav(frame, str(tmp_path / "sent.sav"), column_labels=labels)
    text = draft_study(read_sent([tmp_path / "sent.sav"]), builtin())
    assert tomllib.loads(text)["source"][0]["units"] == {"slr_deg": "radians"}


@pytest.mark.parametrize(
    ("header", "advice"),
    [("Age (months)", "see [source.units]"), ("Age (days)", "give it in years or months in the file")],
)
def test_a_unit_that_cannot_be_declared_is_not_sent_to_be_declared(tmp_path, header, advice):
    folder = write_tidy(
        tmp_path, f"ID,Hip,Visit,IR,{header}\na,left,baseline,12,40\n", columns=f'age_years = "{header}"'
    )
    (message,) = read_study(folder).errors["message"]
    assert message.endswith(f"; {advice}")


@pytest.mark.parametrize(
    ("heights", "weights", "asked"),
    [("65 71", "140 195", True), ("165 181", "60 95", False), ("165 181", "140 95", False)],
)
def test_who_tells_heights_in_inches_is_asked_whether_weights_are_in_pounds(tmp_path, heights, weights, asked):
    """150 pounds are a weight in kilograms too."""
    people = zip(heights.split(), weights.split(), strict=True)
    rows = "".join(f"{n},left,12,{height},{weight}\n" for n, (height, weight) in enumerate(people))
    text = _draft(tmp_path, f"ID,Hip,IR,Height,Weight\n{rows}")
    assert ('weight_kg = "pounds"  # ? its cells look like pounds' in text) == asked


def test_weights_beside_heights_whose_name_says_inches(tmp_path):
    text = _draft(tmp_path, "ID,Hip,IR,Height (in),Weight\n1,left,12,65,140\n")
    assert 'weight_kg = "pounds"  # ? ' in text
