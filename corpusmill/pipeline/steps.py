"""A step: one pipeline over its unfinished items, or over blocks that are grouped, then all receipts."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from corpusmill.manifest import Receipt
from corpusmill.pipeline.items import Done, Item, Outbox, Sequel, Task, Work, read_receipts, receipt_path
from corpusmill.pipeline.job import Job
from corpusmill.pipeline.progress import watch

_PARTITIONS_A_PASS = 8  # of 64 MB each: the embedded engine holds about 4.2 times what it groups

Blocks = Callable[[range, Any], list[tuple[int, bytes]]]
Reduce = Callable[[int, Sequence[bytes], Outbox], Done]


def run_items(
    job: Job,
    title: str,
    folder: Path,
    work: Work,
    items: Sequence[Item],
    at_once: int | None = None,
    sequel: Sequel | None = None,
) -> list[Receipt]:
    """Do the items that have no receipt in `folder`; the receipts of all, in the order of their numbers.

    `at_once` bounds how many the local pool works on at a time, if fewer than there are workers. A `sequel`
    gets a head start where the engine allows it; its items must be run as a step of their own after this.
    """
    todo = [item for item in items if not receipt_path(folder, item.index).exists()]
    if todo:
        # Here and not above: the work runs in children that import this module and need no Beam.
        from corpusmill.pipeline import engine

        if not engine.is_embedded(job.beam_args):
            sequel = None
        with watch(job.console, title, folder, items, sequel.finder.done if sequel else None):
            at_once = min(job.workers, at_once or job.workers)
            engine.run_items(Task(work=work, folder=folder), todo, job.beam_args, at_once, sequel)
    return read_receipts(folder, items)


def require_engine(job: Job) -> None:
    """`CorpusmillError` unless the engine that the job names works."""
    if job.beam_args:
        from corpusmill.pipeline import engine

        engine.probe(tuple(job.beam_args))


def run_groups(
    job: Job, title: str, folder: Path, blocks: Blocks, items: Sequence[Item], reduce: Reduce, partitions: int
) -> list[Receipt]:
    """Group blocks of numbers by partition on the engine; one receipt a partition, in their order.

    `blocks(wanted partitions, item)` is called for some partitions at a time, which bounds what the engine
    holds in memory.
    """
    groups = [Item(index=partition, size=1) for partition in range(partitions)]
    if not all(receipt_path(folder, group.index).exists() for group in groups):
        with watch(job.console, title, folder, groups):
            for first in range(0, partitions, _PARTITIONS_A_PASS):
                wanted = range(first, min(first + _PARTITIONS_A_PASS, partitions))
                _run_pass(job, folder, blocks, items, reduce, wanted)
    return read_receipts(folder, groups)


def _run_pass(
    job: Job, folder: Path, blocks: Blocks, items: Sequence[Item], reduce: Reduce, wanted: range
) -> None:
    from corpusmill.pipeline import engine

    if all(receipt_path(folder, partition).exists() for partition in wanted):
        return
    reducer = partial(_reduce, reduce, folder)
    engine.run_grouped(partial(blocks, wanted), items, reducer, folder, job.beam_args)
    # A partition to which no block went is no group of the engine's; it gets its receipt here.
    for partition in wanted:
        reducer(partition, [])


def _reduce(reduce: Reduce, folder: Path, partition: int, blocks: Sequence[bytes]) -> str | None:
    """Reduce one group and write its receipt, unless it has one; the text of a user error."""
    task = Task(work=lambda item, outbox: reduce(partition, blocks, outbox), folder=folder)
    return task(Item(index=partition, size=1))
