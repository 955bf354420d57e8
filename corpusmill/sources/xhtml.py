"""A book's chapter, XHTML in name, to its text: what a reader of the page would read, without its looks.

Blocks are paragraphs with an empty line between them, rows and list items have a line each, and white
space is as a browser shows it (kept in `pre`). No entity that a file declares is expanded, nothing is
fetched. What is no XML is read again as HTML.
The surprising thing: both parsers are told to lift their limits. With them, the one for HTML silently
loses whatever is nested too deep or too long; its last limit cannot be lifted, so reaching it is an error.
"""

import html.entities
import re
from typing import Any

from lxml import etree

from corpusmill.sources.records import Reason, Unusable
from corpusmill.sources.texts import decode

_BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dir", "div", "dl"),
        *("dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6"),
        *("header", "hgroup", "hr", "main", "menu", "nav", "ol", "p", "pre", "section", "summary", "table"),
        "ul",
    )
)
_LINES = frozenset(("li", "tr", "caption", "legend", "option"))
_CELLS = frozenset(("td", "th"))
_LEFT_OUT = frozenset(
    ("audio", "head", "iframe", "nav", "noscript", "script", "style", "svg", "template", "title", "video")
)
_PAGE_BREAKS = ("pagebreak", "doc-pagebreak")  # values of epub:type and role; they hold the page's number

_NAMED = re.compile(rb"&([A-Za-z][A-Za-z0-9]*);")
_SPACE = re.compile(r"[ \t\r\n\f]+")
_LINE_ENDS = re.compile(r" +\n")
_PARSER_OPTIONS = {"huge_tree": True, "remove_comments": True, "remove_pis": True, "no_network": True}


def parse_xml(content: bytes, *, recover: bool = False) -> Any:
    """The root element of XML. `etree.XMLSyntaxError` if it is malformed; with `recover`, what can be read
    of it, if need be nothing (None). Entities are neither expanded nor loaded."""
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, recover=recover, **_PARSER_OPTIONS)
    return etree.fromstring(content, parser)


def text_of(content: bytes) -> str:
    """The text of a chapter; `Unusable` if it is neither XML nor HTML in an encoding that can be told."""
    if not content.strip():
        return ""
    try:
        root = parse_xml(_NAMED.sub(_number, content))
    except etree.XMLSyntaxError:
        root = _parse_html(content)
    if root is None:
        return ""
    etree.strip_elements(root, etree.Entity, with_tail=False)
    return _laid_out(next(root.iter("{*}body"), root))


def _number(named: "re.Match[bytes]") -> bytes:
    """HTML's entities by number, because XML knows five of them; others as what they look like."""
    name = named[1].decode()
    if name in ("amp", "lt", "gt", "quot", "apos"):
        return named[0]
    characters = html.entities.html5.get(name + ";")
    if characters is None:
        return b"&amp;" + named[0][1:]
    return b"".join(b"&#%d;" % ord(character) for character in characters)


def _parse_html(content: bytes) -> Any:
    text, _ = decode(content)
    parser = etree.HTMLParser(encoding="utf-8", **_PARSER_OPTIONS)
    root = etree.fromstring(text.encode(), parser)
    if any(error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in parser.error_log):
        raise Unusable(Reason.BAD_FORMAT, "markup beyond the parser's limits (2048 elements deep)")
    return root


class _Page:
    """Text as it is laid out, piece by piece."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._line_ends = 2  # that the text so far ends in, or its beginning

    def border(self, line_ends: int) -> None:
        if self._line_ends < line_ends:
            self._pieces.append("\n" * (line_ends - self._line_ends))
            self._line_ends = line_ends

    def line_end(self) -> None:
        self.border(min(self._line_ends + 1, 2))

    def add(self, text: str | None, kept: bool) -> None:
        if not text:
            return
        if not kept:
            text = _SPACE.sub(" ", text)
            if self._line_ends or self._pieces[-1].endswith(" "):
                text = text.lstrip(" ")
        if text:
            self._pieces.append(text)
            self._line_ends = min(len(text) - len(text.rstrip("\n")), 2)

    def text(self) -> str:
        return _LINE_ENDS.sub("\n", "".join(self._pieces)).strip(" \n")


def _laid_out(body: Any) -> str:
    page = _Page()
    kept = 0  # elements around that keep white space
    walk = etree.iterwalk(body, events=("start", "end"))
    for event, element in walk:
        name = element.tag.rpartition("}")[2].lower()
        if name in _BLOCKS:
            page.border(2)
        elif name in _LINES:
            page.border(1)
        if event == "end":
            kept -= name == "pre"
            page.add(" " if name in _CELLS else None, kept=False)
            page.add(element.tail if element is not body else None, kept=bool(kept))
            continue
        kept += name == "pre"
        if _is_left_out(name, element):
            walk.skip_subtree()
        elif name == "br":
            page.line_end()
        else:
            page.add(element.text, kept=bool(kept))
    return page.text()


def _is_left_out(name: str, element: Any) -> bool:
    return name in _LEFT_OUT or any(
        value in _PAGE_BREAKS and attribute.endswith(("type", "role"))
        for attribute, value in element.attrib.items()
    )
