"""How much faster hips are classified than by applying the same rules hip by hip; printed as a ratio."""

import compileall
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

import analysis
from analysis.hips.classify import baseline_hips, classify
from analysis.hips.criteria import answers_of, by_hip
from analysis.hips.decide import decide
from analysis.protocol import builtin
from analysis.schema import conform
from analysis.simulate import simulate, write_study


def cohort(people: int, folder: Path) -> pd.DataFrame:
    """Return the assessments of a synthetic cohort."""
    write_study(simulate(people, 1), folder, "Benchmark")
    return analysis.read_study(folder).assessments


def seconds(task: Callable[[], object]) -> float:
    """Return the best of three runs."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        task()
        times.append(time.perf_counter() - start)
    return min(times)


def main(folder: Path) -> None:
    """Print hips per second of both ways, and their ratio, for the same answers."""
    compileall.compile_dir(Path(analysis.__file__).parent, quiet=1)
    protocol = builtin()
    visits = cohort(5_000, folder / "cohort")
    hips = baseline_hips(conform(visits, "assessments", protocol), protocol)
    answers = answers_of(hips, protocol)

    def one_by_one() -> list[str]:
        return [decide(hip, protocol).stretch_type for hip in by_hip(answers, protocol)]

    assert classify(visits)["stretch_type"].astype(str).tolist() == one_by_one()
    table, loop = seconds(lambda: classify(visits)), seconds(one_by_one)
    print(f"classify, {len(hips):,} hips, {np.unique(answers, axis=1).shape[1]:,} distinct answers")
    print(f"  by table    {len(hips) / table:12,.0f} hips/s")
    print(f"  hip by hip  {len(hips) / loop:12,.0f} hips/s")
    print(f"  ratio       {loop / table:12.1f}")


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as temporary:
        main(Path(temporary))
