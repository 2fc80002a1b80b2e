"""Rows of patients are not to be had from a report that withholds, and the refusal says why."""

import pytest

from analysis.report import open_report
from analysis.usererror import UserError
from tests_support import rows_of, write_study


@pytest.mark.parametrize("name", ["tables", "study"])
def test_a_report_that_withholds_gives_no_rows(tmp_path, name):
    folder = write_study(tmp_path, rows_of(14))
    report = open_report(folder)
    for holder in (report, report.sensitivity()):
        with pytest.raises(UserError, match=rf"^\.{name} holds rows of patients, .* or make an internal report$"):
            getattr(holder, name)
    internal = open_report(folder, internal=True)
    assert getattr(internal, name) is getattr(internal.sensitivity(), name)
