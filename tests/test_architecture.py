"""The shape of the package, of the notebooks and of the environment, as the design describes it."""

import ast
import importlib
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src/analysis"

# The list in README.md, from the top: each part imports itself and what stands below it, nothing else.
ORDER = re.findall(r"^(\w+)(?:/|\.py) {2,}\w", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
CORE = ["disclosure", "answers", "pipeline", "hips", "study", "schema"]

# What the core may use from elsewhere: no files, no processes, no plots, no report machinery.
FOR_THE_CORE = {
    "__future__",
    "collections",
    "dataclasses",
    "enum",
    "fractions",
    "functools",
    "html",
    "itertools",
    "math",
}
FOR_THE_CORE |= {"operator", "typing", "numpy", "pandas", "scipy"}
FOR_DISCLOSURE = {"bisect", "fnmatch"}
FOR_STATISTICS = {"collections", "dataclasses", "itertools", "math", "typing", "numpy", "scipy", "statsmodels"}
HEAVY = {"papermill", "matplotlib", "seaborn", "dask", "distributed", "nbconvert", "jinja2", "typst", "typer"}
HEAVY |= {"redcap", "rdata", "ipywidgets", "docx"}


def sources(part):
    path = PACKAGE / part
    return sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]


def imports(part):
    """Every import of a part, as dotted names; also those within functions."""
    found = set()
    for source in sources(part):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{source}: import absolutely"
                prefix = str(node.module)
                found |= {f"{prefix}.{alias.name}" for alias in node.names} if prefix == "analysis" else {prefix}
    return found


def parts_of_the_package():
    here = (path for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists())
    return sorted({path.stem for path in here} - {"__init__"})


def test_every_part_has_its_place():
    assert sorted(ORDER) == parts_of_the_package(), "give a new part its place in the list of README.md"
    assert len(ORDER) <= 18


@pytest.mark.parametrize("part", ORDER)
def test_imports_point_down(part):
    below = set(ORDER[ORDER.index(part) :])
    used = {name.split(".")[1] for name in imports(part) if name.startswith("analysis.")}
    assert used <= below, f"{part} imports {sorted(used - below)}, which do not stand below it"


@pytest.mark.parametrize("part", CORE)
def test_core_knows_no_files_plots_or_reports(part):
    outside = {name.split(".")[0] for name in imports(part)} - {"analysis"}
    assert outside <= FOR_THE_CORE | (FOR_DISCLOSURE if part == "disclosure" else set())


def test_statistics_take_arrays_and_know_nothing_of_hips():
    outside = {name.split(".")[0] for name in imports("stats")} - {"analysis"}
    assert outside <= FOR_STATISTICS
    assert all(name.startswith("analysis.stats") for name in imports("stats") if name.startswith("analysis"))


def test_synthetic_cohort_is_independent_of_what_it_checks():
    assert {name for name in imports("simulate") if name.startswith("analysis") and "simulate" not in name} == set()


def test_importing_the_package_loads_nothing_heavy():
    code = "import sys, analysis; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert HEAVY.isdisjoint(loaded)


def test_benchmarks_run_by_hand_use_names_that_exist():
    for source in sorted((ROOT / "benchmarks").glob("*.py")):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and str(node.module).split(".")[0] == "analysis":
                module = importlib.import_module(str(node.module))
                assert [name.name for name in node.names if not hasattr(module, name.name)] == [], source.name


def test_each_public_name_is_documented():
    import analysis

    for name in analysis.__all__:
        assert getattr(analysis, name).__doc__, name


# ------------------------------------------------------------------------------------- notebooks

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
# What belongs in the package: a notebook is prose, then one call, then one display.
TOO_MUCH = (
    ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda | ast.For | ast.While | ast.If | ast.IfExp
    | ast.Compare | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp | ast.Try | ast.With
)  # fmt: skip


def cells(notebook, kind=None):
    content = json.loads(notebook.read_text(encoding="utf-8"))
    return [cell for cell in content["cells"] if kind in (None, cell["cell_type"])]


def text_of(cell):
    return "".join(cell["source"])


def tagged_parameters(notebook):
    return [cell for cell in cells(notebook, "code") if "parameters" in cell["metadata"].get("tags", [])]


def test_there_are_notebooks():
    assert NOTEBOOKS


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
class TestNotebook:
    def test_begins_with_its_title_and_question(self, notebook):
        first = cells(notebook)[0]
        assert first["cell_type"] == "markdown"
        assert text_of(first).startswith("# ")
        assert "?" in text_of(first)

    def test_has_one_cell_of_parameters_with_types_and_comments(self, notebook):
        (cell,) = tagged_parameters(notebook)
        assert all(isinstance(node, ast.AnnAssign) for node in ast.parse(text_of(cell)).body)
        assert all("  # " in line for line in text_of(cell).splitlines())

    def test_holds_no_logic(self, notebook):
        for cell in cells(notebook, "code"):
            found = [type(node).__name__ for node in ast.walk(ast.parse(text_of(cell))) if isinstance(node, TOO_MUCH)]
            assert not found, text_of(cell)

    def test_cells_are_short(self, notebook):
        for cell in cells(notebook):
            assert len(text_of(cell).splitlines()) <= 10, text_of(cell)

    def test_is_kept_without_outputs(self, notebook):
        for cell in cells(notebook, "code"):
            assert cell["outputs"] == []
            assert cell["execution_count"] is None


# ----------------------------------------------------------------------------------- environments

# Names that differ on conda-forge.
ON_CONDA_FORGE = {"typst": "typst-py", "flit_core": "flit-core", "pandera": "pandera-pandas"}


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def declared():
    extras = project()["optional-dependencies"].values()
    return [*project()["dependencies"], *(requirement for extra in extras for requirement in extra)]


def name_and_versions(requirement):
    name, versions = re.fullmatch(r"([\w.-]+)(?:\[[\w,-]+\])?([^;\s]*)", requirement).groups()
    return name, versions


def test_conda_environment_names_the_same_packages_and_versions():
    lines = (ROOT / "environment.yml").read_text(encoding="utf-8").splitlines()
    listed = [line.strip().removeprefix("- ") for line in lines if re.match(r"( {2}| {6})- \w", line)]
    in_conda = {name_and_versions(item) for item in listed if item not in ("conda-forge", "pip", "pip:")}
    wanted = {(ON_CONDA_FORGE.get(name, name), versions) for name, versions in map(name_and_versions, declared())}
    assert in_conda == wanted | {("python", project()["requires-python"])}


def locked():
    """The requirements, each with its continuation lines."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def test_locked_requirements_are_exact_and_hashed_and_name_no_index():
    for line in locked():
        assert re.match(r"[\w.-]+(\[[\w,-]+\])?==[\w.+!]+ ", line), line
        assert re.search(r" --hash=sha256:[0-9a-f]{64}\b", line), line[:80]
        assert not re.search(r"--(extra-)?index|--find-links|https?:", line), line[:80]


def test_everything_declared_is_locked():
    def plain(name):
        return re.sub(r"[-_.]+", "-", name).lower()

    have = {plain(re.split(r"[=\[]", line)[0]) for line in locked()}
    everyday = [*project()["dependencies"], *project()["optional-dependencies"]["dev"]]
    assert {plain(name_and_versions(item)[0]) for item in everyday} <= have


def test_hooks_before_a_commit_have_the_locked_versions():
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    hooks = dict(re.findall(r"/(ruff|nbstripout)\S*\n +rev: v?(\S+)", text))
    versions = dict(re.match(r"([\w.-]+)\S*?==(\S+)", line).groups() for line in locked())
    assert hooks == {name: versions[name] for name in ("ruff", "nbstripout")}


def test_the_environment_finds_the_package_wherever_the_project_lies():
    """Python 3.11 and 3.12 read the path in the C locale as ASCII, which a folder with an umlaut is not."""
    environment = ROOT / ".venv"
    paths = list(environment.glob("lib/python*/site-packages/*capsule_outcomes*.pth"))
    assert paths or not environment.exists()
    for path in paths:
        assert path.read_bytes() == b"../../../../src\n"
        assert (path.parent / "../../../../src").samefile(ROOT / "src")


def test_the_hosted_workflow_tries_every_python_that_is_promised():
    tried = re.search(r"python-version: \[(.*)\]", (ROOT / ".github/workflows/test.yml").read_text(encoding="utf-8"))[1]
    promised = [name.removeprefix("Programming Language :: Python :: ") for name in project()["classifiers"]]
    assert re.findall(r"[\d.]+", tried) == [name for name in promised if re.fullmatch(r"3\.\d+", name)]


def test_loading_the_report_machinery_builds_no_grammar_and_loads_no_nbconvert():
    code = "import sys, analysis.factory.build; print(*{'lark', 'rfc3987_syntax', 'nbconvert', 'bs4'} & {*sys.modules})"
    ended = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.split() == []


def test_no_comprehension_names_its_items_like_what_is_used_beside_it():
    """Python 3.12.1 then takes a function of that name for a variable without a value."""
    comprehensions = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
    for path in PACKAGE.rglob("*.py"):
        functions = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.FunctionDef)]
        for function in functions:
            inside = [each for each in ast.walk(function) if isinstance(each, comprehensions)]
            bound = [{name.id for part in each.generators for name in named(part.target)} for each in inside]
            within = {
                id(name) for each, own in zip(inside, bound, strict=True) for name in named(each) if name.id in own
            }
            items = set().union(*bound)
            beside = [name for name in named(function) if id(name) not in within and name.id in items]
            own = {name.id for name in beside if isinstance(name.ctx, ast.Store)}
            own |= {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
            assert {name.id for name in beside} <= own, f"{path.name}: {function.name}"


def named(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.Name)]


def test_loading_the_statistics_loads_neither_a_compiler_nor_tools_for_tests_and_leaves_both_to_others():
    code = """
import sys, analysis.stats, numpy
slow = {'numpy.f2py', 'numpy.testing'}
print(*slow & {*sys.modules})
numpy.testing.assert_allclose(1, 1)
numpy.f2py.get_include()
assert slow <= {*sys.modules}
"""
    ended = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.split() == []
