r"""Wikitext to plain text: what a reader sees of an article, without what stands beside its running text.

Dropped with all that is in them: comments, templates (but a few that hold running text), tables, references,
formulas, galleries, files, categories, links to other languages, magic words. Links become their labels,
headings and list items plain lines, entities characters; a section with nothing left loses its heading.
The surprising thing: this is no grammar but a row of passes in the order of MediaWiki's own preprocessor,
each of which takes time linear in the text whatever is in it. mwparserfromhell, which has the grammar, takes
330 s for 400 kB of "[[a|" (measured), and nothing about a page says beforehand that it will.
"""

import html
import itertools
import re
from collections.abc import Iterable

_DROPPED = (
    "ref|references|math|chem|ce|gallery|timeline|score|imagemap|graph|hiero|templatestyles|section|inputbox"
    "|mapframe|maplink|includeonly|categorytree|indicator|listing|charinsert|phonos|templatedata"
)
_VERBATIM = "nowiki|pre|syntaxhighlight|source"
_COMMENT_OR_TAG = re.compile(rf"<!--|<({_DROPPED}|{_VERBATIM})(?:[\s/][^<>]*)?>", re.IGNORECASE)
_WITH_TEXT = re.compile(
    r"\{\{\s*+(?P<name>convert|cvt|lang|nowrap|nobr|nobold|noitalic|transl|transliteration|smallcaps|abbr)"
    r"\s*+\|(?P<fields>[^{}]{0,1000}+)\}\}",
    re.IGNORECASE,
)
_QUANTITY = re.compile(
    r"[-+\u2212]?[\d.,/+\u2044\u2009 ]+|-|\u2013|to|and|or|by|x|\u00d7|\+/-|\u00b1", re.IGNORECASE
)
_BRACES = re.compile(r"\{{2,}|\}{2,}")
_TABLE = re.compile(r"^[ \t:*#;]*(?P<open>\{\|)|^[ \t]*\|\}", re.MULTILINE)
_HTML_TABLE = re.compile(r"(?P<open><table\b[^<>]*>)|</table\s*>", re.IGNORECASE)
_LINK = re.compile(r"\[\[|\]\]|\n\s*\n|\n(?==)")
_MAX_LINKS = 32  # links inside each other; files in files' captions go two or three deep
_EXTERNAL = re.compile(
    r"\[(?:(?:https?|ftps?|news|irc|gopher|mailto|git|svn):|//)[^\s\[\]<>\"]{1,2000}+[^\S\n]*+([^\]\n]{0,2000}+)\]",
    re.IGNORECASE,
)
_QUOTES = re.compile("'{2,}")
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
_VERBATIM_MARK = re.compile("\0(\\d{1,9})\0")

# Namespaces whose links show nothing in the text, by number; their English names work on every wiki, and
# "Image" everywhere for "File". Names of other languages come from the dump, but not their old aliases: a
# title that ends as a file's is a file.
_FILES_AND_CATEGORIES = (-2, 6, 14)
_ENGLISH = ("file", "image", "media", "category")
_FILE_NAME = re.compile(
    r"\.(?:jpe?g|png|svg|gif|tiff?|webp|xcf|djvu|pdf|og[gva]|webm|mp3|mid|wav|flac)$", re.I
)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z]{2,10}){0,2}|simple|tokipona")
_LONGEST_TARGET = 1000  # characters, of a title with its namespace; MediaWiki allows 255 bytes for either
_NO_LANGUAGE = ("mw", "wmf", "doi", "rfc", "voy", "pmid")

_GAP = re.compile(r"[^\S\n]{2,}+|[\t\u00a0\u2002-\u200a\u202f\u3000]")
_EMPTY_BRACKETS = re.compile(r"[^\S\n]?\([\s,;:]*+\)|[^\S\n]?\[\s*+\]")
_AFTER_BRACKET = re.compile(r"\([^\S\n]*+[,;:][^\S\n]*+(?:[,;:][^\S\n]*+)*+")
_BEFORE_BRACKET = re.compile(r"(?<![,;:\s])(?:[^\S\n]|[,;:])++\)")
_BEFORE_STOP = re.compile(r"(?<=\S) ([,.])(?=\s|$)")
_REPEATED_COMMA = re.compile(r",(?: ?,)++")


def plain_text(wikitext: str, namespaces: Iterable[tuple[str, int]] = ()) -> str:
    """The text of an article; "" if nothing is left. `namespaces` are those of its wiki, (name, number).
    Lines as in the wikitext, a heading between empty lines, never more than one empty line in a row."""
    hidden = {*_ENGLISH, *(name.lower() for name, number in namespaces if number in _FILES_AND_CATEGORIES)}
    kept: list[str] = []
    text = _without_extensions(wikitext.replace("\0", ""), kept)
    text = _without_templates(_WITH_TEXT.sub(_template_text, text))
    text = _without_nested(_HTML_TABLE, _without_nested(_TABLE, text))
    text = _with_labels(text, frozenset(hidden))
    text = _EXTERNAL.sub(lambda link: link[1], text)
    text = _QUOTES.sub(_apostrophes, text)
    text = _TAG.sub("", _BREAK.sub("\n", text))
    text = html.unescape(_MAGIC.sub("", text))
    text = "\n".join(_lines(_tidied(text)))
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
        elif not found[0].endswith("/>"):
            closing = re.compile(rf"</{name}\s*+>", re.IGNORECASE)
            if name not in last_end:
                last_end[name] = max((each.start() for each in closing.finditer(text)), default=-1)
            close = closing.search(text, at) if last_end[name] >= at else None
            if close and name in _VERBATIM:
                parts.append(f"\0{len(kept)}\0")
                kept.append(html.unescape(text[at : close.start()]))
            at = close.end() if close else at
    return "".join([*parts, text[at:]])


def _template_text(template: re.Match[str]) -> str:
    """What is shown of a template that holds running text: a quantity in the unit it is written in (its
    numbers and the unit behind them), a passage in another language, a passage that must not be broken."""
    fields = [field.strip() for field in re.split(r"\|(?![^\[]*\]\])", template["fields"])]
    fields = [field for field in fields if not re.match(r"[\w -]*=", field)]
    match template["name"].lower():
        case "convert" | "cvt":
            numbers = list(itertools.takewhile(_QUANTITY.fullmatch, fields))
            return " ".join(fields[: len(numbers) + 1])
        case "lang" | "transl" | "transliteration":
            return fields[-1] if len(fields) > 1 else ""
    return fields[0] if fields else ""


def _without_templates(text: str) -> str:
    """The text without {{templates}} and {{{parameters}}}, and without braces in pairs that are neither.

    Runs of braces are matched as MediaWiki does, three at a time if both have as many, else two.
    """
    open_runs: list[tuple[int, int]] = []  # (place, braces left) of runs not closed yet
    dropped: list[tuple[int, int]] = []
    for run in _BRACES.finditer(text):
        if run[0][0] == "{":
            open_runs.append((run.start(), len(run[0])))
            continue
        at, closing = run.start(), len(run[0])
        while closing >= 2 and open_runs:
            place, opening = open_runs.pop()
            matched = min(opening, closing, 3)
            closing, at, opening = closing - matched, at + matched, opening - matched
            _drop(dropped, place + opening, at)
            if opening >= 2:
                open_runs.append((place, opening))
        _drop(dropped, at, at + closing)
    for place, opening in open_runs:
        dropped.append((place, place + opening))
    return _cut_out(text, sorted(dropped))


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


def _with_labels(text: str, hidden: frozenset[str]) -> str:
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
            if token[0] != "\n" and len(frames) > 1 and _shows_nothing(frames[1][0], hidden):
                frames[-1].append(token[0])  # a caption goes on behind an empty line, but for a heading
                continue
            frames[0] += [*(part for frame in frames[1:] for part in frame), token[0]]
            del frames[1:]
            too_deep = 0
        elif too_deep:
            too_deep -= 1
        elif len(frames) > 1:
            link = "".join(frames.pop())
            frames[-1].append(_label(link, hidden))
    return "".join([*(part for frame in frames for part in frame), text[at:]])


def _label(link: str, hidden: frozenset[str]) -> str:
    target, _, label = link.partition("|")
    if _shows_nothing(target, hidden):
        return ""
    return label.rpartition("|")[2] or label.strip("|") or target.strip().removeprefix(":")


def _shows_nothing(link: str, hidden: frozenset[str]) -> bool:
    """Is this the inside of a link to a file, a category, or the same article in another language?"""
    prefix, colon, rest = link[:_LONGEST_TARGET].partition("|")[0].partition(":")
    prefix = prefix.strip().replace("_", " ").lower()
    if not colon or not prefix:
        return False
    is_language = _LANGUAGE.fullmatch(prefix) and prefix not in _NO_LANGUAGE
    return bool(prefix in hidden or is_language or _FILE_NAME.search(rest.rstrip()))


def _apostrophes(quotes: re.Match[str]) -> str:
    """What is left of a run of apostrophes: two make italics, three bold, five both; of four, one is text."""
    return "'" if len(quotes[0]) == 4 else ""


def _tidied(text: str) -> str:
    """The text without the traces that templates leave in a sentence: empty brackets, blanks before stops."""
    text = _EMPTY_BRACKETS.sub("", _GAP.sub(" ", text))
    text = _BEFORE_BRACKET.sub(")", _AFTER_BRACKET.sub("(", text))
    return _REPEATED_COMMA.sub(",", _BEFORE_STOP.sub(r"\1", text))


def _lines(text: str) -> list[str]:
    """The lines that are left, with headings where there is text under them."""
    lines: list[str] = []
    waiting: list[tuple[int, str]] = []  # headings, (level, text), with nothing under them so far
    for line in map(str.strip, text.split("\n")):
        if level := _level(line):
            while waiting and waiting[-1][0] >= level:
                waiting.pop()
            waiting.append((level, line.strip("=").strip()))
            continue
        line = _shown(line)
        if line and waiting:
            lines += [part for _, heading in waiting for part in ("", heading)]
            lines.append("")
            waiting.clear()
        lines.append(line)
    return [line for line, before in zip(lines, ["", *lines], strict=False) if line or before]


def _shown(line: str) -> str:
    """A line without its list markers; "" of a rule, a row of a broken table, and where there is no word."""
    line = "" if line.startswith("|") else line.lstrip("*#:; ")
    line = line.lstrip("-") if line.startswith("----") else line
    if line[:1] in (",", ";", ".") and line[1:2] == " ":  # what a template stood ahead of
        line = line[2:].lstrip()
    return line if any(map(str.isalnum, line)) or "\0" in line else ""


def _level(line: str) -> int:
    """Of a heading its level, from 1 to 6; 0 of any other line."""
    if len(line) < 3 or line[0] != "=" or line[-1] != "=" or not line.strip("="):
        return 0
    return min(6, len(line) - len(line.lstrip("=")), len(line) - len(line.rstrip("=")))
