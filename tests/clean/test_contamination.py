"""What is left of a text when spans of its words are taken out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.clean.contamination import cut, merged
from corpusmill.dedup import words
from corpusmill.evaluation import Decontaminate, EvaluationSet

SETS = [EvaluationSet(name="e", files=["e.jsonl"], fields=["text"])]
TEXT = "One two, three. (Four five) six!\n\nSeven eight. Nine"


def options(margin: int = 0, min_piece: int = 0, max_pieces: int = 10) -> Decontaminate:
    return Decontaminate(sets=SETS, margin=margin, min_piece=min_piece, max_pieces=max_pieces)


@pytest.mark.parametrize(
    ("spans", "asked", "left"),
    [
        ([(2, 3)], options(), "One two,\n\nFour five) six!\n\nSeven eight. Nine"),
        ([(0, 1)], options(), "two, three. (Four five) six!\n\nSeven eight. Nine"),
        ([(8, 9)], options(), "One two, three. (Four five) six!\n\nSeven eight."),
        (
            [(3, 4)],
            options(margin=12),
            "One two,\n\nSeven eight. Nine",
        ),  # whole words within twelve characters
        ([(1, 2), (7, 8)], options(), "One\n\nthree. (Four five) six!\n\nSeven\n\nNine"),
        ([(1, 2), (7, 8)], options(min_piece=6), "three. (Four five) six!\n\nSeven"),
        ([(1, 2), (7, 8)], options(max_pieces=2), ""),
        ([(1, 2), (7, 8)], options(min_piece=6, max_pieces=2), "three. (Four five) six!\n\nSeven"),
        ([(0, 9)], options(), ""),
        ([(1, 2), (3, 4)], options(margin=9), "six!\n\nSeven eight. Nine"),  # the margins meet
    ],
)
def test_spans_go_with_their_margins_and_short_pieces(
    spans: list[tuple[int, int]], asked: Decontaminate, left: str
) -> None:
    assert cut(TEXT, words.places(TEXT), np.array(spans), asked) == left


def test_spans_that_touch_are_one() -> None:
    starts, lengths = np.array([5, 0, 2, 9, 10]), np.array([3, 2, 3, 1, 1])
    assert merged(starts, lengths).tolist() == [[0, 8], [9, 11]]
    assert merged(starts[:0], lengths[:0]).tolist() == []


@given(
    text=st.text(st.sampled_from("ab .\n中İ"), max_size=60),
    spans=st.lists(st.tuples(st.integers(0, 30), st.integers(1, 4)), min_size=1, max_size=4),
    margin=st.integers(0, 10),
)
def test_only_whole_words_go_and_none_of_a_span_stays(
    text: str, spans: list[tuple[int, int]], margin: int
) -> None:
    all_words = words.split(text)
    inside = [(a, b) for a, b in spans if a + b <= len(all_words)]
    if not inside:
        return
    joined = merged(*(np.array(column) for column in zip(*inside, strict=True)))
    left = words.split(cut(text, words.places(text), joined, options(margin)))
    stay = [word for at, word in enumerate(all_words) if not any(a <= at < b for a, b in joined)]
    if margin == 0:
        assert left == stay
    rest = iter(stay)
    assert all(word in rest for word in left)  # a subsequence
