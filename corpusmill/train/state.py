"""What is inside a checkpoint: the parameters and AdamW's moments and step, each under its parameter's name.

Written and read by all ranks together, each its own part, with torch's distributed checkpoint. No settings of
the optimizer are in it, and no generator's state (nothing random happens after `initialise`); the
position in the data follows from the step, which the checkpoint's manifest has.
"""

from pathlib import Path

import torch
from torch import Tensor
from torch.distributed.checkpoint import state_dict_loader, state_dict_saver

from corpusmill.train.model import Decoder


def save(model: Decoder, optimizer: torch.optim.AdamW, folder: Path) -> None:
    """Write the state into the new folder `folder`; when a rank returns, its own files are on the disk, when
    rank 0 returns, all are."""
    state_dict_saver.save(_contents(model, optimizer), checkpoint_id=str(folder))


def load(model: Decoder, optimizer: torch.optim.AdamW, folder: Path) -> None:
    """Read the state of `folder` into `model` and `optimizer`, which keeps its rate, betas and the rest."""
    state_dict_loader.load(_contents(model, optimizer), checkpoint_id=str(folder))


def _contents(model: Decoder, optimizer: torch.optim.AdamW) -> dict[str, Tensor]:
    """The live tensors, so that loading fills them in place."""
    states = dict(optimizer.state)  # which, unlike the optimizer's own, has nothing for a parameter not in it
    contents: dict[str, Tensor] = {}
    for name, parameter in model.named_parameters():
        contents[f"model.{name}"] = parameter.detach()
        for key, value in states[parameter].items():
            contents[f"optimizer.{name}.{key}"] = value
    return contents
