"""One run at a time, and no lock file that a dead run left behind stops the next."""

import errno
import os
import subprocess
import sys

import pytest

from analysis.factory.publishing import lock as module
from analysis.factory.publishing.lock import LOCK, OutputInUse, lock, refuse_if_in_use

HOLD = """
import pathlib, sys
from analysis.factory.publishing.lock import lock
with lock(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_second_run_is_told_the_process_at_once(tmp_path):
    with lock(tmp_path):
        with pytest.raises(OutputInUse, match=rf"process {os.getpid()} on "), lock(tmp_path):
            pass
        with pytest.raises(OutputInUse, match=rf"process {os.getpid()} on "):
            refuse_if_in_use(tmp_path)
    assert list(tmp_path.iterdir()) == []
    refuse_if_in_use(tmp_path)


def test_lock_of_a_killed_process_is_free(tmp_path):
    holder = subprocess.Popen(
        [sys.executable, "-P", "-c", HOLD, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(OutputInUse, match=f"process {holder.pid} on "), lock(tmp_path):
            pass
        holder.kill()
        holder.wait()
    assert (tmp_path / LOCK).exists()
    with lock(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", ["", "not json", '{"host": "gone-container", "pid": 7, "started": 1}'])
def test_lock_file_that_nobody_holds_stops_nobody(tmp_path, content):
    """As a full disk leaves it, or a container that is gone."""
    (tmp_path / LOCK).write_text(content)
    refuse_if_in_use(tmp_path)
    with lock(tmp_path):
        pass


def test_full_disk_has_no_room_for_the_owners_name_and_the_lock_holds(tmp_path, monkeypatch):
    def no_room(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module.json, "dumps", no_room)
    with lock(tmp_path), pytest.raises(OutputInUse, match="another run is building reports here"), lock(tmp_path):
        pass


def test_file_system_without_locks_is_named(tmp_path, monkeypatch):
    import fcntl

    def unsupported(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", unsupported)
    with pytest.raises(OSError, match="choose another output folder"), lock(tmp_path):
        pass


def test_planted_link_is_not_followed(tmp_path):
    precious = tmp_path / "precious"
    precious.write_text("precious")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / LOCK).symlink_to(precious)
    with pytest.raises(OSError, match="symbolic"), lock(tmp_path / "out"):
        pass
    assert precious.read_text() == "precious"


def test_lock_is_released_after_an_error(tmp_path):
    with pytest.raises(ZeroDivisionError), lock(tmp_path):
        raise ZeroDivisionError
    assert not (tmp_path / LOCK).exists()
