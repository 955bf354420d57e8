import hashlib
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
import torch.nn.functional as functional

from corpusmill.train import optim, parallel, state
from corpusmill.train.model import Decoder, Shape, initialise

TINY = Shape(layers=2, hidden=24, heads=2, sequence=16, vocabulary=130)


def _tiny(seed: int = 1) -> Decoder:
    model = Decoder(TINY)
    initialise(model, seed)
    return model


def _tokens(rows: int = 3) -> torch.Tensor:
    return torch.randint(0, 130, (rows, 17), generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    ("layers", "heads", "hidden", "count"),
    [(12, 12, 768, 125_239_296), (24, 32, 2048, 1_315_758_080), (96, 96, 12288, 174_604_468_224)],
)
def test_parameter_counts_are_those_of_opt(layers: int, heads: int, hidden: int, count: int) -> None:
    shape = Shape(layers=layers, hidden=hidden, heads=heads, sequence=2048, vocabulary=50_272)
    assert shape.padded_vocabulary == 50_304
    with torch.device("meta"):
        model = Decoder(shape)
    padding = (50_304 - 50_272) * hidden
    assert sum(parameter.numel() for parameter in model.parameters()) - padding == count


def test_initial_weights_have_the_spread_of_opt() -> None:
    model = Decoder(Shape(layers=8, hidden=128, heads=2, sequence=64, vocabulary=1000))
    initialise(model, 1)
    for name, parameter in model.state_dict().items():
        if name.endswith("bias"):
            assert not parameter.any(), name
        elif "layer_norm" in name:
            assert (parameter == 1).all(), name
        else:
            expected = 0.006 / 4 if name.endswith(("out_proj.weight", "fc2.weight")) else 0.006
            assert float(parameter.std()) == pytest.approx(expected, rel=0.05), name
            assert float(parameter.mean()) == pytest.approx(0, abs=expected / 10), name


def test_initial_weights_depend_on_seed_and_name() -> None:
    one, same, other = (_tiny(seed).state_dict() for seed in (1, 1, 2))
    name = "layers.0.fc1.weight"
    assert torch.equal(one[name], same[name])
    assert not torch.equal(one[name], other[name])
    assert not torch.equal(one[name], one["layers.1.fc1.weight"])


def test_loss_is_the_mean_cross_entropy_of_the_tied_head() -> None:
    model, tokens = _tiny(), _tokens()
    logits = functional.linear(model.states(tokens[:, :-1]), model.embed_tokens.weight)
    expected = functional.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten())
    loss = model(tokens[:, :-1], tokens[:, 1:]) / tokens[:, 1:].numel()
    torch.testing.assert_close(loss, expected)
    assert loss.item() == pytest.approx(math.log(256), abs=0.05)


def test_a_state_depends_on_its_own_and_earlier_tokens_only() -> None:
    model, tokens = _tiny(), _tokens(1)[:, :16]
    changed = tokens.clone()
    changed[0, 9] = (changed[0, 9] + 1) % 130
    before, after = model.states(tokens), model.states(changed)
    assert torch.equal(before[0, :9], after[0, :9])
    assert (before[0, 9:] != after[0, 9:]).any(dim=1).all()


def test_states_equal_a_plain_rewriting_of_the_decoder() -> None:
    model, tokens = _tiny(), _tokens()[:, :16]
    for parameter in model.parameters():  # larger weights, so that every part of the formula shows
        torch.nn.init.normal_(parameter, 0.0, 0.3, generator=torch.Generator().manual_seed(parameter.numel()))
    weights = dict(model.named_parameters())

    def linear(name: str, x: torch.Tensor) -> torch.Tensor:
        return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    def norm(name: str, x: torch.Tensor) -> torch.Tensor:
        centred = x - x.mean(-1, keepdim=True)
        scaled = centred / (centred.square().mean(-1, keepdim=True) + 1e-5).sqrt()
        return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]

    x = weights["embed_tokens.weight"][tokens] + weights["embed_positions.weight"][2:18]
    mask = torch.full((16, 16), float("-inf")).triu(1)
    for layer in ("layers.0", "layers.1"):
        y = norm(f"{layer}.self_attn_layer_norm", x)
        heads = []
        for head in (slice(0, 12), slice(12, 24)):
            q, k, v = (linear(f"{layer}.self_attn.{part}_proj", y)[..., head] for part in "qkv")
            heads.append(torch.softmax(q @ k.transpose(1, 2) / 12**0.5 + mask, -1) @ v)
        x = x + linear(f"{layer}.self_attn.out_proj", torch.cat(heads, -1))
        y = linear(f"{layer}.fc1", norm(f"{layer}.final_layer_norm", x)).clamp_min(0)
        x = x + linear(f"{layer}.fc2", y)
    torch.testing.assert_close(model.states(tokens), norm("final_layer_norm", x), rtol=1e-4, atol=1e-4)


# Torch is loaded once; each rank is a fork of the process that did.
RANKS = """
import hashlib, os, sys
from pathlib import Path
import torch
import torch.distributed as dist
from corpusmill.train import parallel
from corpusmill.train.model import Decoder, Shape, initialise

def write_hash(rank, world_size):
    folder = Path(sys.argv[1])
    mesh = parallel.join(torch.device("cpu"), rank, world_size, folder / f"meet-{world_size}")
    with torch.device("meta"):
        model = Decoder(Shape(layers=2, hidden=24, heads=2, sequence=16, vocabulary=130))
    parallel.shard(model, mesh, torch.float32)
    model.to_empty(device="cpu")
    initialise(model, 1)
    whole = [parameter.full_tensor().detach().numpy().tobytes() for parameter in model.parameters()]
    (folder / f"{rank}-of-{world_size}.sha256").write_text(hashlib.sha256(b"".join(whole)).hexdigest())
    dist.destroy_process_group()

for world_size in (1, 2, 3):
    for rank in range(world_size):
        if os.fork() == 0:
            write_hash(rank, world_size)
            os._exit(0)
    for rank in range(world_size):
        assert os.wait()[1] == 0
"""


def test_initial_weights_do_not_depend_on_the_world_size(tmp_path: Path) -> None:
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", RANKS, str(tmp_path)]
    subprocess.run(command, env=environment, check=True, timeout=120)
    whole = b"".join(parameter.detach().numpy().tobytes() for parameter in _tiny(1).parameters())
    hashes = [file.read_text() for file in tmp_path.glob("*.sha256")]
    assert hashes == [hashlib.sha256(whole).hexdigest()] * (1 + 2 + 3)


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[None]:
    """This process as the only rank."""
    parallel.join(torch.device("cpu"), 0, 1, tmp_path / "rendezvous")
    yield
    dist.destroy_process_group()


@pytest.mark.usefixtures("alone")
def test_a_loaded_state_is_bitwise_the_saved_one_and_leaves_the_settings(tmp_path: Path) -> None:
    tokens = _tokens()

    def step(model: Decoder, optimizer: torch.optim.AdamW) -> None:
        model(tokens[:, :-1], tokens[:, 1:]).backward()
        optimizer.step()
        optimizer.zero_grad()

    saved = _tiny(1)
    optimizer = optim.build(saved.parameters())
    optimizer.param_groups[0].update(lr=0.3, betas=(0.1, 0.2), weight_decay=0.0)
    for _ in range(3):
        step(saved, optimizer)
    state.save(saved, optimizer, tmp_path / "checkpoint")

    loaded = _tiny(2)
    other = optim.build(loaded.parameters())
    optim.set_rate(other, 1e-3)
    state.load(loaded, other, tmp_path / "checkpoint")
    assert other.param_groups[0]["lr"] == 1e-3
    assert other.param_groups[0]["betas"] == (0.9, 0.95)
    assert other.param_groups[0]["weight_decay"] == 0.1

    optimizer.param_groups[0].update(lr=1e-3, betas=(0.9, 0.95), weight_decay=0.1)
    step(saved, optimizer)
    step(loaded, other)
    for (name, one), two in zip(saved.named_parameters(), loaded.parameters(), strict=True):
        assert torch.equal(one, two), name
