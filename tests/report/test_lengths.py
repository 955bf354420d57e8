import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.report.lengths import Lengths, bin_of, lower_edge

LENGTHS = st.integers(1, 2**52)


@given(LENGTHS)
def test_a_bin_starts_at_most_0_8_percent_below_each_of_its_lengths(length: int) -> None:
    edge = lower_edge(int(bin_of(np.array([length]))[0]))
    assert edge <= length <= edge * 1.008


@given(st.lists(LENGTHS, min_size=1, max_size=40), st.sampled_from([0.05, 0.5, 0.95, 1.0]))
def test_a_quantile_is_at_most_0_8_percent_under_the_true_one(values: list[int], share: float) -> None:
    lengths = Lengths()
    lengths.add(np.array(values, np.int64))
    ordered = sorted(values)
    true = next(value for rank, value in enumerate(ordered, 1) if rank >= max(share * len(values), 1))
    assert lengths.quantile(share) <= true <= lengths.quantile(share) * 1.008


@given(st.lists(st.lists(LENGTHS, max_size=20), min_size=1, max_size=4))
def test_the_histogram_counts_every_document_once(batches: list[list[int]]) -> None:
    lengths = Lengths()
    for batch in batches:
        lengths.add(np.array(batch, np.int64))
    values = [value for batch in batches for value in batch]
    summary = lengths.summary()
    edges = [edge for edge, _ in summary["histogram"]]
    assert summary["total"] == sum(values)
    assert [n for _, n in summary["histogram"]] == [
        sum(low <= value < high for value in values)
        for low, high in zip(edges, [*edges, 2**60][1:], strict=True)
    ]


def test_bins_of_the_histogram_are_a_factor_of_root_two() -> None:
    lengths = Lengths()
    lengths.add(np.array([1024, 4096]))
    assert lengths.summary()["histogram"] == [[1024, 1], [1448, 0], [2048, 0], [2896, 0], [4096, 1]]
