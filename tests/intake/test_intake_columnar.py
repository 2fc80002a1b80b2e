"""Parquet, SPSS and Stata: typed columns become text, and text what the schema says."""

import shutil
from datetime import date, datetime
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pyreadstat
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from analysis import load, read_study
from analysis.intake import columnar, readers, statistics_files
from analysis.intake.problems import Problems
from analysis.intake.sheet import text_column
from analysis.intake.study_file import Source
from bath_layouts import FIXTURES
from study_folders import HEADER, TIDY, found, write_tidy

TABLE = pd.DataFrame(
    {"ID": [1.0, 2.0], "Hip": ["left", "right"], "Visit": "baseline", "IR": [12.5, None], "SLR": [60.0, 61.0]}
)


def _study(folder, suffix, source="", columns='slr_deg = "SLR"', more=""):
    toml = TIDY.format(source=source, columns=columns, more=more).replace("visits.csv", f"visits{suffix}")
    (folder / "study.toml").write_text(toml)
    return folder


def _written(folder, suffix, table=TABLE):
    path = folder / f"visits{suffix}"
    write = {".parquet": pd.DataFrame.to_parquet, ".sav": pyreadstat.write_sav, ".dta": pyreadstat.write_dta}
    write[suffix](table, path)
    return _study(folder, suffix)


@pytest.mark.parametrize("suffix", [".parquet", ".sav", ".dta"])
def test_numbers_identifiers_and_missing(tmp_path, suffix):
    visits = load(_written(tmp_path, suffix)).assessments
    assert visits["patient_id"].tolist() == ["1", "2"]
    assert visits["hip_ir_deg"].fillna(-1).tolist() == [12.5, -1]
    assert visits["source_row"].tolist() == [1, 2]


@pytest.mark.parametrize("suffix", [".parquet", ".sav", ".dta"])
def test_dates(tmp_path, suffix):
    folder = _written(tmp_path, suffix, TABLE.assign(Day=date(2024, 3, 2)))
    _study(folder, suffix, columns='slr_deg = "SLR"\ndate = "Day"')
    assert load(folder).assessments["date"].dt.date.tolist() == [date(2024, 3, 2)] * 2


@pytest.mark.parametrize(
    ("zone", "day", "said"),
    [("", 3, ["day_of_utc"]), ('time_zone = "America/New_York"', 2, []), ('time_zone = "Europe/Berlin"', 3, [])],
)
def test_the_day_of_an_instant_in_utc(tmp_path, zone, day, said):
    """DuckDB and Polars keep instants so: half past eight in the evening in New York."""
    folder = _written(tmp_path, ".parquet", TABLE.assign(Day=pd.Timestamp("2024-03-03 01:30", tz="UTC")))
    _study(folder, ".parquet", zone, columns='slr_deg = "SLR"\ndate = "Day"')
    study = load(folder)
    assert study.assessments["date"].dt.date.tolist() == [date(2024, 3, day)] * 2
    assert study.problems["rule"].tolist() == said


def test_midnight_in_utc_is_an_instant_too(tmp_path):
    folder = _written(tmp_path, ".parquet", TABLE.assign(Day=pd.Timestamp("2024-03-03", tz="UTC")))
    _study(folder, ".parquet", 'time_zone = "America/New_York"', columns='slr_deg = "SLR"\ndate = "Day"')
    assert load(folder).assessments["date"].dt.date.tolist() == [date(2024, 3, 2)] * 2


def test_single_precision_is_no_noise(tmp_path):
    table = pa.table({**{n: pa.array(TABLE[n]) for n in TABLE}, "IR": pa.array([12.1, 12.3], pa.float32())})
    pyarrow.parquet.write_table(table, tmp_path / "visits.parquet")
    folder = _study(tmp_path, ".parquet")
    assert load(folder).assessments["hip_ir_deg"].tolist() == [12.1, 12.3]
    assert found(folder) == []


def test_answers_of_parquet_are_answers(tmp_path):
    folder = _written(tmp_path, ".parquet", TABLE.assign(Sway=[True, None]))
    _study(folder, ".parquet", columns='slr_deg = "SLR"\nswayback = "Sway"')
    assert load(folder).assessments["swayback"].tolist() == [True, pd.NA]


def _arrow_study(folder, odd, **columns):
    """A study whose file has a column X beside those that are used."""
    table = pa.table({**{n: pa.array(TABLE[n]) for n in TABLE}, "X": odd})
    pyarrow.parquet.write_table(table, folder / "visits.parquet")
    return _study(folder, ".parquet", columns="\n".join(f'{name} = "X"' for name in columns) or "")


ODD = {
    "list<element: int64>": pa.array([[1], [2]]),
    "binary": pa.array([b"a", b"b"]),
    "fixed_size_binary[2]": pa.array([b"ab", b"cd"], pa.binary(2)),
    "binary_view": pa.array([b"a", b"b"], pa.binary_view()),
    "extension<pandas.period": pa.array(pd.period_range("2024-01", periods=2, freq="M")),
    "timestamp[us]": pa.array([2**62, 1], pa.timestamp("us")),  # in a year that no calendar has
}


@pytest.mark.parametrize("kind", ODD)
def test_a_column_that_cannot_be_read_is_a_note_or_where_it_is_used_an_error(tmp_path, kind):
    folder = _arrow_study(tmp_path, ODD[kind])
    assert ("note", "column_kind", "visits.parquet", None, "X", "") in found(folder)
    assert load(folder).assessments["hip_ir_deg"].iloc[0] == 12.5
    folder = _arrow_study(tmp_path, ODD[kind], slr_deg=True)
    (error,) = read_study(folder).errors.to_dict("records")
    assert (error["rule"], error["column"]) == ("column_kind", "X")
    assert kind in error["message"]


def test_a_period_is_no_number_where_its_type_is_unknown():
    """pandas teaches the library its types only when they are first used."""
    field = pa.field("X", pa.int64(), metadata={"ARROW:extension:name": "pandas.period"})
    assert columnar._arrow_text(pa.chunked_array([[648, 649]]), field, ".") is None
    assert columnar._type_in_words(field) == "pandas.period"


EXTENSIONS = {
    "uuid": (pa.array([bytes(15) + b"\x01", bytes(15) + b"\x02"], pa.uuid()), "00000000-0000-0000-0000-000000000001"),
    "json": (pa.ExtensionArray.from_storage(pa.json_(), pa.array(["{}", "1"])), "{}"),
    "bool8": (pa.ExtensionArray.from_storage(pa.bool8(), pa.array([1, 0], pa.int8())), "true"),
    "decimal": (pa.array([Decimal("1.20"), Decimal("2")]), "1.20"),
    "text": (pa.array(["a", "b"], pa.string_view()), "a"),
}


@pytest.mark.parametrize("kind", EXTENSIONS)
def test_other_types_are_read(tmp_path, kind):
    column, first = EXTENSIONS[kind]
    folder = _arrow_study(tmp_path, column, clinic_id=True)
    assert load(folder).assessments["clinic_id"].iloc[0] == first


@pytest.mark.parametrize("used", [False, True])
def test_whole_numbers_of_128_bits_are_no_damage(tmp_path, used):
    """Written by Polars 2.1 (``tests/data/writers/make.sh``): pyarrow refuses the whole file for them."""
    shutil.copy(FIXTURES.parent / "writers/int128-polars.parquet", tmp_path / "visits.parquet")
    folder = _study(tmp_path, ".parquet", columns='slr_deg = "big"' if used else "")
    problems = [problem for problem in found(folder) if problem[1] != "unused_column"]
    assert problems == [("error" if used else "note", "column_kind", "visits.parquet", None, "big", "")]
    assert read_study(folder).assessments["hip_ir_deg"].tolist() == [12, 15]


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("month", "2024-03"),
        ("quarter", "2024 Q1"),
        ("week", "2024 W09"),
        ("lasted", "51:00:00"),
        ("clock", "10:05:00"),
        ("day", "2024-03-02"),
    ],
)
def test_periods_and_spans_of_spss(column, text):
    """Written by PSPP: March 2024, its quarter, its ninth week, two days and three hours."""
    content = (FIXTURES.parent / "writers/times-pspp.sav").read_bytes()
    sheet = statistics_files.read_statistics(content, Source(file="times.sav"), Problems(), "read_sav")
    assert sheet.cells[column].tolist() == [text]


def test_labels_of_values_or_their_codes(tmp_path):
    codes = TABLE.assign(Hip=[1.0, 2.0])
    pyreadstat.write_sav(codes, tmp_path / "visits.sav", variable_value_labels={"Hip": {1.0: "left", 2.0: "right"}})
    assert load(_study(tmp_path, ".sav")).assessments["side"].tolist() == ["left", "right"]
    words = '[source.values.side]\nleft = ["2"]\nright = ["1"]'
    assert load(_study(tmp_path, ".sav", "labels = false", more=words)).assessments["side"].tolist() == [
        "right",
        "left",
    ]


@pytest.mark.parametrize(("limit", "rule"), [("MAX_BYTES", "file_too_large"), ("MAX_ROWS", "file_too_large")])
def test_a_file_beyond_the_limits_is_refused(tmp_path, monkeypatch, limit, rule):
    folder = write_tidy(tmp_path, HEADER + "a,left,baseline,12\nb,left,baseline,12\n")
    monkeypatch.setattr(readers, limit, 1)
    assert found(folder) == [("error", rule, "visits.csv", None, "", "")]


def test_a_compressed_spss_file_that_kills_its_reader_is_a_fault_of_the_file(tmp_path, monkeypatch):
    folder = _study(tmp_path, ".zsav")
    pyreadstat.write_sav(TABLE, folder / "visits.zsav", compress=True)
    assert len(load(folder).assessments) == 2
    (tmp_path / "apart.py").write_text("import os; os.kill(os.getpid(), 11)")
    monkeypatch.setattr(statistics_files, "_APART", tmp_path / "apart.py")
    assert "file_broken" in [rule for _, rule, *_ in found(folder)]


def test_a_reader_that_a_file_has_led_astray_can_only_hand_over_data(tmp_path, monkeypatch):
    """An object whose loading runs a command is what a process gives that does as the file says."""
    folder = _study(tmp_path, ".zsav")
    pyreadstat.write_sav(TABLE, folder / "visits.zsav", compress=True)
    astray = (
        "import os, pickle, sys",
        f"class Bomb:\n    def __reduce__(self):\n        return os.mkdir, ({str(tmp_path / 'run')!r},)",
        "pickle.dump((Bomb(), {}, {}), sys.stdout.buffer)",
    )
    (tmp_path / "apart.py").write_text("\n".join(astray))
    monkeypatch.setattr(statistics_files, "_APART", tmp_path / "apart.py")
    assert "file_broken" in [rule for _, rule, *_ in found(folder)]
    assert not (tmp_path / "run").exists()


def test_a_file_read_apart_is_read_as_it_is_here(tmp_path):
    """Labels beside codes without one, dates, instants, times of the day, numbers, text, and missing of each."""
    moment = datetime(2024, 3, 2, 10, 5)
    table = pd.DataFrame(
        {
            "side": [1.0, 2.0, 9.0, None],
            "day": [moment.date(), None, moment.date(), None],
            "at": [moment, None, moment, None],
            "clock": [moment.time(), None, moment.time(), None],
            "angle": [12.5, None, 1.0, -3.0],
            "said": ["a", "", "ä", "b"],
        }
    )
    labels = {"side": {1.0: "left", 2.0: "right"}}
    pyreadstat.write_sav(table, tmp_path / "a.sav", variable_value_labels=labels)
    content = (tmp_path / "a.sav").read_bytes()
    order = content, "read_sav", {"apply_value_formats": True, "formats_as_category": False}
    here, *kept_here = statistics_files._read_here(*order)
    apart, *kept_apart = statistics_files._read_apart(*order)
    assert kept_apart == kept_here
    assert list(apart) == list(here)
    for name in here:
        texts = [columnar.typed_text(frame[name], ".").tolist() for frame in (here, apart)]
        assert texts[0] == texts[1], name
    assert columnar.typed_text(apart["side"], ".").tolist() == ["left", "right", "9", ""]


def test_words_that_a_file_keeps_once_are_those_of_its_rows(tmp_path):
    """Categories of pandas stand in any order and some in no row; Mean in none is no sign that people are words."""
    people = pd.Categorical(["b7", "a7"], categories=["Mean", "a7", "M", "b7"])
    visits = TABLE.assign(ID=people, Hip=pd.Categorical(["left", None], categories=["right", "left"]))
    folder = _written(tmp_path, ".parquet", visits)
    assert found(folder) == [("error", "key_missing", "visits.parquet", 2, "side", "")]
    sheet = readers.read_source(folder, Source(file="visits.parquet"), Problems())
    assert sheet.cells["ID"].cat.categories.tolist() == ["b7", "a7"]
    assert sheet.cells["Hip"].tolist() == ["left", ""]


@pytest.mark.parametrize("schema", [True, False], ids=["of categories", "of text"])
def test_a_word_that_a_file_keeps_twice_is_one(tmp_path, schema):
    words = pa.DictionaryArray.from_arrays(pa.array([1, 0, 1, 2]), pa.array(["b", " a", "a"]))
    pyarrow.parquet.write_table(pa.table({"ID": words}), tmp_path / "visits.parquet", store_schema=schema)
    cells = readers.read_source(tmp_path, Source(file="visits.parquet"), Problems()).cells["ID"]
    assert cells.tolist() == ["a", "b", "a", "a"]
    assert cells.cat.categories.tolist() == ["a", "b"]


WORDS = st.lists(st.sampled_from(["a", "b", " a", "c", ""]), min_size=1, max_size=5)


@given(WORDS.flatmap(lambda words: st.tuples(st.just(words), st.lists(st.integers(0, len(words) - 1), max_size=8))))
@example((["a", "b", "c"], [0, 1, 0, 0, 2])).via("the last word comes late")
@example((["a", "b", "a"], [0, 1, 2])).via("a word that is kept twice")
@example((["a", "b", "c"], [0, 0, 2, 1])).via("in order to begin with")
def test_words_that_are_kept_once_are_read_as_they_stand_in_rows(column):
    words, rows = column
    kept = pa.DictionaryArray.from_arrays(pa.array(rows, type="int32"), pa.array(words, type="string"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columnar, "_BEGINNING", 2)
        read = columnar._distinct_text(pa.chunked_array([kept]), ".")
    expected = text_column([words[row] for row in rows])
    assert read.categories.tolist() == expected.categories.tolist()
    assert read.codes.tolist() == expected.codes.tolist()
