"""The bytes of a run's tables as a short list that can be recorded and compared: a digest by source and
column.

    python benchmarks/digests.py RUN                       # prints the list python benchmarks/digests.py RUN
    --write FILE          # records it python benchmarks/digests.py RUN --against FILE        # says what
    differs from what was recorded; exits with 1

A change that is meant to change nothing is shown by it to have changed nothing, and one that changes one
source's texts to have left the others alone. benchmarks/digests/ holds the lists of recipes/demo.yaml and
recipes/samples.yaml.
"""

import argparse
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

TABLES = {"documents": "source", "rejects": "source", "filtered": "source", "duplicates": "removed_source"}
SPLITS = ("train", "valid")


def lines(run: Path) -> Iterator[str]:
    """`table source column rows digest`, sorted."""
    for table, source in TABLES.items():
        yield from sorted(_of_table(table, pq.read_table(run / table), source))
    yield from sorted(_of_table("ledger", pq.read_table(run / "ledger.parquet"), "source"))
    for split in SPLITS:
        opened = ds.dataset(str(run / "tokens" / split), format="ipc").to_table()
        yield from sorted(_of_table(f"tokens/{split}", opened, "source"))


def _of_table(name: str, table: pa.Table, by: str) -> Iterator[str]:
    sources = table[by].cast(pa.string())
    for source in sorted(set(sources.to_pylist())):
        mine = table.filter(pc.equal(sources, source))
        for column in mine.column_names:
            for path, values in _leaves(column, mine[column].combine_chunks()):
                digest = _digest(values)
                yield f"{name}\t{source}\t{path}\t{len(values)}\t{digest}"


def _leaves(path: str, values: pa.Array) -> Iterator[tuple[str, pa.Array]]:
    """The columns inside a struct, each by itself: one that is added changes no other's digest."""
    if isinstance(values, pa.ChunkedArray):  # of no rows
        values = pa.array([], values.type)
    if not pa.types.is_struct(values.type):
        yield path, values
        return
    for place, field in enumerate(values.type):
        yield from _leaves(f"{path}.{field.name}", pc.struct_field(values, [place]))


def _digest(values: pa.Array) -> str:
    """16 hex digits over the values, however they are stored."""
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    return hashlib.sha256(repr(values.to_pylist()).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def main() -> None:
    """Print, record or compare."""
    parser = argparse.ArgumentParser(description="The bytes of a run's tables as a short list.")
    parser.add_argument("run", type=Path, metavar="RUN", help="the folder of a finished run")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--write", type=Path, metavar="FILE", help="record the list")
    what.add_argument("--against", type=Path, metavar="FILE", help="compare it with a recorded one")
    arguments = parser.parse_args()
    found = list(lines(arguments.run))
    if arguments.write:
        arguments.write.write_text("\n".join(found) + "\n", encoding="utf-8")
    elif arguments.against:
        recorded = arguments.against.read_text(encoding="utf-8").splitlines()
        differs = [f"- {line}" for line in recorded if line not in set(found)]
        differs += [f"+ {line}" for line in found if line not in set(recorded)]
        print("\n".join(differs) or f"all {len(found)} digests are equal")
        sys.exit(1 if differs else 0)
    else:
        print("\n".join(found))


if __name__ == "__main__":
    main()
