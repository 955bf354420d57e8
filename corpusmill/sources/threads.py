"""A thread's comments to its longest chain, the one path of a discussion that becomes a document.

OPT kept "the longest chain of comments in each thread" and says no more (arXiv 2205.01068, 2.3), so the
rules are ours, and total: the chain is a function of the set of comments, not of their order. No step
recurses, because threads of 100,000 comments exist, and all steps are linear.
"""

from collections.abc import Sequence
from typing import Protocol

_COMMENT = "t1_"


class Node(Protocol):
    """The part of a comment that chains are made of; `records.Comment` has it."""

    @property
    def id(self) -> str: ...
    @property
    def parent_id(self) -> str: ...
    @property
    def score(self) -> int | None: ...


def id_order(identifier: str) -> tuple[int, str]:
    """A sort key by which base-36 ids stand in the order of their numbers, which is that of time."""
    return len(identifier), identifier


def last_by_id(ids: Sequence[str]) -> tuple[list[int], list[int]]:
    """(indices kept, indices dropped), both ascending: of equal ids the last is kept, as later dumps of a
    comment are the more complete ones."""
    last = {identifier: index for index, identifier in enumerate(ids)}
    kept = [index for index, identifier in enumerate(ids) if last[identifier] == index]
    dropped = [index for index, identifier in enumerate(ids) if last[identifier] != index]
    return kept, dropped


def longest_chain(comments: Sequence[Node]) -> list[int]:
    """Indices of the longest chain of replies, from its root to its leaf; ids must differ (ValueError).

    - A comment's parent is the comment that its `parent_id` names as "t1_<id>". Where that is not among
      `comments`, or `parent_id` names the submission ("t3_"), the comment is a root.
    - A comment that names itself as its parent is a root. In a cycle the comment with the smallest id is
      made a root, and the others hang on it as they did.
    - Of several chains of the greatest length the one with the highest sum of scores wins (a score of
      None counts 0), and of those the one whose leaf has the smallest id. Ids are ordered as numbers.
    """
    parents = _parents(comments)
    order = _parents_first(parents, [comment.id for comment in comments])
    lengths = [0] * len(comments)
    scores = [0] * len(comments)
    for index in order:
        parent = parents[index]
        lengths[index] = 1 + (lengths[parent] if parent >= 0 else 0)
        scores[index] = (comments[index].score or 0) + (scores[parent] if parent >= 0 else 0)
    if not comments:
        return []
    best = max(zip(lengths, scores, strict=True))
    leaves = [index for index in order if (lengths[index], scores[index]) == best]
    index = min(leaves, key=lambda leaf: id_order(comments[leaf].id))
    chain = []
    while index >= 0:
        chain.append(index)
        index = parents[index]
    return chain[::-1]


def _parents(comments: Sequence[Node]) -> list[int]:
    """The index of each comment's parent, -1 for a root; cycles of two and more are still in it."""
    places = {comment.id: index for index, comment in enumerate(comments)}
    if len(places) != len(comments):
        raise ValueError("a thread with equal ids; keep the last of each first")
    parents = []
    for index, comment in enumerate(comments):
        parent = -1
        if comment.parent_id.startswith(_COMMENT):
            parent = places.get(comment.parent_id[len(_COMMENT) :], -1)
        parents.append(parent if parent != index else -1)
    return parents


def _parents_first(parents: list[int], ids: Sequence[str]) -> list[int]:
    """Every index, parents before their children. Cuts cycles in `parents`."""
    new, on_path, done = 0, 1, 2
    state = bytearray(len(parents))
    order: list[int] = []
    for start in range(len(parents)):
        path = []
        index = start
        while index >= 0 and state[index] == new:
            state[index] = on_path
            path.append(index)
            index = parents[index]
        if index >= 0 and state[index] == on_path:  # the path has come back to itself
            cycle = path[path.index(index) :]
            root = min(cycle, key=lambda member: id_order(ids[member]))
            parents[root] = -1
            # Walk on from the root, so that the cycle's members come in the order of their replies.
            turn = cycle.index(root)
            path[len(path) - len(cycle) :] = cycle[turn + 1 :] + cycle[: turn + 1]
        for member in reversed(path):
            state[member] = done
            order.append(member)
    return order
