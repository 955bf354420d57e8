import pytest
import torch
import torch.nn.functional as functional

from corpusmill.train.loss import IGNORED, head_loss


def _example(rows: int, dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(rows)
    states = torch.randn(rows, 16, generator=generator).to(dtype).requires_grad_()
    weight = torch.randn(70, 16, generator=generator).to(dtype).requires_grad_()
    targets = torch.randint(0, 70, (rows,), generator=generator)
    targets[::5] = IGNORED
    return states, weight, targets


@pytest.mark.parametrize("rows", [1, 127, 128, 300])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.bfloat16, 2e-2)])
def test_loss_and_gradients_equal_those_of_cross_entropy(
    rows: int, dtype: torch.dtype, tolerance: float
) -> None:
    states, weight, targets = _example(rows, dtype)
    logits = functional.linear(states, weight).float()
    expected = functional.cross_entropy(logits, targets, ignore_index=IGNORED, reduction="sum")
    wanted = torch.autograd.grad(3 * expected, (states, weight))

    loss = head_loss(states, weight, targets)
    got = torch.autograd.grad(3 * loss, (states, weight))
    torch.testing.assert_close(loss, expected, rtol=1e-5, atol=1e-5)
    for gradient, reference in zip(got, wanted, strict=True):
        assert gradient.dtype == dtype
        scale = float(reference.float().abs().max())
        assert float((gradient.float() - reference.float()).abs().max()) <= tolerance * scale


def test_loss_is_the_same_without_gradients() -> None:
    states, weight, targets = _example(200, torch.float32)
    loss = head_loss(states, weight, targets)
    with torch.no_grad():
        assert torch.equal(head_loss(states, weight, targets), loss)


def test_an_impossible_target_has_a_finite_loss() -> None:
    states, weight = torch.tensor([[1e4]]), torch.tensor([[1.0], [-1.0]])
    assert 80 < float(head_loss(states, weight, torch.tensor([1]))) < 90
