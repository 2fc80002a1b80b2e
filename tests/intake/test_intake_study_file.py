"""Faults of study.toml itself, each by its key."""

import pytest

from analysis import StudyError, read_study
from analysis.protocol import ProtocolError
from study_folders import write

NAME = 'name = "S"\n'
SOURCE = '[[source]]\nfile = "a.csv"\n'


def _faults(folder, toml):
    with pytest.raises(StudyError) as caught:
        read_study(write(folder, toml))
    return str(caught.value).splitlines()


@pytest.mark.parametrize(
    ("toml", "fault"),
    [
        (SOURCE, "name: this key is needed"),
        (NAME, "source: this key is needed"),
        (NAME + "source = []", "source: name at least one file under [[source]]"),
        (NAME + '[[source]]\nfil = "a"', "source.0.fil: not a known key; check its spelling or remove it"),
        (NAME + SOURCE + 'delimiter = ";;"', "source.0.delimiter: String should have at most 1 character"),
        (NAME + SOURCE + "[source.columns]\nside = 3", "source.0.columns.side: Input should be a valid string"),
        (NAME + SOURCE + '[source.columns]\nober = { left = "L" }', "source.0.columns.ober.right: this key is needed"),
        (NAME + SOURCE + "[source.set]\nswayback = true", "source.0.set.swayback: Input should be a valid string"),
        (
            NAME + 'policy = "supress-5"\n' + SOURCE,
            "policy: there is no policy 'supress-5'; it can be suppress-5, suppress-10, internal",
        ),
        (
            NAME + 'policy = "round-5"\n' + SOURCE,
            "policy: 'round-5' is not available: intervals, tests and figures are not rounded yet; it can be ",
        ),
        (NAME + '[[source]]\nfile = "../a.csv"', "source.0.file: must lie inside the study folder"),
        (NAME + '[[source]]\nfile = "/etc/a.csv"', "source.0.file: must lie inside the study folder"),
        (
            NAME + SOURCE + '[source.values.side]\nleft = ["L"]\nright = ["R", "L"]',
            "source.0.values: side: 'L' cannot mean both left and right",
        ),
    ],
)
def test_each_fault_names_the_key(tmp_path, toml, fault):
    assert any(line.startswith(f"study.toml: {fault}") for line in _faults(tmp_path, toml))


def test_a_fault_in_a_source_brings_no_fault_that_is_none(tmp_path):
    assert len(_faults(tmp_path, 'name = "S"\n' + SOURCE + "[source.columns]\nside = 3")) == 1


@pytest.mark.parametrize("form", ["DD/MM/YYYY", "%Q", "%d/%m", "%H:%M", "mixed", "ISO8601", "%d/%m/%Y %z"])
def test_a_date_format_that_says_no_day_is_refused(tmp_path, form):
    toml = f'name = "S"\n{SOURCE}date_format = "{form}"\n'
    assert _faults(tmp_path, toml) == ['study.toml: source.0.date_format: write day, month and year as in "%d/%m/%Y"']


def test_all_faults_are_named_at_once(tmp_path):
    toml = 'nme = "S"\n[[source]]\nfile = "../a.csv"\n[[source]]\ndecimal = "x"\n'
    keys = [line.split(": ")[1] for line in _faults(tmp_path, toml)]
    assert sorted(keys) == ["name", "nme", "source.0.file", "source.1.decimal", "source.1.file"]


def test_a_study_without_its_file(tmp_path):
    (tmp_path / "spring").mkdir()
    with pytest.raises(StudyError, match=r"^study\.toml: no such file in spring/"):
        read_study(tmp_path / "spring")


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(
        StudyError, match=r"^nowhere: no such study folder; a study is a folder with a study\.toml in it"
    ):
        read_study(tmp_path / "nowhere")


def test_toml_that_is_none(tmp_path):
    for text in ("name =", "name = " + "[" * 20_000):
        assert _faults(tmp_path, text)[0].startswith("study.toml: not valid TOML: ")


def test_toml_that_is_no_text(tmp_path):
    write(tmp_path, "")
    (tmp_path / "study.toml").write_bytes(b"\xff\xfe\xfd")
    with pytest.raises(StudyError, match=r"^study\.toml: cannot be read as UTF-8 text"):
        read_study(tmp_path)


def test_a_protocol_that_is_not_there(tmp_path):
    with pytest.raises(ProtocolError, match=r"^rules\.toml: no such file"):
        read_study(write(tmp_path, f'name = "S"\nprotocol = "rules.toml"\n{SOURCE}'))
