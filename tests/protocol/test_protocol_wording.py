"""What a protocol says is what its rules ask for, or it is refused."""

import re
from pathlib import Path

import pytest

import analysis.protocol
from analysis.protocol import ProtocolError, builtin, load_protocol
from analysis.protocol.policies import MINIMUM_PATIENTS, POLICIES
from tests_support import ROOT

CAPSULE = Path(analysis.protocol.__file__).with_name("capsule.toml").read_text(encoding="utf-8")
# Up to the cut-off in force, which no test here knows: another one is followed by "# ".
OF_IR = '\nrules = [{ measure = "hip_ir_deg", op = "ge", strict = '
OF_SLR = 'measure = "slr_deg"\nop = "lt"\nstrict = '
FIRST_GAIN = '"5° or more", replace = { responses.ir.rules = [{ measure = "hip_ir_deg", op = "ge", strict = 5 '
PROSE = 'prose = "Internal rotation improves by '


def loaded(tmp_path, *changes):
    text = CAPSULE
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = tmp_path / "protocol.toml"
    path.write_text(text, encoding="utf-8")
    return load_protocol(path)


def test_labels_take_their_numbers_from_their_rules(tmp_path):
    of_eight = loaded(
        tmp_path,
        (OF_IR, OF_IR + "8 }] # "),
        (PROSE, 'prose = "8 degrees, by our own choice." # '),
        (FIRST_GAIN, FIRST_GAIN.replace("5", "8")),
        (OF_SLR, OF_SLR + "50 # "),
        ('prose = "The straight leg raise stops ', 'prose = "Below 50 degrees." # '),
    )
    own = builtin().responses["ir"]
    assert own.label == f"IR gained {own.rules[0].strict:g}° or more"
    assert of_eight.responses["ir"].label == "IR gained 8° or more"
    assert "straight leg raise below 50°" in of_eight.flags["anterior_tilt_with_limited_slr"].label


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (OF_IR, OF_IR + "80 }] # ", "and the rule asks for 80; say in the prose what the rule asks for"),
        ("IR gained {strict} or more", "IR gained 8° or more", "responses.ir.label: names 8, which its rule"),
        ("IR gained {strict} or more", "IR gained {cut}", "responses.ir.label: {cut} stands for no cut-off"),
        ("raise below {slr_limited}:", "raise below 40°:", "flags.anterior_tilt_with_limited_slr.label: names 40"),
        ('label = "below 25°"', 'label = "below 24°"', "option 'below 24°': names 24, which its rule does not"),
        ("rotation above {femur_turned_out} in", "rotation above 24° in", "turned_out_in_type_2.label: names 24"),
        ('prose = "Type 2 hips have less', 'prose = "Below 12." # ',
         "criteria.ir_markedly_limited.prose: speaks of 12, and the rule asks for"),
    ],
)  # fmt: skip
def test_words_that_name_another_number_are_refused(tmp_path, old, new, fault):
    with pytest.raises(ProtocolError) as refused:
        loaded(tmp_path, (old, new))
    assert fault in str(refused.value)


def test_a_number_within_a_name_is_no_cut_off(tmp_path):
    loaded(tmp_path, ('label = "IR gained {strict} or more"', 'label = "IR of type 2 and T1 gained {strict} or more"'))


@pytest.mark.parametrize("page", ["README.md", "GLOSSARY.md", "docs/methods.md", "docs/tutorial.md"])
def test_the_pages_name_the_fewest_patients_that_the_program_asks_for(page):
    assert f"fewer than {MINIMUM_PATIENTS} patients" in (ROOT / page).read_text(encoding="utf-8").replace("\n", " ")


@pytest.mark.parametrize("page", ["docs/howto.md", "docs/study-file.md"])
def test_the_pages_name_the_policies_that_there_are(page):
    named = re.findall(r"suppress-\d+", (ROOT / page).read_text(encoding="utf-8"))
    assert {*named} == {name for name, policy in POLICIES.items() if policy.withholds}
