"""Comments through the exchange: from the files they lie in to the threads they belong to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import xxhash

from corpusmill.clean import rules
from corpusmill.pipeline import exchange
from corpusmill.pipeline.harvest import Draft, Harvest, Part
from corpusmill.pipeline.items import Done, Item, Outbox
from corpusmill.recipe import Recipe
from corpusmill.sources import threads
from corpusmill.sources.pushshift import PushshiftSource
from corpusmill.sources.records import Comment

# `entry` is the source's number in the recipe, `file` that of the file among all files of comments.
SCHEMA = pa.schema(
    [
        ("entry", pa.int32()),
        ("link_id", pa.string()),
        ("file", pa.int32()),
        ("record", pa.int64()),
        ("id", pa.string()),
        ("parent_id", pa.string()),
        ("score", pa.int64()),
        ("subreddit", pa.string()),
        ("body", pa.large_string()),
    ]
)
_ROWS_A_TABLE = 16_384


@dataclass(frozen=True, kw_only=True)
class ThreadsItem(Item):
    """The threads of one partition of the exchange."""

    partition: int


class Sender:
    """Gathers comments into tables and sends them to the partitions of their threads."""

    def __init__(self, outbox: Outbox, partitions: int) -> None:
        self._writer = exchange.ExchangeWriter(outbox, SCHEMA, partitions, compression="zstd")
        self._n = partitions
        self._rows: list[dict[str, Any]] = []

    def add(self, entry: int, file: int, comment: Comment) -> None:
        """Send a comment of source `entry` from file number `file`."""
        self._rows.append(
            {
                "entry": entry,
                "link_id": comment.link_id,
                "file": file,
                "record": int(comment.record),
                "id": comment.id,
                "parent_id": comment.parent_id,
                "score": comment.score,
                "subreddit": comment.subreddit,
                "body": comment.body,
            }
        )
        if len(self._rows) >= _ROWS_A_TABLE:
            self._send()

    def close(self) -> None:
        """Send what is left."""
        if self._rows:
            self._send()
        self._writer.close()

    def _send(self) -> None:
        keys = (xxhash.xxh3_64_intdigest(row["link_id"].encode()) % self._n for row in self._rows)
        partitions = np.fromiter(keys, np.int64, len(self._rows))
        self._writer.add(pa.Table.from_pylist(self._rows, schema=SCHEMA), partitions)
        self._rows = []


def build_threads(
    recipe: Recipe, paths: Sequence[str], sent: Sequence[Path], item: ThreadsItem, outbox: Outbox
) -> Done:
    """Work: the longest chain of every thread of a partition, as a document, one message a line."""
    table = exchange.read(sent, SCHEMA, item.partition, item.partition + 1)
    # The last of several copies of a comment is kept, so files must stand in path order, lines in theirs.
    table = table.sort_by([(name, "ascending") for name in ("entry", "link_id", "file", "record")])
    harvest = Harvest(outbox)
    chains = {
        number: rules.chain(PushshiftSource(entry).rules)
        for number, entry in enumerate(recipe.sources)
        if entry.family == "pushshift"
    }
    for entry, rows in _threads(table):
        _add_thread(harvest, recipe.sources[entry].name, paths, chains[entry], rows)
    return Done(ledger=harvest.close())


def _threads(table: pa.Table) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """(source number, comments) of each thread of the sorted table."""
    thread: list[dict[str, Any]] = []
    for batch in table.to_batches(max_chunksize=_ROWS_A_TABLE):
        for row in batch.to_pylist():
            if thread and (row["entry"], row["link_id"]) != (thread[0]["entry"], thread[0]["link_id"]):
                yield thread[0]["entry"], thread
                thread = []
            thread.append(row)
    if thread:
        yield thread[0]["entry"], thread


def _add_thread(
    harvest: Harvest,
    source: str,
    paths: Sequence[str],
    chain: Sequence[rules.Rule],
    rows: list[dict[str, Any]],
) -> None:
    comments = [
        Comment(
            record=str(row["record"]),
            id=row["id"],
            link_id=row["link_id"],
            parent_id=row["parent_id"],
            body=row["body"],
            author=None,
            score=row["score"],
            created_utc=None,
            subreddit=row["subreddit"],
        )
        for row in rows
    ]
    kept, copies = threads.last_by_id([comment.id for comment in comments])
    for place in copies:
        harvest.removal(source, "duplicate_id", len(comments[place].body.encode()))
    longest = [kept[place] for place in threads.longest_chain([comments[place] for place in kept])]
    for place in sorted(set(kept) - set(longest)):
        harvest.removal(source, "chain", len(comments[place].body.encode()))

    messages, taken = [], []
    for place in longest:
        message, changes = rules.apply(chain, comments[place].body)
        taken += changes
        if message:
            messages.append(message)
    taken.append(("join", -max(0, len(messages) - 1)))  # the line ends between messages are ours
    files = sorted({rows[place]["file"] for place in longest})
    harvest.document(
        Draft(
            source=source,
            path="",
            record=rows[0]["link_id"],
            text="\n".join(messages),
            meta={
                "subreddit": rows[longest[0]]["subreddit"],
                "files": [paths[file] for file in files],
                "comments": [
                    {
                        "id": comments[place].id,
                        "file": files.index(rows[place]["file"]),
                        "record": comments[place].record,
                    }
                    for place in longest
                ],
            },
            parts=[
                Part(
                    path=paths[rows[place]["file"]], record=comments[place].record, text=comments[place].body
                )
                for place in longest
            ],
            taken=taken,
        )
    )
