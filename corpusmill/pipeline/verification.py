"""Proposed pairs to true pairs: the shingle sets meet in an exchange, the exact Jaccard decides."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill import documents
from corpusmill.dedup import buckets as grouping
from corpusmill.dedup import shingles, words
from corpusmill.dedup.verify import overlaps, reaches
from corpusmill.pipeline import exchange, sketches
from corpusmill.pipeline.buckets import load_all, save
from corpusmill.pipeline.items import Done, Item, Outbox
from corpusmill.pipeline.sketches import ShardItem

SCHEMA = pa.schema([("document", pa.int64()), ("shingles", pa.large_list(pa.uint64()))])
# Columns of the verified pairs.
FIRST, SECOND, OVERLAP, FIRST_SIZE, SECOND_SIZE, BANDS = range(6)


def merge_pairs(files: Sequence[Path], sketched: Sequence[Path], item: Item, outbox: Outbox) -> Done:
    """Work: the distinct pairs, sorted by the partition in which they will be verified, and which sets
    each partition needs.

    `pairs` is int64[m, 4] (partition, first, second, shared bands), `needs` int64[k, 2] (document,
    partition), both sorted.
    """
    pairs, shared = grouping.distinct(load_all(files, 2))
    involved = np.unique(pairs)
    n = exchange.count_partitions(8 * _total_size(involved, sketched))
    # The shard would spread badly: neighbours are often in one.
    partition = (pairs[:, 0] ^ (pairs[:, 0] >> np.int64(32))) % n
    rows = np.column_stack([partition, pairs, shared])
    save(outbox, "pairs", rows[np.lexsort((pairs[:, 1], pairs[:, 0], partition))])
    needs = np.concatenate([rows[:, [1, 0]], rows[:, [2, 0]]])
    save(outbox, "needs", np.unique(needs, axis=0))
    return Done(facts={"pairs": len(pairs), "partitions": n})


def _total_size(involved: np.ndarray, sketched: Sequence[Path]) -> int:
    total = 0
    for shard in np.unique(documents.shard_of(involved)).tolist():
        rows = documents.row_of(involved[documents.shard_of(involved) == shard])
        total += int(sketches.sizes(sketched[shard])[rows].sum())
    return total


def send_sets(needs: Path, n: int, item: ShardItem, outbox: Outbox) -> Done:
    """Work: the shingle sets of a shard's documents, to each partition that needs them."""
    wanted = np.load(needs, mmap_mode="r")
    borders = np.searchsorted(wanted[:, 0], [item.shard.index << 32, (item.shard.index + 1) << 32])
    wanted = np.array(wanted[borders[0] : borders[1]])
    writer = exchange.ExchangeWriter(outbox, SCHEMA, n, compression=None)
    for first, table in documents.iter_groups(item.shard.path, ["text"]) if len(wanted) else ():
        rows = documents.row_of(wanted[:, 0])
        here = wanted[(rows >= first) & (rows < first + len(table))]
        unique = np.unique(here[:, 0])
        texts = table.column("text").take(documents.row_of(unique) - first).to_pylist()
        sets = shingles.shingles(words.normalize(texts))
        lists = pa.LargeListArray.from_arrays(sets.offsets, sets.hashes)
        copies = np.searchsorted(unique, here[:, 0])
        writer.add(pa.table([pa.array(here[:, 0]), lists.take(pa.array(copies))], schema=SCHEMA), here[:, 1])
    writer.close()
    return Done()


def verify(pairs: Path, sent: Sequence[Path], p: int, q: int, item: Item, outbox: Outbox) -> Done:
    """Work: the pairs of one partition with J ≥ p/q, as int64[m, 6] (see the column names above)."""
    rows = np.load(pairs, mmap_mode="r")
    borders = np.searchsorted(rows[:, 0], [item.index, item.index + 1])
    rows = np.array(rows[borders[0] : borders[1]])
    table = exchange.read(sent, SCHEMA, item.index, item.index + 1).combine_chunks()
    table = table.take(pc.sort_indices(table.column("document")))
    numbers = table.column("document").to_numpy()
    hashes, offsets = _flat(table.column("shingles"))
    first, second = np.searchsorted(numbers, rows[:, 1]), np.searchsorted(numbers, rows[:, 2])
    overlap = overlaps(hashes, offsets, first, second)
    sizes = np.diff(offsets)
    verified = np.column_stack([rows[:, 1], rows[:, 2], overlap, sizes[first], sizes[second], rows[:, 3]])
    verified = verified[reaches(overlap, sizes[first], sizes[second], p, q)]
    save(outbox, "verified", verified)
    return Done(facts={"pairs": len(verified)})


def _flat(lists: pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray]:
    """(values uint64, offsets int64[n + 1]) of a list column."""
    array = lists.combine_chunks() if lists.num_chunks != 1 else lists.chunk(0)
    if isinstance(array, pa.ChunkedArray) or not len(array):
        return np.empty(0, np.uint64), np.zeros(1, np.int64)
    offsets = array.offsets.to_numpy()
    values = array.values.to_numpy()
    return values[offsets[0] : offsets[-1]], offsets - offsets[0]
