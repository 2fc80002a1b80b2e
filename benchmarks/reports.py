"""Reports per core-second: this factory against stock papermill, nbconvert and Chromium, in one run.

`python benchmarks/reports.py [BATCH]` prints ratios; BATCH is how many clinics the batch has (100, with five
notebooks each). Both sides run compiled. The stock way is measured twice, and both ratios are printed:

- as commands, which is what people type: `papermill`, `nbconvert --to html`, `nbconvert --to webpdf`, each a process;
- in one warm process, the kindest reading: papermill and nbconvert stay loaded, and Chromium prints the HTML.

webpdf looks only for playwright's own Chromium; here it is told to take the machine's.
"""

import compileall
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import nbformat
import papermill
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import analysis
from analysis.cli.notebooks import report_notebooks
from analysis.factory.exporters.nbconvert_entry import CapsulePDFExporter
from analysis.factory.factory import Outcome, Summary, build_reports
from analysis.factory.publishing.verify import verify
from analysis.machine.processes import adopt_orphans
from analysis.report.scope import fingerprints, prepare
from analysis.simulate import CohortParameters, simulate
from analysis.simulate.study import write_study

ROOT = Path(analysis.__file__).parents[2]
PARAMETERS = 'study: str = ""\nclinic_id: str = ""'
SENTINEL = "{'title': 'Tips', 'subtitle': clinic_id, 'study': '', 'marks': [], 'provenance': []}"
KERNEL = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}

WEBPDF = """
import sys
from functools import partialmethod
from playwright.async_api import BrowserType
BrowserType.launch = partialmethod(BrowserType.launch, executable_path=sys.argv.pop(1))
from nbconvert.nbconvertapp import main
main()
"""


def cpu() -> float:
    """Return the core-seconds of this process and of all children it has waited for."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def chromium() -> str:
    """Return the machine's Chromium."""
    return shutil.which("chromium") or shutil.which("google-chrome") or ""


def others_notebook(folder: Path) -> Path:
    """Write a notebook as an analyst might: 20,000 rows, three tables, four figures."""
    cells = [
        "import matplotlib.pyplot as plt, numpy as np, pandas as pd, seaborn as sns\nsns.set_theme()",
        "rng = np.random.default_rng(1)\nn = 20_000\ndf = pd.DataFrame({'site': rng.choice(list('ABCDEF'), n), "
        "'side': rng.choice(['left', 'right'], n), 'before': rng.normal(25, 8, n), 'age': rng.integers(18, 80, n)})\n"
        "df['after'] = df.before + rng.normal(4, 5, n)\ndf['gain'] = df.after - df.before",
        "df.describe().round(2)",
        "df.groupby(['site', 'side']).gain.agg(['count', 'mean', 'std']).round(2)",
        "df.pivot_table(index=pd.cut(df.age, 6).astype(str), columns='side', values='gain').round(2)",
        "fig, ax = plt.subplots(figsize=(8, 4))\nax.hist(df.gain, bins=60)\nax.set_title('Gain');",
        "plt.figure(figsize=(8, 4))\nsns.boxplot(data=df, x='site', y='gain', hue='side');",
        "plt.figure(figsize=(8, 4))\nsns.kdeplot(data=df, x='before', hue='side', fill=True);",
        "sns.lmplot(data=df.sample(2000, random_state=1), x='before', y='after', hue='side', seed=1);",
        f"display({{'application/vnd.capsule.report+json': {SENTINEL}, 'text/plain': 'end'}}, raw=True)",
    ]
    parameters = new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})
    all_cells = [new_markdown_cell("# Tips"), parameters, *map(new_code_cell, cells)]
    path = folder / "others.ipynb"
    nbformat.write(new_notebook(cells=all_cells, metadata={**KERNEL, "language_info": {"name": "python"}}), path)
    return path


def stock(notebook: Path, study: Path, clinics: list[str], folder: Path) -> None:
    """Make reports as one does without this package; kernels are fresh, the rest of the process is warm."""
    from nbconvert import HTMLExporter

    for clinic in clinics:
        out = folder / f"{clinic}.ipynb"
        given = {"study": str(study), "clinic_id": clinic}
        papermill.execute_notebook(notebook, out, given, progress_bar=False, cwd=notebook.parent, kernel_name="python3")
        body, _ = HTMLExporter(exclude_input=True).from_filename(str(out))
        page = out.with_suffix(".html")
        page.write_text(body, encoding="utf-8")
        command = [chromium(), "--headless=new", "--no-sandbox", f"--user-data-dir={folder / 'profile'}"]
        printed = out.with_suffix(".pdf")
        subprocess.run([*command, f"--print-to-pdf={printed}", page.as_uri()], check=True, capture_output=True)
        assert printed.stat().st_size > 1000


def commands(notebook: Path, study: Path, clinics: list[str], folder: Path) -> None:
    """Make reports with the three commands one would type."""
    for clinic in clinics:
        out = folder / f"{clinic}.ipynb"
        given = ["-p", "study", str(study), "-r", "clinic_id", clinic, "--cwd", str(notebook.parent)]
        papermill_command = ["-m", "papermill", str(notebook), str(out), "-k", "python3", "--no-progress-bar", *given]
        webpdf = ["-c", WEBPDF, chromium(), "--to", "webpdf", "--WebPDFExporter.disable_sandbox=True"]
        for command in (papermill_command, ["-m", "nbconvert", "--to", "html"], webpdf):
            rest = [] if command is papermill_command else ["--no-input", str(out)]
            subprocess.run([sys.executable, *command, *rest], check=True, capture_output=True)
        assert out.with_suffix(".html").stat().st_size > 1000
        assert out.with_suffix(".pdf").stat().st_size > 1000


def outputs(notebook: Path, engine: str, study: Path, clinic: str) -> list[object]:
    """Return what the cells of a notebook put out under one engine."""
    given = {"study": str(study), "clinic_id": clinic}
    executed = papermill.execute_notebook(notebook, None, given, engine, progress_bar=False, kernel_name="python3")
    return [cell.get("outputs") for cell in executed.cells]


def ours(notebook: Path, study: Path, clinics: list[str], folder: Path) -> None:
    """Make the same reports here."""
    summary = build_reports(study, [notebook], folder, by="clinic_id", groups=clinics, jobs=1)
    assert len(summary.built) == len(clinics) + 1


def core_seconds(side: str, notebook: Path, study: Path, clinics: list[str]) -> float:
    """Run one side in a process of its own and return its core-seconds, start and end included."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        arguments = json.dumps([str(notebook), str(study), clinics, folder])
        before = cpu()
        subprocess.run([sys.executable, __file__, side, arguments], check=True, env=plain(), stderr=subprocess.DEVNULL)
        return cpu() - before


def plain() -> dict[str, str]:
    """Return the environment without what would keep Python from using compiled files."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def compare(name: str, notebook: Path, study: Path, clinics: list[str]) -> float:
    """Print how many times more reports a core-second gives here, and return what one costs stock and warm.

    Here it is the cost of one report more in a batch; the start of a batch is printed beside it.
    """
    same = outputs(notebook, "nbclient", study, clinics[0]) == outputs(notebook, "capsule", study, clinics[0])
    there = core_seconds("stock", notebook, study, clinics[:3]) / 3
    typed = core_seconds("commands", notebook, study, clinics[:2]) / 2
    few, many = (core_seconds("ours", notebook, study, clinics[:n]) for n in (1, len(clinics)))
    here = (many - few) / (len(clinics) - 1)
    ratios = f"{typed / here:5.1f} times commands {typed:5.2f}, {there / here:5.1f} times stock kept warm {there:5.2f}"
    print(f"{name:14} ours {here:4.2f} core-s a report: {ratios}")
    print(f"{'':14} start {few - 2 * here:.1f} core-s; same outputs: {same}", flush=True)
    return there


def batch(study: Path, folder: Path, stock_cost: float, jobs: int = 2) -> None:
    """Build five notebooks for every clinic, one of them to fail, and the same batch again."""
    loaded, tables = prepare(study)
    groups = fingerprints(loaded, tables, "clinic_id")
    notebooks = five(folder, min(groups))
    sizes: list[float] = []

    def progress(done: int, total: int, outcome: Outcome) -> None:
        if done in (50, total - 10):
            sizes.append(build_server_megabytes())

    def run() -> tuple[Summary, float, float]:
        start, core = time.perf_counter(), cpu()
        summary = build_reports(
            study, notebooks, folder / "out", by="clinic_id", groups=groups, jobs=jobs, progress=progress
        )
        return summary, time.perf_counter() - start, cpu() - core

    first, wall, core = run()
    print(f"batch        {len(first.built)} built, {len(first.failed)} failed, {wall:.0f} s, {core:.0f} core-s")
    made = core / len(first.built)
    print(
        f"             {made:.2f} core-s a report, start included: {stock_cost / made:.1f} times stock kept warm",
        flush=True,
    )
    print(f"memory       build server {sizes[0]:.0f} MB at report 50, {sizes[1]:.0f} MB near the end")
    print(f"verify       {len(verify(folder / 'out'))} findings")
    again, wall2, _ = run()
    print(
        f"second run   {len(again.skipped)} up to date, {len(again.failed)} tried again, {wall2 / wall:.1%} of the time"
    )


def shipped() -> list[Path]:
    """Return five of the report notebooks that ship."""
    return report_notebooks(ROOT / "notebooks")[:5]


def five(folder: Path, fails: str) -> list[Path]:
    """Copy five of the notebooks that ship; in one, a clinic fails."""
    for number, notebook in enumerate(shipped()):
        source = nbformat.read(notebook, as_version=4)
        if number == 4:
            source.cells.insert(2, new_code_cell(f"assert clinic_id != {fails!r}"))
        nbformat.write(source, folder / f"report_{number}.ipynb")
    return sorted(folder.glob("report_*.ipynb"))


def build_server_megabytes() -> float:
    """Return the memory of the build server, which is the only process that lives as long as the batch."""
    import psutil

    server = [child for child in psutil.Process().children() if "build_server" in " ".join(child.cmdline())]
    return server[0].memory_info().rss / 1e6


def pdf_seconds(study: Path) -> tuple[float, float]:
    """Return the seconds of the PDF step, the first time and in the median of five."""
    notebook = ROOT / "notebooks" / "left_right.ipynb"
    executed = papermill.execute_notebook(
        notebook, None, {"study": str(study)}, "capsule", progress_bar=False, kernel_name="python3"
    )
    times = []
    for _ in range(5):
        start = time.perf_counter()
        CapsulePDFExporter().from_notebook_node(executed)
        times.append(time.perf_counter() - start)
    return times[0], sorted(times)[2]


def main(clinics: int) -> None:
    """Print all ratios."""
    compileall.compile_dir(ROOT / "src", quiet=1)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        demo = ROOT / "data" / "raw" / "demo"
        clinic_ids = [f"C{number:02}" for number in range(1, 13)]
        print("pdf step     {:.3f} s the first time in a process, {:.3f} s after".format(*pdf_seconds(demo)))
        compare("others'", others_notebook(folder), demo, [f"x{number:02}" for number in range(16)])
        stock_cost = [compare(notebook.stem, notebook, demo, clinic_ids) for notebook in shipped()]
        cohort = simulate(patients=40 * clinics, seed=7, parameters=CohortParameters(clinics=clinics))
        study = write_study(cohort, folder / "many", "Many")
        batch(study, folder, sum(stock_cost) / len(stock_cost))


if __name__ == "__main__":
    if sys.argv[1:2] in (["stock"], ["commands"], ["ours"]):
        notebook, study, ids, out = json.loads(sys.argv[2])
        adopt_orphans()
        {"stock": stock, "commands": commands, "ours": ours}[sys.argv[1]](Path(notebook), Path(study), ids, Path(out))
        # Chromium leaves its helpers unburied; their core-seconds count too.
        with suppress(ChildProcessError):
            while True:
                os.waitpid(-1, 0)
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
