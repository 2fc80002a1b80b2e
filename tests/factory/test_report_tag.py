"""With a key, whoever rewrites a report and the whole journal to fit is found."""

import shutil

import pytest

from analysis.factory import factory
from analysis.factory.publishing import journal
from analysis.factory.publishing.tag import TAG, read_key, write_tag
from analysis.factory.publishing.verify import Finding, verify
from report_desk import Desk, pretend

KEY, OTHER = b"k" * 16, b"o" * 16
NOT_FITTING = "the tag does not fit the journal: it was altered, or its last run had no --key or was killed"


def run(desk, monkeypatch, page=b"page", **order):
    monkeypatch.setattr(factory, "local_builder", pretend(page))
    return factory.build_reports(desk.study, [desk.good], desk.out, formats=["html"], **order)


@pytest.fixture
def desk(tmp_path, monkeypatch):
    desk = Desk(tmp_path)
    run(desk, monkeypatch, key=KEY)
    return desk


def test_what_was_made_with_a_key_is_verified_with_it_and_without(desk, monkeypatch):
    assert verify(desk.out) == verify(desk.out, KEY) == []
    run(desk, monkeypatch, key=KEY)
    assert verify(desk.out, KEY) == []


def test_a_forger_who_writes_report_and_journal_anew_is_found_with_the_key_alone(desk, monkeypatch):
    tag = (desk.out / TAG).read_bytes()
    shutil.rmtree(desk.out)
    run(desk, monkeypatch, b"a better page")
    assert verify(desk.out) == []
    (desk.out / TAG).write_bytes(tag)
    assert verify(desk.out) == []
    assert verify(desk.out, KEY) == [Finding(TAG, NOT_FITTING)]
    write_tag(desk.out, OTHER)
    with pytest.raises(ValueError, match=r"journal\.tag was made with another key than the one given"):
        verify(desk.out, KEY)


def test_a_missing_and_a_damaged_tag_are_findings(desk):
    (desk.out / TAG).write_text("{}")
    assert verify(desk.out, KEY) == [Finding(TAG, "the tag is not as it was written")]
    (desk.out / TAG).unlink()
    (found,) = verify(desk.out, KEY)
    assert found.message == "there is no tag: the reports were made without --key, or somebody removed it"


def test_no_run_approves_a_journal_that_another_may_have_written(desk, monkeypatch):
    run(desk, monkeypatch)  # without the key
    before = journal.read(desk.out)
    with pytest.raises(ValueError, match=r"the tag does not fit the journal.*; choose another --out"):
        run(desk, monkeypatch, key=KEY)
    (desk.out / TAG).unlink()
    with pytest.raises(ValueError, match="there is no tag"):
        run(desk, monkeypatch, key=KEY)
    assert journal.read(desk.out) == before
    (desk.out / journal.JOURNAL).unlink()
    run(desk, monkeypatch, key=KEY, force=True)
    assert verify(desk.out, KEY) == []


def test_a_key_is_long_enough_and_not_among_what_it_protects(tmp_path):
    (tmp_path / "out").mkdir()
    for name, content in {"short": b"k" * 15, "out/key": KEY, "key": KEY}.items():
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match="--key short: a key needs 16 bytes or more"):
        read_key(tmp_path / "short", tmp_path / "out")
    with pytest.raises(ValueError, match="--key key: keep the key outside"):
        read_key(tmp_path / "out/key", tmp_path / "out")
    assert read_key(tmp_path / "key", tmp_path / "out") == KEY


def test_the_command_says_how_sure_it_is(capsule, desk, tmp_path):
    (tmp_path / "key").write_bytes(KEY)
    (tmp_path / "other").write_bytes(OTHER)
    unsure = "every file is as it was written (accidents would show, forgery only with --key)\n"
    assert capsule("verify", desk.out) == (0, unsure, "")
    sure = "every file is as it was written (with the key)\n"
    assert capsule("verify", desk.out, "--key", tmp_path / "key") == (0, sure, "")
    code, out, err = capsule("verify", desk.out, "--key", tmp_path / "other")
    assert (code, out) == (2, "")
    assert err == "capsule: journal.tag was made with another key than the one given; give the key of these reports\n"
    (desk.out / TAG).unlink()
    code, out, _ = capsule("verify", desk.out, "--key", tmp_path / "key")
    assert (code, out.splitlines()[0].partition(":")[0]) == (1, TAG)
    assert "finds accidents, not forgery" in capsule("verify", "--help")[1].replace("\n", " ")
