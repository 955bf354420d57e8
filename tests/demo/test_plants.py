from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from corpusmill.dedup.words import split
from corpusmill.demo import plants
from corpusmill.demo.plants import Removal, Similarity, compare, resolve, shingles, words

T = Fraction(19, 20)
# Letters, digits, punctuation, capitals that lengthen or depend on their place when lower-cased, marks, CJK.
_CHARACTERS = st.sampled_from(
    "abC1 -_.,'\n\t\u0130\u03a3\u00df\u00b2\u0301\u093f\u20e3\u3099\u5b57\u3042\u30fc\uff21\U00020000\u00e9"
)


@given(st.text(_CHARACTERS, max_size=40))
def test_words_are_maximal_runs_with_their_marks_and_cjk_characters(text: str) -> None:
    expected: list[str] = []
    is_open = is_single = False
    loose = ""  # marks that nothing stands before
    for character in text.lower():
        if character in "\u0301\u0307\u093f\u20e3\u3099":
            if is_open:
                expected[-1] += character
            else:
                loose += character
        elif character.isalnum():
            if character in "\u5b57\u3042\u30fc\U00020000":
                expected.append(character)
                is_single = True
            elif is_open and not is_single:
                expected[-1] += character
            else:
                expected.append(loose + character)
                is_single = False
            is_open, loose = True, ""
        else:
            is_open, loose = False, ""
    assert words(text) == expected


def test_the_pipeline_has_the_same_words_in_every_script() -> None:
    texts = [f"{chr(point)}a{chr(point)}\u5b57{chr(point)}b" for point in range(0xA0, 0x3200)]
    assert [words(text) for text in texts] == [split(text) for text in texts]


@given(st.lists(st.sampled_from("abc"), max_size=12))
def test_shingles_are_the_runs_of_five_words_or_the_one_shorter_run(spoken: list[str]) -> None:
    if len(spoken) >= 5:
        expected = {tuple(spoken[start : start + 5]) for start in range(len(spoken) - 4)}
    else:
        expected = {tuple(spoken)} if spoken else set()
    assert shingles(spoken) == expected


@given(st.frozensets(st.integers(0, 9), min_size=1), st.frozensets(st.integers(0, 9)))
def test_compare_is_the_jaccard_of_sets(one: frozenset[int], other: frozenset[int]) -> None:
    a, b = (frozenset((str(item),) for item in items) for items in (one, other))
    assert Fraction(compare(a, b).overlap, compare(a, b).union) == Fraction(
        len(one & other), len(one | other)
    )


def test_the_threshold_is_reached_in_integers() -> None:
    assert Similarity(overlap=19, union=20).reaches(T)
    assert not Similarity(overlap=19 * 10**17 - 1, union=20 * 10**17).reaches(T)


def _numbered(start: int, stop: int) -> str:
    return " ".join(f"w{number}" for number in range(start, stop))


def test_resolve_keeps_what_is_like_a_removed_text_only() -> None:
    chain = [
        _numbered(step, 300 + step) for step in (0, 6, 12)
    ]  # neighbours at 290 of 302, ends at 284 of 308
    removal = Removal(witness=0, how="near", similarity=Similarity(overlap=290, union=302))
    assert resolve(chain, T) == [None, removal, None]
    assert resolve([chain[1], chain[0], chain[2]], T) == [None, removal, removal]


def test_resolve_tells_equal_texts_from_equal_words_and_these_from_equal_shingles() -> None:
    block = _numbered(0, 50)
    loud = f"{block}, {block.upper()}!"
    twice = f"{block} {block}"
    fates = resolve([twice, f"{twice} {block}", loud, twice, loud], T)
    assert [fate and fate.how for fate in fates] == [None, "near", "words", "exact", "words"]


def test_plants_share_no_code_with_the_pipeline() -> None:
    """An independent check is worth nothing if it imports what it checks."""
    imported = {getattr(value, "__module__", "") or "" for value in vars(plants).values()}
    assert not {name for name in imported if name.startswith("corpusmill") and name != plants.__name__}
