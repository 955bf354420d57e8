"""Work items: what is done for one, on any engine, so that it can be done twice and killed at any time.

An item reads its inputs, writes files of its own under temporary names, and is finished when its receipt
has been renamed into place, after its files. A finished item is never done again; whatever an unfinished
one left behind is overwritten or deleted with the step's folder.
"""

import os
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from corpusmill.errors import CorpusmillError
from corpusmill.ledger import Entry
from corpusmill.manifest import Input, Output, Receipt, hash_file, read_receipt, to_json, write_text


@dataclass(frozen=True, kw_only=True)
class Item:
    """A piece of a step. `index` numbers it in path order and names its files; `size` (bytes) only decides
    what is scheduled first and how the progress bar moves."""

    index: int
    size: int


class Outbox:
    """The files that one item writes; `outputs` lists those that are finished."""

    def __init__(self, folder: Path, item: int) -> None:
        self.item = item
        self.outputs: list[Output] = []
        self._folder = folder
        self._counts = Counter[str]()

    def new(self) -> Path:
        """A temporary path to write a file to."""
        return self._folder / f"item-{self.item:05d}.{os.getpid()}-{uuid.uuid4().hex[:8]}.tmp"

    def add(self, draft: Path, kind: str, suffix: str, rows: int) -> None:
        """Give `draft`, which is finished, its name: the next file of `kind`, with `rows` rows."""
        name = file_name(self.item, kind, self._counts[kind], suffix)
        output = Output(kind=kind, path=name, rows=rows, bytes=draft.stat().st_size, sha256=hash_file(draft))
        draft.replace(self._folder / name)
        self.outputs.append(output)
        self._counts[kind] += 1


@dataclass(frozen=True, kw_only=True)
class Done:
    """What the work on an item returns; with the files of its outbox it makes the receipt."""

    inputs: Sequence[Input] = ()
    marks: Sequence[str] = ()
    ledger: Sequence[Entry] = ()
    facts: dict[str, Any] | None = None


Work = Callable[[Any, Outbox], Done]


@dataclass(frozen=True, kw_only=True)
class Task:
    """A step's work, bound to the step's folder; picklable, and the same on every engine."""

    work: Work
    folder: Path

    def __call__(self, item: Item) -> str | None:
        """Do one item unless it is done; the text of the error that the user must see, if there is one."""
        if receipt_path(self.folder, item.index).exists():
            return None
        outbox = Outbox(self.folder, item.index)
        try:
            done = self.work(item, outbox)
            self._finish(item, outbox, done)
        except CorpusmillError as error:
            return str(error)
        except OSError as error:  # a full disk, a file that may not be read
            return f"{self.folder.name}: {error}"
        return None

    def _finish(self, item: Item, outbox: Outbox, done: Done) -> None:
        receipt = Receipt(
            item=item.index,
            inputs=list(done.inputs),
            marks=list(done.marks),
            outputs=outbox.outputs,
            ledger=list(done.ledger),
            facts=done.facts or {},
        )
        write_text(receipt_path(self.folder, item.index), to_json(receipt), self.folder)


class Finder(Protocol):
    """Finds items while an earlier step's items still write their files. Can be pickled."""

    def find(self) -> Sequence[Item]:
        """The items whose files have come to be there since the last call."""

    def done(self) -> int:
        """How much of the earlier step's sizes is finished, with the items found that have a receipt."""


@dataclass(frozen=True, kw_only=True)
class Sequel:
    """A step whose items may each begin as soon as `finder` finds it, while an earlier step goes on."""

    task: Task
    finder: Finder


def file_name(item: int, kind: str, number: int, suffix: str) -> str:
    """The name in its step's folder of the file of `kind` that is number `number` of an item's."""
    return f"item-{item:05d}.{kind}-{number:05d}.{suffix}"


def receipt_path(folder: Path, index: int) -> Path:
    """Where the receipt of item `index` of the step in `folder` is."""
    return folder / f"item-{index:05d}.json"


def read_receipts(folder: Path, items: Sequence[Item]) -> list[Receipt]:
    """The receipts of `items`, in the order of their numbers; `CorpusmillError` if one is missing."""
    found = []
    for item in sorted(items, key=lambda each: each.index):
        receipt = read_receipt(receipt_path(folder, item.index))
        if receipt is None:
            raise CorpusmillError(f"{folder.name}: item {item.index} left no receipt; run again")
        found.append(receipt)
    return found
