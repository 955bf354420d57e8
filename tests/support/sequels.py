"""Items whose files a sequel reads while the items go on: what the children of a pool import."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from corpusmill.errors import CorpusmillError
from corpusmill.pipeline.items import Done, Item, Outbox, file_name


def write_one(item: Item, outbox: Outbox) -> Done:
    """Write a file, then go on until the file has been read; for item 1 fail instead."""
    draft = outbox.new()
    draft.write_text(f"of {item.index}")
    outbox.add(draft, "piece", "txt", 1)
    if item.index == 1:
        raise CorpusmillError("item 1 is bad")
    read = draft.parent / "read" / f"item-{item.index:05d}.json"
    deadline = time.monotonic() + 60
    while not read.exists():
        assert time.monotonic() < deadline, "its file is not read while it goes on"
        time.sleep(0.01)
    return Done()


def read_one(folder: Path, item: Item, outbox: Outbox) -> Done:
    return Done(facts={"read": (folder / file_name(item.index, "piece", 0, "txt")).read_text()})


@dataclass
class Pieces:
    """Of the items 0 to `n` - 1."""

    folder: Path
    n: int
    found: set[int] = field(default_factory=set)

    def find(self) -> list[Item]:
        there = {i for i in range(self.n) if (self.folder / file_name(i, "piece", 0, "txt")).exists()}
        new = sorted(there - self.found)
        self.found |= there
        return [Item(index=index, size=1) for index in new]

    def done(self) -> int:
        return 0
