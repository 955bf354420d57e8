"""What is shown of [[links]]: their labels, their targets, or nothing.

Nothing is shown of files, categories, and the same article in another language; everything else with a colon
is a title ("CSI: Miami") or a page of another wiki ("wikt:fox"), and a reader sees it.
The surprising thing: which two or three letters are a language is a list and no rule, because MediaWiki has
one, too, and "CSI" is not in it while "it" and "war" are.
"""

import re
from typing import NamedTuple

from corpusmill.sources.wikitext_languages import EDITIONS, OTHER_WIKIS
from corpusmill.sources.wikitext_quotes import without_quotes
from corpusmill.sources.wikitext_traces import APOSTROPHE, MARK, NOTHING

_LINK = re.compile(r"\[\[|\]\]|\n\s*\n|\n(?==)")
_MAX_LINKS = 32  # links inside each other; files in files' captions go two or three deep

# Namespaces whose links show nothing in the text, by number; their English names work on every wiki, and
# "Image" everywhere for "File". Names of other languages come from the dump, but not their old aliases: a
# title that ends as a file's, under a prefix that is no other namespace or wiki, is a file.
_FILES_AND_CATEGORIES = (-2, 6, 14)
_ENGLISH = ("file", "image", "media", "category")
_FILE_NAME = re.compile(
    r"\.(?:jpe?g|png|svg|gif|tiff?|webp|xcf|djvu|pdf|og[gva]|webm|mp3|mid|wav|flac)$", re.I
)
_LONGEST_TARGET = 1000  # characters, of a title with its namespace; MediaWiki allows 255 bytes for either


class Prefixes(NamedTuple):
    """What stands ahead of a colon, in lower case: where it hides a link, and where it cannot."""

    hidden: frozenset[str]
    shown: frozenset[str]


def prefixes(namespaces: list[tuple[str, int]]) -> Prefixes:
    """Those of a wiki with these namespaces, (name, number)."""
    hidden = {name.lower() for name, number in namespaces if number in _FILES_AND_CATEGORIES}
    shown = {name.lower() for name, number in namespaces if number not in _FILES_AND_CATEGORIES}
    return Prefixes(EDITIONS.union(hidden, _ENGLISH), OTHER_WIKIS.union(shown) - hidden)


def with_labels(text: str, known: Prefixes) -> str:
    """The text with [[links]] replaced by what is shown of them. One that is not closed in its paragraph is
    none, but for captions of files, which may have several."""
    frames: list[list[str]] = [[]]  # the text outside of links, and of each link that is open
    too_deep = 0
    at = 0
    for token in _LINK.finditer(text):
        frames[-1].append(text[at : token.start()])
        at = token.end()
        if token[0] == "[[":
            too_deep += len(frames) > _MAX_LINKS
            frames += [[]] if len(frames) <= _MAX_LINKS else []
        elif token[0] != "]]":
            if token[0] != "\n" and len(frames) > 1 and _shows_nothing(frames[1][0], known):
                frames[-1].append(token[0])  # a caption goes on behind an empty line, but for a heading
                continue
            frames[0] += [*(part for frame in frames[1:] for part in frame), token[0]]
            del frames[1:]
            too_deep = 0
        elif too_deep:
            too_deep -= 1
        elif len(frames) > 1:
            link = "".join(frames.pop())
            frames[-1].append(_shown(link, known))
    return "".join([*(part for frame in frames for part in frame), text[at:]])


def _shown(link: str, known: Prefixes) -> str:
    """What a reader sees of the inside of a link. Quotes make italics in a label, none in a target, and never
    together with those beside the link; so what is left of them here is text."""
    target, _, label = link.partition("|")
    if _shows_nothing(target, known):
        return MARK
    label = label.rpartition("|")[2] or label.strip("|")
    shown = without_quotes(label) if label else target.strip().removeprefix(":")
    if "'" in shown:
        shown = shown.replace("'", APOSTROPHE)
    return f"{shown}{NOTHING}" if shown[-2:-1] == " " else shown


def _shows_nothing(link: str, known: Prefixes) -> bool:
    """Is this the inside of a link to a file, a category, or the same article in another language?"""
    prefix, colon, rest = link[:_LONGEST_TARGET].partition("|")[0].partition(":")
    if not colon:
        return False
    prefix = " ".join(prefix.replace("_", " ").replace(MARK, "").split()).lower()
    if not prefix or prefix in known.shown:
        return False
    return prefix in known.hidden or _FILE_NAME.search(rest.rstrip()) is not None
