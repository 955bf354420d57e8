"""Chunks: Arrow files of about 32 MB of raw records each, cut out of huge files by one process for others.

Where a file is cut depends on its content only, so the chunks are the same on every engine and for any
number of workers. A chunk can be read while the rest of its file is still being cut.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from corpusmill.manifest import Receipt
from corpusmill.pipeline.dumps import Dump
from corpusmill.pipeline.items import Item, Outbox, file_name, receipt_path
from corpusmill.sources.records import RawRecord

_KIND, _SUFFIX = "chunk", "arrow"
_CHUNK_BYTES = 32 << 20  # of raw records
_BATCH_BYTES = 1 << 20  # of raw records: what the reader of a chunk holds at a time
_BATCH_ROWS = 16_384
_MOST_CHUNKS = 1_000_000  # of a file
_SCHEMA = pa.schema([("record", pa.string()), ("content", pa.large_binary()), ("note", pa.string())])
_FIRST, _OFFSET = b"first", b"offset"  # metadata: records in earlier chunks, bytes of the dump read by then


@dataclass(frozen=True, kw_only=True)
class ChunkItem(Item):
    """A chunk of the file at `path` of entry number `entry`."""

    entry: int
    path: str
    chunk: Path


class Chunks:
    """What the items of one step, one for each of `dumps`, cut these into. Their files are in the folder
    `cut`; another step that reads them has its receipts in the folder `read`."""

    def __init__(self, dumps: Sequence[Dump], cut: Path, read: Path) -> None:
        self._dumps = dumps
        self._cut = cut
        self._read = read
        self._found = [0] * len(dumps)
        self._done = [0] * len(dumps)
        self._offsets = [0] * len(dumps)

    def of(self, receipts: Sequence[Receipt]) -> list[ChunkItem]:
        """All of them, from the receipts for the dumps."""
        outputs = [[output for output in receipt.outputs if output.kind == _KIND] for receipt in receipts]
        return [
            self._item(dump, place, output.bytes)
            for dump, each in enumerate(outputs)
            for place, output in enumerate(each)
        ]

    def find(self) -> list[ChunkItem]:
        """Those whose files have come to be there since the last call."""
        new = []
        for dump, first in enumerate(self._found):
            items = list(self._there(dump, first))
            self._found[dump] += len(items)
            new += items
        return new

    def done(self) -> int:
        """How many bytes of the dumps have been read, near enough for a progress bar."""
        for dump, first in enumerate(self._done):
            for item in self._there(dump, first):
                self._offsets[dump] = _metadata(item.chunk, _OFFSET)
                if not receipt_path(self._read, item.index).exists():
                    break
                self._done[dump] += 1
        return sum(self._offsets)

    def forget(self, dump: int) -> None:
        """Delete all that an unfinished try has left for the dump of this number."""
        # Backwards: a kill leaves no gap before which `_there` would stop.
        for item in reversed(list(self._there(dump, 0))):
            receipt_path(self._read, item.index).unlink(missing_ok=True)
            item.chunk.unlink()

    def _there(self, dump: int, first: int) -> Iterator[ChunkItem]:
        for place in range(first, _MOST_CHUNKS):
            item = self._item(dump, place, size=0)
            if not item.chunk.exists():
                return
            yield item

    def _item(self, dump: int, place: int, size: int) -> ChunkItem:
        return ChunkItem(
            index=dump * _MOST_CHUNKS + place,
            size=size,
            entry=self._dumps[dump].entry,
            path=self._dumps[dump].path,
            chunk=self._cut / file_name(dump, _KIND, place, _SUFFIX),
        )


class ChunkWriter:
    """Raw records into chunk files, a new one when a chunk has reached its size. `offset` tells how many
    bytes of the dump have been read."""

    def __init__(self, outbox: Outbox, offset: Callable[[], int]) -> None:
        self._outbox = outbox
        self._offset = offset
        self._batch: list[RawRecord] = []
        self._batch_bytes = 0
        self._chunk_bytes = 0
        self._rows = 0
        self._rows_before = 0
        self._path = Path()
        self._writer: pa.ipc.RecordBatchFileWriter | None = None

    def add(self, record: RawRecord) -> None:
        """Take the next record."""
        self._batch.append(record)
        self._batch_bytes += len(record.content)
        if self._batch_bytes >= _BATCH_BYTES or len(self._batch) >= _BATCH_ROWS:
            self._write()
            if self._chunk_bytes >= _CHUNK_BYTES:
                self.close()

    def close(self) -> None:
        """Finish the chunk that is under way."""
        self._write()
        if self._writer is not None:
            self._writer.close()
            self._outbox.add(self._path, _KIND, _SUFFIX, self._rows)
            self._rows_before += self._rows
            self._writer, self._chunk_bytes, self._rows = None, 0, 0

    def _write(self) -> None:
        if not self._batch:
            return
        if self._writer is None:
            self._path = self._outbox.new()
            options = pa.ipc.IpcWriteOptions(compression=pa.Codec("zstd", 1))
            numbers = {_FIRST: str(self._rows_before), _OFFSET: str(self._offset())}
            self._writer = pa.ipc.new_file(str(self._path), _SCHEMA.with_metadata(numbers), options=options)
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


def numbered_records(chunk: Path) -> Iterator[tuple[int, RawRecord]]:
    """The records of a chunk, each with its number among all that were cut out of the file."""
    with pa.memory_map(str(chunk)) as source:
        reader = pa.ipc.open_file(source)
        first = int(reader.schema.metadata[_FIRST])
        for number in range(reader.num_record_batches):
            batch = reader.get_batch(number)
            columns = (batch.column(name).to_pylist() for name in _SCHEMA.names)
            for place, (record, content, note) in enumerate(zip(*columns, strict=True), first):
                yield place, RawRecord(record, content, None if note is None else json.loads(note))
            first += batch.num_rows


def _metadata(chunk: Path, key: bytes) -> int:
    with pa.memory_map(str(chunk)) as source:
        return int(pa.ipc.open_file(source).schema.metadata[key])
