"""The OPT decoder: pre-LN blocks, ReLU, biases, learned positions, tied head, no dropout.

Modules are named as in the published OPT models, so that weights can be compared and exported by name. The
model returns the loss and not the logits, which never exist as a whole (`loss`).
"""

import hashlib
from dataclasses import dataclass

import torch
import torch.nn.functional as functional
from torch import Tensor, nn
from torch.distributed.tensor import DTensor, distribute_tensor

from corpusmill.train.loss import head_loss

POSITION_OFFSET = 2  # OPT's table has two rows before the first position's
_VOCABULARY_MULTIPLE = 128
_INIT_STD = 0.006


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What decides the number and sizes of the parameters. `vocabulary` is the tokenizer's."""

    layers: int
    hidden: int
    heads: int
    sequence: int
    vocabulary: int

    @property
    def padded_vocabulary(self) -> int:
        """Rows of the token table: `vocabulary` rounded up, for the speed of the head."""
        return -(-self.vocabulary // _VOCABULARY_MULTIPLE) * _VOCABULARY_MULTIPLE


class Attention(nn.Module):
    """Causal self-attention. Documents in a window see each other, as in OPT."""

    def __init__(self, hidden: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q_proj = nn.Linear(hidden, hidden)
        self.k_proj = nn.Linear(hidden, hidden)
        self.v_proj = nn.Linear(hidden, hidden)
        self.out_proj = nn.Linear(hidden, hidden)

    def forward(self, states: Tensor) -> Tensor:
        """float[batch, sequence, hidden] to the same."""
        batch, sequence, hidden = states.shape

        def split(projected: Tensor) -> Tensor:
            return projected.view(batch, sequence, self.heads, hidden // self.heads).transpose(1, 2)

        mixed = functional.scaled_dot_product_attention(
            split(self.q_proj(states)), split(self.k_proj(states)), split(self.v_proj(states)), is_causal=True
        )
        out: Tensor = self.out_proj(mixed.transpose(1, 2).reshape(batch, sequence, hidden))
        return out


class Block(nn.Module):
    """One layer: attention, then the feed-forward, each on the normalised stream and added to it."""

    def __init__(self, hidden: int, heads: int) -> None:
        super().__init__()
        self.self_attn_layer_norm = nn.LayerNorm(hidden)
        self.self_attn = Attention(hidden, heads)
        self.final_layer_norm = nn.LayerNorm(hidden)
        self.fc1 = nn.Linear(hidden, 4 * hidden)
        self.fc2 = nn.Linear(4 * hidden, hidden)

    def forward(self, states: Tensor) -> Tensor:
        """float[batch, sequence, hidden] to the same."""
        states = states + self.self_attn(self.self_attn_layer_norm(states))
        out: Tensor = states + self.fc2(functional.relu(self.fc1(self.final_layer_norm(states))))
        return out


class Decoder(nn.Module):
    """The whole model. Its parameters are meaningful only after `initialise`."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(shape.padded_vocabulary, shape.hidden)
        self.embed_positions = nn.Embedding(shape.sequence + POSITION_OFFSET, shape.hidden)
        self.layers = nn.ModuleList(Block(shape.hidden, shape.heads) for _ in range(shape.layers))
        self.final_layer_norm = nn.LayerNorm(shape.hidden)

    def forward(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """float32[]: the cross-entropy in nats, *summed* over the targets that are not `IGNORED`.

        `inputs` and `targets` are int64[batch, sequence]. The head runs over the padded vocabulary; the
        padding is never a target, so its probability goes to zero as the model trains.
        """
        return head_loss(self.states(inputs).flatten(0, 1), self.embed_tokens.weight, targets.flatten())

    def states(self, inputs: Tensor) -> Tensor:
        """float[batch, sequence, hidden]: what the head is applied to."""
        places = torch.arange(inputs.shape[1], device=inputs.device) + POSITION_OFFSET
        states = self.embed_tokens(inputs) + self.embed_positions(places)
        for block in self.layers:
            states = block(states)
        out: Tensor = self.final_layer_norm(states)
        return out


@torch.no_grad()
def initialise(model: Decoder, seed: int) -> None:
    """Give every parameter its initial value, which depends on `seed` and the parameter's name only.

    Works on sharded and whole models and gives both the same weights: each parameter is drawn whole from a
    generator of its own, and a rank keeps its part. (Torch's own sharded draw on CPUs gives every rank the
    same numbers.) OPT's values: N(0, 0.006), the two projections into the stream divided by sqrt(2 layers).
    """
    for name, parameter in model.named_parameters():
        whole = _initial(name, parameter.shape, len(model.layers), seed)
        if isinstance(parameter, DTensor):
            mesh, placements = parameter.device_mesh, parameter.placements
            parameter.copy_(distribute_tensor(whole, mesh, placements, src_data_rank=None))
        else:
            parameter.copy_(whole)


def _initial(name: str, shape: torch.Size, layers: int, seed: int) -> Tensor:
    if name.endswith("bias"):
        return torch.zeros(shape)
    if "layer_norm" in name:
        return torch.ones(shape)
    into_stream = name.endswith(("out_proj.weight", "fc2.weight"))
    digest = hashlib.blake2b(f"{seed} {name}".encode(), digest_size=8).digest()
    generator = torch.Generator().manual_seed(int.from_bytes(digest, "little") >> 1)
    std = _INIT_STD / (2 * layers) ** 0.5 if into_stream else _INIT_STD
    return torch.empty(shape).normal_(0.0, std, generator=generator)
