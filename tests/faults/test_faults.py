"""Every faulty file gets exactly what must be said of it, and `load` never shows a value."""

import pytest

from analysis import StudyError, load
from faults.fault_corpus import FAULTS
from study_folders import found


@pytest.mark.parametrize("name", FAULTS)
def test_fault(name, tmp_path):
    write, expected = FAULTS[name]
    folder = write(tmp_path / "study")
    errors = [problem for problem in expected if problem[0] == "error"]
    nothing_left = [("error", "no_rows", "", None, "", "")]
    assert [problem for problem in found(folder) if [problem] != nothing_left or problem in expected] == expected
    if errors:
        with pytest.raises(StudyError) as caught:
            load(folder)
        values = [problem[5] for problem in errors if problem[5]]
        assert not any(value in str(caught.value) for value in values)


def test_there_are_enough():
    assert len(FAULTS) >= 60
