"""The ledger: for each stage and source, what went in is what was kept plus what was removed.

It counts twice, in records and in bytes of text. A rule that shortens a text removes bytes and no
record; one that lengthens it removes a negative number of bytes. `imbalances` is the one place that
decides whether a ledger balances; stages, tests and the report all ask it.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

STAGES = ("ingest", "filter", "dedup", "tokenize")
SCHEMA = pa.schema(
    [
        pa.field("stage", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("action", pa.string(), nullable=False),
        pa.field("reason", pa.string()),
        pa.field("records", pa.int64(), nullable=False),
        pa.field("bytes", pa.int64(), nullable=False),
    ]
)


@dataclass(frozen=True, kw_only=True, order=True)
class Entry:
    """One row of a stage's ledger: `action` is `in`, `kept` or `removed`; only the last has a `reason`."""

    source: str
    action: str
    reason: str = ""
    records: int
    bytes: int


class Tally:
    """Adds up entries; the sum of the tallies of a stage's items is the stage's ledger."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._cells: dict[tuple[str, str, str], list[int]] = {}
        for entry in entries:
            self._add(entry.source, entry.action, entry.reason, entry.records, entry.bytes)

    def _add(self, source: str, action: str, reason: str, records: int, n_bytes: int) -> None:
        cell = self._cells.setdefault((source, action, reason), [0, 0])
        cell[0] += records
        cell[1] += n_bytes

    def enter(self, source: str, records: int, n_bytes: int) -> None:
        """Count `records` records of `n_bytes` bytes of text as having come in."""
        self._add(source, "in", "", records, n_bytes)

    def keep(self, source: str, records: int, n_bytes: int) -> None:
        """Count what is handed to the next stage."""
        self._add(source, "kept", "", records, n_bytes)

    def remove(self, source: str, reason: str, records: int, n_bytes: int) -> None:
        """Count what `reason` took: whole records, or with `records=0` bytes out of kept ones."""
        self._add(source, "removed", reason, records, n_bytes)

    def entries(self) -> list[Entry]:
        """Every cell, sorted, so that equal tallies are equal lists."""
        return sorted(
            Entry(source=source, action=action, reason=reason, records=records, bytes=n_bytes)
            for (source, action, reason), (records, n_bytes) in self._cells.items()
        )


def table(stages: Iterable[tuple[str, Sequence[Entry]]]) -> pa.Table:
    """The ledger table of the given (stage, entries) pairs, in the order given."""
    rows = [
        {
            "stage": stage,
            "source": entry.source,
            "action": entry.action,
            "reason": entry.reason or None,
            "records": entry.records,
            "bytes": entry.bytes,
        }
        for stage, entries in stages
        for entry in entries
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def write(ledger: pa.Table, path: Path) -> None:
    """Write `ledger` as Parquet; the caller publishes the file."""
    pq.write_table(ledger, path, compression="zstd")


def imbalances(ledger: pa.Table) -> list[str]:
    """One line for each stage, source and unit where in ≠ kept + removed, or where a stage's input
    is not what the stage before it kept (bytes of text, per source). Empty if the ledger balances.
    """
    sums: dict[tuple[str, str, str], list[int]] = {}
    for row in ledger.to_pylist():
        cell = sums.setdefault((row["stage"], row["source"], row["action"]), [0, 0])
        cell[0] += row["records"]
        cell[1] += row["bytes"]

    def total(stage: str, source: str, action: str) -> list[int]:
        return sums.get((stage, source, action), [0, 0])

    problems = []
    for stage, source in sorted({key[:2] for key in sums}):
        came, kept, removed = (total(stage, source, action) for action in ("in", "kept", "removed"))
        for unit, name in enumerate(("records", "bytes")):
            if came[unit] != kept[unit] + removed[unit]:
                problems.append(
                    f"{stage}: {source}: {came[unit]} {name} in, "
                    f"but {kept[unit]} kept and {removed[unit]} removed"
                )
    present = [stage for stage in STAGES if any(key[0] == stage for key in sums)]
    for before, after in itertools.pairwise(present):
        for source in sorted({key[1] for key in sums if key[0] in (before, after)}):
            handed, taken = total(before, source, "kept")[1], total(after, source, "in")[1]
            if handed != taken:
                problems.append(f"{source}: {before} kept {handed} bytes, but {after} took in {taken}")
    return problems
