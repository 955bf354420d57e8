import itertools

import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from corpusmill.dedup.resolve import KEPT, witnesses


def sequential(n: int, pairs: set[tuple[int, int]]) -> list[int]:
    """The greedy answer as a person would write it down: the witness of each document, or KEPT."""
    answer: list[int] = []
    for document in range(n):
        kept = [other for other in range(document) if answer[other] == KEPT and (other, document) in pairs]
        answer.append(min(kept, default=KEPT))
    return answer


@given(
    st.integers(1, 12).flatmap(
        lambda n: st.tuples(
            st.just(n), st.sets(st.sampled_from(list(itertools.combinations(range(n + 1), 2))))
        )
    )
)
def test_equals_the_sequential_answer(case: tuple[int, set[tuple[int, int]]]) -> None:
    n, pairs = case[0] + 1, case[1]
    array = np.array(sorted(pairs), np.int64).reshape(-1, 2)
    found = witnesses(n, array)
    assert [KEPT if row == KEPT else array[row, 0] for row in found.tolist()] == sequential(n, pairs)


def test_the_order_of_the_pairs_does_not_matter() -> None:
    rng = np.random.default_rng(1)
    pairs = np.unique(np.sort(rng.integers(0, 60, (300, 2))), axis=0)
    pairs = pairs[pairs[:, 0] < pairs[:, 1]].astype(np.int64)
    once = witnesses(60, pairs)
    shuffled = pairs[rng.permutation(len(pairs))]
    again = witnesses(60, shuffled)
    assert [pairs[row, 0] if row >= 0 else KEPT for row in once] == [
        shuffled[row, 0] if row >= 0 else KEPT for row in again
    ]


def test_a_chain_is_not_dropped_as_a_whole() -> None:
    chain = np.array([[0, 1], [1, 2], [2, 3]], np.int64)
    assert witnesses(4, chain).tolist() == [KEPT, 0, KEPT, 2]
