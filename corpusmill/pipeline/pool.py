"""One process pool for a whole run, which dies with the run.

A DoFn is pickled even by the in-memory runner, so the pool cannot travel in it; the DoFn finds the pool of
its process here. The pool starts when the first step needs it, from the main thread: the kernel ties a
child's life to the thread that started it, and Beam's threads end with each pipeline.
"""

import contextlib
import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import pyarrow as pa

from corpusmill.errors import CorpusmillError
from corpusmill.processes import die_with_parent

DEAD_WORKER = (
    "a worker process died (out of memory, or killed); run again to go on where it stopped, "
    "with fewer --workers if memory was short"
)


class _Pool:
    def __init__(self, workers: int) -> None:
        self._workers = workers
        self.executor: ProcessPoolExecutor | None = None

    def start(self) -> None:
        self.executor = ProcessPoolExecutor(
            self._workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_start_child,
            initargs=(os.getpid(),),
        )
        with _interrupts_later():
            # Each submission starts a child: none of those started is idle within the microseconds between.
            started = [self.executor.submit(os.getpid) for _ in range(self._workers)]
        try:
            for each in started:
                each.result()
        except BrokenProcessPool as error:
            raise CorpusmillError(DEAD_WORKER) from error

    def stop(self) -> None:
        if self.executor is None:
            return
        children = list((self.executor._processes or {}).values())
        self.executor.shutdown(wait=False, cancel_futures=True)
        for child in children:
            child.kill()
        for child in children:
            child.join()


@contextlib.contextmanager
def _interrupts_later() -> Iterator[None]:
    """Answer Ctrl-C when this is over, and let children that are started meanwhile never hear of it: it
    reaches the whole process group, but the driver is the one that answers."""
    late: list[int] = []
    answer = signal.signal(signal.SIGINT, lambda number, _: late.append(number))  # of any thread
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # what children inherit
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        signal.signal(signal.SIGINT, answer)
    if late and callable(answer):
        answer(signal.SIGINT, None)


_open: list[_Pool] = []


@contextlib.contextmanager
def on_demand(workers: int) -> Iterator[None]:
    """Make a pool of `workers` processes available; none is left when the context is."""
    pool = _Pool(workers)
    _open.append(pool)
    try:
        yield
    finally:
        _open.remove(pool)
        pool.stop()


def start() -> None:
    """Start the pool of this process if it is not running. Only the main thread may."""
    if _open[-1].executor is None:
        _open[-1].start()


def current() -> ProcessPoolExecutor:
    """The running pool of this process."""
    executor = _open[-1].executor
    assert executor is not None, "pool.start() comes before the pipeline"
    return executor


def _start_child(parent: int) -> None:
    die_with_parent(parent)
    # One process a core is the parallelism; Arrow's own threads would only contend.
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
