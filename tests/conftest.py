"""Settings and places that all tests share; small tables of hips are made with ``builders``."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

import browsers
from analysis.cli import main

# No deadline: on a busy machine a slow example is no fault of the code.
settings.register_profile("capsule", deadline=None, max_examples=25)
settings.load_profile("capsule")


@pytest.fixture(scope="session")
def repository():
    """The folder that holds everything."""
    return Path(__file__).parents[1]


@pytest.fixture(scope="module")
def browser():
    """A browser, for tests of pages. Without one on the machine the tests that ask for this are not run, and named."""
    with browsers.opened() as opened:
        yield opened


@pytest.fixture
def capsule(monkeypatch, capsys):
    """Run the command in this process; gives the exit code, standard output and standard error."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["capsule", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return ended.value.code, captured.out, captured.err

    return run


LEFT_OUT = pytest.StashKey[list[str]]()


def pytest_configure(config):
    config.stash[LEFT_OUT] = []


def pytest_collection_modifyitems(config, items):
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
