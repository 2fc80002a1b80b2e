"""Whatever a file holds: no crash, an answer a person can use, and no value silently changed."""

import contextlib
import csv
import io
import multiprocessing
import random
import re
import zipfile
from concurrent.futures import ProcessPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import StudyError, load, read_study
from analysis.intake import statistics_files
from analysis.intake.draft import draft_study, read_sent
from analysis.protocol import ProtocolError, load_protocol
from bath_forms import dataset_json, dataset_ndjson, fhir, kobo, odm
from bath_layouts import BATH, LAYOUTS, ods, one_row_a_person, workbook, write_layout
from study_folders import HEADER, write_tidy

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


def _tried(folder, name, whole, edit, times):
    """Read, and draft anew, a study of which one file is edited at random."""
    protocol = load_protocol(BATH / "protocol.toml")
    for seed in range(times):
        (folder / name).write_bytes(edit(whole, random.Random(f"{name} {seed}")))
        with contextlib.suppress(ProtocolError):
            _answers(folder)
        if not name.endswith(".toml"):
            with contextlib.suppress(StudyError):
                draft_study(read_sent([folder / name]), protocol)


OF_OTHERS = [odm, fhir, dataset_json, dataset_ndjson, kobo]  # the other forms are text


@pytest.fixture
def ready(monkeypatch):
    """Have each reading apart be a fork of one process that has the library loaded: a start takes a hundred times."""
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload([statistics_files.__name__, "pyreadstat"])

    def read_apart(*order):
        with ProcessPoolExecutor(1, mp_context=processes) as pool:
            return pool.submit(statistics_files._read_here, *order).result()

    monkeypatch.setattr(statistics_files, "_read_apart", read_apart)


@pytest.mark.parametrize("layout", [*LAYOUTS, *OF_OTHERS], ids=lambda layout: layout.__name__)
@pytest.mark.usefixtures("ready")
def test_random_edits_of_bytes(tmp_path, layout, capfd):
    """Bytes changed, cut out, doubled or cut off, at random: read, or refused in words and nothing else."""
    folder = write_layout(layout, tmp_path)
    name, _ = layout(tmp_path)
    _tried(folder, name, (folder / name).read_bytes(), _edited, 10)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("layout", [workbook, ods], ids=lambda layout: layout.__name__)
def test_random_edits_within_a_workbook(tmp_path, layout, capfd):
    """A workbook is a zip file, which finds edits by its checksums: so one of its parts is edited and packed anew."""
    folder = write_layout(layout, tmp_path)
    name, _ = layout(tmp_path)
    _tried(folder, name, (folder / name).read_bytes(), _edited_within, 25)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", ["study.toml", "corrections.toml", "protocol.toml"])
def test_random_edits_of_declarations(tmp_path, name):
    folder = write_layout(one_row_a_person, tmp_path)
    (folder / "corrections.toml").write_text(CORRECTION)
    assert len(_answers(folder).problems.query("rule == 'corrected'")) == 1
    _tried(folder, name, (folder / name).read_bytes(), _edited, 25)


CORRECTION = """
[[correction]]
file = "people.csv"
row = 2
column = "rbef R"
old = "25"
new = "26"
reason = "read again from the sheet"
date = 2024-03-02
"""


def _edited(content, chance):
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(max(len(content), 1))
        kind = chance.randrange(5)
        if kind == 0:
            content = content[:place] + bytes([chance.randrange(256)]) + content[place + 1 :]
        elif kind == 1:
            content = content[:place] + content[place + chance.randint(1, 30) :]
        elif kind == 2:
            content = content[:place] + content[place : place + 30] + content[place:]
        elif kind == 3:  # another number or address, as long as the one before
            word = chance.choice([b"99999999", b"-1", b"\xff\xff\xff\xff", b"\0\0\0\0", b"XFD1048576"])
            content = content[:place] + word + content[place + len(word) :]
        else:
            content = content[: max(place, 1)]
    return content


def _edited_within(content, chance):
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as whole, zipfile.ZipFile(packed, "w") as edited:
        parts = [name for name in whole.namelist() if name.endswith((".xml", ".rels"))]
        cells = [name for name in parts if "sheet" in name or name == "content.xml"]
        chosen = chance.choice(chance.choice([parts, cells]))
        for name in whole.namelist():
            part = whole.read(name)
            edited.writestr(name, _edited(part, chance) if name == chosen else part)
    return packed.getvalue()


@settings(max_examples=15)
@given(st.lists(st.tuples(st.integers(-45, 90), st.integers(0, 9)), min_size=1, max_size=8))
def test_readings_come_back_to_the_tenth(tmp_path_factory, readings):
    values = [float(f"{whole}.{tenth}") if whole < 90 else 90.0 for whole, tenth in readings]
    rows = "".join(f"p{n},left,baseline,{value}\n" for n, value in enumerate(values))
    values = [value if value >= -45 else None for value in values]
    folder = write_tidy(tmp_path_factory.mktemp("study"), HEADER + rows)
    read = read_study(folder).assessments.set_index("patient_id")["hip_ir_deg"]
    read = read.astype("object").where(read.notna(), None)
    assert [read.get(f"p{n}") for n in range(len(values))] == values
    if None not in values:
        assert len(load(folder).assessments) == len(values)
