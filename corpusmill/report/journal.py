"""The loss curve of a training run, read from its journal.

The trainer writes each step once; of a journal that has one twice the last entry counts.
"""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from corpusmill.errors import CorpusmillError

POINTS = 500  # of a curve on the page and in stats.json


def curve(path: Path, tokens: str | None) -> dict[str, Any] | None:
    """The losses of `path` (`journal.jsonl`), or None if there is no such file, it holds no loss, or the
    model was trained on other tokens than those whose digest is `tokens`.

    `train` and `valid` are [step, loss] in step order; a curve of more than `POINTS` steps is given as the
    means of as many runs of neighbouring steps, each under its last step. Losses that are not finite are
    counted in `not_finite` and left out. Raises `CorpusmillError` on a line that is not JSON, but for a
    last one that a kill cut off.
    """
    if not path.exists():
        return None
    train: dict[int, float] = {}
    valid: dict[int, float] = {}
    ours = False  # until a start says of which tokens
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                break
            try:
                entry = json.loads(line)
            except ValueError as error:
                raise CorpusmillError(f"{path}: line {number} is not JSON; delete that line") from error
            if "tokens_digest" in entry:
                ours = entry["tokens_digest"] == tokens
            if not ours:
                continue
            for key, losses in (("loss", train), ("valid_loss", valid)):
                if entry.get(key) is not None and "step" in entry:
                    losses[int(entry["step"])] = float(entry[key])
    lost = [(losses, step) for losses in (train, valid) for step in losses if not math.isfinite(losses[step])]
    for losses, step in lost:
        del losses[step]
    if not train:
        return None
    steps = sorted(train)
    return {
        "not_finite": len(lost),
        "steps": steps[-1],
        "first_loss": train[steps[0]],
        "last_loss": train[steps[-1]],
        "last_valid_loss": valid[max(valid)] if valid else None,
        "train": _thin(train),
        "valid": _thin(valid),
    }


def _thin(losses: dict[int, float]) -> list[list[float]]:
    steps = sorted(losses)
    pieces = np.array_split(np.array(steps, np.int64), min(POINTS, len(steps))) if steps else []
    return [[int(piece[-1]), float(np.mean([losses[int(step)] for step in piece]))] for piece in pieces]
