"""The ingest stage: dumps to cleaned documents, rejects and the ledger.

Sources whose records are documents take one step. Comments take two, because a thread's comments may lie
in any file of any month: the first parses the files into an exchange by thread, the second builds each
thread's longest chain.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import psutil
import pyarrow as pa

from corpusmill import documents, sources
from corpusmill.clean import rules
from corpusmill.entries import Pushshift
from corpusmill.errors import CorpusmillError
from corpusmill.manifest import Input, Manifest, Receipt, identity
from corpusmill.pipeline import comments, exchange
from corpusmill.pipeline.dumps import Dump, Marks, find, group
from corpusmill.pipeline.harvest import Draft, Harvest, Part
from corpusmill.pipeline.items import Done, Item, Outbox
from corpusmill.pipeline.job import Job
from corpusmill.pipeline.stage import Stage, Table
from corpusmill.recipe import Recipe
from corpusmill.sources import Source, source_of
from corpusmill.sources.records import Comment, Outcome, Record, Reject, Removal
from corpusmill.sources.streams import HashingFile, zstd_window

VERSION = 1  # raise it when the same inputs and recipe give other bytes
_COMPRESSION_RATIO = 8  # text to .zst, .xz or .bz2, for sizing the exchange only
_READER_BYTES = 2_400 << 20  # of a reader whose zstd window is 2 GiB (2.2 GiB measured, and its records)


@dataclass(frozen=True, kw_only=True)
class FilesItem(Item):
    """Some neighbouring files of one source."""

    dumps: tuple[Dump, ...]


def run(job: Job) -> Manifest:
    """Do the stage unless it is done."""
    dumps = find(job.recipe, job.inputs)
    marks = Marks(job.run)
    stage = _stage(job, dumps)
    manifest = stage.finished()
    if manifest is not None:
        changed = marks.changed(dumps, manifest.inputs)
        if not changed:
            marks.note([], job.work)
            return manifest
        job.say(f"ingest: {changed[0]} has changed since it was read: reading everything again")
        stage.discard()
    _forget_changed(job, stage, marks, dumps)
    stage.begin()
    receipts = _steps(job, stage, dumps)
    read = [pair for each in receipts.values() for receipt in each for pair in _read(receipt)]
    marks.note(read, job.work)
    return stage.finish(
        receipts,
        [_table("documents", documents.SCHEMA), _table("rejects", documents.REJECTS_SCHEMA)],
        inputs=[each for each, _ in read],
    )


def parameters(recipe: Recipe) -> dict[str, Any]:
    """What of the recipe decides this stage's bytes."""
    return {"version": VERSION, "sources": [entry.model_dump(mode="json") for entry in recipe.sources]}


def _stage(job: Job, dumps: Sequence[Dump]) -> Stage:
    of_recipe = parameters(job.recipe)
    files = [[dump.entry, dump.path, dump.size] for dump in dumps]
    return Stage(job, "ingest", identity({"parameters": of_recipe, "files": files}), of_recipe)


def _forget_changed(job: Job, stage: Stage, marks: Marks, dumps: Sequence[Dump]) -> None:
    """An unfinished try whose inputs have changed since cannot be gone on with."""
    receipts = [receipt for step in ("files", "comments") for receipt in stage.receipts_so_far(step)]
    read = [pair for receipt in receipts for pair in _read(receipt)]
    if not read:
        return
    marks.note(read, job.work)
    changed = marks.changed(dumps, [each for each, _ in read])
    if changed:
        job.say(f"ingest: {changed[0]} has changed since it was read: starting over")
        stage.discard()


def _read(receipt: Receipt) -> list[tuple[Input, str]]:
    return list(zip(receipt.inputs, receipt.marks, strict=True))


def _steps(job: Job, stage: Stage, dumps: Sequence[Dump]) -> dict[str, list[Receipt]]:
    threaded = {number for number, entry in enumerate(job.recipe.sources) if isinstance(entry, Pushshift)}
    files = [dump for dump in dumps if dump.entry not in threaded]
    months = [dump for dump in dumps if dump.entry in threaded]
    readers = _readers(job.workers, dumps)
    receipts = {"files": stage.step("files", partial(read_files, job.recipe), _items(files), readers)}
    if months:
        n = exchange.count_partitions(_COMPRESSION_RATIO * sum(dump.size for dump in months))
        paths = [dump.path for dump in months]
        parse = partial(read_comments, job.recipe, {path: place for place, path in enumerate(paths)}, n)
        receipts["comments"] = stage.step("comments", parse, _items(months), readers)
        sent = stage.files("comments", receipts["comments"], "exchange")
        size = sum(path.stat().st_size for path in sent) // n
        threads = [comments.ThreadsItem(index=place, size=size, partition=place) for place in range(n)]
        build = partial(comments.build_threads, job.recipe, paths, sent)
        receipts["threads"] = stage.step("threads", build, threads)
    return receipts


def _items(dumps: Sequence[Dump]) -> list[FilesItem]:
    return [
        FilesItem(index=index, size=sum(dump.size for dump in files), dumps=files)
        for index, files in enumerate(group(dumps))
    ]


def _readers(workers: int, dumps: Sequence[Dump]) -> int:
    """How many files may be read at a time: a decoder with a 2 GiB window may fill it."""
    suspects = [dump for dump in dumps if dump.path.endswith(".zst")]
    if not any(_is_long(dump) for dump in suspects):
        return workers
    return max(1, min(workers, psutil.virtual_memory().available // _READER_BYTES))


def _is_long(dump: Dump) -> bool:
    with dump.open() as file:
        return zstd_window(file.read(18)) > 128 << 20  # 18 bytes: the longest frame header


def _table(name: str, schema: pa.Schema) -> Table:
    write_empty = partial(documents.write_table, schema.empty_table())
    return Table(kind=name, folder=name, suffix="parquet", write_empty=write_empty)


def read_files(recipe: Recipe, item: FilesItem, outbox: Outbox) -> Done:
    """Work: the files of sources whose records are documents."""
    harvest = Harvest(outbox)
    source = source_of(recipe.sources[item.dumps[0].entry])
    chain = rules.chain(source.rules)
    read: list[Input] = []
    for dump in item.dumps:
        for each in _outcomes(source, dump, read):
            if isinstance(each, Record):
                text, taken = rules.apply(chain, each.text)
                harvest.document(
                    Draft(
                        source=each.source,
                        path=dump.path,
                        record=each.record,
                        text=text,
                        meta=each.meta,
                        parts=[Part(path=dump.path, record=each.record, text=each.text)],
                        taken=taken,
                    )
                )
            else:
                _leave_out(harvest, dump, each)
    return Done(inputs=read, marks=[dump.mark for dump in item.dumps], ledger=harvest.close())


def read_comments(
    recipe: Recipe, places: dict[str, int], partitions: int, item: FilesItem, outbox: Outbox
) -> Done:
    """Work: the comments of some files, sent to their threads' partitions. `places` numbers the files."""
    harvest = Harvest(outbox)
    sender = comments.Sender(outbox, partitions)
    read: list[Input] = []
    for dump in item.dumps:
        source = source_of(recipe.sources[dump.entry])
        for each in _outcomes(source, dump, read):
            if isinstance(each, Comment):
                sender.add(dump.entry, places[dump.path], each)
            else:
                _leave_out(harvest, dump, each)
    sender.close()
    return Done(inputs=read, marks=[dump.mark for dump in item.dumps], ledger=harvest.close())


def _outcomes(source: Source, dump: Dump, read: list[Input]) -> Iterator[Outcome]:
    """What the file holds; afterwards `read` has one more entry, with the hash of the whole file."""
    with dump.open() as raw:
        hashing = HashingFile(raw)
        yield from sources.read(source, dump.path, hashing)
        read.append(Input(path=dump.path, size=dump.size, sha256=hashing.finish()))


def _leave_out(harvest: Harvest, dump: Dump, each: Outcome) -> None:
    match each:
        case Reject():
            fields = asdict(each)
            harvest.reject(path=dump.path, n_bytes=fields.pop("bytes"), **fields)
        case Removal():
            harvest.removal(each.source, each.reason, each.bytes)
        case _:
            raise CorpusmillError(f"{dump.path}: a {type(each).__name__} is not what this source yields")
