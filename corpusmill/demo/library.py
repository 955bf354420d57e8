"""Which text goes where: every paragraph into one place, so that what repeats was planted or is natural.

The two translations stand on both sides of the families on purpose: a chapter and its other translation
share most words and about 40% of their 5-grams, the hardest kind of pair that must not be removed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpusmill.demo import texts
from corpusmill.demo.books import Book
from corpusmill.demo.edits import Quarry, is_plain
from corpusmill.demo.pile import CHOSEN, Entry
from corpusmill.demo.plan import CC, PG19, WIKI, Supply
from corpusmill.demo.texts import Chapter, Passage

# Bible books, by number, whose text only plants have: Job, Proverbs, Ecclesiastes, Ezekiel, Daniel, Acts,
# Romans, Hebrews, Revelation. They share no long passage with each other or with any other.
_QUARRIED = frozenset({18, 20, 21, 26, 27, 44, 45, 58, 66})
_LAST_BOUND, _LAST_PLAIN, _LAST_OLD, _LAST = 12, 4, 39, 66  # 2 Kings, Numbers, Malachi, Revelation
# Packages whose plain paragraphs only plants have.
_PROSE_PACKAGES = frozenset({"apache-beam", "matplotlib", "numpy"})
_HANDBOOKS = (
    "numpy.polynomial",
    "scipy.integrate",
    "scipy.interpolate",
    "scipy.linalg",
    "scipy.ndimage",
    "scipy.signal",
    "scipy.spatial",
    "scipy.special",
)
_TALKED_ABOUT = frozenset(
    {"datasketch", "fsspec", "huggingface-hub", "jinja2", "pyarrow", "pydantic", "rich", "zstandard"}
)
_NOT_CHOSEN = ("Github", "StackExchange")  # sets of the Pile that the demo's recipe leaves out
_ARTICLE = 4_000  # characters after which an article of several docstrings ends
_LEAST_MESSAGE = 3  # words
_MOJIBAKE_EVERY = 25  # chapters


@dataclass(frozen=True, kw_only=True)
class Library:
    """All texts of the demo. `supply` is what plants are made of, and is in nothing else."""

    gutenberg: Sequence[Book]
    plain: Sequence[Book]
    entries: Sequence[Entry]
    messages: Sequence[str]
    supply: Supply


def collect() -> Library:
    """Read everything and divide it, always in the same way."""
    king_james, american = (texts.bible(package) for package in texts.TRANSLATIONS)
    passages, prose = _without_prose(texts.documentation())
    talk = [passage for passage in passages if passage.package in _TALKED_ABOUT]
    written = [passage for passage in passages if passage.package not in _TALKED_ABOUT]
    articles = [passage for passage in written if _handbook(passage) is None]
    quarried = [chapter for chapter in king_james if chapter.book_number in _QUARRIED]
    return Library(
        gutenberg=[*_bible_books(_part(king_james, 1, _LAST_BOUND), "King James"), *_handbooks(written)],
        plain=_bible_books(_part(american, 1, _LAST_PLAIN), "American"),
        entries=[
            *_chapters(_part(king_james, _LAST_BOUND + 1, _LAST), PG19),
            *_chapters(_part(american, _LAST_PLAIN + 1, _LAST_OLD), CC),
            *_articles(articles),
        ],
        messages=_messages(_part(american, _LAST_OLD + 1, _LAST), talk),
        supply=Supply(
            bible=Quarry(paragraph for chapter in quarried for paragraph in chapter.paragraphs),
            documentation=Quarry(prose),
        ),
    )


def _part(chapters: Sequence[Chapter], first: int, last: int) -> list[Chapter]:
    """The chapters of the Bible books `first` to `last` that are not quarried."""
    return [
        chapter
        for chapter in chapters
        if first <= chapter.book_number <= last and chapter.book_number not in _QUARRIED
    ]


def _without_prose(passages: Sequence[Passage]) -> tuple[list[Passage], list[str]]:
    """The passages without the paragraphs that plants are made of, and these."""
    left, prose = [], []
    for passage in passages:
        paragraphs = passage.text.split("\n\n")
        if passage.package in _PROSE_PACKAGES:
            prose += [paragraph for paragraph in paragraphs if is_plain(paragraph)]
            paragraphs = [paragraph for paragraph in paragraphs if not is_plain(paragraph)]
        if paragraphs:
            left.append(replace(passage, text="\n\n".join(paragraphs)))
    return left, prose


def _handbook(passage: Passage) -> str | None:
    """The handbook that a passage is part of."""
    name = ".".join(passage.module.split(".")[:2])
    return name if name in _HANDBOOKS else None


def _bible_books(chapters: Sequence[Chapter], version: str) -> list[Book]:
    return [
        Book(
            title=name,
            author=f"the {version} translators",
            chapters=[(f"CHAPTER {each.number}", each.paragraphs) for each in chapters if each.book == name],
        )
        for name in dict.fromkeys(chapter.book for chapter in chapters)
    ]


def _handbooks(passages: Sequence[Passage]) -> list[Book]:
    return [
        Book(
            title=f"A Handbook of {name.replace('.', ' and its ')}",
            author="its developers",
            chapters=[
                (passage.title, passage.text.split("\n\n"))
                for passage in passages
                if _handbook(passage) == name
            ],
        )
        for name in _HANDBOOKS
    ]


def _chapters(chapters: Sequence[Chapter], name: str) -> list[Entry]:
    """A document a chapter, some with their quotation marks decoded from the wrong encoding."""
    entries = []
    for number, chapter in enumerate(chapters):
        text = "\n\n".join((f"{chapter.book} {chapter.number}", *chapter.paragraphs))
        if number % _MOJIBAKE_EVERY == 0:
            text = text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "\u00e2\u20ac\u2122")
        entries.append(Entry(name=name, text=text))
    return entries


def _articles(passages: Sequence[Passage]) -> list[Entry]:
    """Neighbouring docstrings of a module as one text; every tenth goes to a set that is not chosen."""
    articles: list[tuple[str, str, list[str]]] = []
    for passage in passages:
        if not articles or articles[-1][0] != passage.module or sum(map(len, articles[-1][2])) >= _ARTICLE:
            articles.append((passage.module, passage.title, []))
        articles[-1][2].append(passage.text)
    # Not the books' set, and the encyclopedia twice: it has many short texts.
    sets = (*CHOSEN[1:], WIKI)
    entries = []
    for number, (_, title, parts) in enumerate(articles):
        name = _NOT_CHOSEN[number // 10 % 2] if number % 10 == 9 else sets[number % len(sets)]
        entries.append(Entry(name=name, text="\n\n".join((title, *parts))))
    return entries


def _messages(chapters: Sequence[Chapter], passages: Sequence[Passage]) -> list[str]:
    """Paragraphs that have words, of both kinds in turn as long as both last."""
    verses = [paragraph for chapter in chapters for paragraph in chapter.paragraphs]
    remarks = [paragraph for passage in passages for paragraph in passage.text.split("\n\n")]
    remarks = [remark for remark in remarks if len(re.findall(r"[A-Za-z]+", remark)) >= _LEAST_MESSAGE]
    shorter = min(len(verses), len(remarks))
    alternating = [message for pair in zip(verses, remarks, strict=False) for message in pair]
    return [*alternating, *verses[shorter:], *remarks[shorter:]]
