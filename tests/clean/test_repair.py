import functools
import random
import re

import ftfy
import pytest
from ftfy import badness, chardata
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpusmill.clean import repair, suspects
from corpusmill.clean.repair import fix_text, fix_text_keeping_entities
from corpusmill.errors import CorpusmillError

controls = [chr(code) for code in [*range(32), 127]]
ascii_pieces = st.sampled_from(
    [
        *[
            "word ",
            "a",
            "\n",
            "\r\n",
            "<",
            "&amp;",
            "&lt;b&gt;",
            "&#39;",
            "&#x80;",
            "&notit;",
            "&NTILDE;",
            "&",
            ";",
        ],
        *["&#", "\x1b[36;44m", "\x1b[", "\\u20a1", "  ", '"quoted"', *controls],
    ]
)
other_pieces = st.sampled_from(
    [
        *[
            "\u2028",
            "\u2029",
            "\x85",
            "\xa0",
            "“so”",
            "it\u2019s",
            "â€™",
            "Ã©",
            "\ufb01",
            "\uff06amp\uff1b",
            "\uff37",
        ],
        *["e\u0301", "\ufeff", "\ud83d", "你好", "ð\u0178\u02dc€", "&\u200bamp;"],
    ]
)
EVERYTHING = "".join(map(chr, range(0x10000)))
CATEGORIES = {
    name: re.findall(f"[{members}]", EVERYTHING) for name, members in badness.MOJIBAKE_CATEGORIES.items()
}
# What ftfy's expression for mojibake is made of: a character of each category, and every one that it names.
clues = st.sampled_from([*CATEGORIES.values()]).flatmap(st.sampled_from) | st.sampled_from(
    sorted({character for character in badness.BADNESS_RE.pattern if not character.isascii()})
)
ENCODINGS = [encoding.removeprefix("sloppy-") for encoding in chardata.CHARMAP_ENCODINGS]
damaged = st.builds(
    lambda text, encodings: functools.reduce(
        lambda text, encoding: text.encode(errors="ignore").decode(encoding, "replace"), encodings, text
    ),
    st.sampled_from(["“é”", "naïve", "fiancée’s — £5", "Привет", "你好", "👍", "à la", "Ω…", "x\xa0y"]),
    st.lists(st.sampled_from(ENCODINGS), min_size=1, max_size=2),
)
texts = (
    st.lists(ascii_pieces, max_size=12).map("".join)
    | st.lists(ascii_pieces | other_pieces, max_size=12).map("".join)
    | st.lists(clues | ascii_pieces | other_pieces | damaged, max_size=12).map("".join)
    | st.text(max_size=20)
    | st.text(st.characters(max_codepoint=127), max_size=20)
)


@settings(max_examples=1_000, deadline=None)
@given(texts)
@example("a<b\n&amp;")
@example("&amp;\na<b\n&amp;")
@example("&amp\n; &am\np;")
@example("x\ry\r\nz")
@example("&#1234567890123456789012;")
def test_repair_equals_plain_ftfy(text: str) -> None:
    assert fix_text(text) == ftfy.fix_text(text)
    assert fix_text_keeping_entities(text) == ftfy.fix_text(text, unescape_html=False)


@given(text=texts, other=st.sampled_from(["\n", "\r\n", "\r", "\u2028", "\x85"]))
@settings(deadline=None)
def test_repair_equals_plain_ftfy_for_every_kind_of_line_break(text: str, other: str) -> None:
    text = text.replace("\n", other)
    assert fix_text(text) == ftfy.fix_text(text)
    assert fix_text_keeping_entities(text) == ftfy.fix_text(text, unescape_html=False)


@pytest.mark.parametrize("character", [chr(code) for code in range(128)])
def test_repair_equals_plain_ftfy_on_every_ascii_character(character: str) -> None:
    for text in (character, f"a{character}b", f"a{character}\n&amp;{character}"):
        assert fix_text(text) == ftfy.fix_text(text)
        assert fix_text_keeping_entities(text) == ftfy.fix_text(text, unescape_html=False)


def test_text_beyond_ftfys_segment_length_is_repaired_alike() -> None:
    text = "x" * 999_998 + "&amp;" + "y" * 10
    assert fix_text(text) == ftfy.fix_text(text)
    for cut in ("\r\n", "\r", "\n"):
        text = "x" * 999_999 + cut + "y"
        assert fix_text(text) == ftfy.fix_text(text)
        assert fix_text_keeping_entities(text) == ftfy.fix_text(text, unescape_html=False)
    plain = "x" * 2_500_000
    assert fix_text(plain) == plain


def test_nul_and_other_control_characters_are_removed() -> None:
    assert fix_text("a\0b\x05c\td\x0ce\n") == "abc\td\x0ce\n"


def test_clean_ascii_never_reaches_ftfy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ftfy, "fix_text", lambda *_: pytest.fail("ftfy was called"))
    text = 'Plain "text", with & and ; and < and\ttabs.\n\n' * 50
    assert fix_text(text) is text
    assert fix_text_keeping_entities(text + "&amp;") == text + "&amp;"


@settings(max_examples=2_000, deadline=None)
@given(st.text("aZ \n", max_size=2), st.from_regex(badness.BADNESS_RE, fullmatch=True), st.text(max_size=2))
def test_whatever_ftfy_takes_for_mojibake_is_suspected(before: str, match: str, after: str) -> None:
    for line in (before + match + after).split("\n"):
        assert suspects.may_be_mojibake(line) or not badness.is_bad(line)


def test_lines_longer_than_ftfy_takes_at_once_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_DEFAULT", "_KEEPING_ENTITIES"):
        monkeypatch.setattr(repair, name, getattr(repair, name)._replace(max_decode_length=10))
    monkeypatch.setattr(repair, "_LIMIT", 10)
    rng = random.Random(2)
    pieces = ["a", "\r\n", "\n", "&amp;", "<", "Ã ", "â€™", "é", "e\u0301", "“", "\ufb01", "word word word"]
    for _ in range(3_000):
        text = "".join(rng.choices(pieces, k=12))
        assert fix_text(text) == ftfy.fix_text(text, max_decode_length=10)


def test_long_texts_are_repaired_a_block_at_a_time_with_the_same_result(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(repair, "_BLOCK", 5)
    rng = random.Random(3)
    for _ in range(2_000):
        text = "".join(rng.choices(["a", "\n", "\n", "&amp;", "<", "â€™", "é", "“", "\x00"], k=20))
        assert fix_text(text) == ftfy.fix_text(text)


def test_an_ftfy_that_recognizes_mojibake_otherwise_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(badness, "BADNESS_RE", re.compile("other"))
    with pytest.raises(CorpusmillError, match=r"install ftfy==6\.3\.1"):
        suspects.check_version()
