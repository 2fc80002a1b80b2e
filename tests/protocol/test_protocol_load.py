import tomllib

import pytest

from analysis.protocol import ProtocolError, builtin, load_protocol


@pytest.fixture
def text(repository):
    return (repository / "src/analysis/protocol/capsule.toml").read_text(encoding="utf-8")


def load_text(folder, text):
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return load_protocol(path)


def test_copy_of_the_built_in_protocol_is_the_same(tmp_path, text):
    assert load_text(tmp_path, text) == builtin()


def test_edited_cut_off_is_read(tmp_path, text):
    edited = text.replace(
        'measure = "hip_er_deg"\nop = "gt"\nstrict = 25', 'measure = "hip_er_deg"\nop = "gt"\nstrict = 35'
    ).replace("External rotation above 25 degrees", "External rotation above 35 degrees")
    assert load_text(tmp_path, edited).criteria["femur_turned_out"].strict == 35


def test_all_faults_are_named_at_once(tmp_path, text):
    broken = text.replace('classify_at = "baseline"', 'classify_at = "start"').replace("at_least = 3", "at_least = 9")
    with pytest.raises(ProtocolError) as raised:
        load_text(tmp_path, broken)
    assert len(str(raised.value).splitlines()) == 2


def test_a_rule_may_have_any_name(tmp_path, text):
    """Also one that the two forms of a rule are told apart by inside the program."""
    broken = text.replace("[responses.slr]\n", "[responses.gain]\nshape = 1\n").replace(
        '"slr", "ober"]', '"gain", "ober"]'
    )
    with pytest.raises(ProtocolError, match=r"mine\.toml: responses\.gain\.shape: not a known key"):
        load_text(tmp_path, broken)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"id = capsule", "mine.toml: not valid TOML"),
        (b"id = 'caf\xe9'", "mine.toml: cannot be read as UTF-8 text"),
        (b"", "mine.toml: id: this key is needed"),
    ],
)
def test_file_that_is_no_protocol(tmp_path, content, message):
    (tmp_path / "mine.toml").write_bytes(content)
    with pytest.raises(ProtocolError, match=message):
        load_protocol(tmp_path / "mine.toml")


def test_file_that_is_not_there(tmp_path):
    with pytest.raises(ProtocolError, match=rf"mine\.toml: no such file in {tmp_path.name}/"):
        load_protocol(tmp_path / "mine.toml")


def test_byte_order_mark_does_not_matter(tmp_path, text):
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8-sig")
    assert load_protocol(tmp_path / "mine.toml") == builtin()


def test_every_key_of_the_model_is_in_use_in_the_built_in_protocol(text):
    """The file is what people copy: a key it does not show is one they cannot find."""
    shown = set(tomllib.loads(text))
    assert shown == set(type(builtin()).model_fields) - {"admission"}
    assert "# admission: who was enrolled because of a reading belongs to a study" in text
