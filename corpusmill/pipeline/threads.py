"""From a partition of comments to documents: the longest chain of each thread, one message a line.

Which comments stay is decided for all threads of the partition at once, on arrays; only those that stay
become Python objects.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.clean import rules
from corpusmill.entries import Pushshift
from corpusmill.pipeline import exchange
from corpusmill.pipeline.comments import SCHEMA, month_name
from corpusmill.pipeline.harvest import Draft, Harvest, Part
from corpusmill.pipeline.intake import Reading, chain_of, file_document
from corpusmill.pipeline.items import Done, Item, Outbox
from corpusmill.sources import roller, threads

SUBMISSION = "submission"  # reasons of removals, beside the names of Roller's rules
NO_COMMENTS = "no_comments"
_REASONS = {
    **dict(enumerate(roller.RULES)),
    threads.COPY: "duplicate_id",
    threads.BELOW_DROPPED: "below_dropped",
    threads.OFF_CHAIN: "chain",
}


@dataclass(frozen=True, kw_only=True)
class ThreadsItem(Item):
    """The threads of one partition of the exchange."""

    partition: int


def build_threads(
    reading: Reading, paths: Sequence[str], sent: Sequence[Path], item: ThreadsItem, outbox: Outbox
) -> Done:
    """Work: the longest chain of every thread of a partition, as a document. `paths` are the files of
    comments by their numbers."""
    table = exchange.read(sent, SCHEMA, item.partition, item.partition + 1).combine_chunks()
    harvest = reading.harvest(outbox)
    facts = {}
    for number in sorted(pc.unique(table.column("entry")).to_pylist()):
        entry = reading.entry(number)
        assert isinstance(entry, Pushshift)
        rows = _sorted(table.filter(pc.equal(table.column("entry"), number)))
        builder = _Builder(harvest, entry, paths, rows)
        builder.build()
        facts[entry.name] = builder.facts
    harvest.close()
    return Done(ledger=harvest.ledger(), facts={"threads": facts} | harvest.facts())


def _sorted(table: pa.Table) -> pa.Table:
    """By thread, then in the order of the files: the last of several copies of a comment is kept."""
    links = table.column("link_id").combine_chunks().dictionary_encode()
    ranks = pc.rank(links.dictionary).to_numpy()  # exact, and far cheaper than sorting every row's string
    of_row = ranks[links.indices.to_numpy()]
    order = np.lexsort([table.column("place").to_numpy(), table.column("file").to_numpy(), of_row])
    return table.take(order).append_column("thread", pa.array(of_row[order].astype(np.int64) - 1))


class _Row(NamedTuple):
    """A comment or submission that gets into a document; the columns of the exchange's schema."""

    thread: int
    link_id: str
    file: int
    record: str
    id: str | None
    subreddit: str | None
    body: str
    selftext: str


def _rows(table: pa.Table) -> list[_Row]:
    return [
        _Row(*row) for row in zip(*(table.column(name).to_pylist() for name in _Row._fields), strict=True)
    ]


class _Builder:
    """The threads of one entry in one partition. `rows` are sorted, with the number of each row's thread."""

    def __init__(self, harvest: Harvest, entry: Pushshift, paths: Sequence[str], rows: pa.Table) -> None:
        self._harvest = harvest
        self._entry = entry
        self._paths = paths
        self._chain = chain_of(entry, entry.name)
        is_comment = pc.is_valid(rows.column("id")).combine_chunks()
        self._comments = rows.filter(is_comment).combine_chunks()
        self._submissions = rows.filter(pc.invert(is_comment)).combine_chunks()
        self._sizes = pc.binary_length(self._comments.column("body")).to_numpy()  # bytes of UTF-8
        self._n = int(pc.max(rows.column("thread")).as_py()) + 1
        self.facts: dict[str, Any] = {}

    def build(self) -> None:
        """Harvest every thread, and count what is left out."""
        built = threads.build(
            self._comments.column("thread").to_numpy(),
            self._comments.column("id").combine_chunks(),
            self._comments.column("parent_id").combine_chunks(),
            pc.fill_null(self._comments.column("score"), 0).to_numpy(),
            self._comments.column("rule").to_numpy(),
            self._entry.drop.depth,
        )
        self._count_dropped(built.fate)
        starts: list[int] = built.chain_starts.tolist()
        starts += starts[-1:] * (self._n + 1 - len(starts))  # threads of submissions only, behind the last
        posts = self._posts(starts)
        kept = _rows(self._comments.take(pa.array(built.chain)))
        for thread in range(self._n):
            rows = [posts[thread]] if thread in posts else []
            rows += kept[starts[thread] : starts[thread + 1]]
            if rows:
                self._file(rows)
        self.facts = self._facts(built, starts)

    def _count_dropped(self, fate: np.ndarray) -> None:
        for number in np.unique(fate).tolist():
            if number != threads.KEPT:
                of_fate = fate == number
                n_bytes = int(self._sizes[of_fate].sum())
                self._harvest.removal(self._entry.name, _REASONS[number], n_bytes, int(of_fate.sum()))

    def _posts(self, starts: list[int]) -> dict[int, "_Row"]:
        """{thread: its submission} of those that get into a document; the others are counted."""
        rows = _rows(self._submissions)
        last = {row.thread: row for row in rows}
        taken = {}
        for row in rows:
            thread = row.thread
            if row is not last[thread]:
                reason = _REASONS[threads.COPY]
            elif self._entry.submissions == "leave":
                reason = SUBMISSION
            elif self._entry.submissions == "title" and starts[thread] == starts[thread + 1]:
                reason = NO_COMMENTS
            else:
                taken[thread] = row
                continue
            self._harvest.removal(self._entry.name, reason, len("".join(self._texts(row)).encode()))
        return taken

    def _texts(self, row: "_Row") -> list[str]:
        """The messages of a comment, or of a submission as far as this entry takes it."""
        if row.id is None and self._entry.submissions == "post":
            return [row.body, row.selftext]
        return [row.body]

    def _file(self, rows: list["_Row"]) -> None:
        """Harvest a thread's submission, if it is there, and chain as a document."""
        messages: list[str] = []
        changes: list[rules.Change] = []
        for text in (text for row in rows for text in self._texts(row)):
            message, done = rules.apply(self._chain, text)
            changes += done
            if message:
                messages.append(message)
        joined = "\n".join(messages)  # the line ends between messages are ours
        changes.append(rules.Change("join", -max(0, len(messages) - 1), "".join(messages), joined))
        files = sorted({row.file for row in rows})
        places = [{"file": files.index(row.file), "record": row.record} for row in rows]
        meta: dict[str, Any] = {
            "subreddit": rows[0].subreddit,
            "files": [self._paths[file] for file in files],
            "comments": [{"id": row.id, **place} for row, place in zip(rows, places, strict=True) if row.id],
        }
        if rows[0].id is None:
            meta["submission"] = places[0]
        draft = Draft(
            source=self._entry.name,
            path="",
            record=rows[0].link_id,
            text=joined,
            meta=meta,
            parts=[
                Part(path=self._paths[row.file], record=row.record, text="".join(self._texts(row)))
                for row in rows
            ],
            changes=changes,
        )
        file_document(self._harvest, draft, self._entry.languages)

    def _facts(self, built: threads.Threads, starts: list[int]) -> dict[str, Any]:
        """What the report tells of the reduction: of all comments, and by the month that they are of."""
        kept = built.fate == threads.KEPT
        sizes = self._sizes
        months = self._comments.column("month").to_numpy(zero_copy_only=False)
        by_month = {}
        named = np.nan_to_num(months.astype(np.float64), nan=-1).astype(np.int64)
        for month in np.unique(named).tolist():
            of_month = named == month
            both = of_month & kept
            by_month[month_name(None if month < 0 else month)] = [
                int(of_month.sum()),
                int(both.sum()),
                int(sizes[of_month].sum()),
                int(sizes[both].sum()),
            ]
        with_comments = np.unique(self._comments.column("thread").to_numpy())
        depths = np.zeros(self._n, np.int64)
        np.maximum.at(depths, self._comments.column("thread").to_numpy(), built.depth)
        return {
            "threads": len(with_comments),
            "by_month": by_month,
            "depths": _histogram(depths[with_comments]),
            "chains": _histogram(np.diff(np.array(starts))[with_comments]),
        }


def _histogram(values: np.ndarray) -> dict[str, int]:
    """{value: how often}; from 32 on the values are rounded down to a power of two."""
    rounded = np.where(values < 32, values, 1 << np.log2(np.maximum(values, 1)).astype(np.int64))
    found, counts = np.unique(rounded, return_counts=True)
    return {str(value): count for value, count in zip(found.tolist(), counts.tolist(), strict=True)}
