"""rates and sides on the command line; the numbers themselves are tested where they are made."""

import json
import re

import pytest

from analysis.cli import sensitivity
from analysis.disclosure.plan import Release
from analysis.outputs.documents import records
from analysis.report import scope
from study_folders import HEADER, write_tidy
from tests_support import ROOT, rows_of, write_study

# Seven people. Left: 5 of 7 gained 5°, so 2 did not. Right: 1 of 1.
LEFT = "".join(f"p{n},left,baseline,12\np{n},left,post,{17 if n < 5 else 12}\n" for n in range(7))
RIGHT = "p0,right,baseline,12\np0,right,post,17\n"


NO_COUNTS = {"n_responders": None, "n_evaluable": None}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return write_tidy(tmp_path_factory.mktemp("study"), HEADER + LEFT + RIGHT)


def _json(ran):
    code, out, err = ran
    assert [code, err] == [0, ""]
    return json.loads(out)


def test_rates_as_json(capsule, study):
    rows = _json(capsule("rates", study, "--by", "side", "--response", "ir", "--json", "-"))["rates"]
    assert [(row["side"], row["n_responders"], row["n_evaluable"], row["rate"]) for row in rows] == [
        ("left", 5, 7, 5 / 7),
        ("right", 1, 1, 1.0),
    ]
    assert all(row["suppressed"] is False for row in rows)


def test_rates_by_type_shows_the_empty_types(capsule, study):
    rows = _json(capsule("rates", study, "--by", "stretch_type,side", "--response", "ir", "--json", "-"))["rates"]
    assert [row["stretch_type"] for row in rows[::2]] == [
        "T1", "T2", "T3", "unclassified", "not_restricted", "indeterminate"
    ]  # fmt: skip
    assert sum(row["n_hips"] for row in rows) == 8
    assert rows[0]["rate"] is None


def test_safe_rates_hold_nothing_of_a_small_group(capsule, study):
    rows = _json(capsule("rates", study, "--by", "side", "--response", "ir", "--safe", "--json", "-"))["rates"]
    for row, side in zip(rows, ("left", "right"), strict=True):
        assert {name: value for name, value in row.items() if value is not None} == {"side": side, "suppressed": True}


def test_safe_rates_for_a_person_show_no_number_of_a_small_group(capsule, study):
    code, out, _ = capsule("rates", study, "--by", "side", "--response", "ir", "--safe")
    assert code == 0
    left = next(line for line in out.splitlines() if line.strip().startswith("Left"))
    assert left.split() == ["Left", "withheld", "withheld", "withheld", "withheld"]
    assert "The number of hips that responded is withheld." in out
    full = capsule("rates", study, "--by", "side", "--response", "ir", "--safe", "--all")[1]
    left = next(line for line in full.splitlines() if line.strip().startswith("left"))
    assert left.split() == ["left", "True"]


def test_rates_per_hip_and_per_person_are_both_named(capsule, study):
    # Hips 6 of 8; people: one with 2 of 2, four with 1 of 1, two with 0 of 1, so 5 of 7.
    document = _json(capsule("rates", study, "--response", "ir", "--json", "-"))
    assert [document["rates"][0][name] for name in ("rate", "rate_per_person")] == [6 / 8, 5 / 7]
    assert document["method"]["rate"] == "per hip: every hip counts alike; rate_per_person: every person counts alike"
    assert (
        "per patient, with every patient counted alike, it would be 71 %"
        in capsule("rates", study, "--response", "ir")[1]
    )
    words = capsule("rates", study, "--response", "ir", "--all")[1]
    assert "0.714" in words
    assert "rate is per hip: every hip counts alike; in rate_per_person every person counts alike." in words
    assert "per_person" not in capsule("rates", study, "--response", "ir", "--by", "side", "--all")[1]


def test_rates_for_a_person_name_the_rule_and_the_interval(capsule, study):
    code, out, err = capsule("rates", study, "--by", "side", "--response", "ir")
    assert [code, err] == [0, ""]
    said, empty, heading, left, right, method = out.splitlines()
    assert said.startswith("6 of 8 hips responded (75 %; 95 % CI ")
    assert [empty, " ".join(heading.split())] == ["", "side patients responders of judged by chance outcome missing"]
    assert re.fullmatch(r"Left +7 +5/7 \(71 %; 95 % CI \d+–\d+\) +7 %, rate above +0", left.strip())
    assert re.match("Right +1 +1/1 ", right.strip())
    assert method.startswith("ir, immediate; 95 % Wilson interval")


def test_every_column_is_there_when_asked_for(capsule, study):
    out = capsule("rates", study, "--by", "side", "--response", "ir", "--all")[1]
    left = next(line for line in out.splitlines() if line.strip().startswith("left"))
    assert left.split()[:4] == ["left", "5", "7", "0.714"]
    assert out.startswith("6 of 8 hips responded")


def test_arms_come_before_all_groups_together(capsule):
    arms, whole, *_ = capsule("rates", ROOT / "data/raw/bath-hips")[1].splitlines()
    assert arms.startswith("Control: 4 of 24 hips responded (17 %")
    assert whole.startswith("All groups together: 34 of 78 hips responded (44 %")


def test_hips_that_were_not_judged_are_told_by_reason(capsule):
    out = capsule("rates", ROOT / "data/raw/demo")[1]
    stuck = "448 with no room to improve (Ober's test was negative already)"
    assert f"630 of 1,200 hips could be judged; 570 could not: {stuck}, 72 measured in another way" in out


def test_sides_as_json(capsule, study):
    document = _json(capsule("sides", study, "--response", "ir", "--json", "-"))
    assert document["paired"] == {"both": 1, "left_only": 0, "right_only": 0, "neither": 0, "n": 1}
    assert {side: document["one_hip"][side] for side in ("left", "right")} == {"left": 6, "right": 0}
    assert document["one_hip"]["difference"] is None
    assert "groups" not in document


def test_sides_by_group_as_json(capsule, study):
    document = _json(capsule("sides", study, "--by", "stretch_type", "--response", "ir", "--json", "-"))
    assert len(document["groups"]) == 6


def test_sides_for_a_person(capsule, study):
    code, out, err = capsule("sides", study, "--by", "stretch_type", "--response", "ir")
    assert [code, err] == [0, ""]
    assert out.startswith("No clear difference between left and right: of 1 person with both hips judged, ")
    assert "left less" not in out
    heading, *groups = out.splitlines()[-8:-1]
    assert heading.split()[:3] == ["stretch_type", "pairs", "both"]
    assert [group.strip().split("  ")[0] for group in groups] == [
        "Type 1", "Type 2", "Escalation", "Unclassified", "Not restricted", "Indeterminate"
    ]  # fmt: skip
    full = capsule("sides", study, "--by", "stretch_type", "--response", "ir", "--all")[1]
    assert "p_exact" in full
    assert [line.partition(": ")[2] for line in full.splitlines() if line.startswith("Left minus right: ")] == [
        "who responded", "who responded, in groups", "in each group, and whether alike", "of the readings",
        "how it changed"
    ]  # fmt: skip


def test_sides_always_say_whether_the_types_differ(capsule, study):
    interaction = _json(capsule("sides", study, "--response", "ir", "--json", "-"))["interaction"]
    assert [interaction["by"], interaction["not_estimable"]] == ["stretch_type", "no group has an estimate"]
    assert [group["stretch_type"] for group in interaction["groups"]] == ["T1", "T2", "T3"]


def test_sides_say_how_the_asymmetry_changed(capsule, study):
    """Only p0 has both hips: 12 and 12 degrees before, 17 and 17 after."""
    document = _json(capsule("sides", study, "--json", "-"))
    assert [row["n"] for row in document["asymmetry_change"]] == [1] * 4
    assert [row["change"] for row in document["asymmetry_change"]] == [0] * 4
    assert document["asymmetry"][0]["n_showing"] == 0


def test_a_study_seen_once_has_empty_rates_not_a_crash(capsule, tmp_path):
    folder = write_tidy(tmp_path, HEADER + "a,left,baseline,12\n")
    (row,) = _json(capsule("rates", folder, "--json", "-"))["rates"]
    assert [row["n_hips"], row["n_evaluable"], row["n_missing"], row["rate"]] == [1, 0, 1, None]
    assert _json(capsule("sides", folder, "--json", "-"))["paired"]["n"] == 0
    for arguments in (
        ["rates", folder],
        ["rates", folder, "--by", "clinic_id"],
        ["sides", folder, "--by", "clinic_id"],
    ):
        code, _, err = capsule(*arguments)
        assert [code, err] == [0, ""]


def test_safe_withholds_small_counts_of_sides_and_classes_and_tells_no_story(capsule):
    demo = ROOT / "data/raw/demo"
    sides = _json(capsule("sides", demo, "--safe", "--json", "-"))
    assert sides["suppressed"]  # in one person of the demo both hips improved in all three tests
    assert sides["paired"] == dict.fromkeys(["both", "left_only", "right_only", "neither", "n"])
    assert sides["difference"] is None
    test = {name: sides["interaction"][name] for name in ("f", "df", "p", "not_estimable")}
    assert test == {"f": None, "df": [None, None], "p": None, "not_estimable": None}
    t1, t2, t3 = sides["interaction"]["groups"]
    for group in (t1, t2, t3):
        assert group["suppressed"]
        assert [group["difference"], group["left"], group["not_estimable"]] == [None, NO_COUNTS, None]
    assert sides["clinics"]["not_estimable"] is None
    assert sides["asymmetry_change"][1]["change"] == pytest.approx(1.156, abs=1e-3)  # of 517 people
    classes = _json(capsule("classify", demo, "--safe", "--json", "-"))
    assert [row["answer"] for row in classes["classes"]][:3] == ["T1", "T2", "T3"]
    assert "patient_id" not in json.dumps(classes)
    code, out, err = capsule("explain", demo, "P00001", "left", "--safe")
    assert code == 2
    assert "P00001" not in out + err


HELD = {
    "rates": lambda found: [row["rate"] for row in found["rates"]],
    "sides": lambda found: [row["n"] for row in found["asymmetry"][-1:]],
    "classify": lambda found: [row["share"] for row in found["classes"] if row["answer"] == "T1"],
    "sensitivity": lambda found: [row["n_evaluable"] for row in found["chance"] if row["stretch_type"] == "T1"],
}


def test_a_safe_command_withholds_what_the_reports_withhold_together(capsule, tmp_path, monkeypatch):
    """Of 12 people everything asked here may be shown by itself, and the release withholds all of it."""
    study, withheld = write_study(tmp_path, rows_of(12)), False
    monkeypatch.setattr(scope, "_released", {})
    # All of it takes a second; one table is held as the others are.
    monkeypatch.setattr(
        sensitivity, "sensitivity_document", lambda found, per_hip: {"chance": records(found.chance), "hips": per_hip}
    )

    def release(*given, **_):
        return Release(frozenset((row.clinic, row.key) for row in given[2].itertuples() if withheld))

    monkeypatch.setattr(scope, "held_release", release)
    for command, of in HELD.items():
        assert None not in of(_json(capsule(command, study, "--safe", "--json", "-"))), command
    scope._released.clear()
    withheld = True
    for command, of in HELD.items():
        assert set(of(_json(capsule(command, study, "--safe", "--json", "-")))) == {None}, command


def test_safe_classes_of_a_few_people_hold_no_number(capsule, tmp_path):
    """4 people, all of the first type."""
    rows = _json(capsule("classify", write_study(tmp_path, rows_of(4)), "--safe", "--json", "-"))["classes"]
    assert len(rows) >= 6
    assert {value for row in rows for name, value in row.items() if name not in ("answer", "suppressed")} == {None}


def test_a_json_file_that_withholds_nothing_can_be_read_by_its_owner_alone(capsule, study, tmp_path):
    (tmp_path / "usual").touch()
    asked = {"rates": ["rates", study], "check": ["check", study], "safe": ["rates", study, "--safe"]}
    for name, order in asked.items():
        capsule(*order, "--json", tmp_path / name)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert [modes["rates"], modes["check"], modes["safe"]] == [0o600, 0o600, modes["usual"]]
