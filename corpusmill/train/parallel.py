"""How a training is spread over processes: devices, precision, and FSDP2.

On GPUs (NCCL, one rank a GPU) this has not been run; on CPUs (gloo) it is what the tests run.
"""

import ctypes
import os
import sys
from datetime import timedelta
from pathlib import Path

import torch
import torch.distributed as dist
from torch.distributed.device_mesh import DeviceMesh, init_device_mesh
from torch.distributed.fsdp import FSDPModule, MixedPrecisionPolicy, fully_shard

from corpusmill.train.model import Decoder

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of glibc's malloc.h
_TIMEOUT = timedelta(minutes=10)  # for a collective: a rank that hangs for longer fails the training


def choose_device(rank: int, world_size: int) -> torch.device:
    """`rank`'s GPU if there is one for every rank, else the CPU for all."""
    if torch.cuda.is_available() and torch.cuda.device_count() >= world_size:
        return torch.device("cuda", rank)
    return torch.device("cpu")


def compute_dtype(device: torch.device) -> torch.dtype:
    """bfloat16 where the hardware multiplies it, else float32; weights and moments are float32 always.

    So losses differ in their last digits between kinds of machines. Of CPU time on Zen 4, a step of the
    default recipe takes each of two ranks 0.31 s in bfloat16 and 0.67 s in float32 (GPT-2's vocabulary).
    """
    if device.type == "cuda":
        return torch.bfloat16
    capabilities = torch.cpu.get_capabilities()
    native = capabilities.get("avx512_bf16") or capabilities.get("amx_bf16")
    return torch.bfloat16 if native else torch.float32


def keep_freed_memory() -> None:
    """Have glibc keep the memory of freed tensors for the next step, up to 32 MiB each (its limit).

    By default it is given back and taken anew, page by page: of a 0.36 s step of the default recipe on two
    Zen 4 cores that is 0.06 s.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt:  # another C library has none
        mallopt(_M_MMAP_THRESHOLD, 32 << 20)
        mallopt(_M_TRIM_THRESHOLD, 1 << 30)


def join(device: torch.device, rank: int, world_size: int, rendezvous: Path) -> DeviceMesh:
    """Join the ranks of this training, who meet over the new file `rendezvous`; a mesh of one dimension."""
    if device.type == "cuda":
        torch.cuda.set_device(device)
    elif sys.platform == "linux":
        # All ranks are on this machine, whatever address its name resolves to.
        os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    dist.init_process_group(
        "nccl" if device.type == "cuda" else "gloo",
        store=dist.FileStore(str(rendezvous), world_size),  # type: ignore[attr-defined]
        rank=rank,
        world_size=world_size,
        timeout=_TIMEOUT,
    )
    return init_device_mesh(device.type, (world_size,))


def shard(model: Decoder, mesh: DeviceMesh, dtype: torch.dtype) -> None:
    """Shard `model` in place: each block by itself, and the rest (both ends, which share the token table).

    Computes in `dtype`; gradients are averaged over the ranks in float32.
    """
    policy = MixedPrecisionPolicy(param_dtype=dtype, reduce_dtype=torch.float32)
    for block in model.layers:
        fully_shard(block, mesh=mesh, mp_policy=policy)
    fully_shard(model, mesh=mesh, mp_policy=policy)


def drop_gathered(model: Decoder) -> None:
    """Free the whole parameters that a forward pass without a backward pass leaves with the root.

    Until then the model's parameters are those, not the shards that the optimizer and checkpoints know.
    """
    if isinstance(model, FSDPModule):
        model.reshard()
