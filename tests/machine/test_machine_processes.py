"""Work done beside a process, in a fork of it: what comes back, and that nothing does where it fails."""

import subprocess
import sys

import pytest

from analysis.machine import processes
from analysis.machine.processes import ON_LINUX


def run(code):
    """Run code in a process without threads, which this one may have, and return what it printed and complained of."""
    code = f"import os\nfrom analysis.machine.processes import beside\n{code}"
    ended = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=False, timeout=120)
    return ended.returncode, ended.stdout.strip(), ended.stderr


@pytest.mark.parametrize(
    ("work", "found"),
    [
        ("os.getpid() != here", "True"),
        ("'x' * 100_000", "x" * 100_000),  # more than a pipe holds
        ("1 / 0", "None"),
        ("print('told', flush=True)", "told\nNone"),
        ("os.kill(os.getpid(), 9)", "None"),
    ],
)
def test_work_is_done_in_a_fork_and_a_fault_there_tells_nothing(work, found):
    assert run(f"here = os.getpid()\nwait = beside(lambda: {work})\nprint(wait())") == (
        0,
        found if ON_LINUX else "None",
        "",
    )


def test_no_fork_is_left_behind():
    code = "beside(lambda: 1)()\ntry:\n    os.wait()\nexcept ChildProcessError:\n    print('none')"
    assert run(code)[1] == "none"


def test_where_no_process_may_be_forked_nothing_is_begun(monkeypatch):
    monkeypatch.setattr(processes, "may_fork", lambda: False)
    assert processes.beside(pytest.fail)() is None
