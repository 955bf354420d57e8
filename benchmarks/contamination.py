"""What decontamination finds of passages planted in real texts, what else it finds, and how fast it is.

python benchmarks/contamination.py --samples DIR

Every second real text gives a passage (20 to 60 words) of an evaluation set; into every fourth of the others
a passage is planted: as it is, in capitals, with other punctuation and line ends, or a part of it.
"""

import argparse
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from real_texts import texts

from corpusmill.clean import ngrams
from corpusmill.dedup import words

N, LEAST = 13, 8
SEED = 1


def _dotted(passage: str) -> str:
    return re.sub(r"\W+", ".\n", passage)


def _part(n: int) -> Callable[[str], str]:
    return lambda passage: passage[: words.places(passage)[n - 1, 1]]


def _changed(passage: str) -> str:
    begin, end = words.places(passage)[10].tolist()  # ten words or more behind it are as they were
    return f"{passage[:begin]}exchanged{passage[end:]}"


PLANTS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in capitals": str.upper,
    "other punctuation, broken": _dotted,
    "its first 13 words": _part(13),
    "its first 12 words": _part(12),
    "its 11th word exchanged": _changed,
}


def main() -> None:
    """Print what was found of each kind of plant, what was found that was not planted, and MB/s."""
    parser = argparse.ArgumentParser(description="What decontamination finds of planted passages.")
    parser.add_argument("--samples", type=Path, required=True, help="a folder of real dumps")
    rng = random.Random(SEED)
    real = list(dict.fromkeys(text for _, text in texts(parser.parse_args().samples)))
    real = [text for text in real if 100 < len(text.split()) < 20_000 and len(words.split(text)) > 100]
    rng.shuffle(real)
    half = len(real) // 2
    passages = [_passage(text, rng) for text in real[:half]]
    others = real[half:]
    searched, planted = [], []
    for number, text in enumerate(others):
        kind = list(PLANTS)[number // 4 % len(PLANTS)] if number % 4 == 0 else ""
        if kind:
            parts = text.split(" ")
            at = rng.randrange(len(parts))
            passage = PLANTS[kind](passages[number])
            text = " ".join([*parts[:at], f"{passage}.\n", *parts[at:]])
        planted.append(kind)
        searched.append(text)
    of_passages = words.normalize(passages)
    index = ngrams.build(of_passages.data, of_passages.offsets, of_passages.counts, N, LEAST)
    measured = words.normalize(searched)
    ngrams.find(index, measured.data, measured.offsets, measured.counts)
    start = time.perf_counter()
    hits = ngrams.find(index, measured.data, measured.offsets, measured.counts)
    seconds = time.perf_counter() - start
    found = set(hits.texts.tolist())
    _tell(found, planted, _natural(index, others), _true(passages, searched))
    size = sum(len(text.encode()) for text in searched) / 1e6
    print(f"{size:.1f} MB searched for {len(index.hashes):,} n-grams at {size / seconds:.0f} MB/s")


def _passage(text: str, rng: random.Random) -> str:
    places = words.places(text)
    n = rng.randint(20, 60)
    at = rng.randrange(len(places) - n)
    return text[places[at, 0] : places[at + n - 1, 1]]


def _natural(index: ngrams.Index, others: Sequence[str]) -> set[int]:
    """The texts in which something is found with nothing planted."""
    measured = words.normalize(others)
    return set(ngrams.find(index, measured.data, measured.offsets, measured.counts).texts.tolist())


def _true(passages: Sequence[str], searched: Sequence[str]) -> set[int]:
    """The texts that hold an n-gram of a passage, by sets of tuples."""
    grams = set[tuple[str, ...]]()
    for passage in passages:
        parts = words.split(passage)
        n = min(N, len(parts))
        grams.update(tuple(parts[at : at + n]) for at in range(len(parts) - n + 1) if n >= LEAST)
    lengths = {len(gram) for gram in grams}
    true = set()
    for number, text in enumerate(searched):
        parts = words.split(text)
        if any(tuple(parts[at : at + n]) in grams for n in lengths for at in range(len(parts) - n + 1)):
            true.add(number)
    return true


def _tell(found: set[int], planted: Sequence[str], natural: set[int], true: set[int]) -> None:
    kinds = Counter(planted)
    for kind in PLANTS:
        n = sum(kind == each and number in found for number, each in enumerate(planted))
        print(f"planted {kind:<28}{kinds[kind]:>6}   found {n:>6}")
    clean = [number for number, each in enumerate(planted) if not each]
    print(f"nothing planted{kinds['']:>22,}   found {sum(number in found for number in clean):>6}")
    print(f"texts with words of a passage before anything was planted: {len(natural)}")
    print(f"precision {len(found & true) / len(found):.4f}, recall {len(found & true) / len(true):.4f}")
    print("(against a search by sets of tuples of words)")


if __name__ == "__main__":
    main()
