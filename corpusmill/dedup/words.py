"""The words of a text, which shingles, the content hash and n-grams are made of.

The words are the maximal runs of characters of `text.lower()` with `str.isalnum()` or of a combining mark
(categories Mn, Mc, Me), except that each alphanumeric character of a Han, Hiragana or Katakana range is a
word by itself, with the marks that follow it. Without its marks a word of Hindi, Thai or pointed Hebrew is
another word. Marks are part of words and no words of their own:

- marks in front of a letter, with no letter before them, begin its word: they are of the same run;
- marks in front of a Han or kana character, with no letter before them, are in no word: nothing of their
  run is left to them when that character has gone;
- a run of marks alone, such as the selector U+FE0F behind an emoji, is no word.

`split` is that definition in plain Python, `normalize` the same over UTF-8 with numba, for batches, and
`places` over arrays. They read the same table, so they can only differ in where a word starts and ends, and
tests compare them on every code point.

`str.lower`, `str.isalnum` and the categories follow the Unicode tables of the running Python, which is why
manifests record `unicodedata.unidata_version`.
"""

import functools
import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numba
import numpy as np

from corpusmill.documents import ID_BYTES

# Hiragana and Katakana, Han: extension A, unified, compatibility, and the planes 2 and 3.
_SINGLE_RANGES = (
    (0x3040, 0x30FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x323AF),
)
_NO_WORD, _WORD, _SINGLE, _MARK = range(4)
SEPARATOR = 0x20  # is no word character, so joined words can be told apart again


@functools.cache
def classes() -> np.ndarray:
    """uint8[0x110000]: for each code point whether it is in no word, in a word, a single one, or a mark."""
    points = [chr(point) for point in range(0x110000)]
    table = np.fromiter((point.isalnum() for point in points), np.uint8, len(points))
    for first, last in _SINGLE_RANGES:
        table[first : last + 1] *= _SINGLE
    marks = np.fromiter((unicodedata.category(point).startswith("M") for point in points), bool, len(points))
    table[marks] = _MARK
    return table


def split(text: str) -> list[str]:
    """The words of `text`: the definition, slow."""
    lower = text.lower()
    kinds = "".join(".WSM"[classes()[ord(character)]] for character in lower)
    runs = [run.span() for run in re.finditer(r"SM*|[WM]+", kinds)]
    return [lower[begin:end] for begin, end in runs if kinds[begin:end].strip("M")]


def places(text: str) -> np.ndarray:
    """int64[n, 2]: the characters of `text` at which each of its n words begins and ends."""
    lower = text.lower()
    points = np.frombuffer(lower.encode("utf-32-le"), np.uint32)
    kinds = np.full(len(points) + 2, _NO_WORD, np.uint8)
    kinds[1:-1] = classes()[points]
    if kinds.max() == _MARK:
        kinds = _settled(kinds)
    here, before, behind = kinds[1:-1], kinds[:-2], kinds[2:]
    begins = np.flatnonzero((here == _SINGLE) | ((here == _WORD) & (before != _WORD)))
    ends = np.flatnonzero(((here >= _SINGLE) & (behind != _MARK)) | ((here == _WORD) & (behind != _WORD)))
    if len(lower) != len(text):  # a few characters become two
        origin = np.repeat(np.arange(len(text)), [len(character.lower()) for character in text])
        begins, ends = origin[begins], origin[ends]
    return np.stack([begins, ends + 1], axis=1).astype(np.int64)


def _settled(kinds: np.ndarray) -> np.ndarray:
    """uint8[n]: `kinds`, of which the first and the last are `_NO_WORD`, with `_MARK` only for the marks of a
    single character; the others are as the letters or the gap that they belong to."""
    at = np.arange(len(kinds))
    is_mark = kinds == _MARK
    before = kinds[np.maximum.accumulate(np.where(is_mark, 0, at))]
    behind = kinds[np.minimum.accumulate(np.where(is_mark, len(kinds) - 1, at)[::-1])[::-1]]
    settled = kinds.copy()
    settled[is_mark & ((before == _WORD) | ((before == _NO_WORD) & (behind == _WORD)))] = _WORD
    settled[is_mark & (before == _NO_WORD) & (behind != _WORD)] = _NO_WORD
    return settled


@dataclass(frozen=True, kw_only=True)
class Words:
    """The words of a batch of n texts: of text i, `data[offsets[i]:offsets[i + 1]]` holds its words as
    lower-case UTF-8 with one space between them, `counts[i]` of them."""

    data: np.ndarray  # uint8
    offsets: np.ndarray  # int64[n + 1]
    counts: np.ndarray  # int64[n]

    def content_hashes(self) -> list[bytes]:
        """A 16-byte BLAKE2b of each text's sequence of words: equal iff the words are (2⁻¹²⁸ aside)."""
        data = self.data.data
        return [
            hashlib.blake2b(data[start:stop], digest_size=ID_BYTES).digest()
            for start, stop in zip(self.offsets[:-1].tolist(), self.offsets[1:].tolist(), strict=True)
        ]


def normalize(texts: Sequence[str]) -> Words:
    """The words of each text. `texts` must hold no lone surrogates (`UnicodeEncodeError`)."""
    encoded = [text.lower().encode() for text in texts]
    offsets = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum([len(each) for each in encoded], out=offsets[1:])
    data = np.frombuffer(b"".join(encoded), np.uint8)
    # A separator follows at least one byte of a word; single words of 3 or more bytes may follow another.
    out = np.empty(2 * len(data) + len(encoded), np.uint8)
    out_offsets = np.zeros(len(encoded) + 1, np.int64)
    counts = np.zeros(len(encoded), np.int64)
    _normalize(data, offsets, classes(), out, out_offsets, counts)
    return Words(data=out[: out_offsets[-1]], offsets=out_offsets, counts=counts)


@numba.njit("UniTuple(i8, 2)(Array(u1, 1, 'C', readonly=True), i8)", cache=True, nogil=True)
def _character(data: np.ndarray, at: int) -> tuple[np.int64, int]:
    """The code point of the UTF-8 that begins at `data[at]`, and its number of bytes."""
    lead = np.int64(data[at])
    if lead < 0x80:
        return lead, 1
    if lead < 0xE0:
        return (lead & 0x1F) << 6 | (data[at + 1] & 0x3F), 2
    if lead < 0xF0:
        return (lead & 0x0F) << 12 | (data[at + 1] & 0x3F) << 6 | (data[at + 2] & 0x3F), 3
    rest = (data[at + 1] & 0x3F) << 12 | (data[at + 2] & 0x3F) << 6 | (data[at + 3] & 0x3F)
    return (lead & 0x07) << 18 | rest, 4


@numba.njit(
    "void(Array(u1, 1, 'C', readonly=True), i8[::1], u1[::1], u1[::1], i8[::1], i8[::1])",
    cache=True,
    nogil=True,
)
def _normalize(
    data: np.ndarray,
    offsets: np.ndarray,
    table: np.ndarray,
    out: np.ndarray,
    out_offsets: np.ndarray,
    counts: np.ndarray,
) -> None:
    end = 0
    for text in range(len(offsets) - 1):
        first = end
        open_word = _NO_WORD  # the kind of the word to which a mark would belong
        loose = 0  # bytes of the marks before this that belong to no word yet
        at = offsets[text]
        while at < offsets[text + 1]:
            if data[at] < 0x80 and open_word == _WORD and table[data[at]] == _WORD:  # most often
                out[end] = data[at]
                end += 1
                at += 1
                continue
            point, width = _character(data, at)
            kind = table[point]
            if kind == _MARK:
                if open_word == _NO_WORD:
                    loose += width
                    at += width
                    continue
                kind = open_word
            elif kind != _NO_WORD and (kind == _SINGLE or open_word != _WORD):
                if end > first:
                    out[end] = SEPARATOR
                    end += 1
                counts[text] += 1
                if kind == _WORD:
                    for byte in range(at - loose, at):
                        out[end] = data[byte]
                        end += 1
            if kind != _NO_WORD:
                for byte in range(width):
                    out[end] = data[at + byte]
                    end += 1
            open_word = kind
            loose = 0
            at += width
        out_offsets[text + 1] = end
