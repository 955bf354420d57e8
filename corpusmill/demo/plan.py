"""Which duplicates the demo plants: the tables to edit when a case is missing.

Pairs lie within each of the three families and between any two of them, on both sides of the threshold,
from 30 words to 20,000. Groups show what a pair cannot: chains in which the middle goes or both ends do,
stars, classes of copies that go together, classes in which some are the same text and some only have the
same words, and two texts with the same shingles but other words.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from corpusmill.demo import edits
from corpusmill.demo.edits import Lines, Quarry

THRESHOLD = Fraction(19, 20)
BOOKS, PLAIN, PILE, REDDIT = "books", "books-plain", "pile", "reddit"
PG19, WIKI, OWT, USPTO, CC, NEWS = (
    "Gutenberg (PG-19)",
    "Wikipedia (en)",
    "OpenWebText2",
    "USPTO Backgrounds",
    "Pile-CC",
    "HackerNews",
)
# The sources of recipes/demo.yaml in its order of preference (a test compares them).
PRIORITY = (BOOKS, PLAIN, PG19, WIKI, OWT, USPTO, CC, NEWS, PILE, REDDIT)

# Where, words, how differently the copy writes the same words (`same`: not, but a book's lines are joined).
_COPIES = (
    (BOOKS, PG19, 4_000, "relined"),
    (BOOKS, PLAIN, 2_500, "same"),
    (BOOKS, BOOKS, 3_000, "unpunctuated"),
    (BOOKS, REDDIT, 2_500, "same"),
    (PLAIN, PLAIN, 1_200, "same"),
    (PLAIN, CC, 900, "cased"),
    (PG19, PG19, 5_000, "same"),
    (PG19, REDDIT, 2_000, "relined"),
    (WIKI, WIKI, 350, "same"),
    (WIKI, CC, 500, "unpunctuated"),
    (WIKI, REDDIT, 200, "cased"),
    (OWT, OWT, 60, "unpunctuated"),
    (OWT, CC, 700, "same"),
    (OWT, REDDIT, 90, "relined"),
    (USPTO, USPTO, 1_000, "relined"),
    (CC, CC, 30, "same"),
    (CC, NEWS, 120, "cased"),
    (CC, REDDIT, 30, "same"),
    (NEWS, REDDIT, 400, "unpunctuated"),
    (REDDIT, REDDIT, 30, "same"),
    (REDDIT, REDDIT, 150, "cased"),
    (REDDIT, REDDIT, 600, "unpunctuated"),
)
# The same of copies that differ in signs, which are no words: C and C++, 5 and -5.
_SIGNED = ((WIKI, NEWS, 260), (CC, REDDIT, 70))
# Where, words, edit, Jaccard at least this and as near to it as the edit allows.
_NEAR = (
    (BOOKS, PG19, 20_000, "replace", ".95"),
    (BOOKS, PG19, 6_000, "insert", ".99"),
    (BOOKS, BOOKS, 3_000, "replace", ".97"),
    (BOOKS, BOOKS, 8_000, "swap", ".95"),
    (BOOKS, PLAIN, 3_000, "cut", ".96"),
    (PLAIN, PLAIN, 1_000, "replace", ".98"),
    (BOOKS, CC, 3_000, "extend", ".95"),
    (BOOKS, REDDIT, 2_500, "replace", ".96"),
    (BOOKS, REDDIT, 2_500, "extend", ".999"),
    (PLAIN, REDDIT, 800, "cut", ".98"),
    (PG19, PG19, 4_000, "replace", ".995"),
    (PG19, PG19, 2_000, "cut", ".95"),
    (PG19, WIKI, 3_000, "insert", ".97"),
    (PG19, REDDIT, 1_500, "swap", ".95"),
    (WIKI, WIKI, 300, "replace", ".95"),
    (WIKI, WIKI, 900, "extend", ".96"),
    (WIKI, OWT, 500, "cut", ".97"),
    (WIKI, CC, 1_100, "replace", ".98"),
    (WIKI, NEWS, 250, "insert", ".96"),
    (WIKI, REDDIT, 450, "replace", ".95"),
    (WIKI, REDDIT, 700, "extend", ".99"),
    (OWT, OWT, 60, "extend", ".95"),
    (OWT, OWT, 1_300, "insert", ".98"),
    (OWT, CC, 35, "cut", ".96"),
    (OWT, NEWS, 600, "replace", ".96"),
    (OWT, REDDIT, 80, "extend", ".97"),
    (OWT, REDDIT, 1_300, "replace", ".99"),
    (USPTO, USPTO, 800, "replace", ".97"),
    (USPTO, CC, 400, "cut", ".95"),
    (USPTO, REDDIT, 350, "insert", ".95"),
    (CC, CC, 30, "extend", ".95"),
    (CC, CC, 260, "replace", ".95"),
    (CC, CC, 2_500, "extend", ".999"),
    (CC, NEWS, 130, "cut", ".98"),
    (CC, REDDIT, 40, "extend", ".97"),
    (CC, REDDIT, 550, "replace", ".97"),
    (NEWS, NEWS, 500, "extend", ".995"),
    (NEWS, REDDIT, 320, "cut", ".96"),
    (REDDIT, REDDIT, 30, "cut", ".96"),
    (REDDIT, REDDIT, 100, "extend", ".98"),
    (REDDIT, REDDIT, 280, "replace", ".95"),
    (REDDIT, REDDIT, 900, "insert", ".96"),
    (REDDIT, REDDIT, 1_800, "replace", ".99"),
)
# Where, words, edit, Jaccard just less than this.
_MISS = (
    (BOOKS, PLAIN, 12_000, "replace", ".95"),
    (BOOKS, BOOKS, 3_000, "insert", ".93"),
    (BOOKS, PG19, 4_000, "cut", ".95"),
    (BOOKS, REDDIT, 2_500, "replace", ".94"),
    (PLAIN, WIKI, 700, "extend", ".92"),
    (PG19, PG19, 1_500, "swap", ".94"),
    (PG19, REDDIT, 1_200, "replace", ".95"),
    (WIKI, WIKI, 400, "replace", ".95"),
    (WIKI, OWT, 150, "cut", ".94"),
    (WIKI, REDDIT, 300, "insert", ".95"),
    (OWT, OWT, 60, "extend", ".95"),
    (OWT, REDDIT, 500, "cut", ".91"),
    (CC, CC, 35, "extend", ".95"),
    (CC, CC, 600, "replace", ".93"),
    (CC, REDDIT, 80, "extend", ".95"),
    (NEWS, NEWS, 900, "replace", ".95"),
    (REDDIT, REDDIT, 40, "cut", ".94"),
    (REDDIT, REDDIT, 250, "replace", ".95"),
    (REDDIT, REDDIT, 700, "insert", ".92"),
    (REDDIT, REDDIT, 1_000, "replace", ".95"),
)
# Name, places of the links, words, Jaccard of neighbours; links further apart are less alike than that.
_CHAINS = (
    ("chain, ends stay", (WIKI, NEWS, CC), 600, ".96"),  # A and C stand before B, which alone goes
    ("chain, middle stays", (CC, WIKI, REDDIT), 500, ".96"),  # B stands first and takes both
    ("chain, link by link", (WIKI, CC, REDDIT), 700, ".96"),  # B goes, and C stays although it is like B
    ("chain of six", (OWT, CC, OWT, NEWS, REDDIT, REDDIT), 800, ".96"),
    ("chain of books", (BOOKS, PLAIN, PG19, REDDIT), 3_000, ".97"),
)
# Name, place of the centre, places of its copies, words; the copies are less alike than the threshold.
_STARS = (
    ("star, centre first", WIKI, (CC, CC, NEWS, REDDIT), 400),
    ("star, centre last", REDDIT, (WIKI, OWT, CC), 500),
)
_THRESHOLDS = ((WIKI, CC, 420), (REDDIT, REDDIT, 240), (PLAIN, REDDIT, 700))
_LEAST_FROM_BIBLE = 700  # words; shorter plants are made of documentation


@dataclass(frozen=True, kw_only=True)
class Member:
    """A planted text and the source it goes into."""

    place: str
    lines: Lines


@dataclass(frozen=True, kw_only=True)
class Group:
    """Planted texts that are like each other and like nothing else."""

    name: str
    members: tuple[Member, ...]


@dataclass(frozen=True, kw_only=True)
class Supply:
    """What plants are made of: short ones of documentation, long ones of the Bible."""

    bible: Quarry
    documentation: Quarry

    def take(self, n_words: int) -> Lines:
        """Words that no other plant has."""
        return (self.documentation if n_words < _LEAST_FROM_BIBLE else self.bible).take(n_words)


def groups(supply: Supply) -> list[Group]:
    """All plants, the same for the same texts."""
    return [*_pairs(supply), *_chains(supply), *_stars(supply), *_on_threshold(supply), *_classes(supply)]


def _pairs(supply: Supply) -> Iterator[Group]:
    for one, other, n_words, flavour in _COPIES:
        base = supply.take(n_words)
        yield _group(f"copy, {flavour}", (one, other), (base, _like(base, flavour)))
    for kind, table in (("near", _NEAR), ("miss", _MISS)):
        for one, other, n_words, edit, aim in table:
            base, spare = supply.take(n_words), supply.take(max(4, n_words // 8))
            seed = f"{one} {other} {n_words}"
            copy = edits.vary(base, edit, Fraction(aim), below=kind == "miss", spare=spare, seed=seed)
            yield _group(f"{kind}, {edit}", (one, other), (base, copy))


def _like(base: Lines, flavour: str) -> Lines:
    """The same words in the same order, written differently."""
    match flavour:
        case "same":
            return base
        case "cased":
            return tuple(line.upper() for line in base)
        case "unpunctuated":
            return tuple(re.sub(r"[^A-Za-z0-9 ]", "", line) for line in base)
        case "signed":
            return tuple(line.replace(" ", " -", 1) for line in base)
        case "relined":
            return tuple(" ".join(base[start : start + 2]) for start in range(0, len(base), 2))
    raise ValueError(flavour)


def _chains(supply: Supply) -> Iterator[Group]:
    for name, places, n_words, aim in _CHAINS:
        links = [supply.take(n_words)]
        for number in range(1, len(places)):
            spare = supply.take(max(4, n_words // 8))
            seed = f"{name} {number}"
            links.append(edits.vary(links[-1], "replace", Fraction(aim), below=False, spare=spare, seed=seed))
        yield _group(name, places, links)


def _stars(supply: Supply) -> Iterator[Group]:
    for name, place, places, n_words in _STARS:
        centre = supply.take(n_words)
        copies = [
            edits.vary(
                centre, "insert", Fraction(".96"), below=False, spare=supply.take(n_words // 8), seed=name
            )
            for _ in places
        ]
        yield _group(name, (place, *places), (centre, *copies))


def _on_threshold(supply: Supply) -> Iterator[Group]:
    for one, other, n_words in _THRESHOLDS:
        pair = edits.on_threshold(supply.take(n_words), THRESHOLD, supply.take(n_words // 8))
        yield _group("near, exactly at the threshold", (one, other), pair)


def _classes(supply: Supply) -> Iterator[Group]:
    base = supply.take(2_600)
    yield _group("copies, all families", (BOOKS, CC, REDDIT), (base, base, base))
    first, spare = supply.take(460), supply.take(60)
    copy = edits.vary(first, "replace", Fraction(".96"), below=False, spare=spare, seed="class")
    yield _group("copies that go with their first", (WIKI, CC, CC, REDDIT), (first, copy, copy, copy))
    block = supply.take(120)
    yield _group("same shingles, other words", (OWT, REDDIT), (block * 3, block * 2))
    # The two in capitals are the same text, but what they are compared with is the one that stays.
    base = supply.take(210)
    loud = _like(base, "cased")
    yield _group("same text, same words", (WIKI, OWT, CC, REDDIT), (base, base, loud, loud))
    for one, other, n_words in _SIGNED:
        base = supply.take(n_words)
        yield _group("copy, signed", (one, other), (base, _like(base, "signed")))


def _group(name: str, places: Iterable[str], texts: Iterable[Lines]) -> Group:
    members = [Member(place=place, lines=lines) for place, lines in zip(places, texts, strict=True)]
    return Group(name=name, members=tuple(members))
