"""Roller et al.'s rules for a comment (arXiv 2004.13637, 6.1): which of the first eight drops it, if any.

Each looks at one comment only; the ninth, depth, needs the thread (`threads.build`). The third looks at the
body as it is in the dump (a deleted author's comment may have a live body, and stays), 4 to 8 at the cleaned
message.
"""

import re
from collections.abc import Callable

from corpusmill.entries import Drop, Names

RULES = ("", "bot", "subreddit", "deleted", "unspaced", "tokens", "short", "url", "non_ascii", "depth")
"""The rules' names in the ledger, by their numbers."""

# What Reddit puts in a body's place, by author, moderators, and its own staff.
_DELETED = frozenset(
    {
        "[deleted]",
        "[deleted by user]",
        "[removed]",
        "[ removed by reddit ]",
        "[ removed by reddit in response to a copyright notice. ]",
        "[ removed by reddit on account of violating the [content policy](/help/contentpolicy). ]",
    }
)
_LONGEST_DELETED = 128  # characters, with room for spaces and backslashes
# A scheme, or the two ways in which people write addresses without one that no ordinary prose has. A bare
# `example.org` is none: it cannot be told from a full stop without its space.
_URL = re.compile(r"https?://|\bwww\.\w|\]\(/?\w", re.IGNORECASE)


class Roller:
    """The rules that a recipe switches on."""

    def __init__(self, drop: Drop) -> None:
        self._drop = drop
        self._bots = _names(drop.bots)
        self._subreddits = _names(drop.subreddits)
        self.active = drop.model_copy(update={"depth": None}) != Drop()
        """Whether any of the first eight is on."""

    def first_rule(
        self,
        *,
        author: str | None,
        subreddit: str | None,
        raw_body: str,
        message: str,
        n_tokens: Callable[[str], int],
    ) -> int:
        """The number of the first rule that drops a comment, 0 if none does."""
        drop = self._drop
        if self._bots and author is not None and author.lower() in self._bots:
            return 1
        if self._subreddits and subreddit is not None and subreddit.lower() in self._subreddits:
            return 2
        if drop.deleted and _is_deleted(raw_body):
            return 3
        if drop.unspaced and len(message) > drop.unspaced and " " not in message:
            return 4
        # A token is a byte at least, so most messages need no counting.
        if drop.tokens and len(message.encode()) > drop.tokens and n_tokens(message) > drop.tokens:
            return 5
        if drop.short and len(message) < drop.short:
            return 6
        if drop.url and _URL.search(message):
            return 7
        return 8 if drop.non_ascii and message and not message[0].isascii() else 0


def _names(names: Names | None) -> frozenset[str]:
    """Without the `u/`, `/u/` or `r/` that people write in front; no name has a slash in it."""
    return frozenset(name.rpartition("/")[2] for name in names.names) if names else frozenset()


def _is_deleted(body: str) -> bool:
    # Some dumps have the brackets escaped, as Markdown wants them.
    return len(body) <= _LONGEST_DELETED and body.replace("\\", "").strip().lower() in _DELETED
