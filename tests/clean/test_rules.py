import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpusmill.clean import RULES, Rule, apply, chain, opt
from corpusmill.clean.rules import html_unescape, invisible, one_line, whitespace
from corpusmill.errors import CorpusmillError

pieces = st.sampled_from(
    [
        *[
            "\n",
            "\r",
            "\r\n",
            " ",
            "\t",
            "\xa0",
            "\u2028",
            "\x85",
            "\x0b",
            "\x0c",
            "\x1c",
            "\0",
            "<",
            "word",
            "é",
            "â€™",
        ],
        *["&amp;", "&amp;lt;", "&", "“", "\ufb01", "&copy;", "&copy"],
        "*** START OF THIS PROJECT GUTENBERG EBOOK A ***\n",
    ]
)
texts = st.lists(pieces, max_size=20).map("".join) | st.text(max_size=30)


names_of_rules = st.lists(st.sampled_from(sorted(set(RULES) - opt.POSITIONAL)), max_size=4)
chains = st.builds(lambda names, last: [*names, last], names_of_rules, st.sampled_from(sorted(RULES)))


@given(text=texts, names=chains)
def test_what_the_rules_took_adds_up_to_what_the_text_lost(text: str, names: list[str]) -> None:
    cleaned, changes = apply(chain(names), text)
    assert sum(change.taken for change in changes) == len(text.encode()) - len(cleaned.encode())


@given(text=texts, names=chains)
def test_rules_are_applied_in_the_order_named(text: str, names: list[str]) -> None:
    expected = text
    for name in names:
        expected = RULES[name](expected)
    assert apply(chain(names), text)[0] == expected


def test_account_names_only_rules_that_changed_the_text_and_counts_lengthening_as_negative() -> None:
    grow = Rule(name="grow", apply=lambda text: text + "é")
    swap = Rule(name="swap", apply=str.swapcase)
    nothing = Rule(name="nothing", apply=lambda text: text)
    cleaned, changes = apply([nothing, grow, swap, *chain(["one_line"])], " a  b ")
    assert cleaned == "A B É"
    assert changes == [
        ("grow", -2, " a  b ", " a  b é"),
        ("swap", 0, " a  b é", " A  B É"),
        ("one_line", 2, " A  B É", "A B É"),
    ]


def test_unknown_rule_is_an_error_that_names_it() -> None:
    with pytest.raises(CorpusmillError, match=r"\['ftffy'\] do not exist"):
        chain(["ftfy", "ftffy"])


@given(texts)
def test_newlines_leaves_line_feeds_only(text: str) -> None:
    assert RULES["newlines"](text) == re.sub("\r\n?", "\n", text)


@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        ("&gt; quoted &amp;amp; twice", "> quoted &amp; twice"),
        ("&amp;lt;b&amp;gt; &lt;i&gt;", "&lt;b&gt; <i>"),
        ("?a=1&copy=2 &nbsp; AT&T &", "?a=1&copy=2 &nbsp; AT&T &"),
        ("&quot;it&#39;s&#x27;&quot;", "\"it's'\""),
        ("&#" + "9" * 5000 + ";", "&#" + "9" * 5000 + ";"),
    ],
)
def test_html_is_unescaped_once(escaped: str, text: str) -> None:
    assert html_unescape(escaped) == text


@given(texts)
@example("&amp;lt;")
def test_html_unescape_undoes_reddits_escaping_exactly(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert html_unescape(escaped) == text


@given(texts)
def test_whitespace_strips_line_ends_and_leaves_at_most_one_empty_line(text: str) -> None:
    cleaned = whitespace(text)
    assert "\n\n\n" not in cleaned
    assert not re.search(r"[ \t](\n|$)", cleaned)
    assert cleaned == cleaned.strip()
    assert cleaned.split() == text.split()


@given(texts)
def test_whitespace_is_idempotent(text: str) -> None:
    assert whitespace(whitespace(text)) == whitespace(text)


def test_whitespace_keeps_indents_and_single_empty_lines() -> None:
    assert whitespace("\n\na \t\n  b\n \t\n\n\nc\nd\n\n") == "a\n  b\n\nc\nd"


def test_whitespace_strips_no_other_white_space_from_lines() -> None:
    assert whitespace("a\xa0\n\u3000b\x0c\nc") == "a\xa0\n\u3000b\x0c\nc"


def test_whitespace_is_linear_on_runs_of_blanks() -> None:
    run = " " * 2_000_000
    assert whitespace(f"a{run}b\n{run}\n{run}c{run}") == f"a{run}b\n\n{run}c"


@given(texts)
def test_one_line_has_single_spaces_and_no_line_break_of_any_kind(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert line.split(" ") == (text.split() or [""])


@pytest.mark.parametrize(
    "text",
    [
        *("\u200b", "\ufeff", "\u200c\u200d", "\u2060", "\u180e", "\xad", "\u034f", "\u200e\u202e", "\u3164"),
        *("\u2800", "\U000e0020", " \u200b \u200b\n", "", " ", "\xa0"),
        *(
            "&#x200B;",
            "&amp;#x200B;",
            "&#8203; &#x200b;\n\n&#X200B;",
            "&ZeroWidthSpace;",
            "&nbsp;&zwnj;",
            "&shy;",
        ),
    ],
)
def test_a_text_of_which_nothing_can_be_seen_becomes_empty(text: str) -> None:
    assert invisible(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        *(
            "a\u200b",
            "\u200b.",
            "\U0001f468\u200d\U0001f469\u200d\U0001f467",
            "\u2764\ufe0f",
            "\u0645\u200c\u0627",
        ),
        *(
            "&gt;",
            "&#x200B; &lt;3",
            "&amp;",
            "&#x200B",
            "&",
            ";",
            "&#65;",
            "&unknown;",
            "AT&T;",
            "\u0301",
            "\u0600",
        ),
    ],
)
def test_a_text_with_anything_to_see_keeps_what_cannot_be_seen(text: str) -> None:
    assert invisible(text) == text


def test_invisible_is_linear_on_what_looks_like_entities() -> None:
    for unit in ("&", "&a", "&amp;", "&amp;#x200B;", "\u200b", "&" + "a" * 40):
        text = unit * (1_000_000 // len(unit)) + "!"
        assert invisible(text) == text
