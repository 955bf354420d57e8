import pytest

from corpusmill.recipe import Train
from corpusmill.train.optim import learning_rate


def test_rate_rises_to_the_peak_and_falls_to_a_tenth() -> None:
    config = Train(steps=100, warmup=10, learning_rate=2e-3)
    rates = [learning_rate(config, step) for step in range(1, 101)]
    assert rates[0] == pytest.approx(2e-4)
    assert rates[9] == pytest.approx(2e-3)
    assert rates[54] == pytest.approx(1.1e-3)
    assert rates[99] == pytest.approx(2e-4)
    assert rates[:10] == sorted(rates[:10])
    assert rates[9:] == sorted(rates[9:], reverse=True)


@pytest.mark.parametrize(("steps", "warmup"), [(1, 0), (1, 1), (5, 5), (5, 9), (5, 4)])
def test_rate_is_defined_for_any_warmup(steps: int, warmup: int) -> None:
    config = Train(steps=steps, warmup=warmup)
    assert all(0 < learning_rate(config, step) <= config.learning_rate for step in range(1, steps + 1))
