"""A Dask cluster makes the same files as this machine, also when it loses a worker."""

import shutil
from pathlib import Path

import pytest
from distributed import Client, LocalCluster

import warm_starts
from analysis.factory.factory import Summary
from analysis.factory.publishing.verify import verify
from report_desk import Desk, write_notebook

ORDER = {"groups": ["a", "b"], "jobs": 2}
WORKER = "CAPSULE_TESTS_WORKER"


@pytest.fixture(scope="module")
def cluster(desk, tmp_path_factory):
    """Two workers, which start their build servers as tests do; so does one that takes the place of a lost one."""
    prepare = tmp_path_factory.mktemp("workers") / "prepare.py"
    prepare.write_text(
        "import os, sys\n"
        f"os.environ |= {{{WORKER!r}: str(os.getpid()), {warm_starts.PLACE!r}: {warm_starts.place()!r}}}\n"
        f"sys.path.append({str(Path(warm_starts.__file__).parent)!r})\n"
        "import warm_starts\n"
        "warm_starts.use()\n"
    )
    workers = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "preload": [str(prepare)]}
    with LocalCluster(**workers, dashboard_address=None) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Desk:
    """The first notebook to run where a Dask worker is asked for takes that worker with it."""
    folder = tmp_path_factory.mktemp("cluster")
    desk = Desk(folder)
    code = (
        "import os, pathlib\n"
        f"mark, worker = pathlib.Path({str(folder / 'lost')!r}), os.environ.get({WORKER!r})\n"
        "if worker and not mark.exists():\n    mark.touch()\n    os.kill(int(worker), 9)"
    )
    write_notebook(desk.good, code)
    return desk


def made(desk: Desk, out: Path, **how: object) -> tuple[Summary, dict[Path, bytes]]:
    """Build the reports into a folder; what came of it, and every page and paper."""
    desk.out = out
    summary = desk.build(**ORDER, **how)
    pages = [path for path in out.rglob("*.[hp][td][mf]*") if path.name != "index.html"]
    return summary, {path.relative_to(out): path.read_bytes() for path in pages}


@pytest.fixture(scope="module")
def here(desk, tmp_path_factory) -> dict[Path, bytes]:
    """What this machine makes."""
    return made(desk, tmp_path_factory.mktemp("here") / "out")[1]


def test_reports_are_byte_for_byte_those_of_this_machine_though_a_worker_is_lost(tmp_path, desk, cluster, here):
    summary, there = made(desk, tmp_path / "there", scheduler=cluster.scheduler_address)
    assert (desk.study.parent / "lost").exists()
    assert [outcome.job.group for outcome in summary.failed] == ["a", "b"]  # of the notebook that is to fail
    assert verify(desk.out) == []
    assert len(there) == 2 * (3 + 1)
    assert there == here


def test_workers_without_a_shared_disk_fetch_the_study_once_each(tmp_path, desk, cluster, here):
    files = {f"/{path.name}": path.read_bytes() for path in desk.study.iterdir()}
    serve = f"""
import fsspec
for name, content in {files!r}.items():
    fsspec.filesystem("memory").pipe("/bucket/s" + name, content)
"""
    with Client(cluster.scheduler_address) as client:
        client.wait_for_workers(2)
        client.run(exec, serve)
    how = {"scheduler": cluster.scheduler_address, "study_url": "memory://bucket/s"}
    summary, there = made(desk, tmp_path / "there", **how)
    assert [outcome.job.group for outcome in summary.failed] == ["a", "b"]
    assert there == here
    with Client(cluster.scheduler_address) as client:
        folders = client.run(lambda dask_worker: len(list(Path(dask_worker.local_directory).glob("study-*"))))
    assert set(folders.values()) == {1}


@pytest.mark.parametrize(
    ("change", "error"),
    [(lambda study: (study / "visits.csv").write_text("b"), "OtherData"), (shutil.rmtree, "FileNotFoundError")],
)
def test_another_or_no_study_at_the_address_is_the_machines_failure(tmp_path, desk, cluster, change, error):
    desk.out = tmp_path / "out"
    shutil.copytree(desk.study, tmp_path / "copy")
    change(tmp_path / "copy")
    url = (tmp_path / "copy").as_uri()
    summary = desk.build(groups=["a"], scheduler=cluster.scheduler_address, study_url=url)
    assert {outcome.failure.error for outcome in summary.failed} == {error}
    assert all(outcome.failure.by_machine for outcome in summary.failed)
    assert summary.built == ()
