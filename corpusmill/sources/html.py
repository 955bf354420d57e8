"""HTML to the text of its article: bytes to characters, and characters to text by one of two extractors.

Both are pure here, whatever pages came before: trafilatura's memory of repeated passages stays off, and
its caches hold results of pure functions only.
The surprising thing: a page is refused for its shape before an extractor sees it. Both parsers take time
that grows with the square of a tag's attributes, and resiliparse with the square of the depth; no timeout
could end them without making the result depend on the machine.
"""

import html
import logging
import re

import trafilatura
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5
from trafilatura.meta import reset_caches

from corpusmill.entries import Extractor
from corpusmill.sources.records import Reason, Unusable

MAX_PAGE = 16 << 20  # bytes; crawlers stop at 1 to 5 MiB
# Measured at these limits on one core: at most about 8, 1 and 1 seconds. The longest of 181 news pages have
# 3,230 tags.
MAX_TAGS = 100_000
MAX_DEPTH = 5_000
MAX_ATTRIBUTES = 10_000  # of one tag

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it writes a line about every page it refuses

_BOMS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_BIG = 1 << 20  # characters of a page after which the caches, of up to 1,024 strings, are emptied
_LONG_TAG = re.compile(r"<[a-zA-Z][^<>]{32768,}")  # a shorter one cannot have too many attributes
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_NESTING = re.compile(
    r"<(/?)(?!(?:p|li|td|th|tr|dt|dd|option|area|base|br|col|embed|hr|img|input|link|meta|param|source|track"
    r"|wbr)\b)[a-zA-Z]",
    re.IGNORECASE,
)
_TITLE = re.compile(r"<title[^<>]*>([^<]{1,2000})", re.IGNORECASE)


def decode(content: bytes, charset: str | None) -> str:
    """The characters of a page. Its encoding is that of its mark of byte order; or UTF-8 if the page is
    valid and not ASCII, since that happens by chance to no other and servers' defaults often lie; or the
    one that the server declared (`charset`), or the page itself; or it is guessed from the bytes.

    Names of encodings mean what browsers take them for: iso-8859-1 is Windows' code page 1252. What is
    not valid becomes U+FFFD.
    """
    for mark, encoding in _BOMS.items():
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace")
    if not content.isascii():
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError:
            pass
    declared = map_encoding_to_html5(charset, fallback_utf8=False) if charset else None
    encoding = declared or detect_encoding(content, from_html_meta=True) or "utf-8"
    try:
        return content.decode(encoding, "replace")
    except LookupError:
        return content.decode("utf-8", "replace")


def extract(page: str, extractor: Extractor) -> str:
    """The article of a page as plain text, without readers' comments; "" if none is found.

    By `trafilatura` in its precise mode (F1 .964 on 181 news pages, benchmarks/extractors.py), or by
    `resiliparse` (.934; .898 with the texts of images, bylines and comments that it takes unless told).
    `Unusable` for a page beyond the limits above (`beyond_limit`) or one that the extractor fails on
    (`bad_payload`).
    """
    _must_be_simple(page)
    try:
        if extractor == "resiliparse":
            text = extract_plain_text(
                page, main_content=True, comments=False, alt_texts=False, post_meta=False
            )
        else:
            text = trafilatura.extract(page, favor_precision=True, include_comments=False) or ""
    except Exception as error:  # of whatever kind, RecursionError among them
        raise Unusable(
            Reason.BAD_PAYLOAD, f"{extractor} fails on the page; the other extractor may not"
        ) from error
    if len(page) > _BIG:
        reset_caches()
    return text.encode("utf-8", "replace").decode()


def title(page: str) -> str | None:
    """The title in a page's head, on one line; None if it has none."""
    found = _TITLE.search(page, 0, _BIG)
    text = " ".join(html.unescape(found[1]).split()) if found else ""
    return text or None


def _must_be_simple(page: str) -> None:
    tags = page.count("<")
    if tags > MAX_TAGS:
        raise Unusable(Reason.BEYOND_LIMIT, f"a page of {tags} tags; the limit is {MAX_TAGS}")
    if tags > MAX_DEPTH and (depth := _depth(page)) > MAX_DEPTH:
        raise Unusable(Reason.BEYOND_LIMIT, f"tags {depth} deep in each other; the limit is {MAX_DEPTH}")
    for tag in _LONG_TAG.findall(page):
        if (words := len(_QUOTED.sub("", tag).split())) > MAX_ATTRIBUTES:
            raise Unusable(Reason.BEYOND_LIMIT, f"a tag of {words} attributes; the limit is {MAX_ATTRIBUTES}")


def _depth(page: str) -> int:
    """How deep tags are in each other at most, but for those that end each other or have no end."""
    depth = deepest = 0
    for closing in _NESTING.findall(page):
        depth = max(0, depth - 1) if closing else depth + 1
        deepest = max(deepest, depth)
    return deepest
