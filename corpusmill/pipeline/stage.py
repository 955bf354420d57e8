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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpusmill import ledger
from corpusmill.documents import shard_name
from corpusmill.errors import CorpusmillError
from corpusmill.manifest import (
    Input,
    Manifest,
    Output,
    Receipt,
    hash_file,
    manifest_path,
    missing,
    read_manifest,
    read_receipt,
    to_json,
    write_text,
)
from corpusmill.pipeline import steps
from corpusmill.pipeline.items import Item, Sequel, Work
from corpusmill.pipeline.job import FOLDERS, LEDGER, Job


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
        self._manifest = manifest_path(job.run, name)
        self._marker = job.work / f"{name}-{identity}"

    def finished(self) -> Manifest | None:
        """The manifest if the stage is done under this identity and its files are all there.

        `CorpusmillError` if it was done with other Unicode tables: words would differ.
        """
        manifest = read_manifest(self._manifest)
        if manifest is None or manifest.identity != self.identity:
            return None
        if manifest.unidata_version != unicodedata.unidata_version:
            raise CorpusmillError(
                f"{self.job.run}: {self.name} was made with Unicode {manifest.unidata_version}, this Python "
                f"has {unicodedata.unidata_version}; use the same Python, or another --run folder"
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
        manifest = read_manifest(self._manifest)
        if self._marker.exists() and manifest is None:
            self.job.say(f"{self.name}: going on where an earlier run stopped")
            return
        stages = list(FOLDERS)
        stages = [stage for stage in stages[stages.index(self.name) :] if stage != "train"]  # keeps its own
        if any(manifest_path(self.job.run, stage).exists() for stage in stages):
            steps.require_engine(self.job)  # results are not deleted for an engine that is not there
        folders = [self.job.run / folder for stage in reversed(stages) for folder in FOLDERS[stage]]
        # Manifests and markers first: without them nothing else counts.
        for stage in reversed(stages):
            manifest_path(self.job.run, stage).unlink(missing_ok=True)
        self._clear_work(stages)
        for folder in folders:
            if folder.exists():
                shutil.rmtree(folder)
        self._marker.mkdir(parents=True)
        self.job.write_recipe()
        self._write_ledger()

    def discard(self) -> None:
        """Forget what was done under this identity, finished or not: its inputs are not what they were."""
        self._manifest.unlink(missing_ok=True)
        self._clear_work([self.name])

    def receipts_so_far(self) -> list[Receipt]:
        """The receipts that an unfinished try has left of all steps."""
        paths = sorted(self.job.work.glob(f"{self.name}.*-{self.identity}/item-*.json"))
        return [receipt for receipt in map(read_receipt, paths) if receipt is not None]

    def files(self, step: str, receipts: Sequence[Receipt], kind: str) -> list[Path]:
        """The files of one kind that a step has left for the steps that follow, in item order."""
        folder = self._step_path(step)
        return [folder / each.path for receipt in receipts for each in receipt.outputs if each.kind == kind]

    def step(
        self,
        name: str,
        work: Work,
        items: Sequence[Item],
        at_once: int | None = None,
        sequel: Sequel | None = None,
    ) -> list[Receipt]:
        """Do a step over work items (`steps.run_items`)."""
        title = f"{self.name}.{name}"
        return steps.run_items(self.job, title, self.step_folder(name), work, items, at_once, sequel)

    def grouped_step(
        self, name: str, blocks: steps.Blocks, items: Sequence[Item], reduce: steps.Reduce, partitions: int
    ) -> list[Receipt]:
        """Do a step that groups blocks of numbers (`steps.run_groups`)."""
        title, folder = f"{self.name}.{name}", self.step_folder(name)
        return steps.run_groups(self.job, title, folder, blocks, items, reduce, partitions)

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
        self._manifest.parent.mkdir(exist_ok=True)
        write_text(self._manifest, to_json(manifest), self.job.work)
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
        manifests = [read_manifest(manifest_path(self.job.run, stage)) for stage in FOLDERS]
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
