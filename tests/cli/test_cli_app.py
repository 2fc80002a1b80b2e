"""How the command answers and how it fails: exit codes, one short block on standard error, never a traceback."""

import json
import os
import re
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import pytest
from typer.main import get_group

from analysis.cli import app as cli
from analysis.cli import main
from analysis.cli.commands import COMMANDS
from analysis.cli.terminal import show_table
from study_folders import HEADER, write_tidy

COMMAND = Path(sys.executable).with_name("capsule")


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    rows = "a,left,baseline,12\na,left,post,18\na,right,baseline,12\na,right,post,13\n"
    return write_tidy(tmp_path_factory.mktemp("good"), HEADER + rows)


@pytest.fixture(scope="module")
def bad(tmp_path_factory):
    return write_tidy(tmp_path_factory.mktemp("bad"), HEADER + "Jane Doe,left,baseline,twelve\n")


def test_the_installed_command_prints_json_and_nothing_else(good):
    # A code page without a minus sign must not matter.
    environment = os.environ | {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    ran = subprocess.run([COMMAND, "sides", good, "--json", "-"], capture_output=True, check=False, env=environment)
    assert [ran.returncode, ran.stderr] == [0, b""]
    assert "−" in json.loads(ran.stdout.decode("utf-8"))["method"]["difference"]


def test_the_installed_command_refuses_in_one_line(tmp_path):
    ran = subprocess.run([COMMAND, "rates", tmp_path], capture_output=True, text=True, check=False)
    assert [ran.returncode, ran.stdout] == [1, ""]
    assert (
        ran.stderr == f"capsule: study.toml: no such file in {tmp_path.name}/; `capsule init FILE` writes a first one\n"
    )


def test_help_comes_at_once_for_it_loads_no_command():
    code = """import atexit, sys
atexit.register(lambda: print(*sys.modules))
from analysis.cli import main
main()"""
    ran = subprocess.run([sys.executable, "-c", code, "--help"], capture_output=True, text=True, check=True)
    *listed, loaded = ran.stdout.splitlines()
    assert [name for name in COMMANDS if f"  {name} " not in "\n".join(listed)] == []
    assert {"pandas", "numpy", "rich", "analysis.protocol", "analysis.cli.data"}.isdisjoint(loaded.split())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_list_is_there(capsule, name):
    code, out, err = capsule(name, "--help")
    assert [code, err] == [0, ""]
    assert f"capsule {name}" in out


def test_no_command_is_missing_from_the_list():
    for path in Path(cli.__file__).parent.glob("*.py"):
        import_module(f"analysis.cli.{path.stem}".removesuffix(".__init__"))
    assert sorted(get_group(cli.app).commands) == sorted(COMMANDS)


def test_the_version_is_told(capsule):
    assert capsule("--version") == (0, f"capsule-outcomes {version('capsule-outcomes')}\n", "")


def test_data_with_errors_is_1(capsule, bad):
    code, out, err = capsule("rates", bad)
    assert [code, out] == [1, ""]
    assert err.startswith("capsule: ")
    assert "visits.csv, row 2, IR: not a number" in err
    assert "Traceback" not in err
    assert "Jane" not in err
    assert "twelve" not in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rates"], "Missing argument 'STUDY'"),
        (["rates", "nowhere"], "'nowhere' does not exist"),
        (["rates", "{good}/visits.csv"], "is a file"),
        (["rates", "{good}", "--oops"], "No such option: --oops"),
        (["rate", "{good}"], "No such command 'rate'. Did you mean 'rates'?"),
        (["zzz"], "No such command 'zzz'. `capsule --help` lists them."),
        (["rates", "{good}", "--by", "clinc"], "cannot group by clinc; the columns are side, "),
        (["rates", "{good}", "--by", "patient_id"], "cannot group by patient_id; the columns are side, "),
        (["sides", "{good}", "--by", "clinc"], "cannot group by clinc; the columns are "),
        (["rates", "{good}", "--response", "knee"], "response is 'knee'; it can be all, ir, slr, ober, two_of_three"),
        (["rates", "{good}", "--comparison", "x"], "comparison is 'x'; it can be immediate, "),
        (["report", "{good}", "--paper", "a5"], "--paper 'a5': it can be a4, us-letter"),
        (["report", "{good}", "--set", "target"], "it must be NAME=VALUE"),
        (["report", "{good}", "--set", "period=2026"], "period is given by the study, --by or an option of its own"),
        (["report", "{good}", "--set", "target=0.6", "--set", "target=0.7"], "target is given twice"),
        (["report", "{good}", "--comparison", "imediate"], "comparison is 'imediate'; it can be drills, immediate"),
        (["report", "{good}", "--period", "2031"], "period is '2031', and no hip has its earlier visit in it"),
        (["report", "{good}", "--by", "clinc"], "not something that reports can be divided by; this study has no such"),
        (["report", "{good}", "--by", "clinic_id"], "--by clinic_id: it is recorded for no hip that is asked for"),
        (["report", "{good}", "--set", "tarjet=0.6"], "no parameter named tarjet"),
        (["report", "{good}", "--set", "target=much"], "target=much: it must be a number (float)"),
        (["explain", "{good}", "a", "upper"], "SIDE is 'upper'; it can be left or right"),
        (["explain", "{good}", "nobody", "left"], "no left hip of such a patient"),
        (["process", "{good}"], "Missing option '--out'"),
        (["simulate", "--patients", "0", "--out", "x"], "--patients"),
        (["simulate", "--patients", "1", "--out", "{good}"], "not an empty folder"),
    ],
)
def test_wrong_usage_is_2_and_says_what_is_right(capsule, good, arguments, said):
    code, out, err = capsule(*[argument.format(good=good) for argument in arguments])
    assert [code, out] == [2, ""]
    assert said in err
    assert err.count("\n") == 1


def test_without_arguments_the_help_is_shown(capsule):
    code, out, err = capsule()
    assert [code, err] == [0, ""]
    assert "rates" in out


def test_the_machine_failing_is_3_and_names_the_file(capsule, good, tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert capsule("process", good, "--out", tmp_path / "file" / "out") == (3, "", "capsule: Not a directory (out)\n")
    code, out, err = capsule("rates", good, "--json", tmp_path / "none" / "x.json")
    assert [code, out, err] == [3, "", "capsule: No such file or directory (x.json)\n"]


def test_a_folder_that_may_not_be_written_is_3(capsule, good, tmp_path, monkeypatch):
    def refuse(descriptor):
        raise PermissionError(13, "Permission denied", "rates.parquet")

    monkeypatch.setattr("os.fsync", refuse)
    code, out, err = capsule("process", good, "--out", tmp_path / "out")
    assert [code, out] == [3, ""]
    assert err.startswith("capsule: Permission denied (")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("fault", [KeyError("secret"), IndexError("secret"), TypeError("secret"), ZeroDivisionError()])
def test_a_fault_of_the_program_is_3_says_so_and_shows_no_value(capsule, good, monkeypatch, fault):
    def broken(_):
        raise fault

    monkeypatch.setattr("analysis.cli.results.load", broken)
    code, out, err = capsule("rates", good)
    assert [code, out] == [3, ""]
    assert err == (
        f"capsule: a fault of the program ({type(fault).__name__}); run the command again with --debug to see where\n"
    )


def test_debug_shows_where(monkeypatch, bad):
    monkeypatch.setattr(sys, "argv", ["capsule", "rates", str(bad), "--debug"])
    with pytest.raises(ValueError, match="not a number"):
        main()


def test_an_interrupt_is_130(capsule, good, monkeypatch):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("analysis.cli.results.load", interrupted)
    code, out, err = capsule("rates", good)
    assert [code, out] == [130, ""]
    assert err.startswith("capsule: interrupted")


@pytest.mark.parametrize(("by", "names"), [("", []), ("a", ["a"]), (" a , b,", ["a", "b"]), (",", [])])
def test_columns_are_split_at_commas(by, names):
    assert cli.columns(by) == names


def test_what_a_terminal_would_obey_is_printed_as_text(capsys):
    show_table(pd.DataFrame({"patient_id": ["\x1b[2J\x07", "a\nb"]}))
    assert capsys.readouterr().out.split() == ["patient_id", "\\x1b[2J\\x07", "a\\nb"]


def test_a_table_is_printed_whole_away_from_a_terminal(capsys):
    identifier = "x" * 60
    show_table(pd.DataFrame({"patient_id": [identifier], "rate": [None], "markup": ["[bold]"]}))
    line = capsys.readouterr().out.splitlines()[1]
    assert line.split() == [identifier, "[bold]"]


def on_a_terminal(monkeypatch, capsys, table, width, keys):
    """The lines that a terminal so wide would show, without its colours."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "dumb")
    show_table(table, keys=keys)
    return re.sub(r"\x1b\[[\d;]*m", "", capsys.readouterr().out).splitlines()


def test_a_narrow_terminal_cuts_no_number(monkeypatch, capsys):
    table = pd.DataFrame({"type": ["T1", "T2"], "side": ["left", "right"]})
    table = table.assign(**{f"number_{n}": [123456.789 + n, 0.5] for n in range(12)})
    lines = on_a_terminal(monkeypatch, capsys, table, 80, keys=2)
    assert max(map(len, lines)) <= 80
    assert sum(line.startswith("T1   left") for line in lines) == lines.count("") + 1 == 2
    found = " ".join(lines).split()
    for n in range(12):
        assert f"number_{n}" in found
        assert str(123456.789 + n) in found


def test_on_a_terminal_long_words_are_folded_not_cut(monkeypatch, capsys):
    words = "a reason that is told in many words, far more than would fit beside the hip it tells of"
    lines = on_a_terminal(monkeypatch, capsys, pd.DataFrame({"hip": ["a"], "reason": [words]}), 60, keys=1)
    assert " ".join(" ".join(lines).split()) == f"hip reason a {words}"


def test_what_a_command_loads_is_not_looked_through_by_the_collector():
    code = """import atexit, gc
from analysis.cli import main
atexit.register(lambda: print(gc.isenabled(), gc.get_freeze_count() > 100_000, len(gc.get_objects()) < 100_000))
main()"""
    ran = subprocess.run([sys.executable, "-c", code, "rates", "--help"], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "True True True"


def test_counting_responders_in_words_alone_loads_no_tables_for_a_terminal(good):
    code = "import atexit, sys; atexit.register(lambda: print(*sys.modules)); from analysis.cli import main; main()"
    ran = subprocess.run([sys.executable, "-c", code, "rates", good], capture_output=True, text=True, check=True)
    *_, loaded = ran.stdout.splitlines()
    assert {"rich", "matplotlib", "statsmodels", "scipy.stats"}.isdisjoint(loaded.split())
