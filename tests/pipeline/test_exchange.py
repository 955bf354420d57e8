from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings

from corpusmill.pipeline import exchange
from corpusmill.pipeline.items import Outbox

SCHEMA = pa.schema(
    [("number", pa.int64()), ("text", pa.large_string()), ("list", pa.large_list(pa.uint16()))]
)


def rows(numbers: list[int]) -> pa.Table:
    return pa.table(
        [numbers, [f"t{n}" for n in numbers], [[n % 7] * (n % 3) for n in numbers]], schema=SCHEMA
    )


def send(folder: Path, pieces: list[list[int]], n: int, compression: str | None) -> list[Path]:
    """Each number to partition number % n; one producer a piece."""
    sent = []
    for producer, piece in enumerate(pieces):
        outbox = Outbox(folder, producer)
        writer = exchange.ExchangeWriter(outbox, SCHEMA, n, compression)
        for start in range(0, len(piece), 5):
            part = piece[start : start + 5]
            writer.add(rows(part), np.array(part, np.int64) % n)
        writer.close()
        sent += [folder / output.path for output in outbox.outputs]
    return sent


@pytest.mark.parametrize("compression", [None, "zstd"])
@settings(max_examples=30)
@given(pieces=st.lists(st.lists(st.integers(0, 99), max_size=23), max_size=4), n=st.integers(1, 6))
def test_a_consumer_gets_its_partitions_rows_of_every_producer_in_order(
    tmp_path_factory: pytest.TempPathFactory, compression: str | None, pieces: list[list[int]], n: int
) -> None:
    sent = send(tmp_path_factory.mktemp("exchange"), pieces, n, compression)
    for first in range(n):
        for stop in range(first + 1, n + 1):
            expected = [
                number
                for piece in pieces
                for partition in range(first, stop)
                for number in piece
                if number % n == partition
            ]
            assert exchange.read(sent, SCHEMA, first, stop).equals(rows(expected))


def test_every_file_has_one_batch_a_partition_empty_ones_too(tmp_path: Path) -> None:
    (path,) = send(tmp_path, [[3, 3]], 5, None)
    reader = pa.ipc.open_file(pa.memory_map(str(path)))
    assert [reader.get_batch(n).num_rows for n in range(reader.num_record_batches)] == [0, 0, 0, 2, 0]


def test_a_full_buffer_becomes_a_file_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "BUFFER_BYTES", 200)
    sent = send(tmp_path, [list(range(40))], 2, None)
    assert len(sent) > 2
    assert exchange.read(sent, SCHEMA, 0, 1).column("number").to_pylist() == list(range(0, 40, 2))


@pytest.mark.parametrize(("size", "n"), [(0, 1), (1, 1), (64 << 20, 1), (10 << 30, 160), (1 << 50, 1024)])
def test_partitions_fit_the_buffer_until_batches_would_get_too_small(size: int, n: int) -> None:
    assert exchange.count_partitions(size) == n
