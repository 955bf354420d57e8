"""Reading dumps: small files whole, and huge ones cut by one process into chunks that the others parse.

A chunk is an Arrow file of raw records, about 32 MB of them. Where a file is cut depends on its content
only, so the chunks are the same on every engine and for any number of workers.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from corpusmill.manifest import Input
from corpusmill.pipeline.dumps import Dump
from corpusmill.pipeline.intake import Intake, Reading
from corpusmill.pipeline.items import Done, Item, Outbox
from corpusmill.sources import Source
from corpusmill.sources.records import Framed, RawRecord
from corpusmill.sources.streams import HashingFile

CHUNK = "chunk"  # the kind of a chunk's file in a receipt
_CHUNK_BYTES = 32 << 20  # of raw records
_BATCH_BYTES = 1 << 20  # of raw records: what the reader of a chunk holds at a time
_BATCH_ROWS = 16_384
_SCHEMA = pa.schema([("record", pa.string()), ("content", pa.large_binary()), ("note", pa.string())])


@dataclass(frozen=True, kw_only=True)
class FilesItem(Item):
    """Some neighbouring files of one source."""

    dumps: tuple[Dump, ...]


@dataclass(frozen=True, kw_only=True)
class ChunkItem(Item):
    """Raw records that were cut out of the file at `path` of entry number `entry`, numbered from `first`."""

    entry: int
    path: str
    first: int
    chunk: Path


def read_files(reading: Reading, item: FilesItem, outbox: Outbox) -> Done:
    """Work: whole files."""
    intake = Intake(reading, item.dumps[0].entry, outbox)
    read: list[Input] = []
    for dump in item.dumps:
        for place, each in enumerate(_frame(intake.source, dump, read)):
            outcome = intake.source.document(each) if isinstance(each, RawRecord) else each
            intake.take(dump.path, place, outcome)
    facts = intake.close()
    marks = [dump.mark for dump in item.dumps]
    return Done(inputs=read, marks=marks, ledger=intake.harvest.ledger(), facts=facts)


def cut(reading: Reading, item: FilesItem, outbox: Outbox) -> Done:
    """Work: one huge file into chunks. Its unusable and left out records are taken in here."""
    [dump] = item.dumps
    intake = Intake(reading, dump.entry, outbox)
    read: list[Input] = []
    chunks = _ChunkWriter(outbox)
    for place, each in enumerate(_frame(intake.source, dump, read)):
        if isinstance(each, RawRecord):
            chunks.add(each)
        else:
            intake.take(dump.path, place, each)
    chunks.close()
    facts = intake.close()
    return Done(inputs=read, marks=[dump.mark], ledger=intake.harvest.ledger(), facts=facts)


def read_chunk(reading: Reading, item: ChunkItem, outbox: Outbox) -> Done:
    """Work: the records of a chunk."""
    intake = Intake(reading, item.entry, outbox)
    for place, record in enumerate(_records(item.chunk), item.first):
        intake.take(item.path, place, intake.source.document(record))
    facts = intake.close()
    return Done(ledger=intake.harvest.ledger(), facts=facts)


def _frame(source: Source, dump: Dump, read: list[Input]) -> Iterator[Framed]:
    """What the file is framed into; afterwards `read` has one more entry, with the hash of the whole file.

    `CorpusmillError` if the file is no longer the one that was listed.
    """
    with dump.open() as raw:
        hashing = HashingFile(raw)
        yield from source.records(dump.path, hashing)
        sha256 = hashing.finish()
        dump.must_be_unchanged(hashing.size)
        read.append(Input(path=dump.path, size=dump.size, sha256=sha256))


class _ChunkWriter:
    """Raw records into chunk files, a new one when a chunk has reached its size."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._batch: list[RawRecord] = []
        self._batch_bytes = 0
        self._chunk_bytes = 0
        self._rows = 0
        self._path = Path()
        self._writer: pa.ipc.RecordBatchFileWriter | None = None

    def add(self, record: RawRecord) -> None:
        self._batch.append(record)
        self._batch_bytes += len(record.content)
        if self._batch_bytes >= _BATCH_BYTES or len(self._batch) >= _BATCH_ROWS:
            self._write()
            if self._chunk_bytes >= _CHUNK_BYTES:
                self.close()

    def close(self) -> None:
        self._write()
        if self._writer is not None:
            self._writer.close()
            self._outbox.add(self._path, CHUNK, "arrow", self._rows)
            self._writer, self._chunk_bytes, self._rows = None, 0, 0

    def _write(self) -> None:
        if not self._batch:
            return
        if self._writer is None:
            self._path = self._outbox.new()
            options = pa.ipc.IpcWriteOptions(compression=pa.Codec("zstd", 1))
            self._writer = pa.ipc.new_file(str(self._path), _SCHEMA, options=options)
        records, contents, notes = zip(*self._batch, strict=True)
        columns = [
            pa.array(records, pa.string()),
            pa.array(contents, pa.large_binary()),
            pa.array([None if note is None else json.dumps(note) for note in notes], pa.string()),
        ]
        self._writer.write_batch(pa.record_batch(columns, schema=_SCHEMA))
        self._rows += len(self._batch)
        self._chunk_bytes += self._batch_bytes
        self._batch, self._batch_bytes = [], 0


def _records(chunk: Path) -> Iterator[RawRecord]:
    with pa.memory_map(str(chunk)) as source:
        reader = pa.ipc.open_file(source)
        for number in range(reader.num_record_batches):
            batch = reader.get_batch(number)
            columns = (batch.column(name).to_pylist() for name in ("record", "content", "note"))
            for record, content, note in zip(*columns, strict=True):
                yield RawRecord(record, content, None if note is None else json.loads(note))
