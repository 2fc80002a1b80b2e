"""The tutorial works as written, command by command, and the reference is that of today's models."""

import re
import runpy
import shlex
import shutil
import subprocess
import tomllib
from functools import cache
from unittest.mock import Mock

import pytest

from analysis.cli.commands import COMMANDS
from analysis.factory import factory
from analysis.factory.pool import local_builder
from analysis.outputs import export
from analysis.outputs.export import result_tables
from report_desk import pretend
from tests_support import ROOT

DOCS = ROOT / "docs"


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```", (DOCS / page).read_text(encoding="utf-8"), re.M | re.S)


def commands(page):
    return [line for block in blocks(page, "sh") for line in block.splitlines()]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A folder like the project's, with the file of the tutorial."""
    root = tmp_path_factory.mktemp("project")
    (root / "notebooks").mkdir()
    shutil.copy(ROOT / "notebooks/clinic.ipynb", root / "notebooks")
    (root / "pyproject.toml").touch()
    (root / "src").symlink_to(ROOT / "src")
    (root / "visits.csv").write_text(blocks("tutorial.md", "csv")[0], encoding="utf-8")
    return root


def answer_the_questions(study):
    """Put the study file of the tutorial in place of the first one, which has all of it but the answers."""
    answered = blocks("tutorial.md", "toml")[0]
    first, own = tomllib.loads(study.read_text(encoding="utf-8")), tomllib.loads(answered)
    for toml in (first, own):
        toml.pop("name")
        toml["source"][0].pop("set", None)
    assert first == own
    study.write_text(answered, encoding="utf-8")


def some_tables(report):
    return {"rates": report.rates_of_each_test(), "classes": report.classes()}


def test_every_command_of_the_tutorial_and_the_how_tos_works(project, capsule, monkeypatch):
    monkeypatch.chdir(project)
    written = [*commands("tutorial.md"), *commands("howto.md")]
    assert len(written) == 16
    said = {}
    # The notebook runs on the study twice: in the tutorial, and as the new one of the how-tos. Another name of the
    # folder, paper or target is only asked for: what they do is tested where it is done.
    build = Mock()
    monkeypatch.setattr(factory, "local_builder", build)
    for command in written:
        # Of the two exports the one that withholds makes every table.
        monkeypatch.setattr(export, "result_tables", some_tables if command.endswith("csv,xlsx") else result_tables)
        build.side_effect = pretend() if {"--set", "reports-internal"} & {*command.split()} else local_builder
        program, *arguments = shlex.split(command)
        if program != "capsule":
            subprocess.run([program, *arguments], check=True)
            continue
        code, said[command], complaints = capsule(*arguments)
        assert code == 0, f"{command}: {complaints} {said[command]}"
        if command.startswith("capsule init"):
            answer_the_questions(project / "data/raw/spring/study.toml")
    assert "4 patients, 16 assessments; 0 errors, 0 warnings" in said["capsule check data/raw/spring"]
    assert (project / "reports/index.html").is_file()
    assert build.call_count == 4
    assert (project / "results/results.xlsx").is_file()
    assert (project / "analysis-data/adbds.xpt").is_file()
    assert (project / "paper/tables.docx").is_file()
    assert (project / "reports/spring/stiff_hips.pdf").is_file()


@pytest.mark.parametrize("block", blocks("howto.md", "python"), ids=lambda block: block.splitlines()[-1])
def test_the_python_of_the_how_tos_runs_on_the_study_of_the_tutorial(project, block, monkeypatch):
    monkeypatch.chdir(project)
    exec(compile(block, "howto.md", "exec"), {})


def test_the_reference_of_protocol_files_is_in_step():
    script = runpy.run_path(str(DOCS / "make_protocol_reference.py"))
    written = (DOCS / "protocol.md").read_text(encoding="utf-8")
    assert script["reference"]() == written, "run python docs/make_protocol_reference.py"


def test_the_readme_lists_every_command():
    listed = re.findall(r"^\| `capsule ([\w-]+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.M)
    assert sorted(listed) == sorted(COMMANDS)


def test_every_link_within_the_docs_leads_somewhere():
    pages = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/tutorial.md", "docs/howto.md", "docs/protocol.md"]
    decisions = sorted((DOCS / "decisions").glob("*.md"))
    for page in [*(ROOT / page for page in pages), *decisions]:
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)|src=\"([^\":]+)\"", text):
            assert (page.parent / "".join(target).partition("#")[0]).exists(), f"{page.name}: {target}"
        for anchor in re.findall(r"\]\(#([^)]+)\)", text):
            assert anchor in [re.sub(" ", "-", h.lower()) for h in re.findall(r"^## (.+)$", text, re.M)], anchor


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/decisions/*.md"])
def test_every_file_and_name_that_a_page_for_developers_speaks_of_exists(page):
    """A path begins with a folder of the project or is a file at its top; a name has an underscore."""
    for file in ROOT.glob(page):
        marked = re.findall(r"`([^`\n]+)`", file.read_text(encoding="utf-8"))
        paths = [
            word for word in marked if re.match(r"(src|tests|docs|benchmarks)/[\w./-]+$|[\w.-]+\.(toml|txt|yml)$", word)
        ]
        assert [path for path in paths if not (ROOT / path).exists()] == [], file.name
        names = [word for word in marked if re.fullmatch(r"_?[A-Za-z]+_[A-Za-z_]+", word)]
        assert [name for name in names if not is_somewhere(name)] == [], file.name


@cache
def everything():
    files = [file for folder in ("src", "tests") for file in (ROOT / folder).rglob("*.py")]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def is_somewhere(name):
    return re.search(rf"^ *(def |class )?{name}\b", everything(), re.M) is not None


def test_every_decision_is_listed():
    listed = re.findall(r"\]\((\S+\.md)\)", (DOCS / "decisions/README.md").read_text(encoding="utf-8"))
    assert sorted([*listed, "README.md"]) == sorted(file.name for file in (DOCS / "decisions").iterdir())


def test_pictures_are_small():
    pictures = sorted((DOCS / "pictures").glob("*.png"))
    assert len(pictures) == 3
    assert all(picture.stat().st_size <= 150_000 for picture in pictures)
