"""From HTML to article text: how good and how fast, on pages whose articles people marked.

    python benchmarks/extractors.py --samples DIR

DIR holds `news/article-extraction-181.warc.gz` and its `.ground-truth.json`: the 181 pages of
scrapinghub/article-extraction-benchmark as WARC responses, each under the URL of its ground truth. Pages go
the way of a run: framing, payload, characters, extractor. Precision, recall and F1 are that benchmark's own.
"""

import argparse
import collections
import json
import re
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from corpusmill.entries import Extractor, Warc
from corpusmill.sources import RawRecord, Record, WarcSource

WARC = "news/article-extraction-181.warc.gz"
TRUTH = "news/article-extraction-181.ground-truth.json"
_EXTRACTORS: tuple[Extractor, ...] = ("trafilatura", "resiliparse")
_WORD = re.compile(r"\w+")
_N = 4  # words of a shingle


def shares(truth: str, text: str) -> tuple[float, float, float]:
    """(right, superfluous, missing) shares of the multiset of 4-word shingles of both texts together; they
    sum to 1, so that a long page counts as much as a short one. All are 0 where both are empty."""
    ours, theirs = _shingles(text), _shingles(truth)
    counts = (ours & theirs).total(), (ours - theirs).total(), (theirs - ours).total()
    total = sum(counts)
    right, superfluous, missing = (count / total if total else 0.0 for count in counts)
    return right, superfluous, missing


def scores(pages: list[tuple[float, float, float]]) -> tuple[float, float, float]:
    """(precision, recall, F1): the mean precision of the pages that gave any text, the mean recall of those
    that have an article, and the harmonic mean of the two."""
    precision = statistics.mean(right / (right + extra) for right, extra, _ in pages if right + extra > 0)
    recall = statistics.mean(right / (right + missing) for right, _, missing in pages if right + missing > 0)
    return precision, recall, 2 * precision * recall / (precision + recall)


def measured(samples: Path, extractor: Extractor) -> tuple[tuple[float, float, float], float]:
    """The scores of an extractor on all pages, and its pages a second on one core."""
    truth = json.loads((samples / TRUTH).read_bytes())
    source = WarcSource(Warc(family="warc", name="news", files=["*"], extractor=extractor))
    pages = list(_pages(samples, source))
    source.document(pages[0])  # loads what an extractor loads once
    started = time.perf_counter()
    outcomes = [source.document(page) for page in pages]
    seconds = time.perf_counter() - started
    found = {
        page.note["url"]: outcome.text if isinstance(outcome, Record) else ""
        for page, outcome in zip(pages, outcomes, strict=True)
        if page.note
    }
    return scores([shares(text, found[url]) for url, text in truth.items()]), len(pages) / seconds


def _pages(samples: Path, source: WarcSource) -> Iterator[RawRecord]:
    with (samples / WARC).open("rb") as raw:
        for each in source.records(WARC, raw):
            if isinstance(each, RawRecord):
                yield each


def _shingles(text: str) -> "collections.Counter[tuple[str, ...]]":
    words = _WORD.findall(text)
    if not words:
        return collections.Counter()
    return collections.Counter(tuple(words[i : i + _N]) for i in range(max(1, len(words) - _N + 1)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--samples", type=Path, required=True, metavar="DIR")
    samples = parser.parse_args().samples
    print(f"{'extractor':<14}{'F1':>7}{'P':>7}{'R':>7}{'pages/s':>10}")
    for extractor in _EXTRACTORS:
        (precision, recall, f1), rate = measured(samples, extractor)
        print(f"{extractor:<14}{f1:>7.3f}{precision:>7.3f}{recall:>7.3f}{rate:>10.0f}")


if __name__ == "__main__":
    main()
