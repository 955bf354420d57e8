"""Example pairs of near duplicates, and where their words differ.

Words are compared as deduplication sees them, lower-case runs of letters, digits and combining marks, so
what is marked is what lowers a Jaccard; the texts are shown as they stand. Only the few chosen texts are
read, each out of its own row group.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import pyarrow.parquet as pq

from corpusmill.report.scans import Pair, Sources

EXAMPLES = 5
CONTEXT = 9  # words shown before and after a difference
CHANGED = 60  # words shown of one difference, a side
PASSAGES = 4  # shown of one pair
COMPARED = 2_000_000  # characters of a text; its words take some hundred bytes each
ANCHOR = 5  # equal words in a row end a difference
WINDOWS = (64, 512, 4096)  # words after a difference in which its end is looked for

# Words are found where marks are "_" and that is a space, since a pattern knows no categories. A Han or kana
# character is a word by itself, with the marks that follow it.
_SHAPES = {point: "_" for point in range(0x110000) if unicodedata.category(chr(point)).startswith("M")}
_SHAPES[ord("_")] = " "
_KANA_HAN = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_WORD = re.compile(f"(?=[^\\W_])[{_KANA_HAN}]_*|[^\\W{_KANA_HAN}]+")
_ENDLESS = re.compile(r"(\w{60})\w+|([\W_]{24})[\W_]+")  # such words and gaps are shown by their beginning

Piece = tuple[str, bool]
"""Some text, and whether it is marked as different."""


@dataclass(frozen=True, kw_only=True)
class Passage:
    """Neighbouring differences with the words around, in pieces that make up each side's text."""

    kept: list[Piece]
    removed: list[Piece]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The first passages that differ, how many more there are, and whether all words were compared: after
    a difference of more than the largest of `WINDOWS`, and past `COMPARED`, they are not."""

    passages: list[Passage]
    more: int
    complete: bool


def choose(candidates: Mapping[Sources, Sequence[Pair]]) -> list[Pair]:
    """Up to `EXAMPLES` pairs: in turn one from each pair of sources, pairs across sources first, and no
    document shown twice as the kept one while there are others."""
    rounds = sorted(candidates, key=lambda sources: (sources[0] == sources[1], sources))
    queue = [
        candidates[sources][turn]
        for turn in range(max((len(pairs) for pairs in candidates.values()), default=0))
        for sources in rounds
        if turn < len(candidates[sources])
    ]
    fresh: dict[bytes, Pair] = {}
    for pair in queue:
        fresh.setdefault(pair.kept, pair)
    chosen = list(fresh.values())
    return [*chosen, *(pair for pair in queue if pair not in chosen)][:EXAMPLES]


def read_texts(files: Sequence[Path], places: Iterable[tuple[int, int]]) -> dict[tuple[int, int], str]:
    """The texts at (shard, row) of the documents table; memory holds one row group of texts at a time."""
    texts = {}
    for shard, row in sorted(set(places)):
        with pq.ParquetFile(files[shard]) as file:
            within, group = row, 0
            while within >= file.metadata.row_group(group).num_rows:
                within -= file.metadata.row_group(group).num_rows
                group += 1
            texts[shard, row] = file.read_row_group(group, columns=["text"])["text"][within].as_py()
    return texts


def compare(kept: str, removed: str) -> Comparison:
    """Where the words of two texts differ, with `CONTEXT` equal words around.

    Runs in time linear in the texts while their differences are small, as those of near duplicates are.
    """
    left, right = _Side(kept), _Side(removed)
    changes, complete = differences(left.words, right.words)
    if left.cut or right.cut:  # where one was cut the other goes on, which is no difference
        changes = [
            change for change in changes if change[1] < len(left.words) and change[3] < len(right.words)
        ]
    groups = _near_together(changes)
    return Comparison(
        passages=[
            Passage(
                kept=left.pieces([change[:2] for change in group]),
                removed=right.pieces([change[2:] for change in group]),
            )
            for group in groups[:PASSAGES]
        ],
        more=max(len(groups) - PASSAGES, 0),
        complete=complete and not (left.cut or right.cut),
    )


Change = tuple[int, int, int, int]  # left from, left to, right from, right to


def differences(left: Sequence[str], right: Sequence[str]) -> tuple[list[Change], bool]:
    """The stretches of words that differ, in order, and whether the texts were compared to their ends.

    Between the stretches the words are the same; where the comparison was given up, the last stretch
    reaches to both ends.
    """
    changes: list[Change] = []
    a = b = 0
    while True:
        same = _common(left, right, a, b)
        a, b = a + same, b + same
        if a == len(left) and b == len(right):
            return changes, True
        end = next((end for width in WINDOWS if (end := _meet(left, right, a, b, width))), None)
        if end is None:
            changes.append((a, len(left), b, len(right)))
            return changes, False
        changes += _refine(left, right, (a, end[0], b, end[1]))
        a, b = end


class _Side:
    """One of the two texts: its words as compared, and where they stand."""

    def __init__(self, text: str) -> None:
        self.cut = len(text) > COMPARED
        self._text = text[:COMPARED]
        found = _WORD.finditer(self._text.translate(_SHAPES))
        self._spans = [word.span() for word in found if word.group().strip("_")]  # marks alone are no word
        self.words = [self._text[begin:end].lower() for begin, end in self._spans]

    def pieces(self, changes: Sequence[tuple[int, int]]) -> list[Piece]:
        """The text from `CONTEXT` words before the first change to as many after the last."""
        first, last = max(changes[0][0] - CONTEXT, 0), min(changes[-1][1] + CONTEXT, len(self.words))
        if first == last:
            return []
        cursor, stop = self._spans[first][0], self._spans[last - 1][1]
        pieces = [("… ", False)] if first else []
        for start, end in changes:
            if start < end:
                pieces.append((self._text[cursor : self._spans[start][0]], False))
                pieces += self._marked(start, end)
                cursor = self._spans[end - 1][1]
        pieces.append((self._text[cursor:stop], False))
        pieces += [(" …", False)] if last < len(self.words) else []
        return [(_ENDLESS.sub(r"\1\2…", text), marked) for text, marked in pieces if text]

    def _marked(self, start: int, end: int) -> list[Piece]:
        shown = min(end, start + CHANGED)
        text = self._text[self._spans[start][0] : self._spans[shown - 1][1]]
        rest = [(f" … and {end - shown:,} more words", False)] if shown < end else []
        return [(text, True), *rest]


def _common(left: Sequence[str], right: Sequence[str], a: int, b: int) -> int:
    """How many words from `a` and `b` on are the same."""
    shorter = min(len(left) - a, len(right) - b)
    return next((step for step in range(shorter) if left[a + step] != right[b + step]), shorter)


def _meet(left: Sequence[str], right: Sequence[str], a: int, b: int, width: int) -> tuple[int, int] | None:
    """The nearest places where `ANCHOR` words (or the ends of both) agree again, at most `width` words on."""
    seen: dict[tuple[str, ...], int] = {}
    for place in range(b, min(b + width, len(right)) + 1):
        seen.setdefault(tuple(right[place : place + ANCHOR]), place)
    best: tuple[int, int] | None = None
    for place in range(a, min(a + width, len(left)) + 1):
        if best and place - a >= best[0] - a + best[1] - b:
            break
        other = seen.get(tuple(left[place : place + ANCHOR]))
        if other is not None and (not best or place + other < sum(best)):
            best = place, other
    return best


def _refine(left: Sequence[str], right: Sequence[str], change: Change) -> list[Change]:
    """A stretch without `ANCHOR` equal words in a row, cut at the shorter runs of equal words in it."""
    a, a_end, b, b_end = change
    if max(a_end - a, b_end - b) > WINDOWS[0]:
        return [change]
    matcher = SequenceMatcher(None, left[a:a_end], right[b:b_end], autojunk=False)
    return [
        (a + i, a + i_end, b + j, b + j_end)
        for tag, i, i_end, j, j_end in matcher.get_opcodes()
        if tag != "equal"
    ]


def _near_together(changes: Iterable[Change]) -> list[list[Change]]:
    """Differences whose contexts would touch make one passage."""
    groups: list[list[Change]] = []
    for change in changes:
        if groups and change[0] - groups[-1][-1][1] <= 2 * CONTEXT:
            groups[-1].append(change)
        else:
            groups.append([change])
    return groups
