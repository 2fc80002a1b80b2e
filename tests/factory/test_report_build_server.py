"""What the build server has ready before it builds: what is withheld is worked out once, and noted once."""

import json
import subprocess
import sys

from analysis.machine.processes import environment
from analysis.report.ledger import ledger_of
from tests_support import write_private

PREPARE = """
import sys
from pathlib import Path
from analysis.factory import build_server
from analysis.factory.limits import USUAL
from analysis.report import open_report, scope

counts, count = [], scope.printed_counts
scope.printed_counts = lambda *given: counts.append("counted") or count(*given)
others, program = sys.argv[2] == "others", sys.argv[3]
build_server._prepare(build_server.Settings(Path(sys.argv[1]), None, 1, USUAL, for_others=others, program=program))
if sys.argv[2] == "others":
    open_report(sys.argv[1])
print(*counts)
"""


def prepare(study, whom, program=""):
    ended = subprocess.run(
        [sys.executable, "-P", "-c", PREPARE, str(study), whom, program],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env=environment(study.parent),
    )
    return ended.stdout.split(), ended.stderr


def test_what_is_withheld_is_counted_once_for_all_reports_and_by_each_program_and_noted_once(tmp_path):
    study = write_private(tmp_path / "spring", 30, 1, clinics=2)
    for program, counted in (("this one", ["counted"]), ("this one", []), ("its next version", ["counted"])):
        assert prepare(study, "others", program) == (counted, "")
        secret, release = map(json.loads, ledger_of(study).read_text().splitlines())  # of the same data nothing more
        assert (list(secret), release["series"]) == (["secret"], "immediate")


def test_for_those_who_treat_nothing_is_worked_out_or_noted(tmp_path):
    study = write_private(tmp_path / "spring", 12, 1, clinics=1)
    assert prepare(study, "those who treat") == ([], "")
    assert not ledger_of(study).exists()
