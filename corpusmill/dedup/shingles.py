"""Shingle sets: the 5-grams of a text's words, as sorted 64-bit hashes.

The set of a text with one to four words is the one tuple of them. Sets are compared by the hashes: two
different shingles share one with probability 2⁻⁶⁴, which for two books of a million shingles each makes
a wrong intersection less likely than 10⁻⁷; every other step of a comparison is exact.
"""

import itertools
from dataclasses import dataclass

import numba
import numpy as np

from corpusmill.dedup.words import SEPARATOR, Words

WIDTH = 5
# FNV-1a over a word's bytes, then a polynomial in an odd multiplier over the words' hashes, both closed
# by the finalizer of MurmurHash3 (public domain), so that every input bit reaches every output bit.
_FNV_START = np.uint64(0xCBF29CE484222325)
_FNV_PRIME = np.uint64(0x100000001B3)
_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xFF51AFD7ED558CCD)
_MIX_2 = np.uint64(0xC4CEB9FE1A85EC53)
_HALF = np.uint64(33)


@dataclass(frozen=True, kw_only=True)
class Shingles:
    """The sets of n texts: that of text i is `hashes[offsets[i]:offsets[i + 1]]`, ascending, no repeats."""

    hashes: np.ndarray  # uint64
    offsets: np.ndarray  # int64[n + 1]

    @property
    def sizes(self) -> np.ndarray:
        """int64[n]: how many shingles each set has."""
        return np.diff(self.offsets)


def shingle_set(words: list[str], width: int = WIDTH) -> set[tuple[str, ...]]:
    """The definition, slow: all runs of `width` consecutive words, or the one tuple of fewer."""
    if len(words) < width:
        return {tuple(words)} if words else set()
    return set(zip(*(itertools.islice(words, start, None) for start in range(width)), strict=False))


def shingles(words: Words) -> Shingles:
    """The shingle sets of a batch of texts."""
    n_shingles = np.where(words.counts >= WIDTH, words.counts - WIDTH + 1, np.minimum(words.counts, 1))
    hashes = np.empty(int(n_shingles.sum()), np.uint64)
    offsets = np.zeros(len(words.counts) + 1, np.int64)
    longest = int(words.counts.max(initial=0))
    _shingles(words.data, words.offsets, hashes, offsets, np.empty(longest, np.uint64))
    return Shingles(hashes=hashes[: offsets[-1]], offsets=offsets)


@numba.njit("u8(u8)", cache=True, nogil=True)
def mix(value: np.uint64) -> np.uint64:
    """A bijection of 64-bit values that spreads every bit (the finalizer of MurmurHash3)."""
    mixed = np.uint64(value)
    mixed = (mixed ^ (mixed >> _HALF)) * _MIX_1
    mixed = (mixed ^ (mixed >> _HALF)) * _MIX_2
    return mixed ^ (mixed >> _HALF)


@numba.njit("void(u1[::1], i8[::1], u8[::1], i8[::1], u8[::1])", cache=True, nogil=True)
def _shingles(
    data: np.ndarray, offsets: np.ndarray, hashes: np.ndarray, out_offsets: np.ndarray, words: np.ndarray
) -> None:
    end = 0
    for text in range(len(offsets) - 1):
        n_words = 0
        word = _FNV_START
        for at in range(offsets[text], offsets[text + 1]):
            if data[at] == SEPARATOR:
                words[n_words] = mix(word)
                n_words += 1
                word = _FNV_START
            else:
                word = (word ^ np.uint64(data[at])) * _FNV_PRIME
        if offsets[text + 1] > offsets[text]:
            words[n_words] = mix(word)
            n_words += 1
        first = end
        width = min(n_words, WIDTH)
        for start in range(n_words - width + 1 if n_words else 0):
            # The number of words comes first, so that a short text equals no part of a long one.
            value = np.uint64(width)
            for place in range(width):
                value = value * _STEP + words[start + place]
            hashes[end] = mix(value)
            end += 1
        # In place: sort the text's part, then squeeze the repeats out of it.
        part = hashes[first:end]
        part.sort()
        kept = first
        for place in range(first, end):
            if place == first or hashes[place] != hashes[kept - 1]:
                hashes[kept] = hashes[place]
                kept += 1
        end = kept
        out_offsets[text + 1] = end
