"""What `capsule report` says of a study's ledger; the factory's own tests build reports."""

from datetime import date

from analysis.cli import reports
from analysis.factory.factory import Summary
from tests_support import write_private


def test_who_mended_a_reading_is_told_how_to_take_back_what_nobody_has_seen(tmp_path, capsule, monkeypatch):
    study = write_private(tmp_path / "spring", 12, 1)
    index, forced = tmp_path / "out/index.html", []

    def build(*_, force, **__):
        forced.append(force)
        return Summary((), index)

    monkeypatch.setattr(reports, "build_reports", build)
    monkeypatch.setattr(reports, "waits_since", lambda _: "2026-03-01")
    code, _, complaints = capsule("report", study)
    assert (code, forced) == (0, [False])
    assert "too few patients have come since 2026-03-01" in complaints
    assert "--unseen 2026-03-01" in complaints
    taken = []
    monkeypatch.setattr(reports, "take_back", lambda *asked: taken.append(asked))
    assert capsule("report", study, "--unseen", "2026-03-01", "--internal")[2] == ""
    assert (taken, forced[1]) == ([(study, date(2026, 3, 1))], True)
