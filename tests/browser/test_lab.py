"""JupyterLab in a real browser, as `capsule lab` starts it: notebooks run to their end and show figures."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import nbformat
import pytest
from playwright.sync_api import Locator, Page, expect

import analysis as hips
from analysis.cli.notebooks import TOUR, lab_command, lab_environment

ROOT = Path(__file__).parents[2]
TOKEN = "for-this-test-only"
START, RUN = 300, 300  # seconds; an idle machine needs ten
SERVER = ["--no-browser", "--ip=127.0.0.1", "--port=0", "--allow-root", f"--IdentityProvider.token={TOKEN}"]
# It would start R and, three times, node to learn what helps with other languages.
SERVER.append("--LanguageServerManager.autodetect=False")


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="module")
def lab(home) -> Iterator[str]:
    """A JupyterLab server on copies of the notebooks, with settings of its own; gone with the tests."""
    shutil.copytree(ROOT / "notebooks", home / "project/notebooks", ignore=shutil.ignore_patterns(".*"))
    put_report_before_tour(home / "project/notebooks")
    put_form(home / "project/notebooks")
    (home / "project/data").symlink_to(ROOT / "data")
    # Nothing of the person's own reaches in: every folder of Jupyter and IPython lies under HOME unless these say else.
    theirs = {name for name in os.environ if name.startswith(("JUPYTER", "IPYTHON", "XDG_"))}
    own = {name: value for name, value in lab_environment().items() if name not in theirs} | {"HOME": str(home)}
    own["JUPYTER_CONFIG_PATH"] = lab_environment()["JUPYTER_CONFIG_PATH"]
    command = [*lab_command(home / "project/notebooks"), *SERVER]
    with (home / "log").open("w") as log:
        # A session of its own, so that kernels go when the server is ended, whatever happens here.
        server = subprocess.Popen(command, env=own, stdout=log, stderr=log, start_new_session=True)
        try:
            yield address(home / "log", server)
        finally:
            end(server)


def put_report_before_tour(notebooks: Path) -> None:
    """Make one notebook of two: opening another takes JupyterLab and a kernel as long as running it."""
    report, tour = (nbformat.read(notebooks / name, as_version=4) for name in ("responders.ipynb", TOUR))
    form = nbformat.v4.new_code_cell("hips.readings(study)")
    tour.cells = [*report.cells, *tour.cells[:-1], form, tour.cells[-1]]
    nbformat.write(tour, notebooks / TOUR)


SENT = "label,which,ir pre,ir post\np1,A,10,16\np1,B,11,x\n<b>p2</b>,A,9,9\n<b>p2</b>,B,9,12\n"
FORM = """\
import analysis as hips

hips.start_form("../sent/hips.csv", out="../started")"""


def put_form(notebooks: Path) -> None:
    """Make a notebook that asks what only a person knows of a file."""
    tour = nbformat.read(notebooks / TOUR, as_version=4)
    form = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(FORM)], metadata=tour.metadata)
    nbformat.write(form, notebooks / "form.ipynb")
    (notebooks.parent / "sent").mkdir()
    (notebooks.parent / "sent/hips.csv").write_text(SENT)


def end(server: subprocess.Popen) -> None:
    os.killpg(server.pid, signal.SIGTERM)
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait(10)


def address(log: Path, server: subprocess.Popen) -> str:
    """Wait until the server answers, and return where."""
    until = time.monotonic() + START
    while time.monotonic() < until and server.poll() is None:
        found = [word for word in log.read_text().split() if word.startswith("http://127.0.0.1:")]
        if found:
            base = found[0].split("/lab")[0]
            try:
                urlopen(f"{base}/api/status?token={TOKEN}", timeout=5).close()
                return base
            except URLError:
                pass
        time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()}")


@pytest.fixture
def page(browser) -> Iterator[Page]:
    # Lab renders only the cells in view, so the view is as long as the notebook.
    page = browser.new_page(viewport={"width": 1200, "height": 12000})
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))
    yield page
    page.close()


def run_all(page: Page, base: str, notebook: str) -> None:
    page.goto(f"{base}/lab/workspaces/{Path(notebook).stem}/tree/notebooks/{notebook}?token={TOKEN}")
    expect(page.locator(".jp-Notebook-cell").first).to_be_visible(timeout=START * 1000)
    wait_for_kernel(page, base, notebook)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()


def wait_for_kernel(page: Page, base: str, notebook: str) -> None:
    """Wait until the page is connected; what is run earlier is dropped without a word."""
    for _ in range(START * 5):
        sessions = page.request.get(f"{base}/api/sessions?token={TOKEN}").json()
        kernels = [session["kernel"] for session in sessions if session["path"] == f"notebooks/{notebook}"]
        if kernels and kernels[0]["execution_state"] == "idle" and kernels[0]["connections"]:
            return
        page.wait_for_timeout(200)
    raise RuntimeError("the kernel did not start")


def finished(page: Page, figures: int) -> Locator:
    """Wait until all cells have run without a complaint and show so many figures; return the last cell."""
    last = page.locator(".jp-CodeCell").last
    expect(last.locator(".jp-InputPrompt")).to_have_text(re.compile(r"\[\d+\]"), timeout=RUN * 1000)
    expect(last.locator(".jp-OutputArea-output")).to_be_visible()
    expect(page.locator("[data-mime-type='application/vnd.jupyter.error']")).to_have_count(0)
    expect(page.locator("[data-mime-type='application/vnd.jupyter.stderr']")).to_have_count(0)
    expect(page.locator(".Toastify__toast")).to_have_count(0)  # such as: shall it fetch news?
    too_long = "cells => cells.filter(cell => cell.scrollWidth > cell.clientWidth).map(cell => cell.innerText)"
    assert page.locator(".jp-CodeCell .cm-scroller").evaluate_all(too_long) == []
    images = page.locator(".jp-OutputArea-output img")
    expect(images).to_have_count(figures)
    for image in images.all():
        assert image.evaluate("image => image.complete && image.naturalWidth > 100")
    return last


def check_readings(page: Page) -> None:
    """Every vague rule is a choice, the answer follows it at once, and is that of the same reading in Python."""
    form = hips.readings(hips.load(ROOT / "data/raw/demo"))
    section = page.locator("section.readings")
    choices, chosen = section.locator("select"), [0] * len(form.decisions)
    assert choices.count() == len(form.decisions)
    for number in (0, len(chosen) - 1):
        chosen[number] = len(form.decisions[number].options) - 1
        choices.nth(number).select_option(index=chosen[number])
        reading = 0
        for place, decision in zip(chosen, form.decisions, strict=True):
            reading = reading * len(decision.options) + place
        expected = [answer.said[answer.of_reading[reading]] for answer in form.answers]
        assert section.locator("[data-answer]").all_inner_texts() == expected


def check_fetched(page: Page, lab: str) -> None:
    here = (lab, lab.replace("http", "ws"), "data:", "blob:")
    assert [url for url in page.asked if not url.startswith(here)] == []


def test_a_report_and_the_tour_run_show_their_figures_and_names_are_completed_by_tab(lab, page):
    run_all(page, lab, TOUR)
    last = finished(page, figures=3)
    check_readings(page)
    offered = {"hips.": "compare_sides", "study.": "problems", "tables.changes.": "hip_ir_deg_change"}
    for typed, name in offered.items():
        last.locator(".cm-content").click()
        page.keyboard.press("ControlOrMeta+A")
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
        expect(page.locator(".jp-Completer-item").filter(has_text=name).first).to_be_attached()
        page.keyboard.press("Escape")
    check_fetched(page, lab)


def test_the_questions_of_a_study_are_a_form_that_writes_what_was_answered(lab, home, page):
    run_all(page, lab, "form.ipynb")
    form = page.locator(".jp-OutputArea-output .widget-vbox").first
    expect(form.get_by_text(re.compile(r"^\d+ of \d+ questions are open\.$"))).to_be_visible(timeout=RUN * 1000)
    # What the file holds is text, not a part of the page.
    expect(form.get_by_text('"label" holds <b>p2</b>, p1').first).to_be_attached()
    expect(form.locator("b").filter(has_text=re.compile("^p2$"))).to_have_count(0)

    def field(question: str) -> Locator:
        box = form.locator(".widget-vbox").filter(has_text=question)
        return box.last.locator("select, input")

    field("call this study").fill("Autumn")
    field("call this study").press("Enter")
    field("who a person is").select_option("label")
    field("left from right").select_option("which")
    # The answer leads to two more questions, which stand in the form at once.
    for word, side in {"A": "left", "B": "right"}.items():
        field(f'what does "{word}" mean').select_option(side)
    field("stand for a missing reading").select_option("yes (proposed)")
    form.get_by_role("button", name="Write study.toml").click()
    expect(form.get_by_text("study.toml: written, with")).to_be_visible()
    check_fetched(page, lab)

    assert 'na_values = ["x"]\n' in (home / "project/started/study.toml").read_text()
    study = hips.load(home / "project/started")
    assert study.name == "Autumn"
    rows = study.assessments[["patient_id", "side", "timepoint", "hip_ir_deg"]].astype("object")
    assert rows.values.tolist()[-3:] == [
        ["p1", "left", "baseline", 10], ["p1", "left", "post", 16], ["p1", "right", "baseline", 11]]  # fmt: skip
