"""The life of a stage: skip if done, begin clean, run its steps, finish with the manifest.

A stage is named by the identity of its inputs and parameters. `work/<stage>-<identity>/` is made after
the outputs of any other identity, and those of all later stages, are gone; so files without a manifest
always belong to the identity whose folder is there, and a killed stage goes on from its receipts. The
manifest is written last of all.
"""

import dataclasses
import shutil
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from corpusmill import ledger
from corpusmill.documents import shard_name
from corpusmill.errors import CorpusmillError
from corpusmill.manifest import (
    MANIFEST,
    Input,
    Manifest,
    Output,
    Receipt,
    hash_file,
    missing,
    read_manifest,
    read_receipt,
    to_json,
    write_text,
)
from corpusmill.pipeline import pool
from corpusmill.pipeline.items import Done, Item, Outbox, Task, Work, read_receipts, receipt_path
from corpusmill.pipeline.progress import watch
from corpusmill.recipe import Recipe

# The folders of each stage in the order of the stages; the first holds the manifest.
FOLDERS = {
    "ingest": ("documents", "rejects"),
    "dedup": ("duplicates", "signatures"),
    "tokenize": ("tokens",),
    "train": ("model",),
    "report": ("report",),
}
_PARTITIONS_A_PASS = 8  # of 64 MB each: the embedded engine holds about 4.2 times what it groups
LEDGER = "ledger.parquet"

Blocks = Callable[[range, Any], list[tuple[int, bytes]]]
Reduce = Callable[[int, Sequence[bytes], Outbox], Done]
WORK = "work"


@dataclass(frozen=True, kw_only=True)
class Job:
    """What every stage is given."""

    recipe: Recipe
    inputs: str
    run: Path
    workers: int
    beam_args: Sequence[str] = ()
    console: Console = field(default_factory=lambda: Console(stderr=True))

    @property
    def work(self) -> Path:
        """Receipts, exchanges and temporary files; empty when no stage is under way."""
        return self.run / WORK

    def say(self, line: str) -> None:
        """Tell the user something that is worth a line."""
        self.console.print(line, highlight=False, markup=False, soft_wrap=True)


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table of a stage: where its parts go, and how an empty part is written if no item made one
    (None where every run makes one). With `name` it is no table but the one file of that name."""

    kind: str
    folder: str
    suffix: str
    write_empty: Callable[[Path], None] | None = None
    name: str | None = None


class Stage:
    """One stage of one job under one identity."""

    def __init__(self, job: Job, name: str, identity: str, parameters: dict[str, Any]) -> None:
        self.job = job
        self.name = name
        self.identity = identity
        self._parameters = parameters
        self._folder = job.run / FOLDERS[name][0]
        self._marker = job.work / f"{name}-{identity}"

    def finished(self) -> Manifest | None:
        """The manifest if the stage is done under this identity and its files are all there.

        `CorpusmillError` if it was done with other Unicode tables: words would differ.
        """
        manifest = read_manifest(self._folder)
        if manifest is None or manifest.identity != self.identity:
            return None
        if manifest.unidata_version != unicodedata.unidata_version:
            raise CorpusmillError(
                f"{self._folder}: made with Unicode {manifest.unidata_version}, this Python has "
                f"{unicodedata.unidata_version}; use the same Python, or another --run folder"
            )
        problems = missing(self.job.run, manifest.outputs)
        if problems:
            self.job.say(f"{self.name}: {problems[0]}: doing the stage again")
            return None
        self._write_ledger()
        self._clear_work([self.name])
        return manifest

    def begin(self) -> None:
        """Make the ground clean, unless this very stage was under way."""
        manifest = read_manifest(self._folder)
        if self._marker.exists() and manifest is None:
            self.job.say(f"{self.name}: going on where an earlier run stopped")
            return
        stages = list(FOLDERS)
        stages = stages[stages.index(self.name) :]
        folders = [self.job.run / folder for stage in reversed(stages) for folder in FOLDERS[stage]]
        # Manifests and markers first: without them nothing else counts.
        for folder in folders:
            (folder / MANIFEST).unlink(missing_ok=True)
        self._clear_work(stages)
        for folder in folders:
            if folder.exists():
                shutil.rmtree(folder)
        self._marker.mkdir(parents=True)
        self._write_ledger()

    def discard(self) -> None:
        """Forget what was done under this identity, finished or not: its inputs are not what they were."""
        (self._folder / MANIFEST).unlink(missing_ok=True)
        self._clear_work([self.name])

    def receipts_so_far(self, step: str) -> list[Receipt]:
        """The receipts that an unfinished try has left of a step."""
        paths = sorted(self._step_path(step).glob("item-*.json"))
        return [receipt for receipt in map(read_receipt, paths) if receipt is not None]

    def files(self, step: str, receipts: Sequence[Receipt], kind: str) -> list[Path]:
        """The files of one kind that a step has left for the steps that follow, in item order."""
        folder = self._step_path(step)
        return [folder / each.path for receipt in receipts for each in receipt.outputs if each.kind == kind]

    def step(self, name: str, work: Work, items: Sequence[Item], at_once: int | None = None) -> list[Receipt]:
        """Do a step's items that are not done; the receipts of all, in the order of their numbers."""
        task = Task(work=work, folder=self.step_folder(name))
        todo = [item for item in items if not receipt_path(task.folder, item.index).exists()]
        if todo:
            # Here and not above: the functions of this module's users run in children that need no Beam.
            from corpusmill.pipeline import engine

            at_once = min(self.job.workers, at_once or self.job.workers)
            pool.start()
            with watch(self.job.console, f"{self.name}.{name}", task.folder, items):
                engine.run_items(task, todo, self.job.beam_args, at_once)
        return read_receipts(task.folder, items)

    def grouped_step(
        self,
        name: str,
        blocks: Blocks,
        items: Sequence[Item],
        reduce: Reduce,
        partitions: int,
    ) -> list[Receipt]:
        """Group blocks of numbers by partition on the engine; one receipt a partition, in their order.

        `blocks(wanted partitions, item)` is called for some partitions at a time, which bounds what the
        engine holds in memory.
        """
        folder = self.step_folder(name)
        groups = [Item(index=partition, size=1) for partition in range(partitions)]
        with watch(self.job.console, f"{self.name}.{name}", folder, groups):
            for first in range(0, partitions, _PARTITIONS_A_PASS):
                wanted = range(first, min(first + _PARTITIONS_A_PASS, partitions))
                self._group(folder, blocks, items, reduce, wanted)
        return read_receipts(folder, groups)

    def _group(
        self,
        folder: Path,
        blocks: Blocks,
        items: Sequence[Item],
        reduce: Reduce,
        wanted: range,
    ) -> None:
        from corpusmill.pipeline import engine

        task = partial(_reduce, reduce, folder)
        if any(not receipt_path(folder, each).exists() for each in wanted):
            engine.run_grouped(partial(blocks, wanted), items, task, self.job.beam_args)
            # A partition to which no block went is no group of the engine's; it gets its receipt here.
            for partition in wanted:
                task(partition, [])

    def step_folder(self, name: str) -> Path:
        """Where the files and receipts of a step are until the stage is finished."""
        folder = self._step_path(name)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _step_path(self, name: str) -> Path:
        return self.job.work / f"{self.name}.{name}-{self.identity}"

    def finish(
        self,
        receipts: Mapping[str, Sequence[Receipt]],
        tables: Sequence[Table],
        *,
        inputs: Iterable[Input] = (),
        facts: dict[str, Any] | None = None,
    ) -> Manifest:
        """Give the parts their names, consecutive in (step, item, part) order, then write the manifest.

        Can be killed anywhere and done again: a part is in its old place or its new one.
        """
        outputs: list[Output] = []
        for table in tables:
            outputs += self._publish(table, receipts)
        tally = ledger.Tally(entry for step in receipts.values() for each in step for entry in each.ledger)
        manifest = Manifest(
            stage=self.name,
            identity=self.identity,
            parameters=self._parameters,
            inputs=sorted(inputs, key=lambda each: each.path),
            outputs=outputs,
            ledger=tally.entries(),
            facts=facts or {},
        )
        self._check_balance(manifest)
        write_text(self._folder / MANIFEST, to_json(manifest), self.job.work)
        self._write_ledger()
        self._clear_work([self.name])
        return manifest

    def _publish(self, table: Table, receipts: Mapping[str, Sequence[Receipt]]) -> list[Output]:
        folder = self.job.run / table.folder
        folder.mkdir(parents=True, exist_ok=True)
        parts = [
            (self.step_folder(step) / output.path, output)
            for step, each in receipts.items()
            for receipt in each
            for output in receipt.outputs
            if output.kind == table.kind
        ]
        published = []
        for number, (draft, output) in enumerate(parts):
            final = folder / (table.name or shard_name(number, table.suffix))
            if draft.exists():
                draft.replace(final)
            published.append(dataclasses.replace(output, path=f"{table.folder}/{final.name}"))
        problems = missing(self.job.run, published)
        if problems:
            raise CorpusmillError(f"{self.name}: {problems[0]}; delete {self.job.work} and run again")
        if not published and table.write_empty is not None:
            final = folder / shard_name(0, table.suffix)
            table.write_empty(final)
            published.append(_describe(final, self.job.run, table.kind))
        return published

    def _check_balance(self, manifest: Manifest) -> None:
        problems = ledger.imbalances(ledger.table([(self.name, manifest.ledger)]))
        if problems:
            raise CorpusmillError(
                f"{self.name}: the ledger does not balance: {problems[0]}; this is a defect"
            )

    def _write_ledger(self) -> None:
        manifests = [read_manifest(self.job.run / folders[0]) for folders in FOLDERS.values()]
        stages = [(each.stage, each.ledger) for each in manifests if each is not None and each.ledger]
        self.job.work.mkdir(exist_ok=True)
        temporary = self.job.work / LEDGER
        ledger.write(ledger.table(stages), temporary)
        temporary.replace(self.job.run / LEDGER)

    def _clear_work(self, stages: Sequence[str]) -> None:
        """Delete the work folders of `stages`, and files, which are temporary whatever their stage."""
        if not self.job.work.exists():
            return
        for path in self.job.work.iterdir():
            if not path.is_dir():
                path.unlink()
            elif path.name.replace("-", ".").split(".")[0] in stages:
                shutil.rmtree(path)


def _describe(path: Path, run: Path, kind: str) -> Output:
    return Output(
        kind=kind,
        path=str(path.relative_to(run)),
        rows=0,
        bytes=path.stat().st_size,
        sha256=hash_file(path),
    )


def _reduce(
    reduce: Callable[[int, Sequence[bytes], Outbox], Done],
    folder: Path,
    partition: int,
    blocks: Sequence[bytes],
) -> None:
    """Reduce one group and write its receipt, unless it has one."""
    task = Task(work=lambda item, outbox: reduce(partition, blocks, outbox), folder=folder)
    error = task(Item(index=partition, size=1))
    if error is not None:
        raise CorpusmillError(error)
