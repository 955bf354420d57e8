"""From a position in the training to the tokens that stand there.

    position  ->  (epoch, index)  ->  permuted index  ->  window of the token stream

The position is the number of sequences consumed so far, and the whole state of the loader: what stands at
a position depends on (seed, position) only. Ranks take slices of the global batch, so the order of the
training is the same for any number of them, and a resume costs nothing.

A window is `sequence + 1` tokens, inputs and targets one apart. It starts where the one before it has its
last target, so each token but the stream's first is a target once an epoch. Windows run across documents.
"""

from collections.abc import Iterable

import numpy as np

from corpusmill.errors import CorpusmillError
from corpusmill.tokenize.shards import TokenStream
from corpusmill.train.permute import derive_key, permute


class Windows:
    """The windows of a stream, read where the shards are memory-mapped; `len` is their number."""

    def __init__(self, stream: TokenStream, sequence: int) -> None:
        self._stream = stream
        self._sequence = sequence
        self._vocabulary = vocabulary_size(stream)

    def __len__(self) -> int:
        return max(0, len(self._stream) - 1) // self._sequence

    def read(self, indices: Iterable[int]) -> np.ndarray:
        """int64[indices, sequence + 1]: the windows `indices`. `CorpusmillError` if a token id is not in
        the vocabulary, which would train on rows of the table that stand for nothing."""
        starts = [index * self._sequence for index in indices]
        rows = [self._stream.read(start, start + self._sequence + 1) for start in starts]
        batch = np.stack(rows).astype(np.int64)
        if batch.max() >= self._vocabulary:
            split = self._stream.metadata.get("split")
            raise CorpusmillError(
                f"token id {batch.max()} in the shards of split {split!r}, whose vocabulary has "
                f"{self._vocabulary} tokens; run `corpusmill tokenize` again"
            )
        return batch


def vocabulary_size(stream: TokenStream) -> int:
    """The size of the tokenizer's vocabulary, from the shards' metadata."""
    text = stream.metadata.get("vocabulary_size", "")
    if not text.isdecimal():
        raise CorpusmillError(
            f"the token shards' metadata gives vocabulary_size as {text!r}; run `corpusmill tokenize` again"
        )
    return int(text)


def require_window(stream: TokenStream, sequence: int) -> None:
    """`CorpusmillError` unless `stream` holds at least one window."""
    if len(stream) <= sequence:
        raise CorpusmillError(
            f"the train split has {len(stream)} tokens, but one window takes {sequence + 1}; "
            f"lower train.sequence ({sequence}) in the recipe, or give it more input"
        )


def window_at(position: int, windows: int, seed: int) -> int:
    """The window, of `windows`, that is trained on at `position`; each epoch is a permutation of its own."""
    epoch, index = divmod(position, windows)
    return permute(index, windows, derive_key("windows", seed, epoch))


def positions(first: int, batch: int, rank: int, world_size: int) -> range:
    """The positions that `rank` trains on in a step: its slice of the `batch` sequences from `first` on.

    `batch` is a multiple of `world_size`; the slices of the ranks, in order, are the global batch.
    """
    share = batch // world_size
    start = first + rank * share
    return range(start, start + share)
