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
def lab(tmp_path_factory) -> Iterator[str]:
    """A JupyterLab server on copies of the notebooks, with settings of its own; gone with the tests."""
    home = tmp_path_factory.mktemp("lab")
    shutil.copytree(ROOT / "notebooks", home / "project/notebooks", ignore=shutil.ignore_patterns(".*"))
    put_report_before_tour(home / "project/notebooks")
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
