from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.errors import CorpusmillError
from corpusmill.tokenize.shards import TokenStream, open_split
from corpusmill.train.data import Windows, positions, require_window, vocabulary_size, window_at

MakeRun = Callable[..., Path]


@pytest.fixture(scope="module")
def stream(make_run: MakeRun, tmp_path_factory: pytest.TempPathFactory) -> TokenStream:
    return open_split(make_run(tmp_path_factory.mktemp("run")), "train")


@given(share=st.integers(1, 4), step=st.integers(1, 50), windows=st.integers(1, 100), seed=st.integers(0, 9))
def test_order_does_not_depend_on_the_world_size(share: int, step: int, windows: int, seed: int) -> None:
    batch = 12 * share
    orders = [
        [
            window_at(position, windows, seed)
            for rank in range(world_size)
            for position in positions((step - 1) * batch, batch, rank, world_size)
        ]
        for world_size in (1, 2, 3, 4, 12)
    ]
    assert all(order == orders[0] for order in orders)


@given(windows=st.integers(1, 200), seed=st.integers(0, 9), epoch=st.integers(0, 3))
def test_every_window_stands_once_in_every_epoch(windows: int, seed: int, epoch: int) -> None:
    start = epoch * windows
    order = [window_at(position, windows, seed) for position in range(start, start + windows)]
    assert sorted(order) == list(range(windows))


def test_steps_take_consecutive_positions() -> None:
    taken = [position for step in (1, 2, 3) for position in positions((step - 1) * 8, 8, 0, 1)]
    assert taken == list(range(24))


def test_epochs_and_seeds_have_orders_of_their_own() -> None:
    first, second = ([window_at(start + i, 100, 1) for i in range(100)] for start in (0, 100))
    assert first != second
    assert first != [window_at(i, 100, 2) for i in range(100)]


@pytest.mark.parametrize("sequence", [8, 33])
def test_every_token_but_the_first_is_a_target_once(stream: TokenStream, sequence: int) -> None:
    windows = Windows(stream, sequence)
    batch = windows.read(range(len(windows)))
    assert batch.dtype == np.int64
    assert batch.shape == (len(windows), sequence + 1)
    whole = stream.read(0, len(windows) * sequence + 1)
    np.testing.assert_array_equal(batch[:, 1:].ravel(), whole[1:])
    np.testing.assert_array_equal(batch[:, :-1].ravel(), whole[:-1])
    assert len(stream) - len(whole) < sequence


def test_a_token_outside_the_vocabulary_is_an_error(make_run: MakeRun, tmp_path: Path) -> None:
    stream = open_split(make_run(tmp_path, metadata={"vocabulary_size": "299"}), "train")
    windows = Windows(stream, 8)
    with pytest.raises(CorpusmillError, match=r"token id 299 .* 'train', whose vocabulary has 299 tokens"):
        windows.read(range(len(windows)))


def test_shards_without_a_vocabulary_size_are_an_error(make_run: MakeRun, tmp_path: Path) -> None:
    stream = open_split(make_run(tmp_path, metadata={"vocabulary_size": ""}), "train")
    with pytest.raises(CorpusmillError, match="vocabulary_size"):
        vocabulary_size(stream)


def test_a_stream_shorter_than_a_window_is_an_error(stream: TokenStream) -> None:
    require_window(stream, len(stream) - 1)
    with pytest.raises(CorpusmillError, match=rf"{len(stream)} tokens.*lower train.sequence"):
        require_window(stream, len(stream))
    assert len(Windows(stream, len(stream))) == 0
