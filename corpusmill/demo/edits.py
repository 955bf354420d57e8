"""Texts for plants, and edits that bring a copy to a wanted Jaccard.

A text is a tuple of lines, each line words with single spaces between them, so that cleaning has nothing
to do. The amount of an edit is searched, not computed: how many shingles it costs depends on what repeats.
"""

import random
import re
from collections.abc import Callable, Iterable
from fractions import Fraction

from corpusmill.demo import plants
from corpusmill.errors import CorpusmillError

Lines = tuple[str, ...]
Edit = Callable[[Lines, int, Lines, random.Random], Lines]

_PLAIN = re.compile(r"[A-Z][A-Za-z0-9 \n.,;:'\u2019()!?-]+[a-z)][.!?]")
_ONE_WORD = re.compile(r"[(']*[A-Za-z0-9]+[).,;:'!?]*")
_LINE_WORDS = 60  # a longer paragraph makes several lines


class Quarry:
    """Paragraphs in plain English that are handed out once each, so that no two plants share one."""

    def __init__(self, paragraphs: Iterable[str]) -> None:
        self._lines: list[str] = []
        for paragraph in paragraphs:
            tokens = [token for token in paragraph.split() if _ONE_WORD.fullmatch(token)]
            for start in range(0, len(tokens), _LINE_WORDS):
                self._lines.append(" ".join(tokens[start : start + _LINE_WORDS]))
        self._next = 0

    def take(self, n_words: int) -> Lines:
        """The next `n_words` words; `CorpusmillError` if there are not so many left."""
        taken: list[str] = []
        while n_words > 0:
            if self._next == len(self._lines):
                raise CorpusmillError("the installed packages hold too little text for the demo's plants")
            tokens = self._lines[self._next].split(" ")[:n_words]
            taken.append(" ".join(tokens))
            n_words -= len(tokens)
            self._next += 1
        return tuple(taken)


def is_plain(paragraph: str) -> bool:
    """Whether a paragraph is sentences, in which no cleaning rule finds anything to do."""
    return _PLAIN.fullmatch(paragraph) is not None and ".." not in paragraph and len(paragraph.split()) >= 20


def extend(base: Lines, amount: int, spare: Lines, chance: random.Random) -> Lines:
    """`amount` words more at the end, as lines of their own."""
    return base + cut_to(spare, amount)


def cut(base: Lines, amount: int, spare: Lines, chance: random.Random) -> Lines:
    """`amount` words less at the end."""
    return cut_to(base, count(base) - amount)


def insert(base: Lines, amount: int, spare: Lines, chance: random.Random) -> Lines:
    """`amount` words more in one place, as lines of their own."""
    place = chance.randrange(1, max(2, len(base)))
    return base[:place] + cut_to(spare, amount) + base[place:]


def replace(base: Lines, amount: int, spare: Lines, chance: random.Random) -> Lines:
    """Other words in `amount` places; of two amounts the smaller changes some of the larger's places."""
    tokens = [line.split(" ") for line in base]
    places = [(line, word) for line, row in enumerate(tokens) for word in range(len(row))]
    chance.shuffle(places)
    others = " ".join(spare).split(" ")
    for (line, word), other in zip(places[:amount], others, strict=False):
        tokens[line][word] = other
    return tuple(" ".join(row) for row in tokens)


def swap(base: Lines, amount: int, spare: Lines, chance: random.Random) -> Lines:
    """`amount` pairs of neighbouring lines in the other order."""
    lines = list(base)
    firsts = list(range(0, len(base) - 1, 2))
    chance.shuffle(firsts)
    for first in firsts[:amount]:
        lines[first], lines[first + 1] = lines[first + 1], lines[first]
    return tuple(lines)


EDITS: dict[str, Edit] = {"extend": extend, "cut": cut, "insert": insert, "replace": replace, "swap": swap}


def count(lines: Lines) -> int:
    """The number of words."""
    return sum(line.count(" ") + 1 for line in lines)


def cut_to(lines: Lines, n_words: int) -> Lines:
    """The first `n_words` words."""
    taken: list[str] = []
    for line in lines:
        tokens = line.split(" ")[:n_words]
        if not tokens:
            break
        taken.append(" ".join(tokens))
        n_words -= len(tokens)
    return tuple(taken)


def text(lines: Lines) -> str:
    """The text that the lines make."""
    return "\n".join(lines)


def shingles(lines: Lines) -> plants.Shingles:
    """The shingles of the text that the lines make."""
    return plants.shingles(plants.words(text(lines)))


def vary(base: Lines, edit: str, aim: Fraction, *, below: bool, spare: Lines, seed: str) -> Lines:
    """A copy of `base` with the most editing at which its Jaccard is still `aim` or more; with `below`, one
    step further, so just less. `ValueError` if one step is too much, or all the spare words too few."""
    reference = shingles(base)
    limit = min(count(spare), count(base) - 1) if edit != "swap" else len(base) // 2

    def copy(amount: int) -> Lines:
        return EDITS[edit](base, amount, spare, random.Random(seed))

    def reaches(amount: int) -> bool:
        return plants.compare(reference, shingles(copy(amount))).reaches(aim)

    low, high = 0, limit + 1  # reaches(low), not reaches(high): the edit is the worse the larger
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if reaches(middle) else (low, middle)
    amount = high if below else low
    if not 0 < amount <= limit:
        raise ValueError(f"{edit} of {count(base)} words cannot reach {aim} ({seed})")
    return copy(amount)


def on_threshold(base: Lines, aim: Fraction, spare: Lines) -> tuple[Lines, Lines]:
    """The longest beginning of `base` that has a longer copy at the Jaccard `aim` exactly, and that copy.

    `ValueError` if there is none.
    """
    for n_words in range(count(base), 0, -1):
        shorter = cut_to(base, n_words)
        size = len(shingles(shorter))
        if size % aim.numerator == 0:
            more = size // aim.numerator * (aim.denominator - aim.numerator)
            longer = shorter + cut_to(spare, more)
            similarity = plants.compare(shingles(shorter), shingles(longer))
            if Fraction(similarity.overlap, similarity.union) == aim:
                return shorter, longer
    raise ValueError(f"no beginning of {count(base)} words has a copy at {aim}")
