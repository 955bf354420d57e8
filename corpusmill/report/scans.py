"""One pass over each table of a run, a row group at a time, in arrays: what comes out is small.

The texts are not read here; the column is skipped. `scan_documents` says where the few wanted documents
lie, so that `pairs` can read just those.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.documents import fixed_bytes, iter_groups
from corpusmill.report.lengths import Lengths

JACCARD_BINS = 20
HEAD_CHARACTERS = 120  # of a rejected record

Sources = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a document lies and what it is, all but its text."""

    shard: int
    row: int
    source: str
    path: str
    record: str | None
    n_bytes: int
    n_words: int


@dataclass(frozen=True, kw_only=True)
class Documents:
    """Lengths by source, in bytes and in words, and the places of the wanted documents by id."""

    n_bytes: dict[str, Lengths] = field(default_factory=dict)
    n_words: dict[str, Lengths] = field(default_factory=dict)
    places: dict[bytes, Place] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A near duplicate, by ids."""

    jaccard: float
    removed: bytes
    kept: bytes


@dataclass(frozen=True, kw_only=True)
class Duplicates:
    """Counts by (kept source, removed source, how), int64[JACCARD_BINS] near duplicates by Jaccard, and
    candidates to show: for each (kept source, removed source) near pairs, each of another Jaccard."""

    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    jaccard: np.ndarray = field(default_factory=lambda: np.zeros(JACCARD_BINS, np.int64))
    candidates: dict[Sources, list[Pair]] = field(default_factory=dict)


def parts(folder: Path) -> list[Path]:
    """The Parquet shards of a table, in the order of their numbers."""
    return sorted(folder.glob("part-*.parquet"))


def scan_documents(folder: Path, wanted: Collection[bytes]) -> Documents:
    """Measure every document of RUN/documents and find those whose ids are `wanted`."""
    found = Documents()
    heads = np.array(sorted({int.from_bytes(doc_id[:8], "little") for doc_id in wanted}), "<u8")
    columns = ["doc_id", "source", "origin", "n_bytes", "n_words"]
    for shard, path in enumerate(parts(folder)):
        for first, table in iter_groups(path, columns):
            _measure(found, table)
            ids = np.ascontiguousarray(fixed_bytes(table["doc_id"])).view("<u8")[:, 0]
            for hit in np.flatnonzero(np.isin(ids, heads)):
                row = table.slice(int(hit), 1).to_pylist()[0]
                if row["doc_id"] in wanted:
                    found.places[row["doc_id"]] = Place(
                        shard=shard,
                        row=first + int(hit),
                        source=row["source"],
                        path=row["origin"]["path"],
                        record=row["origin"]["record"],
                        n_bytes=row["n_bytes"],
                        n_words=row["n_words"],
                    )
    return found


def scan_rejects(folder: Path) -> list[dict[str, Any]]:
    """Rejects by source and reason, in that order: counts, bytes, and the first one as an example."""
    groups: dict[Sources, dict[str, Any]] = {}
    for path in parts(folder):
        for _, table in iter_groups(path, ["source", "origin", "reason", "error", "head", "bytes"]):
            for row in table.to_pylist():
                group = groups.setdefault(
                    (row["source"], row["reason"]), {"records": 0, "bytes": 0, "example": _example(row)}
                )
                group["records"] += 1
                group["bytes"] += row["bytes"]
    return [
        {"source": source, "reason": reason, **groups[source, reason]} for source, reason in sorted(groups)
    ]


def scan_duplicates(folder: Path, threshold: float) -> Duplicates:
    """Count the duplicates table; its Jaccard histogram has the bins of `jaccard_edges(threshold)`."""
    found, candidates = Duplicates(), dict[Sources, dict[int, Pair]]()
    edges = jaccard_edges(threshold)
    for path in parts(folder):
        columns = ["removed", "kept", "jaccard", "how", "removed_source", "kept_source"]
        for _, table in iter_groups(path, columns):
            keys = ["kept_source", "removed_source", "how"]
            counted = table.group_by(keys, use_threads=False).aggregate([([], "count_all")])
            for row in counted.to_pylist():
                found.counts[row["kept_source"], row["removed_source"], row["how"]] += row["count_all"]
            near = table.filter(pc.equal(table["how"], "near"))
            if near.num_rows:
                jaccard = np.round(near["jaccard"].to_numpy(), 12)
                bins = np.clip(np.searchsorted(edges, jaccard, side="right") - 1, 0, JACCARD_BINS - 1)
                found.jaccard[:] += np.bincount(bins, minlength=JACCARD_BINS)
                _remember(candidates, near, bins)
    for sources, by_bin in candidates.items():
        found.candidates[sources] = [by_bin[place] for place in sorted(by_bin)]
    return found


def jaccard_edges(threshold: float) -> np.ndarray:
    """float64[JACCARD_BINS + 1]: the histogram's bin edges, rounded so that 0.96 is the edge 0.96."""
    if threshold >= 1:
        return np.linspace(0.95, 1, JACCARD_BINS + 1).round(12)
    return np.linspace(threshold, 1, JACCARD_BINS + 1).round(12)


def _measure(found: Documents, table: pa.Table) -> None:
    sources = table["source"].combine_chunks().dictionary_encode()
    if isinstance(sources, pa.ChunkedArray):  # of an empty table
        return
    codes = sources.indices.to_numpy()
    for unit, lengths in (("n_bytes", found.n_bytes), ("n_words", found.n_words)):
        values = table[unit].to_numpy()
        for code, source in enumerate(sources.dictionary.to_pylist()):
            lengths.setdefault(source, Lengths()).add(values[codes == code])


def _example(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "path": row["origin"]["path"],
        "record": row["origin"]["record"],
        "error": row["error"],
        "head": _printable(row["head"].decode(errors="backslashreplace"))[:HEAD_CHARACTERS],
    }


def _printable(text: str) -> str:
    """`text` with control characters as escapes: a page cannot hold all of them."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def _remember(candidates: dict[Sources, dict[int, Pair]], near: pa.Table, bins: np.ndarray) -> None:
    """Keep of each pair of sources one pair a bin of the histogram, that with the smallest removed id.

    `bins` is int64[n], the bins of the rows of `near`.
    """
    names = [near[name].combine_chunks().dictionary_encode() for name in ("kept_source", "removed_source")]
    kept, removed = (column.indices.to_numpy().astype(np.int64) for column in names)
    groups = (kept * len(names[1].dictionary) + removed) * JACCARD_BINS + bins
    ids = np.ascontiguousarray(fixed_bytes(near["removed"])).view(">u8")
    order = np.lexsort((ids[:, 1], ids[:, 0], groups))
    firsts = order[np.flatnonzero(np.diff(groups[order], prepend=-1))]
    for row, place in zip(near.take(firsts).to_pylist(), bins[firsts].tolist(), strict=True):
        pair = Pair(jaccard=row["jaccard"], removed=row["removed"], kept=row["kept"])
        known = candidates.setdefault((row["kept_source"], row["removed_source"]), {})
        known[place] = min(known.get(place, pair), pair, key=lambda each: each.removed)
