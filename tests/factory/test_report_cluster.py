"""A Dask cluster makes the same files as this machine, also when it loses a worker."""

import shutil
from pathlib import Path

import pytest
from distributed import Client, LocalCluster

from analysis.factory.publishing.verify import verify
from report_desk import Desk, write_notebook


@pytest.fixture(scope="module")
def cluster():
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        yield cluster


def test_reports_are_byte_for_byte_those_of_this_machine_though_a_worker_is_lost(tmp_path, cluster):
    desk = Desk(tmp_path)
    lost = tmp_path / "lost"
    # The first notebook to run takes its Dask worker with it: shell, report, build server, worker.
    code = (
        "import os, pathlib, psutil\n"
        f"mark = pathlib.Path({str(lost)!r})\n"
        "if not mark.exists():\n    mark.touch()\n    psutil.Process().parents()[2].kill()"
    )
    write_notebook(desk.good, code)
    order = {"groups": ["a", "b", "c"], "jobs": 2}
    there = desk.build(**order, scheduler=cluster.scheduler_address)
    assert lost.exists()
    assert [outcome.job.group for outcome in there.failed] == ["a", "b", "c"]  # of the notebook that is to fail
    assert verify(desk.out) == []
    pages = {path.relative_to(desk.out): path.read_bytes() for path in desk.out.rglob("*.[hp][td][mf]*")}
    assert len(pages) == 2 * (4 + 1) + 1
    desk.out = tmp_path / "here"
    desk.build(**order)
    for name, content in pages.items():
        assert name.name == "index.html" or (desk.out / name).read_bytes() == content


def test_workers_without_a_shared_disk_fetch_the_study_once_each(tmp_path, cluster):
    desk = Desk(tmp_path)
    order = {"groups": ["a", "b", "c"], "jobs": 2}
    desk.build(**order)
    here = {path.relative_to(desk.out): path.read_bytes() for path in desk.out.rglob("good.[hp][td][mf]*")}
    files = {f"/{path.name}": path.read_bytes() for path in desk.study.iterdir()}
    serve = f"""
import fsspec
for name, content in {files!r}.items():
    fsspec.filesystem("memory").pipe("/bucket/s" + name, content)
"""
    with Client(cluster.scheduler_address) as client:
        client.run(exec, serve)
    desk.out = tmp_path / "there"
    summary = desk.build(**order, scheduler=cluster.scheduler_address, study_url="memory://bucket/s")
    assert [outcome.job.group for outcome in summary.failed] == ["a", "b", "c"]
    assert {path.relative_to(desk.out): path.read_bytes() for path in desk.out.rglob("good.[hp][td][mf]*")} == here
    with Client(cluster.scheduler_address) as client:
        folders = client.run(lambda dask_worker: len(list(Path(dask_worker.local_directory).glob("study-*"))))
    assert set(folders.values()) == {1}


@pytest.mark.parametrize(
    ("change", "error"),
    [(lambda study: (study / "visits.csv").write_text("b"), "OtherData"), (shutil.rmtree, "FileNotFoundError")],
)
def test_another_or_no_study_at_the_address_is_the_machines_failure(tmp_path, cluster, change, error):
    desk = Desk(tmp_path)
    shutil.copytree(desk.study, tmp_path / "copy")
    change(tmp_path / "copy")
    url = (tmp_path / "copy").as_uri()
    summary = desk.build(groups=["a"], scheduler=cluster.scheduler_address, study_url=url)
    assert {outcome.failure.error for outcome in summary.failed} == {error}
    assert all(outcome.failure.by_machine for outcome in summary.failed)
    assert summary.built == ()
