"""Where texts hold word n-grams of a collection: exactly, through hashes of windows of words.

Texts are given as their words in lower-case UTF-8 with one space between them, so an n-gram is a run of
bytes; a hash proposes it and the bytes decide. It is fast because a window's hash follows from sums over the
words before it, and all but a few windows end at the first look into a table by the hash's leading bits.
"""

from typing import NamedTuple

import numba
import numpy as np

_SPACE = 0x20
_BASE = 0x9E3779B97F4A7C15  # odd


class Index(NamedTuple):
    """The g different n-grams of a collection of texts, in the order of their hashes."""

    data: np.ndarray
    """uint8: the collection's words."""
    hashes: np.ndarray
    """uint64[g], ascending."""
    starts: np.ndarray
    """int64[g]: where in `data` the n-gram begins,"""
    stops: np.ndarray
    """int64[g]: and ends."""
    leads: np.ndarray
    """int64[2**b + 1]: how many hashes have smaller leading b bits."""
    offsets: np.ndarray
    """int64[g + 1]: of n-gram i, `texts[offsets[i]:offsets[i + 1]]` are"""
    texts: np.ndarray
    """int32: the numbers of the texts that hold it, ascending."""
    lengths: np.ndarray
    """int64[k]: of how many words there are n-grams."""


class Hits(NamedTuple):
    """h places where a text holds an n-gram of an index; in the order of the texts, of the n-grams' lengths
    and of the words. All int64[h]."""

    texts: np.ndarray
    words: np.ndarray
    """The number, in its text, of the first word."""
    lengths: np.ndarray
    """In words."""
    grams: np.ndarray
    """Which n-gram of the index."""


def build(data: np.ndarray, offsets: np.ndarray, counts: np.ndarray, n: int, least: int) -> Index:
    """All n-grams of texts; of a text with fewer than `n` words but at least `least` all words together.

    Text i has the `counts[i]` words `data[offsets[i]:offsets[i + 1]]`.
    """
    hashes, starts, stops, texts, lengths = _windows(data, offsets, counts, n, least)
    order = np.argsort(hashes, kind="stable")
    hashes, starts, stops, texts = hashes[order], starts[order], stops[order], texts[order]
    grams = _grams(data, hashes, starts, stops)
    order = np.argsort(grams, kind="stable")
    grams, texts = grams[order], texts[order]
    firsts = np.flatnonzero(np.diff(grams, prepend=-1))
    once = np.flatnonzero((np.diff(grams, prepend=-1) != 0) | (np.diff(texts, prepend=-1) != 0))
    bits = max(8, min(30, len(firsts).bit_length() + 1))
    leading = (hashes[order[firsts]] >> np.uint64(64 - bits)).astype(np.int64)
    return Index(
        data=data,
        hashes=hashes[order[firsts]],
        starts=starts[order[firsts]],
        stops=stops[order[firsts]],
        leads=np.searchsorted(leading, np.arange((1 << bits) + 1)).astype(np.int64),
        offsets=np.append(np.searchsorted(grams[once], np.arange(len(firsts))), len(once)).astype(np.int64),
        texts=texts[once].astype(np.int32),
        lengths=np.unique(lengths),
    )


def find(index: Index, data: np.ndarray, offsets: np.ndarray, counts: np.ndarray) -> Hits:
    """Every place where a text holds an n-gram of the index. Text i has the `counts[i]` words
    `data[offsets[i]:offsets[i + 1]]`."""
    bits = len(index.leads).bit_length() - 1
    parts = (index.data, index.hashes, index.starts, index.stops, index.leads, index.lengths)
    hits = _find(*parts, 64 - bits, data, offsets, counts)
    return Hits(*np.ascontiguousarray(hits.T))


@numba.njit("u8(u8, u8)", cache=True, nogil=True)
def _mixed(value: np.uint64, length: np.uint64) -> np.uint64:
    value = (value ^ (value >> np.uint64(31)) ^ length) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@numba.njit("i8(Array(u1, 1, 'C', readonly=True), i8, i8, i8[::1], i8[::1], u8[::1])", cache=True, nogil=True)
def _sums(
    data: np.ndarray, at: int, stop: int, begins: np.ndarray, ends: np.ndarray, sums: np.ndarray
) -> int:
    """Where the words of `data[at:stop]` begin and end, and sums[i], the polynomial of the hashes of the
    first i; returns how many words there are."""
    n = 0
    sums[0] = 0
    while at < stop:
        begins[n] = at
        value = np.uint64(0xCBF29CE484222325)
        while at < stop and data[at] != _SPACE:
            value = (value ^ np.uint64(data[at])) * np.uint64(0x100000001B3)
            at += 1
        ends[n] = at
        n += 1
        sums[n] = sums[n - 1] * np.uint64(_BASE) + _mixed(value, np.uint64(0))
        at += 1
    return n


@numba.njit("u8(i8)", cache=True, nogil=True)
def _power(n: int) -> np.uint64:
    power = np.uint64(1)
    for _ in range(n):
        power *= np.uint64(_BASE)
    return power


@numba.njit(
    "Tuple((u8[::1], i8[::1], i8[::1], i8[::1], i8[::1]))"
    "(Array(u1, 1, 'C', readonly=True), i8[::1], i8[::1], i8, i8)",
    cache=True,
    nogil=True,
)
def _windows(
    data: np.ndarray, offsets: np.ndarray, counts: np.ndarray, n: int, least: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(hash, first byte, byte behind, text, words) of every n-gram of every text."""
    total = most = 0
    for count in counts:
        most = max(most, count)
        if count >= least:
            total += max(1, count - n + 1)
    hashes = np.empty(total, np.uint64)
    starts, stops = np.empty(total, np.int64), np.empty(total, np.int64)
    texts, lengths = np.empty(total, np.int64), np.empty(total, np.int64)
    begins, ends = np.empty(most, np.int64), np.empty(most, np.int64)
    sums = np.empty(most + 1, np.uint64)
    at = 0
    for text in range(len(counts)):
        if counts[text] < least:
            continue
        count = _sums(data, offsets[text], offsets[text + 1], begins, ends, sums)
        length = min(n, count)
        power = _power(length)
        for word in range(count - length + 1):
            hashes[at] = _mixed(sums[word + length] - sums[word] * power, np.uint64(length))
            starts[at], stops[at] = begins[word], ends[word + length - 1]
            texts[at], lengths[at] = text, length
            at += 1
    return hashes, starts, stops, texts, lengths


@numba.njit(
    "b1(Array(u1, 1, 'C', readonly=True), i8, i8, Array(u1, 1, 'C', readonly=True), i8, i8)",
    cache=True,
    nogil=True,
)
def _equal(a: np.ndarray, start: int, stop: int, b: np.ndarray, other: int, other_stop: int) -> bool:
    if stop - start != other_stop - other:
        return False
    for at in range(stop - start):  # noqa: SIM110  (numba would make a generator)
        if a[start + at] != b[other + at]:
            return False
    return True


@numba.njit("i8[::1](Array(u1, 1, 'C', readonly=True), u8[::1], i8[::1], i8[::1])", cache=True, nogil=True)
def _grams(data: np.ndarray, hashes: np.ndarray, starts: np.ndarray, stops: np.ndarray) -> np.ndarray:
    """The number of each window's n-gram, ascending with the hashes: windows of one hash are of one n-gram if
    their bytes are equal."""
    grams = np.empty(len(hashes), np.int64)
    known = 0
    first = 0  # of the windows with this hash
    for at in range(len(hashes)):
        if at and hashes[at] != hashes[at - 1]:
            first = at
        grams[at] = -1
        for other in range(first, at):
            if _equal(data, starts[at], stops[at], data, starts[other], stops[other]):
                grams[at] = grams[other]
                break
        if grams[at] < 0:
            grams[at] = known
            known += 1
    return grams


@numba.njit(
    "i8[:, ::1](Array(u1, 1, 'C', readonly=True), Array(u8, 1, 'C', readonly=True),"
    " Array(i8, 1, 'C', readonly=True), Array(i8, 1, 'C', readonly=True), Array(i8, 1, 'C', readonly=True),"
    " Array(i8, 1, 'C', readonly=True), i8, Array(u1, 1, 'C', readonly=True), i8[::1], i8[::1])",
    cache=True,
    nogil=True,
)
def _find(
    known: np.ndarray,
    hashes: np.ndarray,
    starts: np.ndarray,
    stops: np.ndarray,
    leads: np.ndarray,
    lengths: np.ndarray,
    shift: int,
    data: np.ndarray,
    offsets: np.ndarray,
    counts: np.ndarray,
) -> np.ndarray:
    """int64[h, 4]: text, first word, words and n-gram of each hit."""
    most = 0
    for count in counts:
        most = max(most, count)
    begins, ends = np.empty(most, np.int64), np.empty(most, np.int64)
    sums = np.empty(most + 1, np.uint64)
    hits = np.empty((64, 4), np.int64)
    n_hits = 0
    for text in range(len(counts)):
        count = _sums(data, offsets[text], offsets[text + 1], begins, ends, sums)
        for length in lengths:
            power = _power(length)
            for word in range(count - length + 1):
                value = _mixed(sums[word + length] - sums[word] * power, np.uint64(length))
                lead = np.int64(value >> np.uint64(shift))
                for gram in range(leads[lead], leads[lead + 1]):
                    if hashes[gram] != value or not _equal(
                        data, begins[word], ends[word + length - 1], known, starts[gram], stops[gram]
                    ):
                        continue
                    if n_hits == len(hits):
                        larger = np.empty((2 * n_hits, 4), np.int64)
                        larger[:n_hits] = hits
                        hits = larger
                    hits[n_hits, 0], hits[n_hits, 1] = text, word
                    hits[n_hits, 2], hits[n_hits, 3] = length, gram
                    n_hits += 1
    return hits[:n_hits].copy()
