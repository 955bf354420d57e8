"""Our text of Wikipedia's pages beside wikiextractor's: characters lost and gained, by what holds them.

    python benchmarks/wikitext.py --samples DIR           # prints the table
    python benchmarks/wikitext.py --samples DIR --write docs/sources.md   # puts it between its two marks

wikiextractor is run as the program it is (its licence, the AGPL, does not go with ours), by --python: the
interpreter of an environment that has it. Both texts are compared word by word, without white space; words
that only one of them has are looked for in the wikitext, and what encloses them there is their cause.
"""

import argparse
import collections
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

from corpusmill.sources import RawRecord, mediawiki
from corpusmill.sources.wikitext import plain_text
from corpusmill.sources.wikitext_template_names import PATTERNS

BEGIN, END = "<!-- wikitext: made by `benchmarks/wikitext.py` -->", "<!-- end of wikitext -->"
_HEAD = (
    '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.10/" version="0.10" xml:lang="en">\n<siteinfo>\n'
    "<base>https://en.wikipedia.org/wiki/Main_Page</base>\n<namespaces>\n"
    '<namespace key="10" case="first-letter">Template</namespace>\n</namespaces>\n</siteinfo>\n'
)
_TOKEN = re.compile(r"\w+|[^\w\s]|\n")
_SPANS = (  # what encloses text, by a pattern; what nests is found by its brackets
    ("comments", re.compile(r"<!--.*?-->", re.DOTALL)),
    ("references", re.compile(r"<ref\b[^<>/]*>.*?</ref\s*>", re.DOTALL | re.IGNORECASE)),
    ("formulas", re.compile(r"<(math|chem|ce)\b[^<>]*>.*?</\1>", re.DOTALL | re.IGNORECASE)),
    (
        "code and poems as written",
        re.compile(r"<(pre|source|syntaxhighlight|nowiki|poem)\b[^<>]*>.*?</\1>", re.DOTALL | re.IGNORECASE),
    ),
    (
        "galleries and timelines",
        re.compile(r"<(gallery|timeline|imagemap|score)\b[^<>]*>.*?</\1>", re.DOTALL | re.IGNORECASE),
    ),
    ("tables", re.compile(r"<table\b.*?</table\s*>", re.DOTALL | re.IGNORECASE)),
)
_INLINE = (
    ("lists", re.compile(r"^[*#:;].*", re.MULTILINE)),
    ("headings", re.compile(r"^=.*=[ \t]*$", re.MULTILINE)),
    ("addresses and their labels", re.compile(r"\[(?:https?:|//)[^\]\n]*\]|https?://\S+")),
)
_BRACKETS = (
    ("{{", re.compile(r"\{\{|\}\}")),
    ("{|", re.compile(r"^[ \t:]*\{\||^[ \t]*\|\}", re.MULTILINE)),
    ("[[", re.compile(r"\[\[|\]\]")),
)
_FILE = re.compile(r"\s*(?:file|image|category|[a-z]{2,3}|Файл|Картинка|Категория)\s*:", re.IGNORECASE)
_LONGEST = 12  # tokens that are looked for


class Page(NamedTuple):
    """An article of a sample."""

    id: str
    title: str
    text: str
    namespaces: list[tuple[str, int]]


def pages(samples: Path) -> Iterator[Page]:
    """Every article of the dumps of a folder, its number in them all as its id."""
    number = 0
    for path in sorted((samples / "wiki").glob("*.bz2")):
        with path.open("rb") as file:
            for record in mediawiki.page_records(str(path), file, "wiki"):
                if not isinstance(record, RawRecord) or record.note is None:
                    sys.exit(f"{path}: not a whole dump")
                page = mediawiki.page(record.content, record.note)
                text = page.text or ""
                if page.namespace == 0 and not page.redirect and text[:9].lower() != "#redirect":
                    number += 1
                    yield Page(str(number), page.title, text, list(record.note["namespaces"].items()))


def wikiextractor(python: str, articles: list[Page]) -> dict[str, str]:
    """wikiextractor's text by a page's id, from a dump of these pages in the shape that it reads."""
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / "dump.xml"
        with dump.open("w", encoding="utf-8") as file:
            file.write(_HEAD)
            for page in articles:
                file.write(
                    f"<page>\n<title>{escape(page.title)}</title>\n<ns>0</ns>\n<id>{page.id}</id>\n"
                    f'<revision>\n<id>{page.id}</id>\n<text xml:space="preserve">{escape(page.text)}</text>\n'
                    "</revision>\n</page>\n"
                )
            file.write("</mediawiki>\n")
        options = ["--json", "--quiet", "--processes", "1", "--output", f"{folder}/text", str(dump)]
        subprocess.run([python, "-m", "wikiextractor.WikiExtractor", *options], check=True, cwd=folder)
        files = sorted((Path(folder) / "text").rglob("wiki_*"))
        rows = [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]
    return {row["id"]: row["text"] for row in rows}


def causes(page: Page) -> list[str]:
    """What encloses each character of a page's wikitext: of things that go as a whole the outermost, else
    "prose" or what the line or link is."""
    text = page.text
    spans = [(name, *each.span()) for name, pattern in _SPANS for each in pattern.finditer(text)]
    inline = [(name, *each.span()) for name, pattern in _INLINE for each in pattern.finditer(text)]
    links: list[tuple[str, int, int]] = []
    for opening, pattern in _BRACKETS:
        open_: list[int] = []
        for each in pattern.finditer(text):
            if each[0].endswith(opening):
                open_.append(each.start())
            elif open_:
                start = open_.pop()
                name = _bracketed(opening, text[start + 2 : start + 200])
                (links if name == "links" else spans).append((name, start, each.end()))
    found = ["prose"] * len(text)
    for name, start, end in [*links, *inline, *sorted(spans, key=lambda span: span[2] - span[1])]:
        found[start:end] = [name] * (end - start)
    return found


def _bracketed(opening: str, inside: str) -> str:
    if opening == "{|":
        return "tables"
    if opening == "[[":
        return "files, categories, languages" if _FILE.match(inside) else "links"
    name = re.split(r"[|}\n]", inside, maxsplit=1)[0]
    name = " ".join(name.replace("_", " ").split()).lower()
    return "templates that hold text" if name in PATTERNS or name[:10] == "formatnum:" else "other templates"


class Source:
    """The wikitext of a page by its words."""

    def __init__(self, page: Page) -> None:
        self._causes = causes(page)
        found = [each for each in _TOKEN.finditer(page.text) if each[0] != "\n"]
        self._tokens = [each[0] for each in found]
        self._starts = [each.start() for each in found]
        self._places: dict[str, list[int]] = {}
        for i, token in enumerate(self._tokens):
            self._places.setdefault(token, []).append(i)
        self._last = 0

    def cause(self, tokens: list[str]) -> str:
        """The cause of words that stand in a row: where most of them stand so, the first behind the last
        that were found."""
        words = [token for token in tokens if token[0].isalnum()][:_LONGEST]
        if not words:
            if set(tokens) <= {"'", '"', "’"}:
                return "apostrophes and quotation marks (it shows italics as the latter)"
            return "brackets and other punctuation (it ends headings with a full stop)"
        if words in (["quot"], ["lt"], ["gt"], ["amp"]):
            return "entities left"
        best, length = -1, 0
        for place in self._places.get(words[0], ()):
            same = self._same(place, words)
            if same > length or (same == length and best < self._last <= place):
                best, length = place, same
        if best < 0:
            return "words made of several, or of none (it writes formula_1)"
        self._last = best
        return self._causes[self._starts[best]]

    def _same(self, place: int, words: list[str]) -> int:
        same = 0
        for token in self._tokens[place : place + 3 * len(words)]:
            if same < len(words) and token == words[same]:
                same += 1
        return same


def differences(ours: str, theirs: str) -> Iterator[tuple[list[list[str]], list[list[str]]]]:
    """(tokens that only they have, tokens that only we have), line by line, wherever both differ: found by
    lines first, which makes it fast, then by tokens."""
    here, there = ours.split("\n"), theirs.split("\n")
    for tag, i, j, k, m in SequenceMatcher(None, there, here, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        left, right = _TOKEN.findall("\n".join(there[i:j])), _TOKEN.findall("\n".join(here[k:m]))
        for kind, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
            if kind != "equal":
                yield _by_line(left[a:b]), _by_line(right[c:d])


def _by_line(tokens: list[str]) -> list[list[str]]:
    lines: list[list[str]] = [[]]
    for token in tokens:
        if token == "\n":
            lines.append([])
        else:
            lines[-1].append(token)
    return [line for line in lines if line]


def table(samples: Path, python: str) -> str:
    """Characters that either text has alone, by cause, as Markdown."""
    articles = list(pages(samples))
    theirs = wikiextractor(python, articles)
    lost: collections.Counter[str] = collections.Counter()
    gained: collections.Counter[str] = collections.Counter()
    total = total_theirs = 0
    for page in articles:
        ours = plain_text(page.text, page.namespaces)
        other = theirs.get(page.id, "")
        total, total_theirs = total + len("".join(ours.split())), total_theirs + len("".join(other.split()))
        source = Source(page)
        for only_theirs, only_ours in differences(ours, other):
            for lines, counts in ((only_theirs, lost), (only_ours, gained)):
                for tokens in lines:
                    counts[source.cause(tokens)] += sum(map(len, tokens))
    rows = ["| what holds it in the wikitext | only wikiextractor has | only we have |", "|---|--:|--:|"]
    for name in sorted({*lost, *gained}, key=lambda name: -lost[name] - gained[name]):
        rows.append(f"| {name} | {lost[name]:,} | {gained[name]:,} |")
    rows.append(f"| **all** | {lost.total():,} of {total_theirs:,} | {gained.total():,} of {total:,} |")
    return "\n".join([f"{len(articles)} pages; characters without white space.", "", *rows])


def main() -> None:
    """Print the table, or put it into a page between its marks."""
    parser = argparse.ArgumentParser(description="Our text of Wikipedia's pages beside wikiextractor's.")
    parser.add_argument("--samples", type=Path, required=True, metavar="DIR", help="folder of the samples")
    parser.add_argument("--python", default=sys.executable, help="interpreter that has wikiextractor")
    parser.add_argument("--write", type=Path, metavar="FILE", help="page whose table is to be replaced")
    arguments = parser.parse_args()
    has_it = "import importlib.util as u, sys; sys.exit(u.find_spec('wikiextractor') is None)"
    if subprocess.run([arguments.python, "-c", has_it], check=False).returncode:
        print(
            f"skipped: {arguments.python} has no wikiextractor (pip install wikiextractor, or --python PATH)"
        )
        return
    text = table(arguments.samples, arguments.python)
    if arguments.write is None:
        print(text)
        return
    page = arguments.write.read_text(encoding="utf-8")
    if BEGIN not in page or END not in page:
        sys.exit(f"{arguments.write}: without the marks {BEGIN} and {END}")
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    arguments.write.write_text(f"{head}{BEGIN}\n\n{text}\n\n{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
