"""Spans of a text taken out of it, with margins, after Brown et al. 2020 (arXiv 2005.14165), appendix C."""

import numpy as np

from corpusmill.evaluation import Decontaminate

RULE = "decontaminate"
"""The ledger's name for what is cut out of documents that stay,"""
WHOLE = "contaminated"
"""and for documents that go."""


def merged(starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """int64[k, 2]: the first word, and the one behind the last, of what spans cover together, in order; those
    that touch are one. `starts` and `lengths` are int64[h], in any order."""
    order = np.argsort(starts, kind="stable")
    begins, ends = starts[order], np.maximum.accumulate((starts + lengths)[order])
    apart = begins[1:] > ends[:-1]
    first, last = np.ones(len(begins), bool), np.ones(len(begins), bool)
    first[1:], last[:-1] = apart, apart
    return np.stack([begins[first], ends[last]], axis=1)


def cut(text: str, words: np.ndarray, spans: np.ndarray, options: Decontaminate) -> str:
    """What is left of `text` without `spans` (as of `merged`) of its words: pieces with an empty line between
    them.

    `words` is int64[n, 2], the characters at which each word begins and ends. A span goes with the whole
    words that lie within the margin around it; a piece shorter than `min_piece` goes too; "" if nothing is
    left, or more than `max_pieces`.
    """
    begins, ends = words[:, 0], words[:, 1]
    pieces = []
    begin = 0
    for first, stop in spans.tolist():
        left = int(np.searchsorted(begins, begins[first] - options.margin))
        right = int(np.searchsorted(ends, ends[stop - 1] + options.margin, side="right"))
        pieces.append(text[begin : max(begin, int(begins[left]))])
        begin = max(begin, int(begins[right]) if right < len(words) else len(text))
    pieces.append(text[begin:])
    kept = [piece for piece in map(str.strip, pieces) if piece and len(piece) >= options.min_piece]
    return "\n\n".join(kept) if len(kept) <= options.max_pieces else ""
