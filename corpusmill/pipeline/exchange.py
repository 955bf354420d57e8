"""The exchange: heavy rows meet by partition, through files that any engine can read.

A producer writes Arrow IPC files with exactly one record batch a partition, empty ones too, so that batch
i of every file belongs to partition i. A consumer takes a range of partitions and reads just those
batches. Memory is bounded by the producer's buffer on one side and the partition on the other.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa

from corpusmill.pipeline.items import Outbox

BUFFER_BYTES = 256 << 20  # that a producer holds before it writes a file
PARTITION_BYTES = 64 << 20  # about what a partition has, as long as batches do not get too small
SMALLEST_BATCH = 256 << 10  # smaller ones are slow to read: 254 MB/s at 40 kB against 6,300 at 4 MB


def count_partitions(total_bytes: int) -> int:
    """How many partitions `total_bytes` of rows are cut into.

    With B bytes and a buffer M, B/M partitions make batches of M²/B; they are kept from getting too small.
    """
    return max(1, min(-(-total_bytes // PARTITION_BYTES), BUFFER_BYTES // SMALLEST_BATCH))


class ExchangeWriter:
    """The producer's side: rows go in with their partition, files come out through the item's outbox."""

    def __init__(self, outbox: Outbox, schema: pa.Schema, partitions: int, compression: str | None) -> None:
        """`schema` must hold no dictionary columns (a file has one dictionary for all its batches)."""
        self._outbox = outbox
        self._schema = schema
        self._n = partitions
        self._options = pa.ipc.IpcWriteOptions(compression=compression)
        self._tables: list[pa.Table] = []
        self._partitions: list[np.ndarray] = []
        self._bytes = 0

    def add(self, table: pa.Table, partitions: np.ndarray) -> None:
        """Add rows; `partitions` is int64[rows], each in [0, n)."""
        self._tables.append(table)
        self._partitions.append(partitions)
        self._bytes += table.nbytes
        if self._bytes >= BUFFER_BYTES:
            self._flush()

    def close(self) -> None:
        """Write what is buffered."""
        if self._tables:
            self._flush()

    def _flush(self) -> None:
        partitions = np.concatenate(self._partitions)
        by = np.argsort(partitions, kind="stable")
        table = pa.concat_tables(self._tables).take(by)
        borders = np.searchsorted(partitions[by], np.arange(self._n + 1))
        path = self._outbox.new()
        with (
            pa.OSFile(str(path), "wb") as sink,
            pa.ipc.new_file(sink, self._schema, options=self._options) as writer,
        ):
            for start, stop in zip(borders[:-1].tolist(), borders[1:].tolist(), strict=True):
                # write_table would write no batch for no rows, and shift all that follow.
                writer.write_batch(one_batch(table.slice(start, stop - start), self._schema))
        self._outbox.add(path, "exchange", "arrow", table.num_rows)
        self._tables, self._partitions, self._bytes = [], [], 0


def one_batch(table: pa.Table, schema: pa.Schema) -> pa.RecordBatch:
    """The rows of `table` as a single record batch, also when there are none."""
    batches = table.combine_chunks().to_batches()
    if len(batches) == 1:
        return pa.record_batch(batches[0].columns, schema=schema)
    return pa.record_batch([pa.array([], field.type) for field in schema], schema=schema)


def read(files: Iterable[Path], schema: pa.Schema, first: int, stop: int) -> pa.Table:
    """The rows of partitions [first, stop) of all `files`, file by file in the order given."""
    batches = []
    for file in files:
        with pa.memory_map(str(file)) as source:
            reader = pa.ipc.open_file(source)
            batches += [reader.get_batch(partition) for partition in range(first, stop)]
    return pa.Table.from_batches(batches, schema=schema)
