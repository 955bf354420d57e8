from functools import partial
from pathlib import Path

import pytest

from corpusmill.errors import CorpusmillError
from corpusmill.pipeline import engine
from corpusmill.pipeline.items import Item


def blocks(item: Item) -> list[tuple[int, bytes]]:
    return [(partition, bytes([item.index])) for partition in range(3) if partition != item.index]


def collect(folder: Path, partition: int, group: list[bytes]) -> str | None:
    (folder / str(partition)).write_bytes(b"".join(sorted(group)))
    return f"partition {partition} is bad\nreally" if partition > 0 else None


def test_blocks_meet_by_partition_and_a_user_error_comes_out_as_one_line(tmp_path: Path) -> None:
    items = [Item(index=index, size=1) for index in range(3)]
    with pytest.raises(CorpusmillError) as caught:
        engine.run_grouped(blocks, items, partial(collect, tmp_path), tmp_path, ())
    assert str(caught.value) == "partition 1 is bad really"
    assert [(tmp_path / name).read_bytes() for name in "012"] == [b"\1\2", b"\0\2", b"\0\1"]
