"""A Dask cluster makes the same files as this machine, also when it loses a worker."""

import pytest
from distributed import LocalCluster

from analysis.reporting.publishing.verify import verify
from report_desk import Desk, write_notebook


@pytest.fixture(scope="module")
def cluster():
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        yield cluster


def test_reports_are_byte_for_byte_those_of_this_machine_though_a_worker_is_lost(tmp_path, cluster):
    desk = Desk(tmp_path)
    lost = tmp_path / "lost"
    # The first notebook to run takes its Dask worker with it: shell, report, press, worker.
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
