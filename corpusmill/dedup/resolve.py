"""Who goes: the greedy answer over true pairs, in a total order.

A document is kept unless a *kept* one that precedes it is a true pair; the first such one is its
witness. So every removed document has a kept witness with the Jaccard that the table says, and no chain
of similar documents is ever dropped as a whole. The result depends on the pairs and the order only.
"""

import numba
import numpy as np

KEPT = -1


def witnesses(n_documents: int, pairs: np.ndarray) -> np.ndarray:
    """int64[n]: for each document, numbered by its place in the total order, the pair that removes it.

    `pairs` is int64[m, 2] of (preceding, following) numbers. The value is a row of `pairs`, whose first
    column is then the witness, or `KEPT`.
    """
    by = np.lexsort((pairs[:, 0], pairs[:, 1]))
    out = np.full(n_documents, KEPT, np.int64)
    _witnesses(np.ascontiguousarray(pairs[by]), by, out)
    return out


@numba.njit("void(i8[:, ::1], i8[::1], i8[::1])", cache=True, nogil=True)
def _witnesses(pairs: np.ndarray, rows: np.ndarray, out: np.ndarray) -> None:
    # Sorted by the following document, so each is decided after all that precede it.
    for at in range(len(pairs)):
        preceding, following = pairs[at]
        if out[following] == KEPT and out[preceding] == KEPT:
            out[following] = rows[at]
