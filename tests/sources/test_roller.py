from pathlib import Path
from typing import Any

import pytest

from corpusmill.entries import Drop
from corpusmill.sources.roller import RULES, Roller


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "bots.txt").write_text("AutoModerator\n")
    (tmp_path / "subs.txt").write_text("de\n")
    return tmp_path


ALL: dict[str, Any] = {
    "bots": "bots.txt",
    "subreddits": "subs.txt",
    "deleted": True,
    "unspaced": 2048,
    "tokens": 128,
    "short": 5,
    "url": True,
    "non_ascii": True,
}


def rule(folder: Path, options: dict[str, Any], message: str = "A good comment.", **more: Any) -> str:
    """The name of the rule that drops a comment; a word is a token here."""
    roller = Roller(Drop.model_validate(options, context={"folder": folder}))
    fields: dict[str, Any] = {"author": "someone", "subreddit": "test", "raw_body": message, **more}
    return RULES[roller.first_rule(message=message, n_tokens=lambda text: len(text.split()), **fields)]


CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("", "A good comment.", {}),
    ("", "[deleted] is what it said", {}),
    ("", "A live body", {"author": "[deleted]"}),
    ("", "A comment", {"author": None, "subreddit": None}),
    ("bot", "A comment", {"author": "autoMODERATOR"}),
    ("subreddit", "Ein Kommentar", {"subreddit": "DE"}),
    ("deleted", "[deleted]", {}),
    ("deleted", "[removed]", {}),
    ("deleted", "[ Removed by Reddit ]", {}),
    ("deleted", "[ Removed by reddit in response to a copyright notice. ]", {}),
    (
        "deleted",
        "[ Removed by Reddit on account of violating the [content policy](/help/contentpolicy). ]",
        {},
    ),
    ("deleted", "\\[removed\\]", {}),
    ("deleted", "[deleted]\n", {}),
    ("", "[removed by my own hand]", {}),
    ("unspaced", "x" * 2049, {}),
    ("", "x" * 100 + " " + "x" * 1948, {}),
    ("tokens", "word " * 129, {}),
    ("", "word " * 128, {}),
    ("short", "lol!", {}),
    ("", "lol!!", {}),
    ("short", "", {}),
    ("url", "see http://example.org", {}),
    ("url", "see HTTPS://example.org", {}),
    ("url", "see www.example.org", {}),
    ("url", "see [this](/r/test)", {}),
    ("", "see [this] (or that)", {}),
    ("", "see example.org", {}),
    ("non_ascii", "éclair for everybody", {}),
    ("", "an éclair for everybody", {}),
]


@pytest.mark.parametrize(("name", "message", "more"), CASES)
def test_a_comment_is_dropped_by_the_first_rule_that_fits(
    name: str, message: str, more: dict[str, Any], folder: Path
) -> None:
    assert rule(folder, ALL, message, **more) == name


@pytest.mark.parametrize(("name", "message", "more"), [case for case in CASES if case[0]])
def test_each_rule_is_a_switch(name: str, message: str, more: dict[str, Any], folder: Path) -> None:
    key = {"bot": "bots", "subreddit": "subreddits"}.get(name, name)
    assert rule(folder, {key: ALL[key]}, message, **more) == name
    assert rule(folder, {each: value for each, value in ALL.items() if each != key}, message, **more) != name
    assert rule(folder, {}, message, **more) == ""


@pytest.mark.parametrize("prefix", ["", "u/", "/u/", "r/"])
def test_names_in_lists_may_have_their_prefix(prefix: str, tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text(f"{prefix}Someone\n")
    assert rule(tmp_path, {"bots": "names.txt"}, author="SOMEONE") == "bot"
    assert rule(tmp_path, {"subreddits": "names.txt"}, subreddit="someone") == "subreddit"
    assert rule(tmp_path, {"bots": "names.txt", "subreddits": "names.txt"}, author="other") == ""


def test_tokens_are_counted_only_where_bytes_do_not_decide(folder: Path) -> None:
    counted = []

    def n_tokens(text: str) -> int:
        counted.append(text)
        return 1

    roller = Roller(Drop(tokens=128))
    for message in ("x " * 64, "x " * 65):
        roller.first_rule(author=None, subreddit=None, raw_body="", message=message, n_tokens=n_tokens)
    assert counted == ["x " * 65]


def test_the_rules_that_look_at_one_comment_are_active_only_if_one_is_on() -> None:
    assert not Roller(Drop()).active
    assert not Roller(Drop(depth=7)).active
    assert Roller(Drop(short=5)).active
