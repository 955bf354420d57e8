import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from corpusmill.tokenize.split import Cutoffs, quotas, shuffle_keys, split_keys


def ids(n: int) -> np.ndarray:
    return np.random.default_rng(2).integers(0, 256, (n, 16), np.uint8)


def test_keys_are_functions_of_id_seed_and_purpose() -> None:
    some = ids(1000)
    assert np.array_equal(split_keys(some, 1), split_keys(some[::-1], 1)[::-1])
    assert not np.any(split_keys(some, 1) == split_keys(some, 2))
    assert not np.any(split_keys(some, 1) == shuffle_keys(some, 1))
    assert len(np.unique(shuffle_keys(some, 1))) == 1000


def test_quotas_are_the_smaller_of_both_and_proportional() -> None:
    assert quotas({"a": 300, "b": 100, "c": 0}, 10_000, 0.01) == {"a": 3.0, "b": 1.0}
    assert quotas({"a": 300, "b": 100}, 2, 0.01) == {"a": 1.5, "b": 0.5}
    assert quotas({}, 2, 0.01) == {}


DOCUMENTS = st.lists(
    st.tuples(st.integers(0, (1 << 64) - 1), st.integers(1, 50)), min_size=1, unique_by=lambda each: each[0]
)


@given(DOCUMENTS, st.floats(0.1, 300), st.integers(1, 7))
def test_as_many_as_fit_the_quota_validate_smallest_keys_first(
    documents: list[tuple[int, int]], quota: float, pieces: int
) -> None:
    cutoffs = Cutoffs({"a": quota})
    for piece in np.array_split(np.arange(len(documents)), pieces):
        part = [documents[place] for place in piece]
        keys = np.array([key for key, _ in part], np.uint64)
        cutoffs.add("a", keys, np.array([n for _, n in part], np.int64))
    in_order = sorted(documents)
    fitting = [
        key for place, (key, _) in enumerate(in_order) if sum(n for _, n in in_order[: place + 1]) <= quota
    ]
    assert cutoffs.result() == {"a": max(fitting, default=in_order[0][0])}


def test_a_source_gives_at_least_one_document() -> None:
    cutoffs = Cutoffs({"a": 0.001, "none": 1.0})
    cutoffs.add("a", np.array([9, 3], np.uint64), np.array([10**6, 10**6]))
    assert cutoffs.result() == {"a": 3}
