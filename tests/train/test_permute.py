import itertools

from hypothesis import given
from hypothesis import strategies as st

from corpusmill.train.permute import derive_key, permute


@given(size=st.integers(1, 700), seed=st.integers(0, 2**63))
def test_permute_is_a_bijection(size: int, seed: int) -> None:
    assert sorted(permute(index, size, seed) for index in range(size)) == list(range(size))


@given(size=st.integers(1, 2**40), index=st.integers(0, 2**40), key=st.integers(0, 2**64 - 1))
def test_permute_stays_in_range(size: int, index: int, key: int) -> None:
    assert 0 <= permute(index % size, size, key) < size


def test_permute_has_no_regular_steps() -> None:
    places = [permute(index, 10_000, derive_key("test", 1)) for index in range(10_000)]
    differences = {(after - before) % 10_000 for before, after in itertools.pairwise(places)}
    assert len(differences) > 5_000  # two for an affine map, about 6,300 for a random permutation


def test_keys_give_different_permutations() -> None:
    def order(*parts: int | str) -> list[int]:
        return [permute(index, 1_000, derive_key(*parts)) for index in range(1_000)]

    orders = [order(1, 0), order(1, 1), order(0, 1), order("1", 0)]
    for number, one in enumerate(orders):
        for other in orders[:number]:
            assert sum(a == b for a, b in zip(one, other, strict=True)) < 20
