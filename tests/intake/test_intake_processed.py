"""A processed folder is a study: the same tables, the same rates, and nothing that was changed since."""

import json

import pandas as pd
import pytest

from analysis import analyse, load
from analysis.answers.parts import asked_for
from analysis.answers.rates import rates
from analysis.answers.rates_of_visits import rates_of_visits
from analysis.cli.results import _in_blocks
from analysis.hips.counted import columns_counted
from analysis.intake import StudyError, processed
from analysis.intake.load import fingerprint_of_files
from analysis.intake.processed import blocks
from analysis.outputs import store
from analysis.report.declared import needs_ledger
from study_folders import HEADER, write_tidy

ROWS = "".join(
    f"{patient},{side},{when},{12 + number + gain}\n"
    for number, patient in enumerate(["b", "a", "007", "c", "NA"])
    for side in ("left", "right")
    for when, gain in (("baseline", 0), ("post", 4 + number % 3))
)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return load(write_tidy(tmp_path_factory.mktemp("study"), HEADER + ROWS))


@pytest.fixture
def folder(study, tmp_path, monkeypatch):
    """Written with at most some three visits in a group of rows, so that there are several."""
    monkeypatch.setattr(store, "_ROWS", 3)
    store.write_tables(study, analyse(study), tmp_path / "out")
    return tmp_path / "out"


def test_a_processed_folder_loads_as_the_study_did(folder, study):
    back = load(folder)
    for name in ("assessments", "interventions", "problems"):
        pd.testing.assert_frame_equal(getattr(back, name), getattr(study, name))
    assert (back.name, back.protocol, back.fingerprint) == (study.name, study.protocol, study.fingerprint)
    assert fingerprint_of_files(folder) == study.fingerprint


def test_no_group_of_rows_divides_a_person_and_the_rates_are_those_of_the_whole(folder, study):
    """Of 5 people those who gain 5 or 6 respond: 3, two hips each."""
    by = ["side", "clinic_id"]
    found_in = blocks(folder, columns_counted([*by, "clinic_id"], study.protocol), study.protocol)
    people = [set(block["patient_id"]) for block in found_in]
    assert [len(of_block) for of_block in people] == [1] * 5
    (found,) = rates_of_visits(found_in, asked_for([by], "ir", None, study.protocol))
    assert found["n_responders"].tolist() == [3, 3]
    pd.testing.assert_frame_equal(found, rates(analyse(study).responses, by, "ir"))


def test_what_needs_all_tables_is_not_counted_in_blocks(folder):
    assert _in_blocks(folder, ["stretch_given"], safe=False)[1] is None


@pytest.mark.parametrize("name", ["assessments.parquet", "problems.parquet"])
def test_a_flipped_bit_anywhere_in_a_file_is_an_error(folder, name):
    content = bytearray((folder / name).read_bytes())
    content[-40] ^= 1  # in the footer, which has no checksum of its own
    (folder / name).write_bytes(content)
    with pytest.raises(StudyError, match=f"{name}: not as `capsule process` wrote it"):
        load(folder)


def test_a_manifest_that_tells_nothing_is_an_error(folder):
    (folder / "manifest.json").write_text(json.dumps({"tables": {}}))
    with pytest.raises(StudyError, match=r"manifest\.json: not as"):
        load(folder)


def test_reports_of_a_processed_study_of_people_keep_the_ledger(folder):
    """The study is neither published nor made up; without the ledger its fingerprints would be plain hashes."""
    assert needs_ledger(folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["study"]["synthetic"] = True
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert not needs_ledger(folder)


def test_a_study_beyond_memory_says_what_needs_less(folder, monkeypatch):
    monkeypatch.setattr(processed, "A_VISIT", 10**15)
    with pytest.raises(StudyError, match=r"needs every table at once.*`capsule rates` needs less"):
        load(folder)
    assert _in_blocks(folder, [], safe=False)[0].name == "A study"
