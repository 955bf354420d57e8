from fractions import Fraction

import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from corpusmill.dedup.verify import overlaps, reaches

SETS = st.lists(st.sets(st.integers(0, 40), max_size=30), min_size=2, max_size=8)


@given(SETS)
def test_overlap_is_that_of_the_sets(sets: list[set[int]]) -> None:
    hashes = np.array([value for each in sets for value in sorted(each)], np.uint64)
    offsets = np.cumsum([0] + [len(each) for each in sets]).astype(np.int64)
    first, second = np.triu_indices(len(sets))
    found = overlaps(hashes, offsets, first.astype(np.int64), second.astype(np.int64))
    assert found.tolist() == [len(sets[a] & sets[b]) for a, b in zip(first, second, strict=True)]


SIZES = st.integers(0, 2000)


@given(SIZES, SIZES, SIZES, st.sampled_from(["0.95", "0.8", "0.7", "1"]))
def test_the_threshold_is_the_decimal_not_a_float(overlap: int, more: int, most: int, written: str) -> None:
    first, second = overlap + more, overlap + most
    t = Fraction(written)
    union = first + second - overlap
    found = reaches(np.array([overlap]), np.array([first]), np.array([second]), t.numerator, t.denominator)
    assert bool(found[0]) == (overlap >= t * union)


def test_exactly_at_the_threshold_counts() -> None:
    at = reaches(np.array([19, 18]), np.array([20, 19]), np.array([19, 19]), 19, 20)
    assert at.tolist() == [True, False]
