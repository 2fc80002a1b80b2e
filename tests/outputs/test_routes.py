"""A processed study counted here, by several processes and on a Dask cluster: the same rates to the last bit."""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import psutil
import pytest
from distributed import LocalCluster

import killed_blocks
from analysis import analyse, load
from analysis.answers.parts import asked_for
from analysis.answers.rates import rates
from analysis.answers.rates_of_visits import rates_of_visits
from analysis.hips.classify import classify, classify_blocks, columns_classified
from analysis.hips.counted import columns_counted
from analysis.intake.processed import blocks
from analysis.machine.processes import ON_LINUX, ONE_THREAD
from analysis.outputs import routes, store
from analysis.simulate import simulate, write_study
from analysis.usererror import UserError

BY = ["stretch_type", "side", "clinic_id"]


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return load(write_study(simulate(60, 5), tmp_path_factory.mktemp("made") / "study", "Made up"))


@pytest.fixture(scope="module")
def folder(study, tmp_path_factory):
    """Written with some forty visits in a group of rows, so that there are several."""
    folder = tmp_path_factory.mktemp("processed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "_ROWS", 40)
        store.write_tables(study, analyse(study), folder)
    return folder


@pytest.fixture
def visits(folder, study):
    return blocks(folder, columns_counted(BY, study.protocol), study.protocol)


@pytest.fixture(scope="module")
def asked(study):
    return asked_for([BY, []], None, None, study.protocol)


@pytest.fixture(scope="module")
def expected(study):
    responses = analyse(study).responses
    return [rates(responses, BY), rates(responses)]


def _same(found, expected):
    for table, wanted in zip(found, expected, strict=True):
        pd.testing.assert_frame_equal(table, wanted, check_exact=True)


def test_every_route_gives_the_rates_of_the_tables(visits, asked, expected):
    assert len(visits) > 5
    _same(routes.rates_of_blocks(visits, asked, jobs=1), expected)
    _same(routes.rates_of_blocks(visits, asked, jobs=2), expected)


def test_a_process_that_has_read_a_block_may_still_be_forked(folder):
    """Nothing that is loaded or read on the way starts a thread; the environment is that of the command."""
    code = f"""
from pathlib import Path
from analysis.intake.processed import blocks, described
from analysis.outputs import routes
folder = Path({str(folder)!r})
protocol = described(folder).protocol
blocks(folder, ["patient_id", "side", "hip_ir_deg"], protocol)[0]
print(routes._way_to_start().get_start_method())
"""
    ran = subprocess.run([sys.executable, "-c", code], env=os.environ | ONE_THREAD, capture_output=True, text=True)
    assert ran.stdout.split() == ["fork" if ON_LINUX else "spawn"], ran.stderr


def test_classes_of_blocks_are_those_of_the_whole(folder, study):
    found = classify_blocks(blocks(folder, columns_classified(study.protocol), study.protocol), study.protocol)
    pd.testing.assert_frame_equal(found, classify(study.assessments, study.protocol), check_exact=True)


@pytest.mark.parametrize("options", [[], ["--by", "clinic_id"], ["--by", "match"], ["--comparison", "reread"]])
def test_sides_of_a_processed_study_are_those_of_its_files(folder, capsule, tmp_path, options):
    raw = write_study(simulate(60, 5), tmp_path / "raw", "Made up")
    documents = [json.loads(capsule("sides", str(at), *options, "--json", "-")[1]) for at in (raw, folder)]
    assert documents[0] == documents[1]


@pytest.mark.parametrize("of", [lambda n: n > 40, lambda n: n < 0], ids=["a block", "all"])
def test_clinics_that_are_not_recorded_in_whole_blocks(study, of, capsule, monkeypatch, tmp_path):
    """Parquet keeps no words of a block that has none."""
    number = study.assessments["patient_id"].astype("category").cat.codes
    clinics = study.assessments["clinic_id"].where(of(number))
    gaps = replace(study, assessments=study.assessments.assign(clinic_id=clinics))
    folders = [tmp_path / "blocks", tmp_path / "whole"]
    for folder, rows in zip(folders, (40, 10_000), strict=True):
        monkeypatch.setattr(store, "_ROWS", rows)
        store.write_tables(gaps, None, folder)
    for command in (["rates", "--by", "clinic_id"], ["sides", "--by", "clinic_id"], ["classify"]):
        ran = [capsule(command[0], str(folder), *command[1:], "--json", "-") for folder in folders]
        assert [code for code, *_ in ran] == [0, 0], ran[0][2]
        found = [json.loads(out) for _, out, _ in ran]
        for document in found:
            document["provenance"].pop("counted", None)
        assert found[0] == found[1]


def test_sides_by_side_says_what_can_be_asked_for(folder, capsule):
    code, _, error = capsule("sides", str(folder), "--by", "side")
    assert code == 2
    assert "weight_class" in error


def test_sides_of_a_processed_study_that_does_not_fit_are_refused(folder, capsule, monkeypatch):
    monkeypatch.setattr("analysis.machine.memory.psutil.virtual_memory", lambda: SimpleNamespace(available=1))
    code, _, error = capsule("sides", str(folder))
    assert code == 1
    assert "this needs left minus right of everyone at once" in " ".join(error.split())


def test_a_process_that_lives_on_forgets_the_classes_of_other_rules(visits, asked, study):
    """A worker of a cluster may count the same rows again under a protocol that was changed since."""
    rules = dict(study.protocol.criteria)
    name = next(name for name, rule in rules.items() if getattr(rule, "measure", "") == "hip_ir_deg")
    rules[name] = rules[name].model_copy(update={"strict": 0.0, "lenient": 0.0})
    changed = asked._replace(protocol=study.protocol.model_copy(update={"criteria": rules}))
    assert not routes.rates_of_blocks(visits, asked, jobs=1)[0].equals(rates_of_visits(visits, changed)[0])
    _same(routes.rates_of_blocks(visits, changed, jobs=1), rates_of_visits(visits, changed))


@pytest.fixture
def killed(folder, monkeypatch):
    """The first other process that is given the first block is killed; then this file is there."""
    monkeypatch.setattr(routes, "count_block", killed_blocks.killing)
    yield folder / killed_blocks.MARK
    (folder / killed_blocks.MARK).unlink(missing_ok=True)


def test_a_lost_worker_s_blocks_are_counted_again(visits, asked, expected, killed, tmp_path):
    prepare = tmp_path / "prepare.py"
    prepare.write_text(f"import sys\nsys.path.append({str(Path(killed_blocks.__file__).parent)!r})\n")
    workers = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "preload": [str(prepare)]}
    with LocalCluster(**workers, dashboard_address=None) as cluster:
        _same(routes.rates_of_blocks(visits, asked, scheduler=cluster.scheduler_address), expected)
    assert killed.exists()


def test_a_killed_process_is_a_fault_of_the_machine_and_says_what_helps(visits, asked, killed):
    with pytest.raises(OSError, match="was killed, mostly for want of memory"):
        routes.rates_of_blocks(visits, asked, jobs=2)


@pytest.mark.parametrize("threads", [0, 1])
def test_no_process_outlives_the_first_however_it_ends(threads):
    """With a thread the others are no forks."""
    code = f"""
import time
from threading import Thread
from analysis.outputs import routes
for _ in range({threads}):
    Thread(target=time.sleep, args=(60,), daemon=True).start()
with routes._here(3) as each:
    pool = each.args[0]
    for number in range(2):
        pool.submit(time.sleep, 60)
    print("begun", flush=True)
    time.sleep(60)
"""
    first = psutil.Popen([sys.executable, "-c", code], env=os.environ | ONE_THREAD, stdout=subprocess.PIPE, text=True)
    try:
        assert first.stdout.readline() == "begun\n"
        others = first.children(recursive=True)
        assert len(others) >= 2
    finally:
        first.kill()
        first.stdout.close()
        first.wait()
    _, alive = psutil.wait_procs(others, timeout=10)
    for process in alive:
        process.kill()
    assert not alive


def test_a_fault_elsewhere_ends_the_count_before_the_other_blocks():
    counted = []
    with ThreadPoolExecutor(1) as pool, pytest.raises(UserError, match="block 0"):
        routes._shared(pool, 1, partial(_faulty, counted), range(50))
    assert len(counted) < 10


def _faulty(counted, number):
    if number == 0:
        raise UserError("block 0")
    counted.append(number)
    time.sleep(0.01)


def test_a_file_that_was_changed_since_is_refused_also_by_a_worker(folder, visits, asked):
    """The page that is flipped is read by a worker alone, after the file was checked here."""
    path = folder / "assessments.parquet"
    whole = path.read_bytes()
    try:
        path.write_bytes(whole[:-40] + bytes([whole[-40] ^ 1]) + whole[-39:])
        with pytest.raises(ValueError, match=r"assessments\.parquet: not as `capsule process` wrote it"):
            routes.rates_of_blocks(visits, asked, jobs=2)
    finally:
        path.write_bytes(whole)


def test_without_a_scheduler_it_says_so(visits, asked, monkeypatch):
    monkeypatch.setattr("distributed.Client", _nobody)
    with pytest.raises(UserError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        routes.rates_of_blocks(visits, asked, scheduler="tcp://127.0.0.1:9")


def test_a_worker_of_another_version_refuses(visits, asked):
    with pytest.raises(UserError, match="a worker has another version"):
        routes.count_block(visits, asked, ("0.1", *routes.versions()[1:]), 0)


def _nobody(url):
    raise OSError("Timed out")


def test_processes_are_as_many_as_pay(visits, monkeypatch):
    assert routes.processes_for(visits) == 1
    monkeypatch.setattr(routes, "_BLOCKS_A_PROCESS", 1)
    assert routes.processes_for(visits) == min(len(os.sched_getaffinity(0)), len(visits))


@pytest.mark.parametrize(
    ("options", "said"),
    [(["--by", "match"], "--jobs and --scheduler count by"), (["--safe"], "not with --safe")],
)
def test_the_command_says_what_cannot_be_counted_so(folder, capsule, options, said):
    code, _, error = capsule("rates", str(folder), "--jobs", "2", *options)
    assert code == 2
    assert said in " ".join(error.split())


def test_the_command_counts_in_processes_and_says_so(folder, visits, capsule):
    documents = []
    for jobs in ("1", "2"):
        code, out, _ = capsule("rates", str(folder), "--by", "side", "--jobs", jobs, "--json", "-")
        assert code == 0
        documents.append(json.loads(out))
    counted = [document["provenance"].pop("counted") for document in documents]
    assert counted == [f"{len(visits)} blocks", f"{len(visits)} blocks by 2 processes"]
    assert documents[0] == documents[1]
