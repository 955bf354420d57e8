"""Trains from the driver: finds out what is left to do, starts the ranks, and watches over them.

The driver never loads torch, and a training that is finished starts no rank. Ranks die with the driver; one
that dies takes the others with it. What a rank prints goes to `RUN/work/train/rank-N.log`, which stays
there when it fails.
"""

import logging
import multiprocessing
import os
import shutil
import sys
from collections.abc import Callable
from multiprocessing import connection
from multiprocessing.context import SpawnProcess
from pathlib import Path

from corpusmill.errors import CorpusmillError
from corpusmill.processes import die_with_parent, usable_cores
from corpusmill.recipe import Train
from corpusmill.train import journal
from corpusmill.train.job import Job
from corpusmill.train.plan import prepare

_log = logging.getLogger(__name__)
_POLL_SECONDS = 0.2
Progress = Callable[[int, float], None]


def train(run: Path, config: Train, progress: Progress | None = None) -> list[tuple[int, float]]:
    """Train on `run`'s tokens up to `config.steps`, from the newest good checkpoint of the same training.

    Returns (step, loss in nats a token) of every step; `progress` is called with the same as they come in.
    Call it from the main thread: on Linux the ranks die with the thread that started them. Another model in
    `RUN/model`, or one of other tokens, is moved aside. `CorpusmillError` if the tokens are missing or too
    few, a rank dies, or the loss diverges.
    """
    job = prepare(run, config)
    if job.step < config.steps:
        _train(job, progress or (lambda step, loss: None))
    shutil.rmtree(job.scratch)
    return journal.losses(job.journal)


def _train(job: Job, progress: Progress) -> None:
    start = job.journal.stat().st_size if job.journal.exists() else 0
    written = journal.Reader(job.journal, start)
    _log.info("train: starting %d processes", job.config.processes)
    ranks = _start(job)
    try:
        running = dict(enumerate(ranks))
        while running:
            connection.wait([process.sentinel for process in running.values()], _POLL_SECONDS)
            ended = {rank: process for rank, process in running.items() if process.exitcode is not None}
            _report(written, progress)
            _raise_if_failed(job, ended)
            running = {rank: process for rank, process in running.items() if rank not in ended}
    finally:
        for process in ranks:
            process.kill()
            process.join()


def _start(job: Job) -> list[SpawnProcess]:
    context = multiprocessing.get_context("spawn")
    ranks: list[SpawnProcess] = []
    try:
        for rank in range(job.config.processes):
            process = context.Process(target=_rank, args=(job, rank, os.getpid()), name=f"rank-{rank}")
            process.start()
            ranks.append(process)
    except BaseException:
        for process in ranks:
            process.kill()
        raise
    return ranks


def _report(written: journal.Reader, progress: Progress) -> None:
    for line in written.lines():
        if "note" in line:
            _log.warning("%s", line["note"])
        if "loss" in line:
            progress(line["step"], line["loss"])


def _raise_if_failed(job: Job, ended: dict[int, SpawnProcess]) -> None:
    failed = {rank: process.exitcode for rank, process in ended.items() if process.exitcode}
    if not failed:
        return
    for rank in failed:
        if _error_file(job, rank).exists():
            raise CorpusmillError(_error_file(job, rank).read_text(encoding="utf-8"))
    # A rank that was killed (its code is negative) makes the others fail, not the other way round.
    rank = min(failed, key=lambda each: failed[each] or 0)
    raise CorpusmillError(
        f"training: rank {rank} of {job.config.processes} stopped with exit code {failed[rank]}"
        f"{_last_words(job, rank)}; see {_log_file(job, rank)}; "
        f"run again to go on from the last checkpoint"
    )


def _last_words(job: Job, rank: int) -> str:
    log = _log_file(job, rank)
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n") if log.exists() else []
    return next((f" ({line.strip()})" for line in reversed(lines) if line.strip()), "")


def _rank(job: Job, rank: int, driver: int) -> None:
    """The life of a rank's process."""
    die_with_parent(driver)
    with _log_file(job, rank).open("wb") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    # Torch reads it when it is loaded; more threads than cores make a step many times as slow.
    os.environ["OMP_NUM_THREADS"] = str(max(1, usable_cores() // job.config.processes))
    from corpusmill.train import loop

    try:
        loop.run(job, rank)
    except CorpusmillError as error:
        _error_file(job, rank).write_text(str(error), encoding="utf-8")
        sys.exit(1)


def _log_file(job: Job, rank: int) -> Path:
    return job.scratch / f"rank-{rank}.log"


def _error_file(job: Job, rank: int) -> Path:
    return job.scratch / f"rank-{rank}.error"
