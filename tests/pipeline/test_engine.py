from functools import partial
from pathlib import Path

import pytest
from sequels import Pieces, read_one, write_one

from corpusmill.errors import CorpusmillError
from corpusmill.manifest import read_receipt
from corpusmill.pipeline import engine, pool
from corpusmill.pipeline.items import Item, Sequel, Task


def blocks(item: Item) -> list[tuple[int, bytes]]:
    return [(partition, bytes([item.index])) for partition in range(3) if partition != item.index]


def collect(folder: Path, partition: int, group: list[bytes]) -> str | None:
    (folder / str(partition)).write_bytes(b"".join(sorted(group)))
    return f"partition {partition} is bad\nreally" if partition > 0 else None


def run_with_sequel(folder: Path, indexes: list[int]) -> None:
    (folder / "read").mkdir()
    sequel = Sequel(
        task=Task(work=partial(read_one, folder), folder=folder / "read"), finder=Pieces(folder, 3)
    )
    with pool.on_demand(2):
        items = [Item(index=index, size=1) for index in indexes]
        engine.run_items(Task(work=write_one, folder=folder), items, (), 1, sequel)


def test_a_sequel_is_done_beside_the_items_whose_files_it_reads(tmp_path: Path) -> None:
    run_with_sequel(tmp_path, [0, 2])
    for index in (0, 2):
        receipt = read_receipt(tmp_path / "read" / f"item-{index:05d}.json")
        assert receipt is not None
        assert receipt.facts == {"read": f"of {index}"}


def test_an_error_ends_a_sequel_too(tmp_path: Path) -> None:
    with pytest.raises(CorpusmillError, match="item 1 is bad"):
        run_with_sequel(tmp_path, [1, 2])
    assert not (tmp_path / "item-00002.json").exists()


def test_blocks_meet_by_partition_and_a_user_error_comes_out_as_one_line(tmp_path: Path) -> None:
    items = [Item(index=index, size=1) for index in range(3)]
    with pytest.raises(CorpusmillError) as caught:
        engine.run_grouped(blocks, items, partial(collect, tmp_path), tmp_path, ())
    assert str(caught.value) == "partition 1 is bad really"
    assert [(tmp_path / name).read_bytes() for name in "012"] == [b"\1\2", b"\0\2", b"\0\1"]
