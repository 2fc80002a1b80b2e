"""What the build server has ready before it builds: it works out what is withheld beside all that it loads, once."""

import json
import subprocess
import sys

from analysis.machine.processes import ON_LINUX, environment
from analysis.report.ledger import ledger_of
from tests_support import write_private

PREPARE = """
import os, signal, sys
from pathlib import Path
from analysis.factory import build_server
from analysis.factory.limits import USUAL
from analysis.report import scope, states

signal.signal(signal.SIGINT, signal.SIG_IGN)  # as main does; else pyarrow starts a thread to hear of it
forks, fork = [], os.fork
os.fork = lambda: forks.append("fork") or fork()
counts, count = [], scope.printed_counts
scope.printed_counts = lambda *given: counts.append("here") or count(*given)
build_server._prepare(build_server.Settings(Path(sys.argv[1]), None, 1, USUAL, for_others=sys.argv[2] == "others"))
print(*forks, *counts)
"""


def prepare(study, whom):
    ended = subprocess.run(
        [sys.executable, "-P", "-c", PREPARE, str(study), whom],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env=environment(study.parent),
    )
    return ended.stdout.split(), ended.stderr


def test_what_is_withheld_is_worked_out_in_a_fork_and_noted_once(tmp_path):
    study = write_private(tmp_path / "spring", 60, 1, clinics=2)
    for _ in range(2):  # of the same data nothing more is noted
        assert prepare(study, "others") == (["fork" if ON_LINUX else "here"], "")
        secret, release = map(json.loads, ledger_of(study).read_text().splitlines())
        assert (list(secret), release["series"]) == (["secret"], "immediate")


def test_for_those_who_treat_nothing_is_worked_out_or_noted(tmp_path):
    study = write_private(tmp_path / "spring", 12, 1, clinics=1)
    assert prepare(study, "those who treat") == ([], "")
    assert not ledger_of(study).exists()


def test_a_study_that_cannot_be_read_is_left_to_its_notebooks(tmp_path):
    study = write_private(tmp_path / "spring", 12, 1, clinics=1)
    (study / "hips.csv").write_text("no,such,columns\n")
    assert prepare(study, "others") == ([], "")
