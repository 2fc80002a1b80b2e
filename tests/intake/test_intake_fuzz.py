"""Whatever a file holds: no crash, an answer a person can use, and no value silently changed."""

import csv
import io
import random
import re

import openpyxl
import pandas as pd
import pyreadstat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import StudyError, load, read_study
from study_folders import HEADER, TIDY, write_tidy

CELL = st.one_of(
    st.text(max_size=12),
    st.integers(-400, 400).map(str),
    st.decimals(-400, 400, places=1).map(str),
    st.sampled_from(["left", "right", "baseline", "post", "25°", "1e5", "NA", "'", '"', "\n", ",", "\0", "a\rb"]),
)
ROW = st.lists(CELL, min_size=3, max_size=5)


def _csv(rows):
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue()


def _answers(folder):
    """Read a study; what it says is whole, or it says in words why not."""
    try:
        study = read_study(folder)
    except StudyError:
        return None
    assert study.problems["message"].str.len().gt(10).all()
    assert all(text.isprintable() for text in study.problems["value_shown"])
    return study


def _unchanged(study, cells):
    """Every reading in the table stands in the file, as text that a person would read as that number."""
    numbers = {round(float(cell), 1) for cell in cells if re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", cell)}
    assert set(study.assessments["hip_ir_deg"].dropna()) <= numbers
    assert set(study.assessments["patient_id"]) <= set(cells)


@given(st.lists(ROW, max_size=6))
def test_any_cells(tmp_path_factory, rows):
    folder = write_tidy(tmp_path_factory.mktemp("study"), HEADER + _csv(rows))
    study = _answers(folder)
    cells = [re.sub(r"\r\n?", "\n", cell).strip() for row in rows for cell in row]
    _unchanged(study, cells)


@given(st.binary(max_size=300))
def test_any_bytes(tmp_path_factory, content):
    _answers(write_tidy(tmp_path_factory.mktemp("study"), content))


@given(st.text(max_size=60), st.sampled_from(["encoding", "delimiter", "date_format", "na_values", "number_patterns"]))
def test_any_declaration(tmp_path_factory, text, key):
    quoted = '"' + "".join(f"\\U{ord(c):08x}" for c in text if not 0xD800 <= ord(c) <= 0xDFFF) + '"'
    value = f"[{quoted}]" if key in ("na_values", "number_patterns") else quoted
    folder = tmp_path_factory.mktemp("study")
    _answers(write_tidy(folder, HEADER + "a,left,baseline,25°\n", f"{key} = {value}"))


def _plain_rows(n=12):
    return [
        (f"p{i}", side, when, 10 + i) for i in range(n) for side in ("left", "right") for when in ("baseline", "post")
    ]


def _bytes_of(suffix, folder):
    table = pd.DataFrame(_plain_rows(), columns=["ID", "Hip", "Visit", "IR"])
    path = folder / f"whole{suffix}"
    if suffix == ".xlsx":
        book = openpyxl.Workbook()
        for row in [table.columns.tolist(), *table.values.tolist()]:
            book.active.append(row)
        book.save(path)
    else:
        {".csv": pd.DataFrame.to_csv, ".parquet": pd.DataFrame.to_parquet, ".sav": pyreadstat.write_sav,
         ".dta": pyreadstat.write_dta}[suffix](table, path)  # fmt: skip
    return path.read_bytes()


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet", ".sav", ".dta"])
def test_random_edits_of_bytes(tmp_path, suffix):
    """Bytes flipped, cut out, doubled or cut off, at random: read, or refused in words."""
    whole = _bytes_of(suffix, tmp_path)
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "study.toml").write_text(TIDY.format(source="", columns="", more="").replace("visits.csv", f"v{suffix}"))
    for seed in range(60):
        (folder / f"v{suffix}").write_bytes(_edited(whole, random.Random(seed)))
        _answers(folder)


def _edited(content, chance):
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(content))
        kind = chance.randrange(4)
        if kind == 0:
            content = content[:place] + bytes([chance.randrange(256)]) + content[place + 1 :]
        elif kind == 1:
            content = content[:place] + content[place + chance.randint(1, 30) :]
        elif kind == 2:
            content = content[:place] + content[place : place + 30] + content[place:]
        else:
            content = content[: max(place, 1)]
    return content


@settings(max_examples=15)
@given(st.lists(st.tuples(st.integers(-45, 90), st.integers(0, 9)), min_size=1, max_size=8))
def test_readings_come_back_to_the_tenth(tmp_path_factory, readings):
    values = [float(f"{whole}.{tenth}") if whole < 90 else 90.0 for whole, tenth in readings]
    rows = "".join(f"p{n},left,baseline,{value}\n" for n, value in enumerate(values))
    values = [value if value >= -45 else None for value in values]
    folder = write_tidy(tmp_path_factory.mktemp("study"), HEADER + rows)
    read = read_study(folder).assessments.set_index("patient_id")["hip_ir_deg"]
    assert [read.get(f"p{n}") for n in range(len(values))] == values
    if None not in values:
        assert len(load(folder).assessments) == len(values)
