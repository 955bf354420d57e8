"""Comments to the longest chain of each thread: the one path of a discussion that becomes a document.

OPT kept "the longest chain of comments in each thread" and says no more (arXiv 2205.01068, 2.3), so the rules
are ours, and total: what stays is a function of the set of comments, not of their order. All threads of a
partition are done at once on arrays; no step recurses, because chains of 100,000 comments exist.
"""

from dataclasses import dataclass

import numba
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

KEPT, COPY, BELOW_DROPPED, OFF_CHAIN = 0, 20, 21, 22  # 1 to 9 are Roller's rules, see `roller`
TOO_DEEP = 9
_COMMENT = "t1_"
_MOST = 1 << 40  # of a score, so that sums of 2^23 of them fit 64 bits


@dataclass(frozen=True, kw_only=True)
class Threads:
    """What became of n comments of m threads.

    `fate`: uint8[n], `KEPT`, the number of the rule of Roller's that drops it, `COPY`, `BELOW_DROPPED` or
    `OFF_CHAIN`. `depth`: int64[n], 1 for a root, 0 for copies. `chain`: int64[k], the rows that are kept,
    thread by thread and from root to leaf; those of thread t are `chain[chain_starts[t]:chain_starts[t + 1]]`
    (int64[m + 1], where m is one more than the largest number of a thread).
    """

    fate: np.ndarray
    depth: np.ndarray
    chain: np.ndarray
    chain_starts: np.ndarray


def build(
    thread: np.ndarray,
    ids: pa.Array,
    parents: pa.Array,
    scores: np.ndarray,
    dropped: np.ndarray,
    max_depth: int | None,
) -> Threads:
    """The fate of every comment. Row i is a comment of thread number `thread[i]` (int64[n], ascending), with
    `ids[i]` and `parents[i]` as in the dump, `scores[i]` (int64), and `dropped[i]` (uint8), the number of
    the rule that drops it by itself, or 0.

    1. Of several rows with the same id in a thread the last stays; the others are copies.
    2. A comment's parent is the row of its thread that "t1_<id>" names. Where there is none it is a root, and
       so is one that names itself; in a cycle the one with the smallest id is.
    3. What `dropped` names is dropped, what is deeper than `max_depth` as well, and all that hangs below.
    4. Of what is left of a thread the longest chain from a root to a leaf is kept; of several that with the
       highest sum of scores (each held to ±2^40), of those the one whose leaf has the smallest id. Ids are
       ordered as the base-36 numbers that they are: the shorter first, then as strings.
    """
    codes, of_parents, ranks = _codes(ids, parents)
    key = thread * np.int64(len(ranks) + 1) + codes
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    is_last = np.ones(len(key), np.bool_)
    is_last[order[:-1]] = ordered[1:] != ordered[:-1]
    rows = order[is_last[order]]  # one a comment, ascending by key
    parent = np.full(len(key), -1, np.int64)
    if len(rows):
        wanted = thread * np.int64(len(ranks) + 1) + of_parents
        place = np.minimum(np.searchsorted(key[rows], wanted), len(rows) - 1)
        found = (key[rows][place] == wanted) & (of_parents >= 0) & is_last
        parent = np.where(found, rows[place], -1)
        parent[parent == np.arange(len(parent))] = -1
    n_threads = int(thread[-1]) + 1 if len(thread) else 0
    fate, depth, chain, starts = _walk(
        thread,
        parent,
        is_last,
        ranks[codes] if len(codes) else codes,
        np.clip(scores, -_MOST, _MOST),
        dropped,
        max_depth or np.iinfo(np.int64).max,
        n_threads,
    )
    return Threads(fate=fate, depth=depth, chain=chain, chain_starts=starts)


def _codes(ids: pa.Array, parents: pa.Array) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """int64[n] codes of the ids, int64[n] those of the parents (-1 where it is no comment that is known), and
    int64[codes] the place of each code in the order of ids."""
    encoded = pc.cast(ids, pa.large_string()).dictionary_encode()
    names = encoded.dictionary
    of_parents = pc.if_else(
        pc.starts_with(parents, _COMMENT), pc.utf8_slice_codeunits(parents, len(_COMMENT)), None
    )
    found = pc.index_in(pc.cast(of_parents, pa.large_string()), names, skip_nulls=True)
    lengths = pc.utf8_length(names)
    order = pc.sort_indices(
        pa.table({"length": lengths, "name": names}), [("length", "ascending"), ("name", "ascending")]
    ).to_numpy()
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(len(order))
    return (
        encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64),
        pc.fill_null(found, -1).to_numpy(zero_copy_only=False).astype(np.int64),
        ranks,
    )


@numba.njit(cache=True)
def _walk(
    thread: np.ndarray,
    parent: np.ndarray,
    is_last: np.ndarray,
    rank: np.ndarray,
    score: np.ndarray,
    dropped: np.ndarray,
    max_depth: int,
    n_threads: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    n = len(parent)
    fate = np.full(n, OFF_CHAIN, np.uint8)
    depth = np.zeros(n, np.int64)
    order = _parents_first(parent, is_last, rank)
    length = np.zeros(n, np.int64)
    total = np.zeros(n, np.int64)
    best = np.full(n_threads, -1, np.int64)
    for row in range(n):
        if not is_last[row]:
            fate[row] = COPY
    for row in order:
        above = parent[row]
        depth[row] = 1 + (depth[above] if above >= 0 else 0)
        if dropped[row] > 0:
            fate[row] = dropped[row]
        elif above >= 0 and fate[above] != OFF_CHAIN:
            fate[row] = BELOW_DROPPED
        elif depth[row] > max_depth:
            fate[row] = TOO_DEEP
        else:
            length[row] = depth[row]
            total[row] = score[row] + (total[above] if above >= 0 else 0)
            leaf = best[thread[row]]
            if leaf < 0 or _is_better(row, leaf, length, total, rank):
                best[thread[row]] = row
    starts = np.zeros(n_threads + 1, np.int64)
    for each in range(n_threads):
        starts[each + 1] = starts[each] + (length[best[each]] if best[each] >= 0 else 0)
    chain = np.empty(starts[n_threads], np.int64)
    for each in range(n_threads):
        place, row = starts[each + 1], best[each]
        while row >= 0:
            place -= 1
            chain[place] = row
            fate[row] = KEPT
            row = parent[row]
    return fate, depth, chain, starts


@numba.njit(cache=True)
def _is_better(row: int, leaf: int, length: np.ndarray, total: np.ndarray, rank: np.ndarray) -> bool:
    if length[row] != length[leaf]:
        return bool(length[row] > length[leaf])
    if total[row] != total[leaf]:
        return bool(total[row] > total[leaf])
    return bool(rank[row] < rank[leaf])


@numba.njit(cache=True)
def _parents_first(parent: np.ndarray, is_last: np.ndarray, rank: np.ndarray) -> np.ndarray:
    """Every row that is no copy, parents before their children. Cuts cycles in `parent`."""
    n = len(parent)
    state = np.zeros(n, np.uint8)  # 0 new, 1 on the path, 2 done
    order = np.empty(n, np.int64)
    done = 0
    path = np.empty(n, np.int64)
    for start in range(n):
        if not is_last[start]:
            continue
        size, row = 0, start
        while row >= 0 and state[row] == 0:
            state[row] = 1
            path[size] = row
            size += 1
            row = parent[row]
        if row >= 0 and state[row] == 1:  # the path has come back to itself
            first = row
            root = row
            row = parent[row]
            while row != first:
                if rank[row] < rank[root]:
                    root = row
                row = parent[row]
            # Walk the cycle once more from the root, so that its members come in the order of their replies.
            members = 0
            while path[size - 1 - members] != first:
                members += 1
            members += 1
            turn = size - members
            while path[turn] != root:
                turn += 1
            rotated = np.concatenate((path[turn + 1 : size], path[size - members : turn + 1]))
            path[size - members : size] = rotated
            parent[root] = -1
        for place in range(size - 1, -1, -1):
            state[path[place]] = 2
            order[done] = path[place]
            done += 1
    return order[:done]
