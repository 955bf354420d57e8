"""The fates of comments, against a naive recursion over every chain of every thread."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.sources import threads
from corpusmill.sources.threads import BELOW_DROPPED, COPY, KEPT, OFF_CHAIN, TOO_DEEP, Threads


@dataclass(frozen=True, kw_only=True)
class Comment:
    id: str
    parent_id: str
    score: int = 1
    dropped: int = 0


def node(identifier: str, parent: str | None = None, score: int = 1, dropped: int = 0) -> Comment:
    parent_id = f"t1_{parent}" if parent else "t3_link"
    return Comment(id=identifier, parent_id=parent_id, score=score, dropped=dropped)


def build(every: Sequence[Sequence[Comment]], max_depth: int | None = None) -> Threads:
    """`threads.build` on the comments of some threads."""
    rows = [(number, comment) for number, thread in enumerate(every) for comment in thread]
    return threads.build(
        np.array([number for number, _ in rows], np.int64),
        pa.array([comment.id for _, comment in rows], pa.string()),
        pa.array([comment.parent_id for _, comment in rows], pa.string()),
        np.array([comment.score for _, comment in rows], np.int64),
        np.array([comment.dropped for _, comment in rows], np.uint8),
        max_depth,
    )


def ids(comments: Sequence[Comment], max_depth: int | None = None) -> list[str]:
    """The kept chain of one thread."""
    built = build([comments], max_depth)
    return [comments[row].id for row in built.chain.tolist()]


def id_order(identifier: str) -> tuple[int, str]:
    return len(identifier), identifier


def brute_force(comments: Sequence[Comment], max_depth: int | None) -> tuple[list[int], list[int], list[int]]:
    """(fates, depths, rows of the chain) of one thread, by the rules' words and by recursion."""
    last = {comment.id: row for row, comment in enumerate(comments)}
    by_id = {identifier: comments[row] for identifier, row in last.items()}
    parents = {
        identifier: c.parent_id[3:] if c.parent_id[:3] == "t1_" and c.parent_id[3:] in by_id else None
        for identifier, c in by_id.items()
    }

    def ancestors(identifier: str) -> list[str]:
        walk: list[str] = []
        at = parents[identifier]
        while at is not None and at not in walk:
            walk.append(at)
            at = parents[at]
        return walk

    for cycle in {frozenset(ancestors(i)) for i in by_id if i in ancestors(i)}:
        parents[min(cycle, key=id_order)] = None
    depths = {identifier: 1 + len(ancestors(identifier)) for identifier in by_id}
    stays = {}
    fates = {}
    for identifier in sorted(by_id, key=lambda each: depths[each]):
        parent = parents[identifier]
        if by_id[identifier].dropped:
            fates[identifier] = by_id[identifier].dropped
        elif parent is not None and not stays[parent]:
            fates[identifier] = BELOW_DROPPED
        elif max_depth is not None and depths[identifier] > max_depth:
            fates[identifier] = TOO_DEEP
        stays[identifier] = identifier not in fates

    def chains(path: list[str]) -> list[list[str]]:
        children = [i for i in by_id if parents[i] == path[-1] and stays[i]]
        return [path] + [chain for child in children for chain in chains([*path, child])]

    every = [chain for root in by_id if parents[root] is None and stays[root] for chain in chains([root])]
    total = {tuple(chain): sum(by_id[i].score for i in chain) for chain in every}
    ranked = sorted(every, key=lambda chain: (-len(chain), -total[tuple(chain)], id_order(chain[-1])))
    best = ranked[0] if ranked else []
    fates |= {
        identifier: KEPT if identifier in best else OFF_CHAIN for identifier in by_id if stays[identifier]
    }
    is_copy = [last[comment.id] != row for row, comment in enumerate(comments)]
    return (
        [COPY if copy else fates[each.id] for each, copy in zip(comments, is_copy, strict=True)],
        [0 if copy else depths[each.id] for each, copy in zip(comments, is_copy, strict=True)],
        [last[identifier] for identifier in best],
    )


names = ["a", "b", "z", "aa", "c1", "zz", "é"]
comments = st.builds(
    node,
    st.sampled_from(names),
    st.sampled_from([None, "gone", *names]),
    st.sampled_from([-1, 0, 2, 2**62]),
    st.sampled_from([0, 0, 0, 1, 7]),
)
forests = st.lists(st.lists(comments, max_size=7), max_size=3)


@given(forests, st.sampled_from([None, 1, 2, 3]))
def test_fates_depths_and_chains_are_those_of_a_search_of_all_chains(
    forest: list[list[Comment]], max_depth: int | None
) -> None:
    built = build(forest, max_depth)
    first = 0
    for number, thread in enumerate(forest):
        fates, depths, chain = brute_force(thread, max_depth)
        rows = slice(first, first + len(thread))
        assert built.fate[rows].tolist() == fates
        assert built.depth[rows].tolist() == depths
        if number < len(built.chain_starts) - 1:
            start, stop = built.chain_starts[number : number + 2].tolist()
            assert built.chain[start:stop].tolist() == [first + row for row in chain]
        first += len(thread)


@given(forests, st.randoms())
def test_what_stays_does_not_depend_on_the_order_of_comments(
    forest: list[list[Comment]], random: object
) -> None:
    for thread in forest:
        unique = list({comment.id: comment for comment in thread}.values())
        shuffled = list(unique)
        random.shuffle(shuffled)  # type: ignore[attr-defined]
        assert ids(unique) == ids(shuffled)


def test_longest_chain_wins_over_a_higher_score() -> None:
    assert ids([node("a"), node("b", "a"), node("c", "b"), node("d", "a", 100)]) == ["a", "b", "c"]


def test_of_equally_long_chains_the_higher_sum_of_scores_wins() -> None:
    assert ids([node("a"), node("b", "a", 0), node("c", "a", 1), node("d", "a", -5)]) == ["a", "c"]


def test_of_equal_chains_the_smallest_leaf_in_base_36_wins() -> None:
    assert ids([node("a"), node("b1", "a"), node("z", "a"), node("b0", "a")]) == ["a", "z"]


def test_comment_whose_parent_is_missing_is_a_root() -> None:
    assert ids([node("b", "gone"), node("c", "b"), node("a")]) == ["b", "c"]


def test_comment_that_is_its_own_parent_is_a_root() -> None:
    assert ids([node("b", "b"), node("c", "b")]) == ["b", "c"]


def test_smallest_id_of_a_cycle_becomes_its_root() -> None:
    assert ids([node("c", "b"), node("z", "aa"), node("b", "z"), node("aa", "b")]) == ["b", "aa", "z"]


def test_a_parent_in_another_thread_is_none() -> None:
    built = build([[node("a")], [node("b", "a")]])
    assert built.depth.tolist() == [1, 1]
    assert built.chain_starts.tolist() == [0, 1, 2]


def test_a_dropped_comment_takes_all_below_it_and_its_own_rule_is_named() -> None:
    thread = [node("a"), node("b", "a", dropped=7), node("c", "b"), node("d", "c", dropped=2), node("e", "a")]
    assert build([thread]).fate.tolist() == [KEPT, 7, BELOW_DROPPED, 2, KEPT]


def test_depth_is_counted_from_the_post_and_orphans_have_depth_one() -> None:
    thread = [node("a"), node("b", "a"), node("c", "b"), node("d", "c"), node("o", "gone")]
    built = build([thread], max_depth=2)
    assert built.fate.tolist() == [KEPT, KEPT, TOO_DEEP, BELOW_DROPPED, OFF_CHAIN]
    assert built.depth.tolist() == [1, 2, 3, 4, 1]


def test_a_thread_without_comments_among_others_has_an_empty_chain() -> None:
    built = build([[node("a")], [], [node("b", dropped=1)], [node("c")]])
    assert built.chain.tolist() == [0, 2]
    assert built.chain_starts.tolist() == [0, 1, 1, 1, 2]


def test_sums_of_extreme_scores_do_not_overflow() -> None:
    high = [node("a"), *(node(f"b{n}", f"b{n - 1}" if n else "a", 2**63 - 1) for n in range(4))]
    low = [node(f"c{n}", f"c{n - 1}" if n else "a", -(2**63)) for n in range(4)]
    assert ids([*high, *low]) == ["a", "b0", "b1", "b2", "b3"]


@pytest.mark.parametrize("step", [1, -1])
def test_chains_cycles_and_stars_of_300000_comments_need_no_recursion(step: int) -> None:
    n = 300_000
    names = [f"{number:06}" for number in range(n)]
    assert huge(names, [None, *names[:-1]], step) == names
    assert huge(names, [names[-1], *names[:-1]], step) == names
    assert huge(names, [None, *names[:1] * (n - 1)], step) == names[:2]


def huge(names: list[str], parents: list[str | None], step: int) -> list[str]:
    """The kept chain of one thread, from arrays: a hundred thousand `Comment`s take seconds to make."""
    n = len(names)
    rows = names[::step]
    built = threads.build(
        np.zeros(n, np.int64),
        pa.array(rows),
        pa.array([f"t1_{parent}" if parent else "t3_link" for parent in parents[::step]]),
        np.ones(n, np.int64),
        np.zeros(n, np.uint8),
        None,
    )
    return [rows[row] for row in built.chain.tolist()]
