"""What each cleaning rule took, with examples of before and after: ingest's facts and ledger as rows."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from corpusmill.report.accounts import Row
from corpusmill.report.pairs import Piece

_SIGNS = {
    "\n": "↵\n",
    "\t": "⇥",
    "\r": "␍",
    " ": "·",
    "\u00a0": "⍽",
}  # of white space where it is what changed


def collect(facts: Mapping[str, Any], flows: Sequence[Row]) -> list[Row]:
    """One row a source and rule: the documents it changed, the bytes it took (negative where it added) and
    examples; sources as in `flows`, the rules that took most first.

    A rule that changed only documents that came to nothing has no row.
    """
    rows = []
    for flow in flows:
        rules = facts.get("changes", {}).get(flow["source"], {})
        took = {row["reason"]: row["bytes"] for row in flow["stages"][0]["removed"] if not row["records"]}
        named = ("doc_id", "path", "record", "before", "after")
        found = [
            {
                "source": flow["source"],
                "rule": rule,
                "documents": cell["documents"],
                "bytes": took.get(rule, 0),
                "examples": [{name: example[name] for name in named} for example in cell["examples"]],
            }
            for rule, cell in rules.items()
        ]
        rows += sorted(found, key=lambda row: (-row["bytes"], row["rule"]))
    return rows


def shown(before: str, after: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts as pieces, marked where they differ; white space in the marked pieces can be seen."""
    shorter = min(len(before), len(after))
    head = next((at for at in range(shorter) if before[at] != after[at]), shorter)
    most = shorter - head
    tail = next((at for at in range(most) if before[-1 - at] != after[-1 - at]), most)
    return _pieces(before, head, tail), _pieces(after, head, tail)


def _pieces(text: str, head: int, tail: int) -> list[Piece]:
    middle, rest = text[head : len(text) - tail], text[len(text) - tail :]
    pieces = [(visible(text[:head]), False), (visible(middle, _SIGNS), True), (visible(rest), False)]
    return [piece for piece in pieces if piece[0]]


def visible(text: str, signs: Mapping[str, str] = MappingProxyType({})) -> str:
    """`text` with `signs` for its white space, and escapes for what a page cannot hold."""
    return "".join(
        signs.get(each) or (each if each.isprintable() or each in "\n\t" else ascii(each)[1:-1])
        for each in text
    )
