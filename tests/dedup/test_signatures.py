import random

import numpy as np
import pytest

from corpusmill.dedup import signatures
from corpusmill.dedup.shingles import Shingles, shingles
from corpusmill.dedup.words import normalize
from corpusmill.errors import CorpusmillError


def texts(n: int) -> list[str]:
    rng = random.Random(3)
    return [" ".join(rng.choices(["a", "b", "cc", "é", "字", "x1"], k=rng.randrange(200))) for _ in range(n)]


@pytest.mark.parametrize(("number", "seed"), [(128, 1), (32, 7)])
def test_signatures_are_those_of_datasketch_bit_for_bit(number: int, seed: int) -> None:
    how = signatures.permutations(number, seed)
    sets = shingles(normalize(texts(40)))
    ours = signatures.signatures(sets, how)
    for row in range(40):
        hashes = sets.hashes[sets.offsets[row] : sets.offsets[row + 1]].tolist()
        assert np.array_equal(ours[row], signatures.reference(hashes, how))


def test_a_kernel_that_differs_from_datasketch_is_refused() -> None:
    how = signatures.permutations(16, 1)
    wrong = signatures.Permutations(seed=2, multipliers=how.multipliers, offsets=how.offsets)
    with pytest.raises(CorpusmillError, match="disagree"):
        signatures.check_kernel(shingles(normalize(["one two three"])), wrong)


def test_equal_sets_share_every_band_and_different_ones_none() -> None:
    how = signatures.permutations(126, 1)
    words = normalize(["a b c d e f g h", "A b, c d e f G h", "s t u v w x y z"])
    keys = signatures.band_keys(signatures.signatures(shingles(words), how), 9, 14)
    assert keys.shape == (9, 3)
    assert np.array_equal(keys[:, 0], keys[:, 1])
    assert not np.any(keys[:, 0] == keys[:, 2])
    assert len(np.unique(keys[:, 0])) == 9


def test_empty_sets_have_the_empty_signature() -> None:
    sets = Shingles(hashes=np.empty(0, np.uint64), offsets=np.zeros(2, np.int64))
    assert np.all(signatures.signatures(sets, signatures.permutations(8, 1)) == signatures.EMPTY)
