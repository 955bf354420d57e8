"""`truth.json`: where every planted text lies, how alike they are, and what must happen to each.

Similarities and survivors are computed here from the planted texts alone (with the line ends that cleaning
leaves them), in plain Python, before any pipeline runs. The order of preference is the one that the
documents table makes possible to check: source priority, then more bytes of text, then the smaller id.
"""

import hashlib
import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from corpusmill import documents
from corpusmill.demo import edits, plants
from corpusmill.demo.plan import PRIORITY, THRESHOLD, Group
from corpusmill.demo.plants import Removal, Shingles

_MISS = 0.9  # pairs that are less alike are not worth a line


@dataclass(frozen=True, kw_only=True)
class Plant:
    """One planted text: member number `member` of group number `group`."""

    group: int
    member: int
    place: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a document comes from, exactly as the documents table has it."""

    source: str
    path: str
    record: str

    def as_dict(self) -> dict[str, str]:
        """For JSON."""
        return {"source": self.source, "path": self.path, "record": self.record}


@dataclass(frozen=True, kw_only=True)
class Account:
    """What the writers of the inputs wrote down: where plants went, what cleaning must leave of them, and how
    many records of each fate."""

    origins: dict[tuple[int, int], Origin] = field(default_factory=dict)
    texts: dict[tuple[int, int], str] = field(default_factory=dict)
    documents: Counter[str] = field(default_factory=Counter)
    rejects: Counter[tuple[str, str]] = field(default_factory=Counter)
    damaged: list[dict[str, Any]] = field(default_factory=list)
    leaks: list[tuple[Origin, str]] = field(default_factory=list)
    unfinished: list[Origin] = field(default_factory=list)

    def document(self, origin: Origin, plant: Plant | None = None, left: str | None = None) -> None:
        """Count a document, and remember where a planted one lies and which text is `left` of it, if that is
        not its own."""
        self.documents[origin.source] += 1
        if plant is not None:
            self.origins[plant.group, plant.member] = origin
            self.texts[plant.group, plant.member] = plant.text if left is None else left

    def reject(self, source: str, reason: str) -> None:
        """Count a record that cannot be used."""
        self.rejects[source, reason] += 1

    def damage(self, source: str, path: str, complete: int) -> None:
        """Note a file that breaks off after `complete` records."""
        self.reject(source, "damaged")
        self.damaged.append({"source": source, "path": path, "complete_records": complete})


def planted(groups: Sequence[Group]) -> list[Plant]:
    """All planted texts."""
    return [
        Plant(group=number, member=place, place=member.place, text=edits.text(member.lines))
        for number, group in enumerate(groups)
        for place, member in enumerate(group.members)
    ]


def describe(groups: Sequence[Group], account: Account) -> dict[str, Any]:
    """The content of `truth.json`, but for its stamp."""
    pairs: list[dict[str, Any]] = []
    described: list[dict[str, Any]] = []
    for number, group in enumerate(groups):
        origins = [account.origins[number, member] for member in range(len(group.members))]
        texts = [account.texts[number, member] for member in range(len(group.members))]
        fates = _fates(origins, texts)
        pairs += _pairs(group.name, origins, texts, fates)
        described.append(
            {
                "name": group.name,
                "documents": [
                    {**origin.as_dict(), **_measures(text), **_fate(fate, origins)}
                    for origin, text, fate in zip(origins, texts, fates, strict=True)
                ],
            }
        )
    return {
        "threshold": str(float(THRESHOLD)),
        "pairs": pairs,
        "groups": described,
        "documents": dict(sorted(account.documents.items())),
        "rejects": [
            {"source": source, "reason": reason, "records": records}
            for (source, reason), records in sorted(account.rejects.items())
        ],
        "damaged": account.damaged,
        "leaks": [{**origin.as_dict(), "question": question} for origin, question in account.leaks],
        "unfinished": [origin.as_dict() for origin in account.unfinished],
    }


def _measures(text: str) -> dict[str, Any]:
    return {
        "words": len(plants.words(text)),
        "text_hash": hashlib.blake2b(text.encode(), digest_size=documents.ID_BYTES).hexdigest(),
    }


def _fates(origins: Sequence[Origin], texts: Sequence[str]) -> list[Removal | None]:
    """What becomes of each member; the witnesses are members' numbers."""

    def preference(member: int) -> tuple[int, int, bytes]:
        origin = origins[member]
        doc_id = documents.doc_id(origin.source, origin.path, origin.record)
        return PRIORITY.index(origin.source), -len(texts[member].encode()), doc_id

    order = sorted(range(len(texts)), key=preference)
    fates: list[Removal | None] = [None] * len(texts)
    for member, fate in zip(
        order, plants.resolve([texts[member] for member in order], THRESHOLD), strict=True
    ):
        if fate is not None:
            fates[member] = Removal(witness=order[fate.witness], how=fate.how, similarity=fate.similarity)
    return fates


def _fate(fate: Removal | None, origins: Sequence[Origin]) -> dict[str, Any]:
    if fate is None:
        return {"removed": False}
    return {
        "removed": True,
        "witness": origins[fate.witness].as_dict(),
        "how": fate.how,
        "jaccard": fate.similarity.jaccard,
    }


def _pairs(
    name: str, origins: Sequence[Origin], texts: Sequence[str], fates: Sequence[Removal | None]
) -> list[dict[str, Any]]:
    """Every pair of a group's members that is at least nearly a near miss."""
    sets: list[Shingles] = [plants.shingles(plants.words(text)) for text in texts]
    pairs = []
    for a, b in itertools.combinations(range(len(texts)), 2):
        similarity = plants.compare(sets[a], sets[b])
        if similarity.jaccard >= _MISS:
            kind = plants.kind(texts[a], texts[b]) if similarity.reaches(THRESHOLD) else "miss"
            pairs.append(
                {
                    "group": name,
                    "kind": kind,
                    "a": origins[a].as_dict(),
                    "b": origins[b].as_dict(),
                    "jaccard": similarity.jaccard,
                    "overlap": similarity.overlap,
                    "union": similarity.union,
                    "removed": None if kind == "miss" else _loser(a, b, fates),
                }
            )
    return pairs


def _loser(a: int, b: int, fates: Sequence[Removal | None]) -> str:
    """Which of a pair of duplicates goes; `both` where a third one takes both."""
    gone = [name for member, name in ((a, "a"), (b, "b")) if fates[member] is not None]
    return gone[0] if len(gone) == 1 else "both"
