"""What a person answers stands in the draft as if it had been sure; what is left open stays a question."""

import pytest

from analysis.cli.ask import Asker
from analysis.intake import load
from analysis.intake.draft import draft_study, read_sent
from analysis.protocol import builtin
from analysis.usererror import UserError

HEAD = "id,side,ir pre,ir post"
ROWS = "p1,left,10,16\np1,right,11,12\n"


def drafted(folder, text, answers=None):
    """Draft a study of one file; each answer belongs to the question that holds its key."""
    (folder / "hips.csv").write_text(text)
    asked = []

    def ask(question):
        asked.append(question)
        said = [answer for key, answer in (answers or {}).items() if key in question.text]
        assert all(answer in question.choices or not question.choices for answer in said), question
        return said[0] if said else None

    return draft_study(read_sent([folder / "hips.csv"]), builtin(), ask=ask), asked


CASES = {
    "the name": (f"{HEAD}\n{ROWS}", {"call this study": "Clinic A"}, ['name = "Clinic A"\n']),
    "who": (f"label,side,ir pre,ir post\n{ROWS}", {"who a person is": "label"}, ['patient_id = "label"\n']),
    "each row": ("ir pre left,ir pre right\n10,11\n", {"who a": "no column; each row is one person"},
                 ["rows_per_person = 1\n"]),
    "left from right": ("id,which,ir pre\np1,A,10\n", {"left from right": "which", '"A" mean': "left"},
                        ['side = "which"\n', 'left = ["A"]\n']),
    "anew": ("clinic,id,side,ir pre\nA,1,left,10\nB,1,left,11\n", {"begin anew": "yes"},
             ['\npatient_id = ["clinic", "id"]\n']),
    "not anew": ("clinic,id,side,ir pre\nA,1,left,10\nB,1,left,11\n", {"begin anew": "no"},
                 ['patient_id = "id"']),
    "which measure": ("id,Left,Right\np1,10,11\n", {"for its sides": "hip_ir_deg"},
                      ['hip_ir_deg = { left = "Left", right = "Right" }\n']),
    "visits": ("id,side,ir t1,ir t2\np1,left,10,16\n", {"numbered 1": "intake", "numbered 2": "baseline"},
               ['\n[source.timepoints.intake]\nhip_ir_deg = "ir t1"', '[source.timepoints.baseline]\nhip_ir_deg = "']),
    "one of the visits": ("id,side,ir t1,ir t2\np1,left,10,16\n", {"numbered 2": "post"},
                          ['[source.timepoints.post]\nhip_ir_deg = "ir t2"', "only numbered: 1. Which"]),
    "not right": ("id,side,ir pre,Tilt of the pelvis x\np1,left,10,anterior\n", {"Tilt": "no"},
                  ['# pelvic_tilt = "Tilt of the pelvis x"\n']),
    "right": ("id,side,ir pre,Tilt of the pelvis x\np1,left,10,anterior\n", {"Tilt": "yes"},
              ['\npelvic_tilt = "Tilt of the pelvis x"\n']),
    "dates": ("id,side,ir pre,date pre\np1,left,10,03/04/2025\n", {"dates written": "%m/%d/%Y"},
              ['\ndate_format = "%m/%d/%Y"\n']),
    "of every row": ("id,side,ir\np1,left,10\n", {"timepoint of every row": "post", "position of every": "prone"},
                     ['\ntimepoint = "post"\n', '\nposition = "prone"\n']),
    "patterns": ("id,side,ir pre\np1,left,ca. 10\np2,left,12\n", {"number_patterns": "yes"},
                 ['\nnumber_patterns = ["ca. {}"]\n']),
    "words": ("id,side,ir pre,ober pre\np1,left,10,tight\np2,left,9,loose\n",
              {'"tight"': "positive", '"loose"': "negative"}, ['negative = ["loose"]\npositive = ["tight"]\n']),
    "words with blanks": ("id,side,ir pre,activity\np1,left,10,sport\np2,left,9,desk\n",
                          {'"sport"': "very active", '"desk"': "moderately active"},
                          ['"moderately active" = ["desk"]\n"very active" = ["sport"]\n']),
    "a visit beside a named one": ("id,side,ir pre,ir t1\np1,left,10,16\n", {"numbered 1": "post"},
                                   ['[source.timepoints.post]\nhip_ir_deg = "ir t1"']),
    "forms": ("id,redcap_repeat_instrument,side,ir pre\np1,hips,left,10\np1,pain,,\n",
              {'"hips" holds hips': "yes", '"pain" holds': "no"},
              ['\n[source.where]\nredcap_repeat_instrument = ["hips"]\n']),
    "zone": ("id,side,ir pre,date pre\np1,left,10,2025-04-03T10:00:00Z\n", {"where is the clinic": "Europe/Berlin"},
             ['\ntime_zone = "Europe/Berlin"\n']),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_an_answer_stands_in_the_draft(case, tmp_path):
    text, answers, lines = CASES[case]
    said, asked = drafted(tmp_path, text, answers)
    assert all(line in said for line in lines), said
    assert all(any(key in question.text for question in asked) for key in answers)
    assert not any(line in drafted(tmp_path, text)[0] for line in lines[:1]) or case == "not anew"


def test_a_numbered_visit_is_none_of_those_that_columns_name(tmp_path):
    _, asked = drafted(tmp_path, "id,side,ir pre,ir t1\np1,left,10,16\n", {})
    (question,) = [question for question in asked if "numbered 1" in question.text]
    assert "baseline" not in question.choices
    assert question.proposed == "post"


def test_the_second_of_two_columns_of_one_name_is_no_visit_2(tmp_path):
    said, _ = drafted(tmp_path, "id,side,date,ir,date,ir\np1,left,2024-03-02,10,2024-03-09,16\n", {})
    assert "only numbered" not in said


def test_a_time_zone_that_is_none_stays_a_question(tmp_path):
    said = drafted(tmp_path, CASES["zone"][0], {"where is the clinic": "Berlin time"})[0]
    assert '# time_zone = "Europe/Berlin"  # ? where' in said


def test_what_the_file_holds_stands_beside_a_question(tmp_path):
    asked = drafted(tmp_path, f"label,side,ir pre,ir post\n{ROWS}")[1]
    assert next(one for one in asked if "who a person is" in one.text).beside == '"label" holds p1'


@pytest.fixture
def terminal(monkeypatch):
    def typed(*answers):
        given = iter(answers)
        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        monkeypatch.setattr("builtins.input", lambda _: next(given, None) or (_ for _ in ()).throw(EOFError))

    return typed


def test_a_study_is_made_by_answers_alone(tmp_path, terminal, capsule):
    (tmp_path / "hips.csv").write_text("label,which,ir pre,ir post\np1,A,10,16\np1,B,11,12\n")
    answers = ("Ours", "label", "9", "1", "?", "?", "?", "left", "ri")
    terminal(*answers)
    code, out, _ = capsule("init", tmp_path / "hips.csv", "--ask")
    assert code == 0
    assert "Which column tells left from right?\n" in out
    assert '   "which" holds A, B\n' in out
    assert "That is none of the answers." in out  # 9
    study = load(tmp_path)
    assert study.name == "Ours"
    assert sorted(study.assessments["side"].unique()) == ["left", "right"]


def test_where_the_input_ends_the_rest_stays_open(tmp_path, terminal, capsule):
    (tmp_path / "hips.csv").write_text("label,which,ir pre\np1,A,10\n")
    terminal("Ours")
    assert capsule("init", tmp_path / "hips.csv", "--ask")[0] == 0
    assert "# ? side: which column" in (tmp_path / "study.toml").read_text()


def test_without_a_terminal_nothing_is_asked_and_nothing_written(tmp_path, monkeypatch, capsule):
    (tmp_path / "hips.csv").write_text(f"{HEAD}\n{ROWS}")
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(UserError, match="no terminal"):
        Asker()
    code, _, err = capsule("init", tmp_path / "hips.csv", "--ask")
    assert code != 0
    assert "no terminal to ask on" in err
    assert not (tmp_path / "study.toml").exists()
