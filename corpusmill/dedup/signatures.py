"""MinHash signatures, bit for bit those of `datasketch.MinHash(scheme="affine32")`, and their band keys.

datasketch supplies the permutations and is the reference: `check_kernel` compares the two on given sets
and is called when a stage starts, so a change in either is found before a wrong byte is written.
A signature is made of the upper halves of the 64-bit shingle hashes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numba
import numpy as np
from datasketch import MinHash

from corpusmill.dedup.shingles import Shingles, mix
from corpusmill.errors import CorpusmillError

EMPTY = np.uint32(0xFFFFFFFF)  # the signature of the empty set, as in datasketch


@dataclass(frozen=True, kw_only=True)
class Permutations:
    """The permutations h → a·h + b mod 2³² of one (number, seed)."""

    seed: int
    multipliers: np.ndarray  # uint32[k], odd
    offsets: np.ndarray  # uint32[k]


def permutations(number: int, seed: int) -> Permutations:
    """datasketch's own permutations for `num_perm=number` and `seed`."""
    multipliers, offsets = MinHash(num_perm=number, seed=seed, scheme="affine32").permutations
    return Permutations(
        seed=seed,
        multipliers=np.ascontiguousarray(multipliers, np.uint32),
        offsets=np.ascontiguousarray(offsets, np.uint32),
    )


def signatures(sets: Shingles, how: Permutations) -> np.ndarray:
    """uint32[n, k]: the signature of each of n sets."""
    out = np.empty((len(sets.offsets) - 1, len(how.multipliers)), np.uint32)
    _signatures(sets.hashes, sets.offsets, how.multipliers, how.offsets, out)
    return out


def reference(hashes: Sequence[int], how: Permutations) -> np.ndarray:
    """uint32[k]: datasketch's signature of one set of 64-bit shingle hashes."""
    sketch = MinHash(
        num_perm=len(how.multipliers), seed=how.seed, hashfunc=lambda value: value >> 32, scheme="affine32"
    )
    sketch.update_batch(hashes)
    return np.asarray(sketch.hashvalues, np.uint32)


def check_kernel(sets: Shingles, how: Permutations) -> None:
    """`CorpusmillError` if the kernel's signature of one of the sets is not datasketch's."""
    ours = signatures(sets, how)
    for row, (start, stop) in enumerate(zip(sets.offsets[:-1], sets.offsets[1:], strict=True)):
        if not np.array_equal(ours[row], reference(sets.hashes[start:stop].tolist(), how)):
            raise CorpusmillError(
                "the signature kernel and the installed datasketch disagree; "
                "install the versions of constraints.txt"
            )


def band_keys(signature: np.ndarray, bands: int, rows: int) -> np.ndarray:
    """uint64[bands, n]: for each band the hash of its `rows` values of each uint32[n, k] signature.

    Keys of different bands are unrelated, so that a bucket never joins documents across bands.
    """
    out = np.empty((bands, len(signature)), np.uint64)
    _band_keys(signature, rows, out)
    return out


@numba.njit("void(u8[::1], i8[::1], u4[::1], u4[::1], u4[:, ::1])", cache=True, nogil=True)
def _signatures(
    hashes: np.ndarray, offsets: np.ndarray, multipliers: np.ndarray, adds: np.ndarray, out: np.ndarray
) -> None:
    for text in range(len(out)):
        row = out[text]
        row[:] = EMPTY
        for at in range(offsets[text], offsets[text + 1]):
            # datasketch's pre-mix: the 32-bit finalizer of MurmurHash3.
            value = np.uint32(hashes[at] >> np.uint64(32))
            value = np.uint32((value ^ (value >> np.uint32(16))) * np.uint32(0x85EBCA6B))
            value = np.uint32((value ^ (value >> np.uint32(13))) * np.uint32(0xC2B2AE35))
            value = np.uint32(value ^ (value >> np.uint32(16)))
            for k in range(len(multipliers)):
                row[k] = min(row[k], np.uint32(multipliers[k] * value + adds[k]))


@numba.njit("void(u4[:, ::1], i8, u8[:, ::1])", cache=True, nogil=True)
def _band_keys(signature: np.ndarray, rows: int, out: np.ndarray) -> None:
    for band in range(len(out)):
        for text in range(len(signature)):
            key = np.uint64(band + 1)
            for row in range(rows):
                key = mix(key + np.uint64(signature[text, band * rows + row]))
            out[band, text] = key
