"""OPT's rules for single corpora: golden files of before and after, and what applying them again does."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.clean import RULES, opt, rules
from corpusmill.clean.opt.unwrap import unwrap_equal, unwrap_prose, width_of
from corpusmill.errors import CorpusmillError
from corpusmill.sources import PileSource

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("rule", opt.RULES)
def test_each_rule_takes_what_opt_took(rule: str) -> None:
    corpus = rule.removeprefix("opt_").removesuffix("_faithful")
    before, after = (
        (GOLDEN / name).read_text().removesuffix("\n") for name in (f"{corpus}.txt", f"{corpus}.{rule}.txt")
    )
    assert RULES[rule](before) == after
    assert before != after


def test_variants_differ_where_opt_was_mistaken() -> None:
    for fixed, faithful in opt.FAITHFUL.items():
        corpus = fixed.removeprefix("opt_")
        text = (GOLDEN / f"{corpus}.txt").read_text()
        assert RULES[fixed](text) != RULES[faithful](text)
    assert rules.faithful(["ftfy", "opt_gutenberg"]) == ["ftfy", "opt_gutenberg_faithful"]


pieces = st.sampled_from(
    [
        *["\n", "\n\n", " ", '"', '" "', "[x]", "[", "]", "Category:", "Chapter 4", "Part II: x", "ISBN"],
        *["# *", "Copyright", "Q:\n\n", "A:\n\n", "word ", "a", "-", "\t", "é"],
    ]
)


@pytest.mark.parametrize("rule", sorted(set(opt.RULES) - opt.POSITIONAL))
@given(text=st.lists(pieces, max_size=20).map("".join))
def test_applied_again_a_rule_changes_nothing(rule: str, text: str) -> None:
    once = RULES[rule](text)
    assert RULES[rule](once) == once


@pytest.mark.parametrize("rule", sorted(opt.POSITIONAL))
def test_positional_rules_take_more_if_applied_again(rule: str) -> None:
    corpus = rule.removeprefix("opt_").removesuffix("_faithful")
    once = RULES[rule]((GOLDEN / f"{corpus}.txt").read_text().removesuffix("\n"))
    assert RULES[rule](once) != once


def test_positional_rules_stand_once_in_every_chain() -> None:
    sets = {"DM Mathematics", "Gutenberg (PG-19)", "HackerNews"}
    for name, chain in PileSource.rules_of_sets.items():
        for variant in (list(chain), rules.faithful(chain)):
            assert sum(rule in opt.POSITIONAL for rule in variant) == (name in sets)
            rules.chain(variant)
    with pytest.raises(CorpusmillError, match="and once"):
        rules.chain(["opt_mathematics", "whitespace", "opt_mathematics"])
    with pytest.raises(CorpusmillError, match="and once"):
        rules.chain(["opt_gutenberg", "opt_gutenberg_faithful"])


PROSE = """It was a bright cold day in the year of the flood, and the
clocks of the village were wrong, each by an amount of its
own, so that nobody knew the hour."""
CAPITALS = """It was a bright cold day in the year of the flood, and the
Clocks of the village were wrong, each by an amount of its
Own, so that nobody knew the hour."""


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        (PROSE, True),
        ("     " + PROSE, True),  # the first line indented
        (PROSE.replace("\n", "\n  "), False),  # the first line hangs
        ("  " + PROSE.replace("\n", "\n  "), True),
        (CAPITALS, False),
        ("He asked whether the clocks of the whole village told\nBetty the hour.", True),
        ("A short line\nand another", False),  # nothing says that it was broken
        ("word " * 40 + "\nand more", False),  # was never broken
    ],
)
def test_prose_is_joined_and_verse_is_not(text: str, joined: bool) -> None:
    lines = text.split("\n")
    left = unwrap_prose(lines, max(map(len, lines)))
    assert left == ([" ".join(text.split())] if joined else lines)


def test_opt_joined_by_indent_and_length() -> None:
    assert unwrap_equal(CAPITALS.split("\n"), 100) == [CAPITALS.replace("\n", " ")]
    assert unwrap_equal(CAPITALS.split("\n"), 50) == CAPITALS.split("\n")
    assert unwrap_equal(["abc", "def"], 100) == ["abc", "def"]  # one length: a table
    assert unwrap_equal(["abc", " de"], 100) == ["abc", " de"]


def test_a_documents_width_is_that_of_its_broken_lines() -> None:
    assert width_of(["x" * 70, "x" * 72, "x" * 30, "", "  " + "x" * 90, "x" * 95, ""]) == 72
    assert width_of(["one line"]) == 0


def test_a_caption_goes_whole_and_prose_behind_it_stays() -> None:
    prose = "The mill stands [as was said] by the river."
    caption = "[Illustration: the mill,\nin spring]"
    assert RULES["opt_gutenberg"](f"{caption}\n\n{prose}") == prose
    assert prose in RULES["opt_gutenberg"](f"{caption}\n{prose}\n{prose} [1]\n[x]")


def test_an_address_broken_over_many_lines_is_whole() -> None:
    text = "T - u\nhttp://a\n\nsee http://a.b/c-\nd-e-\nf. And\n\nmore-\nover"
    assert RULES["opt_hackernews"](text).split("\n")[1:] == ["see http://a.b/c-d-e-f. And", "more-", "over"]


bits = st.sampled_from(
    [
        *[
            "\n",
            "\n\n",
            "\n\n\n",
            " ",
            "     ",
            "\t",
            "\r",
            "\x0c",
            "\u2028",
            "~~~\n",
            "======\n",
            "------\n",
        ],
        *["user_1\n", "T - u\n", "http://a.b/c-", "http://cut...", "[", "](", ")", "> ", "[1]: ", "[2]"],
        *["<http://x>", "* *", "CHAPTER IV", "Produced by", "[Illustration", "]", "Project Gutenberg"],
        *["Copyright 1999", "word ", "Word ", "word " * 15, "x" * 120, "12", "é", '"'],
    ]
)


@pytest.mark.parametrize("rule", sorted(set(opt.RULES) - {"opt_stackexchange"}))
@given(text=st.lists(bits, max_size=25).map("".join))
def test_a_rule_only_deletes_and_joins(rule: str, text: str) -> None:
    left = iter("".join(text.split()))
    assert all(character in left for character in "".join(RULES[rule](text).split()))
