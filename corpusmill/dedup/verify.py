"""Exact Jaccard of proposed pairs, decided in integers."""

import numba
import numpy as np


def overlaps(hashes: np.ndarray, offsets: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """int64[m]: |A ∩ B| of the m pairs of sets `first[i]`, `second[i]`.

    Set j is the ascending uint64 `hashes[offsets[j]:offsets[j + 1]]`, without repeats.
    """
    out = np.empty(len(first), np.int64)
    _overlaps(hashes, offsets, first, second, out)
    return out


def reaches(
    overlap: np.ndarray, first: np.ndarray, second: np.ndarray, numerator: int, denominator: int
) -> np.ndarray:
    """bool[m]: is the Jaccard of sets of sizes `first`, `second` with this overlap ≥ numerator/denominator.

    J ≥ p/q is q·o ≥ p·(a + b − o); floats would get borders wrong (at 0.8 for 200,000 of the first
    million sizes).
    """
    return np.asarray(denominator * overlap >= numerator * (first + second - overlap))


# The hashes may be a view of a file, thus read-only.
@numba.njit(
    "void(Array(u8, 1, 'C', readonly=True), i8[::1], i8[::1], i8[::1], i8[::1])", cache=True, nogil=True
)
def _overlaps(
    hashes: np.ndarray, offsets: np.ndarray, first: np.ndarray, second: np.ndarray, out: np.ndarray
) -> None:
    for pair in range(len(first)):
        left, left_end = offsets[first[pair]], offsets[first[pair] + 1]
        right, right_end = offsets[second[pair]], offsets[second[pair] + 1]
        shared = 0
        while left < left_end and right < right_end:
            if hashes[left] == hashes[right]:
                shared += 1
                left += 1
                right += 1
            elif hashes[left] < hashes[right]:
                left += 1
            else:
                right += 1
        out[pair] = shared
