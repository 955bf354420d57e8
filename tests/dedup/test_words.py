import unicodedata

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import example, given

from corpusmill.dedup.words import normalize, places, split

# Letters that lower-case oddly, letters that are single words, marks, digits, spaces of all kinds.
TRICKY = "aZ ß İIıſΣςσ ǅŒ 漢字かなカナ々〆ー ｶﾅ 한글 𠀀𰀀 １²½Ⅷ ́é\u00a0\u2028\u200b\t\n_-'’.𝔄𝟘🙂"
MARKS = "\u0301\u0307\u093f\u0e48\u0bbe\u064e\u05b8\u3099\u309a\ufe0f\u20e3\U0001d165"
MIXED = st.sampled_from(f"{TRICKY}{MARKS}दนขாشש")
TEXTS = st.one_of(st.text(MIXED), st.text(st.characters(exclude_categories=["Cs"])))

POINTS = [chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000]
# A character beside letters, Han, spaces and marks; what stands around it is between spaces.
CONTEXTS = (
    "{}",
    "a{}",
    "{}a",
    "a{}a",
    "漢{}",
    "{}漢",
    "漢{}a",
    "\u0301{}",
    "{}\u0301",
    "漢\u0301{}a",
    "Α{}Σ",
)


def words_of(texts: list[str]) -> list[list[str]]:
    """What the kernel finds."""
    words = normalize(texts)
    found = [
        words.data[start:stop].tobytes().decode().split(" ") if start < stop else []
        for start, stop in zip(words.offsets, words.offsets[1:], strict=False)
    ]
    assert words.counts.tolist() == [len(each) for each in found]
    return found


@given(st.lists(TEXTS, max_size=5))
@example(["", " ", "ΑΣ ΑΣΑ", "漢字a漢1字", "İstanbul", "a\u0301b", "\u0301", "\u0301漢\u0301a \u0301a"])
def test_kernel_equals_the_definition(texts: list[str]) -> None:
    assert words_of(texts) == [split(text) for text in texts]


@pytest.mark.parametrize("context", CONTEXTS)
def test_kernel_equals_the_definition_on_every_code_point(context: str) -> None:
    blocks = [POINTS[start : start + 4096] for start in range(0, len(POINTS), 4096)]
    texts = [" ".join([context.replace("{}", point) for point in block]) for block in blocks]
    defined = [split(text) for text in texts]
    assert words_of(texts) == defined
    for text, expected in zip(texts, defined, strict=True):
        assert len(places(text)) == len(expected)


def test_every_letter_and_digit_is_in_a_word_and_every_mark_goes_with_it() -> None:
    for point in POINTS:
        assert split(point) == ([point.lower()] if point.isalnum() else [])
        if unicodedata.category(point) in ("Mn", "Mc", "Me"):
            assert split(f"a{point}b") == [f"a{point}b"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("दिन दान", ["दिन", "दान"]),
        ("ข่าว ข้าว", ["ข่าว", "ข้าว"]),
        ("மலை மாலை", ["மலை", "மாலை"]),
        ("كَتَبَ كُتِبَ", ["كَتَبَ", "كُتِبَ"]),
        ("סֵפֶר־סַפָּר", ["סֵפֶר", "סַפָּר"]),
        ("か\u3099き\u3099ハ\u309aン", ["か\u3099", "き\u3099", "ハ\u309a", "ン"]),
        ("cafe\u0301s", ["cafe\u0301s"]),
    ],
)
def test_words_keep_their_marks(text: str, words: list[str]) -> None:
    assert split(text) == words == words_of([text])[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("\u0301 \u0301\u0302", []),
        ("❤\ufe0f yes", ["yes"]),
        ("1\ufe0f\u20e3", ["1\ufe0f\u20e3"]),
        ("-\u0301a", ["\u0301a"]),
        ("-\u0301\u093f\u0302a", ["\u0301\u093f\u0302a"]),
        ("\u0301 a", ["a"]),
        ("a\u0301漢", ["a\u0301", "漢"]),
        ("漢\u0301\u0302a", ["漢\u0301\u0302", "a"]),
        ("\u0301漢\u0301字", ["漢\u0301", "字"]),
        ("\u0301漢a", ["漢", "a"]),
        ("İ", ["i\u0307"]),
        ("漢İ", ["漢", "i\u0307"]),
        ("ΟΔΟΣ\u0301 ΟΔΟΣ\u0301Α", ["οδος\u0301", "οδοσ\u0301α"]),
    ],
)
def test_marks_go_with_what_stands_before_them_and_are_no_words(text: str, words: list[str]) -> None:
    assert split(text) == words == words_of([text])[0]


def test_han_and_kana_are_words_by_themselves() -> None:
    assert split("日本go語 Kana:かナ") == ["日", "本", "go", "語", "kana", "か", "ナ"]


def test_content_hash_is_of_the_words_and_their_order() -> None:
    same, also, other, empty = normalize(["One, two!", "ONE\n\ntwo", "two one", "..."]).content_hashes()
    assert same == also
    assert len({same, other, empty}) == 3


def test_no_texts_and_empty_texts() -> None:
    assert normalize([]).counts.tolist() == []
    assert normalize(["", ""]).counts.tolist() == [0, 0]
    assert np.array_equal(normalize(["", ""]).offsets, [0, 0, 0])


@given(st.text(max_size=40) | st.text(MIXED, max_size=20) | st.text(st.sampled_from("abİΣσ中ひ .ﬁ\u0307")))
@example("\u0301漢\u0301\u0301a\u0301 \u0301İ\u0301漢")
def test_places_are_where_the_words_are(text: str) -> None:
    found = places(text)
    assert found.shape == (len(split(text)), 2)
    for (begin, end), word in zip(found.tolist(), split(text), strict=True):
        assert word.replace("ς", "σ") == text[begin:end].lower().replace("ς", "σ")
