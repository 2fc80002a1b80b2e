"""How long and how much memory rates take: ours by each route, today's build before the core, pandas and DuckDB's SQL.

`python benchmarks/scale.py [HIPS]`; 1 million if left out. Every part runs in a process of its own and says its
processor seconds, the time that passed and its peak of memory, imports not counted; before any ratio is printed all
have shown the same whole numbers. The cohort is a simulated one of 50,000 hips, repeated under other identifiers.
DuckDB takes part where it is installed (`pip install duckdb`); the build before the core is commit 58792fd.
"""

import contextlib
import hashlib
import importlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

# One core, and no threads of libraries, as the command sets it; read when these are loaded.
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

_MOST_IN_MEMORY = 2_000_000  # hips
BEFORE, ROOT = "58792fd", Path(__file__).parents[1]
TYPES = ["stretch_type", "side"]
BY = [*TYPES, "clinic_id"]


# ------------------------------------------------------------------------------ one part, in its own process


def before(folder: Path, visits: pd.DataFrame) -> pd.DataFrame:
    """Assessments in memory, by way of every table; also how it was before the core."""
    from analysis import change, rates, respond

    return rates(respond(change(visits)), TYPES)


def memory(folder: Path, visits: pd.DataFrame) -> pd.DataFrame:
    from analysis.answers.parts import asked_for
    from analysis.answers.rates_of_visits import rates_of_visits
    from analysis.protocol import builtin

    return rates_of_visits([visits], asked_for([TYPES], None, None, builtin()))[0]


def stream(folder: Path, visits: None, jobs: int = 1, scheduler: str | None = None) -> pd.DataFrame:
    from analysis.answers.parts import asked_for
    from analysis.hips.counted import columns_counted
    from analysis.intake.processed import blocks
    from analysis.outputs.routes import rates_of_blocks
    from analysis.protocol import builtin

    read = blocks(folder, columns_counted(BY, builtin()), builtin())
    return rates_of_blocks(read, asked_for([BY], None, None, builtin()), jobs, scheduler)[0]


def processes(folder: Path, visits: None) -> pd.DataFrame:
    """By two processes."""
    return stream(folder, visits, jobs=2)


def cluster(folder: Path, visits: None) -> pd.DataFrame:
    """On a Dask cluster of two workers, one of which is killed after two seconds."""
    from distributed import Client, LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as made:
        with Client(made) as client:
            first = next(iter(client.run(os.getpid).values()))
        threading.Timer(2, os.kill, (first, signal.SIGKILL)).start()
        return stream(folder, visits, scheduler=made.scheduler_address)


def floor(folder: Path, visits: None) -> None:
    """Reading the columns, and touching each."""
    from analysis.hips.counted import columns_counted
    from analysis.protocol import builtin

    file = parquet.ParquetFile(folder / "assessments.parquet")
    for number in range(file.num_row_groups):
        table = file.read_row_group(number, columns=columns_counted(BY, builtin()), use_threads=False)
        for column in table.itercolumns():
            for chunk in column.chunks:
                for buffer in filter(None, (chunk.indices if hasattr(chunk, "indices") else chunk).buffers()):
                    memoryview(buffer)[::64].tobytes()


def duckdb(folder: Path, visits: None) -> pd.DataFrame:
    from duck import rates_by_sql

    names = ["stretch_type", "side", "clinic_id", "n_hips", "n_patients", "n_evaluable", "n_responders"]
    return pd.DataFrame(rates_by_sql(folder / "assessments.parquet", clinic=True), columns=names)


def pandas(folder: Path, visits: None) -> pd.DataFrame:
    """The rates of one test alone by side and clinic, as people write it: pivot, subtract, group."""
    table = pd.read_parquet(folder / "assessments.parquet")
    hips = table.pivot(index=["patient_id", "clinic_id", "side", "episode"], columns="timepoint", values="hip_ir_deg")
    gain = (hips["post"] - hips["baseline"]).round(1)
    answer = (gain >= 5).where(gain.notna()).astype("boolean").rename("answer").reset_index()
    return answer.groupby(["clinic_id", "side"], observed=True)["answer"].agg(["count", "sum"])


PARTS = {part.__name__: part for part in (before, memory, stream, processes, cluster, floor, duckdb, pandas)}


def run_part(name: str, folder: Path) -> None:
    ours = ("analysis.answers.rates_of_visits", "analysis.hips.counted", "analysis.outputs.routes")
    for module in (*ours, "duck", "duckdb"):
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    visits = None
    if name in ("before", "memory"):
        from analysis.protocol import builtin
        from analysis.schema import conform

        visits = conform(pd.read_parquet(folder / "assessments.parquet"), "assessments", builtin())
    start, clock = time.process_time(), time.perf_counter()
    found = PARTS[name](folder, visits)
    seconds, elapsed = time.process_time() - start, time.perf_counter() - clock
    counts = None
    if found is not None and "n_hips" in found:
        groups = [group for group in BY if group in found]
        some = found[found["n_hips"] > 0].astype(dict.fromkeys(groups, "str")).sort_values(groups)
        counts = (
            some[[*groups, "n_hips", "n_patients", "n_evaluable", "n_responders"]].astype("object").to_numpy().tolist()
        )
    status = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines())
    peak = int(status["VmHWM"].split()[0]) / 1024  # getrusage would tell of the process that started this one too
    print(json.dumps({"seconds": seconds, "elapsed": elapsed, "megabytes": peak, "counts": counts}))


# ------------------------------------------------------------------------------------- the whole comparison


def measured(name: str, folder: Path, source: Path | None = None) -> dict | None:
    env = os.environ | ({"PYTHONPATH": str(source)} if source else {})
    command = [sys.executable, __file__, "--part", name, str(folder)]
    ended = subprocess.run(command, env=env, capture_output=True, text=True)
    if ended.returncode:
        print(f"  {name}: left out ({ended.stderr.strip().splitlines()[-1]})")
        return None
    return json.loads(ended.stdout)


def cohort(hips: int, folder: Path) -> Path:
    """Write a processed study of so many hips; only its assessments have rows."""
    import analysis
    from analysis.outputs.store import write_tables
    from analysis.pipeline import Tables
    from analysis.simulate import simulate, write_study

    few = folder / "few"
    if not few.exists():
        write_study(simulate(25_000, 1), few, "Benchmark")
    study, out = analysis.load(few), folder / f"hips{hips}"
    visits, nothing = study.assessments, pd.DataFrame()
    write_tables(study, Tables(visits.iloc[:0], study.interventions, *[nothing] * 4), out)
    number = pd.factorize(visits["patient_id"])[0]
    whole = pa.Table.from_pandas(visits, preserve_index=False)
    path = out / "assessments.parquet"
    rows = 0
    with parquet.ParquetWriter(path, whole.schema, write_page_checksum=True) as writer:
        copies = [visits[number < (hips - start) // 2] for start in range(0, hips, 50_000)]
        for first in range(0, len(copies), 3):  # half a million visits in a group of rows, as the package writes them
            parts = [
                part.assign(patient_id=f"{first + place:03}-" + part["patient_id"])
                for place, part in enumerate(copies[first : first + 3])
            ]
            table = pa.Table.from_pandas(pd.concat(parts), schema=whole.schema, preserve_index=False)
            writer.write_table(table, row_group_size=len(table))
            rows += len(table)
    manifest = json.loads((out / "manifest.json").read_text())
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    manifest["tables"][path.name] |= {"rows": rows, "sha256": sha256}
    (out / "manifest.json").write_text(json.dumps(manifest))
    return out


def main(hips: int, folder: Path) -> None:
    old = folder / "before"
    archive = subprocess.run(["git", "archive", BEFORE, "src"], cwd=ROOT, capture_output=True)
    old.mkdir()
    subprocess.run(["tar", "x"], cwd=old, input=archive.stdout, check=True)
    some, many = cohort(min(hips, 100_000), folder), cohort(hips, folder)
    n_some, whole = min(hips, 100_000), {}
    for name, source in (("before", old / "src"), ("tables", None), ("memory", None)):
        whole[name] = measured("before" if name == "tables" else name, some, source)
    assert whole["before"]["counts"] == whole["tables"]["counts"] == whole["memory"]["counts"]
    print(f"assessments in memory → rates by type and side, {n_some:,} hips, the same whole numbers")
    for name, found in whole.items():
        ratio = whole["before"]["seconds"] / found["seconds"]
        print(f"  {name:8} {1e6 * found['seconds'] / n_some:8.2f} µs a hip {found['megabytes']:8.0f} MB {ratio:8.1f} ×")
    if hips <= _MOST_IN_MEMORY:
        again = measured("memory", many)
        print(f"  memory, {hips:,} hips {1e6 * again['seconds'] / hips:8.2f} µs a hip {again['megabytes']:8.0f} MB")
    parts = ["floor", "stream", "processes", "cluster", "duckdb", *(["pandas"] if hips <= _MOST_IN_MEMORY else [])]
    found = {name: part for name in parts if (part := measured(name, many))}
    for name in ("processes", "cluster", "duckdb"):
        assert name not in found or found[name]["counts"] == found["stream"]["counts"], name
    print(f"Parquet → rates by type, side and clinic, {hips:,} hips (pandas: one test by side and clinic)")
    for name, part in found.items():
        spent, ratio = part["seconds"], part["seconds"] / found["floor"]["seconds"]
        own = f"{spent:8.2f} s {ratio:6.2f} × the floor" if name not in ("processes", "cluster") else " " * 27
        faster = found["stream"]["elapsed"] / part["elapsed"]
        print(f"  {name:10}{own} {part['elapsed']:8.2f} s elapsed, {faster:5.2f} × as fast as the stream", end="")
        print(f" {part['megabytes']:8.0f} MB in the first process")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--part"]:
        run_part(sys.argv[2], Path(sys.argv[3]))
    else:
        with TemporaryDirectory() as temporary:
            main(int(float(sys.argv[1])) if len(sys.argv) > 1 else 1_000_000, Path(temporary))
