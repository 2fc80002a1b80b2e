"""Who was enrolled because of a reading: what may be declared, in the protocol or in the study."""

import pytest

from analysis.intake.load import read_study
from analysis.intake.study_file import StudyError
from analysis.protocol import builtin
from analysis.protocol.admission import AdmissionRule
from analysis.protocol.faults import protocol_faults
from study_folders import HEADER, write_tidy

RULE = {"measure": "hip_ir_deg", "op": "lt", "value": 20, "by": "hip"}


def faults(**changes):
    rule = AdmissionRule(**RULE | changes)
    return list(protocol_faults(builtin().model_copy(update={"admission": rule})))


def test_a_rule_and_a_word():
    assert faults() == []
    assert list(protocol_faults(builtin().model_copy(update={"admission": "none"}))) == []
    assert builtin().admission is None  # the rules of the article are not those of a study


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"measure": "ir"}, "admission.measure: 'ir' is not one of the measures"),
        ({"measure": "ober"}, "admission.measure: ober is of kind level; this rule needs angle"),
        ({"value": 19.95}, "admission.value: 19.95 lies between two steps of hip_ir_deg"),
        ({"at": "before"}, "admission.at: 'before' is not one of the timepoints"),
    ],
)
def test_what_does_not_fit_the_protocol_is_named(change, said):
    assert [fault for fault in faults(**change) if fault.startswith(said)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"mean": 30.0}, "mean and sd: give both, or neither"),
        ({"by": "difference"}, 'by = "difference" needs op = "ge" or "gt"'),
        ({"by": "clinic"}, "Input should be 'hip', 'person' or 'difference'"),
        ({"op": "eq"}, "Input should be 'lt', 'le', 'gt' or 'ge'"),
    ],
)
def test_what_cannot_be_a_rule_is_refused(change, said):
    with pytest.raises(ValueError, match=said):
        AdmissionRule(**RULE | change)


@pytest.mark.parametrize(("given", "said"), [([3.2, 3.6], "sem_range"), ([3.6, 1.9], "sem_range")])
def test_the_error_lies_within_its_range(given, said):
    ir = builtin().measures["hip_ir_deg"]
    with pytest.raises(ValueError, match=said):
        type(ir).model_validate(ir.model_dump() | {"sem_range": given})


ROWS = HEADER + "a,left,baseline,12\na,left,post,15\n"


def test_the_study_declares_it(tmp_path):
    table = '\n[admission]\nmeasure = "hip_ir_deg"\nop = "lt"\nvalue = 20\nby = "person"\n'
    assert read_study(write_tidy(tmp_path, ROWS, more=table)).protocol.admission.by == "person"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (
            'measure = "hip_ir_deg"\nop = "lt"\nby = "hip"\n',
            "study.toml: admission.value: this key is needed",
        ),
        (
            'measure = "ir"\nop = "lt"\nvalue = 20\nby = "hip"\n',
            "study.toml: admission.measure: 'ir' is not",
        ),
    ],
)
def test_faults_of_the_study_name_the_key(tmp_path, table, said):
    with pytest.raises(StudyError, match=said):
        read_study(write_tidy(tmp_path, ROWS, more="\n[admission]\n" + table))
