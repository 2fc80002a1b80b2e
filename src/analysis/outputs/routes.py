"""Rates of a processed study: its blocks gone through here, by several processes, or on a Dask cluster.

A block leaves the same whole numbers wherever it is counted, and these add up exactly, so every route gives the same
rates to the last bit. Counting a block has no effect outside: where a worker is lost another does its blocks again.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import cache, lru_cache, partial
from importlib import metadata
from multiprocessing.context import BaseContext

import pandas as pd

from analysis.answers.parts import Asked, Part, part_of
from analysis.answers.rates_of_visits import rates_of_parts
from analysis.hips.classify import Known
from analysis.intake.processed import Blocks
from analysis.machine.processes import ON_LINUX, may_fork
from analysis.usererror import UserError

Each = Callable[[Callable[[int], Part], Sequence[int]], Iterable[Part]]
_BLOCKS_A_PROCESS = 8  # with fewer a further process costs more to start than it saves


def processes_for(blocks: Blocks) -> int:
    """Return by how many processes blocks are worth going through on this machine."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(min(cores, len(blocks) // _BLOCKS_A_PROCESS), 1)


def route_in_words(blocks: Blocks, jobs: int | None = None, scheduler: str | None = None) -> str:
    """Return how blocks are gone through, for the provenance.

    Parameters
    ----------
    blocks, jobs, scheduler
        As for :func:`rates_of_blocks`.
    """
    jobs, n = jobs or processes_for(blocks), f"{len(blocks)} {'block' if len(blocks) == 1 else 'blocks'}"
    if scheduler:
        return f"{n} on a Dask cluster"
    return n if jobs == 1 else f"{n} by {jobs} processes"


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Pause the collector of garbage: arrays make none, and to look through all that is loaded takes a tenth."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@_collector_paused()
def rates_of_blocks(
    blocks: Blocks, asked: Asked, jobs: int | None = None, scheduler: str | None = None
) -> list[pd.DataFrame]:
    """Return rates, one table for each grouping.

    Parameters
    ----------
    blocks
        With the columns that are asked for; see :func:`analysis.hips.counted.columns_counted`.
    asked
        What is counted.
    jobs
        How many processes; left out, as many as are worth it.
    scheduler
        Of a Dask cluster whose workers have this version of the package and see the file under the same path.

    Raises
    ------
    StudyError
        The file is not as it was written, also on a worker.
    UserError
        ``dask.distributed`` is not installed, no scheduler answers, or a worker has another version.
    OSError
        A process of this machine was killed, mostly for want of memory.
    """
    jobs = 1 if scheduler else jobs or processes_for(blocks)
    with _on_cluster(scheduler) if scheduler else _here(jobs) as each:
        parts = list(each(partial(count_block, blocks, asked, versions()), range(len(blocks))))
    with ThreadPoolExecutor(jobs) as threads:  # only now: a process with threads cannot be forked
        return rates_of_parts(parts, asked, threads.map)


@_collector_paused()
def count_block(blocks: Blocks, asked: Asked, wanted: tuple[str, ...], number: int) -> Part:
    """Return what rates need of one block; called in other processes, which must have the ``wanted`` versions."""
    if versions() != wanted:
        raise UserError("a worker has another version of this program or of a library; install the same everywhere")
    return part_of(blocks[number], asked, _decisions(asked.protocol.model_dump_json()))


@cache
def versions() -> tuple[str, ...]:
    """Return the versions that what a block leaves hangs on."""
    return tuple(metadata.version(name) for name in ("capsule-outcomes", "numpy", "pandas", "pyarrow"))


@lru_cache(maxsize=1)
def _decisions(protocol: str) -> Known:
    """Return where decisions on classes are kept for further blocks under a protocol; a worker may live for long."""
    return Known({}, {})


@contextmanager
def _here(jobs: int) -> Iterator[Each]:
    if jobs == 1:
        yield map
        return
    try:
        with ProcessPoolExecutor(jobs - 1, _way_to_start(), _begin) as pool:
            yield partial(_shared, pool, jobs - 1)
    except BrokenProcessPool:
        why = "a process that counted was killed, mostly for want of memory; use fewer (--jobs 1)"
        raise OSError(None, why) from None


def _begin() -> None:
    """Begin a further process: Ctrl-C ends the first one, which ends this; where that one is killed, so is this."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)  # nobody is left to hear of it


def _way_to_start() -> BaseContext:
    """Return how further processes start: as forks of this one, which has all loaded, where that is sound."""
    if may_fork():
        return multiprocessing.get_context("fork")
    if not ON_LINUX:
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])  # what takes long to load is loaded once
    return context


def _shared(pool: Executor, n_others: int, count: Callable[[int], Part], numbers: Sequence[int]) -> list[Part]:
    """Go through blocks in other processes, each of which has one more at hand, and here; this one takes the last."""
    left, given, here = deque(numbers), dict[int, Future[Part]](), dict[int, Part]()
    while left:
        done = [future for future in given.values() if future.done()]
        for future in done:
            future.result()  # a fault there ends all at once
        busy = len(given) - len(done)
        for number in [left.popleft() for _ in range(min(2 * n_others - busy, len(left)))]:
            given[number] = pool.submit(count, number)
        if left:
            number = left.pop()
            here[number] = count(number)
    return [here[number] if number in here else given[number].result() for number in numbers]


@contextmanager
def _on_cluster(scheduler: str) -> Iterator[Each]:
    try:
        from distributed import Client
    except ImportError:
        raise UserError("--scheduler needs dask.distributed: pip install 'capsule-outcomes[cluster]'") from None
    try:
        client = Client(scheduler)
    except OSError:
        raise UserError(f"--scheduler: no Dask scheduler answers at {scheduler}") from None
    with client:
        # Keys that differ each time: a cluster remembers what it has done, and the file may have been written anew.
        yield lambda count, numbers: client.gather(client.map(count, numbers, pure=False, retries=2))
