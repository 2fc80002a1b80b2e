"""The factory end to end, with real kernels: built once, skipped after, failures alone, nothing left behind."""

import json
import os
import signal
import stat
import subprocess
import sys
from dataclasses import replace

import psutil
import pytest

from analysis.factory.build import build_report
from analysis.factory.factory import Outcome, Summary, build_reports
from analysis.factory.plan import plan_jobs
from analysis.factory.publishing.lock import LOCK, OutputInUse, lock
from analysis.factory.publishing.manifest import SUFFIX, read_manifest
from report_desk import HOSTILE, Desk, write_notebook
from waiting import GENEROUS, wait_for


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Desk:
    return Desk(tmp_path_factory.mktemp("desk"))


@pytest.fixture(scope="module")
def progress() -> list[tuple[int, int, Outcome]]:
    return []


@pytest.fixture(scope="module")
def first(desk, progress) -> Summary:
    return desk.build(progress=lambda *event: progress.append(event))


def names(outcomes: tuple[Outcome, ...]) -> list[tuple[str, str | None]]:
    return [(outcome.job.notebook.stem, outcome.job.group) for outcome in outcomes]


def test_one_failure_stops_no_other_report(first, desk):
    assert names(first.built) == [("good", None), ("good", "001"), ("good", HOSTILE), ("bad", None)]
    assert names(first.failed) == [("bad", "001"), ("bad", HOSTILE)]
    failure = first.failed[0].failure
    assert (failure.error, failure.cell) == ("AssertionError", 3)
    for outcome in first.built:
        assert outcome.job.file(desk.out, ".html").read_bytes().startswith(b"<!")
        assert outcome.job.file(desk.out, ".pdf").read_bytes().startswith(b"%PDF")


def test_progress_counts_to_the_end(first, progress):
    assert [(done, total) for done, total, _ in progress] == [(n, 6) for n in range(1, 7)]
    assert {outcome.status for _, _, outcome in progress} == {"built", "failed"}


def test_group_reaches_its_notebook_as_text_and_hostile_names_stay_inside(first, desk):
    pages = [outcome.job.file(desk.out, ".html").read_text() for outcome in first.built]
    assert "&#x27;001&#x27;" in pages[1]
    assert "../../x" in pages[2]
    assert "<script>" not in pages[2]
    assert all(path.resolve().is_relative_to(desk.out) for path in desk.out.rglob("*"))


def test_study_path_and_values_of_errors_are_in_nothing_published(first, desk):
    published = [path for path in desk.out.rglob("*") if path.is_file() and ".failed" not in path.parts]
    assert len(published) == 4 * 3 + 2 + 2  # page, paper and manifest; two manifests of failures; index and journal
    for path in published:
        content = path.read_bytes()
        assert str(desk.study.parent).encode() not in content
        assert b"Jane Doe" not in content
    assert "Rows of spring {2026}" in first.built[0].job.file(desk.out, ".html").read_text()


def test_failed_notebook_is_kept_for_the_owner_only(first, desk):
    kept = [path for path in (desk.out / ".failed").rglob("*") if path.is_file()]
    assert [path.name for path in kept] == ["bad.ipynb"] * 2
    assert "Jane Doe" in kept[0].read_text()
    assert stat.S_IMODE((desk.out / ".failed").stat().st_mode) == 0o700


def test_manifest_tells_what_was_made_and_how(first, desk):
    manifest = json.loads(first.built[1].job.file(desk.out, ".manifest.json").read_text())
    assert manifest["status"] == "fresh"
    assert (manifest["study"], manifest["group_by"], manifest["group"]) == ("Spring", "clinic_id", "001")
    assert manifest["parameters"] == {"clinic_id": "001"}
    assert [cell["cell"] for cell in manifest["cells"]] == [2, 3, 4]
    assert all(cell["execution_count"] for cell in manifest["cells"])
    assert manifest["versions"]["pandas"]
    page = first.built[1].job.file(desk.out, ".html")
    assert manifest["files"]["html"]["size"] == page.stat().st_size


def test_index_lists_every_report(first):
    source = first.index.read_text()
    assert source.count('scope="row"') == 6
    assert source.count("Cell 3 raised AssertionError.") == 2
    assert source.count('class="mark"') == 4


@pytest.fixture(scope="module")
def second(first, desk) -> Summary:
    """Run again with a repaired notebook that now fails elsewhere: for the whole study."""
    write_notebook(desk.bad, "assert clinic_id")
    return desk.build()


def test_dry_run_says_what_and_why_and_writes_nothing(first, desk):
    before = {path: path.stat().st_mtime_ns for path in desk.out.rglob("*")}
    planned = desk.build(dry_run=True, groups=["001", HOSTILE, "new"]).planned
    assert [(*name, outcome.reason) for name, outcome in zip(names(planned), planned, strict=True)] == [
        ("good", "new", "new"),
        ("bad", "001", "failed last time"),
        ("bad", HOSTILE, "failed last time"),
        ("bad", "new", "new"),
    ]
    assert {path: path.stat().st_mtime_ns for path in desk.out.rglob("*")} == before


def test_second_run_builds_only_what_changed(second):
    assert names(second.skipped) == [("good", None), ("good", "001"), ("good", HOSTILE)]
    assert names(second.built) == [("bad", "001"), ("bad", HOSTILE)]
    assert {outcome.reason for outcome in second.built} == {"changed: notebook"}


def test_old_report_stays_and_is_marked_when_its_renewal_fails(second, desk):
    job = second.failed[0].job
    assert job.file(desk.out, ".html").is_file()
    assert job.file(desk.out, ".pdf").is_file()
    manifest = json.loads(job.file(desk.out, ".manifest.json").read_text())
    assert (manifest["status"], manifest["failure"]["cell"]) == ("stale", 3)
    assert "Out of date" in second.index.read_text()


def test_repaired_report_leaves_no_failed_notebook(second, desk):
    kept = [path for path in (desk.out / ".failed").rglob("*") if path.is_file()]
    assert [path.relative_to(desk.out / ".failed").parts[-1] for path in kept] == ["bad.ipynb"]
    assert "clinic_id" not in kept[0].parts


def test_third_run_builds_nothing_when_nothing_changed(second, desk, monkeypatch):
    monkeypatch.setattr(desk, "bad", desk.good.with_name("none.ipynb"))
    summary = build_reports(desk.study, [desk.good], desk.out, by="clinic_id", groups=["001", HOSTILE])
    assert len(summary.skipped) == 3
    assert summary.built == summary.failed == ()


@pytest.mark.parametrize("place", ["", "reports"])
def test_nothing_is_written_into_a_study(first, desk, place):
    with pytest.raises(ValueError, match="choose another"):
        build_reports(desk.study, [desk.good], desk.study / place)
    assert {path.name for path in desk.study.iterdir()} == {"study.toml", "visits.csv"}


def test_run_on_a_folder_in_use_is_refused(first, desk):
    with lock(desk.out), pytest.raises(OutputInUse, match=str(os.getpid())):
        desk.build()


def test_formats_no_longer_made_are_removed_and_links_refused(tmp_path):
    desk = Desk(tmp_path)
    desk.out.mkdir()
    (job,) = plan_jobs(desk.study, [desk.good])
    page, paper = job.file(desk.out, ".html"), job.file(desk.out, ".pdf")
    assert build_report(job, desk.out) is None
    assert paper.is_file()
    assert build_report(replace(job, formats=("html",)), desk.out) is None
    assert not paper.exists()
    page.rename(tmp_path / "precious")
    page.symlink_to(tmp_path / "precious")
    before = (tmp_path / "precious").read_bytes()
    failure = build_report(job, desk.out)
    assert failure.by_machine
    assert failure.message == ("Could not write good.html: refused to write through a symbolic link; remove it.")
    assert (tmp_path / "precious").read_bytes() == before


def test_report_an_exporter_cannot_make_is_a_failure_with_its_cause_kept_private(tmp_path, monkeypatch):
    desk = Desk(tmp_path)
    desk.out.mkdir()
    (job,) = plan_jobs(desk.study, [desk.good])

    def broken(report, kind, paper):
        raise RuntimeError("Jane Doe")

    monkeypatch.setattr("analysis.factory.build.export", broken)
    failure = build_report(job, desk.out)
    assert (failure.error, failure.message) == (
        "RuntimeError",
        "The notebook ran, but its HTML could not be made.",
    )
    assert "Jane Doe" in job.file(desk.out / ".failed", ".txt").read_text()
    assert not job.file(desk.out, ".html").exists()


def test_outputs_that_cannot_be_shown_are_counted_in_summary_manifest_and_index(tmp_path):
    desk = Desk(tmp_path)
    write_notebook(desk.good, "display({'application/pdf': 'x'}, raw=True); display({'text/plain': 'y'}, raw=True)")
    summary = build_reports(desk.study, [desk.good], desk.out, formats=["html"])
    (built,) = summary.built
    assert summary.unshown == {str(built.job.stem): 1}
    assert read_manifest(built.job.file(desk.out, SUFFIX)).unshown == 1
    assert "1 output could not be shown; a line in its place says" in summary.index.read_text()


def test_death_of_a_worker_fails_one_report_only(tmp_path):
    desk = Desk(tmp_path)
    write_notebook(desk.good, "import os; os.kill(os.getppid(), 9) if clinic_id == 'fatal' else None")
    summary = build_reports(
        desk.study, [desk.good], desk.out, by="clinic_id", groups=["fatal"], formats=["html"], jobs=2
    )
    assert names(summary.built) == [("good", None)]
    assert summary.failed[0].failure.error == "WorkerDied"
    assert "The process building the report died" in summary.index.read_text()


def test_interrupted_run_leaves_no_kernel_and_nothing_half_written(tmp_path):
    desk = Desk(tmp_path)
    started = tmp_path / "started"
    code = f"import os, pathlib, time; pathlib.Path({str(started)!r}).write_text(str(os.getpid())); time.sleep(60)"
    write_notebook(desk.good, code)
    script = tmp_path / "run.py"
    script.write_text(
        "import signal\n"
        "from pathlib import Path\n"
        "from analysis.factory.factory import build_reports\n"
        "if __name__ == '__main__':\n"
        # Whatever a shell starts in the background is deaf to Ctrl-C, and so is all that comes of it.
        "    signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"    build_reports(Path({str(desk.study)!r}), [Path({str(desk.good)!r})], Path({str(desk.out)!r}))\n"
    )
    with subprocess.Popen([sys.executable, "-P", script], stderr=subprocess.DEVNULL, start_new_session=True) as run:
        try:
            wait_for(lambda: started.exists() and started.read_text())
            kernel = psutil.Process(int(started.read_text()))
            worker = kernel.parent()
            run.send_signal(signal.SIGINT)
            run.wait(GENEROUS)
        finally:
            run.kill()
    wait_for(lambda: not kernel.is_running() and not worker.is_running())
    left = [path for path in desk.out.rglob("*") if path.name not in {"index.html", "journal.jsonl", LOCK, "spring"}]
    assert [path for path in left if path.is_file()] == []
    assert not (desk.out / LOCK).exists()


def test_journal_that_was_changed_is_named_with_what_to_do(tmp_path):
    desk = Desk(tmp_path)
    desk.out.mkdir()
    (desk.out / "journal.jsonl").write_text("what a full disk left\n")
    with pytest.raises(OSError, match=r"line 1 .* keep a copy of .*/out/journal\.jsonl, remove it and run again"):
        desk.build()
