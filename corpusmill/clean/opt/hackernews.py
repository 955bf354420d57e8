"""OPT's rules for the Pile's HackerNews: a title, then posts with an empty line between them.

A record is a story ("title - user", its address, its text) and its comments, each behind a line of ======,
~~~ or ------ and a line with who wrote it, as html2text printed them: broken at 78 columns, with Markdown's
links. Positional: the first two lines are the story's.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby

from corpusmill.clean.opt.unwrap import unwrap_equal, unwrap_prose

_LIMIT = 1_000  # characters of a line that may have been broken
_WIDTH = 78  # columns of html2text
_SEPARATORS = frozenset(["~~~", "======", "------"])
_AUTHOR = re.compile(r"[\w-]{1,30}")
_TITLE_AUTHOR = re.compile(r" - [\w-]{1,30}$")
_LINK = re.compile(r"\[([^\[\]]*)\]\([^()]*\)")
_ADDRESS = re.compile(r"https?://\S*")
_BRACKETED = re.compile(r"<https?://[^<>\s]*>")
_REFERENCE = re.compile(r"\[[0-9]{1,4}\]:")
_CODE = "    "  # html2text indents code by four spaces


def opt_hackernews_faithful(text: str) -> str:
    """As OPT did: names off, the second line off, links to captions, cut-off addresses, quoted lines,
    footnotes and <addresses> deleted, paragraphs joined, every line stripped on its left."""
    posts = _posts(text, any_author=True)
    title = _TITLE_AUTHOR.sub("", posts[0][0])
    story = "\n".join(filter(None, [title, _faithful_post(posts[0][2:])]))
    return "\n\n".join(filter(None, [story, *map(_faithful_post, posts[1:])]))


def opt_hackernews(text: str) -> str:
    """The same without the mistakes: the second line goes if it is an address, a line behind a separator if
    it can be a name; of a quotation and a footnote all lines go; code keeps its indent; what is no broken
    line (lists, verse) is not joined."""
    posts = _posts(text, any_author=False)
    title, lines = _TITLE_AUTHOR.sub("", posts[0][0]), posts[0][1:]
    if lines and _ADDRESS.fullmatch(lines[0].strip()):
        lines = lines[1:]
    story = "\n".join(filter(None, [title, _fixed_post(lines)]))
    return "\n\n".join(filter(None, [story, *map(_fixed_post, posts[1:])]))


def _posts(text: str, any_author: bool) -> list[list[str]]:
    """The lines of each post, without its separator and author; those of the first are one or more."""
    title, *rest = text.split("\n")
    posts: list[list[str]] = [[title]]
    lines = iter(rest)
    for line in lines:
        if line.strip() not in _SEPARATORS:
            posts[-1].append(line)
            continue
        author = next(lines, "")
        if any_author or _AUTHOR.fullmatch(author.strip()):
            posts.append([])
        else:
            posts[-1] += ["", line, "", author]
    return posts


def _faithful_post(lines: Sequence[str]) -> str:
    lines = _rejoined(_without_links(line) for line in lines)
    lines = [_without_addresses(line) for line in lines]
    kept = [line for line in lines if not line.startswith("> ") and not _REFERENCE.match(line)]
    paragraphs = [unwrap_equal(each, _LIMIT) for each in _paragraphs(kept)]
    return "\n".join(line.lstrip(" \t") for each in paragraphs for line in each if line.strip())


def _fixed_post(lines: Sequence[str]) -> str:
    parts: list[str] = []
    for each in _paragraphs(_rejoined(lines)):
        if each[0].startswith(">") or _REFERENCE.match(each[0]):
            continue
        if all(line.startswith(_CODE) for line in each):
            parts += each
            continue
        joined = [_without_addresses(_without_links(line)) for line in unwrap_prose(each, _WIDTH)]
        parts += [line.strip(" \t") for line in joined if line.strip()]
    return "\n".join(parts)


def _paragraphs(lines: Iterable[str]) -> list[list[str]]:
    return [list(each) for filled, each in groupby(lines, lambda line: bool(line.strip())) if filled]


def _rejoined(lines: Iterable[str]) -> list[str]:
    """The lines, with addresses whole that were broken behind a hyphen."""
    joined: list[list[str]] = []
    broken = in_address = False
    for line in lines:
        if broken:
            joined[-1].append(line)
        else:
            joined.append([line])
        last = line.rpartition(" ")[2]
        in_address = "://" in last or (broken and in_address and " " not in line)
        broken = in_address and line.endswith("-")
    return ["".join(each) for each in joined]


def _without_links(line: str) -> str:
    """Markdown's links become their captions."""
    return _LINK.sub(r"\1", line) if "](" in line else line


def _without_addresses(line: str) -> str:
    """Neither <addresses> nor those that the site cut off ("http://example.com/a-long...")."""
    if "http" not in line:
        return line
    return _ADDRESS.sub(_unless_cut_off, _BRACKETED.sub("", line))


def _unless_cut_off(address: re.Match[str]) -> str:
    return "" if address.group().endswith("...") else address.group()
