import random
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.demo import edits, plants
from corpusmill.demo.edits import EDITS, Quarry, count, cut_to, on_threshold, shingles, vary
from corpusmill.errors import CorpusmillError


def _lines(start: int, n_words: int, prefix: str = "w") -> edits.Lines:
    tokens = [f"{prefix}{number}" for number in range(start, start + n_words)]
    return tuple(" ".join(tokens[place : place + 10]) for place in range(0, n_words, 10))


@settings(max_examples=40)
@given(
    st.sampled_from(sorted(EDITS)),
    st.integers(1_000, 1_300),
    st.integers(92, 97),
    st.booleans(),
)
def test_vary_is_on_the_wanted_side_of_the_aim_and_one_step_from_the_other(
    edit: str, n_words: int, percent: int, below: bool
) -> None:
    base, spare, aim = _lines(0, n_words), _lines(0, 300, "s"), Fraction(percent, 100)
    copy = vary(base, edit, aim, below=below, spare=spare, seed="x")
    assert plants.compare(shingles(base), shingles(copy)).reaches(aim) is not below

    def edited(amount: int) -> edits.Lines:
        return EDITS[edit](base, amount, spare, random.Random("x"))

    amount = next(amount for amount in range(1, n_words) if edited(amount) == copy)
    other = edited(amount - 1 if below else amount + 1)
    assert plants.compare(shingles(base), shingles(other)).reaches(aim) is below


def test_vary_refuses_what_cannot_be_reached() -> None:
    with pytest.raises(ValueError, match="replace of 30 words cannot reach"):
        vary(_lines(0, 30), "replace", Fraction("0.95"), below=False, spare=_lines(0, 9, "s"), seed="x")


def test_on_threshold_is_exactly_there() -> None:
    shorter, longer = on_threshold(_lines(0, 203), Fraction(19, 20), _lines(0, 30, "s"))
    similarity = plants.compare(shingles(shorter), shingles(longer))
    assert (similarity.overlap, similarity.union) == (190, 200)


def test_a_quarry_hands_out_every_word_once() -> None:
    quarry = Quarry(["One two three.", "It's well-known (four) five!", "Six seven"])
    first, second = quarry.take(5), quarry.take(2)
    assert first == ("One two three.", "(four) five!")
    assert second == ("Six seven",)
    with pytest.raises(CorpusmillError, match="too little text"):
        quarry.take(1)


@given(st.integers(0, 60))
def test_cut_to_takes_as_many_words_as_it_is_told(n_words: int) -> None:
    assert count(cut_to(_lines(0, 50), n_words)) == min(n_words, 50)
