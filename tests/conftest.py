"""Settings and places that all tests share; small tables of hips are made with ``builders``."""

import fcntl
import gc
import os
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

# Before numpy is loaded: one test at a time on each core, whose matrices are small. The threads of a linear algebra
# library would wait for each other, ten times as long where the cores are busy. Child processes inherit it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest
from hypothesis import settings

import analysis.factory  # noqa: F401 - before a test loads nbformat, which takes five seconds without it
import browsers
import warm_starts
from analysis.cli import main
from analysis.machine.processes import ON_LINUX
from analysis.report import scope

# What made the files there needs libraries that tests do not.
collect_ignore = ["data"]

# No deadline: on a busy machine a slow example is no fault of the code.
settings.register_profile("capsule", deadline=None, max_examples=25)
settings.load_profile("capsule")


# What was loaded stays to the end, and the tables that tests make hold no circles: looked through seldom, the garbage
# takes a tenth less of the time of all tests.
gc.freeze()
gc.set_threshold(100_000, 50, 50)

OURS = [Path(__file__).parents[1] / "data/raw" / name for name in ("demo", "bath-hips")]


class ReadOnce(dict):
    """Keeps our own studies, read in each process where a test first asks for one; see :func:`scope.prepare`."""

    def get(self, folder, default=None):
        if folder in OURS and folder not in self:
            scope.preload(folder)
        return super().get(folder, default)


scope._preloaded = ReadOnce()
# A shell or a build server that tests need is forked from a process that has loaded what it needs, once.
if ON_LINUX:
    warm_starts.use()


@pytest.fixture(scope="session")
def repository():
    """The folder that holds everything."""
    return Path(__file__).parents[1]


@pytest.fixture(scope="module")
def browser():
    """A browser, for tests of pages. Without one on the machine the tests that ask for this are not run, and named."""
    with browsers.opened() as opened:
        yield opened


@pytest.fixture(scope="session")
def our_reports(tmp_path_factory):
    """The reports of our studies as `capsule report` makes them: once per run, by the process that first asks."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "our reports"
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for study in OURS:
            if not (made := folder / f"{study.name}.made").exists():
                with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()) as said:
                    assert run_command(patch, "report", study, "--out", folder, "--jobs", "2") == 0
                assert said.getvalue().splitlines()[-1] == str(folder / "index.html")
                made.touch()
    return folder


def run_command(patch, *arguments):
    """Run the command in this process and return its exit code."""
    patch.setattr(sys, "argv", ["capsule", *map(str, arguments)])
    # A command that shows numbers to others says so to the processes it starts; here it must not outlive the test.
    patch.setenv(scope._FOR_OTHERS, "")
    patch.delenv(scope._FOR_OTHERS)
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


@pytest.fixture
def capsule(monkeypatch, capsys):
    """Run the command in this process; gives the exit code, standard output and standard error."""

    def run(*arguments):
        code = run_command(monkeypatch, *arguments)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


LEFT_OUT = pytest.StashKey[list[str]]()


def pytest_configure(config):
    config.stash[LEFT_OUT] = []


# The files that take longest are begun first, so that the processes of `make test` end together.
LONGEST = [
    *("notebook_numbers", "report_cluster", "end_to_end", "lab", "docs", "intake_fuzz", "no_small_count_leaves"),
    *("report_browser", "states", "routes", "intake_groups", "study_words", "release", "intake_parse", "cli_results"),
    *("statistics_files", "report_build_server", "report_verify", "report_engine", "report_overview", "wheel"),
    *("sensitivity_in_blocks", "notebooks", "degenerate_cohorts", "readings", "other_tables", "faults"),
]


def pytest_collection_modifyitems(config, items):
    place = {f"test_{name}": number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(place)))
    needy = [item for item in items if "browser" in item.fixturenames]
    if needy and not browsers.find():
        if os.environ.get("CI"):
            raise pytest.UsageError(f"in CI every test runs, and these need a browser: {browsers.HOW}")
        items[:] = [item for item in items if item not in needy]
        config.hook.pytest_deselected(items=needy)
        config.stash[LEFT_OUT] = [item.nodeid for item in needy]


def pytest_sessionfinish(session):
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left out"] = session.config.stash[LEFT_OUT]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    node.config.stash[LEFT_OUT] = getattr(node, "workeroutput", {}).get("left out", [])


def pytest_unconfigure(config):
    if (left_out := config.stash.get(LEFT_OUT, [])) and not hasattr(config, "workeroutput"):
        files = ", ".join(sorted({name.partition("::")[0] for name in left_out}))
        print(
            f"NOT RUN, no browser here: {len(left_out)} tests of {files}. To run them: {browsers.HOW}; then make test"
        )
