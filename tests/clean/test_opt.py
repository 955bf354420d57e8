"""OPT's rules for single corpora: before and after, and what applying them again does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.clean import RULES, opt
from corpusmill.sources import PileSource

BOOK = """Smashwords Edition
Published by the author.
Copyright 2011 Jane Doe
* * *
PART II
Chapter 7: The Return
She came back. Copyright law had driven her away.
- - -
chapter iv
Chapters of her life went by.
ISBN 0-306-40615-2"""
FILM = '"Who\'s there?" "[door creaks]" "Me." "Me." "Open up." \n[music]\n\n"Me."'
QUESTIONS = "half a question? 3\n4\nWhat is 1 + 1?\n2\nWhat is 2 * 3?\n6\nWhat is half"


@pytest.mark.parametrize(
    ("rule", "before", "after"),
    [
        ("opt_wikipedia", "Text.\nCategory:Cats\nA Category: x\nCategory: Dogs", "Text.\nA Category: x\n"),
        (
            "opt_bookcorpus",
            BOOK,
            "She came back. Copyright law had driven her away.\nChapters of her life went by.\n",
        ),
        ("opt_opensubtitles", FILM, "Who's there?\nMe.\nOpen up.\nMe."),
        ("opt_mathematics", QUESTIONS, "What is 1 + 1?\n2\nWhat is 2 * 3?\n6"),
        ("opt_mathematics", "one\ntwo", ""),
        ("opt_stackexchange", "Q:\n\nA\n\nA:\n\nB\nFAQ:\n\n", "Question:\nA\n\nAnswer:\nB\nFAQ:\n\n"),
    ],
)
def test_each_rule_takes_what_opt_took(rule: str, before: str, after: str) -> None:
    assert RULES[rule](before) == after


pieces = st.sampled_from(
    [
        *[
            "\n",
            "\n\n",
            " ",
            '"',
            '" "',
            "[x]",
            "[",
            "]",
            "Category:",
            "Chapter 4",
            "Part II: x",
            "ISBN",
            "# *",
        ],
        *["Copyright", "Q:\n\n", "A:\n\n", "word ", "a", "-", "\t", "é"],
    ]
)


@pytest.mark.parametrize("rule", sorted(set(opt.RULES) - opt.POSITIONAL))
@given(text=st.lists(pieces, max_size=20).map("".join))
def test_applied_again_a_rule_changes_nothing(rule: str, text: str) -> None:
    once = RULES[rule](text)
    assert RULES[rule](once) == once


def test_positional_rules_stand_once_in_every_chain() -> None:
    assert RULES["opt_mathematics"](RULES["opt_mathematics"](QUESTIONS)) != RULES["opt_mathematics"](
        QUESTIONS
    )
    for chain in PileSource.rules_of_sets.values():
        assert all(chain.count(rule) <= 1 for rule in opt.POSITIONAL)
    assert PileSource.rules_of_sets["DM Mathematics"].count("opt_mathematics") == 1
