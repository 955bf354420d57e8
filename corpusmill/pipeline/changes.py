"""What the cleaning rules did to documents: how many each changed, and a few examples of before and after.

The examples are those of the documents with the smallest hashes, so that they are a sample, and the same one
whatever was read first. They travel in the receipts' facts and are merged by `merge`.
"""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from corpusmill.clean.rules import Change

EXAMPLES = 3  # of each rule and source
_BEFORE, _SHOWN = 80, 320  # characters in front of the first difference, and in all

Facts = dict[str, dict[str, dict[str, Any]]]  # {source: {rule: {"documents": n, "examples": [...]}}}


class Noted(NamedTuple):
    """What a rule did to a document: bytes it took, and an example if one may be needed."""

    rule: str
    taken: int
    example: dict[str, Any] | None


class Changes:
    """The changes of one work item."""

    def __init__(self) -> None:
        self._facts: Facts = {}

    def note(
        self, source: str, doc_id: bytes, path: str, record: str, changes: Sequence[Change]
    ) -> list[Noted]:
        """The changes of a document without its texts, which are looked at only for an example."""
        noted = []
        for change in changes:
            key = zlib.crc32(change.rule.encode(), zlib.crc32(doc_id))
            example = None
            if self._wanted(source, change.rule, key):
                before, after = _difference(change.before, change.after)
                example = {"key": key, "doc_id": doc_id.hex(), "path": path, "record": record}
                example |= {"before": before, "after": after}
            noted.append(Noted(change.rule, change.taken, example))
        return noted

    def add(self, source: str, noted: Iterable[Noted]) -> None:
        """Count the changes of a document that is kept."""
        by_rule: dict[str, list[dict[str, Any]]] = {}
        for each in noted:
            by_rule.setdefault(each.rule, []).extend([each.example] if each.example else [])
        for rule, examples in by_rule.items():
            cell = self._facts.setdefault(source, {}).setdefault(rule, {"documents": 0, "examples": []})
            cell["documents"] += 1
            cell["examples"] = _first([*cell["examples"], *examples[:1]])

    def facts(self) -> Facts:
        """For the item's receipt."""
        return self._facts

    def _wanted(self, source: str, rule: str, key: int) -> bool:
        examples = self._facts.get(source, {}).get(rule, {"examples": []})["examples"]
        return len(examples) < EXAMPLES or key < examples[-1]["key"]


def merge(facts: Iterable[Mapping[str, Mapping[str, Mapping[str, Any]]]]) -> Facts:
    """The changes of many items, sources and rules sorted by name."""
    total: Facts = {}
    for each in facts:
        for source, rules in each.items():
            for rule, cell in rules.items():
                sums = total.setdefault(source, {}).setdefault(rule, {"documents": 0, "examples": []})
                sums["documents"] += cell["documents"]
                sums["examples"] = _first([*sums["examples"], *cell["examples"]])
    return {source: dict(sorted(rules.items())) for source, rules in sorted(total.items())}


def _first(examples: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(examples, key=lambda each: (each["key"], each["doc_id"]))[:EXAMPLES]


def _difference(before: str, after: str) -> tuple[str, str]:
    """The passages of both texts around their first difference."""
    same, longer = 0, min(len(before), len(after))
    while same < longer:  # how far they agree, by halving: comparing slices is fast, characters are not
        middle = (same + longer + 1) // 2
        if before[same:middle] == after[same:middle]:
            same = middle
        else:
            longer = middle - 1
    start = max(0, same - _BEFORE)
    return before[start : start + _SHOWN], after[start : start + _SHOWN]
