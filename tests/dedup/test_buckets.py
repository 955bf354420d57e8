import itertools

import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from corpusmill.dedup.buckets import distinct, propose, representatives

ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 30)), max_size=40)


@given(ROWS, st.sampled_from([(19, 20), (4, 5), (1, 2), (1, 1)]))
def test_proposes_every_pair_that_the_sizes_allow(rows: list[tuple[int, int]], t: tuple[int, int]) -> None:
    p, q = t
    keys = np.array([key for key, _ in rows], np.uint64)
    sizes = np.array([size for _, size in rows], np.int64)
    numbers = np.arange(len(rows), dtype=np.int64) * 7
    pairs = propose(keys, numbers, sizes, p, q)
    expected = {
        (7 * a, 7 * b)
        for a, b in itertools.combinations(range(len(rows)), 2)
        if rows[a][0] == rows[b][0] and q * min(rows[a][1], rows[b][1]) >= p * max(rows[a][1], rows[b][1])
    }
    assert {tuple(pair) for pair in pairs.tolist()} == expected
    assert len(pairs) == len(expected)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2)), min_size=1, max_size=30), st.randoms())
def test_the_first_in_the_order_represents_its_content(rows: list[tuple[int, int]], rng: object) -> None:
    content = np.array([[key, key] for key, _ in rows], np.uint64)
    priority = np.array([place for _, place in rows], np.int64)
    numbers = np.arange(len(rows), dtype=np.int64)
    found = representatives(content, [priority, numbers], numbers)
    expected = []
    for number, (key, _) in enumerate(rows):
        first = min((place, other) for other, (same, place) in enumerate(rows) if same == key)[1]
        if first != number:
            expected.append([number, first])
    assert found.tolist() == expected


def test_distinct_counts_how_often_a_pair_was_proposed() -> None:
    pairs, shared = distinct(np.array([[1, 2], [0, 5], [1, 2], [1, 3]], np.int64))
    assert pairs.tolist() == [[0, 5], [1, 2], [1, 3]]
    assert shared.tolist() == [1, 2, 1]
    assert distinct(np.empty((0, 2), np.int64))[0].tolist() == []
