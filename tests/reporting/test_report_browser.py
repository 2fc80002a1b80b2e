"""The pages in a real browser: nothing is fetched, nothing complains, everyone can use them."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from playwright.sync_api import Browser, Page, expect, sync_playwright

from analysis.reporting.build import export
from analysis.reporting.execution.execute import execute
from analysis.reporting.publishing.index import Entry, Link, render

WHEN = datetime(2026, 5, 4, 13, 30, tzinfo=UTC)
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
DEMO = Path(__file__).parents[2] / "data" / "raw" / "demo"

# What axe-core calls serious, written out: language, title, landmarks, one h1, unbroken outline, names of images
# and controls, headers of tables, unique ids, and contrast of 4.5 to 1 (3 to 1 for large text).
FAULTS = """() => {
  const faults = [], all = (selector) => [...document.querySelectorAll(selector)];
  const seen = (e) => e.checkVisibility() && e.getClientRects().length;
  if (!document.documentElement.lang) faults.push("no language");
  if (!document.title) faults.push("no title");
  if (all("main").length !== 1 || all("h1").length !== 1) faults.push("not one main and one h1");
  let last = 0;
  for (const h of all("h1,h2,h3,h4,h5,h6").filter(seen)) {
    const level = Number(h.tagName[1]);
    if (level > last + 1 || !h.textContent.trim()) faults.push("heading " + h.outerHTML);
    last = level;
  }
  for (const i of all("img")) if (!i.alt.trim()) faults.push("image without words");
  for (const e of all("a,button,input,select,[role=region]").filter(seen))
    if (!(e.getAttribute("aria-label") || e.labels?.[0]?.textContent || e.textContent || "").trim())
      faults.push("no name: " + e.outerHTML);
  for (const e of all("div,pre").filter((e) => e.scrollWidth > e.clientWidth + 1
      && getComputedStyle(e).overflowX === "auto"))
    if (e.tabIndex !== 0) faults.push("scrolls, but not by keyboard: " + e.className);
  for (const t of all("table")) {
    if (!t.querySelector("th[scope=col]")) faults.push("table without column headers");
    if (!t.caption && !t.getAttribute("aria-labelledby")) faults.push("table without a name");
  }
  const ids = all("[id]").map((e) => e.id);
  if (new Set(ids).size !== ids.length) faults.push("double id");
  const parts = (colour) => (colour.match(/[\\d.]+/g) || []).map(Number);
  const linear = (v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = (c) => [0, 1, 2].map((k) => linear(c[k] / 255))
    .reduce((sum, v, k) => sum + v * [0.2126, 0.7152, 0.0722][k], 0);
  const behind = (e) => { for (; e; e = e.parentElement) { const c = parts(getComputedStyle(e).backgroundColor);
    if (c.length === 3 || c[3] === 1) return c; } return [255, 255, 255]; };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n; (n = walker.nextNode());) {
    const e = n.parentElement, style = getComputedStyle(e);
    if (!n.data.trim() || !seen(e) || e.closest("script,style,option")) continue;
    const [a, b] = [light(parts(style.color)), light(behind(e))].sort((x, y) => y - x);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.7 && style.fontWeight >= 700);
    if ((a + 0.05) / (b + 0.05) < (large ? 3 : 4.5)) faults.push("contrast: " + n.data.trim().slice(0, 40));
  }
  return [...new Set(faults)];
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert path, "these tests need Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.requests, page.complaints = [], []
    page.on("request", lambda request: page.requests.append(request.url))
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    yield page
    page.close()


def check(page: Page, path: Path) -> None:
    """Open a page over file:// on a narrow screen, light and dark, and look for every fault we know of."""
    page.goto(path.as_uri())
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate(FAULTS) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert [url for url in page.requests if not url.startswith("data:")] == [path.as_uri()]
    assert page.complaints == []


@pytest.fixture(scope="module", params=["responders", "left_right"])
def report(request, tmp_path_factory) -> Path:
    source = nbformat.read(NOTEBOOKS / f"{request.param}.ipynb", as_version=4)
    execution = execute(source, {"study": str(DEMO)}, NOTEBOOKS)
    assert execution.failure is None
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_bytes(export(execution.notebook, "html"))
    return path


def test_report_page_is_sound(page, report):
    check(page, report)


def test_page_of_others_outputs_is_sound(page, tmp_path):
    cells = [
        new_markdown_cell("# Others\n\n## Part\n\n| a | b |\n|---|---|\n| 1 | 2 |"),
        new_code_cell("import pandas as pd\nwide = pd.DataFrame([range(30)] * 3)\nwide"),
        new_code_cell("wide.style.background_gradient().set_caption('Styled')"),
        new_code_cell("import matplotlib.pyplot as plt\nplt.plot([1, 2]);"),
        new_code_cell("print('x' * 300)"),
    ]
    executed = execute(new_notebook(cells=cells), {}, tmp_path).notebook
    path = tmp_path / "others.html"
    path.write_bytes(export(executed, "html"))
    page.goto(path.as_uri())
    assert page.locator("table").count() == 3
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.complaints == []
    # pandas writes no scope and no caption, and a figure without a description has none.
    assert [fault for fault in page.evaluate(FAULTS) if not fault.startswith("table without")] == []


def entry(number: int) -> Entry:
    status = "failed" if number % 100 == 7 else "fresh"
    link = Link("HTML", f"r{number}.html", "20 KB")
    return Entry("Spring", f"Report {number % 5}", f"Clinic C{number // 5:03}", status, "", (), (link,), WHEN)


@pytest.fixture(scope="module")
def index(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("index") / "index.html"
    path.write_text(render([entry(number) for number in range(2000)]), encoding="utf-8")
    return path


def shown(page: Page) -> str:
    return page.locator("#count").inner_text()


def test_index_of_2000_reports_is_sound(page, index):
    check(page, index)
    assert shown(page) == "2000 of 2000 reports"


def test_index_is_searched_filtered_and_sorted_with_the_keyboard_alone(page, index):
    page.set_viewport_size({"width": 1200, "height": 800})
    page.goto(index.as_uri())
    page.keyboard.press("/")
    page.keyboard.type("spring c123")
    expect(page.locator("#count")).to_have_text("5 of 2000 reports")
    assert page.locator("tbody tr:visible", has_text="Clinic C123").count() == 5
    page.keyboard.press("Escape")
    assert shown(page) == "2000 of 2000 reports"
    page.get_by_label("Status").focus()
    page.keyboard.type("Failed")
    expect(page.locator("#count")).to_have_text("20 of 2000 reports")
    heading = page.get_by_role("button", name="About")
    heading.focus()
    for order, first in (("ascending", "Clinic C001"), ("descending", "Clinic C381")):
        page.keyboard.press("Enter")
        assert page.locator("th[aria-sort]").get_attribute("aria-sort") == order
        assert first in page.locator("tbody tr:visible").first.inner_text()


def test_index_of_2000_reports_answers_without_lag(page, index):
    page.goto(index.as_uri())
    took = page.evaluate(
        """() => { const times = []; const search = document.getElementById("search");
        for (const text of ["c", "c1", "c12", ""]) {
          const start = performance.now();
          search.value = text; search.dispatchEvent(new Event("input"));
          document.querySelector("select").dispatchEvent(new Event("change"));
          document.body.offsetHeight; times.push(performance.now() - start); }
        return Math.max(...times); }"""
    )
    assert took < 500  # ms, on a slow and busy machine


def test_index_without_its_script_is_whole(browser, index):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(index.as_uri())
    assert page.locator("tbody tr").count() == 2000
    assert not page.locator("#tools").is_visible()
    context.close()
