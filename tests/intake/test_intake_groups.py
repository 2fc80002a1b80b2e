"""A study read in groups of people is the one that is read at once: its tables, and all that is wrong with it."""

import zipfile
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from analysis import StudyError, analyse, load, read_study
from analysis.cli import check, data
from analysis.cli.app import Stop, app
from analysis.intake import groups, memory
from analysis.intake.memory import in_groups
from analysis.intake.problems import Problems
from analysis.intake.reading import Reading
from analysis.intake.study_rows import read_rows
from analysis.machine import memory as machine_memory
from faults.fault_corpus import FAULTS
from study_folders import HEADER, write, write_tidy

RAW = Path(__file__).parents[2] / "data" / "raw"
VISITS = "".join(
    f"p{number},{side},{when},{20 + number + (when == 'post')}\n"
    for number in range(8)
    for side in ("left", "right")
    for when in ("baseline", "post")
)


def read_in(folder, n_groups):
    """Return the tables of each group, and the study with all of them."""
    reading = Reading.of(folder)
    seen = groups.RowsSeen()
    read_rows(folder, reading.declared, reading.protocol, Problems(), seen)
    reading.cuts = seen.cuts(n_groups)
    parts = list(reading)
    return parts, reading.study(*(pd.concat(tables, ignore_index=True) for tables in zip(*parts, strict=True)))


def assert_same(folder, n_groups):
    parts, found = read_in(folder, n_groups)
    whole = read_study(folder)
    pd.testing.assert_frame_equal(found.problems, whole.problems)
    for name in ("assessments", "interventions"):
        pd.testing.assert_frame_equal(getattr(found, name), getattr(whole, name))
    assert (found.name, found.protocol, found.fingerprint) == (whole.name, whole.protocol, whole.fingerprint)
    return parts


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_wrong_with_a_study_does_not_hang_on_how_it_is_read(name, tmp_path, monkeypatch):
    """Each person alone."""
    monkeypatch.setattr(groups, "_EVERY", 1)
    assert_same(FAULTS[name][0](tmp_path / "study"), 99)


@pytest.mark.parametrize("study", ["demo", "bath-hips"])
def test_real_studies(study, monkeypatch):
    monkeypatch.setattr(groups, "_EVERY", 3)
    parts = assert_same(RAW / study, 5)
    assert len(parts) == 5
    last = [set(assessments["patient_id"]) for assessments, _ in parts]
    assert all(max(before) < min(after) for before, after in pairwise(last))


@pytest.mark.parametrize("listed", ["p3,C1\np5,C2\n", "p03,C1\nP4,C2\nq,C3\n", "x,C1\ny,C2\n"])
def test_files_of_persons_are_held_against_everyone(listed, tmp_path, monkeypatch):
    """Some stand in the visits, some would if they were written alike, or nobody does."""
    monkeypatch.setattr(groups, "_EVERY", 1)
    persons = '[[source]]\nfile = "persons.csv"\n[source.columns]\npatient_id = "ID"\nclinic_id = "Clinic"\n'
    folder = write_tidy(tmp_path / "study", HEADER + VISITS, more=persons)
    (folder / "persons.csv").write_text("ID,Clinic\n" + listed)
    assert len(assert_same(folder, 4)) == 4


def test_what_only_the_whole_study_shows_is_said_once(tmp_path, monkeypatch):
    """Nobody has both hips, one has no clinic, all readings are rounded, and nobody came back."""
    monkeypatch.setattr(groups, "_EVERY", 1)
    rows = "".join(f"p{n:02},{('left', 'right')[n % 2]},baseline,{5 * (n % 7)},{'A' if n else ''}\n" for n in range(60))
    folder = write_tidy(tmp_path / "study", HEADER.replace("\n", ",Clinic\n") + rows, columns='clinic_id = "Clinic"\n')
    assert_same(folder, 7)
    found = read_study(folder).problems["rule"].tolist()
    assert {"nobody_has_both_hips", "no_clinic", "digit_preference", "nothing_to_compare"} <= set(found)


def test_identifiers_are_held_against_everyone(tmp_path, monkeypatch):
    """P1 and p1 stand in groups of their own; of 16 digits that end in 0 another one tells that they are whole."""
    monkeypatch.setattr(groups, "_EVERY", 1)
    people = ["P1", "p1", "q", "2000000000000010", "2000000000000013", "P12"]
    rows = "".join(f"{who},left,{when},{20 + len(who)}\n" for who in people for when in ("baseline", "post"))
    folder = write_tidy(tmp_path / "study", HEADER + rows)
    assert len(assert_same(folder, 12)) > 4
    found = read_study(folder).problems
    assert found.loc[found["rule"] == "identifiers_alike", "value_shown"].tolist() == ["P1", "p1"]
    assert "identifier_rounded" not in found["rule"].tolist()


def test_as_few_groups_as_fit_into_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "_PROGRAM", 0)
    monkeypatch.setattr(groups, "_EVERY", 1)
    toml = "".join(
        f'[[source]]\nfile = "v{n}.csv"\n[source.columns]\npatient_id = "ID"\nside = "Hip"\ntimepoint = "Visit"\n'
        f'hip_ir_deg = "IR"\n[source.set]\nposition = "prone"\nmotion = "passive"\ndevice = "goniometer"\n'
        for n in range(30)
    )
    files = {f"v{n}": HEADER + VISITS.replace("p", f"p{n}-") for n in range(30)}
    folder = write(tmp_path / "study", f'name = "Many"\n{toml}', **files)
    assert in_groups(folder).cuts == ()
    few, many = (len(in_groups(folder, size).cuts) for size in (60_000, 20_000))
    assert 0 < few < many
    with pytest.raises(StudyError, match="divide the file into several"):
        in_groups(folder, 2_000)


def test_a_study_that_does_not_fit_says_how_it_can_be_read(tmp_path, monkeypatch):
    folder = write_tidy(tmp_path / "study", HEADER + VISITS)
    assert len(load(folder).assessments) == 32
    loaded = load(folder)
    monkeypatch.setattr(machine_memory, "free", lambda: 1_000)
    with pytest.raises(StudyError, match=r"needs a table of its visits, about .* process --data-only"):
        load(folder)
    with pytest.raises(StudyError, match=r"needs every table at once, about .* process --data-only"):
        analyse(loaded)


def test_a_folder_written_in_groups_is_the_study(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "_PROGRAM", 0)
    monkeypatch.setattr(groups, "_EVERY", 1)
    asked = []

    def in_little(folder, memory):
        asked.append(memory)
        return in_groups(folder, 6_000)

    monkeypatch.setattr(data, "in_groups", in_little)
    folder = write_tidy(tmp_path / "study", HEADER + VISITS)
    app(["process", str(folder), "--out", str(tmp_path / "out"), "--data-only", "--memory", "2"], standalone_mode=False)
    assert asked == [2 * 10**9]
    assert in_groups(folder, 6_000).cuts
    back, whole = load(tmp_path / "out"), load(folder)
    for name in ("assessments", "interventions", "problems"):
        pd.testing.assert_frame_equal(getattr(back, name), getattr(whole, name))


def test_nothing_is_written_of_a_study_with_errors(tmp_path):
    folder = write_tidy(tmp_path / "study", HEADER + VISITS + "p9,left,baseline,999\n")
    with pytest.raises(StudyError, match="errors in the data"):
        app(["process", str(folder), "--out", str(tmp_path / "out"), "--data-only"], standalone_mode=False)
    assert not (tmp_path / "out").exists()


def test_check_counts_the_people_of_all_groups(tmp_path, monkeypatch, capsys):
    folder = write_tidy(tmp_path / "study", HEADER + VISITS + "p9,left,baseline,999\n")
    assert app(["check", str(folder)], standalone_mode=False) == 1
    at_once = capsys.readouterr().out
    assert "9 patients, 32 assessments; 1 error" in at_once
    monkeypatch.setattr(memory, "_PROGRAM", 0)
    monkeypatch.setattr(groups, "_EVERY", 1)
    monkeypatch.setattr(check, "in_groups", lambda folder: in_groups(folder, 6_000))
    assert in_groups(folder, 6_000).cuts
    assert app(["check", str(folder)], standalone_mode=False) == 1
    assert capsys.readouterr().out == at_once


def test_files_complete_visits_in_the_order_of_study_toml(tmp_path, monkeypatch):
    """Of the two that contradict each other the later is at fault, whoever else is completed by it alone."""
    monkeypatch.setattr(groups, "_EVERY", 1)
    header = '\n[source.columns]\npatient_id = "ID"\nside = "Hip"\ntimepoint = "Visit"\nslr_deg = "SLR"\n'
    more = "".join(f'[[source]]\nfile = "{name}.csv"\ncompletes_visits = true{header}' for name in ("second", "third"))
    folder = write_tidy(tmp_path / "study", HEADER + VISITS, more=more)
    (folder / "second.csv").write_text("ID,Hip,Visit,SLR\np2,left,baseline,70\n")
    (folder / "third.csv").write_text("ID,Hip,Visit,SLR\np1,left,baseline,71\np2,left,baseline,72\n")
    assert len(assert_same(folder, 99)) > 7
    problems = read_study(folder).problems
    assert problems.loc[problems["rule"] == "files_disagree", "file"].tolist() == ["third.csv"]


def test_a_small_study_is_read_however_little_is_free(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "free", lambda: 150_000_000)
    monkeypatch.setattr(memory, "own", lambda: 100_000_000)
    assert in_groups(write_tidy(tmp_path / "study", HEADER + VISITS)).cuts == ()


def test_of_a_workbook_what_is_read_counts_and_no_picture(tmp_path, monkeypatch):
    book = tmp_path / "study" / "visits.xlsx"
    folder = write(tmp_path / "study", 'name = "Book"\n[[source]]\nfile = "visits.xlsx"\n')
    with zipfile.ZipFile(book, "w") as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"x" * 1_000)
        packed.writestr("xl/media/image1.png", b"x" * 900_000)
    monkeypatch.setattr(memory, "_PROGRAM", 0)
    assert in_groups(folder, 1_000_000).cuts == ()
    with pytest.raises(StudyError, match="divide the file into several"):
        in_groups(folder, 3_500)


@pytest.mark.parametrize("name", ["visits.csv", "corrections.toml"])
def test_files_that_change_while_they_are_read_are_no_study(name, tmp_path, monkeypatch):
    """The first half of the people would be of the old file, the others of the new one."""
    monkeypatch.setattr(groups, "_EVERY", 1)
    reading = Reading.of(write_tidy(tmp_path / "study", HEADER + VISITS))
    reading.cuts = ["p4"]
    parts = iter(reading)
    next(parts)
    text = HEADER + VISITS.replace("left", "right ") if name == "visits.csv" else ""
    (tmp_path / "study" / name).write_text(text)
    with pytest.raises(StudyError, match="study: its files changed while they were read; run this again"):
        list(parts)


def test_people_are_divided_evenly_in_many_small_files_too():
    seen = groups.RowsSeen()
    for _ in range(100):
        seen(pd.DataFrame({"patient_id": [f"{number:02}" for number in range(50)]}))
    (middle,) = seen.cuts(2)
    assert 20 <= int(middle) <= 30


def test_memory_is_asked_for_where_it_can_be_kept(tmp_path):
    folder = write_tidy(tmp_path / "study", HEADER + VISITS)
    app(["process", str(folder), "--out", str(tmp_path / "out"), "--data-only"], standalone_mode=False)
    for study, more in ((folder, []), (tmp_path / "out", ["--data-only"])):
        with pytest.raises(Stop, match="--memory"):
            app(["process", str(study), "--out", str(tmp_path / "new"), "--memory", "2", *more], standalone_mode=False)
