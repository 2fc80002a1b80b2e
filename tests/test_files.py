"""A published file is the old one or the whole new one; links are never followed."""

import os
import stat
from pathlib import Path

import pytest

from analysis.machine.files import publish, remove_leftovers


def files_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_files_are_written_in_new_folders_with_the_usual_permissions(tmp_path):
    publish(tmp_path, {tmp_path / "a" / "b.html": b"page", tmp_path / "a" / "b.pdf": b"paper"})
    assert (tmp_path / "a" / "b.html").read_bytes() == b"page"
    assert files_below(tmp_path) == {"a/b.html", "a/b.pdf"}
    (tmp_path / "usual").touch()
    assert stat.S_IMODE((tmp_path / "a" / "b.html").stat().st_mode) == stat.S_IMODE((tmp_path / "usual").stat().st_mode)


def test_private_files_and_folders_are_their_owners_alone_from_the_first_moment(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: seen.append(stat.S_IMODE(os.fstat(descriptor).st_mode)))
    monkeypatch.setattr(os, "chmod", None)
    monkeypatch.setattr(os, "fchmod", None)
    usual = os.umask(0)
    try:
        publish(tmp_path, {tmp_path / "a" / "b" / "page": b"1"}, private=True)
        publish(tmp_path, {tmp_path / "c" / "page": b"1"})
    finally:
        os.umask(usual)
    modes = {path.relative_to(tmp_path).as_posix(): oct(path.stat().st_mode)[-3:] for path in tmp_path.rglob("*")}
    assert modes == {"a": "700", "a/b": "700", "a/b/page": "600", "c": "777", "c/page": "666"}
    assert seen == [0o600, 0o700, 0o666, 0o777]  # each file before it has its name, then the folder


def test_full_disk_leaves_every_old_file_and_no_half_file(tmp_path, monkeypatch):
    page, paper = tmp_path / "r.html", tmp_path / "r.pdf"
    publish(tmp_path, {page: b"old page", paper: b"old paper"})
    calls = iter([None, OSError(28, "No space left on device")])

    def fsync(descriptor: int) -> None:
        if error := next(calls):
            raise error

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match="No space left"):
        publish(tmp_path, {page: b"new page", paper: b"new paper"})
    assert (page.read_bytes(), paper.read_bytes()) == (b"old page", b"old paper")
    assert files_below(tmp_path) == {"r.html", "r.pdf"}


@pytest.mark.parametrize("linked", ["study/r.html", "study"])
def test_symbolic_link_is_refused_and_its_target_untouched(tmp_path, linked):
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    (out / linked).parent.mkdir(parents=True)
    elsewhere.mkdir()
    (elsewhere / "precious").write_text("precious")
    (out / linked).symlink_to(elsewhere / "precious" if linked.endswith("html") else elsewhere)
    with pytest.raises(OSError, match="symbolic link"):
        publish(out, {out / "study" / "r.html": b"new"})
    assert files_below(elsewhere) == {"precious"}
    assert (elsewhere / "precious").read_text() == "precious"


def test_leftovers_of_a_killed_run_are_swept_and_nothing_else(tmp_path):
    (tmp_path / "study").mkdir()
    strangers = {"study/.0123456789abcdef.part", "study/.capsule-x.part", "study/r.part", "study/r.html"}
    for name in {"study/.capsule-0123456789abcdef.part", *strangers}:
        (tmp_path / name).touch()
    remove_leftovers(tmp_path)
    assert files_below(tmp_path) == strangers


def test_folder_that_is_somebody_elses_is_passed_over(tmp_path):
    for folder in ("mine", "theirs"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / ".capsule-0123456789abcdef.part").touch()
    (tmp_path / "theirs" / "journal.jsonl").touch()
    remove_leftovers(tmp_path, other="journal.jsonl")
    assert files_below(tmp_path) == {"theirs/.capsule-0123456789abcdef.part", "theirs/journal.jsonl"}
