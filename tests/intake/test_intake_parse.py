"""Text becomes values; whatever cannot be read is named by row and column, and is missing."""

import pandas as pd
import pytest

from analysis import StudyError, read_study
from study_folders import HEADER, found, write_tidy


def _cell(folder, text, name="hip_ir_deg", source="", more=""):
    """Write one left hip at baseline whose column X holds the text; X is mapped to the name."""
    csv = f'ID,Hip,Visit,IR,X\na,left,baseline,12,"{text}"\n'
    columns = "" if name == "hip_ir_deg" else f'{name} = "X"'
    if name == "hip_ir_deg":
        csv = f'ID,Hip,Visit,IR\na,left,baseline,"{text}"\n'
    return write_tidy(folder, csv, source, columns, more)


def _value(folder, name="hip_ir_deg"):
    return read_study(folder).assessments[name].iloc[0]


COMMA = 'decimal = ","'


@pytest.mark.parametrize(
    ("text", "source", "value"),
    [
        ("12", "", 12.0),
        ("12.5", "", 12.5),
        ("+5", "", 5.0),
        ("-3.5", "", -3.5),
        ("007", "", 7.0),
        ("12,5", COMMA, 12.5),
        ("12", COMMA, 12.0),
        (" 12.5 ", "", 12.5),
    ],
)
def test_plain_numbers_are_read(tmp_path, text, source, value):
    folder = _cell(tmp_path, text, source=source)
    assert _value(folder) == value
    assert found(folder) == []


def test_minus_zero_is_zero(tmp_path):
    assert str(_value(_cell(tmp_path, "-0"))) == "0.0"


@pytest.mark.parametrize("text", [
    "25°", "~30", "approx 30", "1e5", "1e1", "1,5", "1.234,5", "1,234", "12.5.", ".5", "5.", "--5", "1 2", "0x10",
    "inf", "nan", "NA", "-", "?", "10-15", "12/5", "\u201312", "1234567", "True",
])  # fmt: skip
def test_anything_else_is_not_a_number(tmp_path, text):
    folder = _cell(tmp_path, text)
    assert found(folder)[0] == ("error", "not_a_number", "visits.csv", 2, "IR", text)


@pytest.mark.parametrize("text", ["1.5", "1.234,5", "1,5,0", "1,"])
def test_in_a_file_with_decimal_commas_a_point_is_not_read(tmp_path, text):
    folder = _cell(tmp_path, text, source=COMMA)
    assert found(folder)[0] == ("error", "not_a_number", "visits.csv", 2, "IR", text)


# The built-in protocol: internal rotation is possible from -45 to 90 and usual from -5 to 70.
@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("-45.1", "error"),
        ("-45", "warning"),
        ("-5.1", "warning"),
        ("-5", None),
        ("70", None),
        ("70.1", "warning"),
        ("90", "warning"),
        ("90.1", "error"),
        ("213", "error"),
    ],
)
def test_limits_of_an_angle(tmp_path, text, severity):
    folder = _cell(tmp_path, text)
    toml = folder / "study.toml"
    toml.write_text(toml.read_text().replace('"prone"', '"seated"'))  # which has no limits of its own
    rule = {"error": "impossible_value", "warning": "unusual_value"}.get(severity)
    expected = ("visits.csv", 2, "IR", text)
    limits = [problem for problem in found(folder) if problem[1] != "no_rows"]
    assert limits == ([(severity, rule, *expected)] if severity else [])
    if severity != "error":
        assert _value(folder) == float(text)


def test_an_impossible_value_is_missing_not_kept(tmp_path):
    csv = "ID,Hip,Visit,IR,X\na,left,baseline,12,151\n"
    folder = write_tidy(tmp_path, csv, columns='slr_deg = "X"')
    assert pd.isna(_value(folder, "slr_deg"))
    assert _value(folder) == 12


@pytest.mark.parametrize("text", ["12.34", "14.96", "-2.001", "19.99999"])
def test_a_reading_between_two_steps_is_an_error_as_rounding_could_move_it_over_a_cut_off(tmp_path, text):
    folder = _cell(tmp_path, text)
    assert ("error", "finer_than_step", "visits.csv", 2, "IR", text) in found(folder)


def test_readings_finer_than_the_step_are_rounded_where_that_is_declared(tmp_path):
    folder = _cell(tmp_path, "12.34", source='rounded = ["hip_ir_deg"]')
    assert found(folder) == [("note", "rounded_to_step", "visits.csv", 2, "IR", "12.34")]
    assert _value(folder) == 12.3


def test_a_large_angle_in_radians_is_no_reading_too_fine(tmp_path):
    """100 degrees of straight leg raise are 1.75 radians."""
    folder = _cell(tmp_path, "1.75", "slr_deg")
    assert ("warning", "looks_like_radians", "visits.csv", 2, "X", "1.75") in found(folder)


def test_a_column_of_small_fractions_looks_like_radians_also_where_they_are_tenths(tmp_path):
    """40 degrees are 0.7 radians; a single hip may well turn by half a degree."""
    text = HEADER + "".join(f"{n},left,baseline,0.{n}\n" for n in (3, 5, 6, 7))
    warned = [problem for problem in found(write_tidy(tmp_path, text)) if problem[1] == "looks_like_radians"]
    assert warned == [("warning", "looks_like_radians", "visits.csv", n, "IR", f"0.{m}")
                      for n, m in ((2, 3), (3, 5), (4, 6), (5, 7))]  # fmt: skip


@pytest.mark.parametrize("last", ["12", "0"])
def test_half_a_degree_beside_an_ordinary_angle_or_among_few_does_not(tmp_path, last):
    rows = ["0.5", "1.5", "0.5", last] if last != "0" else ["0.5", "1.5", last]
    text = HEADER + "".join(f"{n},left,baseline,{reading}\n" for n, reading in enumerate(rows))
    assert "looks_like_radians" not in {problem[1] for problem in found(write_tidy(tmp_path, text))}


def test_only_a_measure_can_be_rounded(tmp_path):
    folder = _cell(tmp_path, "12", source='rounded = ["hip_ri_deg"]')
    assert ("error", "unknown_name", "study.toml", None, "hip_ri_deg", "") in found(folder)


@pytest.mark.parametrize("text", ["2.5", "0.1"])
def test_a_count_is_whole(tmp_path, text):
    folder = _cell(tmp_path, text, "ir_drills_tried")
    assert found(folder) == [("error", "not_a_whole_number", "visits.csv", 2, "X", text)]
    assert pd.isna(_value(folder, "ir_drills_tried"))


def test_a_count_with_a_zero_fraction_is_whole(tmp_path):
    assert _value(_cell(tmp_path, "3.0", "ir_drills_tried"), "ir_drills_tried") == 3


YES = '[source.values.swayback]\ntrue = ["1", "x"]\nfalse = ["0"]'


@pytest.mark.parametrize(
    ("text", "answer"),
    [("yes", True), ("true", True), ("1", True), ("x", True), ("no", False), ("false", False), ("0", False)],
)
def test_answers(tmp_path, text, answer):
    assert _value(_cell(tmp_path, text, "swayback", more=YES), "swayback") == answer


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("swayback", "1"),
        ("swayback", "Yes!"),
        ("ober", "pos"),
        ("sex", "f"),
        ("motion", "Pass"),
    ],
)
def test_an_undeclared_word_is_refused_and_missing(tmp_path, name, text):
    if name == "motion":
        csv = f"ID,Hip,Visit,IR,X\na,left,baseline,12,{text}\n"
        folder = write_tidy(tmp_path, csv, columns='motion = "X"')
        toml = folder / "study.toml"
        toml.write_text(toml.read_text().replace('motion = "passive"\n', ""))
    else:
        folder = _cell(tmp_path, text, name)
    assert ("error", "unknown_word", "visits.csv", 2, "X", text) in found(folder)
    assert pd.isna(_value(folder, name))


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("swayback", "Yes", True),
        ("swayback", "FALSE", False),
        ("ober", "Positive", "positive"),
        ("sex", "FEMALE", "female"),
        ("ober", "POS", "positive"),  # a declared word
    ],
)
def test_capitals_do_not_matter(tmp_path, name, text, value):
    folder = _cell(tmp_path, text, name, more='[source.values.ober]\npositive = ["pos"]')
    assert found(folder) == []
    assert _value(folder, name) == value


def test_capitals_matter_where_they_alone_tell_two_words_apart(tmp_path):
    """p is positive and P negative: Pos is known in any case, p and P as they are written."""
    words = '[source.values.ober]\npositive = ["p", "pos"]\nnegative = ["P", "neg"]'
    csv = "ID,Hip,Visit,IR,X\n" + "".join(f"{n},left,baseline,12,{x}\n" for n, x in enumerate(["p", "P", "Neg"]))
    folder = write_tidy(tmp_path, csv, columns='ober = "X"', more=words)
    assert found(folder) == []
    assert read_study(folder).assessments["ober"].tolist() == ["positive", "negative", "negative"]


def test_one_problem_for_each_unknown_word_with_its_count_and_first_rows(tmp_path):
    words = ["maybe", "pos?", *["maybe"] * 6, "positive"]
    csv = "ID,Hip,Visit,IR,X\n" + "".join(f"{n},left,baseline,12,{x}\n" for n, x in enumerate(words))
    csv += "0,left,post,12,\n"
    folder = write_tidy(tmp_path, csv, columns='ober = "X"')
    assert found(folder) == [
        ("error", "unknown_word", "visits.csv", 2, "X", "maybe"),
        ("error", "unknown_word", "visits.csv", 3, "X", "pos?"),
    ]
    first, second = read_study(folder).problems["message"]
    assert first.endswith("(in 7 rows: 2, 4, 5, 6, 7, …)")
    assert second.endswith("[source.values.ober]")


def test_the_message_lists_the_words_and_where_to_add_one(tmp_path):
    message = read_study(_cell(tmp_path, "pos", "ober")).problems["message"].iloc[0]
    assert message == "not a known word for ober (negative, positive); add it under [source.values.ober]"


@pytest.mark.parametrize("name", ["hip_er_deg", "swayback", "ober", "date", "ir_drills_tried", "age_years"])
@pytest.mark.parametrize("text", ["", "  ", "n/a"])
def test_empty_and_declared_missing_are_missing_never_no_or_zero(tmp_path, name, text):
    folder = _cell(tmp_path, text, name, source='na_values = ["n/a"]')
    assert found(folder) == []
    assert pd.isna(_value(folder, name))


def test_a_name_without_levels_may_have_words_too(tmp_path):
    folder = _cell(tmp_path, "N", "clinic_id", more='[source.values.clinic_id]\nNorth = ["N"]\nSouth = ["S"]')
    assert _value(folder, "clinic_id") == "North"


@pytest.mark.parametrize(
    "text", ["02/03/2024", "2024-3-2", "2024-02-30", "20240302", "45353", "March 2", "2024-03-02 25:00", "2024-03-02T"]
)
def test_a_date_is_iso_unless_declared(tmp_path, text):
    folder = _cell(tmp_path, text, "date")
    assert found(folder) == [("error", "not_a_date", "visits.csv", 2, "X", text)]
    assert pd.isna(_value(folder, "date"))


@pytest.mark.parametrize("text", ["2024-03-02", "2024-03-02 10:05", "2024-03-02T23:59:59", "2024-03-02T00:00:00.000"])
def test_a_date_may_have_a_time(tmp_path, text):
    folder = _cell(tmp_path, text, "date")
    assert found(folder) == []
    assert _value(folder, "date") == pd.Timestamp("2024-03-02")


UTC, OFFSET = ("warning", "day_of_utc"), ("note", "day_at_offset")


@pytest.mark.parametrize(
    ("text", "zone", "day", "said"),
    [
        ("2024-03-03T01:30:00Z", None, "2024-03-03", UTC),
        ("2024-03-03 01:30:00+00:00", None, "2024-03-03", UTC),
        ("2024-03-03T01:30Z", "America/New_York", "2024-03-02", None),  # 20:30 the evening before
        ("2024-03-01T23:00:00Z", "Europe/Berlin", "2024-03-02", None),  # midnight
        ("2024-07-01T22:30:00Z", "Europe/Berlin", "2024-07-02", None),  # in summer
        ("2024-03-02T20:30:00-05:00", None, "2024-03-02", OFFSET),
        ("2024-03-02T20:30:00-0500", "Europe/Berlin", "2024-03-03", None),
        ("2024-03-02 20:30", "Asia/Tokyo", "2024-03-02", None),  # the clinic's own clock
    ],
)
def test_the_day_of_an_instant_is_that_of_the_clinic(tmp_path, text, zone, day, said):
    folder = _cell(tmp_path, text, "date", source=f'time_zone = "{zone}"' if zone else "")
    assert _value(folder, "date") == pd.Timestamp(day)
    assert found(folder) == ([(*said, "visits.csv", 2, "X", "1 row")] if said else [])


@pytest.mark.parametrize("zone", ["Berlin", "", "../etc", "UTC+2"])
def test_a_time_zone_that_is_none_is_refused(tmp_path, zone):
    with pytest.raises(StudyError, match='write it as in "America/New_York"'):
        found(_cell(tmp_path, "2024-03-02", "date", source=f'time_zone = "{zone}"'))


@pytest.mark.parametrize(
    ("form", "text", "day"),
    [
        ("%d/%m/%Y", "02/03/2024", "2024-03-02"),
        ("%m/%d/%Y", "02/03/2024", "2024-02-03"),
        ("%d.%m.%y", "2.3.24", "2024-03-02"),
        ("%d %b %Y", "02 Mar 2024", "2024-03-02"),
        ("%Y-%m-%d %H:%M", "2024-03-02 23:59", "2024-03-02"),
    ],
)
def test_a_date_in_the_declared_form(tmp_path, form, text, day):
    folder = _cell(tmp_path, text, "date", source=f'date_format = "{form}"')
    assert found(folder) == []
    assert _value(folder, "date") == pd.Timestamp(day)


@pytest.mark.parametrize("text", ["13/13/2024", "2024-03-02", "02/03/24", "02/03/2024 10:00"])
def test_a_date_in_another_than_the_declared_form(tmp_path, text):
    folder = _cell(tmp_path, text, "date", source='date_format = "%d/%m/%Y"')
    assert found(folder) == [("error", "not_a_date", "visits.csv", 2, "X", text)]
