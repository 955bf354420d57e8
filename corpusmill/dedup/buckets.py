"""Grouping: documents with equal keys, and the pairs that a group proposes."""

import numpy as np


def runs(keys: np.ndarray) -> np.ndarray:
    """int64[groups + 1]: where the runs of equal rows of the sorted array `keys` (n, or n × c) start,
    and n at the end."""
    if not len(keys):
        return np.zeros(1, np.int64)
    differs = keys[1:] != keys[:-1]
    if differs.ndim > 1:
        differs = differs.any(axis=1)
    return np.concatenate([[0], np.flatnonzero(differs) + 1, [len(keys)]]).astype(np.int64)


def representatives(content: np.ndarray, order: list[np.ndarray], documents: np.ndarray) -> np.ndarray:
    """int64[m, 2]: (document, representative) of every document that is not first of its content.

    `content` is uint64[n, 2]; `order` are the keys of the total order, most significant first; the first
    in it represents all documents of the same content. Sorted by document.
    """
    by = np.lexsort([*reversed(order), content[:, 1], content[:, 0]])
    starts = runs(content[by])
    first = np.repeat(by[starts[:-1]], np.diff(starts))
    later = first != by
    pairs = np.stack([documents[by[later]], documents[first[later]]], axis=1)
    return pairs[np.argsort(pairs[:, 0], kind="stable")]


def propose(
    keys: np.ndarray, documents: np.ndarray, sizes: np.ndarray, numerator: int, denominator: int
) -> np.ndarray:
    """int64[m, 2]: all pairs (smaller, larger document) with equal keys whose sets' sizes allow a Jaccard
    of numerator/denominator or more. Sorted; a pair occurs once for each group that it shares.

    Within a group sorted by size a document can only pair with those up to size·q/p, so the work is the
    number of pairs within reach, not the square of the group.
    """
    by = np.lexsort((documents, sizes, keys))
    keys, documents, sizes = keys[by], documents[by], sizes[by]
    starts = runs(keys)
    keep = np.repeat(np.diff(starts) > 1, np.diff(starts))
    keys, documents, sizes = keys[keep], documents[keep], sizes[keep]
    found = [np.empty((0, 2), np.int64)]
    starts = runs(keys)
    for start, stop in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        reach = np.searchsorted(sizes[start:stop], sizes[start:stop] * denominator // numerator, "right")
        partners = reach - np.arange(1, stop - start + 1)
        first = np.repeat(np.arange(stop - start), partners)
        within = np.arange(len(first)) - np.repeat(np.cumsum(partners) - partners, partners)
        second = first + 1 + within
        group = documents[start:stop]
        found.append(np.stack([group[first], group[second]], axis=1))
    pairs = np.sort(np.concatenate(found), axis=1)
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def distinct(pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct rows of int64[n, 2] `pairs`, sorted, and int32: how often each occurred."""
    by = np.lexsort((pairs[:, 1], pairs[:, 0]))
    starts = runs(pairs[by])
    return pairs[by[starts[:-1]]], np.diff(starts).astype(np.int32)
