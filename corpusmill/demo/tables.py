"""A finished run's tables as plain Python objects, for checks that must not share code with the pipeline."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from corpusmill import documents
from corpusmill.errors import CorpusmillError
from corpusmill.tokenize.shards import TokenShard


@dataclass(frozen=True, kw_only=True)
class Document:
    """A row of the documents table, without its text."""

    source: str
    text_hash: bytes
    n_words: int
    n_bytes: int


@dataclass(frozen=True, kw_only=True)
class Duplicate:
    """A row of the duplicates table."""

    removed: bytes
    kept: bytes
    jaccard: float
    how: str
    removed_source: str
    kept_source: str


@dataclass(frozen=True, kw_only=True)
class Reject:
    """A row of the rejects table; `record` is None for a damaged file."""

    source: str
    path: str
    record: str | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class Tables:
    """What a run came to. `filtered` are the rules that left documents out, `documents` and `tokens` (counts
    of ids, end of text included) are by doc_id too; `token_rows` counts the rows of the shards, in which no
    document should stand twice."""

    documents: dict[bytes, Document]
    filtered: dict[bytes, str]
    duplicates: list[Duplicate]
    rejects: list[Reject]
    tokens: dict[bytes, int]
    token_rows: int
    ledger: pa.Table


def read(run: Path) -> Tables:
    """The tables of a run; `CorpusmillError` if one of them is not there."""
    found = {
        row.pop("doc_id"): Document(**row)
        for row in _rows(run / "documents", ["doc_id", "source", "text_hash", "n_words", "n_bytes"])
    }
    duplicates = [
        Duplicate(**row)
        for row in _rows(
            run / "duplicates", ["removed", "kept", "jaccard", "how", "removed_source", "kept_source"]
        )
    ]
    rejects = [
        Reject(source=row["source"], reason=row["reason"], **row["origin"])
        for row in _rows(run / "rejects", ["source", "origin", "reason"])
    ]
    tokens, token_rows = _tokens(run / "tokens")
    filtered = {row["doc_id"]: row["rule"] for row in _rows(run / "filtered", ["doc_id", "rule"])}
    return Tables(
        documents=found,
        filtered=filtered,
        duplicates=duplicates,
        rejects=rejects,
        tokens=tokens,
        token_rows=token_rows,
        ledger=pq.read_table(run / "ledger.parquet"),
    )


def texts(run: Path, wanted: Collection[bytes]) -> dict[bytes, str]:
    """The texts of some documents, by doc_id."""
    chosen = set(wanted)
    found: dict[bytes, str] = {}
    for path in _parts(run / "documents", "parquet"):
        for _, group in documents.iter_groups(path, ["doc_id", "text"]):
            column = group.column("text")
            for row, key in enumerate(group.column("doc_id").to_pylist()):
                if key in chosen:
                    found[key] = column[row].as_py()
    return found


def _rows(folder: Path, columns: list[str]) -> list[dict[str, Any]]:
    return [
        row for path in _parts(folder, "parquet") for row in documents.read_columns(path, columns).to_pylist()
    ]


def _tokens(folder: Path) -> tuple[dict[bytes, int], int]:
    counts: dict[bytes, int] = {}
    rows = 0
    for path in _parts(folder / "train", "arrow") + _parts(folder / "valid", "arrow"):
        shard = TokenShard(path)
        lengths = np.diff(shard.offsets).tolist()
        rows += len(lengths)
        for doc_id, length in zip(shard.batch.column("doc_id").to_pylist(), lengths, strict=True):
            counts[doc_id] = counts.get(doc_id, 0) + length
    return counts, rows


def _parts(folder: Path, suffix: str) -> list[Path]:
    parts = sorted(folder.glob(f"part-*.{suffix}"))
    if not parts:
        raise CorpusmillError(f"{folder}: no table here; run `corpusmill corpus` first")
    return parts
