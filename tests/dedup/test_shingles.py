import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from corpusmill.dedup.shingles import shingle_set, shingles
from corpusmill.dedup.words import normalize, split

# Few words, so that shingles repeat within and between texts.
TEXTS = st.lists(st.sampled_from(["a", "b", "c", "dd", "漢"]), max_size=30).map(" ".join)


@given(st.lists(TEXTS, min_size=2, max_size=6))
def test_sets_are_the_sets_of_the_definition(texts: list[str]) -> None:
    sets = shingles(normalize(texts))
    hashed = [set(sets.hashes[a:b].tolist()) for a, b in zip(sets.offsets, sets.offsets[1:], strict=False)]
    plain = [shingle_set(split(text)) for text in texts]
    assert sets.sizes.tolist() == [len(each) for each in plain]
    for first in range(len(texts)):
        for second in range(len(texts)):
            assert len(hashed[first] & hashed[second]) == len(plain[first] & plain[second])


@given(TEXTS)
def test_hashes_ascend_without_repeats(text: str) -> None:
    hashes = shingles(normalize([text])).hashes
    assert np.array_equal(hashes, np.unique(hashes))


def test_short_texts_are_one_tuple_that_equals_no_shingle() -> None:
    short, long = shingles(normalize(["a b c d", "a b c d e f"])).sizes
    assert (short, long) == (1, 2)
    sets = shingles(normalize(["a", "a a", "a a a", "a a a a", "a a a a a"]))
    assert len(set(sets.hashes.tolist())) == 5
