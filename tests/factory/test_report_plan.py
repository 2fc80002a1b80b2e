"""What must be built, under which name, and why."""

import json
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from analysis.factory import fingerprints
from analysis.factory.plan import Job, plan_jobs
from analysis.factory.publishing.manifest import SUFFIX, FileRecord, Manifest
from analysis.factory.up_to_date import why_build
from analysis.machine.files import sha256_of

PARAMETERS = 'study: str = ""\nclinic_id: str = ""\nlevel: float = 0.95'

READS = "print(study, clinic_id, level, deep)"


def write_notebook(path: Path, code: str = READS, parameters: str = PARAMETERS) -> Path:
    cells = [
        new_markdown_cell("Some words.\n\n# How *often*?"),
        new_code_cell(parameters, metadata={"tags": ["parameters"]}),
        new_code_cell(code),
    ]
    nbformat.write(new_notebook(cells=cells), path)
    return path


@pytest.fixture
def study(tmp_path):
    folder = tmp_path / "Spring 2026"
    folder.mkdir()
    (folder / "study.toml").write_text('name = "Spring cohort"\npublic = true')
    (folder / "visits.csv").write_text("a,b\n")
    return folder


@pytest.fixture
def notebook(tmp_path):
    return write_notebook(tmp_path / "outcomes.ipynb")


def pretend_published(job: Job, out: Path, **fields) -> Path:
    """Put files and manifest where a finished run of the job would."""
    path = job.file(out, SUFFIX)
    path.parent.mkdir(parents=True, exist_ok=True)
    files = {}
    for kind in job.formats:
        file = job.file(out, f".{kind}")
        file.write_text(kind)
        files[kind] = FileRecord(name=file.name, size=1, sha256=sha256_of(file))
    known = {"status": "fresh", "key": job.key, "inputs": dict(job.inputs), "notebook": "n", "title": "t"}
    known |= {"study": "s", "group_by": None, "group": None, "parameters": {}, "versions": {}, "files": files}
    known |= {"git_commit": None, "started": "2026-05-04T00:00Z", "finished": "2026-05-04T00:00Z"}
    path.write_text(Manifest(**known | fields).model_dump_json())
    return path


def test_one_job_for_the_whole_study_and_one_per_group(study, notebook):
    jobs = plan_jobs(study, [notebook], by="clinic_id", groups=["001", "B", "001"])
    folder = jobs[0].stem.parent.name
    assert folder.startswith("spring-2026-")
    assert [job.group for job in jobs] == [None, "001", "B"]
    assert [dict(job.parameters) for job in jobs] == [{}, {"clinic_id": "001"}, {"clinic_id": "B"}]
    assert [str(job.stem) for job in jobs[:2]] == [f"{folder}/outcomes", f"{folder}/clinic_id/001/outcomes"]
    assert {(job.title, job.study_name) for job in jobs} == {("How often?", "Spring cohort")}
    assert len({job.key for job in jobs}) == 3


def test_study_is_handed_over_as_absolute_path_but_is_no_part_of_the_key(study, notebook, tmp_path):
    job = plan_jobs(study, [notebook])[0]
    assert job.kernel_parameters() == {"study": str(study.resolve())}
    moved = tmp_path / "elsewhere" / study.name
    moved.parent.mkdir()
    study.rename(moved)
    assert plan_jobs(moved, [notebook])[0].key == job.key


def test_notebook_without_a_parameter_for_the_group_is_made_once(study, notebook, tmp_path):
    together = write_notebook(tmp_path / "together.ipynb", parameters='study: str = ""')
    jobs = plan_jobs(study, [together, notebook], by="clinic_id", groups=["1"])
    assert [(job.notebook.stem, job.group) for job in jobs] == [
        ("together", None),
        ("outcomes", None),
        ("outcomes", "1"),
    ]
    with pytest.raises(ValueError, match=r"together\.ipynb: no parameter named clinic_id"):
        plan_jobs(study, [together], by="clinic_id", groups=["1"])


@pytest.mark.parametrize("public", [True, False])
def test_fingerprints_of_private_data_are_keyed(study, notebook, public):
    """A plain hash of a few answers can be guessed back from what they might be."""
    source = f'public = {str(public).lower()}\n[[source]]\nfile = "visits.csv"'
    (study / "study.toml").write_text(f'name = "Spring cohort"\n{source}')
    plain = {"rows": fingerprints.of_value("1"), "study file": fingerprints.of_settings(study)}
    whole, group = plan_jobs(study, [notebook], by="clinic_id", groups={"1": {"rows": plain["rows"]}})
    plain["study data"] = fingerprints.of_folder(study)
    for inputs in (whole.inputs, group.inputs):
        shown = {name: inputs[name] for name in plain if name in inputs}
        assert len(shown) in (1, 2)
        assert [value == plain[name] for name, value in shown.items()] == [public] * len(shown)
    assert plan_jobs(study, [notebook])[0].inputs == whole.inputs
    (study / "visits.csv").write_text("a,b\n1,2\n")
    assert plan_jobs(study, [notebook])[0].inputs["study data"] != whole.inputs["study data"]


def test_a_group_of_any_column_comes_through_the_parameter_group(study, notebook, tmp_path):
    code = "report = open_report(study, clinic_id, group=group)"
    any_group = write_notebook(tmp_path / "any.ipynb", code, 'study: str = ""\nclinic_id: str = ""\ngroup: str = ""')
    own = {"a": {"rows": "1"}, "b": {"rows": "2"}}
    whole, first, second = plan_jobs(study, [any_group], by="arm", groups=own, group_name="Arm")
    assert [dict(job.parameters) for job in (whole, first, second)] == [{}, {"group": "arm=a"}, {"group": "arm=b"}]
    assert (first.group_by, first.group_label, first.inputs["rows"]) == ("arm", "Arm a", "1")
    assert [job.parameters for job in plan_jobs(study, [any_group], by="clinic_id", groups=["1"])[1:]] == [
        {"clinic_id": "1"}
    ]
    with pytest.raises(ValueError, match=r"no parameter named group; .* and group=group in open_report"):
        plan_jobs(study, [notebook], by="arm", groups=own)


def test_settings_reach_the_notebooks_that_have_them_in_the_type_declared(study, notebook, tmp_path):
    other = write_notebook(tmp_path / "other.ipynb", parameters='study: str = ""\ndeep: bool = False')
    jobs = plan_jobs(study, [notebook, other], settings={"level": "1", "deep": "true"})
    assert [dict(job.parameters) for job in jobs] == [{"level": 1.0}, {"deep": True}]
    assert plan_jobs(study, [notebook])[0].key != jobs[0].key
    for wrong, message in [
        ({"levle": "1"}, "no parameter named levle"),
        ({"level": "high"}, "level=high: it must be a number"),
        ({"level": "nan"}, "level=nan: it must be a finite number"),
        ({"deep": "yes"}, "deep=yes: it can be true or false"),
    ]:
        with pytest.raises(ValueError, match=message):
            plan_jobs(study, [notebook, other], settings=wrong)


def test_another_size_of_paper_is_another_report(study, notebook):
    a4, letter = (plan_jobs(study, [notebook], paper=paper)[0] for paper in ("a4", "us-letter"))
    assert a4.key != letter.key
    with pytest.raises(ValueError, match="paper: a5; choose from a4, us-letter"):
        plan_jobs(study, [notebook], paper="a5")


def test_an_empty_order_asks_nothing_of_a_notebook_that_does_not_know_it(study, notebook):
    (job,) = plan_jobs(study, [notebook], parameters={"period": "", "internal": False, "clinic_id": ""})
    assert dict(job.parameters) == {"clinic_id": ""}
    with pytest.raises(ValueError, match="unknown parameter 'period'"):
        plan_jobs(study, [notebook], parameters={"period": "2026"})


def test_wrong_orders_are_refused_before_anything_runs(study, notebook, tmp_path):
    with pytest.raises(ValueError, match="unknown parameter 'levle'"):
        plan_jobs(study, [notebook], parameters={"levle": 0.9})
    with pytest.raises(ValueError, match="choose from html, pdf"):
        plan_jobs(study, [notebook], formats=["docx"])
    with pytest.raises(ValueError, match="no such study folder"):
        plan_jobs(tmp_path / "none", [notebook])
    (tmp_path / "other").mkdir()
    with pytest.raises(ValueError, match="would both write"):
        plan_jobs(study, [notebook, write_notebook(tmp_path / "other" / "outcomes.ipynb")])


def test_report_that_is_as_it_must_be_is_left_alone(study, notebook, tmp_path):
    job = plan_jobs(study, [notebook])[0]
    assert why_build(job, tmp_path) == "new"
    pretend_published(job, tmp_path)
    assert why_build(job, tmp_path) is None
    assert why_build(job, tmp_path, force=True) == "forced"


def change_data(study, notebook):
    (study / "visits.csv").write_text("a,b\n1,2\n")


def add_file(study, notebook):
    (study / "more.csv").touch()


def change_code(study, notebook):
    write_notebook(notebook, code="2")


def run_in_jupyter(study, notebook):
    cells = nbformat.read(notebook, as_version=4)
    cells.cells[2].execution_count = 7
    cells.cells[2].outputs = [new_output("stream", text="1")]
    nbformat.write(cells, notebook)


@pytest.mark.parametrize(
    ("change", "order", "reason"),
    [
        (change_data, {}, "changed: study data"),
        (add_file, {}, "changed: study data"),
        (change_code, {}, "changed: notebook"),
        (run_in_jupyter, {}, None),
        (None, {"parameters": {"level": 0.9}}, "changed: parameters"),
        (None, {"formats": ["html"]}, "changed: formats"),
        (None, {"formats": ["pdf", "html"]}, None),
    ],
)
def test_reason_names_what_changed(study, notebook, tmp_path, change, order, reason):
    pretend_published(plan_jobs(study, [notebook])[0], tmp_path / "out")
    if change:
        change(study, notebook)
    assert why_build(plan_jobs(study, [notebook], **order)[0], tmp_path / "out") == reason


def test_another_version_of_a_library_or_of_the_package_is_a_change(study, notebook, tmp_path, monkeypatch):
    pretend_published(plan_jobs(study, [notebook])[0], tmp_path / "out")
    monkeypatch.setattr(fingerprints, "versions", lambda: {"numpy": "0"})
    monkeypatch.setattr(fingerprints, "of_package", lambda: "0")
    job = plan_jobs(study, [notebook])[0]
    assert why_build(job, tmp_path / "out") == "changed: library versions, package"


def test_missing_altered_or_linked_file_and_failed_report_are_built_again(study, notebook, tmp_path):
    job = plan_jobs(study, [notebook])[0]
    page = job.file(tmp_path, ".html")
    pretend_published(job, tmp_path)
    page.write_text("altered")
    assert why_build(job, tmp_path) == "files missing or altered"
    page.unlink()
    assert why_build(job, tmp_path) == "files missing or altered"
    (tmp_path / "same").write_text("html")
    page.symlink_to(tmp_path / "same")
    assert why_build(job, tmp_path) == "files missing or altered"
    page.unlink()
    manifest = pretend_published(job, tmp_path, status="stale")
    assert why_build(job, tmp_path) == "failed last time"
    manifest.write_text(json.dumps({"schema_version": 2}))
    assert why_build(job, tmp_path) == "new"
