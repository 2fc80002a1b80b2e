"""Kill the run, build server, a worker or a shell while reports are built, fill the disk; the next run puts it right.

`python benchmarks/reports_kills.py [--times N] [--seed S] [run|build_server|worker|shell|disk ...]` does each so many
times (20) and fails when anything is lost, half-written, built twice or left alive. `disk` needs the right to mount.
"""

import argparse
import json
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

from analysis.factory.factory import Summary, build_reports
from analysis.factory.publishing.manifest import SUFFIX
from analysis.factory.publishing.verify import verify
from analysis.machine.files import sha256_of

GROUPS = [f"g{number}" for number in range(11)]
ALL = len(GROUPS) + 1
# About what passes before the first report is there.
START_SECONDS = 5.0
SENTINEL = "{'title': 'T', 'subtitle': clinic_id, 'study': '', 'marks': [], 'provenance': []}"


def only_child(process: psutil.Process) -> psutil.Process:
    """Return a random child."""
    return random.choice(process.children())


VICTIMS: dict[str, Callable[[psutil.Process], psutil.Process]] = {
    "run": lambda run: run,
    "build_server": only_child,
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


def start(study: Path, notebook: Path, out: Path) -> psutil.Popen:
    """Build in a process of its own."""
    command = [sys.executable, __file__, "--build", str(study), str(notebook), str(out)]
    return psutil.Popen(command, stderr=subprocess.DEVNULL)


def published(out: Path) -> dict[Path, str]:
    """Return the manifests whose reports are whole, each with its hash."""
    found = {}
    for path in out.rglob(f"*{SUFFIX}"):
        manifest = json.loads(path.read_bytes())
        files = [(path.parent / file["name"], file["sha256"]) for file in manifest["files"].values()]
        if manifest["status"] == "fresh" and all(f.is_file() and sha256_of(f) == h for f, h in files):
            found[path] = sha256_of(path)
    return found


def recover(study: Path, notebook: Path, out: Path) -> int:
    """Build again, check that exactly the missing reports were built, and return how many those were."""
    before = published(out)
    summary = build(study, notebook, out)
    assert not summary.failed
    assert len(summary.built) == ALL - len(before), "something was built twice or left out"
    assert before.items() <= published(out).items(), "a report that was there was touched"
    assert verify(out) == []
    assert not build(study, notebook, out).built
    return len(summary.built)


def strike(victim: str, study: Path, notebook: Path, out: Path) -> tuple[int, int]:
    """Start a run, kill the victim, and return how many reports there were then and how many the next run built.

    The moment is a random one while a random report is made; before the first one, that is any since the start.
    """
    run = start(study, notebook, out)
    after, delay, due, struck = random.randrange(ALL), random.random(), 0.0, -1
    family: set[psutil.Process] = set()
    while run.is_running() and run.status() != psutil.STATUS_ZOMBIE:
        with suppress(psutil.NoSuchProcess, IndexError):
            family |= set(run.children(recursive=True))
            made = len(list(out.rglob(f"*{SUFFIX}")))
            if not due and made >= after:
                due = time.monotonic() + delay * (0.5 if after else START_SECONDS)
            if struck < 0 and due and time.monotonic() > due:
                VICTIMS[victim](run).kill()
                struck = made
        time.sleep(0.005)
    run.wait()
    _, alive = psutil.wait_procs(family, timeout=20)
    assert not alive, "something outlived its run"
    return struck, recover(study, notebook, out)


def fill(most: float, study: Path, notebook: Path, out: Path) -> tuple[int, int]:
    """Build on a disk with room for some reports, give it more, and build again; return the room in KB."""
    out.mkdir()
    room = random.randrange(8, int(most))
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={room}k", "tmpfs", out], check=True)
    try:
        first = start(study, notebook, out)
        assert first.wait() != 0, "a full disk went unnoticed"
        kept = published(out)
        subprocess.run(["mount", "-o", "remount,size=64m", out], check=True)
        missing = recover(study, notebook, out)
        assert kept.items() <= published(out).items()
        return room, missing
    finally:
        subprocess.run(["umount", out], check=True)


def main(kinds: list[str], times: int, seed: int) -> None:
    """Strike, and print when, and how many reports the next run had to build."""
    random.seed(seed)
    with tempfile.TemporaryDirectory() as name:
        study, notebook = prepare(Path(name))
        out = Path(name) / "out"
        assert start(study, notebook, out).wait() == 0
        size = sum(path.stat().st_blocks / 2 for path in out.rglob("*"))
        shutil.rmtree(out)
        print(f"seed {seed}; a run left alone leaves {size:.0f} KB", flush=True)
        for kind in kinds:
            strikes = []
            for _ in range(times):
                order = (study, notebook, out)
                at = -1
                # A run that ended before it was to be struck does not count.
                while at < 0:
                    at, missing = fill(0.8 * size, *order) if kind == "disk" else strike(kind, *order)
                    shutil.rmtree(out)
                strikes.append((at, missing))
            where = "room in KB" if kind == "disk" else "reports there when killed"
            print(f"{kind:7} {times} times; {where}: {', '.join(str(at) for at, _ in strikes)}", flush=True)
            counts = ", ".join(str(missing) for _, missing in strikes)
            print(f"        then missing of {ALL}: {counts}; verified, no orphans", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--build"]:
        sys.exit(bool(build(*map(Path, sys.argv[2:5])).failed))
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("kinds", nargs="*", default=[*VICTIMS, "disk"])
    given = parser.parse_args()
    main(given.kinds, given.times, given.seed)
