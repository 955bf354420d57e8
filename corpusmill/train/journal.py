"""`RUN/model/journal.jsonl`: what the training did, a line a step, that a user can plot.

    {"event": "start", "step": 0, "identity": …, "settings": {…}}
    {"event": "resume", "step": 50, …, "changed": {"learning_rate": [0.001, 0.0005]}}
    {"step": 1, "loss": …, "lr": …, "grad_norm": …, "tokens": …}
    {"step": 50, "valid_loss": …}

Losses are in nats a token. Steps never go down: before a resume, what was written after the restored step
is cut off, so interrupted and uninterrupted trainings end with the same step lines, byte for byte. A line
is one write, so a kill leaves at most a part of the last line, which `cut` removes too.
"""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

JOURNAL = "journal.jsonl"


class Journal:
    """The writing end, rank 0's."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab", buffering=0)

    def write(self, line: Mapping[str, Any]) -> None:
        """Append one line."""
        self._file.write(json.dumps(line).encode() + b"\n")

    def sync(self) -> None:
        """Return when what was written is on the disk; a checkpoint of these steps may follow."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


class Reader:
    """Reads the lines of a journal from byte `offset` on, and each time those that were added since."""

    def __init__(self, path: Path, offset: int = 0) -> None:
        self._path = path
        self.offset = offset

    def lines(self) -> Iterator[dict[str, Any]]:
        """The whole lines from `offset` on, up to the first damaged one; none if there is no file.

        While a line is held, `offset` is where it ends.
        """
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(self.offset)
            for text in file:
                line = _parse(text)
                if line is None:
                    return
                self.offset += len(text)
                yield line


def cut(path: Path, step: int) -> None:
    """Remove the lines after `step`, and whatever stands behind the first damaged line."""
    reader = Reader(path)
    keep = 0
    for line in reader.lines():
        if line["step"] > step:
            break
        keep = reader.offset
    if path.exists():
        os.truncate(path, keep)


def settings(path: Path, step: int) -> dict[str, Any]:
    """The settings of the last start that was not later than `step`."""
    starts = [line for line in Reader(path).lines() if isinstance(line.get("settings"), dict)]
    return next((line["settings"] for line in reversed(starts) if line["step"] <= step), {})


def losses(path: Path) -> list[tuple[int, float]]:
    """(step, loss in nats a token) of every step."""
    return [(line["step"], line["loss"]) for line in Reader(path).lines() if "loss" in line]


def _parse(text: bytes) -> dict[str, Any] | None:
    if not text.endswith(b"\n"):
        return None
    try:
        line = json.loads(text)
    except ValueError:
        return None
    return line if isinstance(line, dict) and isinstance(line.get("step"), int) else None
