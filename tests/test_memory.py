"""How much memory is free: in the machine, and in a container that may use less of it."""

import psutil
import pytest

from analysis.machine import memory

MACHINE = 8_000_000


@pytest.fixture
def group(tmp_path, monkeypatch):
    """Return what makes this process one of a group in a machine of which much is free."""
    monkeypatch.setattr(psutil, "virtual_memory", lambda: type("Memory", (), {"available": MACHINE}))
    monkeypatch.setattr(memory, "_OWN_GROUPS", tmp_path / "cgroup")
    monkeypatch.setattr(memory, "_GROUPS", tmp_path / "groups")

    def belongs(line, folder="", **files):
        (tmp_path / "cgroup").write_text(f"7:cpuset:/other\n{line}\n")
        place = tmp_path / "groups" / folder
        place.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (place / name.replace("__", ".")).write_text(text)

    return belongs


FILES = "anon 900\nactive_file 300000\ninactive_file 200000\n"
OF_MEMORY = "active_file 1\ninactive_file 1\ntotal_active_file 300000\ntotal_inactive_file 200000\n"


@pytest.mark.parametrize(
    ("line", "folder", "files", "free"),
    [
        ("0::/", "", {"memory__max": "2000000\n", "memory__current": "1000000\n", "memory__stat": FILES}, 1_500_000),
        ("0::/jobs/7/step", "jobs/7", {"memory__max": "900", "memory__current": "500", "memory__stat": ""}, 400),
        ("0::/", "", {"memory__max": "500", "memory__current": "900", "memory__stat": ""}, 0),
        ("0::/", "", {"memory__max": "max\n", "memory__current": "1000000\n", "memory__stat": FILES}, MACHINE),
        ("0::/", "", {}, MACHINE),
        (
            "4:memory:/docker/a1",
            "memory",
            {"memory__limit_in_bytes": "2000000", "memory__usage_in_bytes": "1000000", "memory__stat": OF_MEMORY},
            1_500_000,
        ),
        (
            "4:cpu,memory:/",
            "memory",
            {"memory__limit_in_bytes": str(2**63 - 4096), "memory__usage_in_bytes": "1", "memory__stat": OF_MEMORY},
            MACHINE,
        ),
    ],
)
def test_a_container_may_have_less_than_the_machine(group, line, folder, files, free):
    group(line, folder, **files)
    assert memory.free() == free


def test_where_there_are_no_groups_the_machine_counts(group, monkeypatch, tmp_path):
    group("0::/")
    monkeypatch.setattr(memory, "_OWN_GROUPS", tmp_path / "nothing")
    assert memory.free() == MACHINE
