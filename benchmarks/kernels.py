"""The inner loops beside what they replace: `make bench`.

Each pair is timed in this one process, one after the other, the best of some rounds; only the ratio says
much, as machines differ and are shared. What is compared gives equal results (the tests prove it).
"""

import time
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from corpusmill.dedup import shingles, signatures, words
from corpusmill.demo import texts
from corpusmill.tokenize import vocabulary
from corpusmill.tokenize.encoder import Encoder

Loop = Callable[[], object]

_ROUNDS = 3
_MEGABYTE = 1_000_000


def seconds(work: Loop) -> float:
    """The shortest of some runs of `work`."""
    took = []
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        work()
        took.append(time.perf_counter() - start)
    return min(took)


def documents() -> list[str]:
    """About 2 MB of English in documents of 4 kB, from the demo's texts."""
    text = "\n".join(passage.text for passage in texts.documentation())[: 2 * _MEGABYTE]
    return [text[start : start + 4000] for start in range(0, len(text), 4000)]


def main() -> None:
    """Print one row a loop: MB/s of ours and of the reference, and the ratio."""
    batch = documents()
    size = sum(len(text.encode()) for text in batch) / _MEGABYTE
    how = signatures.permutations(128, 1)
    ready = shingles.shingles(words.normalize(batch))
    sets = [
        ready.hashes[start:stop].tolist()
        for start, stop in zip(ready.offsets, ready.offsets[1:], strict=False)
    ]
    encoder = Encoder(vocabulary.load("gpt2", "<|endoftext|>", ""))
    pairs: dict[tuple[str, str], tuple[Loop, Loop]] = {
        ("words", "plain Python"): (
            lambda: words.normalize(batch),
            lambda: [words.split(text) for text in batch],
        ),
        ("words, shingles and 128 permutations", "datasketch, shingles ready hashed"): (
            lambda: signatures.signatures(shingles.shingles(words.normalize(batch)), how),
            lambda: [signatures.reference(each, how) for each in sets],
        ),
        ("GPT-2 ids", "tokenizers"): (
            lambda: [encoder.encode(text) for text in batch],
            lambda: [encoder.reference(text) for text in batch],
        ),
    }
    table = Table("loop", "MB/s", "beside", "MB/s ", "ratio", title="one core")
    for (name, beside), (ours, reference) in pairs.items():
        ours()  # so that it is compiled
        fast, slow = seconds(ours), seconds(reference)
        table.add_row(name, f"{size / fast:.1f}", beside, f"{size / slow:.1f}", f"{slow / fast:.1f} x")
    Console().print(table)


if __name__ == "__main__":
    main()
