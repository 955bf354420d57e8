"""Which documents validate and in which order all are read: by hash of their ids, so that both are the
same in every run, and do not change for other documents when one is added or removed.
"""

from collections.abc import Mapping

import numpy as np

_SPLIT, _SHUFFLE = 1, 2


def split_keys(doc_ids: np.ndarray, seed: int) -> np.ndarray:
    """uint64[n]: the order in which documents are taken for validation. `doc_ids` is uint8[n, 16]."""
    return _keys(doc_ids, seed, _SPLIT)


def shuffle_keys(doc_ids: np.ndarray, seed: int) -> np.ndarray:
    """uint64[n]: the order in which documents stand in the shards. `doc_ids` is uint8[n, 16]."""
    return _keys(doc_ids, seed, _SHUFFLE)


def _keys(doc_ids: np.ndarray, seed: int, purpose: int) -> np.ndarray:
    halves = np.ascontiguousarray(doc_ids).reshape(-1).view("<u8").reshape(-1, 2)
    salt = _mix(np.array([seed * 4 + purpose], np.uint64))
    return _mix(halves[:, 0] ^ _mix(halves[:, 1] ^ salt))


def _mix(values: np.ndarray) -> np.ndarray:
    # The output function of SplitMix64 (Steele, Lea, Flood 2014): a bijection.
    mixed = values + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def quotas(kept: Mapping[str, int], most: int, share: float) -> dict[str, float]:
    """Bytes of validation text of each source: the smaller of `most` and `share` of all kept bytes,
    proportional to each source's kept bytes."""
    total = sum(kept.values())
    target = min(float(most), share * total)
    return {source: target * n_bytes / total for source, n_bytes in kept.items() if n_bytes}


class Cutoffs:
    """Finds the largest key that validates, a source at a time: as many documents, smallest keys first, as
    fit into the quota, and at least one. Holds those and the one that no longer fits."""

    def __init__(self, quota: Mapping[str, float]) -> None:
        self._quota = quota
        self._keys = {source: np.empty(0, np.uint64) for source in quota}
        self._bytes = {source: np.empty(0, np.int64) for source in quota}

    def add(self, source: str, keys: np.ndarray, n_bytes: np.ndarray) -> None:
        """Take in documents of `source`: uint64[n] keys, int64[n] bytes."""
        keys = np.concatenate([self._keys[source], keys])
        by = np.argsort(keys, kind="stable")
        self._keys[source] = keys[by]
        self._bytes[source] = np.concatenate([self._bytes[source], n_bytes])[by]
        # With the first that does not fit: without it a later, smaller one would seem to.
        held = self._fit(source) + 1
        self._keys[source], self._bytes[source] = self._keys[source][:held], self._bytes[source][:held]

    def result(self) -> dict[str, int]:
        """{source: largest key that validates} of the sources that have documents."""
        return {source: int(keys[self._fit(source) - 1]) for source, keys in self._keys.items() if len(keys)}

    def _fit(self, source: str) -> int:
        ends = np.cumsum(self._bytes[source])
        return max(1, int(np.searchsorted(ends, self._quota[source], side="right")))
