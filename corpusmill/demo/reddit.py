"""The demo's Reddit: two months of comments in the schema of 2012, with threads that span them.

Ids count up with time, as there. A planted text is the only longest chain of its thread, one line a
message. `created_utc` is a string, as in every month from November 2007 to November 2015. The frame of
the first month asks for a window of 2 GiB, as the original files do, though little of it is filled.
"""

import bz2
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zstandard

from corpusmill.demo.plan import REDDIT
from corpusmill.demo.truth import Account, Origin, Plant

_JANUARY, _FEBRUARY, _MARCH = 1_325_376_000, 1_328_054_400, 1_330_560_000  # seconds; of 2012
_LATEST_START = _FEBRUARY + 1_500_000
_LONGEST_DELAY = 30_000  # seconds between a comment and a reply
_FIRST_THREAD, _FIRST_COMMENT = int("nyb2q", 36), int("c3eaz1d", 36)
_SUBREDDITS = ("AskReddit", "programming", "Python", "books", "science", "history", "compsci", "TrueReddit")
_NAMES = ("quiet", "iron", "paper", "seventh", "mild", "plural", "north", "amber")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_NO_PARENT = -1
_ODD_EVERY = 50  # threads: one is an orphan's, one has a comment that answers itself, one a cycle
_COPIES = 12  # comments that stand in the dumps twice
_WINDOW_LOG = 31
# Raw line and its place in the rejects' vocabulary (None: a blank line).
_BROKEN: tuple[tuple[bytes, str | None], ...] = (
    (b'{"body":"the dump was cut he', "bad_json"),
    (b'{"body":"caf\xe9","id":"c3e0001","link_id":"t3_nyaaa","parent_id":"t3_nyaaa"}', "invalid_utf8"),
    (b'{"body":null,"id":"c3e0002","link_id":"t3_nyaaa","parent_id":"t3_nyaaa"}', "null_field"),
    (b'{"body":"whose thread?","id":"c3e0003","parent_id":"t3_nyaaa"}', "missing_field"),
    (b'{"body":30004,"id":"c3e0004","link_id":"t3_nyaaa","parent_id":"t3_nyaaa"}', "wrong_type"),
    (b'{"body":"no id","id":"","link_id":"t3_nyaaa","parent_id":"t3_nyaaa"}', "empty"),
    (b'["body","id","link_id"]', "not_an_object"),
    (b"\0" * 64, "bad_json"),
    (b"", None),
)


@dataclass(kw_only=True)
class _Comment:
    """A comment; `parent` is the place in its thread of the one it answers. The ids come last of all."""

    body: str
    parent: int
    author: str
    created: int
    score: int
    id: str = ""
    parent_id: str = ""


@dataclass(frozen=True, kw_only=True)
class _Thread:
    id: str
    subreddit: int
    comments: list[_Comment]
    is_planted: bool


def write(folder: Path, messages: Sequence[str], plants: Sequence[Plant], account: Account) -> None:
    """Write `reddit/` under `folder`; `messages` have words, and each is in at most one comment."""
    (folder / REDDIT).mkdir()
    threads = _threads(messages, [plant for plant in plants if plant.place == REDDIT], account)
    _number(threads)
    _twist([thread for thread in threads if not thread.is_planted and len(thread.comments) > 1])
    rows = sorted(
        (comment.created, comment.id, json.dumps(_row(thread, comment), separators=(",", ":")).encode())
        for thread in threads
        for comment in thread.comments
    )
    january = [line for created, _, line in rows if created < _FEBRUARY]
    february = [line for created, _, line in rows if created >= _FEBRUARY]
    february += random.Random("copies").sample(january, _COPIES)
    for number, (raw, reason) in enumerate(_BROKEN):
        month = (january, february)[number % 2]
        month.insert(len(month) * (number + 1) // (len(_BROKEN) + 1), raw)
        if reason is not None:
            account.reject(REDDIT, reason)
    (folder / REDDIT / "RC_2012-01.zst").write_bytes(_zstd(b"".join(line + b"\n" for line in january)))
    (folder / REDDIT / "RC_2012-02.bz2").write_bytes(
        bz2.compress(b"".join(line + b"\n" for line in february))
    )


def _threads(messages: Sequence[str], plants: Sequence[Plant], account: Account) -> list[_Thread]:
    """The threads of all plants, and as many others as the messages are enough for, mixed."""
    chance = random.Random("threads")
    supply = iter(messages)
    kinds: list[Plant | None] = [*plants, *[None] * (len(messages) // 5)]
    chance.shuffle(kinds)
    threads = []
    for number, plant in enumerate(kinds):
        comments = _talk(supply, chance) if plant is None else _planted(plant, supply, chance)
        if comments:
            link = f"t3_{_base36(_FIRST_THREAD + 13 * number)}"
            account.document(Origin(source=REDDIT, path="", record=link), plant)
            threads.append(
                _Thread(
                    id=link,
                    subreddit=number % len(_SUBREDDITS),
                    comments=comments,
                    is_planted=plant is not None,
                )
            )
    return threads


def _planted(plant: Plant, supply: Iterator[str], chance: random.Random) -> list[_Comment]:
    """A chain of the plant's lines, some with a line break that cleaning takes out again, and beside a
    chain of three and more some replies to its first message."""
    comments: list[_Comment] = []
    for place, line in enumerate(plant.text.split("\n")):
        half = line.find(" ", len(line) // 2)
        body = f"{line[:half]}\r\n{line[half + 1 :]}" if place % 3 == 2 and half > 0 else line
        _add(comments, body, place - 1, chance)
    if len(comments) > 2:
        for _, message in zip(range(chance.randrange(3)), supply, strict=False):
            _add(comments, _escaped(message), 0, chance)
    return comments


def _talk(supply: Iterator[str], chance: random.Random) -> list[_Comment]:
    """A tree of comments; none if the supply is at its end."""
    comments: list[_Comment] = []
    size = 1 + min(60, int(chance.expovariate(0.25)))
    for _, message in zip(range(size), supply, strict=False):
        place = len(comments)
        parent = chance.choice((place - 1, place - 1, chance.randrange(-1, place))) if place else _NO_PARENT
        body = _escaped(message)
        if chance.random() < 0.2 and place:
            quote = comments[max(parent, 0)].body.split(". ")[0]
            body = f"&gt; {quote}\n\n{body}"
        if chance.random() < 0.35:
            body = body.replace("\n", "\r\n")
        _add(comments, body, parent, chance)
        if chance.random() < 0.05:
            _add(comments, "[deleted]", place, chance)
    return comments


def _add(comments: list[_Comment], body: str, parent: int, chance: random.Random) -> None:
    delay = chance.randrange(60, _LONGEST_DELAY)
    created = chance.randrange(_JANUARY, _LATEST_START) if parent < 0 else comments[parent].created + delay
    name = f"{chance.choice(_NAMES)}_{chance.randrange(1000)}"
    comments.append(
        _Comment(
            body=body,
            parent=parent,
            author="[deleted]" if body == "[deleted]" or chance.random() < 0.05 else name,
            created=min(created, _MARCH - 1),
            score=chance.randrange(-3, 40),
        )
    )


def _escaped(message: str) -> str:
    """As Reddit escapes bodies."""
    return message.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _number(threads: Sequence[_Thread]) -> None:
    """Give every comment its id, in the order of time, and its parent's."""
    order = sorted(
        (comment.created, number, place)
        for number, thread in enumerate(threads)
        for place, comment in enumerate(thread.comments)
    )
    for count, (_, number, place) in enumerate(order):
        threads[number].comments[place].id = _base36(_FIRST_COMMENT + 7 * count)
    for thread in threads:
        for comment in thread.comments:
            comment.parent_id = (
                f"t1_{thread.comments[comment.parent].id}" if comment.parent >= 0 else thread.id
            )


def _twist(threads: Sequence[_Thread]) -> None:
    """Break the trees of some threads in the ways that are seen in the dumps."""
    for thread in threads[::_ODD_EVERY]:
        thread.comments[0].parent_id = "t1_c3dzzzz"  # of an earlier month
    for thread in threads[1::_ODD_EVERY]:
        thread.comments[-1].parent_id = f"t1_{thread.comments[-1].id}"
    for thread in threads[2::_ODD_EVERY]:
        first, second = thread.comments[:2]
        first.parent_id, second.parent_id = f"t1_{second.id}", f"t1_{first.id}"


def _row(thread: _Thread, comment: _Comment) -> dict[str, Any]:
    """The object as PushShift has it for 2012."""
    return {
        "ups": max(comment.score, 0),
        "body": comment.body,
        "parent_id": comment.parent_id,
        "edited": False,
        "archived": True,
        "author": comment.author,
        "author_flair_text": None,
        "created_utc": str(comment.created),
        "distinguished": None,
        "controversiality": 0,
        "retrieved_on": 1_428_131_323,
        "downs": max(-comment.score, 0),
        "link_id": thread.id,
        "name": f"t1_{comment.id}",
        "subreddit": _SUBREDDITS[thread.subreddit],
        "score_hidden": False,
        "id": comment.id,
        "gilded": 0,
        "score": comment.score,
        "subreddit_id": f"t5_2q{_base36(1_000 + thread.subreddit)}",
        "author_flair_css_class": None,
    }


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits


def _zstd(content: bytes) -> bytes:
    """One frame with a window of 2 GiB and no content size, as `zstd --long=31` writes from a pipe."""
    parameters = zstandard.ZstdCompressionParameters.from_level(
        3, window_log=_WINDOW_LOG, write_checksum=True
    )
    compressor = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    return compressor.compress(content) + compressor.flush()
