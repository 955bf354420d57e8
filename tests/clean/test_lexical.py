"""Counting words and n-grams in the kernel is counting them in plain Python."""

from collections import Counter

import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpusmill.clean import lexical
from corpusmill.clean.lexical import DUPLICATE_SIZES, STOP_WORDS, TOP_SIZES, Lexical

pieces = st.sampled_from(
    [
        *[
            "the ",
            "cat ",
            "sat ",
            "of ",
            "don't ",
            "3.14",
            "U.S.",
            "...",
            "--",
            "—",
            " ",
            "\n",
            "\n\n",
            "#",
            "•",
        ],
        *[
            "a",
            "b",
            "a b ",
            "漢字",
            "É",
            "_",
            "’",
            "'",
            ",",
            ".",
            "€",
            "\u0301",
            "𝒥",
            "the cat sat on the mat. ",
        ],
    ]
)
texts = st.lists(pieces, max_size=60).map("".join) | st.text(max_size=40)


def is_symbol(character: str) -> bool:
    return bool(regex.match(r"[\p{P}\p{Cc}$+<=>^`|~]", character))


def plain(text: str) -> Lexical:
    words = list(lexical.split(text))
    wordy = [word for word in words if not all(map(is_symbol, word))]
    top = []
    for n in TOP_SIZES:
        grams = Counter(" ".join(words[at : at + n]) for at in range(len(words) - n + 1))
        top.append(max((len(gram) * count for gram, count in grams.most_common(1)), default=0))
    duplicate = []
    for n in DUPLICATE_SIZES:
        seen, characters, at = set(), 0, 0
        while at + n <= len(words):
            gram = tuple(words[at : at + n])
            characters += sum(map(len, gram)) if gram in seen else 0
            at += n if gram in seen else 1
            seen.add(gram)
        duplicate.append(characters)
    return Lexical(
        words=len(words),
        text_words=len(wordy),
        text_characters=sum(map(len, wordy)),
        alphabetic_words=sum(any(map(str.isalpha, word)) for word in words),
        stop_words=len({*words} & {*STOP_WORDS}),
        top=tuple(top),
        duplicate=tuple(duplicate),
    )


@settings(max_examples=500, deadline=None)
@given(texts)
@example("the be to of and that have with")
@example("word " * 500)
@example("a b " * 300)
def test_the_kernel_counts_what_the_definition_says(text: str) -> None:
    assert lexical.measure(text) == plain(text)


def test_words_are_those_that_a_reader_would_see() -> None:
    text = "Don't pay $3.14—or U.S. dollars... see foo_bar, (naïve)"
    assert list(lexical.split(text)) == [
        *["Don't", "pay", "$", "3.14", "—", "or", "U.S", ".", "dollars", "...", "see"],
        *["foo_bar", ",", "(", "naïve", ")"],
    ]
