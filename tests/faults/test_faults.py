"""Every faulty file gets exactly what must be said of it; `load` never shows a value, nor does a message."""

import pytest

from analysis import StudyError, load, read_study
from faults.fault_corpus import FAULTS
from study_folders import listed


@pytest.mark.parametrize("name", FAULTS)
def test_fault(name, tmp_path, monkeypatch):
    write, expected = FAULTS[name]
    study = read_study(write(tmp_path / "study"))
    errors = [problem for problem in expected if problem[0] == "error"]
    nothing_left = [("error", "no_rows", "", None, "", "")]
    assert [problem for problem in listed(study) if [problem] != nothing_left or problem in expected] == expected
    if errors:
        monkeypatch.setitem(load.__globals__, "read_study", lambda _: study)  # which was read above
        with pytest.raises(StudyError) as caught:
            load(tmp_path / "study")
        values = [problem[5] for problem in errors if problem[5]]
        assert not any(value in str(caught.value) for value in values)
    # Reports tell the messages of warnings and notes, and hold no value beside them.
    told = study.problems[study.problems["value_shown"].str.contains(r"\d")]
    assert not any(value in message for value, message in zip(told["value_shown"], told["message"], strict=True))


def test_there_are_enough():
    assert len(FAULTS) >= 60
