"""Kill the run, the press, a worker and a shell while reports are built, and see the next run put it right.

`python benchmarks/reports_kills.py [TIMES]` kills each so many times (20) and fails when anything is lost,
half-written or left alive.
"""

import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import nbformat
import psutil
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from analysis.reporting.factory import Summary, build_reports
from analysis.reporting.publishing.verify import verify

GROUPS = [f"g{number}" for number in range(11)]
SENTINEL = "{'title': 'T', 'subtitle': clinic_id, 'study': '', 'marks': [], 'provenance': []}"


def only_child(process: psutil.Process) -> psutil.Process:
    """Return a random child."""
    return random.choice(process.children())


VICTIMS: dict[str, Callable[[psutil.Process], psutil.Process]] = {
    "run": lambda run: run,
    "press": only_child,
    "worker": lambda run: only_child(only_child(run)),
    "shell": lambda run: only_child(only_child(only_child(run))),
}


def prepare(folder: Path) -> tuple[Path, Path]:
    """Write a study and a notebook that takes a moment."""
    study = folder / "study"
    study.mkdir()
    (study / "study.toml").write_text('name = "Kills"')
    cells = [
        new_code_cell('study: str = ""\nclinic_id: str = ""', metadata={"tags": ["parameters"]}),
        new_code_cell("import time\ntime.sleep(0.3)"),
        new_code_cell(f"display({{'application/vnd.capsule.report+json': {SENTINEL}, 'text/plain': ''}}, raw=True)"),
    ]
    nbformat.write(new_notebook(cells=[new_markdown_cell("# T"), *cells]), folder / "n.ipynb")
    return study, folder / "n.ipynb"


def build(study: Path, notebook: Path, out: Path) -> Summary:
    """Build what is missing."""
    return build_reports(study, [notebook], out, by="clinic_id", groups=GROUPS, jobs=2)


def strike(victim: str, study: Path, notebook: Path, out: Path) -> int:
    """Start a run, kill the victim at a random moment, run again, and return how many reports were missing."""
    run = psutil.Popen(
        [sys.executable, __file__, "run", str(study), str(notebook), str(out)], stderr=subprocess.DEVNULL
    )
    moment = float("inf")
    family: set[psutil.Process] = set()
    while run.is_running() and run.status() != psutil.STATUS_ZOMBIE:
        with suppress(psutil.NoSuchProcess, IndexError):
            family |= set(run.children(recursive=True))
            if moment == float("inf") and len(family) > 1:
                moment = time.monotonic() + random.uniform(0, 3)
            if float("-inf") < moment < time.monotonic():
                VICTIMS[victim](run).kill()
                moment = float("-inf")
        time.sleep(0.02)
    run.wait()
    _, alive = psutil.wait_procs(family, timeout=20)
    assert not alive, "something outlived its run"
    summary = build(study, notebook, out)
    assert not summary.failed
    assert len(summary.skipped) + len(summary.built) == len(GROUPS) + 1
    assert verify(out) == []
    assert not build(study, notebook, out).built
    return len(summary.built)


def main(times: int) -> None:
    """Strike, and print how many reports the next run had to build."""
    with tempfile.TemporaryDirectory() as name:
        study, notebook = prepare(Path(name))
        out = Path(name) / "out"
        for victim in VICTIMS:
            missing = []
            for _ in range(times):
                missing.append(strike(victim, study, notebook, out))
                shutil.rmtree(out)
            print(f"{victim:7} killed {times} times; then missing: {missing}; verified, no orphans", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["run"]:
        build(*map(Path, sys.argv[2:5]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
