from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.sources.threads import id_order, last_by_id, longest_chain


@dataclass(frozen=True, kw_only=True)
class Comment:
    id: str
    parent_id: str
    score: int | None = 1


def node(identifier: str, parent: str | None = None, score: int | None = 1) -> Comment:
    return Comment(id=identifier, parent_id=f"t1_{parent}" if parent else "t3_link", score=score)


def ids(comments: list[Comment]) -> list[str]:
    return [comments[index].id for index in longest_chain(comments)]


def brute_force(comments: list[Comment]) -> list[str]:
    """The same rules by recursion over every chain, cycles cut first where a walk of all parents returns."""
    by_id = {comment.id: comment for comment in comments}
    parents = {
        c.id: c.parent_id[3:] if c.parent_id[:3] == "t1_" and c.parent_id[3:] in by_id else None
        for c in comments
    }

    def ancestors(identifier: str) -> list[str]:
        walk = []
        at = parents[identifier]
        while at is not None and at not in walk:
            walk.append(at)
            at = parents[at]
        return walk

    cycles = {frozenset(ancestors(i)) for i in by_id if i in ancestors(i)}
    for cycle in cycles:
        parents[min(cycle, key=id_order)] = None

    def chains(path: list[str]) -> list[list[str]]:
        children = [i for i in by_id if parents[i] == path[-1]]
        return [path] + [chain for child in children for chain in chains([*path, child])]

    every = [chain for root in by_id if parents[root] is None for chain in chains([root])]
    total = {tuple(chain): sum(by_id[i].score or 0 for i in chain) for chain in every}
    ranked = sorted(every, key=lambda chain: (-len(chain), -total[tuple(chain)], id_order(chain[-1])))
    return ranked[0] if ranked else []


names = ["a", "b", "z", "aa", "c1", "zz"]
threads = st.lists(
    st.builds(
        node,
        st.sampled_from(names),
        st.sampled_from([None, "gone", *names]),
        st.sampled_from([None, -1, 0, 2]),
    ),
    max_size=6,
    unique_by=lambda comment: comment.id,
)


@given(threads)
def test_chain_is_that_of_a_search_of_all_chains(comments: list[Comment]) -> None:
    assert ids(comments) == brute_force(comments)


@given(threads.flatmap(lambda comments: st.tuples(st.just(comments), st.permutations(comments))))
def test_chain_does_not_depend_on_the_order_of_comments(pair: tuple[list[Comment], list[Comment]]) -> None:
    comments, shuffled = pair
    assert ids(comments) == ids(list(shuffled))


def test_longest_chain_wins_over_a_higher_score() -> None:
    assert ids([node("a"), node("b", "a"), node("c", "b"), node("d", "a", 100)]) == ["a", "b", "c"]


def test_of_equally_long_chains_the_higher_sum_of_scores_wins() -> None:
    assert ids([node("a"), node("b", "a", None), node("c", "a", 1), node("d", "a", -5)]) == ["a", "c"]


def test_of_equal_chains_the_smallest_leaf_in_base_36_wins() -> None:
    assert ids([node("a"), node("b1", "a"), node("z", "a"), node("b0", "a")]) == ["a", "z"]


def test_comment_whose_parent_is_missing_is_a_root() -> None:
    assert ids([node("b", "gone"), node("c", "b"), node("a")]) == ["b", "c"]


def test_comment_that_is_its_own_parent_is_a_root() -> None:
    assert ids([node("b", "b"), node("c", "b")]) == ["b", "c"]


def test_smallest_id_of_a_cycle_becomes_its_root() -> None:
    assert ids([node("c", "b"), node("z", "aa"), node("b", "z"), node("aa", "b")]) == ["b", "aa", "z"]


def test_no_comments_have_no_chain_and_equal_ids_are_an_error() -> None:
    assert longest_chain([]) == []
    with pytest.raises(ValueError, match="equal ids"):
        longest_chain([node("a"), node("a")])


@given(st.lists(st.sampled_from("abc")))
def test_the_last_of_equal_ids_is_kept(identifiers: list[str]) -> None:
    kept, dropped = last_by_id(identifiers)
    assert sorted(kept + dropped) == list(range(len(identifiers)))
    assert kept == sorted(kept)
    assert dropped == sorted(dropped)
    assert {identifiers[i]: i for i in kept} == {identifier: i for i, identifier in enumerate(identifiers)}


@pytest.mark.parametrize("reverse", [False, True])
def test_chains_cycles_and_stars_of_200000_comments_need_no_recursion(reverse: bool) -> None:
    n = 200_000
    step = -1 if reverse else 1
    chain = [node(f"{i:06}", f"{i - 1:06}" if i else None) for i in range(n)][::step]
    assert ids(chain) == [f"{i:06}" for i in range(n)]
    cycle = [node(f"{i:06}", f"{(i - 1) % n:06}") for i in range(n)][::step]
    assert ids(cycle) == [f"{i:06}" for i in range(n)]
    star = [node("r"), *(node(f"{i:06}", "r") for i in range(n))][::step]
    assert ids(star) == ["r", "000000"]
