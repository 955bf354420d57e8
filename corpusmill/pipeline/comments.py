"""Comments and submissions on their way through the exchange, from the files they lie in to their threads."""

import functools
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import xxhash

from corpusmill.clean import rules
from corpusmill.entries import Pushshift
from corpusmill.pipeline import exchange
from corpusmill.pipeline.encoding import encoder_of
from corpusmill.pipeline.items import Outbox
from corpusmill.recipe import Tokenize
from corpusmill.sources.pushshift import PushshiftSource
from corpusmill.sources.records import Comment, Submission
from corpusmill.sources.roller import Roller

# `entry` is the source's number in the recipe, `file` that of the file among all files of comments, `place`
# orders the records of a file. A submission has no `id`; its title is the `body`. `month` is the number of
# months since year 0, null if unknown; `rule` the number of Roller's rule that drops the comment, or 0.
SCHEMA = pa.schema(
    [
        ("entry", pa.int32()),
        ("link_id", pa.string()),
        ("file", pa.int32()),
        ("place", pa.int64()),
        ("record", pa.string()),
        ("id", pa.string()),
        ("parent_id", pa.string()),
        ("score", pa.int64()),
        ("month", pa.int32()),
        ("subreddit", pa.string()),
        ("rule", pa.uint8()),
        ("body", pa.large_string()),
        ("selftext", pa.large_string()),
    ]
)
_ROWS_A_TABLE = 16_384
_SECONDS_A_DAY = 86_400


class Spread(Protocol):
    """Over how many partitions the threads are spread, and where a vocabulary may lie."""

    @property
    def partitions(self) -> int: ...
    @property
    def inputs(self) -> str: ...


class Sender:
    """Gathers the comments and submissions of one entry into tables, judges each by the rules that look at
    nothing else, and sends them to the partitions of their threads."""

    def __init__(
        self, outbox: Outbox, number: int, entry: Pushshift, tokenize: Tokenize, spread: Spread
    ) -> None:
        self._number = number
        self._n = spread.partitions
        self._writer = exchange.ExchangeWriter(outbox, SCHEMA, self._n, compression="zstd")
        self._rows: list[tuple[Any, ...]] = []
        self._roller = Roller(entry.drop)
        self._chain = rules.chain(PushshiftSource(entry).rules if entry.rules is None else entry.rules)
        self._tokenize = tokenize
        self._inputs = spread.inputs

    def add(self, file: int, place: int, each: Comment | Submission) -> None:
        """Send what stands at `place` in file number `file`."""
        month = _month(each.created_utc)
        row: tuple[Any, ...]
        if isinstance(each, Comment):
            row = (
                *(each.link_id, file, place, each.record, each.id, each.parent_id, each.score, month),
                *(each.subreddit, self._rule(each), each.body, None),
            )
        else:
            row = (
                *(each.link_id, file, place, each.record, None, None, None, month),
                *(each.subreddit, 0, each.title, each.selftext),
            )
        self._rows.append(row)
        if len(self._rows) >= _ROWS_A_TABLE:
            self._send()

    def close(self) -> None:
        """Send what is left."""
        if self._rows:
            self._send()
        self._writer.close()

    def _rule(self, comment: Comment) -> int:
        if not self._roller.active:
            return 0
        message, _ = rules.apply(self._chain, comment.body)
        return self._roller.first_rule(
            author=comment.author,
            subreddit=comment.subreddit,
            raw_body=comment.body,
            message=message,
            n_tokens=self._count_tokens,
        )

    def _count_tokens(self, text: str) -> int:
        return len(encoder_of(self._tokenize, self._inputs).encode(text)) - 1  # the end of text is none

    def _send(self) -> None:
        columns: list[Any] = list(zip(*self._rows, strict=True))
        keys = (xxhash.xxh3_64_intdigest(link.encode()) % self._n for link in columns[0])
        partitions = np.fromiter(keys, np.int64, len(self._rows))
        entries = pa.array(np.full(len(self._rows), self._number), pa.int32())
        arrays = [
            pa.array(values, field.type) for values, field in zip(columns, list(SCHEMA)[1:], strict=True)
        ]
        self._writer.add(pa.Table.from_arrays([entries, *arrays], schema=SCHEMA), partitions)
        self._rows = []


def _month(created_utc: int | None) -> int | None:
    if created_utc is None or not 0 <= created_utc < 1 << 40:
        return None
    return _month_of_day(created_utc // _SECONDS_A_DAY)


@functools.lru_cache(maxsize=1 << 16)
def _month_of_day(day: int) -> int:
    months = np.datetime64(day, "D").astype("datetime64[M]")
    return int(months.astype(np.int64)) + 12 * 1970


def month_name(month: int | None) -> str:
    """`2005-12`, or `unknown`."""
    return "unknown" if month is None else f"{month // 12:04d}-{month % 12 + 1:02d}"
