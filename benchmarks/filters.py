"""Our quality rules beside datatrove's own, document by document.

    uv pip install 'datatrove[processing]' spacy nltk     # into an environment that has corpusmill
    python benchmarks/filters.py --samples DIR

Documents are made of a folder of real dumps: news pages, comments, books cut into pieces of all lengths. Each
rule decides twice: once with datatrove splitting words and sentences as we do, where every decision must
be equal, and once as it comes.
"""

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pyarrow as pa
from real_texts import texts

from corpusmill.clean import lexical, lines, rules, signals
from corpusmill.clean.c4 import c4_lines
from corpusmill.clean.judge import judge
from corpusmill.filters import Filter

GROUPS = ("gopher_quality", "gopher_repetition", "c4", "fineweb")


def documents(samples: Path, n: int) -> list[str]:
    """`n` cleaned documents of 20 to 30,000 characters, as different as the samples are."""
    clean = rules.chain(["newlines", "ftfy", "whitespace"])
    rng = random.Random(1)
    pieces: dict[str, list[str]] = {}
    for path, text in texts(samples):
        if not path.startswith("malformed"):
            cleaned, _ = rules.apply(clean, text)
            pieces.setdefault(path.split("/")[0], []).extend(_cut(cleaned, rng))
    found: list[str] = []
    for each in pieces.values():
        rng.shuffle(each)
    while len(found) < n and any(pieces.values()):
        found += [each.pop() for each in pieces.values() if each]
    return found[:n]


def _cut(text: str, rng: random.Random) -> Iterator[str]:
    """Pieces at line ends, of lengths spread evenly over their logarithm."""
    while text:
        end = text.find("\n", int(20 * 1_500 ** rng.random())) + 1 or len(text)
        if piece := text[:end].strip():
            yield piece
        text = text[end:]


def ours(group: str, docs: Sequence[str]) -> tuple[list[str | None], float]:
    """(the rule that each document breaks, MB/s)."""
    size = sum(len(doc.encode()) for doc in docs) / 1e6
    start = time.perf_counter()
    docs = [c4_lines(doc) for doc in docs] if group == "c4" else docs
    table = pa.Table.from_pylist(signals.measure(docs, [group]))
    columns = {name: table.column(name).to_numpy() for name in table.column_names}
    sources = np.full(len(docs), "s", object)
    broken = judge(Filter.model_validate({group: True}), sources, columns).first
    return broken.tolist(), size / (time.perf_counter() - start)


def theirs(group: str, docs: Sequence[str]) -> tuple[list[str | None], float]:
    """The same of datatrove."""
    from datatrove.data import Document
    from datatrove.pipeline import filters

    classes: dict[str, Callable[[], Any]] = {
        "gopher_quality": filters.GopherQualityFilter,
        "gopher_repetition": filters.GopherRepetitionFilter,
        "c4": filters.C4QualityFilter,
        "fineweb": filters.FineWebQualityFilter,
    }
    filtering = classes[group]()
    filtering.filter(Document(text="A first text, which loads what it needs.", id="0"))
    size = sum(len(doc.encode()) for doc in docs) / 1e6
    start = time.perf_counter()
    answers = [filtering.filter(Document(text=doc, id="0")) for doc in docs]
    return [None if answer is True else answer[1] for answer in answers], size / (time.perf_counter() - start)


def compare(group: str, docs: Sequence[str]) -> bool:
    """Print how the decisions compare; whether they are equal where words and sentences are ours."""
    mine, speed = ours(group, docs)
    where = {"gopher_quality": "gopher_quality_filter", "gopher_repetition": "gopher_repetition_filter"}
    where |= {"c4": "c4_filters", "fineweb": "fineweb_quality_filter"}
    module = f"datatrove.pipeline.filters.{where[group]}"
    split = "split_into_sentences" if group == "c4" else "split_into_words"
    with mock.patch(f"{module}.{split}", _sentences if group == "c4" else _words):
        alike, _ = theirs(group, docs)
    as_it_comes, their_speed = theirs(group, docs)
    different = [(a, b) for a, b in zip(mine, alike, strict=True) if (a is None) != (b is None)]
    words = [(a, b) for a, b in zip(mine, as_it_comes, strict=True) if (a is None) != (b is None)]
    print(
        f"{group:<18}{sum(rule is not None for rule in mine):>6,} of {len(docs):,} out;"
        f" {len(docs) - len(different):>6,} equal with our words;"
        f" {len(docs) - len(words):>6,} as it comes; {speed:>6.1f} MB/s, datatrove {their_speed:.2f}"
    )
    for name, pairs in (("with our words", different), ("as it comes", words)):
        for (a, b), count in Counter(pairs).most_common():
            print(f"    {name}: {count:>4} documents: ours {a}, theirs {b}")
    return not different


def _words(text: str, language: str) -> list[str]:
    return list(lexical.split(text))


def _sentences(text: str, language: str) -> list[str]:
    return [""] * lines.count_sentences(text)


def main() -> None:
    """Compare all groups, and fail if a decision differs that should not."""
    parser = argparse.ArgumentParser(description="Our quality rules beside datatrove's.")
    parser.add_argument("--samples", type=Path, required=True, help="a folder of real dumps")
    parser.add_argument("--documents", type=int, default=2_000, help="how many (default: %(default)s)")
    arguments = parser.parse_args()
    docs = documents(arguments.samples, arguments.documents)
    print(f"{len(docs):,} documents, {sum(map(len, docs)) / 1e6:.1f} million characters")
    equal = [compare(group, docs) for group in GROUPS]
    if not all(equal):
        sys.exit("decisions differ where words and sentences are the same")


if __name__ == "__main__":
    main()
