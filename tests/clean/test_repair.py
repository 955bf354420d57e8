import ftfy
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpusmill.clean.repair import fix_text, fix_text_keeping_entities

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
texts = (
    st.lists(ascii_pieces, max_size=12).map("".join)
    | st.lists(ascii_pieces | other_pieces, max_size=12).map("".join)
    | st.text(max_size=20)
    | st.text(st.characters(max_codepoint=127), max_size=20)
)


@settings(max_examples=400, deadline=None)
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
