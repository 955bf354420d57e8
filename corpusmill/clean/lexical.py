"""Words and repeated word n-grams of a text: the measures that look at every word, in one numba kernel.

A word here is a maximal run of letters, digits and underscores, with single apostrophes, full stops and
commas inside it (don't, 3.14, U.S), or a run of one other character that is no white space (..., --). That is
close to what language tokenizers make of English, and needs no model. `split` is the definition in plain
Python. (Deduplication has words of its own, which must never change; these only measure.)
"""

import functools
import re
from collections.abc import Iterator
from typing import NamedTuple

import numba
import numpy as np
import regex

WORD_PATTERN = re.compile(r"\w+(?:['’.,]\w+)*|([^\w\s])\1*")
STOP_WORDS = ("the", "be", "to", "of", "and", "that", "have", "with")
"""Of Gopher's stop-word rule (arXiv 2112.11446, A1.1)."""
TOP_SIZES = (2, 3, 4)
DUPLICATE_SIZES = (5, 6, 7, 8, 9, 10)

_WORD, _SPACE, _ALPHABETIC, _SYMBOL, _JOINER = 1, 2, 4, 8, 16
_ASCII_SYMBOLS = "$+<=>^`|~"  # which Unicode does not count as punctuation
_COUNTS = 5


class Lexical(NamedTuple):
    """What `measure` counts. `top` is, for n of `TOP_SIZES`, the characters (with the spaces between words)
    of all occurrences of the most frequent n-gram, the first of several; `duplicate`, for n of
    `DUPLICATE_SIZES`, the characters (without spaces) of n-grams that have stood in the text before, none
    counted twice."""

    words: int
    text_words: int
    """Words that are not made of punctuation and symbols alone."""
    text_characters: int
    """Characters of those."""
    alphabetic_words: int
    """Words with at least one alphabetic character."""
    stop_words: int
    """How many different ones of `STOP_WORDS` occur."""
    top: tuple[int, ...]
    duplicate: tuple[int, ...]


def split(text: str) -> Iterator[str]:
    """The words of a text, in order."""
    return (match.group() for match in WORD_PATTERN.finditer(text))


def measure(text: str) -> Lexical:
    """Count in one pass, and one more for each size of n-gram; linear in the text whatever is in it."""
    points = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    found = _measure(points, _kinds(), _stop_hashes(), np.array(TOP_SIZES), np.array(DUPLICATE_SIZES))
    counts = found.tolist()
    end = _COUNTS + len(TOP_SIZES)
    words, text_words, text_characters, alphabetic_words, stop_words = counts[:_COUNTS]
    return Lexical(
        words=words,
        text_words=text_words,
        text_characters=text_characters,
        alphabetic_words=alphabetic_words,
        stop_words=stop_words,
        top=tuple(counts[_COUNTS:end]),
        duplicate=tuple(counts[end:]),
    )


@functools.cache
def _kinds() -> np.ndarray:
    """uint8[0x110000]: the bits of each character."""
    everything = [chr(point) for point in range(0x110000)]
    kinds = np.zeros(0x110000, np.uint8)
    for bit, test in ((_WORD, str.isalnum), (_SPACE, str.isspace), (_ALPHABETIC, str.isalpha)):
        kinds[np.fromiter(map(test, everything), bool, 0x110000)] |= bit
    symbols = regex.findall(r"[\p{P}\p{Cc}]", "".join(everything[:0xD800] + everything[0xE000:]))
    kinds[[ord(each) for each in [*symbols, *_ASCII_SYMBOLS]]] |= _SYMBOL
    kinds[ord("_")] |= _WORD
    kinds[[ord(each) for each in "'’.,"]] |= _JOINER
    return kinds


@functools.cache
def _stop_hashes() -> np.ndarray:
    """uint64[n]: of the stop words, as `_split` hashes them."""
    text = " ".join(STOP_WORDS).encode("utf-32-le")
    n = len(STOP_WORDS)
    hashes, lengths, counts = np.empty(n, np.uint64), np.empty(n, np.int32), np.empty(_COUNTS, np.int64)
    _split(np.frombuffer(text, np.uint32), _kinds(), np.empty(0, np.uint64), hashes, lengths, counts)
    return hashes


@numba.njit("u8(u8, u8)", cache=True, nogil=True)
def _mix(value: np.uint64, other: np.uint64) -> np.uint64:
    value = (value ^ other) * np.uint64(0x9E3779B97F4A7C15)
    return value ^ (value >> np.uint64(32))


@numba.njit(
    "i8(Array(u4, 1, 'C', readonly=True), u1[::1], u8[::1], u8[::1], i4[::1], i8[::1])",
    cache=True,
    nogil=True,
)
def _split(
    points: np.ndarray,
    kinds: np.ndarray,
    stops: np.ndarray,
    hashes: np.ndarray,
    lengths: np.ndarray,
    out: np.ndarray,
) -> int:
    """Fill `hashes` and `lengths` with the words, and `out` with the counts; how many words there are."""
    n = 0
    at = 0
    end = len(points)
    seen = 0
    while at < end:
        kind = kinds[points[at]]
        if kind & 2:
            at += 1
            continue
        start = at
        value = np.uint64(0)
        alphabetic = False
        symbols = True
        wordy = kind & 1
        while at < end:
            point = points[at]
            kind = kinds[point]
            if wordy:
                inside = kind & 1 or (
                    kind & 16 and at + 1 < end and kinds[points[at - 1]] & 1 and kinds[points[at + 1]] & 1
                )
            else:
                inside = point == points[start]
            if not inside:
                break
            value = _mix(value, np.uint64(point))
            alphabetic |= kind & 4 != 0
            symbols &= kind & 8 != 0
            at += 1
        length = at - start
        value = _mix(_mix(value, np.uint64(length)), np.uint64(0x632BE59BD9B4E019)) | np.uint64(1)
        hashes[n] = value
        lengths[n] = length
        n += 1
        if not symbols:
            out[1] += 1
            out[2] += length
        out[3] += alphabetic
        if length <= 4:
            for place in range(len(stops)):
                if value == stops[place]:
                    seen |= 1 << place
    out[0] = n
    while seen:
        out[4] += seen & 1
        seen >>= 1
    return n


@numba.njit("u8(u8[::1], i8, i8)", cache=True, nogil=True)
def _ngram(hashes: np.ndarray, at: int, n: int) -> np.uint64:
    value = np.uint64(0)
    for place in range(at, at + n):
        value = _mix(value, hashes[place])
    return value | np.uint64(1)


@numba.njit("i8(u8[::1], i4[::1], i8, u8[::1])", cache=True, nogil=True)
def _duplicate(hashes: np.ndarray, lengths: np.ndarray, n: int, slots: np.ndarray) -> int:
    slots[:] = 0
    last = np.uint64(len(slots) - 1)
    characters = 0
    at = 0
    while at + n <= len(hashes):
        value = _ngram(hashes, at, n)
        slot = (value >> np.uint64(7)) & last
        while slots[slot] != 0 and slots[slot] != value:
            slot = (slot + np.uint64(1)) & last
        if slots[slot] == value:
            for place in range(at, at + n):
                characters += lengths[place]
            at += n
        else:
            slots[slot] = value
            at += 1
    return characters


@numba.njit("i8(u8[::1], i4[::1], i8, u8[::1], i4[::1], i4[::1])", cache=True, nogil=True)
def _top(
    hashes: np.ndarray, lengths: np.ndarray, n: int, slots: np.ndarray, counts: np.ndarray, firsts: np.ndarray
) -> int:
    slots[:] = 0
    last = np.uint64(len(slots) - 1)
    for at in range(len(hashes) - n + 1):
        value = _ngram(hashes, at, n)
        slot = (value >> np.uint64(7)) & last
        while slots[slot] != 0 and slots[slot] != value:
            slot = (slot + np.uint64(1)) & last
        if slots[slot] == 0:
            slots[slot] = value
            counts[slot] = 0
            firsts[slot] = at
        counts[slot] += 1
    most, first = 0, 0
    for place in range(len(slots)):
        if slots[place] and (counts[place] > most or (counts[place] == most and firsts[place] < first)):
            most, first = counts[place], firsts[place]
    characters = n - 1 if most else 0
    for place in range(first, first + n if most else first):
        characters += lengths[place]
    return most * characters


@numba.njit(
    "i8[::1](Array(u4, 1, 'C', readonly=True), u1[::1], u8[::1], i8[::1], i8[::1])", cache=True, nogil=True
)
def _measure(
    points: np.ndarray, kinds: np.ndarray, stops: np.ndarray, tops: np.ndarray, duplicates: np.ndarray
) -> np.ndarray:
    out = np.zeros(5 + len(tops) + len(duplicates), np.int64)
    n = 0
    for at in range(len(points)):  # as many words as there may be
        if not kinds[points[at]] & 2 and (
            at == 0 or not (kinds[points[at]] & kinds[points[at - 1]] & 1 or points[at] == points[at - 1])
        ):
            n += 1
    hashes = np.empty(n, np.uint64)
    lengths = np.empty(n, np.int32)
    n = _split(points, kinds, stops, hashes, lengths, out)
    hashes, lengths = hashes[:n], lengths[:n]
    size = 16
    while size * 3 < n * 4:
        size *= 2
    slots = np.zeros(size, np.uint64)
    for place in range(len(duplicates)):
        out[5 + len(tops) + place] = _duplicate(hashes, lengths, duplicates[place], slots)
    counts = np.empty(size, np.int32)
    firsts = np.empty(size, np.int32)
    for place in range(len(tops)):
        out[5 + place] = _top(hashes, lengths, tops[place], slots, counts, firsts)
    return out
