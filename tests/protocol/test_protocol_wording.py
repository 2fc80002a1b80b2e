"""What a protocol says is what its rules ask for, or it is refused."""

from pathlib import Path

import pytest

import analysis.protocol
from analysis.protocol import ProtocolError, builtin, load_protocol
from analysis.protocol.policies import MINIMUM_PATIENTS
from tests_support import ROOT

CAPSULE = Path(analysis.protocol.__file__).with_name("capsule.toml").read_text(encoding="utf-8")
OF_IR = 'rules = [{ measure = "hip_ir_deg", op = "ge", strict = 5 }]\n'
PROSE = 'prose = "Internal rotation improves by 5, up to 25, degrees."'


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
        (OF_IR, OF_IR.replace("5", "8")),
        (PROSE, 'prose = "8 degrees, by our own choice."'),
        ("strict = 45\n", "strict = 50\n"),
        ("stops below 45 degrees", "stops below 50 degrees"),
    )
    assert builtin().responses["ir"].label == "IR gained 5° or more"
    assert of_eight.responses["ir"].label == "IR gained 8° or more"
    assert "straight leg raise below 50°" in of_eight.flags["anterior_tilt_with_limited_slr"].label


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (OF_IR, OF_IR.replace("5", "8"), "responses.ir.prose: speaks of 5 and 25, and the rule asks for 8"),
        ("IR gained {strict} or more", "IR gained 8° or more", "responses.ir.label: names 8, which its rule"),
        ("IR gained {strict} or more", "IR gained {cut}", "responses.ir.label: {cut} stands for no cut-off"),
        ("raise below {slr_limited}:", "raise below 40°:", "flags.anterior_tilt_with_limited_slr.label: names 40"),
        ('label = "below 25°"', 'label = "below 24°"', "option 'below 24°': names 24, which its rule does not"),
        ("rotation above {femur_turned_out} in", "rotation above 24° in", "turned_out_in_type_2.label: names 24"),
        ("strict = 15\nlenient = 20\nprose =", "strict = 15\nlenient = 20\nprose = 'Below 12.' #",
         "criteria.ir_markedly_limited.prose: speaks of 12, and the rule asks for 15 and 20"),
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
