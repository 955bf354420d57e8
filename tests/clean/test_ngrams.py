"""The index of n-grams against sets of tuples of words."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.clean import ngrams
from corpusmill.dedup import words

texts = st.lists(st.sampled_from(["a", "b", "ab", "é", "中", "İ", " ", ". "]), max_size=24).map(" ".join)


def index_of(collection: list[str], n: int, least: int) -> ngrams.Index:
    measured = words.normalize(collection)
    return ngrams.build(measured.data, measured.offsets, measured.counts, n, least)


def found_in(index: ngrams.Index, searched: list[str]) -> ngrams.Hits:
    measured = words.normalize(searched)
    return ngrams.find(index, measured.data, measured.offsets, measured.counts)


def grams(text: str, n: int, least: int) -> list[tuple[str, ...]]:
    found = words.split(text)
    if least <= len(found) < n:
        return [tuple(found)]
    return [tuple(found[at : at + n]) for at in range(len(found) - n + 1)]


@given(collection=st.lists(texts, max_size=5), searched=st.lists(texts, max_size=5), n=st.integers(2, 5))
def test_every_place_with_an_n_gram_is_found_with_the_texts_that_hold_it(
    collection: list[str], searched: list[str], n: int
) -> None:
    holders: dict[tuple[str, ...], set[int]] = {}
    for number, text in enumerate(collection):
        for gram in grams(text, n, 2):
            holders.setdefault(gram, set()).add(number)
    expected = set()
    for number, text in enumerate(searched):
        found = words.split(text)
        for length in {len(gram) for gram in holders}:
            for at in range(len(found) - length + 1):
                if (gram := tuple(found[at : at + length])) in holders:
                    expected.add((number, at, length, frozenset(holders[gram])))
    index = index_of(collection, n, 2)
    hits = found_in(index, searched)
    assert len(index.hashes) == len(holders)
    got = [
        (text, word, length, frozenset(index.texts[index.offsets[gram] : index.offsets[gram + 1]].tolist()))
        for text, word, length, gram in zip(*(column.tolist() for column in hits), strict=True)
    ]
    assert len(got) == len(expected)
    assert set(got) == expected
    assert hits.texts.tolist() == sorted(hits.texts.tolist())


def test_more_hits_than_were_made_room_for() -> None:
    index = index_of(["a b c"], 3, 3)
    assert found_in(index, ["a b c " * 500]).words.tolist() == list(range(0, 1500, 3))


def test_windows_of_one_hash_are_one_n_gram_only_if_their_bytes_are_equal() -> None:
    data = np.frombuffer(b"ab cd ab", np.uint8)
    starts, stops = np.array([0, 3, 6, 0]), np.array([2, 5, 8, 5])
    assert ngrams._grams(data, np.full(4, 7, np.uint64), starts, stops).tolist() == [0, 1, 0, 2]


def test_a_hash_proposes_and_the_bytes_decide() -> None:
    index = index_of(["one two three"], 3, 3)
    data = np.frombuffer(b"one two threX", np.uint8)
    assert len(found_in(index, ["one two three"]).texts) == 1
    assert len(found_in(index._replace(data=data), ["one two three"]).texts) == 0


def test_nothing_to_search_for_or_in() -> None:
    assert len(found_in(index_of([], 3, 2), ["a b c"]).texts) == 0
    assert len(found_in(index_of(["a b c"], 3, 2), []).texts) == 0
    assert len(found_in(index_of(["a b c"], 3, 2), ["", "."]).texts) == 0
