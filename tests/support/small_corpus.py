"""A small corpus in all three families, with duplicates, damage and threads across months."""

import bz2
import hashlib
import json
import os
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import zstandard

WORDS = [
    f"{a}{b}{c}" for a in ("ka", "lo", "mi", "tu") for b in ("ren", "sol", "dam", "pix") for c in "aeiou"
]
COMPARED = ("documents", "rejects", "filtered", "duplicates", "tokens", "_manifests")
RECIPE = """
sources:
  - {name: books, family: books, layout: gutenberg, files: ["books/*.txt"]}
  - {name: pile, family: pile, sets: [Pile-CC, HackerNews], files: ["pile/*.jsonl*"]}
  - {name: reddit, family: pushshift, files: ["reddit/RC_*"]}
tokenize: {shard_bytes: 65536, validation: {share: 0.05}}
train: {layers: 1, hidden: 16, heads: 1, sequence: 32, batch: 4, steps: 6, warmup: 1, checkpoint_every: 2,
        validate_every: 3}
"""


class Text:
    """Texts that differ from each other, the same in every run."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def words(self, n: int) -> str:
        return " ".join(self._random.choices(WORDS, k=n))

    def edited(self, text: str) -> str:
        """`text` with one word in the middle exchanged: five shingles fewer are shared."""
        words = text.split(" ")
        words[len(words) // 2] = "exchanged"
        return " ".join(words)


def make_inputs(folder: Path) -> None:
    """Write the corpus: about 1 MB."""
    text = Text(1)
    originals = [text.words(400 + 10 * n) for n in range(60)]
    books = folder / "books"
    books.mkdir(parents=True)
    for number in range(6):
        body = "\n\n".join(originals[8 * number : 8 * number + 8])
        if number == 5:
            body = text.edited("\n\n".join(originals[:8]))
        start, end = (f"*** {side} OF THIS PROJECT GUTENBERG EBOOK X ***" for side in ("START", "END"))
        marked = f"{start}\n{body}\n{end}"
        (books / f"b{number}.txt").write_bytes(marked.replace("\n", "\r\n").encode("cp1252"))
    (books / "empty.txt").write_bytes(b"")
    _write_pile(folder / "pile", text, originals)
    _write_reddit(folder / "reddit", text, originals)


def _write_pile(folder: Path, text: Text, originals: list[str]) -> None:
    folder.mkdir()
    lines = [_pile(each, "Pile-CC") for each in originals[:30]]
    lines += [_pile(text.edited(each), "HackerNews") for each in originals[:20]]
    lines += [_pile(text.words(50), "Github"), b"{broken", b"", b'{"text": null}', b'{"text": "\xff"}']
    lines += [_pile("...", "Pile-CC"), _pile(text.words(9), "No Such Set"), _pile(text.words(300), "Pile-CC")]
    joined = b"\n".join(lines) + b"\n"
    compress = zstandard.ZstdCompressor(write_checksum=True).compress
    middle = joined.index(b"\n", len(joined) // 2) + 1
    (folder / "00.jsonl.zst").write_bytes(compress(joined[:middle]) + compress(joined[middle:]))
    rest = b"\n".join(_pile(text.words(200), "HackerNews") for _ in range(200)) + b"\n"
    cut = zstandard.ZstdCompressor().compress(rest)
    (folder / "01.jsonl.zst").write_bytes(cut[: len(cut) * 2 // 3])
    (folder / "02.jsonl").write_bytes(b"\n".join(_pile(text.words(200), "Pile-CC") for _ in range(20)))


def _pile(text: str, name: str) -> bytes:
    return json.dumps({"text": text, "meta": {"pile_set_name": name}}).encode()


def _write_reddit(folder: Path, text: Text, originals: list[str]) -> None:
    folder.mkdir()
    months: list[list[bytes]] = [[], []]
    rng = random.Random(2)
    for thread in range(80):
        parents = [f"t3_{thread:x}"]
        for number in range(rng.randrange(1, 9)):
            body = originals[thread % 60] if thread < 10 and number == 0 else text.words(rng.randrange(3, 60))
            name = f"{thread:x}z{number}"
            months[rng.randrange(2)].append(_comment(name, f"t3_{thread:x}", rng.choice(parents), body))
            parents.append(f"t1_{name}")
    months[1].append(months[0][0])  # a copy of a comment
    months[0].insert(3, b'{"id": "q", "link_id": "t3_q", "parent_id": "t3_q"}')
    months[0].insert(5, _comment("self", "t3_s", "t1_self", "myself &gt; all &amp; others"))
    window = zstandard.ZstdCompressionParameters.from_level(3, window_log=27)
    (folder / "RC_2010-01.zst").write_bytes(
        zstandard.ZstdCompressor(compression_params=window).compress(b"\n".join(months[0]) + b"\n")
    )
    (folder / "RC_2010-02.bz2").write_bytes(bz2.compress(b"\n".join(months[1]) + b"\n"))


def _comment(name: str, link: str, parent: str, body: str) -> bytes:
    return json.dumps(
        {
            "id": name,
            "link_id": link,
            "parent_id": parent,
            "body": body,
            "author": "x",
            "score": len(body) % 7,
            "created_utc": "1262304000",
            "subreddit": "test",
        }
    ).encode()


def command(verb: str, recipe_file: Path, inputs: Path, run: Path, *more: str) -> list[str]:
    """The command line of a verb, as a child process."""
    program = [sys.executable, "-m", "corpusmill.cli", verb]
    return [*program, "--recipe", str(recipe_file), "--inputs", str(inputs), "--run", str(run), *more]


def corpusmill(
    verb: str, recipe_file: Path, inputs: Path, run: Path, *more: str, fails: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run a verb to its end; its output is in the failure's message."""
    done = subprocess.run(
        command(verb, recipe_file, inputs, run, *more),
        capture_output=True,
        text=True,
        timeout=240,
        env=os.environ,
    )
    assert (done.returncode != 0) == fails, done.stdout + done.stderr
    return done


def contents(run: Path, folders: Sequence[str] = COMPARED) -> dict[str, str]:
    """{path: sha256} of every file in the folders whose bytes are promised."""
    return {
        str(path.relative_to(run)): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in folders
        for path in sorted((run / folder).rglob("*"))
        if path.is_file() and path != run / "_manifests" / "report.json"  # has the recipe's own paths in it
    }


def differences(run: Path, recorded: str) -> list[str]:
    """What differs between a run's tables and a list of benchmarks/digests. Where a change is meant to change
    them, `benchmarks/digests.py RUN --write` records them anew, and the commit says why."""
    benchmarks = Path(__file__).resolve().parents[2] / "benchmarks"
    against = benchmarks / "digests" / f"{recorded}.txt"
    program = [sys.executable, str(benchmarks / "digests.py"), str(run), "--against", str(against)]
    done = subprocess.run(program, capture_output=True, text=True, timeout=240)
    assert done.returncode in (0, 1), done.stderr
    return done.stdout.splitlines() if done.returncode else []


def rows_of(run: Path, table: str) -> list[dict[str, Any]]:
    """All rows of one of the run's Parquet tables, in order."""
    parts = sorted((run / table).glob("part-*.parquet"))
    return [row for part in parts for row in pq.ParquetFile(part).read().to_pylist()]
