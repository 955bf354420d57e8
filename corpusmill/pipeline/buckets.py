"""Grouping on the engine: documents of one content, and pairs that share a band.

What travels are blocks of 64-bit numbers by partition; a reducer concatenates, sorts and groups them in
numpy. Blocks of a group come in any order, so every reducer sorts by everything that it writes.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from corpusmill import documents
from corpusmill.dedup import buckets
from corpusmill.errors import CorpusmillError
from corpusmill.pipeline import sketches
from corpusmill.pipeline.items import Done, Item, Outbox
from corpusmill.pipeline.sketches import ShardItem

# A content row: hash (2), document, and the total order: priority, −n_bytes, doc_id (2).
CONTENT_ROW_BYTES = 7 * 8
# A band row: key, document, size of its shingle set.
BAND_ROW_BYTES = 3 * 8


def save(outbox: Outbox, kind: str, array: np.ndarray) -> None:
    """Write `array` as the item's next file of `kind`."""
    path = outbox.new()
    with path.open("wb") as file:
        np.save(file, array)
    outbox.add(path, kind, "npy", len(array))


def load_all(files: Iterable[Path], columns: int) -> np.ndarray:
    """int64[n, columns]: the rows of all `files`."""
    return np.concatenate([np.empty((0, columns), np.int64), *(np.load(file) for file in files)])


def order_keys(table: pa.Table, priority: dict[str, int]) -> list[np.ndarray]:
    """The total order of a shard's documents as int64/uint64 keys, most significant first: the source's
    place in the recipe, more bytes, smaller doc_id."""
    place = np.fromiter((priority[name] for name in table.column("source").to_pylist()), np.int64, len(table))
    ids = (
        documents.fixed_bytes(table.column("doc_id")).reshape(-1).view(">u8").astype(np.uint64).reshape(-1, 2)
    )
    return [place, -table.column("n_bytes").to_numpy(), ids[:, 0], ids[:, 1]]


def content_blocks(
    priority: dict[str, int], n: int, partitions: range, item: ShardItem
) -> list[tuple[int, bytes]]:
    """The documents of a shard by their content's partition, of those asked for."""
    table = documents.read_columns(item.shard.path, ["doc_id", "source", "content_hash", "n_bytes"])
    content = documents.fixed_bytes(table.column("content_hash")).reshape(-1).view(np.uint64).reshape(-1, 2)
    numbers = documents.numbers(item.shard.index, len(table))
    rows = np.stack(
        [each.astype(np.uint64) for each in (*content.T, numbers, *order_keys(table, priority))], axis=1
    )[item.shard.stays()]
    content = rows[:, :2]
    return _cut(rows, (content[:, 0] % np.uint64(n)).astype(np.int64), partitions)


def reduce_content(partition: int, blocks: Sequence[bytes], outbox: Outbox) -> Done:
    """(document, representative) of every document that repeats a content of this partition.

    Equal ids have equal contents, so they meet here; `CorpusmillError` if there are any.
    """
    rows = _join(blocks, CONTENT_ROW_BYTES)
    _refuse_equal_ids(rows[:, 5:7])
    order = [rows[:, 3].view(np.int64), rows[:, 4].view(np.int64), rows[:, 5], rows[:, 6]]
    save(outbox, "classes", buckets.representatives(rows[:, :2], order, rows[:, 2].astype(np.int64)))
    return Done()


def _refuse_equal_ids(ids: np.ndarray) -> None:
    """`ids` is uint64[n, 2]."""
    ids = ids[np.lexsort((ids[:, 1], ids[:, 0]))]
    equal = np.flatnonzero((ids[1:] == ids[:-1]).all(axis=1))
    if len(equal):
        name = ids[equal[0]].astype(">u8").tobytes().hex()
        raise CorpusmillError(f"two documents have the id {name}: a record was read twice; see its origin")


def merge_classes(files: Sequence[Path], item: Item, outbox: Outbox) -> Done:
    """Work: all (document, representative), sorted by document."""
    pairs = load_all(files, 2)
    save(outbox, "classes", pairs[np.argsort(pairs[:, 0])])
    return Done(facts={"copies": len(pairs)})


def band_blocks(
    sketched: Sequence[Path], classes: Path, slices: int, partitions: range, item: ShardItem
) -> list[tuple[int, bytes]]:
    """The representatives of a shard by band and slice of the keys, of the partitions asked for.

    Partition band·slices + s holds the s-th of `slices` equal parts of the keys' range.
    """
    path = sketched[item.shard.index]
    sizes = sketches.sizes(path)
    numbers = documents.numbers(item.shard.index, len(sizes))
    copies = np.load(classes, mmap_mode="r")[:, 0]
    start, stop = np.searchsorted(copies, [item.shard.index << 32, (item.shard.index + 1) << 32])
    first = sizes > 0  # or the filter has left them out
    first[documents.row_of(copies[start:stop])] = False
    blocks: list[tuple[int, bytes]] = []
    for band in range(partitions.start // slices, (partitions.stop - 1) // slices + 1):
        keys = sketches.keys(path, band)[first]
        rows = np.stack([keys, numbers[first].view(np.uint64), sizes[first].view(np.uint64)], axis=1)
        part = (keys >> np.uint64(32)) * np.uint64(slices) >> np.uint64(32)
        blocks += _cut(rows, part.astype(np.int64) + band * slices, partitions)
    return blocks


def reduce_band(p: int, q: int, partition: int, blocks: Sequence[bytes], outbox: Outbox) -> Done:
    """All pairs of a partition that share a key and whose sizes allow a Jaccard of p/q."""
    rows = _join(blocks, BAND_ROW_BYTES)
    numbers, sizes = rows[:, 1].view(np.int64), rows[:, 2].view(np.int64)
    save(outbox, "pairs", buckets.propose(rows[:, 0], numbers, sizes, p, q))
    return Done()


def _cut(rows: np.ndarray, partition: np.ndarray, wanted: range) -> list[tuple[int, bytes]]:
    by = np.argsort(partition, kind="stable")
    rows, partition = rows[by], partition[by]
    borders = np.searchsorted(partition, np.arange(wanted.start, wanted.stop + 1))
    return [
        (number, rows[start:stop].tobytes())
        for number, start, stop in zip(wanted, borders[:-1].tolist(), borders[1:].tolist(), strict=True)
        if stop > start
    ]


def _join(blocks: Sequence[bytes], row_bytes: int) -> np.ndarray:
    """uint64[n, row_bytes / 8]: the rows of a group's blocks, columns contiguous."""
    rows = np.frombuffer(b"".join(blocks), np.uint64).reshape(-1, row_bytes // 8)
    return np.asfortranarray(rows)
