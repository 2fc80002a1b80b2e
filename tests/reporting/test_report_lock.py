"""One run at a time, and a dead run does not block the folder for ever."""

import json
import os
import subprocess
import sys

import psutil
import pytest

from analysis.reporting.publishing.lock import LOCK, OutputInUse, lock


def test_second_run_is_told_the_process_at_once(tmp_path):
    with lock(tmp_path):
        with pytest.raises(OutputInUse, match=rf"process {os.getpid()} "), lock(tmp_path):
            pass
        assert (tmp_path / LOCK).exists()
    assert not (tmp_path / LOCK).exists()


def test_lock_of_a_dead_process_is_taken_over(tmp_path):
    script = f"""
import os, pathlib
from analysis.reporting.publishing.lock import lock
with lock(pathlib.Path({str(tmp_path)!r})):
    os._exit(1)
"""
    subprocess.run([sys.executable, "-c", script], check=False)
    assert (tmp_path / LOCK).exists()
    with lock(tmp_path):
        assert json.loads((tmp_path / LOCK).read_text())["pid"] == os.getpid()
    assert list(tmp_path.iterdir()) == []


def write_lock(folder, **changes):
    with lock(folder):
        record = json.loads((folder / LOCK).read_text())
    (folder / LOCK).write_text(json.dumps(record | changes))


def test_number_given_out_again_to_a_younger_process_is_not_the_owner(tmp_path):
    write_lock(tmp_path, started=round(psutil.Process().create_time()) - 3600)
    with lock(tmp_path):
        pass


def test_lock_of_another_machine_is_respected(tmp_path):
    write_lock(tmp_path, host="elsewhere", pid=2**22 + 1)
    with pytest.raises(OutputInUse, match="on elsewhere"), lock(tmp_path):
        pass


@pytest.mark.parametrize("content", ["", "12", "{}", "not json"])
def test_lock_that_names_nobody_is_respected_and_says_what_to_delete(tmp_path, content):
    (tmp_path / LOCK).write_text(content)
    with pytest.raises(OutputInUse, match=r"delete .*\.lock"), lock(tmp_path):
        pass


def test_lock_is_released_after_an_error(tmp_path):
    with pytest.raises(ZeroDivisionError), lock(tmp_path):
        raise ZeroDivisionError
    assert not (tmp_path / LOCK).exists()
