"""Duplicates by definition: words, shingles, exact Jaccard and the greedy rule, in plain Python sets.

This is the independent check of `corpusmill.dedup`: slow, obvious, and written from the definitions alone,
so nothing here may import a kernel of the pipeline. Every comparison is in integers.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

Shingles = frozenset[tuple[str, ...]]

SHINGLE_WORDS = 5
# Hiragana and Katakana, Han: extension A, unified, compatibility, and the planes 2 and 3.
_SINGLE = ((0x3040, 0x30FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF))


def words(text: str) -> list[str]:
    """The maximal runs of alphanumeric characters and combining marks of the lower-cased text, but no marks
    alone; a Han, Hiragana or Katakana character is a word by itself, with the marks that follow it."""
    lowered = text.lower()
    spaced = {character: _spaced(character) for character in set(lowered)}
    found: list[str] = []
    for run in "".join([spaced[character] for character in lowered]).split():
        if run.isascii():
            found.append(run)
            continue
        rest = run
        if _is_single(run[0]) and run[0].isalnum():
            rest = run[1:].lstrip("".join(filter(_is_mark, set(run))))
            found.append(run[: len(run) - len(rest)])
        if any(map(str.isalnum, rest)):
            found.append(rest)
    return found


def _spaced(character: str) -> str:
    """What a run of words is made of, with a space in front of what begins a new one."""
    if character.isalnum():
        return f" {character}" if _is_single(character) else character
    return character if _is_mark(character) else " "


def _is_mark(character: str) -> bool:
    return unicodedata.category(character) in ("Mn", "Mc", "Me")


def _is_single(character: str) -> bool:
    return any(first <= ord(character) <= last for first, last in _SINGLE)


def shingles(spoken: Sequence[str]) -> Shingles:
    """All runs of five consecutive words; of one to four words, the one run of them; of none, none."""
    if len(spoken) < SHINGLE_WORDS:
        return frozenset({tuple(spoken)} if spoken else ())
    return frozenset(zip(*(spoken[start:] for start in range(SHINGLE_WORDS)), strict=False))


@dataclass(frozen=True, kw_only=True)
class Similarity:
    """How many shingles two texts share, and how many they have together."""

    overlap: int
    union: int

    @property
    def jaccard(self) -> float:
        """The quotient, rounded once; not for comparing with a threshold."""
        return self.overlap / self.union

    def reaches(self, threshold: Fraction) -> bool:
        """Whether the Jaccard is the threshold or above, in integers."""
        return self.overlap * threshold.denominator >= self.union * threshold.numerator


def compare(one: Shingles, other: Shingles) -> Similarity:
    """The similarity of two sets, not both empty."""
    overlap = len(one & other)
    return Similarity(overlap=overlap, union=len(one) + len(other) - overlap)


@dataclass(frozen=True, kw_only=True)
class Removal:
    """Why a text goes: the place of its witness in the order, how it is like it, and how much."""

    witness: int
    how: str
    similarity: Similarity


def kind(text: str, other: str) -> str:
    """How two duplicates are alike: in every character, in their words, or nearly."""
    if text == other:
        return "exact"
    return "words" if words(text) == words(other) else "near"


def resolve(texts: Iterable[str], threshold: Fraction) -> list[Removal | None]:
    """What becomes of texts given in the order of preference: each is kept (None) unless a kept one before
    it has the same words or reaches the threshold; the first such one is its witness."""
    fates: list[Removal | None] = []
    kept: list[tuple[int, str, Shingles]] = []
    for place, text in enumerate(texts):
        own = shingles(words(text))
        fate = None
        for witness, other, others in kept:
            similarity = compare(own, others)
            if similarity.reaches(threshold):
                fate = Removal(witness=witness, how=kind(text, other), similarity=similarity)
                break
        if fate is None:
            kept.append((place, text, own))
        fates.append(fate)
    return fates
