import pytest
from datasketch.lsh import _optimal_param

from corpusmill.dedup.bands import Bands, choose
from corpusmill.errors import CorpusmillError


@pytest.mark.parametrize("threshold", [0.5, 0.7, 0.8, 0.9, 0.95, 0.99])
@pytest.mark.parametrize("permutations", [64, 128, 256])
def test_the_cut_reaches_the_floor_and_one_more_row_would_not(threshold: float, permutations: int) -> None:
    cut = choose(threshold, 0.995, permutations)
    assert cut.recall(threshold) >= 0.995
    assert cut.bands * cut.rows <= permutations
    longer = Bands(bands=permutations // (cut.rows + 1), rows=cut.rows + 1)
    assert longer.recall(threshold) < 0.995


def test_known_cuts() -> None:
    assert choose(0.95, 0.995, 128) == Bands(bands=9, rows=14)
    assert choose(0.95, 0.995, 256) == Bands(bands=12, rows=20)


def test_datasketchs_own_choice_would_miss_two_thirds_and_is_not_ours() -> None:
    bands, rows = _optimal_param(0.95, 128, 0.5, 0.5)
    assert Bands(bands=bands, rows=rows).recall(0.95) < 0.32
    assert choose(0.95, 0.995, 128).recall(0.95) > 0.997


def test_a_floor_that_cannot_be_reached_is_refused() -> None:
    with pytest.raises(CorpusmillError, match="raise `permutations`"):
        choose(0.1, 0.999999, 8)


def test_the_curve_rises_from_0_to_1() -> None:
    curve = Bands(bands=9, rows=14).curve(11)
    assert curve[0] == (0.0, 0.0)
    assert curve[-1] == (1.0, 1.0)
    assert sorted(curve) == curve
