"""What ingest writes: documents, rejects and the ledger of one work item.

Everything that a source yields ends here exactly once: as a document, as a reject row, or as a ledger row.
Texts are measured in batches (words, hashes of words and text); a text without a word becomes a reject.
"""

import json
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from corpusmill import documents
from corpusmill.clean.contamination import RULE, WHOLE
from corpusmill.clean.rules import Change
from corpusmill.clean.signals import measure
from corpusmill.dedup import words
from corpusmill.ledger import Entry, Tally
from corpusmill.pipeline.changes import Changes, Noted
from corpusmill.pipeline.decontamination import Found, Origin, Search, Searcher
from corpusmill.pipeline.items import Outbox
from corpusmill.sources.records import HEAD, Reason

_REJECTS_A_GROUP = 65_536


@dataclass(frozen=True, kw_only=True)
class Part:
    """A dump record that a document is made of: a whole one, or a comment of a thread."""

    path: str
    record: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A cleaned document. `changes` are those of the rules that made `text` of the parts' texts."""

    source: str
    path: str
    record: str
    text: str
    meta: dict[str, Any]
    parts: Sequence[Part]
    changes: Sequence[Change]


class _Row(NamedTuple):
    """A document until it is measured and written, without the texts that it was made from."""

    draft: Draft
    doc_id: bytes
    noted: list[Noted]
    found: Found | None = None
    """What it has of evaluation sets, if they are searched for."""


class Harvest:
    """The tables of one ingest item; `close` before the item is done."""

    def __init__(self, outbox: Outbox, measured: Collection[str] = (), search: Search | None = None) -> None:
        """`measured` are groups of signals (`clean.signals.FIELDS`, and url)."""
        self._outbox = outbox
        self._searcher = Searcher(search) if search else None
        self._measured = measured
        self._tally = Tally()
        self._changes = Changes()
        self._rows: list[_Row] = []
        self._row_bytes = 0
        self._kept = Counter[str]()
        self._rejects: list[dict[str, Any]] = []
        self.rejects = 0
        """Records that were rejects so far."""
        self._documents = _Parts(outbox, "documents", documents.SCHEMA)
        self._rejected = _Parts(outbox, "rejects", documents.REJECTS_SCHEMA)

    def document(self, draft: Draft) -> None:
        """Take in a document."""
        doc_id = documents.doc_id(draft.source, draft.path, draft.record)
        noted = self._changes.note(draft.source, doc_id, draft.path, draft.record, draft.changes)
        self._rows.append(_Row(replace(draft, changes=()), doc_id, noted))
        self._row_bytes += len(draft.text)
        if self._row_bytes >= documents.ROW_GROUP_BYTES:
            self._write_documents()

    def reject(
        self,
        *,
        source: str,
        path: str,
        record: str | None,
        reason: str,
        error: str,
        head: bytes,
        n_bytes: int,
    ) -> None:
        """Take in an unusable record of `n_bytes` raw bytes; `record` None is a whole file's damage."""
        self._tally.enter(source, 1, n_bytes)
        self._tally.remove(source, reason, 1, n_bytes)
        origin = {"path": path, "record": record}
        self.rejects += 1
        self._rejects.append(
            {
                "source": source,
                "origin": origin,
                "reason": reason,
                "error": error,
                "head": head[:HEAD],
                "bytes": n_bytes,
            }
        )
        if len(self._rejects) >= _REJECTS_A_GROUP:
            self._write_rejects()

    def removal(self, source: str, reason: str, n_bytes: int, records: int = 1) -> None:
        """Count usable records that a rule left out."""
        self._tally.enter(source, records, n_bytes)
        self._tally.remove(source, reason, records, n_bytes)

    def close(self) -> None:
        """Write what is left."""
        self._write_documents()
        self._write_rejects()
        self._documents.close()
        self._rejected.close()

    def ledger(self) -> list[Entry]:
        """The item's ledger, after `close`."""
        return self._tally.entries()

    def facts(self) -> dict[str, Any]:
        """How many documents there are by source, what the rules did to them, and what they had of evaluation
        sets, for the item's receipt, after `close`."""
        contamination = self._searcher.facts() if self._searcher else {}
        kept = dict(sorted(self._kept.items()))
        return {"documents": kept, "changes": self._changes.facts(), "contamination": contamination}

    def _write_documents(self) -> None:
        taken_in, self._rows, self._row_bytes = self._rows, [], 0
        if not taken_in:
            return
        measured = words.normalize([row.draft.text for row in taken_in])
        if self._searcher:
            taken_in, measured = self._decontaminated(self._searcher, taken_in, measured)
        hashes = measured.content_hashes()
        rows = []
        columns = zip(taken_in, measured.counts.tolist(), hashes, self._signals(taken_in), strict=True)
        for row, n_words, content, signals in columns:
            draft = row.draft
            if n_words == 0:
                self._reject_empty(draft)
                continue
            encoded = draft.text.encode()
            self._keep(row, len(encoded))
            rows.append(
                {
                    "doc_id": row.doc_id,
                    "source": draft.source,
                    "text": draft.text,
                    "origin": {"path": draft.path, "record": draft.record},
                    "meta": json.dumps(draft.meta, ensure_ascii=False, sort_keys=True),
                    "content_hash": content,
                    "text_hash": documents.text_hash(encoded),
                    "n_words": n_words,
                    "n_bytes": len(encoded),
                    "signals": signals,
                }
            )
        if rows:
            self._documents.write(pa.Table.from_pylist(rows, schema=documents.SCHEMA))

    def _decontaminated(
        self, searcher: Searcher, rows: Sequence[_Row], measured: words.Words
    ) -> tuple[list[_Row], words.Words]:
        """The documents that stay, without what they have of evaluation sets if that is to go, and their
        words."""
        origins = [Origin(row.draft.source, row.doc_id, row.draft.path, row.draft.record) for row in rows]
        stay = []
        changed = False
        for row, found in zip(
            rows, searcher.search([row.draft.text for row in rows], measured, origins), strict=True
        ):
            changed |= found.left != row.draft.text
            if found.left or not row.draft.text:
                stay.append(self._without_spans(row, found))
            else:
                for part in row.draft.parts:
                    self.removal(row.draft.source, WHOLE, len(part.text.encode()))
        if changed:
            measured = words.normalize([row.draft.text for row in stay])
        return stay, measured

    def _without_spans(self, row: _Row, found: Found) -> _Row:
        draft = row.draft
        if found.left == draft.text:
            return row._replace(found=found)
        change = Change(RULE, len(draft.text.encode()) - len(found.left.encode()), draft.text, found.left)
        noted = self._changes.note(draft.source, row.doc_id, draft.path, draft.record, [change])
        return _Row(replace(draft, text=found.left), row.doc_id, [*row.noted, *noted], found)

    def _signals(self, rows: Sequence[_Row]) -> list[dict[str, Any]]:
        """The signals of each document."""
        groups = [group for group in self._measured if group != "url"]
        signals = measure([row.draft.text for row in rows], groups)
        for row, each in zip(rows, signals, strict=True):
            each["n_lines"] = row.draft.text.count("\n") + 1
            if "url" in self._measured:
                url = row.draft.meta.get("url")
                each["url"] = url if isinstance(url, str) else None
            if row.found:
                each |= {"contaminated_words": row.found.words, "contaminated_by": row.found.sets}
        return signals

    def _keep(self, row: _Row, n_bytes: int) -> None:
        draft = row.draft
        self._tally.enter(
            draft.source, len(draft.parts), sum(len(part.text.encode()) for part in draft.parts)
        )
        for noted in row.noted:
            self._tally.remove(draft.source, noted.rule, 0, noted.taken)
        self._changes.add(draft.source, row.noted)
        self._kept[draft.source] += 1
        self._tally.keep(draft.source, len(draft.parts), n_bytes)

    def _reject_empty(self, draft: Draft) -> None:
        for part in draft.parts:
            raw = part.text.encode()
            self.reject(
                source=draft.source,
                path=part.path,
                record=part.record,
                reason=Reason.EMPTY,
                error="no words are left of the text",
                head=raw,
                n_bytes=len(raw),
            )

    def _write_rejects(self) -> None:
        rejects, self._rejects = self._rejects, []
        if rejects:
            self._rejected.write(pa.Table.from_pylist(rejects, schema=documents.REJECTS_SCHEMA))


class _Parts:
    """Row groups into Parquet files, a new one when a file has reached its size."""

    def __init__(self, outbox: Outbox, kind: str, schema: pa.Schema) -> None:
        self._outbox = outbox
        self._kind = kind
        self._schema = schema
        self._writer: pq.ParquetWriter | None = None
        self._path = Path()
        self._rows = 0

    def write(self, table: pa.Table) -> None:
        if self._writer is None:
            self._path, self._rows = self._outbox.new(), 0
            self._writer = documents.open_writer(self._path, self._schema)
        self._writer.write_table(table, row_group_size=max(1, table.num_rows))
        self._rows += table.num_rows
        if self._path.stat().st_size >= documents.SHARD_BYTES:
            self.close()

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._outbox.add(self._path, self._kind, "parquet", self._rows)
            self._writer = None
