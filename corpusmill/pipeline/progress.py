"""Progress bars, fed by the receipts on disk, so that they are right on every engine.

Where there is no terminal, a step is one line when it is done.
"""

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.filesize import decimal
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from corpusmill.pipeline.items import Item, receipt_path

_POLL_SECONDS = 0.5
_NAME_WIDTH = 20


@contextlib.contextmanager
def watch(
    console: Console, step: str, folder: Path, items: Sequence[Item], done: Callable[[], int] | None = None
) -> Iterator[None]:
    """Until the context is left, show how many bytes of `items` have a receipt in `folder`, or are `done`."""
    sizes = {receipt_path(folder, item.index).name: item.size for item in items}
    start = time.monotonic()
    total = sum(sizes.values())
    if not console.is_terminal:
        yield
        size = decimal(total) if total > len(items) else ""  # items of one byte have no size to speak of
        took = time.monotonic() - start
        noun = "item " if len(items) == 1 else "items"
        line = f"{step:<{_NAME_WIDTH}} {len(items):>5} {noun} {size:>9} {took:7.1f} s"
        console.print(line, highlight=False, soft_wrap=True)
        return
    look = done or partial(_done, folder, sizes)
    with _bar(console, step, total) as update:
        with _every(_POLL_SECONDS, lambda: update(look())):
            yield
        update(total)


def _done(folder: Path, sizes: dict[str, int]) -> int:
    return sum(sizes.get(name, 0) for name in os.listdir(folder))


@contextlib.contextmanager
def _bar(console: Console, step: str, total: int) -> Iterator[Callable[[int], None]]:
    columns = (
        TextColumn(f"{{task.description:<{_NAME_WIDTH}}}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task(step, total=total or 1)
        yield lambda done: progress.update(bar, completed=done if total else 1)


@contextlib.contextmanager
def _every(seconds: float, act: Callable[[], None]) -> Iterator[None]:
    """Call `act` again and again beside the context, and once after it."""
    stop = threading.Event()

    def repeat() -> None:
        while not stop.wait(seconds):
            act()

    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        act()
