"""Tables on disk: sorted, whole, and the same bytes every time."""

import hashlib
import json

import pandas as pd
import pytest

from analysis import analyse, load
from analysis.outputs.store import write_tables
from study_folders import HEADER, write_tidy

IDENTIFIERS = ["b", "001", "NA", "None", "1e5", "=cmd()", "../../x", "<script>", "x" * 300, "a\0b"]
ROWS = "".join(
    f"{name},{side},{when},12\n" for name in IDENTIFIERS for side in ("right", "left") for when in ("post", "baseline")
)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return load(write_tidy(tmp_path_factory.mktemp("study"), HEADER + ROWS))


@pytest.fixture(scope="module")
def tables(study):
    return analyse(study)


@pytest.fixture
def written(study, tables, tmp_path):
    write_tables(study, tables, tmp_path / "out")
    return tmp_path / "out"


def test_every_table_is_written_with_the_manifest_last(study, tables, tmp_path):
    names = write_tables(study, tables, tmp_path / "deep" / "out")
    assert names[-1] == "manifest.json"
    assert sorted(names) == sorted(path.name for path in (tmp_path / "deep" / "out").iterdir())
    assert {f"{name}.parquet" for name in vars(tables)} < set(names)


def test_only_the_owner_may_enter_the_folder_and_read_the_tables(written):
    assert {oct(path.stat().st_mode)[-3:] for path in written.iterdir()} == {"600"}
    assert oct(written.stat().st_mode)[-3:] == "700"


def test_identifiers_come_back_as_they_were(written):
    for name in ("assessments", "classifications", "changes", "responses"):
        assert set(pd.read_parquet(written / f"{name}.parquet")["patient_id"]) == set(IDENTIFIERS), name


def test_tables_are_sorted_by_patient(written):
    for path in written.glob("*.parquet"):
        table = pd.read_parquet(path)
        if "patient_id" in table:
            assert table["patient_id"].tolist() == sorted(table["patient_id"]), path.name


def test_types_come_back(written, study):
    back = pd.read_parquet(written / "assessments.parquet")
    assert back["timepoint"].dtype == study.assessments["timepoint"].dtype
    assert back["ir_drills_tried"].dtype == "Int64"


def test_the_manifest_tells_the_truth(written):
    manifest = json.loads((written / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["tables"]) == {path.name for path in written.glob("*.parquet")}
    for name, entry in manifest["tables"].items():
        content = (written / name).read_bytes()
        table = pd.read_parquet(written / name)
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()
        assert [entry["rows"], entry["columns"]] == [len(table), list(table.columns)]
    assert manifest["provenance"]["study"] == "A study"


def test_a_second_run_gives_the_same_bytes(written, study):
    before = {path.name: path.read_bytes() for path in written.iterdir()}
    write_tables(study, analyse(study), written)
    assert {path.name: path.read_bytes() for path in written.iterdir()} == before


def test_a_failed_write_leaves_the_earlier_file_and_no_part(written, study, tables, monkeypatch):
    before = {path.name: path.read_bytes() for path in written.iterdir()}

    def full_disk(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_tables(study, tables, written)
    assert {path.name: path.read_bytes() for path in written.iterdir()} == before


def test_a_planted_link_is_not_written_through(written, study, tables, tmp_path):
    precious = tmp_path / "precious"
    precious.write_text("precious")
    (written / ".rates.parquet.part").symlink_to(precious)  # the temporary name that could once be foreseen
    write_tables(study, tables, written)
    (written / "classifications.parquet").unlink()
    (written / "classifications.parquet").symlink_to(precious)
    with pytest.raises(OSError, match="symbolic link"):
        write_tables(study, tables, written)
    assert precious.read_text() == "precious"
