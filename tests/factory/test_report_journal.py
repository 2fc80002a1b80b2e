"""The journal only grows, and no byte of it changes unseen."""

import threading

import pytest

from analysis.factory.publishing import journal


@pytest.fixture
def out(tmp_path):
    for number in range(3):
        journal.append(tmp_path, "report", report=f"r{number}", manifest="0")
    return tmp_path


def test_lines_come_back_in_order_each_sealing_the_one_before(out):
    records = journal.read(out)
    assert [record["report"] for record in records] == ["r0", "r1", "r2"]
    assert [record["previous"] for record in records[1:]] == [record["seal"] for record in records[:2]]
    assert journal.read(out / "none") == []


def test_any_flipped_byte_is_found(out):
    path = out / journal.JOURNAL
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(journal.JournalBroken):
            journal.read(out)


@pytest.mark.parametrize("order", [[1, 2], [0, 2], [1, 0, 2], [0, 0, 1, 2]])
def test_removed_moved_or_doubled_line_is_found(out, order):
    path = out / journal.JOURNAL
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[number] for number in order))
    with pytest.raises(journal.JournalBroken, match="line"):
        journal.read(out)


def test_half_a_line_of_a_power_cut_is_removed_and_the_journal_goes_on(out):
    path = out / journal.JOURNAL
    path.write_bytes(path.read_bytes() + b'{"at": "2026')
    journal.repair(out)
    journal.append(out, "report", report="r3", manifest="0")
    assert list(journal.reports(journal.read(out))) == ["r0", "r1", "r2", "r3"]


def test_several_writers_keep_one_chain(out):
    threads = [threading.Thread(target=journal.append, args=(out, "x")) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(journal.read(out)) == 23


def test_line_longer_than_a_block_is_found_again_as_the_last(out):
    journal.append(out, "x", long="y" * 10_000)
    journal.append(out, "x")
    assert len(journal.read(out)) == 5
