"""The words of a text, which shingles and the content hash are made of.

The words are the maximal runs of characters with `str.isalnum()` in `text.lower()`, except that each
such character of a Han, Hiragana or Katakana range is a word by itself. `split` is that definition in
plain Python; `normalize` is the same over UTF-8 with numba, for batches. Both read the same table, so
they can only differ in where a word starts and ends, and a property test compares them.

`str.lower` and `str.isalnum` follow the Unicode tables of the running Python, which is why manifests
record `unicodedata.unidata_version`.
"""

import functools
import hashlib
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
_NO_WORD, _WORD, _SINGLE = 0, 1, 2
SEPARATOR = 0x20  # is no word character, so joined words can be told apart again


@functools.cache
def classes() -> np.ndarray:
    """uint8[0x110000]: for each code point whether it is in no word, in a word, or a word by itself."""
    table = np.fromiter((chr(point).isalnum() for point in range(0x110000)), np.uint8, 0x110000)
    for first, last in _SINGLE_RANGES:
        table[first : last + 1] *= _SINGLE
    return table


def split(text: str) -> list[str]:
    """The words of `text`: the definition, slow."""
    table = classes()
    words: list[str] = []
    open_word = False
    for character in text.lower():
        kind = table[ord(character)]
        if kind == _WORD and open_word:
            words[-1] += character
        elif kind != _NO_WORD:
            words.append(character)
        open_word = bool(kind == _WORD)
    return words


def places(text: str) -> np.ndarray:
    """int64[n, 2]: the characters of `text` at which each of its n words begins and ends."""
    lower = text.lower()
    points = np.frombuffer(lower.encode("utf-32-le"), np.uint32)
    kinds = np.pad(classes()[points], 1, constant_values=_NO_WORD)
    here, before, behind = kinds[1:-1], kinds[:-2], kinds[2:]
    begins = np.flatnonzero((here == _SINGLE) | ((here == _WORD) & (before != _WORD)))
    ends = np.flatnonzero((here == _SINGLE) | ((here == _WORD) & (behind != _WORD)))
    if len(lower) != len(text):  # a few characters become two
        origin = np.repeat(np.arange(len(text)), [len(character.lower()) for character in text])
        begins, ends = origin[begins], origin[ends]
    return np.stack([begins, ends + 1], axis=1).astype(np.int64)


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
        open_word = False
        at = offsets[text]
        while at < offsets[text + 1]:
            lead = np.uint32(data[at])
            if lead < 0x80:
                width = 1
                point = lead
            elif lead < 0xE0:
                width = 2
                point = (lead & 0x1F) << 6 | (data[at + 1] & 0x3F)
            elif lead < 0xF0:
                width = 3
                point = (lead & 0x0F) << 12 | (data[at + 1] & 0x3F) << 6 | (data[at + 2] & 0x3F)
            else:
                width = 4
                point = (
                    (lead & 0x07) << 18
                    | (data[at + 1] & 0x3F) << 12
                    | (data[at + 2] & 0x3F) << 6
                    | (data[at + 3] & 0x3F)
                )
            kind = table[point]
            if kind != _NO_WORD:
                if not open_word or kind == _SINGLE:
                    if end > first:
                        out[end] = SEPARATOR
                        end += 1
                    counts[text] += 1
                for byte in range(width):
                    out[end] = data[at + byte]
                    end += 1
            open_word = kind == _WORD
            at += width
        out_offsets[text + 1] = end
