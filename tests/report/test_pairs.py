import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.dedup.words import split
from corpusmill.report import pairs
from corpusmill.report.scans import Pair

WORDS = st.lists(st.sampled_from("abcde"), max_size=60)


@given(WORDS, WORDS)
def test_the_differences_turn_one_text_into_the_other(left: list[str], right: list[str]) -> None:
    changes, complete = pairs.differences(left, right)
    built: list[str] = []
    a = b = 0
    for a_from, a_to, b_from, b_to in changes:
        assert left[a:a_from] == right[b:b_from]
        built += left[a:a_from] + right[b_from:b_to]
        a, b = a_to, b_to
    assert [*built, *left[a:]] == right
    assert complete
    assert (changes == []) == (left == right)


def test_scattered_changes_of_a_long_text_are_all_found() -> None:
    rng = random.Random(3)
    left = [rng.choice(["the", "of", "and", *(f"word{n}" for n in range(300))]) for _ in range(60_000)]
    right, places = list(left), range(500, 60_000, 1000)
    for place in places:
        right[place] = "changed"
    changes, complete = pairs.differences(left, right)
    assert complete
    assert changes == [(place, place + 1, place, place + 1) for place in places]


def test_a_difference_too_long_to_follow_is_said_to_be_incomplete() -> None:
    filler = [f"new{n}" for n in range(pairs.WINDOWS[-1] + 10)]
    comparison = pairs.compare(" ".join(["a"] * 20 + ["b"] * 20), " ".join(["a"] * 20 + filler + ["b"] * 20))
    assert not comparison.complete


def test_a_passage_marks_the_words_of_one_side_only() -> None:
    before, after = " ".join(f"x{n}" for n in range(40)), " ".join(f"y{n}" for n in range(40))
    (passage,) = pairs.compare(f"{before} old, {after}", f"{before} (brand new) {after}").passages
    lead = " ".join(f"x{n}" for n in range(40 - pairs.CONTEXT, 40))
    tail = " ".join(f"y{n}" for n in range(pairs.CONTEXT))
    around = ("… ", False), (" …", False)
    assert passage.kept == [around[0], (f"{lead} ", False), ("old", True), (f", {tail}", False), around[1]]
    assert passage.removed == [
        around[0],
        (f"{lead} (", False),
        ("brand new", True),
        (f") {tail}", False),
        around[1],
    ]


def test_what_deduplication_looks_past_is_not_marked() -> None:
    same = pairs.Comparison(passages=[], more=0, complete=True)
    assert pairs.compare("One two\nthree--four", "one,  two three four") == same
    (passage,) = pairs.compare("漢字", "漢学").passages
    assert passage.kept == [("漢", False), ("字", True)]


@given(st.text(st.sampled_from("aB_ -\u0130\u0301\u093f\u0e48द\u3099漢かナ\U00020000\ufe0f")))
def test_words_are_those_of_deduplication(text: str) -> None:
    assert pairs._Side(text).words == split(text)


def test_words_of_every_code_point_are_those_of_deduplication() -> None:
    for start in range(0, 0x110000, 0x8000):
        points = [chr(point) for point in range(start, start + 0x8000) if not 0xD800 <= point < 0xE000]
        text = "".join(f" {point}a{point}漢{point}b" for point in points)
        assert pairs._Side(text).words == split(text)


@pytest.mark.parametrize("text", ["\u0301" * 1_000_000, "a" * 1_000_000, "a\u0301" * 500_000])
def test_words_are_found_in_time_linear_in_a_run(text: str) -> None:
    """Were it quadratic, this would take hours."""
    (passage,) = pairs.compare(f"{text} one", f"{text} two").passages
    assert ("one", True) in passage.kept


def test_only_the_beginning_of_a_huge_text_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "COMPARED", 100)
    text = "word " * 60
    assert pairs.compare(text, f"new {text}").complete is False
    (passage,) = pairs.compare(text, f"new {text}").passages
    assert [piece for piece, marked in passage.removed if marked] == ["new"]


def test_endless_words_and_gaps_are_shown_by_their_beginning() -> None:
    (passage,) = pairs.compare("a " + "x" * 1000, "a" + "-" * 1000 + "b").passages
    assert max(len(text) for text, _ in passage.kept + passage.removed) <= 62


def test_examples_come_from_different_pairs_of_sources_and_kept_documents() -> None:
    def pair(kept: str, removed: str) -> Pair:
        return Pair(jaccard=0.96, kept=kept.encode(), removed=removed.encode())

    chosen = pairs.choose(
        {
            ("a", "a"): [pair("clone", f"copy{n}") for n in range(5)] + [pair("other", "another")],
            ("a", "b"): [pair("clone", "across")],
            ("b", "b"): [pair("third", "fourth")],
        }
    )
    assert [each.removed for each in chosen] == [b"across", b"fourth", b"another", b"copy0", b"copy1"]
