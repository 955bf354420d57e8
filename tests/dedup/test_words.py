import hypothesis.strategies as st
import numpy as np
from hypothesis import example, given

from corpusmill.dedup.words import normalize, places, split

# Letters that lower-case oddly, letters that are single words, marks, digits, spaces of all kinds.
TRICKY = "aZ ß İIıſΣςσ ǅŒ 漢字かなカナ々〆ー ｶﾅ 한글 𠀀𰀀 １²½Ⅷ ́é\u00a0\u2028\u200b\t\n_-'’.𝔄𝟘🙂"
TEXTS = st.one_of(st.text(st.sampled_from(TRICKY)), st.text(st.characters(exclude_categories=["Cs"])))


@given(st.lists(TEXTS, max_size=5))
@example(["", " ", "ΑΣ ΑΣΑ", "漢字a漢1字", "İstanbul", "a\u0301b"])
def test_kernel_equals_the_definition(texts: list[str]) -> None:
    words = normalize(texts)
    for place, text in enumerate(texts):
        expected = split(text)
        joined = words.data[words.offsets[place] : words.offsets[place + 1]].tobytes().decode()
        assert joined == " ".join(expected)
        assert words.counts[place] == len(expected)


def test_every_code_point_is_classed_as_the_definition_says() -> None:
    points = [chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000]
    words = normalize([f"a{point}b" for point in points])
    assert words.counts.tolist() == [len(split(f"a{point}b")) for point in points]


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


@given(st.text(max_size=40) | st.text(st.sampled_from("abİΣσ中ひ .ﬁ\u0130\u0307"), max_size=20))
def test_places_are_where_the_words_are(text: str) -> None:
    found = places(text)
    assert found.shape == (len(split(text)), 2)
    for (begin, end), word in zip(found.tolist(), split(text), strict=True):
        assert word.replace("ς", "σ") in text[begin:end].lower().replace("ς", "σ")
