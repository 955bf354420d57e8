"""The optimizer and its learning rate, as OPT had them: AdamW, linear warm-up, linear decay to a tenth.

The settings live here and in the recipe and never in a checkpoint, so a resumed training cannot silently
go on with old ones (which happened to OPT).
"""

from collections.abc import Iterable

import torch
from torch import nn

from corpusmill.recipe import Train

CLIP_NORM = 1.0
_FINAL_RATE = 0.1  # of the peak, at the last step


def learning_rate(config: Train, step: int) -> float:
    """The rate of `step`, counted from 1: up to the peak over the warm-up, then down to a tenth of it."""
    if step <= config.warmup:
        return config.learning_rate * step / config.warmup
    decayed = (step - config.warmup) / (config.steps - config.warmup)
    return config.learning_rate * (1 - (1 - _FINAL_RATE) * decayed)


def build(parameters: Iterable[nn.Parameter]) -> torch.optim.AdamW:
    """AdamW over all `parameters`, biases and norms too, as in OPT; its state exists from the start, so that
    a checkpoint can be read into it. The loop sets the rate before each step."""
    optimizer = torch.optim.AdamW(
        parameters, lr=0.0, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.1, fused=True
    )
    for parameter in optimizer.param_groups[0]["params"]:
        optimizer.state[parameter] = {
            "step": torch.zeros((), dtype=torch.float32, device=parameter.device),
            "exp_avg": torch.zeros_like(parameter),
            "exp_avg_sq": torch.zeros_like(parameter),
        }
    return optimizer


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Use `rate` in the steps that follow."""
    for group in optimizer.param_groups:
        group["lr"] = rate
