"""`capsule verify` finds whatever is not as it was written, and runs that met trouble leave a folder it passes."""

import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from analysis.factory.factory import Summary, build_reports
from analysis.factory.publishing import journal
from analysis.factory.publishing.verify import verify
from report_desk import Desk, write_notebook
from waiting import wait_for


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Desk:
    desk = Desk(tmp_path_factory.mktemp("built"))
    desk.build(groups=["001"])
    return desk


def files(out: Path) -> list[Path]:
    return sorted(path for path in out.rglob("*") if path.is_file())


def test_folder_is_as_it_was_written(built):
    assert verify(built.out) == []
    assert {path.suffix for path in files(built.out)} == {".html", ".pdf", ".json", ".jsonl", ".ipynb"}


def test_one_flipped_byte_anywhere_is_found(built):
    for path in files(built.out):
        whole = path.read_bytes()
        for place in (0, len(whole) // 2, len(whole) - 1):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            assert [finding.file for finding in verify(built.out)] == [path.relative_to(built.out).as_posix()]
        path.write_bytes(whole)
    assert verify(built.out) == []


def test_missing_and_unknown_files_are_found(built, tmp_path):
    out = tmp_path / "copy"
    shutil.copytree(built.out, out)
    (out / "spring" / "x.html").parent.mkdir(exist_ok=True)
    (out / "spring" / "x.html").write_text("mine")
    next(out.rglob("good.pdf")).unlink()
    assert [finding.message for finding in verify(out)] == ["the file is missing", "no run wrote this file"]
    with pytest.raises(ValueError, match="no journal"):
        verify(tmp_path)


def test_altered_manifest_is_built_again(built, tmp_path):
    out = tmp_path / "copy"
    shutil.copytree(built.out, out)
    path = next(out.rglob("good.manifest.json"))
    path.write_text(path.read_text().replace('"title": "Tiny"', '"title": "Teny"'))
    planned = build_reports(built.study, [built.good], out, by="clinic_id", groups=["001"], dry_run=True).planned
    assert [outcome.reason for outcome in planned] == ["files missing or altered"]


def test_group_that_left_the_data_is_marked_gone_and_comes_back(tmp_path):
    desk = Desk(tmp_path)
    both = {"a": {"rows": "1"}, "b": {"rows": "2"}}
    order = {"by": "clinic_id", "group_name": "Clinic", "formats": ["html"]}
    build_reports(desk.study, [desk.good], desk.out, groups=both, **order)
    summary = build_reports(desk.study, [desk.good], desk.out, groups={"a": {"rows": "1"}}, **order)
    assert (summary.gone, summary.built) == (1, ())
    assert "No longer in the data" in summary.index.read_text()
    assert "Clinic b" in summary.index.read_text()
    assert verify(desk.out) == []
    back = build_reports(desk.study, [desk.good], desk.out, groups=both, **order)
    assert [outcome.reason for outcome in back.built] == ["back in the data"]


class Run:
    """A run in a process of its own, with notebooks that take a moment."""

    def __init__(self, folder: Path) -> None:
        self.desk = Desk(folder)
        self.started = folder / "started"
        self.started.mkdir()
        code = (
            f"import os, pathlib, time\npathlib.Path({str(self.started)!r}, str(os.getpid())).touch()\ntime.sleep(0.3)"
        )
        write_notebook(self.desk.good, code)
        self.script = folder / "run.py"
        self.script.write_text(
            "from pathlib import Path\n"
            "from analysis.factory.factory import build_reports\n"
            f"build_reports(Path({str(self.desk.study)!r}), [Path({str(self.desk.good)!r})], "
            f"Path({str(self.desk.out)!r}), by='clinic_id', groups=list('abcdefgh'), formats=['html'], jobs=2)\n"
        )

    def start(self) -> psutil.Process:
        self.process = subprocess.Popen([sys.executable, "-P", str(self.script)], stderr=subprocess.DEVNULL)
        wait_for(lambda: len(list(self.started.iterdir())) >= 3)
        return psutil.Process(self.process.pid)

    def finish(self) -> Summary:
        """Build here what is missing."""
        self.process.wait()
        return build_reports(
            self.desk.study,
            [self.desk.good],
            self.desk.out,
            by="clinic_id",
            groups=list("abcdefgh"),
            formats=["html"],
            jobs=2,
        )


def ended(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def kill(find: Callable[[], psutil.Process]) -> psutil.Process:
    """Kill a process as soon as it is there."""
    killed = []

    def attempt() -> bool:
        with suppress(IndexError, psutil.NoSuchProcess):
            process = find()
            process.kill()
            killed.append(process)
        return bool(killed)

    wait_for(attempt)
    return killed[0]


def test_whatever_is_killed_the_next_run_builds_what_is_missing_and_nothing_stays_alive(tmp_path):
    run = Run(tmp_path)
    driver = run.start()
    server = kill(lambda: driver.children()[0])
    kill(lambda: next(iter(child for child in driver.children() if child.pid != server.pid), server).children()[0])
    kill(lambda: driver.children()[0].children()[0].children()[0])
    built = len(journal.reports(journal.read(run.desk.out)))
    wait_for(lambda: len(journal.reports(journal.read(run.desk.out))) > built)
    family = driver.children(recursive=True)
    driver.kill()
    wait_for(lambda: all(map(ended, family)))
    summary = run.finish()
    assert summary.skipped
    assert summary.failed == ()
    assert len(summary.skipped) + len(summary.built) == 9
    assert verify(run.desk.out) == []
    assert not list(run.desk.out.rglob(".*.part"))


def test_full_disk_is_the_machines_failure_and_loses_nothing(built, tmp_path):
    out = tmp_path / "out"
    shutil.copytree(built.out, out)
    before = {path: path.read_bytes() for path in out.rglob("good.*")}
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            build_reports(built.study, [built.good], out, force=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert {path: path.read_bytes() for path in out.rglob("good.*")} == before
    assert not list(out.rglob(".*.part"))
    assert build_reports(built.study, [built.good, built.bad], out).failed == ()
    assert verify(out) == []


def test_read_only_folder_is_refused_at_once(built, tmp_path, monkeypatch):
    out = tmp_path / "out"
    out.mkdir(mode=0o500)

    def refuse(path, *_):
        raise PermissionError(13, "Permission denied", str(path))

    if os.getuid() == 0:  # whom modes do not bind
        monkeypatch.setattr("analysis.factory.publishing.lock.os.open", refuse)
    with pytest.raises(PermissionError):
        build_reports(built.study, [built.good], out)
    assert not (out / "index.html").exists()
