r"""Wikitext to plain text: what a reader sees of an article, without what stands beside its running text.

Dropped with all that is in them: comments, templates (but a few that hold running text), tables, references,
formulas, galleries, files, categories, links to other languages, magic words. Links become their labels,
headings and list items plain lines, entities characters; a section with nothing left loses its heading.
The surprising thing: this is no grammar but a row of passes in the order of MediaWiki's own preprocessor,
each of which takes time linear in the text whatever is in it. mwparserfromhell, which has the grammar, takes
330 s for 400 kB of "[[a|" (measured), and nothing about a page says beforehand that it will.
"""

import html
import re
from collections.abc import Iterable

from corpusmill.sources.wikitext_links import prefixes, with_labels
from corpusmill.sources.wikitext_quotes import without_quotes
from corpusmill.sources.wikitext_templates import with_templates
from corpusmill.sources.wikitext_traces import MARK, NOTHING, restored, sanitized, tidied

_DROPPED = (
    "ref|references|math|chem|ce|gallery|timeline|score|imagemap|graph|hiero|templatestyles|section|inputbox"
    "|mapframe|maplink|includeonly|categorytree|indicator|listing|charinsert|phonos|templatedata"
)
_VERBATIM = "nowiki|pre|syntaxhighlight|source"
_COMMENT_OR_TAG = re.compile(rf"<!--|<({_DROPPED}|{_VERBATIM})(?:[\s/][^<>]*)?>", re.IGNORECASE)
_OPENS, _CLOSES = re.compile(r"[(,;]\s*$"), re.compile(r"\s{0,8}[),;]")
_NEAR = 8  # characters beside a comment
_TABLE = re.compile(r"^[ \t:*#;\1]*(?P<open>\{\|)|^[ \t\1]*\|\}", re.MULTILINE)
_HTML_TABLE = re.compile(r"(?P<open><table\b[^<>]*>)|</table\s*>", re.IGNORECASE)
_EXTERNAL = re.compile(
    r"\[(?:(?:https?|ftps?|news|irc|gopher|mailto|git|svn):|//)[^\s\[\]<>\"]{1,2000}+[^\S\n]*+([^\]\n]{0,2000}+)\]",
    re.IGNORECASE,
)
_BREAK = re.compile(
    r"</?(?:br|hr|p|div|center|blockquote|li|ul|ol|dl|dt|dd|tr|td|th|caption|h[1-6]|poem|section)\b[^<>]*>",
    re.IGNORECASE,
)
_TAG = re.compile(
    r"</?(?:abbr|b|bdi|bdo|big|cite|code|data|del|dfn|em|font|i|ins|kbd|mark|noinclude|onlyinclude|q|rb|rp|rt"
    r"|ruby|s|samp|small|span|strike|strong|sub|sup|table|tbody|thead|time|tt|u|var|wbr|a|img|noscript"
    rf"|{_DROPPED}|{_VERBATIM})(?:[\s/][^<>]*)?>",
    re.IGNORECASE,
)
_MAGIC = re.compile(r"__[A-Z]{3,32}__")
_BRACKETS = re.compile(r"\(\)|\[\]|^[{}]$")
_VERBATIM_MARK = re.compile("\0(\\d{1,9})\0")


def plain_text(wikitext: str, namespaces: Iterable[tuple[str, int]] = ()) -> str:
    """The text of an article; "" if nothing is left. `namespaces` are those of its wiki, (name, number).
    Lines as in the wikitext, a heading between empty lines, never more than one empty line in a row."""
    kept: list[str] = []
    text = _without_extensions(sanitized(wikitext), kept)
    text = with_templates(text)
    text = _without_nested(_HTML_TABLE, _without_nested(_TABLE, text))
    text = with_labels(text, prefixes(list(namespaces)))
    text = _EXTERNAL.sub(lambda link: link[1] or MARK, without_quotes(text))
    text = _TAG.sub("", _BREAK.sub("\n", text))
    text = tidied(html.unescape(_MAGIC.sub("", text)))
    text = restored("\n".join(_lines(text)))
    return _VERBATIM_MARK.sub(lambda mark: kept[int(mark[1])], text).strip()


def _without_extensions(text: str, kept: list[str]) -> str:
    """The text without comments and the tags that extensions fill. What is to be shown as it stands goes
    into `kept`, with a mark of its place that no pass changes, as MediaWiki does it itself."""
    parts = []
    at = 0
    last_end: dict[str, int] = {}  # of a tag: where its last closing tag begins
    while found := _COMMENT_OR_TAG.search(text, at):
        parts.append(text[at : found.start()])
        at = found.end()
        if not (name := (found[1] or "").lower()):
            end = text.find("-->", at)
            at = len(text) if end < 0 else end + len("-->")
            if _OPENS.search(parts[-1][-_NEAR:]) and _CLOSES.match(text, at):
                parts.append(MARK)  # elsewhere a comment is as if it were not there
        elif found[0].endswith("/>"):
            parts.append(NOTHING if name in _VERBATIM else MARK)
        else:
            closing = re.compile(rf"</{name}\s*+>", re.IGNORECASE)
            if name not in last_end:
                last_end[name] = max((each.start() for each in closing.finditer(text)), default=-1)
            close = closing.search(text, at) if last_end[name] >= at else None
            if close and name in _VERBATIM:
                parts.append(f"\0{len(kept)}\0")
                kept.append(html.unescape(text[at : close.start()]))
            elif close:
                parts.append(MARK)
            at = close.end() if close else at
    return "".join([*parts, text[at:]])


def _without_nested(token: re.Pattern[str], text: str) -> str:
    """The text without what stands between tokens that open (their group `open`) and those that close, and
    without such tokens that have no partner."""
    opened: list[re.Match[str]] = []
    dropped: list[tuple[int, int]] = []
    for each in token.finditer(text):
        if each["open"]:
            opened.append(each)
        else:
            _drop(dropped, (opened.pop() if opened else each).start(), each.end())
    for each in opened:
        dropped.append(each.span())
    return _cut_out(text, sorted(dropped))


def _drop(dropped: list[tuple[int, int]], start: int, end: int) -> None:
    """Add a span that ends last of all, in place of those that lie in it."""
    while dropped and dropped[-1][0] >= start:
        dropped.pop()
    dropped.append((start, end))


def _cut_out(text: str, spans: list[tuple[int, int]]) -> str:
    parts = []
    at = 0
    for start, end in spans:
        if start > at:
            parts.append(text[at:start])
        at = max(at, end)
    return "".join([*parts, text[at:]])


def _lines(text: str) -> list[str]:
    """The lines that are left, with headings where there is text under them."""
    lines: list[str] = []
    waiting: list[tuple[int, str]] = []  # headings, (level, text), with nothing under them so far
    for written in text.split("\n"):
        line = written.strip(f" {MARK}")
        if level := _level(line):
            while waiting and waiting[-1][0] >= level:
                waiting.pop()
            waiting.append((level, line.strip("=").strip().replace(MARK, "")))
            continue
        line = _shown(line, MARK in written)
        if line and waiting:
            lines += [part for _, heading in waiting for part in ("", heading)]
            lines.append("")
            waiting.clear()
        lines.append(line)
    return [line for line, before in zip(lines, ["", *lines], strict=False) if line or before]


def _shown(line: str, marked: bool) -> str:
    """A line without its list markers; "" of a rule, a row of a broken table, and where there is no word,
    unless it is brackets from which nothing was taken."""
    line = "" if line.startswith("|") else line.lstrip("*#:; ")
    line = line.lstrip("-") if line.startswith("----") else line
    line = line.replace(MARK, "").strip()
    if any(map(str.isalnum, line)) or "\0" in line:
        return line
    return line if not marked and _BRACKETS.search(line) else ""


def _level(line: str) -> int:
    """Of a heading its level, from 1 to 6; 0 of any other line."""
    if len(line) < 3 or line[0] != "=" or line[-1] != "=" or not line.strip("="):
        return 0
    return min(6, len(line) - len(line.lstrip("=")), len(line) - len(line.rstrip("=")))
